#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Clients of a service who hold their connections, and members who say who they are.

    FAMILY ANSWER CLIENT MEMBER...

CLIENT and MEMBERs are network namespaces. Answers each line of its input with one line in the file ANSWER, `error: ...`
if it failed, and then with an empty line on standard output:

    serve VIP PORT          every member answers there, by TCP and UDP, with its name
    open N SOURCE           N more connections from that address; who answered each
    say                     who answers each connection now, in their order; `-` if it was reset, or nobody did
    poke NAME               asks on the connections that NAME has answered last, and waits for nothing; how many
    hear NAME               what is answered on those without being asked
    broken                  how many of those that were listened to last were reset
    close NAME|all          resets the connections that NAME has answered last, and waits until it has noticed; how many
    once SOURCE PORT        a connection from that source port, which is reset when it has been answered; who answered
    ask N SOURCE PORT       a datagram from each of N source ports from PORT on; who answered each
    again N SOURCE PORT     N datagrams from that one source port; who answered each
    lost SOURCE PORT        a reset from that source port, of a connection that nobody knows
"""
import contextlib
import ctypes
import os
import selectors
import socket
import struct
import sys
import threading

CLONE_NEWNET = 0x40000000
PATIENCE = 5    # s
RST = 4
ABORT = struct.pack("ii", 1, 0)    # to close is to reset


def inside(name, make):
    """make(), in another network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {name}")
        return make()
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


class Members:
    """What answers, on a thread of its own."""

    def __init__(self, family, names):
        self.family, self.names = family, names
        self.conns, self.left, self.changed = {}, [], threading.Condition()
        self.ready = selectors.DefaultSelector()
        self.wake, wake = socket.socketpair()
        self.ready.register(wake, selectors.EVENT_READ, self.woken)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            for key, _ in self.ready.select():
                key.data(key.fileobj)

    def serve(self, vip, port):
        for name in self.names:
            for kind, data in ((socket.SOCK_STREAM, self.accept), (socket.SOCK_DGRAM, self.reply)):
                sock = inside(name, lambda kind=kind: socket.socket(self.family, kind))
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((vip, port))
                if kind == socket.SOCK_STREAM:
                    sock.listen(4096)
                self.ready.register(sock, selectors.EVENT_READ, lambda sock, data=data, name=name: data(sock, name))
        self.wake.send(b".")

    def accept(self, sock, name):
        conn, who = sock.accept()
        with self.changed:
            self.conns[conn] = (name, who[:2])
        self.ready.register(conn, selectors.EVENT_READ, lambda conn: self.answer(conn, name))

    def answer(self, conn, name):
        if conn not in self.conns:
            return
        try:
            if conn.recv(64):
                conn.send(name.encode())
                return
        except OSError:
            pass
        self.end(conn)

    def end(self, conn):
        self.ready.unregister(conn)
        conn.close()
        with self.changed:
            del self.conns[conn]
            self.changed.notify()

    def woken(self, sock):
        """Ends connections that their clients have left, by a reset that nobody answers."""
        sock.recv(64)
        with self.changed:
            ends = [conn for conn, (_, who) in self.conns.items() if who in self.left]
        for conn in ends:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            self.end(conn)

    def gone(self, name, who):
        """Waits until the member's connection from there has ended, then until every other one's has: who has lost his
        client would send again and again what that has not acknowledged yet,
        and each time the client's reset would be a new flow."""
        with self.changed:
            self.changed.wait_for(lambda: (name, who) not in self.conns.values(), PATIENCE)
            self.left.append(who)
            self.wake.send(b".")
            self.changed.wait_for(lambda: all(who != other for _, other in self.conns.values()), PATIENCE)
            self.left.remove(who)

    def reply(self, sock, name):
        _, who = sock.recvfrom(64)
        # There may be no route to a client that does not exist.
        with contextlib.suppress(OSError):
            sock.sendto(name.encode(), who)


class Clients:
    """The connections, and who asks without any."""

    def __init__(self, family, home, members):
        self.family, self.home, self.members, self.where, self.conns = family, home, members, None, []
        self.resets = 0

    def socket(self, kind, source, port):
        sock = inside(self.home, lambda: socket.socket(self.family, kind))
        sock.settimeout(PATIENCE)
        sock.bind((source, port))
        return sock

    def answer(self, sock):
        try:
            sock.send(b"?")
            return sock.recv(64).decode() or "-"
        except OSError:
            return "-"

    def open(self, n, source):
        names = []
        for _ in range(int(n)):
            sock = self.socket(socket.SOCK_STREAM, source, 0)
            try:
                sock.connect(self.where)
                names.append(self.answer(sock))
                self.conns.append([sock, names[-1]])
            except OSError:
                names.append("-")
                sock.close()
        return " ".join(names)

    def say(self):
        for conn in self.conns:
            conn[1] = self.answer(conn[0])
        return " ".join(name for _, name in self.conns)

    def poke(self, name):
        conns = [sock for sock, last in self.conns if last == name]
        for sock in conns:
            sock.send(b"?")
        return str(len(conns))

    def hear(self, name):
        names = []
        self.resets = 0
        for sock in [sock for sock, last in self.conns if last == name]:
            try:
                names.append(sock.recv(64).decode() or "-")
            except OSError as err:
                names.append("-")
                self.resets += isinstance(err, ConnectionResetError)
        return " ".join(names)

    def broken(self):
        return str(self.resets)

    def close(self, name):
        done = [conn for conn in self.conns if name in ("all", conn[1])]
        self.conns = [conn for conn in self.conns if conn not in done]
        for sock, name in done:
            self.reset(sock, name)
        return str(len(done))

    def reset(self, sock, name):
        """Ends a connection by one packet, which has come to its member then, if it still had one."""
        who = sock.getsockname()[:2]
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        sock.close()
        self.members.gone(name, who)

    def once(self, source, port):
        sock = self.socket(socket.SOCK_STREAM, source, int(port))
        sock.connect(self.where)
        name = self.answer(sock)
        self.reset(sock, name)
        return name

    def ask(self, n, source, port):
        socks = [self.socket(socket.SOCK_DGRAM, source, int(port) + i) for i in range(int(n))]
        names = []
        for sock in socks:
            sock.connect(self.where)
            names.append(self.answer(sock))
            sock.close()
        return " ".join(names)

    def again(self, n, source, port):
        sock = self.socket(socket.SOCK_DGRAM, source, int(port))
        sock.connect(self.where)
        names = [self.answer(sock) for _ in range(int(n))]
        sock.close()
        return " ".join(names)

    def lost(self, source, port):
        sock = inside(self.home, lambda: socket.socket(self.family, socket.SOCK_RAW, socket.IPPROTO_TCP))
        sock.bind((source, 0))
        header = struct.pack("!HHIIBBHHH", int(port), self.where[1], 1, 1, 5 << 4, RST, 0, 0, 0)
        sock.sendto(header, (self.where[0], 0))
        sock.close()
        return "sent"


def main():
    family = socket.AF_INET if sys.argv[1] == "4" else socket.AF_INET6
    members = Members(family, sys.argv[4:])
    clients = Clients(family, sys.argv[3], members)
    for line in sys.stdin:
        verb, *words = line.split()
        try:
            if verb == "serve":
                clients.where = (words[0], int(words[1]))
                members.serve(*clients.where)
                answer = "serving"
            else:
                answer = getattr(clients, verb)(*words)
        except OSError as err:
            answer = f"error: {line.strip()}: {err}"
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            print(answer, file=file)
        print(flush=True)


main()
