#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Servers that no good server is like, for health checks: each at its port, for IPv4 and IPv6.

checked.py [HOW...]             without words: all of them but "here"
checked.py at ADDRESS HOW...    at an address of IPv4, from which they answer, too

endless                 TCP 8001: status 200, and then a body that does not end
silent                  TCP 8002: takes connections, and says nothing
noise                   TCP 8003: random bytes, and headers that do not end
elsewhere               TCP 8004: listens at 10.0.0.2 alone
here                    TCP 8010: takes connections, and says nothing
agent                   TCP 8011: once "say\n" has come, says the line of the file that $CHECKED_LINE names
udp                     UDP 7: answers "pong " and what came
dns                     UDP 53: one address for good.example, no record for none.example, no such name else; before
                        each answer comes one with a wrong id
"""
import os
import selectors
import socket
import struct
import sys

PORTS = {"endless": 8001, "silent": 8002, "noise": 8003, "elsewhere": 8004, "here": 8010, "agent": 8011, "udp": 7,
         "dns": 53}


def dns(question):
    """The answers to a query."""
    number, _, _, _, _, _ = struct.unpack_from("!6H", question)
    name, at = [], 12
    while question[at]:
        name.append(question[at + 1:at + 1 + question[at]])
        at += question[at] + 1
    asked = question[12:at + 5]
    name = b".".join(name)
    code = 0 if name in (b"good.example", b"none.example") else 3
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1]) if name == b"good.example" else b""
    for answers_to in (number ^ 1, number):
        # The wrong one says the contrary.
        wrong = answers_to != number
        flags = 0x8180 | (3 - code if wrong else code)
        yield struct.pack("!6H", answers_to, flags, 1, bool(record) and not wrong, 0, 0) + \
            asked + (b"" if wrong else record)


def main():
    poll = selectors.DefaultSelector()
    kept = []
    words = sys.argv[1:] or [name for name in PORTS if name not in ("here", "agent")]
    at = words[1] if words[0] == "at" else None
    for how in words[2:] if at else words:
        kind = socket.SOCK_DGRAM if how in ("udp", "dns") else socket.SOCK_STREAM
        alone = at or (how == "elsewhere" and "10.0.0.2")
        sock = socket.socket(socket.AF_INET if alone else socket.AF_INET6, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not alone:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((alone or "", PORTS[how]))
        if kind == socket.SOCK_STREAM:
            sock.listen(128)
        poll.register(sock, selectors.EVENT_READ, (how, None))
    while True:
        for key, _ in poll.select():
            sock, (how, client) = key.fileobj, key.data
            try:
                if how in ("udp", "dns"):
                    data, sender = sock.recvfrom(65536)
                    for answer in [b"pong " + data] if how == "udp" else dns(data):
                        sock.sendto(answer, sender)
                elif not client:
                    other, _ = sock.accept()
                    other.setblocking(False)
                    if how in ("silent", "elsewhere", "here"):
                        kept.append(other)
                        del kept[:-64]
                        continue
                    if how == "agent":
                        poll.register(other, selectors.EVENT_READ, (how, True))
                        continue
                    other.sendall(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if how == "endless" else b"X: "))
                    poll.register(other, selectors.EVENT_WRITE, (how, True))
                elif how == "agent":
                    if sock.recv(64) == b"say\n":
                        with open(os.environ["CHECKED_LINE"], "rb") as line:
                            sock.sendall(line.read())
                    poll.unregister(sock)
                    sock.close()
                else:
                    sock.sendall(b"a" * 65536 if how == "endless" else os.urandom(4096))
            except BlockingIOError:
                pass
            except OSError:
                if client:
                    poll.unregister(sock)
                    sock.close()


if __name__ == "__main__":
    main()
