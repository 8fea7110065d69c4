#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Kills a node again and again, and reads when the other one knew: see detect.sh, which made the two.

    detect.py KILLS PEER-KILLS

Prints `figure detect CASE KILL-NS WHEN-NS STORE-NS` for each kill: when it was asked for, when the other one had acted
and how long the kill itself took, CLOCK_BOOTTIME; `figure false CASE N`, the deaths that were seen of a node that was
alive; and `figure unstable CASE N` of what saw too many of these to be measured. A kill is reckoned from before it was
asked for, so that its own time counts against who detects it.
"""
import os
import pathlib
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is left in the tree
from wires import DISABLED, FORWARDING, PATIENCE, Cable, Device, boottime, die, haadm, until
from netns import enter, inside
import netlink

NETLINK_ROUTE, RTMGRP_IPV4_IFADDR, RTM_NEWADDR, RTM_DELADDR = 0, 0x10, 20, 21
# ns, of haswitch's heartbeats
INTERVAL = 1_000_000
# s; the smallest that it takes
VRRP_INTERVAL = 0.01
# ms; the first at which it stays up by itself
BFD_INTERVALS = 1, 3, 10
# So many times less often than the others: it takes half a second until a neighbour has failed.
NEIGHBOUR_SHARE = 20


def tell(case, kills, whens, false):
    """whens: when each kill was known, as read."""
    for (asked, took), when in zip(kills, whens):
        print(f"figure detect {case} {asked} {when} {took}")
    print(f"figure false {case} {false}", flush=True)


class Events:
    """The module's events in a namespace, which it keeps 4096 of."""

    def __init__(self, name):
        self.name, self.all = name, {}

    def read(self):
        self.all.update((event["seq"], event) for event in haadm(self.name, "event", "show"))

    def find(self, **fields):
        self.read()
        return [event for event in self.all.values() if all(event.get(key) == value for key, value in fields.items())]

    def stamps(self, **fields):
        return sorted(event["publish"] for event in self.find(**fields))

    def flips(self, case, since, **fields):
        """Tells of each how long it was from what was observed until it was published."""
        found = [event for event in self.find(**fields) if event["publish"] >= since]
        tell(case, [(event["decision"], 0) for event in found], [event["publish"] for event in found], 0)


def match(case, kills, stamps, soonest=0):
    """The first stamp behind each kill; those that belong to none are false. A node that was dead by itself when it was
    killed, or so soon after that the kill can't be why, tells nothing: only a few may be so."""
    told = []
    for i, kill in enumerate(kills):
        end = kills[i + 1][0] if i + 1 < len(kills) else 1 << 63
        found = [stamp for stamp in stamps if kill[0] <= stamp < end]
        if found and found[0] - kill[0] >= soonest:
            told.append((kill, found[0]))
    if len(told) < 0.9 * len(kills):
        die(f"{case}: {len(told)} of {len(kills)} kills were noticed, {len(stamps)} times something was")
    tell(case, [kill for kill, _ in told], [when for _, when in told], len(stamps) - len(told))


def state(name, node):
    return haadm(name, "node", "show", node)[0]["state"]


def silent(cable, count):
    """The module's own heartbeats: from the kill to the published switch."""
    events, kills = Events("a"), []

    def alive():
        return state("a", "b") == "up" and all(haadm(n, "pulse", "show")[0]["state"] == "up" for n in "ab")

    for i in range(count):
        # It comes back as held, and would be damped for its many deaths.
        until(lambda: haadm("a", "pulse", "show")[0]["state"] == "up", "b is heard")
        haadm("a", "failback", "b")
        until(alive, "b serves")
        if not i:
            events.read()
            begun = boottime()
        time.sleep(0.02 + random.random() / 100)
        kills.append(cable.set(DISABLED))
        time.sleep(0.02)
        until(lambda: state("a", "b") == "lost", "b is lost")
        cable.set(FORWARDING)
        if i % 100 == 99:
            events.read()
    lost = [stamp for stamp in events.stamps(kind="node", node="b", to="lost") if stamp >= begun]
    # Three intervals since the last one was heard, which was then at most one and a bit old.
    match("haswitch-silent", kills, lost, 3 * INTERVAL // 2)
    events.flips("flip-pulse", begun, kind="node", node="b", to="lost", cause="pulse")


def evidence(case, cause, count, lose, win):
    """c is lost by what lose() does: from what was observed to what was published."""
    events = Events("a")

    def reached():
        node = haadm("a", "-d", "node", "show", "c")[0]
        return node["state"] == "up" and node["reach4"] == "resolved" and not node["evidence"]

    events.read()
    begun = boottime()
    for i in range(count):
        haadm("a", "failback", "c")
        until(reached, "c is reached")
        lose()
        until(lambda: state("a", "c") == "lost", f"c is lost, by its {cause}")
        win()
        until(lambda: state("a", "c") != "lost", "c is there again")
        if i % 100 == 99:
            events.read()
    found = len(events.find(kind="node", node="c", to="lost", cause=cause))
    if found != count:
        die(f"{case}: c was lost {found} times by its {cause}, and killed {count} times")
    events.flips(case, begun, kind="node", node="c", to="lost", cause=cause)


def front(count):
    """The device by which clients come to b is set down: until a's module has ended what it knows of the grant."""
    here, there, device, kills = Events("b"), Events("a"), Device("b", "eth1"), []
    for epoch in range(1, count + 1):
        for name in "ab":
            haadm(name, "lease", "set", "front", "epoch", str(epoch), "holder", "b", "for", "9s")
        time.sleep(0.02 + random.random() / 100)
        kills.append(device.set(False))
        until(lambda: not haadm("a", "lease", "show", "front")[0].get("holder"), "a knows")
        device.set(True)
        until(lambda: pathlib.Path("/sys/class/net/b-eth1/carrier").read_text(encoding="ascii").strip() == "1",
              "the link is back")
        if epoch % 100 == 99:
            here.read()
            there.read()
    ended = here.stamps(kind="lease", lease="front", cause="devices-down")
    if len(ended) != count:
        die(f"{len(ended)} of {count} grants ended with their device")
    match("haswitch-device-lost", kills, there.stamps(kind="lease", lease="front", cause="resigned"))


def configuration(path, name, interval):
    """keepalived's: VRRP as fast as it goes, or beside BFD with that interval in ms."""
    me, other, priority = ("10.0.0.1", "10.0.0.2", 253) if name == "a" else ("10.0.0.2", "10.0.0.1", 254)
    path.write_text(f"""global_defs {{
    vrrp_version 3
    vrrp_rt_priority 50
    vrrp_rlimit_rttime 1000000
    bfd_rt_priority 50
    bfd_rlimit_rttime 1000000
}}
""" + (f"""bfd_instance peer {{
    neighbor_ip {other}
    source_ip {me}
    min_rx {interval}
    min_tx {interval}
    multiplier 3
}}
""" if interval else "") + f"""vrrp_instance one {{
    state BACKUP
    interface eth0
    virtual_router_id 7
    priority {priority}
    advert_int {1 if interval else VRRP_INTERVAL}
    virtual_ipaddress {{
        10.0.0.200/32
    }}
}}
""", encoding="ascii")


class Keepalived:
    """Two of them, one in each namespace. What that in a says can be read, if BFD has an interval."""

    def __init__(self, interval=None):
        self.home = pathlib.Path("/run/bench-keepalived")
        self.home.mkdir(exist_ok=True)
        self.running, self.interval, self.up, self.fast = [], interval, False, False
        for name in "ab":
            configuration(self.home / f"{name}.conf", name, interval)
            pids = [word for option, child in (("-p", ""), ("-r", ".vrrp"), ("-b", ".bfd"), ("-c", ".check"))
                    for word in (option, str(self.home / f"{name}{child}.pid"))]
            with open(self.home / f"{name}.log", "wb") as log:
                self.running.append(subprocess.Popen(
                    ["ip", "netns", "exec", name, "keepalived", "-n", "-l", "-f", str(self.home / f"{name}.conf")]
                    + pids + (["-D"] if interval else []), stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                    stdout=subprocess.PIPE if interval and name == "a" else log))
        self.mouth = self.running[0].stdout
        if self.mouth:
            os.set_blocking(self.mouth.fileno(), False)

    def changed(self, patience):
        """When it told how BFD's session is, which up and fast are then; or None."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0 and select.select([self.mouth], [], [], left)[0]:
            text, when = (self.mouth.read() or b"").decode(errors="replace"), boottime()
            told = re.findall(r"Entering (Up|Down) state|Detection time is (\d+) us", text)
            for state, microseconds in told:
                if state:
                    self.up = state == "Up"
                else:
                    self.fast = int(microseconds) == 3000 * self.interval
            if told:
                return when
        return None

    def end(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                die("keepalived does not end")


class Addresses:
    """When a gets and loses addresses, as the kernel tells."""

    def __init__(self):
        self.sock = inside("a", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE))
        self.sock.bind((0, RTMGRP_IPV4_IFADDR))

    def wait(self, kind, patience=PATIENCE):
        """When such a message came, or None."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0 and select.select([self.sock], [], [], left)[0]:
            data, when = self.sock.recv(1 << 16), boottime()
            if struct.unpack_from("=H", data, 4)[0] == kind:
                return when
        return None


def master(name):
    done = subprocess.run(["ip", "-n", name, "-o", "addr", "show", "dev", "eth0"], stdout=subprocess.PIPE, text=True,
                          check=True)
    return "10.0.0.200" in done.stdout


def vrrp(cable, count):
    """keepalived's VRRP as fast as it goes: from the kill until the vip is an address of the other one.

    Who takes over sooner than after two intervals does not do it for the kill: that is a false one."""
    peer, addresses = Keepalived(), Addresses()
    kills, whens, false, end = [], [], 0, time.monotonic() + 2 * count + PATIENCE
    while len(kills) < count:
        if time.monotonic() > end:
            die(f"keepalived: {len(kills)} of {count} kills, {false} times master by itself")
        until(lambda: master("b") and not master("a"), "keepalived in b is master")
        # Settled; what it does now it does by itself.
        if addresses.wait(RTM_NEWADDR, 0.1 + random.random() / 50) is not None:
            false += 1
            continue
        asked = cable.set(DISABLED)
        when = addresses.wait(RTM_NEWADDR)
        if when is None:
            die("keepalived did not take over")
        if when - asked[0] < 2 * VRRP_INTERVAL * 10**9:
            false += 1
        else:
            kills.append(asked)
            whens.append(when)
        cable.set(FORWARDING)
        addresses.wait(RTM_DELADDR)
    peer.end()
    tell("keepalived-vrrp", kills, whens, false)


def bfd(cable, count, interval):
    """keepalived's BFD, with a multiplier of 3: from the kill until it says that the session is down, before VRRP does
    anything about it. Whether it was up for long enough to be measured."""
    peer, case = Keepalived(interval), f"keepalived-bfd-{interval}ms"
    kills, whens, false, end = [], [], 0, time.monotonic() + 5 * count + PATIENCE
    while len(kills) < count and time.monotonic() < end:
        # A session begins with three seconds of patience, until both ends have agreed on less.
        if not peer.up or not peer.fast:
            peer.changed(1)
        elif peer.changed(0.2 + random.random() / 100) is not None:
            # If it is down now it went by itself, before the kill.
            false += not peer.up
        else:
            asked = cable.set(DISABLED)
            when = peer.changed(PATIENCE)
            cable.set(FORWARDING)
            if when is None or peer.up:
                die(f"keepalived's BFD did not see kill {len(kills) + 1}")
            kills.append(asked)
            whens.append(when)
    peer.end()
    if len(kills) < count:
        print(f"figure unstable {case} {false}", flush=True)
        return False
    tell(case, kills, whens, false)
    return True


def agent(epoch):
    """A process with a lease tied to it; its pid, once it has the lease. It is small, as an agent is: before its socket
    is closed the kernel takes down its memory."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        enter("b")
        sock = netlink.Socket()
        answer = sock.send("lease-set", {"name": "float", "epoch": epoch, "holder": "b", "tied": True,
                                         "deadline": boottime() + 9 * 10**9})
        if answer.code != "0":
            os.write(theirs, str(answer).encode())
            os._exit(1)
        os.set_inheritable(sock.sock.fileno(), True)
        os.dup2(theirs, 1)
        os.execvp("sh", ["sh", "-c", "echo held; exec sleep 1000"])
    os.close(theirs)
    answer = os.read(ours, 1000)
    os.close(ours)
    if answer != b"held\n":
        die(f"the lease is refused: {answer.decode()}")
    return pid


def going(count):
    """An agent is killed: until the other node's module has ended what it knows of the grant; all of that, and what is
    left of it once this node's module has ended it: the rest is the kernel's, which takes a process down."""
    here, there, kills = Events("b"), Events("a"), []
    for epoch in range(1, count + 1):
        pid = agent(epoch)
        haadm("a", "lease", "set", "float", "epoch", str(epoch), "holder", "b", "for", "9s")
        time.sleep(0.02 + random.random() / 100)
        asked = boottime()
        os.kill(pid, signal.SIGKILL)
        kills.append((asked, 0))
        os.waitpid(pid, 0)
        until(lambda: not haadm("a", "lease", "show", "float")[0].get("holder"), "a knows")
        if epoch % 100 == 99:
            here.read()
            there.read()
    ended = here.stamps(kind="lease", lease="float", cause="agent-gone")
    if len(ended) != count:
        die(f"{len(ended)} of {count} grants ended with their agent")
    known = there.stamps(kind="lease", lease="float", cause="resigned")
    match("haswitch-agent-killed", kills, known)
    match("haswitch-told", [(stamp, 0) for stamp in ended], known)


def main():
    kills, peer_kills = int(sys.argv[1]), int(sys.argv[2])
    cable = Cable("b-eth0")
    silent(cable, kills)
    until(lambda: haadm("b", "pulse", "show")[0]["state"] == "up", "b hears")
    going(kills)
    front(kills)
    # The kernel itself needs a while to take a device down, which does not count: a's module looks at the link.
    link, way = Device("lan", "a-eth1"), Cable("c-eth1")
    evidence("flip-carrier", "carrier", kills, lambda: link.set(False), lambda: link.set(True))
    evidence("flip-neighbour", "neighbour", max(1, kills // NEIGHBOUR_SHARE), lambda: way.set(DISABLED),
             lambda: way.set(FORWARDING))
    for name, node in ("a", "b"), ("b", "a"):
        haadm(name, "pulse", "del", node)
    if peer_kills:
        vrrp(cable, peer_kills)
        any(bfd(cable, peer_kills, interval) for interval in BFD_INTERVALS) or die("no BFD stays up")


main()
