#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The network of two machines, and who asks them for a vip while one of them is stopped together with its clock.

    paused_net.py serve               in a machine: tells the time, and does what it is told about the lease l
    paused_net.py measure FOLDER      on the host: stops and continues machine a, prints what was seen as JSON

FOLDER/NAME.port is this end of a machine's cable, FOLDER/NAME.nic that of its NIC (unix sockets, a datagram is a
frame), FOLDER/NAME.qmp its monitor. Two cases: `heard`, in which machine a hears the heartbeats of machine b when it
goes on, which say under which epoch that was granted the lease, and `alone`, in which it hears nothing of the kind.

The clock of this process is the only one that never stands still. Those of the machines are read over the network all
the time: what one said was true between question and answer. An answer counts against the machine if it was asked for
after its deadline, whatever is late on the way; then `late` counts it.
"""
import heapq
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True          # on the host this is the tree itself

from packet import checksum  # noqa: E402

MACS = {"a": bytes.fromhex("020000000001"), "b": bytes.fromhex("020000000002")}
ADDRS = {"a": bytes([10, 0, 0, 1]), "b": bytes([10, 0, 0, 2])}
MAC, ADDR, VIP = bytes.fromhex("020000000009"), bytes([10, 0, 0, 9]), bytes([10, 0, 0, 100])
ASKED, CLOCK, ORDERS = 7, 7000, 7001
MS, S = 10**6, 10**9
EVERY = {"vip": 5 * MS, "clock": 20 * MS}
MARGIN = 5 * MS                         # between a decision and the frame
HEARTBEATS = 500 * MS                   # five of them
ENOUGH = 20                             # answers, to call it serving


def boottime():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def now():
    return time.monotonic_ns()


# In a machine

def haadm(*words):
    done = subprocess.run(["haadm", "-j", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def grant(epoch, holder, lasts):
    until = boottime() + lasts
    code, _, error = haadm("lease", "set", "l", "epoch", str(epoch), "holder", holder, "until", str(until))
    return until if code == 0 else error


def obey(order):
    if order[0] == "grant":
        return grant(*order[1:])
    if order[0] == "holder":
        return json.loads(haadm("lease", "show", "l")[1])[0].get("holder")
    if order[0] == "events":
        events = [event for event in json.loads(haadm("event", "show")[1]) if event["kind"] == "lease"]
        return [[event["cause"], event["epoch"], event.get("node"), event["decision"], event["publish"]]
                for event in events[-4:]]
    if order[0] == "deaf":
        return haadm("pulse", "del", order[1])[0]
    return "ended"


def serve():
    clock, orders = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    clock.bind(("", CLOCK))
    orders.bind(("", ORDERS))
    if os.fork() == 0:
        while True:
            message, peer = clock.recvfrom(64)
            clock.sendto(message + struct.pack("!Q", boottime()), peer)
    last, answer = 0, b""
    while answer != b'"ended"':
        message, peer = orders.recvfrom(1400)
        number = struct.unpack("!Q", message[:8])[0]
        # Who hears no answer asks again, for the same.
        if number != last:
            last, answer = number, json.dumps(obey(json.loads(message[8:]))).encode()
        orders.sendto(message[:8] + answer[:1400], peer)


# On the host

def packet(to, dest, proto, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, proto, 0, ADDR, dest)
    return to + MAC + b"\x08\x00" + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def echo_request(to, dest, payload):
    head = struct.pack("!BBHHH", 8, 0, 0, ASKED, 0)
    return packet(to, dest, 1, head[:2] + struct.pack("!H", checksum(head + payload)) + head[4:] + payload)


def datagram(to, dest, port, payload):
    return packet(to, dest, 17, struct.pack("!HHHH", port, port, 8 + len(payload), 0) + payload)


class Monitor:
    """QEMU's, which stops and continues a machine with all its clocks."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(path))
        self.lines = self.sock.makefile("r")
        self.lines.readline()
        self.do("qmp_capabilities")

    def do(self, command):
        """Returns when it has been done, and the times before and after."""
        before = now()
        self.sock.sendall(json.dumps({"execute": command}).encode() + b"\n")
        while "return" not in (answer := json.loads(self.lines.readline())):
            if "error" in answer:
                sys.exit(f"{command}: {answer['error']}")
        return before, now()


class Network:
    """Connects the machines, and asks each of them for the vip and for its time."""

    def __init__(self, folder):
        self.folder, self.socks, self.number, self.due = folder, {}, 0, []
        self.asked = {}                 # number: (machine, when)
        self.answers = []               # (machine that answered, when it was asked, when it answered)
        self.clocks = []                # (machine, asked, answered, what it said)
        self.claims = []                # (machine, when) of ARP frames that claim the vip
        self.replies = {}
        for name in MACS:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sock.bind(str(folder / f"{name}.port"))
            sock.setblocking(False)
            self.socks[name] = sock
            for what in EVERY:
                heapq.heappush(self.due, (now(), what, name))

    def send(self, name, frame):
        """What does not fit into a queue is lost, as on any network; so is what a stopped machine does not take."""
        try:
            self.socks[name].sendto(frame, str(self.folder / f"{name}.nic"))
        except (BlockingIOError, FileNotFoundError, ConnectionRefusedError):
            pass

    def ask(self, what, name):
        self.number += 1
        payload = struct.pack("!Q", self.number)
        self.asked[self.number] = (name, now())
        if what == "vip":
            self.send(name, echo_request(MACS[name], VIP, payload))
        else:
            self.send(name, datagram(MACS[name], ADDRS[name], CLOCK, payload))

    def take(self, name, frame):
        when = now()
        if frame[:6] != MAC:
            for other in MACS:
                if other != name and (frame[:6] == MACS[other] or frame[0] & 1):
                    self.send(other, frame)
            if frame[12:14] == b"\x08\x06" and frame[28:32] == VIP:
                self.claims.append((name, when))
            return
        if frame[12:14] != b"\x08\x00" or len(frame) < 50:
            return
        rest = frame[14 + (frame[14] & 15) * 4:14 + struct.unpack("!H", frame[16:18])[0]]
        if frame[23] == 1 and rest[0] == 0 and frame[26:30] == VIP:
            number = struct.unpack("!Q", rest[8:16])[0]
            self.answers.append((name, self.asked[number][1], when))
        elif frame[23] == 17 and struct.unpack("!H", rest[:2])[0] == CLOCK:
            number, said = struct.unpack("!QQ", rest[8:24])
            self.clocks.append((name, self.asked[number][1], when, said))
        elif frame[23] == 17 and struct.unpack("!H", rest[:2])[0] == ORDERS:
            self.replies[struct.unpack("!Q", rest[8:16])[0]] = (rest[16:], when)

    def pump(self, done, patience):
        """Runs the network until done(), or for so long."""
        end = now() + patience
        while not done() and now() < end:
            while self.due[0][0] <= now():
                when, what, name = heapq.heappop(self.due)
                self.ask(what, name)
                heapq.heappush(self.due, (max(when + EVERY[what], now()), what, name))
            left = max(0, self.due[0][0] - now()) / S
            ready = select.select(self.socks.values(), [], [], left)[0]
            for name, sock in self.socks.items():
                if sock in ready:
                    try:
                        while True:
                            self.take(name, sock.recv(65536))
                    except BlockingIOError:
                        pass

    def must(self, done, what, patience=60 * S):
        end = now() + patience
        while not done():
            if now() > end:
                sys.exit(f"not within {patience // S} s: {what}")
            self.pump(lambda: False, S // 50)

    def order(self, name, *words, patience=60 * S):
        """Has a machine do something: (its answer, when that came)."""
        self.number += 1
        number, end = self.number, now() + patience
        while number not in self.replies:
            if now() > end:
                sys.exit(f"{name} does not answer: {words}")
            self.send(name,
                      datagram(MACS[name], ADDRS[name], ORDERS, struct.pack("!Q", number) + json.dumps(words).encode()))
            self.pump(lambda: number in self.replies, S // 20)
        text, when = self.replies.pop(number)
        return json.loads(text), when

    def grant(self, name, epoch, holder, lasts):
        until, when = self.order(name, "grant", epoch, holder, lasts)
        if not isinstance(until, int):
            sys.exit(f"{name} refuses: {until}")
        return until, when

    def offset(self, name, since, until):
        """What our clock is ahead of a machine's: (at least, at most), by all that it said in this time."""
        told = [(asked - said, answered - said) for who, asked, answered, said in self.clocks
                if who == name and since <= asked and answered <= until]
        if len(told) < 3:
            sys.exit(f"{name} has told the time only {len(told)} times")
        return max(low for low, _ in told), min(high for _, high in told)

    def count(self, name, since, until=None):
        """Answers of a machine about the vip to questions of that time."""
        return sum(1 for who, asked, _ in self.answers if who == name and since <= asked and
                   (until is None or asked < until))


def case(net, monitor, epoch, lasts, heard):
    """One stop of machine a under `epoch`, in which machine b takes the lease under the next one."""
    # The other one takes it for valid a little longer, as a voter would.
    net.grant("b", epoch, "a", lasts + S // 2)
    begun = now()
    deadline, _ = net.grant("a", epoch, "a", lasts)
    net.must(lambda: net.count("a", begun) >= ENOUGH and sum(c[0] == "a" and c[1] >= begun for c in net.clocks) >=
             ENOUGH, "machine a serves")
    stop, stopped = monitor.do("stop")
    low, high = net.offset("a", begun, stop)
    stood_at = (stop - high, stopped - low)

    while net.order("b", "holder")[0] is not None:
        net.pump(lambda: False, S // 20)
    net.grant("b", epoch + 1, "b", 9 * S)
    taken = now()
    # Longer than the rest of its lease, by our clock.
    net.must(lambda: net.count("b", taken) >= ENOUGH and now() - stopped > deadline - stood_at[0] + S,
             "machine b serves")
    cont, continued = monitor.do("cont")

    def over():
        said = [said for who, asked, _, said in net.clocks if who == "a" and asked >= continued]
        return len(said) >= ENOUGH and said[-1] > (stood_at[1] + 3 * S if heard else deadline + S)

    net.must(over, "machine a goes on", 40 * S)
    end = now()
    events, _ = net.order("a", "events")
    ended = next((event for event in events if event[1] == epoch and event[0] != "granted"), None)
    if not ended:
        sys.exit(f"machine a has not ended its grant: {events}")
    low_after, high_after = net.offset("a", continued, end)
    last_asked = max((asked for who, asked, _ in net.answers if who == "a" and asked >= cont), default=None)
    last_answered = max((when for who, _, when in net.answers if who == "a" and when >= cont), default=None)
    own_time = continued + HEARTBEATS if heard else deadline + high_after
    return {
        # Times in ms; of two, one that is certainly not longer and one that is certainly not shorter.
        "stopped_for": [(cont - stopped) / MS, (continued - stop) / MS],
        "clock_stood_for": [(low_after - high) / MS, (high_after - low) / MS],
        "rest": [(deadline - stood_at[1]) / MS, (deadline - stood_at[0]) / MS],
        # By its own clock, from where that stood: when it ended, and when the module had noticed.
        "ended_after": [(ended[3] - at) / MS for at in reversed(stood_at)],
        "noticed_after": [(ended[4] - at) / MS for at in reversed(stood_at)],
        "cause": ended[0],
        # By our clock, from the continuation on.
        "last_asked_after": last_asked and (last_asked - cont) / MS,
        "last_answer_after": last_answered and (last_answered - cont) / MS,
        # Packets to the vip that machine a answered: asked for before it went on, since then,
        # and of these when it must not.
        "answers_to_what_waited": sum(1 for who, asked, when in net.answers if who == "a" and asked < cont <= when),
        "answers": net.count("a", cont),
        "late": sum(1 for who, asked, _ in net.answers if who == "a" and asked >= cont and asked > own_time + MARGIN),
        "claims": sum(1 for who, when in net.claims if who == "a" and when >= cont),
        # Of the other holder: while machine a was stopped, and while both answered.
        "answers_of_b": net.count("b", taken, cont),
        "answers_of_both": net.count("b", cont, last_asked or cont),
        # So often has machine a told the time after its end: it was there.
        "asked_after_end": sum(1 for who, asked, _, _ in net.clocks if who == "a" and asked > own_time + MARGIN),
        "events": events,
    }


def measure(folder):
    net = Network(folder)
    for name in MACS:
        net.order(name, "holder", patience=150 * S)
    monitor = Monitor(folder / "a.qmp")
    result = {"heard": case(net, monitor, 1, 9 * S, True)}
    net.order("a", "deaf", "b")
    result["alone"] = case(net, monitor, 3, 6 * S, False)
    for name in MACS:
        net.order(name, "end")
    print(json.dumps(result, indent=1))


if sys.argv[1] == "serve":
    serve()
else:
    measure(pathlib.Path(sys.argv[2]))
