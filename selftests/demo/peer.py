# SPDX-License-Identifier: GPL-2.0
"""The demo's third act: the same machines and faults with Debian's keepalived, VRRP for the vip and IPVS behind it."""
import collections
import pathlib
import signal
import socket
import sys
import time

import compare
import judge
import network
import telling
from network import BALANCERS, MACHINES, SERVERS, VIP, Network, command, now

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
from keepalived import Keepalived, addresses  # noqa: E402

SETTLE = 1.6                    # s; longer than TCP waits before it sends a lost SYN again
FIRST_PORT, PORTS = 10000, 5000  # of the first fault's client, and for each: no servers of the acts before are left

# As in Debian's samples: adverts each second, a look at each server every 6 s with 3 s of patience. The second server
# gets nothing as long as the first one is good, as with haswitch's scheduler active-standby.
CONF = """\
vrrp_instance VI_1 {{
    state {state}
    interface eth0
    virtual_router_id 50
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        {vip}
    }}
}}

virtual_server {vip} {port} {{
    delay_loop 6
    lb_algo rr
    lb_kind DR
    protocol TCP
    sorry_server {second} {port}
    real_server {first} {port} {{
        weight 1
        TCP_CHECK {{
            connect_timeout 3
        }}
    }}
}}
"""

# Which fault, as it is told, what is done, how it is undone, and whether the holder changes. `served` says why clients
# are still served by a holder that has failed, if they are.
Deed = collections.namedtuple("Deed", "fault text machine do undo moves served", defaults=[None])

DEEDS = (
    Deed("server", "the machine loses its power", "web1", lambda c, m: c.power_off(m),
         lambda c, m: c.power_on(m), False),
    Deed("process", "HTTP server alone killed (SIGKILL)", "web1", lambda c, m: c.kill(m, "server"),
         lambda c, m: c.start_server(m), False),
    Deed("power", "the holder loses its power", "lb1", lambda c, m: c.power_off(m), lambda c, m: c.power_on(m), True),
    Deed("stopped", "the holder's keepalived stops running (SIGSTOP)", "lb1",
         lambda c, m: c.signal(m, "keepalived", signal.SIGSTOP), lambda c, m: c.signal(m, "keepalived", signal.SIGCONT),
         True, "its kernel has the vip and IPVS, and keeps both"),
    Deed("moved", "the holder's keepalived is stopped in good order (SIGTERM)", "lb1", lambda c, m: c.stop(m),
         lambda c, m: c.boot(m), True),
)


class Cluster(Network):
    """Balancers with keepalived; servers that have the vip for themselves, and never answer ARP for it."""

    def __init__(self, out):
        super().__init__(out)
        self.keepalived = Keepalived(f"{out}/keepalived", {})

    def build(self):
        for number, name in enumerate(BALANCERS):
            text = CONF.format(vip=VIP, port=network.PORT, state=("MASTER", "BACKUP")[number], priority=101 - number,
                               first=MACHINES[SERVERS[0]], second=MACHINES[SERVERS[1]])
            (self.keepalived.home / f"{name}.conf").write_text(text, encoding="ascii")
        for name in (*SERVERS, *BALANCERS):
            self.boot(name)

    def boot(self, name):
        if name in BALANCERS:
            self.keepalived.start(name)
            self.processes[name, "keepalived"] = self.keepalived.running[name]
            return
        # What an admin has to do there; haswitch does without.
        settings = ("net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
        command("ip", "netns", "exec", name, "sysctl", "-qw", *settings)
        command("ip", "-n", name, "addr", "add", f"{VIP}/32", "dev", "lo")
        self.start_server(name)

    def stop(self, name):
        self.processes.pop((name, "keepalived")).terminate()

    def well(self):
        """The preferred balancer alone has the vip, and both send to the first server."""
        return [VIP in addresses(name, "eth0") for name in BALANCERS] == [True, False] and \
            all(self.servers(name) == [SERVERS[0]] for name in BALANCERS)

    def servers(self, name):
        """Whom that balancer's IPVS sends to."""
        told = command("ip", "netns", "exec", name, "cat", "/proc/net/ip_vs")
        known = {f"{socket.inet_aton(MACHINES[s]).hex().upper()}:{network.PORT:04X}": s for s in SERVERS}
        return [known[line.split()[1]] for line in told.splitlines() if line.split()[0] == "->" and
                line.split()[1] in known]


class Story:
    """One fault after another, each with a load of its own."""

    def __init__(self, c, wait, follower, watch, out):
        self.c, self.wait, self.follower, self.watch, self.out = c, wait, follower, watch, out
        self.faults = []

    def act(self, deed):
        c, log = self.c, f"keepalived-{deed.fault}.log"
        self.wait("keepalived to be well", c.well, limit=60, pace=0.25)
        begin = now()
        c.begin_load(FIRST_PORT + PORTS * len(self.faults), f"{self.out}/{log}")
        requests = self.follower(f"{self.out}/{log}")

        def served(since, by=SERVERS):
            return [r for r in requests.read() if r.result == "served" and r.start > since and r.node in by]

        self.wait("traffic", lambda: len(served(begin, SERVERS[:1])) >= judge.LEAST_AFTER)
        self.watch.begin()
        at = now()
        telling.line(at, f"{deed.machine}: {deed.text}")
        deed.do(c, deed.machine)
        since, by = at, SERVERS[1:]
        if deed.moves:
            by = SERVERS[:1]
            since = self.wait("the other one to announce the vip", lambda: self.watch.announced.get(BALANCERS[1]))
        after = self.wait("requests served again", lambda: len(served(since, by)) >= judge.LEAST_AFTER and
                          served(since, by))
        time.sleep(SETTLE)
        self.watch.end()
        owner = BALANCERS[deed.moves]
        self.faults.append(compare.Fault("keepalived", deed.fault, at, now(), owner, None, False, log))
        c.end_load()
        self.tell(deed, since, after, requests.read())
        deed.undo(c, deed.machine)

    def tell(self, deed, since, after, requests):
        at, end = self.faults[-1].at, self.faults[-1].end
        telling.row("cause", at, at)
        if deed.moves:
            telling.row("announced", since, at, f"{BALANCERS[1]} has the vip now")
        if deed.served:
            telling.note(f"{'':{telling.LABEL}}{deed.machine} serves clients meanwhile: {deed.served}")
        telling.row("served", min(r.end for r in after), at, "the first answer to who asked after that")
        telling.window(compare.window(self.faults[-1], requests)[0])
        during = [r for r in requests if r.end >= at and r.start <= end]
        lost = sum(r.result != "served" for r in during)
        telling.note(f"{'requests':{telling.LABEL}}{len(during) - lost} served, {lost} failed\n")


def tell(wait, follower, watch, out):
    """The same faults with keepalived; returns them."""
    c = Cluster(out)
    c.build()
    story = Story(c, wait, follower, watch, out)
    for deed in DEEDS:
        story.act(deed)
    c.end()
    return story.faults
