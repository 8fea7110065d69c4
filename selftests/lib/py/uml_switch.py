# SPDX-License-Identifier: GPL-2.0
"""A virtual switch for UML kernels (their daemon transport) that knows when each frame was sent,
and whose ports can be spoilt.

A port is named after its machine. The machine's network device is "daemon,MAC,unix,FOLDER/NAME.ctl". The host's kernel
stamps each frame as the machine sends it, so this process being late makes no time wrong.
All times are ns of CLOCK_MONOTONIC.
"""
import heapq
import itertools
import os
import random
import select
import socket
import struct
import time

MAGIC, VERSION = 0xfeedface, 3              # of UML's request for a port
REQUEST = struct.Struct("IIIH108s2x")
SO_TIMESTAMPNS = 35
STAMP = struct.Struct("qq")


def now():
    return time.monotonic_ns()


class Port:
    """The place of one machine: its sockets, and what is wrong with its cable."""

    def __init__(self, folder, name):
        self.name, self.mac, self.address, self.control = name, None, None, None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(f"{folder}/{name}.ctl")
        self.listener.listen(1)
        self.path = f"{folder}/{name}.data"
        self.data = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.data.bind(self.path)
        self.data.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.data.setblocking(False)
        self.loss = {"in": [], "out": []}   # of frames from the machine, and to it: each a part of 1
        self.delay = []                     # of frames to the machine, ns
        self.unheard = 0                    # so much keeps the frames from the other ports, and not from heard()

    def accept(self):
        """A kernel wants a port: the one before it, if any, is gone."""
        sock, _ = self.listener.accept()
        magic, version, _, family, path = REQUEST.unpack(sock.recv(REQUEST.size, socket.MSG_WAITALL))
        if (magic, version, family) != (MAGIC, VERSION, socket.AF_UNIX):
            raise OSError(f"{self.name}: not UML's request for a port")
        if self.control:
            self.control.close()
        # The name is not text, and has all bytes of the structure.
        self.control, self.address = sock, path
        sock.sendall(struct.pack("H108s", socket.AF_UNIX, self.path.encode()))

    def spoilt(self, way):
        return any(random.random() < part for part in self.loss[way])

    def write(self, frame):
        """What a machine that is stopped, gone or too slow does not take is lost, as on any network."""
        try:
            self.data.sendto(frame, self.address)
        except OSError:
            pass


class Switch:
    """Ports for machines, and a place for the one who uses it: heard(name, frame,
    when) is told each frame of a machine."""

    def __init__(self, folder, names, heard):
        self.ports = {name: Port(folder, name) for name in names}
        self.by_mac, self.heard = {}, heard
        self.queue, self.counter = [], itertools.count()
        self.poll, self.files = select.poll(), {}
        for port in self.ports.values():
            for sock, what in ((port.listener, port.accept), (port.data, lambda port=port: self.drain(port))):
                self.poll.register(sock, select.POLLIN)
                self.files[sock.fileno()] = what
        self.worst = 0                      # from the sending of a frame until it was read here
        self.frames = 0
        self.shift = self.ahead()
        self.stepped = 0                    # by how much the host's time of day moved against CLOCK_MONOTONIC, at most

    @staticmethod
    def ahead():
        """CLOCK_REALTIME minus CLOCK_MONOTONIC: the kernel stamps by the first."""
        before = now()
        real = time.time_ns()
        return real - (before + now()) // 2

    def after(self, span, what):
        """Has something done in so many ns."""
        heapq.heappush(self.queue, (now() + span, next(self.counter), what))

    def drain(self, port):
        while True:
            try:
                frame, more, _, _ = port.data.recvmsg(2048, 64)
            except BlockingIOError:
                return
            seconds, ns = STAMP.unpack(more[0][2])
            when = seconds * 10**9 + ns - self.shift
            self.worst = max(self.worst, now() - when)
            self.frames += 1
            self.by_mac[frame[6:12]] = port
            self.heard(port.name, frame, when)
            if not port.unheard and not port.spoilt("in"):
                self.forward(port, frame)

    def forward(self, port, frame):
        to = self.by_mac.get(frame[:6])
        if to:
            self.deliver(to, frame)
        elif frame[0] & 1:
            for other in self.ports.values():
                if other is not port:
                    self.deliver(other, frame)

    def deliver(self, port, frame):
        if not port.address or port.spoilt("out"):
            return
        if port.delay:
            self.after(max(port.delay), lambda: port.write(frame))
        else:
            port.write(frame)

    def step(self, most=10**8):
        """Waits for the next frame or the next thing to do, for so many ns at most, and does it."""
        ahead = self.ahead()
        if abs(ahead - self.shift) > 10**5:
            self.stepped = max(self.stepped, abs(ahead - self.shift))
            self.shift = ahead
        left = min(max(self.queue[0][0] - now(), 0), most) if self.queue else most
        for fd, _ in self.poll.poll(left / 10**6):
            self.files[fd]()
        while self.queue and self.queue[0][0] <= now():
            heapq.heappop(self.queue)[2]()

    def close(self):
        for port in self.ports.values():
            port.listener.close()
            port.data.close()
            os.unlink(port.path)
