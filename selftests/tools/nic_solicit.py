#!/usr/bin/python3 -S
# SPDX-License-Identifier: GPL-2.0
"""Solicits a machine from the other end of its cable, and tells whether that got through its NIC and what was answered.

    nic_solicit.py outside HERE THERE    on the host: the other end, a process that sends what it is asked to send, and
                                         tells what it has heard since; HERE and THERE are unix sockets, a datagram is a
                                         frame
    nic_solicit.py ask IFACE             in the machine: has each TARGET that it reads solicited by its group, once. The
                                         first line is "arrived" or "filtered", as the kernel has seen the solicitation
                                         or not; then follows a line for each answer about TARGET that was heard
                                         outside, like those of neighbour.py, and then one with a dot

Both talk in frames of a type of their own to each other's MAC, on the same cable. They overtake nothing, so a silence
is a proof and not a matter of patience. The first line is "nobody" if there is no other end.
"""
import importlib.util
import ipaddress
import pathlib
import socket
import struct
import sys
import time

OURS = 0x88B5                           # for local experiments
OUTSIDE, OUTSIDE_IP = bytes.fromhex("020000000002"), ipaddress.IPv6Address("fe80::2")
SEND, SENT, TELL, TOLD = b"S", b"s", b"T", b"t"
HEAD = struct.Struct("!cIH")
PATIENCE, AGAIN = 20, 2                 # seconds


def neighbour():
    path = pathlib.Path(__file__).resolve().parent / "neighbour.py"
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("neighbour", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


N = neighbour()


def pack(to, own, word, number, rest=b""):
    return to + own + struct.pack("!H", OURS) + HEAD.pack(word, number, len(rest)) + rest


def unpack(frame):
    """(word, number, rest) of a frame of ours, or None."""
    if frame[12:14] != struct.pack("!H", OURS):
        return None
    word, number, length = HEAD.unpack_from(frame, 14)
    return word, number, frame[14 + HEAD.size:14 + HEAD.size + length]


def outside(here, there):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(here)
    heard = []
    while True:
        frame = sock.recv(65536)
        ours = unpack(frame)
        if not ours:
            seen = N.parse(frame)
            # Announcements go to all.
            if seen and seen[0] == "na" and frame[:6] == OUTSIDE:
                heard.append(seen[2])
            continue
        word, number, rest = ours
        if word == SEND:
            heard = []
            sock.sendto(rest, there)
            sock.sendto(pack(frame[6:12], OUTSIDE, SENT, number), there)
        else:
            told = "\n".join(heard).encode()[:1400]
            sock.sendto(pack(frame[6:12], OUTSIDE, TOLD, number, told), there)


class Cable:
    """The machine's end."""

    number = 0

    def __init__(self, iface):
        self.sock, self.own = N.listen(iface), N.link_address(iface)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def call(self, word, answer, rest=b"", want=None):
        """Asks until there is an answer: (rest of it, whether the frame `want` came before)."""
        end, came = time.monotonic() + PATIENCE, False
        while time.monotonic() < end:
            Cable.number += 1
            self.sock.send(pack(OUTSIDE, self.own, word, self.number, rest))
            for frame, outgoing, _ in N.frames(self.sock, min(end, time.monotonic() + AGAIN)):
                if outgoing:
                    continue
                ours = unpack(frame)
                if ours and ours[:2] == (answer, self.number):
                    return ours[2], came
                came |= want is not None and frame[:len(want)] == want
        raise ConnectionError


def ask(iface, target):
    """The lines."""
    target = ipaddress.IPv6Address(target)
    low = target.packed[13:]
    group = ipaddress.IPv6Address(ipaddress.IPv6Address("ff02::1:ff00:0").packed[:13] + low)
    frame = N.icmp6(N.NS, 0, b"\x33\x33\xff" + low, OUTSIDE_IP, group, target, b"\x01\x01" + OUTSIDE, OUTSIDE)
    try:
        with Cable(iface) as cable:
            _, came = cable.call(SEND, SENT, frame, frame)
            # The kernel may show several frames to us before it looks at the first of them.
            # With the next one it is done.
            cable.call(TELL, TOLD)
            told, _ = cable.call(TELL, TOLD)
    except OSError as wrong:
        return ["nobody", str(wrong)]
    return ["arrived" if came else "filtered"] + [
        line for line in told.decode().splitlines() if f" target={target} " in line]


if sys.argv[1] == "outside":
    outside(*sys.argv[2:4])
else:
    for question in sys.stdin:
        print(*ask(sys.argv[2], question.strip()), ".", sep="\n", flush=True)
