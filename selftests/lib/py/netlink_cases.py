# SPDX-License-Identifier: GPL-2.0
"""What tools/netlink_try.py sends: the configuration that it needs, a right request of each operation,
and wrong values."""
from netlink import SPEC

LONGEST = SPEC.consts["flow-timeout-max"]
SETUP = """\
node add n1 addr 192.168.0.1 self
node add n2 addr 192.168.0.2 zone rack-a
node add n3 addr 192.168.0.3 addr 2001:db8::3
vip add 10.0.0.100 holder n1
vip add 10.0.0.101 holder n2
vip add 2001:db8::100 everywhere
service add 10.0.0.100:80/tcp
lease add l1
lease add l2
lease set l1 floor 5
vip add 10.0.0.102 lease l1
member add 10.0.0.100:80/tcp node n1 priority 10
member add 10.0.0.100:80/tcp node n2 priority 20
service add 10.0.0.100:8080/tcp sched maglev
service add 10.0.0.100:90/tcp also 443 also 8000-8010
service add 10.0.0.100:5353/udp sched rr one-packet on
service add 10.0.0.100:5060/udp sched wlc persist 300s mask 24 new-max 100 slow-start 60s on-failover keep
service add [2001:db8::100]:80/tcp sched lc
member add [2001:db8::100]:80/tcp node n2 flows-max 10
flow set max 1000 udp 90s
member add 10.0.0.100:8080/tcp node n2 weight 3 via nat port 8081
member add 10.0.0.100:8080/tcp node n2 via nat port 8082
pulse set n2 id 7 interval 1s multiplier 3 path 192.168.0.1 192.168.0.2 tx-key {keys}/tx rx-key {keys}/rx
"""
KEYS = {"tx-key": bytes(range(16)), "rx-key": bytes(range(16, 32))}
PULSE = {"id": 8, "interval": 10**9, "multiplier": 3, "path": {"local4": "192.168.0.1", "remote4": "192.168.0.3"},
         **KEYS}

# A request of each operation that would succeed: what is then made wrong is its only fault.
HTTP = {"addr4": "10.0.0.100", "proto": 6, "port": 80}
GOOD = {
    "node-add": {"name": "n9", "addr4": "192.168.0.9", "zone": "b", "admin": 0, "engine": True},
    "node-set": {"name": "n2", "zone": "b", "admin": 1, "share": 50},
    "node-verdict": {"name": "n2", "verdict": 1},
    "node-del": {"name": "n3"},
    "node-get": {"name": "n2"},
    "vip-add": {"addr4": "10.0.0.109", "holder": "n2", "stray": 0, "on-loss": 1, "hook": 1},
    "vip-set": {"addr4": "10.0.0.101", "holder": "n3", "stray": 0, "on-loss": 0, "hook": 0, "mark": 0},
    "vip-del": {"addr4": "10.0.0.101"},
    "vip-get": {"addr4": "10.0.0.100"},
    "vip-announce": {"addr4": "10.0.0.100"},
    "service-add": {"addr4": "10.0.0.100", "proto": 17, "port": 53, "sched": 0, "failback": 10**9,
                    "on-empty": "n2", "persist": 300 * 10**9, "persist-mask": 24, "new-max": 10,
                    "on-failover": 1, "slow-start": 0, "also": 54 << 16 | 60,
                    "min-active": 1, "zone": 0},
    "service-set": {**HTTP, "sched": 2, "failback": 0, "on-empty": "reject", "one-packet": 1, "snat": 0,
                    "also": 81 << 16 | 89, "min-active": 2, "zone": 1},
    "service-del": HTTP,
    "service-get": HTTP,
    "member-add": {**HTTP, "node": "n3", "priority": 5, "via": 3, "nat-port": 8080, "health": 0, "flows-max": 0,
                   "spare": 0},
    "member-set": {**HTTP, "node": "n2", "priority": 5, "weight": 7, "via": 3, "nat-port": 0, "health": 1, "spare": 0},
    "member-del": {**HTTP, "node": "n2", "at-port": 80},
    "member-get": {**HTTP, "node": "n2"},
    "beat": {"node": "n2", "time": 10**9},
    "event-get": {"seq": 1},
    "times-get": HTTP,
    "lease-add": {"name": "l9", "prefer": "n2", "only": "n2", "failback": 10**9, "resign": 1},
    "lease-set": {"name": "l1", "epoch": 7, "holder": "n2", "deadline": None, "tied": True, "partly": True},
    "lease-release": {"name": "l1", "epoch": 8},
    "lease-move": {"name": "l1", "successor": "n2"},
    "lease-del": {"name": "l2"},
    "lease-get": {"name": "l1"},
    "node-failback": {"name": "n2"},
    "zone-set": {"zone": "rack-a", "admin": 1, "within": 10**9},
    "pulse-set": {"node": "n3", **PULSE},
    "pulse-key": {"node": "n2", **KEYS, "key-id": 1},
    "pulse-del": {"node": "n3"},
    "pulse-get": {"node": "n2"},
    "flow-get": {**HTTP, "client4": "192.0.2.1", "client-port": 7, "node": "n2", "state": 2, "nat-port": 8081},
    "flow-del": {**HTTP, "client4": "192.0.2.1", "client-port": 7, "node": "n2", "state": 2, "nat-port": 0},
    "explain": {"packet": bytes.fromhex("4500001c00010000403100000a0000010a0000640001003500080000"), "ifindex": 1,
                "lladdr": "02:00:00:00:00:09", "came": 0},
    "flow-limits-set": {"most": 5, "tcp-syn": 10**9, "tcp": LONGEST, "tcp-closing": 10**9,
                        "udp": 10**9, "other": 10**9},
}

# What an operation cannot do without.
NEEDED = {
    "node": ["name"], "zone": ["zone", "admin"], "vip": ["addr4"], "service": ["addr4"], "member": ["addr4", "node"],
    "node-add": ["name", "addr4"], "node-verdict": ["name", "verdict"], "beat": ["time"], "times-get": ["addr4"],
    "lease": ["name"], "lease-set": ["name", "epoch", "holder", "deadline"],
    "pulse": ["node"], "pulse-set": ["node", "id", "interval", "multiplier", "path", "tx-key", "rx-key"],
    "pulse-key": ["node", "tx-key", "rx-key", "key-id"], "explain": ["packet"],
}

# How long, and by how many bits of its address, a client of an IPv4 vip can not be kept.
KEPT = [("persist", 1, "ERANGE"), ("persist", 10**9 - 1, "ERANGE"), ("persist", LONGEST + 1, "ERANGE"),
        ("persist", 2**64 - 1, "ERANGE"), ("persist-mask", 0, "ERANGE"), ("persist-mask", 33, "ERANGE"),
        ("persist-mask", 255, "ERANGE")]

# Marks of a vip without a lease.
MARKS = [("mark", 0xff00, "EINVAL"), ("mark", 0xf0f, "EINVAL"), ("mark", 2**31 + 1, "EINVAL")]

# Further ports that no service, and not one of this port, can have.
def ports(own):
    return [("also", 1, "ERANGE"), ("also", 1 << 16, "ERANGE"), ("also", 40 << 16 | 39, "EINVAL"),
            ("also", own << 16 | own, "EINVAL"), ("also", 1 << 16 | own, "EINVAL"),
            ("also", own << 16 | 65535, "EINVAL")]


# Values that are well-formed and mean nothing that is there, or nothing that may be: errno of each, and the attribute
# that is named if it is another one.
MEANINGLESS = {
    "node-add": [("name", "n1", "EEXIST"), ("addr4", "192.168.0.1", "EEXIST"), ("addr4", "10.0.0.100", "EEXIST"),
                 ("addr4", "127.0.0.1", "EINVAL"), ("addr4", "0.0.0.0", "EINVAL"), ("addr4", "224.0.0.1", "EINVAL"),
                 ("addr4", "255.255.255.255", "EINVAL"), ("addr6", "2001:db8::3", "EEXIST"),
                 ("addr6", "::1", "EINVAL"), ("addr6", "fe80::1", "EINVAL"), ("addr6", "ff02::1", "EINVAL"),
                 ("addr6", "::ffff:10.0.0.1", "EINVAL"), ("self", True, "EEXIST"), ("name", "-n", "EINVAL"),
                 ("name", "a b", "EINVAL"), ("name", "n\xe9", "EINVAL"), ("zone", "-z", "EINVAL"),
                 ("lladdr", "02:00:00:00:00:01", "EINVAL"), ("dev", "lo", "EINVAL"), ("within", 1, "EINVAL")],
    "node-set": [("name", "nobody", "ENOENT"), ("addr4", "192.168.0.1", "EEXIST"),
                 ("addr4", "127.0.0.1", "EINVAL"), ("addr6", "2001:db8::3", "EEXIST"),
                 ("lladdr", "02:00:00:00:00:01", "EINVAL"), ("within", 0, "ERANGE"),
                 ("within", 7 * 86400 * 10**9 + 1, "ERANGE")],
    "node-verdict": [("name", "nobody", "ENOENT")],
    "node-del": [("name", "nobody", "ENOENT"), ("name", "n1", "EBUSY"), ("name", "n2", "EBUSY")],
    "node-get": [("name", "nobody", "ENOENT")],
    "vip-add": [("addr4", "10.0.0.100", "EEXIST"), ("addr4", "192.168.0.2", "EEXIST"), ("addr4", "127.0.0.1", "EINVAL"),
                ("addr6", "2001:db8::109", "EINVAL"), ("holder", "nobody", "ENOENT"),
                ("lease", "l1", "EINVAL"), ("everywhere", True, "EINVAL"), ("holder", "", "EINVAL", "addr4"),
                ("dev", "nodev0", "ENODEV"), *MARKS, ("mark", 0, "EINVAL")],
    "vip-set": [("addr4", "10.0.0.109", "ENOENT"), ("addr6", "2001:db8::100", "EINVAL"),
                ("holder", "nobody", "ENOENT"), ("lease", "l1", "EINVAL"), ("everywhere", True, "EINVAL"),
                ("holder", "", "EINVAL", "addr4"), ("dev", "nodev0", "ENODEV"), *MARKS],
    "vip-del": [("addr4", "10.0.0.109", "ENOENT"), ("addr4", "10.0.0.100", "EBUSY")],
    "vip-announce": [("addr4", "10.0.0.109", "ENOENT"), ("addr4", "10.0.0.101", "ENODATA")],
    "vip-get": [("addr4", "10.0.0.109", "ENOENT")],
    "service-add": [("addr4", "10.0.0.109", "ENOENT"), ("proto", 1, "EINVAL"), ("proto", 0, "EINVAL"),
                    ("failback", 86400 * 10**9 + 1, "ERANGE"), ("failback", 2**64 - 2, "ERANGE"),
                    ("on-empty", "nobody", "ENOENT"), *KEPT, ("persist", 0, "EINVAL", "persist-mask"),
                    ("one-packet", 1, "EINVAL"), ("slow-start", 1, "EINVAL"), ("slow-start", 2**64 - 1, "ERANGE"),
                    ("min-active", 2, "EINVAL"), ("zone", 1, "EINVAL"), *ports(53), ("port", 0, "EINVAL", "also"),
                    ("also", 5060 << 16 | 5060, "EEXIST"),
                    ("also", 5353 << 16 | 65535, "EEXIST")],
    "service-set": [("addr4", "10.0.0.109", "ENOENT"), ("port", 81, "ENOENT"), ("proto", 17, "ENOENT"),
                    ("failback", 86400 * 10**9 + 1, "ERANGE"), ("on-empty", "nobody", "ENOENT"),
                    ("persist-mask", 24, "EINVAL"), ("persist", 300 * 10**9, "EINVAL", "one-packet"),
                    ("new-max", 5, "EINVAL"), ("on-failover", 1, "EINVAL"),
                    ("slow-start", 3600 * 10**9 + 1, "ERANGE"),
                    # A further port has the service of another one, and is named by that one's port.
                    *ports(80), ("also", 443 << 16 | 443, "EEXIST"), ("also", 90 << 16 | 90, "EEXIST"),
                    ("also", 8010 << 16 | 8011, "EEXIST"), ("also", 7000 << 16 | 8000, "EEXIST"),
                    ("also", 8002 << 16 | 8003, "EEXIST"), ("port", 443, "ENOENT"), ("port", 8010, "ENOENT"),
                    # One packet is no flow to be counted, hashed, or given to who gets all.
                    *(("sched", sched, "EINVAL", "one-packet") for sched in (0, 1, 4, 5))],
    "service-del": [("addr4", "10.0.0.109", "ENOENT"), ("port", 81, "ENOENT"), ("port", 0, "ENOENT")],
    "service-get": [("addr4", "10.0.0.109", "ENOENT"), ("port", 81, "ENOENT")],
    "member-add": [("addr4", "10.0.0.109", "ENOENT"), ("port", 81, "ENOENT"), ("node", "nobody", "ENOENT"),
                   ("node", "n2", "EEXIST"), ("via", 0, "EINVAL"), ("via", 1, "EINVAL", "nat-port"),
                   ("via", 5, "ERANGE"), ("via", 255, "ERANGE"),
                   ("flows-max", 1, "EINVAL"), ("spare", 1, "EINVAL"), ("port", 90, "EINVAL", "nat-port")],
    "member-set": [("addr4", "10.0.0.109", "ENOENT"), ("port", 81, "ENOENT"), ("node", "n3", "ENOENT"),
                   ("via", 0, "EINVAL"), ("via", 5, "ERANGE"), ("via", 255, "ERANGE"),
                   ("flows-max", 1, "EINVAL"), ("spare", 1, "EINVAL"), ("port", 8080, "ENOTUNIQ", "node"),
                   ("at-port", 81, "ENOENT")],
    "member-del": [("addr4", "10.0.0.109", "ENOENT"), ("node", "n3", "ENOENT"), ("node", "nobody", "ENOENT"),
                   ("at-port", 8081, "ENOENT"), ("port", 8080, "ENOENT", "at-port")],
    "member-get": [("addr4", "10.0.0.109", "ENOENT"), ("node", "n3", "ENOENT"), ("port", 8080, "ENOTUNIQ", "node"),
                   ("at-port", 65535, "ENOENT")],
    "beat": [("node", "nobody", "ENOENT")],
    "times-get": [("addr4", "10.0.0.109", "ENOENT"), ("port", 81, "ENOENT"), ("proto", 0, "EINVAL"),
                  ("proto", 17, "ENOENT")],
    "lease-add": [("name", "l1", "EEXIST"), ("name", "-l", "EINVAL"), ("name", "a b", "EINVAL"),
                  ("prefer", "nobody", "ENOENT"), ("only", "nobody", "ENOENT"), ("prefer", "n1", "EINVAL"),
                  ("only", "n1", "EINVAL", "prefer"), ("prefer", "", "EINVAL", "failback"),
                  ("failback", 86400 * 10**9 + 1, "ERANGE"), ("failback", 2**64 - 2, "ERANGE"),
                  ("resign", 2, "ERANGE")],
    "lease-set": [("name", "nobody", "ENOENT"), ("epoch", 0, "EINVAL"), ("epoch", 4, "ESTALE"),
                  ("holder", "nobody", "ENOENT"),
                  ("deadline", 0, "EINVAL"), ("deadline", 1, "EINVAL"), ("deadline", 2**63, "ERANGE"),
                  ("deadline", 2**64 - 1, "ERANGE"), ("floor", 9, "EINVAL"), ("prefer", "n2", "EINVAL"),
                  ("only", "n2", "EINVAL"),
                  ("failback", 0, "EINVAL"), ("resign", 0, "EINVAL")],
    "lease-release": [("name", "nobody", "ENOENT"), ("epoch", 0, "EINVAL"), ("successor", "nobody", "ENOENT"),
                      ("successor", "n1", "EINVAL"), ("successor", "n2", "ENODATA")],
    "lease-move": [("name", "nobody", "ENOENT"), ("successor", "-n", "EINVAL"), ("answer", 11, "ERANGE")],
    "lease-del": [("name", "nobody", "ENOENT"), ("name", "l1", "EBUSY")],
    "lease-get": [("name", "nobody", "ENOENT")],
    "node-failback": [("name", "nobody", "ENOENT")],
    "zone-set": [("zone", "nowhere", "ENOENT"), ("zone", "-z", "EINVAL"), ("admin", 2, "EINVAL", "within"),
                 ("within", 0, "ERANGE"), ("within", 7 * 86400 * 10**9 + 1, "ERANGE")],
    "pulse-set": [("node", "nobody", "ENOENT"), ("node", "n1", "EINVAL"), ("id", 7, "EEXIST"),
                  ("rx-key", KEYS["tx-key"], "EINVAL"), ("path", {"local4": "192.168.0.1"}, "EINVAL"),
                  ("path", {"local4": "192.168.0.1", "remote6": "2001:db8::3"}, "EINVAL"),
                  ("path", {"local4": "127.0.0.1", "remote4": "192.168.0.3"}, "EINVAL"),
                  ("path", {"local4": "192.168.0.1", "remote4": "192.168.0.1"}, "EINVAL"),
                  ("path", {"local6": "fe80::1", "remote6": "fe80::2"}, "EINVAL"),
                  ("path", {"local4": "192.168.0.1", "remote4": "192.168.0.3", "dev": "nodev0"}, "ENODEV")],
    "pulse-key": [("node", "nobody", "ENOENT"), ("node", "n3", "ENOENT"), ("key-id", 0, "EEXIST"),
                  ("rx-key", KEYS["tx-key"], "EINVAL")],
    "pulse-del": [("node", "nobody", "ENOENT"), ("node", "n1", "ENOENT")],
    "pulse-get": [("node", "nobody", "ENOENT"), ("node", "n3", "ENOENT")],
    "flow-get": [("node", "nobody", "ENOENT"), ("addr6", "2001:db8::100", "EINVAL"),
                 ("client6", "2001:db8::1", "EINVAL")],
    "flow-del": [("node", "nobody", "ENOENT"), ("addr6", "2001:db8::100", "EINVAL"),
                 ("client6", "2001:db8::1", "EINVAL")],
    "explain": [("packet", bytes(20), "EINVAL"), ("packet", b"\x60" + bytes(38), "EINVAL"), ("ifindex", 0, "ENODEV"),
                ("ifindex", 9999, "ENODEV"), ("came", 3, "ERANGE"), ("local", True, "EINVAL", "ifindex")],
    "flow-limits-set": [(kind, value, "ERANGE") for kind in ("tcp-syn", "tcp", "tcp-closing", "udp", "other")
                        for value in (0, 10**9 - 1, LONGEST + 1, 2**64 - 1)],
}
