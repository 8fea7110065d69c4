#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Has the holder of a virtual address fail again and again, and asks at that address all the while.

    failover.py DIR TIMES PEER-TIMES [FAULT|CASE]...

DIR has the agents' files; see failover.sh, which made the network. Without a FAULT all of them are caused, without a
CASE to all kinds of holders. Each millisecond the client asks, and the machine that
gets it answers with its name. Prints for each fault
    figure failover CASE FAULT NS BOTH
from before it was caused until the client had an answer of another machine, and whether two machines answered ARP for
the address then. For what is no fault but planned it prints
    figure planned CASE FAULT LOST ASKED
how many of the questions asked from just before until a second later got no answer: of an address that is moved, of an
agent or a daemon that is restarted, of a machine that reboots, where they leave and then it is cut off. And at the end
    figure false CASE FAULT N
how often the address moved though nobody had caused anything.
"""
import pathlib
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing is left in the tree
from wires import DISABLED, FORWARDING, Cable, Device, boottime, die, ended
from haadm import Haadm, Refused
from keepalived import Keepalived, addresses
from netns import inside
from owners import Owners
from pacemaker import Pacemaker

VIP, PORT, CLIENT = "10.0.0.100", 7, "10.0.0.4"
MEMBER_VIP, MEMBERS = "10.0.0.101", "ab"    # c has it, and a is preferred
PEER_VIP = "10.0.0.200"
MACHINES = "abc"
NAMES = ("silent", "killed", "stopped", "link-lost", "moved", "restarted", "rebooted", "member-silent",
         "member-killed")
PACE = 1_000_000    # ns between two questions
PATIENCE = 30       # s
SECOND = 1_000_000_000
# A new cluster waits for so long at most: for what it may have promised, or for who else may be there.
SETTLED = 120 * SECOND
IP_FREEBIND = 15


class Client:
    """Asks at an address, and sees who answers; the machines' answering sockets are here, too."""

    def __init__(self, vip, machines):
        self.vip, self.number = vip, 0
        self.ask = inside("client", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.ask.bind((CLIENT, 0))
        self.ask.setblocking(False)
        self.owners = Owners("client", CLIENT, vip).owners
        self.servers, self.due = {}, 0
        self.poll = select.poll()
        self.poll.register(self.ask, select.POLLIN)
        for name in machines:
            self.listen(name)

    def listen(self, name):
        """From now on a program answers at the address on that machine."""
        server = inside(name, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        server.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        server.bind((self.vip, PORT))
        server.setblocking(False)
        self.servers[server.fileno()] = name, server
        self.poll.register(server, select.POLLIN)

    def deafen(self, name):
        """As if that program had died."""
        for file, (who, server) in list(self.servers.items()):
            if who == name:
                self.poll.unregister(server)
                server.close()
                del self.servers[file]

    def send(self):
        now = boottime()
        if now < self.due:
            return
        self.due = now + PACE
        self.number += 1
        try:
            self.ask.sendto(struct.pack("!Q", self.number), (self.vip, PORT))
        except OSError:
            pass    # nobody has told the machine's MAC

    def answers(self):
        """[(name, number)] that the client has got, after at most one pace."""
        self.send()
        got = []
        for file, _ in self.poll.poll(1):
            if file in self.servers:
                name, server = self.servers[file]
                self.answer(name, server)
                continue
            try:
                while True:
                    data = self.ask.recv(64)
                    got.append((data[8:].decode(), struct.unpack("!Q", data[:8])[0]))
            except OSError:
                pass    # all is read, or an error that ICMP has told
        return got

    def answer(self, name, server):
        try:
            while True:
                data, whom = server.recvfrom(64)
                server.sendto(data + name.encode(), whom)
        except OSError:
            pass

    def drain(self):
        """What is on its way is forgotten. The numbers of what was answered."""
        end, numbers = boottime() + 5 * PACE, set()
        while boottime() < end:
            numbers.update(number for _, number in self.answers())
        return numbers

    def lost(self, step):
        """(how many questions got no answer, of how many), of those asked within a second while step() is called, and
        for a quarter of one after it says True, as it has no more to do."""
        self.drain()
        begun, done = boottime(), False
        first, end = self.number + 1, begun + SECOND
        answered = set()
        while boottime() < end:
            answered.update(number for _, number in self.answers())
            if not done and step():
                done = True
                end = max(end, boottime() + SECOND // 4)
            if not done:
                end = max(end, boottime() + PACE)
            if boottime() > begun + PATIENCE * SECOND:
                die("what was planned does not come to an end")
        asked = self.number - first + 1
        answered |= self.drain()
        return asked - len(answered & set(range(first, first + asked))), asked


class Machines:
    """The wires of all machines, so that one of them is cut off at once."""

    def __init__(self, names):
        self.cables = {name: (Cable(f"{name}-eth0"), Cable(f"{name}-eth1")) for name in names}
        self.fronts = {name: Device(name, "eth0") for name in names}

    def cut(self, name, state):
        for cable in self.cables[name]:
            cable.set(state)


class Haswitch:
    """Three agents that vote, by the files of a case."""

    vip, names, pause, stays = VIP, MACHINES, 0.05, True

    def __init__(self, case, home):
        self.case, self.home, self.agents = case, home / case, {}
        self.haadm = {name: Haadm(name) for name in self.names}
        for name in self.names:
            self.start(name)

    def start(self, name):
        with open(self.home / f"{name}.log", "ab") as log:
            self.agents[name] = subprocess.Popen(["ip", "netns", "exec", name, "haagentd",
                                                  "-f", str(self.home / f"{name}.conf")],
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, name):
        self.agents[name].send_signal(signal.SIGKILL)

    def revive(self, name):
        self.agents[name].wait()
        self.start(name)

    def stop(self, name):
        self.agents[name].send_signal(signal.SIGSTOP)

    def go_on(self, name):
        self.agents[name].send_signal(signal.SIGCONT)

    def move(self, name):
        asks = subprocess.Popen(["haadm", "-n", name, "failover", "web"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL)
        return lambda: ended(asks, "haadm failover")

    def restart(self, name):
        """It is over when the new agent votes."""
        self.agents[name].terminate()
        begun, asked = False, 0

        def step():
            nonlocal begun, asked
            if not begun:
                begun = self.agents[name].poll() is not None
                if begun:
                    self.start(name)
                return False
            if boottime() < asked + 50 * PACE:
                return False
            asked = boottime()
            try:
                vote = self.haadm[name].show("agent", "show")["vote"]
            except Refused:
                return False
            return vote.get("mute") == 0 and len(vote["heard"]) == len(self.names)
        return step

    def holder(self):
        """Who has the address, if all is well: all agents and modules hear each other and name the same holder."""
        said, self.wrong = set(), "the nodes name several holders, or none"
        for name in self.names:
            ask = self.haadm[name]
            try:
                agent = ask.show("agent", "show")
            except Refused as why:
                self.wrong = f"{name}: {why}"
                return None
            if len(agent["vote"].get("heard", ())) != len(self.names) or agent["vote"]["mute"]:
                self.wrong = f"{name} does not vote, or does not hear all voters: {agent}"
                return None
            lease, = ask.show("lease", "show", "web")
            said.add(lease.get("holder"))
            pulses = ask.show("pulse", "show")
            if len(pulses) != len(self.names) - 1 or any(pulse["state"] != "up" for pulse in pulses):
                self.wrong = f"{name}'s heartbeats: {pulses}"
                return None
            nodes = ask.show("node", "show")
            if any(node["agent"] != "alive" for node in nodes):
                self.wrong = f"{name} does not hear all: {nodes}"
                return None
        return said.pop() if len(said) == 1 else None

    def end(self):
        for ask in self.haadm.values():
            if ask.run:
                ask.end()
        for agent in self.agents.values():
            agent.terminate()
        for agent in self.agents.values():
            agent.wait()


class Vrrp(Keepalived):
    """Two of keepalived's, by default or as fast as VRRP goes; b has the address if it can."""

    vip, names, pause, stays = PEER_VIP, "ab", 0.05, True

    def __init__(self, case, interval, real_time):
        self.case = case
        super().__init__(f"/run/bench-{case}", {name: f"""global_defs {{
    vrrp_version 3
{"    vrrp_rt_priority 50" if real_time else ""}
{"    vrrp_rlimit_rttime 1000000" if real_time else ""}
}}
vrrp_instance one {{
    state BACKUP
    interface eth0
    virtual_router_id 7
    priority {254 if name == "b" else 253}
    advert_int {interval}
    virtual_ipaddress {{
        {self.vip}/32
    }}
}}
""" for name in self.names}, "-P")

    def holder(self):
        """b, if it has the address and nobody else does."""
        has = [name for name in self.names if self.vip in addresses(name, "eth0")]
        self.wrong = f"{has} have the address"
        return "b" if has == ["b"] else None


def faults(machines, owner, client):
    """By name: how it is caused, and how it is undone."""
    if isinstance(owner, Members):
        return {"member-silent": (lambda name: machines.cut(name, DISABLED),
                                  lambda name: machines.cut(name, FORWARDING)),
                "member-killed": (client.deafen, client.listen)}
    return {"silent": (lambda name: machines.cut(name, DISABLED), lambda name: machines.cut(name, FORWARDING)),
            "killed": (owner.kill, owner.revive),
            "stopped": (owner.stop, owner.go_on),
            "link-lost": (lambda name: machines.fronts[name].set(False), lambda name: machines.fronts[name].set(True))}


def reboot(machines, owner):
    """How a machine goes whose programs have left before, and how it is back. Our module would tell the others that its
    kernel goes, which no namespace does: goes-failover has three kernels for that."""
    def begin(name):
        leaves = owner.leave(name)

        def step():
            if not leaves():
                return False
            machines.cut(name, DISABLED)
            return True
        return step

    def undo(name):
        machines.cut(name, FORWARDING)
        owner.revive(name)
    return begin, undo


def plans(machines, owner):
    """By name: what is no fault. It begins it, and returns what is called until it says True; and how it is undone."""
    known = {name: (getattr(owner, method), lambda name: None)
             for name, method in (("moved", "move"), ("restarted", "restart")) if hasattr(owner, method)}
    return {**known, "rebooted": reboot(machines, owner)} if hasattr(owner, "leave") else known


def settle(client, owner, limit):
    """The machine that answers once all is well, for a quarter of a second or so;
    and how often it moved by itself then."""
    end, moved = boottime() + limit, 0
    while boottime() < end:
        name = owner.holder()
        if not name:
            time.sleep(owner.pause)
            continue
        client.drain()
        wait, seen = boottime() + 250_000_000 + random.randrange(20 * PACE), set()
        while boottime() < wait:
            seen.update(who for who, _ in client.answers())
        if seen == {name} and client.owners() and owner.holder() == name:
            return name, moved
        moved += len(seen) > 1
    return die(f"{owner.case}: not all is well after {limit // 10**9} s: {owner.wrong}; {moved} times several "
               "machines answered")


def once(client, old, cause):
    """From before the fault until somebody else answers, ns; and whether two machines have the address then: the old
    one answers what was asked after the first answer of the new one, or answers ARP as well a second later."""
    client.drain()
    begun = boottime()
    cause(old)
    while boottime() - begun < PATIENCE * 10**9:
        for who, _ in client.answers():
            if who != old:
                took, last = boottime() - begun, client.number
                both = False
                while boottime() - begun - took < SECOND // 4:
                    both = both or any(name == old and number > last for name, number in client.answers())
                # Whoever lags behind has had a second of time.
                time.sleep(0.75)
                return took, both or len(client.owners()) > 1
    return die(f"nobody else than {old} answers, {PATIENCE} s after the fault")


class Members:
    """Those who serve what another node holds, a before b; the cluster is that of the agents. Who is back takes over
    from the other one, so a change that nobody caused is no fault."""

    vip, names, pause, stays = MEMBER_VIP, MEMBERS, 0.05, False

    def __init__(self, owner):
        self.owner, self.case = owner, owner.case

    def holder(self):
        """The preferred one, if all is well."""
        well = self.owner.holder()
        for ask in self.owner.haadm.values() if well else ():
            # It would have to wait for 95 s: the modules damp a node that has died three times.
            ask.do("failback", MEMBERS[0])
        self.wrong = f"{MEMBERS[0]} does not serve" if well else self.owner.wrong
        return MEMBERS[0] if well else None


def measure(machines, owner, times, names):
    client = Client(owner.vip, owner.names)
    settle(client, owner, SETTLED)
    for name in names:
        false = 0
        cause, undo = faults(machines, owner, client).get(name, (None, None))
        begin, back = plans(machines, owner).get(name, (None, None))
        if not cause and not begin:
            continue
        for _ in range(times):
            old, moved = settle(client, owner, SETTLED)
            false += moved
            if begin:
                lost, asked = client.lost(begin(old))
                if name == "moved" and owner.holder() == old:
                    die(f"{old} still has the address that was moved")
                back(old)
                print(f"figure planned {owner.case} {name} {lost} {asked}", flush=True)
                continue
            took, both = once(client, old, cause)
            undo(old)
            print(f"figure failover {owner.case} {name} {took} {int(both)}", flush=True)
        if owner.stays:
            print(f"figure false {owner.case} {name} {false}", flush=True)


# By case: a cluster of that kind. What is tuned is as fast as an admin would dare to set it.
OWNERS = {"haswitch": Haswitch, "haswitch-fast": Haswitch}
PEERS = {"keepalived-default": lambda case, _: Vrrp(case, 1, False),
         "keepalived-10ms": lambda case, _: Vrrp(case, 0.01, True),
         "pacemaker-default": lambda case, _: Pacemaker(case, PEER_VIP, None, 10),
         "pacemaker-200ms": lambda case, _: Pacemaker(case, PEER_VIP, 200, 1)}


def main():
    home, times, peer_times, words = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    if unknown := [word for word in words if word not in (*NAMES, *OWNERS, *PEERS)]:
        die(f"no fault or case {unknown[0]}; there are: {' '.join((*NAMES, *OWNERS, *PEERS))}")
    names = [word for word in words if word in NAMES] or NAMES
    cases = [word for word in words if word not in NAMES]
    machines = Machines(MACHINES)
    for case, make in (OWNERS | PEERS).items():
        count = times if case in OWNERS else peer_times
        if count and (case in cases or not cases):
            owner = make(case, home)
            if case in OWNERS:
                measure(machines, Members(owner), count, names)
            measure(machines, owner, count, names)
            owner.end()


main()
