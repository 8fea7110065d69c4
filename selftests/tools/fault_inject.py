#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Has each allocation of each operation fail once, in this process, and looks whether anything was half done.

    operations          every operation of the module that changes something, and a restore
    namespace           a namespace comes while the module is there
    announcements       many vips are announced
    load MODULE         the module is loaded (it is not when this begins, and is when it ends)

Only allocations that come by the module's own code are failed: its text tells where that is. operations expects the
configuration that `netlink_try.py setup` prints. Prints a line "ok NAME" or "not ok NAME", and "# DETAIL", for each.
Exit code 4: this kernel can't do it.
"""
import ctypes
import errno
import os
import pathlib
import socket
import struct
import subprocess
import sys

from netlink import Socket, boottime, saved

DEBUG = pathlib.Path("/sys/kernel/debug")
SYS_FINIT_MODULE = 313
CLONE_NEWNET = 0x40000000
NEAR = 1 << 26          # modules lie no farther apart
MANY = 2000             # allocations no operation needs
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
VIPS = 6000             # to announce while there is no memory
HURRIED = 1300          # announcements in a tenth of a second that are too many: 1000 is the usual rate
EPOCH = [5]             # the newest of l1
LIBC = ctypes.CDLL(None, use_errno=True)

# What allocates nothing, and so never fails for want of memory.
NEVER = {"node-set", "node-verdict", "vip-del", "lease-set", "lease-release", "service-set", "node-failback",
         "pulse-key", "lease-del", "flow-limits-set"}


def soon():
    """A deadline of a lease, told when it is asked for."""
    return boottime() + 9 * 10**9


def fresh():
    """An epoch that none was before."""
    EPOCH[0] += 1
    return EPOCH[0]


# Operations in an order in which each finds what it needs; the last words undo it.
CHANGES = [
    ("node-add", {"name": "f1", "addr4": "10.9.0.9", "addr6": "2001:db8:9::9"}, [("node-del", {"name": "f1"})]),
    ("node-add", {"name": "f1", "addr4": "10.9.0.9", "lladdr": "02:00:00:00:00:09", "dev": "lo"},
     [("node-del", {"name": "f1"})]),
    ("node-set", {"name": "n2", "zone": "elsewhere", "admin": 3},
     [("node-set", {"name": "n2", "zone": "rack-a", "admin": 0})]),
    ("node-verdict", {"name": "n2", "verdict": 1}, [("node-verdict", {"name": "n2", "verdict": 0})]),
    ("vip-add", {"addr4": "10.0.0.109", "holder": "n1", "dev": "eth9"}, [("vip-del", {"addr4": "10.0.0.109"})]),
    ("vip-add", {"addr6": "2001:db8::109", "dev": "eth9", "everywhere": True},
     [("vip-del", {"addr6": "2001:db8::109"})]),
    ("vip-set", {"addr4": "10.0.0.101", "holder": "n1"}, [("vip-set", {"addr4": "10.0.0.101", "holder": "n2"})]),
    ("service-add", {"addr4": "10.0.0.101", "proto": 17, "port": 53},
     [("service-del", {"addr4": "10.0.0.101", "proto": 17,
                                                                                       "port": 53})]),
    ("member-add", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n3"},
     [("member-del", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n3"})]),
    ("member-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n2", "health": 1,
                    "priority": 3, "weight": 3},
     [("member-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n2", "health": 0,
                      "priority": 20, "weight": 1})]),
    # Its flows are tracked from then on; all of that, or nothing.
    ("member-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n2", "via": 3,
                    "nat-port": 8080, "priority": 3},
     [("member-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n2", "via": 1, "priority": 20})]),
    # Where flows are spread, each change makes a table.
    ("service-add", {"addr4": "10.0.0.101", "proto": 17, "port": 56, "also": 57 << 16 | 59},
     [("service-del", {"addr4": "10.0.0.101", "proto": 17, "port": 56})]),
    ("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "also": 81 << 16 | 83, "sched": 1},
     [("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "also": 0, "sched": 0})]),
    ("service-add", {"addr4": "10.0.0.101", "proto": 17, "port": 54, "sched": 1},
     [("service-del", {"addr4": "10.0.0.101", "proto": 17, "port": 54})]),
    ("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "sched": 1, "failback": 0},
     [("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "sched": 0, "failback": 10**10})]),
    # Where they are tracked, each member has a share of them, and the namespace a table.
    ("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "sched": 2},
     [("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "sched": 0})]),
    ("service-add", {"addr4": "10.0.0.101", "proto": 17, "port": 55, "sched": 5, "persist": 10**10, "persist-mask": 24},
     [("service-del", {"addr4": "10.0.0.101", "proto": 17, "port": 55})]),
    ("flow-limits-set", {"most": 7, "udp": 10**9}, [("flow-limits-set", {"most": 1000, "udp": 90 * 10**9})]),
    ("member-add", {"addr4": "10.0.0.100", "proto": 6, "port": 8080, "node": "n3", "weight": 5},
     [("member-del", {"addr4": "10.0.0.100", "proto": 6, "port": 8080, "node": "n3"})]),
    ("member-set", {"addr4": "10.0.0.100", "proto": 6, "port": 8080, "node": "n2", "at-port": 8081,
                    "weight": 30},
     [("member-set", {"addr4": "10.0.0.100", "proto": 6, "port": 8080, "node": "n2", "at-port": 8081,
                      "weight": 3})]),
    ("beat", {"node": "n2", "time": 10**12}, []),
    ("times-get", {"addr4": "10.0.0.100", "proto": 6, "port": 80}, []),
    ("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "on-empty": "n3"},
     [("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "on-empty": "drop"})]),
    ("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "failback": 2**64 - 1},
     [("service-set", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "failback": 10**10})]),
    ("node-failback", {"name": "n2"}, []),
    ("pulse-set", {"node": "n3", "id": 9, "interval": 10**9, "multiplier": 3, "tx-key": bytes(16), "rx-key": b"\1" * 16,
                   "path": {"local4": "10.0.0.9", "remote4": "192.168.0.3"}}, [("pulse-del", {"node": "n3"})]),
    ("pulse-set", {"node": "n3", "id": 9, "interval": 10**9, "multiplier": 3, "tx-key": bytes(16), "rx-key": b"\1" * 16,
                   "path": {"local6": "2001:db8::9", "remote6": "2001:db8::3"}}, [("pulse-del", {"node": "n3"})]),
    ("pulse-key", {"node": "n2", "tx-key": bytes(16), "rx-key": b"\1" * 16, "key-id": 3}, []),
    ("member-del", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n2"},
     [("member-add", {"addr4": "10.0.0.100", "proto": 6, "port": 80, "node": "n2", "priority": 20})]),
    ("lease-add", {"name": "f1"}, [("lease-del", {"name": "f1"})]),
    ("lease-set", {"name": "l1", "floor": 5}, []),
    # A grant is one all the same, if there is no memory for what it has announced.
    ("lease-set", {"name": "l1", "epoch": fresh, "holder": "n1", "deadline": soon},
     [("lease-release", {"name": "l1"})]),
    ("lease-set", {"name": "l1", "epoch": fresh, "holder": "n1", "deadline": soon, "tied": True},
     [("lease-release", {"name": "l1"})]),
    ("lease-set", {"name": "l1", "epoch": fresh, "holder": "n2", "deadline": soon},
     [("lease-release", {"name": "l1", "epoch": fresh})]),
    ("lease-release", {"name": "l1", "epoch": fresh}, []),
    ("vip-add", {"addr4": "10.0.0.109", "lease": "l1"}, [("vip-del", {"addr4": "10.0.0.109"})]),
    ("lease-del", {"name": "l2"}, [("lease-add", {"name": "l2"})]),
    ("vip-del", {"addr4": "10.0.0.101"}, [("vip-add", {"addr4": "10.0.0.101", "holder": "n2"})]),
]

RESTORE = [
    ("node-add", {"name": "n1", "addr4": "192.168.0.1", "self": True}),
    ("node-add", {"name": "f2", "addr4": "192.168.0.7"}),
    ("lease-add", {"name": "l1"}), ("vip-add", {"addr4": "10.0.0.111", "lease": "l1"}),
    ("vip-add", {"addr4": "10.0.0.110", "holder": "n1"}),
    ("service-add", {"addr4": "10.0.0.110", "proto": 17, "port": 9}),
    ("member-add", {"addr4": "10.0.0.110", "proto": 17, "port": 9, "node": "f2"}),
]


def range_of(function):
    """Where a function of the kernel or of the module begins, and the next one does; (0, 0) if there is none."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        places = sorted((int(line.split()[0], 16), line.split()[2]) for line in file)
    for (start, name), (end, _) in zip(places, places[1:]):
        if name == function:
            return start, max(end, start + 1)
    return 0, 0


def arm():
    """Confines failures to what the module's code asks for; its place is that of the last time it was loaded."""
    # This function leaks a name when it fails, up to 7.2 at least.
    reject = range_of("sysfs_slab_add")
    text = int(os.environ["HASW_TEXT"], 16)
    for kind in ("failslab", "fail_page_alloc"):
        folder = DEBUG / kind
        if not (folder / "require-start").exists():
            print("# no fault injection by call chain")
            sys.exit(4)
        for name, value in (("verbose", 0), ("ignore-gfp-wait", "N"), ("stacktrace-depth", 32), ("probability", 0),
                            ("require-start", text - NEAR), ("require-end", text + NEAR),
                            ("reject-start", reject[0]), ("reject-end", reject[1])):
            (folder / name).write_text(f"{value}\n", encoding="ascii")


def failing(nth, action):
    """action() with the NTH allocation failing; (what it returned, whether there was an NTH)."""
    control = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    try:
        os.write(control, b"%d\n" % nth)
        try:
            result = action()
        finally:
            left = int(os.pread(control, 16, 0))
            os.write(control, b"0\n")
    finally:
        os.close(control)
    return result, left == 0


def each(name, action, judge, before=lambda: None, never=False):
    """One point: action with each of its allocations failing, until none is left; judge says what is wrong. If it never
    allocates, that is the point."""
    failed, wrong = 0, None
    for nth in range(1, MANY):
        before()
        result, hit = failing(nth, action)
        wrong = judge(result, hit)
        if wrong or not hit:
            break
        failed += 1
    if not wrong and never != (not failed):
        wrong = "it allocates" if never else "nothing was allocated: this proves nothing"
    print(f"{'not ok' if wrong else 'ok'} {name}")
    print(f"# {wrong} (failure {failed + 1})" if wrong else f"# {failed} failures")
    return wrong


def differences(before, after):
    """Which objects differ, and in which attributes by number."""
    found = [f"{len(before[0])} objects, then {len(after[0])}"] if len(before[0]) != len(after[0]) else []
    for (kind, old), (_, new) in zip(before[0], after[0]):
        if old != new:
            found.append(f"{kind} {sorted({n for n, _ in set(old) ^ set(new)})}")
    return ", ".join(found) or "the configuration's"


def operations():
    sock, wrong = Socket(), False

    def attempt(operation, attrs, undo):
        state, text = [], saved()

        def before():
            state[:] = sock.state()

        def judge(answer, hit):
            if answer.code == "0":
                for undone, how in undo:
                    if sock.send(undone, how).code != "0":
                        return f"{undone} afterwards was refused"
            elif not hit:
                return f"without a failure: {answer}"
            elif answer.code != "ENOMEM":
                return f"answer {answer}"
            else:
                now = list(sock.state())
                if now != state:
                    return f"{answer}, and the state is another: {differences(state, now)}"
            return None if saved() == text else f"{answer}, and the configuration is another"

        def action():
            return sock.send(operation, {key: value() if callable(value) else value for key, value in attrs.items()})

        words = " ".join(f"{key} {value.__name__ if callable(value) else value}" for key, value in attrs.items())
        return each(f"{operation} {words}", action, judge, before,
                    operation in NEVER and attrs.get("holder") != "n1" and "sched" not in attrs)

    for change in CHANGES:
        wrong = bool(attempt(*change)) or wrong
    return restore() or wrong


def restore():
    """A restore from its begin to its commit; what it replaces is put back by haadm."""
    text = saved()

    def action():
        sock = Socket()
        try:
            for operation, attrs in [("config-begin", {}), *RESTORE, ("config-commit", {})]:
                answer = sock.send(operation, attrs)
                if answer.code != "0":
                    return f"{operation}: {answer}"
            return "0"
        finally:
            sock.sock.close()

    def judge(result, hit):
        if result != "0":
            if not hit or "ENOMEM" not in result:
                return result
            return None if saved() == text else f"{result}, and the configuration is another"
        back = subprocess.run(["haadm", "restore", "/dev/stdin"], input=text, capture_output=True,
                              text=True, check=False)
        return None if back.returncode == 0 and saved() == text else f"restored, but not back: {back.stderr}"

    return each("a restore whose allocations fail changes nothing", action, judge)


def in_child(action):
    """errno of what action returns, in a child that ends with it."""
    child = os.fork()
    if child == 0:
        os._exit(action() & 255)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def namespace():
    def one(nth):
        def action():
            result, hit = failing(nth, lambda: LIBC.unshare(CLONE_NEWNET))
            code = ctypes.get_errno() if result else 0
            return code | (128 if hit else 0)
        return in_child(action)

    for nth in range(1, MANY):
        code = one(nth)
        if code & 127 not in (0, errno.ENOMEM) or (code & 127 and not code & 128):
            print(f"not ok a namespace whose allocations fail is refused\n# failure {nth}: {os.strerror(code & 127)}")
            return True
        if not code & 128:
            break
    print(f"{'ok' if nth > 1 else 'not ok'} a namespace whose allocations fail is refused\n# {nth - 1} failures")
    return nth == 1


def load_module(path):
    def action():
        module = os.open(path, os.O_RDONLY)
        try:
            if LIBC.syscall(SYS_FINIT_MODULE, module, b"", 0):
                return errno.errorcode[ctypes.get_errno()]
            return "0"
        finally:
            os.close(module)

    def judge(result, hit):
        there = os.path.exists("/sys/module/haswitch")
        if result == "0":
            if not hit:
                return None if there else "loaded, but not there"
            # A failure that it could do without.
            return None if subprocess.run(["rmmod", "haswitch"],
                                          check=False).returncode == 0 else "it can't be unloaded"
        if there:
            return f"{result}, and it is there"
        return None if result == "ENOMEM" and hit else f"{result}"

    return each("loading the module with failing allocations leaves nothing behind", action, judge)


def starve(function):
    """Every allocation that FUNCTION of the module asks for fails, in any process. FUNCTION None ends that."""
    folder = DEBUG / "failslab"
    (folder / "probability").write_text("0\n", encoding="ascii")
    if not function:
        return
    start, end = range_of(function)
    if not start:
        raise LookupError(function)
    for name, value in (("task-filter", "N"), ("times", -1), ("interval", 1), ("require-start", start),
                        ("require-end", end), ("probability", 100)):
        (folder / name).write_text(f"{value}\n", encoding="ascii")


def stamped(listener):
    """The next frame and when it came, in seconds of the wall clock; None when none came in 5 s."""
    try:
        frame, extra, _, _ = listener.recvmsg(100, 64)
    except TimeoutError:
        return None
    seconds, nanoseconds = struct.unpack("qq", extra[0][2])
    return frame, seconds + nanoseconds / 1e9


def busiest(times):
    """How many of these times, which are in order, lie in the busiest tenth of a second."""
    most = first = 0
    for last, when in enumerate(times):
        while when - times[first] > 0.1:
            first += 1
        most = max(most, last - first + 1)
    return most


def announcements():
    """Many vips are announced while nothing can be queued: no faster than otherwise, and all once there is memory."""
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
    listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    # A dummy device has no ARP.
    subprocess.run("ip link add ann0 up type veth peer name ann1 && ip link set ann1 up", shell=True, check=True)
    listener.bind(("ann1", 0))
    listener.settimeout(5)
    addresses = {f"10.77.{n // 250}.{n % 250 + 1}" for n in range(VIPS)}
    usual = saved().decode()
    text = usual + "".join(f"vip add {address} everywhere on ann0\n" for address in sorted(addresses))
    starve("hasw_announce_queue_put")
    try:
        done = subprocess.run(["haadm", "restore", "/dev/stdin"], input=text, capture_output=True, text=True,
                              check=False)
    finally:
        starve(None)
    # Until now, all frames have waited in the listener's buffer.
    missing, times = set(addresses), []
    while missing and not done.returncode:
        received = stamped(listener)
        if not received:
            break
        frame, when = received
        if frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42]:
            times.append(when)
            missing.discard(socket.inet_ntoa(frame[28:32]))
    most = busiest(times)
    wrong = done.returncode or missing or most > HURRIED
    print(f"{'not ok' if wrong else 'ok'} vips are announced at the usual rate while no memory is free")
    print(f"# {len(times)} frames, {most} of them in a tenth of a second, {len(missing)} of {VIPS} vips missing",
          done.stderr)
    subprocess.run(["haadm", "restore", "/dev/stdin"], input=usual, text=True, check=True)
    subprocess.run(["ip", "link", "del", "ann0"], check=True)
    return bool(wrong)


def main():
    what, *words = sys.argv[1:]
    arm()
    actions = {"operations": operations, "namespace": namespace, "announcements": announcements}
    wrong = load_module(words[0]) if what == "load" else actions[what]()
    sys.exit(1 if wrong else 0)


main()
