# SPDX-License-Identifier: GPL-2.0
"""The wires between a benchmark's machines, which are namespaces, and how they are cut."""
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

# Those who import this find the library of the tests as well.
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lib" / "py"))
from netns import inside

NETLINK_ROUTE, RTM_SETLINK = 0, 19
NLM_F_REQUEST, NLM_F_ACK, AF_BRIDGE, IFLA_PROTINFO, NESTED = 1, 4, 7, 12, 0x8000
DISABLED, FORWARDING = 0, 3
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
PATIENCE = 20


def boottime():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def die(text):
    sys.exit(f"bench: {text}")


def haadm(name, *words):
    done = subprocess.run(["haadm", "-n", name, "-j", *words], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        die(f"haadm -n {name} {' '.join(words)}: exit {done.returncode}")
    return json.loads(done.stdout) if done.stdout.strip() else []


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            die(f"after {PATIENCE} s not yet: {what}")
        time.sleep(0.01)


def ended(process, what):
    """Whether it has; it must not have failed."""
    code = process.poll()
    if code:
        die(f"{what}: exit {code}")
    return code is not None


class Cable:
    """A port of a bridge; what was asked for last is so when set() returns."""

    def __init__(self, port):
        self.index = socket.if_nametoindex(port)
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE)
        self.sock.bind((0, 0))

    def set(self, state):
        """When it was asked for, and how long it took."""
        message = struct.pack("=BxHiII", AF_BRIDGE, 0, self.index, 0, 0)
        message += struct.pack("=HHHHB3x", 12, IFLA_PROTINFO | NESTED, 5, 1, state)
        message = struct.pack("=IHHII", 16 + len(message), RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + message
        asked = boottime()
        self.sock.send(message)
        answer = self.sock.recv(1 << 16)
        took = boottime() - asked
        code, = struct.unpack_from("=i", answer, 16)
        if code:
            die(f"the bridge's port can't be set: {os.strerror(-code)}")
        return asked, took


class Device:
    """A device of a namespace, which can be set down."""

    def __init__(self, name, device):
        self.sock = inside(name, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.device = device.encode()

    def set(self, up):
        """When it was asked for, and how long it took."""
        request = struct.pack("16sh22x", self.device, 0)
        flags, = struct.unpack_from("h", fcntl.ioctl(self.sock, SIOCGIFFLAGS, request), 16)
        request = struct.pack("16sh22x", self.device, flags | IFF_UP if up else flags & ~IFF_UP)
        asked = boottime()
        fcntl.ioctl(self.sock, SIOCSIFFLAGS, request)
        return asked, boottime() - asked
