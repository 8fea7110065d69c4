#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A traffic generator of ears, sockets and injected frames in network namespaces, told what to do by lines on stdin.

    ear NAME NS DEV [SEGMENT]       listens and injects there; ears of one segment hear each other's broadcasts
    deaf NAME                       that ear is closed
    shot NAME KEY=VALUE...          sends a frame from there and tells what all ears heard until it has had its effect
    heard                           what all ears heard since the last shot, once that is over
    serve NS KIND ADDR PORT WORD    a real socket (udp, tcp) that answers WORD, and what it was sent
                                    nothing if WORD is -
    close WORD                      the sockets that answer that are closed
    count NS                        remembers the module's counters in a namespace
    grown NS [COUNTER=N]...         whether just these have grown since by so much, once the last shot is over; what
                                    ARP, ND and announcements do is left out
    send NS ADDR PORT [from=ADDR] [sport=N] [data=HEX] [stray=SRC,DST]
                                    a datagram of a program there, which may be refused; stray=: with what a node that
                                    sends on a stray between these would write
    talk NS KIND ADDR PORT [from=ADDR] [sport=N] [text=TEXT] [wait=SECONDS]
                                    a real client; tells the answer, or `silence`

The answer to each line is in the file that the argument names once stdout has told `ok`, or `wrong`: a line that begins
with `error` then tells what was wrong with the line.

Keys of a shot:
    src= dst= from= to=             addresses; from= (own) and to= are those of the link
    proto=udp|tcp|icmp|echo|ns|N sport= dport= flags=2 ack=0 (of TCP)
    ttl=64 len=32 (of the payload) df=0|1 text= id= flow=
    cut=N pad=N                     only N bytes after the IP header are there; N bytes follow the packet in its frame
    frag=N order=forth|back         in pieces of at most N bytes of payload each; which one first
    ext=N first=N                   IPv6: N bytes of destination options in front; in front of each piece, too
    auth=N                          IPv6: N bytes of an authentication header in front of each piece, before first=
    about=unreach|frag inner=SRC,SPORT,DST,DPORT[,PROTO] mtu=1280      an ICMP error about that packet
    vlan=N lost=N                   VLAN tag; the Nth piece (from 0) is not sent
    tos=N                           type of service, traffic class
    outer=SRC,DST outer-tos=N       each packet inside an IP packet between these
    gue=SPORT gue-sum=ok|none|bad   that is one of UDP, by GUE to port 6949
A heard frame is a line of words: EAR in|out, protocol, KEY=VALUE... (len is that of the IP packet). What is told of an
IP packet inside another one, or inside an ICMP error, has `inner:` in front of each word. UDP with GUE and no more is
protocol `gue`.

What a shot does is over when broadcasts that were sent behind it from every ear, three times around, have been
heard by every ear of the segment: all is done on one CPU, whose queues are served in order.
"""
import fcntl
import ipaddress
import os
import select
import shlex
import socket
import struct
import sys
import time

from haadm import Haadm, Refused
from netns import inside
from packet import checksum, datagram, pseudo

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, ETH_P_FENCE = 3, 0x800, 0x86DD, 0x88B5
SO_RCVBUFFORCE, PACKET_AUXDATA, SOL_PACKET = 33, 8, 263
SIOCGIFNAME, SIOCGIFFLAGS, SIOCGIFINDEX = 0x8910, 0x8913, 0x8933
PATIENCE = 20
GUE = 6949
STRAY_MARK = 0x48415301     # private data of a stray's GUE header: this, and 64 bits of zero
PROTOS = {"udp": 17, "tcp": 6, "icmp": 1, "icmp6": 58, "ipip": 4, "ipv6": 41}


class Wrong(Exception):
    """A line that can't be done."""


def mac(words):
    return bytes(int(byte, 16) for byte in words.split(":"))


def mac_text(data):
    return ":".join(f"{byte:02x}" for byte in data)


def options(following, size):
    """So many bytes of destination options that mean nothing, before a header of that number."""
    return struct.pack("!BBBB", following, size // 8 - 1, 1, size - 4) + b"\0" * (size - 4) if size else b""


def auth_header(following, size):
    """An authentication header of so many bytes (RFC 4302), which nobody here can verify."""
    return struct.pack("!BBHII", following, size // 4 - 2, 0, 1, 1) + b"\0" * (size - 12) if size else b""


class Frame:
    """Builds what a shot's keys describe."""

    def __init__(self, keys, own):
        self.keys = keys
        try:
            self.src, self.dst = ipaddress.ip_address(keys["src"]), ipaddress.ip_address(keys["dst"])
            self.to = mac(keys["to"])
        except KeyError as missing:
            raise Wrong(f"shot without {missing}") from missing
        self.own = mac(keys["from"]) if "from" in keys else own
        self.six = self.src.version == 6

    def number(self, key, default):
        return int(str(self.keys.get(key, default)), 0)

    def payload(self):
        text = self.keys.get("text", "").encode()
        return text + bytes(i % 251 for i in range(max(0, self.number("len", 32) - len(text))))

    def error(self):
        """An ICMP error about a packet of that flow."""
        src, sport, dst, dport, *proto = self.keys["inner"].split(",")
        src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
        proto = PROTOS[proto[0]] if proto else 17
        inner = struct.pack("!HHHH", int(sport), int(dport), 40, 0) + b"\0" * 32
        if src.version == 6:
            inner = struct.pack("!IHBB", 6 << 28, len(inner), proto, 60) + src.packed + dst.packed + inner
            kind = {"unreach": (1, 4), "frag": (2, 0)}[self.keys["about"]]
        else:
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(inner), 7, 0, 60, proto, 0) + src.packed + dst.packed
            inner = head[:10] + struct.pack("!H", checksum(head)) + head[12:] + inner
            kind = {"unreach": (3, 3), "frag": (3, 4)}[self.keys["about"]]
        return struct.pack("!BBHI", *kind, 0, self.number("mtu", 1280) if self.keys["about"] == "frag" else 0) + inner

    def transport(self):
        """(protocol number, bytes)"""
        proto = self.keys.get("proto", "udp")
        sport, dport = self.number("sport", 1000), self.number("dport", 53)
        if "about" in self.keys:
            proto, data = 58 if self.six else 1, self.error()
        elif proto == "echo":
            data = struct.pack("!BBHHH", 128 if self.six else 8, 0, 0, sport, 1) + self.payload()
            proto = 58 if self.six else 1
        elif proto == "ns":
            proto, data = 58, struct.pack("!BBHI", 135, 0, 0, 0) + self.dst.packed + self.payload()
        elif proto == "udp":
            payload = self.payload()
            data = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
            proto = 17
        elif proto == "tcp":
            data = struct.pack("!HHIIBBHHH", sport, dport, 1, self.number("ack", 0), 0x50, self.number("flags", 2),
                               8192, 0, 0) + self.payload()
            proto = 6
        else:
            return int(proto), self.payload()
        at = {17: 6, 6: 16}.get(proto, 2)
        covered = data if proto == 1 else pseudo(self.src.packed, self.dst.packed, proto, len(data)) + data
        value = checksum(covered) or 0xFFFF
        return proto, data[:at] + struct.pack("!H", value) + data[at + 2:]

    def head4(self, proto, length, offset, more):
        flags = (0x4000 if self.number("df", 0) else 0) | (0x2000 if more else 0) | offset // 8
        head = struct.pack("!BBHHHBBH", 0x45, self.number("tos", 0), 20 + length, self.number("id", 99),
                           flags, self.number("ttl", 64), proto, 0) + self.src.packed + self.dst.packed
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:]

    def head6(self, proto, length):
        return (struct.pack("!IHBB", 6 << 28 | self.number("tos", 0) << 20 | self.number("flow", 0),
                            length, proto, self.number("ttl", 64))
                + self.src.packed + self.dst.packed)

    def packets(self):
        proto, data = self.transport()
        if "cut" in self.keys:
            data = data[:self.number("cut", 0)]
        if self.six and "ext" in self.keys:
            size = self.number("ext", 8)
            data = options(proto, size) + data
            proto = 60
        size = self.number("frag", 0)
        if not size:
            return [(self.head6(proto, len(data)) if self.six else self.head4(proto, len(data), 0, False)) + data]
        pieces = []
        for offset in range(0, len(data), size):
            part, more = data[offset:offset + size], offset + size < len(data)
            if self.six:
                part = struct.pack("!BBHI", proto, 0, offset | more, self.number("id", 99)) + part
                proto6 = 44
                for kind, make, key in ((60, options, "first"), (51, auth_header, "auth")):
                    if head := make(proto6, self.number(key, 0)):
                        proto6, part = kind, head + part
                pieces.append(self.head6(proto6, len(part)) + part)
            else:
                pieces.append(self.head4(proto, len(part), offset, more) + part)
        if "lost" in self.keys:
            del pieces[self.number("lost", 0)]
        return pieces[::-1] if self.keys.get("order") == "back" else pieces

    def frames(self):
        tag = struct.pack("!HH", 0x8100, self.number("vlan", 0)) if "vlan" in self.keys else b""
        packets, six = self.packets(), self.six
        if "outer" in self.keys:
            packets, six = self.inside(packets)
        link = self.to + self.own + tag + struct.pack("!H", ETH_P_IPV6 if six else ETH_P_IP)
        padding = b"\xaa" * self.number("pad", 0)
        return [link + packet + padding for packet in packets]

    def inside(self, packets):
        """The packets in those around them, and whether these are IPv6."""
        src, dst = self.keys["outer"].split(",")
        outer = Frame({"src": src, "dst": dst, "to": self.keys["to"], "tos": self.keys.get("outer-tos", 0)}, self.own)
        make, proto = outer.head6 if outer.six else outer.head4, 41 if self.six else 4
        if "gue" in self.keys:
            packets, proto = [self.gue(p, proto, outer) for p in packets], 17
        return [(make(proto, len(p)) if outer.six else make(proto, len(p), 0, False)) + p for p in packets], outer.six


    def gue(self, packet, proto, outer):
        """The packet behind headers of UDP and GUE."""
        data = struct.pack("!HHHHBBH", self.number("gue", 50000), GUE, 12 + len(packet), 0, 0, proto, 0) + packet
        value = checksum(pseudo(outer.src.packed, outer.dst.packed, 17, len(data)) + data) or 0xFFFF
        value = {"ok": value, "none": 0, "bad": value ^ 0x5555 or 1}[self.keys.get("gue-sum", "ok")]
        return data[:6] + struct.pack("!H", value) + data[8:]


def tell_transport(proto, data, ends, whole):
    """Words about a transport header; ends are the packet's addresses for the checksum."""
    src, dst = ends
    if proto in (17, 6) and len(data) >= 4:
        sport, dport = struct.unpack("!HH", data[:4])
        words = ["udp" if proto == 17 else "tcp", f"sport={sport}", f"dport={dport}"]
        if proto == 17 and dport == GUE and whole and data[8:9] == b"\0" and data[9:10] in (b"\4", b"\51"):
            words[0] = "gue"
            words += [f"inner:{word}" for word in (tell4(data[12:]) if data[9] == 4 else tell6(data[12:])) or []]
    elif proto in (1, 58) and len(data) >= 8:
        words = ["icmp" if proto == 1 else "icmp6", f"type={data[0]}", f"code={data[1]}",
                 f"info={struct.unpack('!I', data[4:8])[0]}", f"echo={struct.unpack('!H', data[4:6])[0]}"]
        about = data[8:] if data[0] in (3, 11, 12) and proto == 1 or data[0] < 128 and proto == 58 else b""
        if len(about) >= (20 if proto == 1 else 40):
            words += [f"inner:{word}" for word in (tell4(about) if proto == 1 else tell6(about)) or []]
    else:
        words = [f"proto={proto}"]
        if proto in (4, 41) and whole and len(data) >= (20 if proto == 4 else 40):
            words += [f"inner:{word}" for word in (tell4(data) if proto == 4 else tell6(data)) or []]
    if whole and proto in (6, 17, 1, 58):
        covered = data if proto == 1 else pseudo(src.packed, dst.packed, proto, len(data)) + data
        words.append("sum=none" if proto == 17 and data[6:8] == b"\0\0" else "sum=ok"
                     if checksum(covered) == 0 else "sum=bad")
    return words


def tell4(data):
    head = (data[0] & 15) * 4
    total, ident, flags = struct.unpack("!HHH", data[2:8])
    src, dst = ipaddress.IPv4Address(data[12:16]), ipaddress.IPv4Address(data[16:20])
    offset, more = (flags & 0x1FFF) * 8, flags >> 13 & 1
    body = data[head:total]
    words = (tell_transport(data[9], body, (src, dst), not more) if offset == 0 else ["piece", f"proto={data[9]}"])
    return words + [f"src={src}", f"dst={dst}", f"ttl={data[8]}", f"tos={data[1]}", f"len={total}",
                    f"df={flags >> 14 & 1}", f"off={offset}", f"more={more}", f"id={ident}",
                    "ipsum=ok" if checksum(data[:head]) == 0 else "ipsum=bad"]


def tell6(data):
    length, proto, hops = struct.unpack("!HBB", data[4:8])
    src, dst = ipaddress.IPv6Address(data[8:24]), ipaddress.IPv6Address(data[24:40])
    body, offset, more = data[40:40 + length], 0, 0
    if proto == 0 and len(body) >= 8:
        proto, body = body[0], body[body[1] * 8 + 8:]
    if proto == 44 and len(body) >= 8:
        proto, bits = body[0], struct.unpack("!H", body[2:4])[0]
        offset, more, body = bits & 0xFFF8, bits & 1, body[8:]
    if proto == 60 and len(body) >= 8:
        proto, body = body[0], body[body[1] * 8 + 8:]
    if proto == 58 and body and 130 <= body[0] <= 143:
        return None
    words = tell_transport(proto, body, (src, dst), not more) if offset == 0 else ["piece", f"proto={proto}"]
    return words + [f"src={src}", f"dst={dst}", f"ttl={hops}", f"tos={(data[0] << 4 | data[1] >> 4) & 255}",
                    f"len={40 + length}", f"off={offset}", f"more={more}"]


def tell(frame):
    """A heard frame in words; None for what is not about packets."""
    proto, at = struct.unpack("!H", frame[12:14])[0], 14
    tag = []
    if proto == 0x8100:
        tag, proto, at = [f"vlan={frame[15] | (frame[14] & 15) << 8}"], struct.unpack("!H", frame[16:18])[0], 18
    if proto == ETH_P_IP and len(frame) >= at + 20:
        words = tell4(frame[at:])
    elif proto == ETH_P_IPV6 and len(frame) >= at + 40:
        words = tell6(frame[at:])
    else:
        return None
    return words and " ".join(words + tag + [f"from={mac_text(frame[6:12])}", f"to={mac_text(frame[:6])}"])


class Ear:
    """A packet socket on a device."""

    def __init__(self, name, namespace, dev, segment):
        self.name, self.segment = name, segment
        self.sock = inside(namespace, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.bind((dev, ETH_P_ALL))
        self.index = fcntl.ioctl(self.sock, SIOCGIFINDEX, struct.pack("40s", dev.encode()))[16:20]
        self.fences = set()
        self.heard = []

    def fileno(self):
        return self.sock.fileno()

    def up(self):
        """Whether there is a device, and it is up; it may have another name by now."""
        try:
            name = fcntl.ioctl(self.sock, SIOCGIFNAME, b"\0" * 16 + self.index + b"\0" * 20)[:16]
            return struct.unpack("=H", fcntl.ioctl(self.sock, SIOCGIFFLAGS, name + b"\0" * 24)[16:18])[0] & 1
        except OSError:
            return False

    @property
    def own(self):
        return self.sock.getsockname()[4]

    def ready(self):
        try:
            frame, aux, _, (_, _, kind, *_) = self.sock.recvmsg(70000, 64)
        except OSError:
            return      # the device went down
        for level, what, data in aux:
            # A tag that the kernel took out of the frame.
            if level == SOL_PACKET and what == PACKET_AUXDATA:
                status, tci = struct.unpack("=I", data[:4])[0], struct.unpack("=H", data[16:18])[0]
                if status & 16:
                    frame = frame[:12] + struct.pack("!HH", 0x8100, tci) + frame[12:]
        if len(frame) >= 18 and frame[12:14] == struct.pack("!H", ETH_P_FENCE):
            self.fences.add(frame[14:18])
            return
        line = tell(frame)
        if line:
            self.heard.append(f"{self.name} {'out' if kind == socket.PACKET_OUTGOING else 'in'} {line}")


class Server:
    """A socket that answers with its word."""

    def __init__(self, traffic, sock, word):
        self.traffic, self.sock, self.word = traffic, sock, word

    def fileno(self):
        return self.sock.fileno()

    def ready(self):
        if self.sock.type == socket.SOCK_STREAM:
            peer = Peer(self.traffic, self.sock.accept()[0], self.word)
            self.traffic.things.append(peer)
            return
        try:
            data, whom = self.sock.recvfrom(70000)
            if self.word != "-":
                self.sock.sendto(f"{self.word} {len(data)} ".encode() + data[:100], whom)
        except OSError:
            pass        # an ICMP error about an earlier answer


class Peer:
    """A connection of a server."""

    def __init__(self, traffic, sock, word):
        self.traffic, self.sock, self.word = traffic, sock, word

    def fileno(self):
        return self.sock.fileno()

    def ready(self):
        try:
            data = self.sock.recv(70000)
            if data:
                self.sock.send(f"{self.word} {len(data)} ".encode() + data[:100])
                return
        except OSError:
            pass
        self.traffic.things.remove(self)
        self.sock.close()


def socket_for(namespace, kind, addr):
    """A real socket there, of the family of that address."""
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    types = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
    return inside(namespace, lambda: socket.socket(family, types[kind]))


def bind_from(sock, keys):
    """To the address and the port that keys want it to send from."""
    if "from" in keys or "sport" in keys:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((keys.get("from", ""), int(keys.get("sport", 0))))


class Traffic:
    def __init__(self):
        self.things = []
        self.serial = 0
        self.counts = {}
        self.asked = {}

    def ears(self):
        return [thing for thing in self.things if isinstance(thing, Ear)]

    def ear(self, name):
        for ear in self.ears():
            if ear.name == name:
                return ear
        raise Wrong(f"no ear {name}")

    def pump(self, seconds, *more):
        """Serves what is ready; true if one of more is."""
        ready = select.select(self.things + list(more), [], [], seconds)[0]
        for thing in ready:
            if thing not in more:
                thing.ready()
        return any(thing in ready for thing in more)

    def around(self):
        """One fence from every ear, heard by all others of its segment."""
        ears = [ear for ear in self.ears() if ear.up()]
        for ear in ears:
            self.serial += 1
            mark = struct.pack("!I", self.serial)
            ear.sock.send(b"\xff" * 6 + ear.own + struct.pack("!H", ETH_P_FENCE) + mark + b"\0" * 42)
            end = time.monotonic() + PATIENCE
            others = [e for e in ears if e is not ear and e.segment == ear.segment]
            while not all(mark in e.fences for e in others):
                if time.monotonic() > end:
                    deaf = ", ".join(e.name for e in others if mark not in e.fences)
                    raise Wrong(f"no fence from {ear.name} at {deaf}")
                self.pump(0.05)
            for other in others:
                other.fences.discard(mark)

    def settle(self):
        for _ in range(3):
            self.around()
        while self.things and select.select(self.things, [], [], 0)[0]:
            self.pump(0)

    def take_heard(self):
        lines = []
        for ear in self.ears():
            lines += ear.heard
            ear.heard = []
        return lines

    def do_ear(self, name, namespace, dev, segment="lan"):
        self.things.append(Ear(name, namespace, dev, segment))

    def do_deaf(self, name):
        ear = self.ear(name)
        self.things.remove(ear)
        ear.sock.close()

    def do_shot(self, name, *keys):
        ear = self.ear(name)
        if not all("=" in key for key in keys):
            raise Wrong("shot NAME KEY=VALUE...")
        frames = Frame(dict(key.split("=", 1) for key in keys), ear.own).frames()
        self.settle()
        self.take_heard()
        for frame in frames:
            ear.sock.send(frame)
        self.settle()
        return self.take_heard()

    def do_heard(self):
        self.settle()
        return self.take_heard()

    def stats(self, namespace):
        try:
            told = self.asked.setdefault(namespace, Haadm(namespace)).show("stats", "show")
        except Refused as error:
            raise Wrong(str(error)) from error
        return {key: value for key, value in told.items()
                if isinstance(value, int) and not key.startswith(("arp_", "nd_", "announced", "repeated", "fast"))}

    def do_count(self, namespace):
        self.settle()
        self.counts[namespace] = self.stats(namespace)

    def do_grown(self, namespace, *wanted):
        self.settle()
        before, after = self.counts[namespace], self.stats(namespace)
        grown = {f"{key}={after[key] - before[key]}" for key in after if after[key] != before[key]}
        if grown != set(wanted):
            raise Wrong(f"grew: {' '.join(sorted(grown)) or 'nothing'}; wanted: {' '.join(wanted) or 'nothing'}")

    def do_serve(self, namespace, kind, addr, port, word):
        sock = socket_for(namespace, kind, addr)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((addr, int(port)))
        if kind == "tcp":
            sock.listen(8)
        self.things.append(Server(self, sock, word))

    def do_close(self, word):
        for thing in [t for t in self.things if isinstance(t, (Server, Peer)) and t.word == word]:
            self.things.remove(thing)
            thing.sock.close()

    def do_send(self, namespace, addr, port, *keys):
        keys = dict(key.split("=", 1) for key in keys)
        data = bytes.fromhex(keys.get("data", "78" * 32))
        if "stray" in keys:
            src, dst = (ipaddress.ip_address(text) for text in keys["stray"].split(","))
            data = struct.pack("!BBHIQ", 3, 41 if src.version == 6 else 4, 0, STRAY_MARK,
                               0) + datagram(src.packed, dst.packed)
        with socket_for(namespace, "udp", addr) as sock:
            bind_from(sock, keys)
            try:
                sock.sendto(data, (addr, int(port)))
            except PermissionError:
                pass

    def do_talk(self, namespace, kind, addr, port, *keys):
        keys = dict(key.split("=", 1) for key in keys)
        sock = socket_for(namespace, kind, addr)
        sock.setblocking(False)
        try:
            return [self.talk(sock, (addr, int(port)), keys)]
        except OSError as error:
            return [f"refused {error.strerror or error}"]
        finally:
            sock.close()

    def talk(self, sock, whom, keys):
        bind_from(sock, keys)
        end = time.monotonic() + float(keys.get("wait", 5))
        if sock.connect_ex(whom):
            while not select.select([], [sock], [], 0)[1]:
                if time.monotonic() > end:
                    return "silence"
                self.pump(0.01)
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                return f"refused {os.strerror(error)}"
        sock.send(keys.get("text", "hello").encode())
        while not self.pump(0.05, sock):
            if time.monotonic() > end:
                return "silence"
        return sock.recv(70000).decode(errors="replace") or "closed"

    def do(self, line):
        word, *words = shlex.split(line)
        try:
            return getattr(self, f"do_{word}")(*words) or []
        except (Wrong, AttributeError, TypeError, ValueError, KeyError, OSError) as error:
            return [f"error: {line}: {error}"]


def main():
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    traffic, rest = Traffic(), b""
    while True:
        if not traffic.pump(None, sys.stdin):
            continue
        data = os.read(0, 65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            answer = list(traffic.do(line.decode()))
            with open(sys.argv[1], "w", encoding="utf-8") as file:
                file.writelines(f"{text}\n" for text in answer)
            print("wrong" if any(text.startswith("error:") for text in answer) else "ok", flush=True)


main()
