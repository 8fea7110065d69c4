#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Fires at a vip in every way while its lease runs out, and looks at what still leaves the holder.

    lease_expiry.py CLIENT HOLDER LEASE NODE EPOCH ROUNDS VIP4 VIP6 [jump|slew]
    lease_expiry.py late LEASE NODE EPOCH ROUNDS

CLIENT and HOLDER are network namespaces, joined by their eth0; HOLDER is NODE there, and both vips are its addresses.
Each round grants the lease under the next epoch, from EPOCH on, for 60 ms, and fires for 30 ms more: ARP, neighbour
solicitations, ICMP echo of both families from the client, and UDP from both vips by a local socket. Of each kind
something must leave before the deadline; a machine that is too slow for that, or for a jump, gets more time for a while
and another round, four times or in one round of fifty.

A frame counts against the module if what caused it was sent after the deadline: all is
done within the call that sends. Where the kernel traces, no packet may have been decided for the holder after the
deadline. Prints what was seen, and how late the events of the expiries were; exit code 1 if anything was wrong.

jump sets the wall clock an hour on or back in each round, 20 ms before the deadline, and slew lets all clocks run a
tenth faster or slower: neither may make any difference.

late asks, right behind a deadline, for a release: the answer must come a margin of 5 ms behind it, or later.
"""
import bisect
import ctypes
import ipaddress
import json
import pathlib
import re
import socket
import struct
import subprocess
import sys
import time

from netlink import Socket, boottime
from netns import inside
from packet import checksum, pseudo

ETH_P_ALL, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 = 3, 0x806, 0x800, 0x86DD
SO_TIMESTAMPNS, SO_RCVBUFFORCE, OUTGOING = 35, 33, 4
MARGIN, LASTS, LONGER, LONGEST = 5_000_000, 60_000_000, 30_000_000, 1_000_000_000
KINDS = ("arp", "nd", "echo4", "echo6", "udp4", "udp6")
TRACING = pathlib.Path("/sys/kernel/tracing")
JUMP, JUMP_BEFORE, ADJ_TICK, TICK = 3600, 20_000_000, 0x4000, 10_000
ROUNDS_A_LOOK = 100
LIBC = ctypes.CDLL(None, use_errno=True)


def wall_offset():
    """What the wall clock is ahead; of many tries the one in which the least time passed between the two clocks."""
    tries = []
    for _ in range(50):
        before, wall = boottime(), time.time_ns()
        tries.append((boottime() - before, wall - before))
    return min(tries)[1]


def packet_socket():
    # No protocol before it is bound: until then it would hear every device.
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind(("eth0", ETH_P_ALL))
    return sock


def ear():
    sock = packet_socket()
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setblocking(False)
    return sock


def speaker(family, vip):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((vip, 0))
    sock.setblocking(False)
    return sock


def checked(head, tail, at, before=b""):
    """HEAD, with the checksum over BEFORE and all of it at AT, and TAIL."""
    total = checksum(before + head + tail)
    return head[:at] + struct.pack("!H", total) + head[at + 2:] + tail


class Frames:
    """What the client sends."""

    def __init__(self, own, to, vip4, vip6):
        self.own, self.to = own, to
        src4, src6 = ipaddress.ip_address("10.0.0.1").packed, ipaddress.ip_address("2001:db8::1").packed
        arp = struct.pack("!HHBBH", 1, ETH_P_IP, 6, 4, 1) + own + src4 + b"\0" * 6 + vip4
        self.all = [b"\xff" * 6 + own + struct.pack("!H", ETH_P_ARP) + arp + b"\0" * 18]
        group = b"\xff\x02" + b"\0" * 9 + b"\1\xff" + vip6[13:]
        self.all.append(self.six(b"\x33\x33" + group[12:], src6, group, struct.pack("!BBHI", 135, 0, 0, 0),
                                 vip6 + b"\1\1" + own))
        echo = checked(struct.pack("!BBHHH", 8, 0, 0, 7, 7), b"", 2)
        head = checked(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(echo), 1, 0, 64, 1, 0) + src4 + vip4, b"", 10)
        self.all.append(to + own + struct.pack("!H", ETH_P_IP) + head + echo)
        self.all.append(self.six(to, src6, vip6, struct.pack("!BBHHH", 128, 0, 0, 7, 7), b""))

    def six(self, to, src, dst, head, tail):
        length = len(head) + len(tail)
        message = checked(head, tail, 2, pseudo(src, dst, 58, length))
        return to + self.own + struct.pack("!HIHBB", ETH_P_IPV6, 6 << 28, length, 58, 255) + src + dst + message


def kind_of(frame, vips):
    """What a frame from a vip is, or None."""
    proto = struct.unpack_from("!H", frame, 12)[0]
    if proto == ETH_P_ARP:
        return "arp" if frame[28:32] == vips[0] and frame[20:22] == b"\0\2" else None
    if proto == ETH_P_IP and frame[26:30] == vips[0]:
        return {1: "echo4", 17: "udp4"}.get(frame[23], "other")
    if proto == ETH_P_IPV6 and frame[22:38] == vips[1]:
        if frame[20] == 58:
            return {136: "nd", 129: "echo6"}.get(frame[54], "other")
        return "udp6"
    return None


class Clock:
    """The wall clock, and what is done to it; stamps of frames are in it, so what it was ahead is kept."""

    def __init__(self, trick):
        if trick not in ("", "jump", "slew"):
            sys.exit(f"{trick}: neither jump nor slew")
        self.trick, self.offsets, self.set, self.jumped = trick, [], False, True

    def begin(self, number):
        self.way = 1 if number % 2 else -1
        self.set = self.jumped = self.trick != "jump"
        self.offsets = [wall_offset()]
        if self.trick == "slew":
            self.tick(TICK + self.way * TICK // 10)

    @staticmethod
    def tick(length):
        # struct timex: modes first, the tick behind seven longs, two ints with their gaps, and a timeval
        timex = bytearray(208)
        struct.pack_into("I", timex, 0, ADJ_TICK)
        struct.pack_into("q", timex, 88, length)
        if LIBC.adjtimex((ctypes.c_char * len(timex)).from_buffer(timex)) < 0:
            raise OSError(ctypes.get_errno(), "adjtimex")

    def look(self, now, deadline):
        """Jumps, once, when it is time."""
        if not self.set and deadline - JUMP_BEFORE <= now < deadline:
            self.set = True
            time.clock_settime_ns(time.CLOCK_REALTIME, time.time_ns() + self.way * JUMP * 10**9)
            self.jumped = boottime() < deadline

    def end(self):
        """Whether the round did what it is for: a machine that stands still, before it jumps or as it does,
        does not."""
        if self.trick == "slew":
            self.tick(TICK)
        self.offsets.append(wall_offset())
        if self.trick == "jump" and self.set and abs(self.offsets[1] - self.offsets[0]) < JUMP * 10**9 // 2:
            sys.exit("the wall clock did not jump")
        return self.jumped

    def boottime(self, stamp):
        """The time since boot of a stamp; before or behind a jump, which no round is long enough to confuse."""
        now = boottime()
        return min((stamp - offset for offset in self.offsets), key=lambda time: abs(time - now))


class Expiries:
    """How late the events of grants that ran out were."""

    def __init__(self, name, lease):
        self.name, self.lease, self.late = name, lease, []
        self.seq = self.events(0)[-1]["seq"]

    def events(self, since):
        return json.loads(subprocess.run(["haadm", "-n", self.name, "-j", "event", "show", "from", str(since)],
                                         check=True, stdout=subprocess.PIPE).stdout)

    def look(self):
        for event in self.events(self.seq + 1):
            self.seq = event["seq"]
            if event["kind"] == "lease" and event["lease"] == self.lease and event["cause"] == "expired":
                self.late.append(event["publish"] - event["decision"])

    def __str__(self):
        late = sorted(self.late) or [-1]
        over = sum(time > 1_000_000 for time in late)
        return (f"{len(self.late)} expiries told, p50 {late[len(late) // 2]} ns late, the worst {late[-1]} ns, "
                f"{over} over 1 ms")


class Trace:
    """The kernel's own word on when a packet was decided."""

    def __init__(self):
        self.switch = TRACING / "events/haswitch/redirect/enable"
        self.usable = self.switch.exists()
        if self.usable:
            self.switch.write_text("1", encoding="ascii")

    def judge(self):
        """(packets decided for the holder in time, after the deadline)"""
        if not self.usable:
            return None
        text = (TRACING / "trace").read_text(encoding="ascii")
        (TRACING / "trace").write_text("", encoding="ascii")
        good = late = 0
        for decision, deadline, verdict in re.findall(r"decision=(\d+) deadline=(\d+) verdict=(\w+)", text):
            if int(deadline) and verdict != "drop":
                good, late = good + (decision < deadline), late + (int(decision) >= int(deadline))
        return good, late

    def end(self):
        if self.usable:
            self.switch.write_text("0", encoding="ascii")


def release_late(lease, node, epoch, rounds):
    module, wrong, number, done = Socket(), [], 0, 0
    while done < rounds and number < 2 * rounds:
        deadline = boottime() + 40_000_000
        answer = module.send("lease-set",
                             {"name": lease, "epoch": epoch + number, "holder": node, "deadline": deadline})
        number += 1
        # The machine stood still for that long: a round more.
        if "has passed" in answer.text and boottime() >= deadline:
            continue
        if answer.code != "0":
            sys.exit(f"round {number}: {answer}")
        while boottime() < deadline:
            pass
        answer = module.send("lease-release", {"name": lease, "epoch": epoch + number - 1})
        after = boottime() - deadline
        done += 1
        if answer.code != "0" or after < MARGIN:
            wrong.append(f"round {number}: {answer}, {after} ns after the deadline")
    if done < rounds:
        wrong.append(f"of {number} rounds only {done} were granted before their deadline, {rounds} were to be")
    print(*wrong, sep="\n")
    sys.exit(1 if wrong else 0)


def main():
    if sys.argv[1] == "late":
        release_late(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    client, holder, lease, node, epoch, rounds, *vips = sys.argv[1:9]
    clock = Clock("".join(sys.argv[9:]))
    packed = [ipaddress.ip_address(vip).packed for vip in vips]
    sender, listener = inside(client, packet_socket), inside(holder, ear)
    talk = [(inside(holder, lambda: speaker(socket.AF_INET, vips[0])), ("10.0.0.1", 9)),
            (inside(holder, lambda: speaker(socket.AF_INET6, vips[1])), ("2001:db8::1", 9))]
    frames = Frames(sender.getsockname()[4], listener.getsockname()[4], *packed)
    module = inside(holder, Socket)
    trace, expiries, wrong, idle = Trace(), Expiries(holder, lease), [], []
    before, latest, decided, granted = {}, 0, [0, 0], 0
    rounds, number, lasts = int(rounds), -1, LASTS
    may = max(4, rounds // 50)

    def again(*missing):
        nonlocal lasts
        idle.append(f"round {number}: no {', '.join(missing)} in the {lasts / 1e6:.0f} ms before the deadline")
        lasts = min(2 * lasts, LONGEST)

    while (number := number + 1) < rounds + min(len(idle), may):
        deadline = boottime() + lasts
        answer = module.send("lease-set",
                             {"name": lease, "epoch": int(epoch) + number, "holder": node, "deadline": deadline})
        if "has passed" in answer.text and boottime() >= deadline:
            again("grant")
            continue
        if answer.code != "0":
            sys.exit(f"round {number}: {answer}")
        granted += 1
        began_at = []
        clock.begin(number)
        while (now := boottime()) < deadline + LONGER:
            clock.look(now, deadline)
            for frame in frames.all:
                began_at.append(boottime())
                sender.send(frame)
            for sock, peer in talk:
                began = boottime()
                began_at.append(began)
                try:
                    sock.sendto(b"x", peer)
                    if began >= deadline:
                        wrong.append(f"round {number}: output from a vip, begun {began - deadline} ns "
                                     "after the deadline")
                except OSError:
                    if boottime() < deadline:
                        wrong.append(f"round {number}: no output from a vip {deadline - now} ns before the deadline")
        seen, done = {}, clock.end()
        while True:
            try:
                frame, extra, _, where = listener.recvmsg(2048, 256)
            except BlockingIOError:
                break
            kind = kind_of(frame, packed) if where[2] == OUTGOING else None
            if not kind:
                continue
            seconds, nanos = struct.unpack("qq", extra[0][2][:16])
            late = clock.boottime(seconds * 10**9 + nanos) - deadline
            seen[kind] = seen.get(kind, 0) + (late < 0)
            latest = max(latest, late)
            call = bisect.bisect_right(began_at, late + deadline)
            if late > 0 and call and began_at[call - 1] >= deadline:
                wrong.append(f"round {number}: {kind} left {late} ns after the deadline")
        for kind in KINDS:
            before[kind] = before.get(kind, 0) + seen.get(kind, 0)
        if missing := [kind for kind in KINDS if not seen.get(kind)] + ([] if done else ["jump of the wall clock"]):
            again(*missing)
        else:
            # By and by as short again as they were: among thousands a few are held up.
            lasts -= (lasts - LASTS) // 100
        judged = trace.judge()
        if judged:
            decided = [a + b for a, b in zip(decided, judged)]
        if number % ROUNDS_A_LOOK == ROUNDS_A_LOOK - 1:
            expiries.look()
    expiries.look()
    trace.end()
    if len(idle) > may:
        wrong += idle
    if len(expiries.late) != granted:
        wrong.append(f"{len(expiries.late)} expiries were told")
    if decided[1]:
        wrong.append(f"{decided[1]} packets were decided for the holder after the deadline")
    if trace.usable and not decided[0]:
        wrong.append("nothing was traced")
    print(f"{granted} rounds, in time {before}, the last frame {latest} ns after a deadline,",
          f"decided in time {decided[0]}, late {decided[1]}" if trace.usable else "not traced")
    print(expiries)
    if idle:
        print(f"{len(idle)} rounds were held up, the last {idle[-1]}")
    for line in wrong[:20]:
        print(line)
    sys.exit(1 if wrong else 0)


main()
