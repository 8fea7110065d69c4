#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One established UDP flow to a vip whose packets are counted one by one where they arrive.

    acked VIP PORT ROUNDS PACKETS CLIENT MEMBER... -- ODD -- EVEN
    running VIP PORT ROUNDS PACKETS CLIENT MEMBER... -- ODD -- EVEN
    steady VIP PORT SECONDS CLIENT MEMBER... -- COMMAND
    flood VIP PORT CLIENT

CLIENT and MEMBERs are network namespaces. ODD moves the service from the first MEMBER to the second, EVEN moves it
back; each is a command for the shell, and once it has ended the move is acknowledged. ROUNDS is even: the flow ends
where it began, so that the next one can begin there.

acked sends PACKETS, lets them arrive, moves, and sends PACKETS again, ROUNDS times. running sends all the time, and
moves ROUNDS times with at least PACKETS between. steady sends while COMMAND runs, which shall move nothing, and at
least for SECONDS. These print what became of all packets as one line of JSON:

    sent        all
    lost        arrived nowhere
    twice       arrived more than once
    stale       sent after a move was acknowledged, arrived at the old member
    early       arrived at the new member before the move was asked for
    back        arrived at the old member though an earlier one had arrived at the new
    moves       acknowledged

flood sends until it is ended, whatever becomes of it.
"""
import json
import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import time

from netns import inside

SO_RCVBUFFORCE = 33
PATIENCE = 20
PACE = 0.0005       # between two bursts of a running flow
BURST = 5
FLOOD_PACE = 0.005  # of a flood: enough that packets are always about, and others can run


class Member:
    """The flow's socket at one member, and what has arrived there."""

    def __init__(self, namespace, whom):
        family = socket.AF_INET6 if ":" in whom[0] else socket.AF_INET
        self.sock = inside(namespace, lambda: socket.socket(family, socket.SOCK_DGRAM))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
        # Via nat they are to the member's own address.
        self.sock.bind(("", whom[1]))
        self.sock.setblocking(False)

    def take(self):
        """The numbers that have arrived since."""
        numbers = []
        try:
            while True:
                numbers.append(struct.unpack("!Q", self.sock.recv(64))[0])
        except BlockingIOError:
            return numbers


class Flow:
    def __init__(self, vip, port, client, members):
        self.whom = (vip, int(port))
        self.members = [Member(name, self.whom) for name in members]
        family = socket.AF_INET6 if ":" in vip else socket.AF_INET
        self.sock = inside(client, lambda: socket.socket(family, socket.SOCK_DGRAM))
        self.sock.connect(self.whom)
        self.where = {}         # number of a packet -> members where it arrived, in order
        self.back = 0
        self.newest = [-1 for _ in members]
        # The next number, written by whom sends.
        self.shared = mmap.mmap(-1, 16)
        self.arrived = 0        # all numbers below have arrived
        # (member before, member after, all below had arrived when it was asked for, next number when acknowledged)
        self.moves = []

    def next(self):
        return struct.unpack("=Q", self.shared[:8])[0]

    def send(self, count):
        number = self.next()
        for number in range(number, number + count):
            # First the number, then the packet: what is read here is never behind what was sent.
            self.shared[:8] = struct.pack("=Q", number + 1)
            self.sock.send(struct.pack("!Q", number))

    def drain(self):
        for index, member in enumerate(self.members):
            for number in member.take():
                self.where.setdefault(number, []).append(index)
        while self.arrived in self.where:
            self.arrived += 1

    def settle(self):
        """All that was sent has arrived, or is given up."""
        end = time.monotonic() + PATIENCE
        while len(self.where) < self.next() and time.monotonic() < end:
            select.select([member.sock for member in self.members], [], [], 0.05)
            self.drain()

    def move(self, command, old, new):
        # A packet that was sent may still wait in front of the module,
        # so only what has arrived is known to be before the move.
        self.drain()
        before = self.arrived
        done = subprocess.run(command, shell=True, capture_output=True, check=False, text=True)
        if done.returncode:
            sys.exit(f"{command}: {done.stdout}{done.stderr}")
        self.moves.append((old, new, before, self.next()))

    def start(self):
        """A child that sends all the time; self.stop() ends it."""
        child = os.fork()
        if child == 0:
            while self.shared[8] == 0:
                self.send(BURST)
                time.sleep(PACE)
            os._exit(0)
        return child

    def stop(self, child):
        self.shared[8] = 1
        status = os.waitpid(child, 0)[1]
        if status:
            sys.exit(f"the sender ended: {status}")
        self.settle()

    def pass_on(self, count):
        """Waits until so many more packets were sent."""
        until = self.next() + count
        while self.next() < until:
            time.sleep(0.001)
            self.drain()

    def report(self):
        sent = self.next()
        sums = {"sent": sent, "lost": sent - len(self.where), "moves": len(self.moves),
                "stale": 0, "early": 0, "back": 0, "twice": sum(len(places) > 1 for places in self.where.values())}
        ends = [move[2] for move in self.moves[1:]] + [sent]
        begin = 0
        for (old, new, asked, acked), end in zip(self.moves, ends):
            moved = False
            for number in range(begin, end):
                place = self.where.get(number, [None])[0]
                sums["early"] += number < asked and place == new
                sums["stale"] += number >= acked and place == old
                moved = moved or (number >= asked and place == new)
                sums["back"] += moved and place == old
            begin = acked
        if not self.moves:
            sums["stale"] = sum(places[0] != 0 for places in self.where.values())
        print(json.dumps(sums))


def flood(vip, port, client):
    family = socket.AF_INET6 if ":" in vip else socket.AF_INET
    sock = inside(client, lambda: socket.socket(family, socket.SOCK_DGRAM))
    while True:
        for _ in range(BURST):
            try:
                sock.sendto(b"flood", (vip, int(port)))
            except OSError:
                pass
        time.sleep(FLOOD_PACE)


def split(words):
    """The lists of words between the words `--`."""
    lists = [[]]
    for word in words:
        if word == "--":
            lists.append([])
        else:
            lists[-1].append(word)
    return lists


def main():
    what, *words = sys.argv[1:]
    first, *commands = split(words)
    commands = [" ".join(command) for command in commands]
    if what == "flood":
        flood(*first)
    if what == "steady":
        vip, port, seconds, client, *members = first
        flow = Flow(vip, port, client, members)
        child = flow.start()
        flow.pass_on(100)
        end = time.monotonic() + float(seconds)
        with subprocess.Popen(commands[0], shell=True) as command:
            # What nobody takes the kernel drops, once all sockets have too much of it.
            while command.poll() is None or time.monotonic() < end:
                flow.pass_on(10)
        flow.pass_on(100)
        flow.stop(child)
        flow.report()
        sys.exit(command.returncode)
    vip, port, rounds, packets, client, *members = first
    if int(rounds) % 2:
        sys.exit(f"udp_flow.py: {rounds} rounds: an even number of them leaves the flow where it began")
    flow = Flow(vip, port, client, members)
    child = flow.start() if what == "running" else None
    for index in range(int(rounds)):
        if child:
            flow.pass_on(int(packets))
        else:
            flow.send(int(packets))
            flow.settle()
        flow.move(commands[index % 2], index % 2, 1 - index % 2)
        if not child:
            flow.send(int(packets))
            flow.settle()
    if child:
        flow.pass_on(int(packets))
        flow.stop(child)
    flow.report()


main()
