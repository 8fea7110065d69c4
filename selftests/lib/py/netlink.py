# SPDX-License-Identifier: GPL-2.0
"""Raw netlink messages to the module, made from the spec, and what it answers: for what haadm can't send,
or too slowly."""
import errno
import ipaddress
import os
import pathlib
import socket
import struct
import subprocess
import sys
import time

import yaml

NETLINK_GENERIC, SOL_NETLINK, EXT_ACK, CAP_ACK = 16, 270, 11, 10
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000
CTRL_ID, GETFAMILY, A_FAMILY_ID, A_FAMILY_NAME = 16, 3, 1, 2
WIDTH = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def spec_file():
    """The spec of the tree that this test belongs to; linked into a kernel tree, HASW_REPO tells which."""
    for top in (os.environ.get("HASW_REPO"), pathlib.Path(__file__).resolve().parents[3]):
        if top and (path := pathlib.Path(top) / "include/netlink/specs/haswitch.yaml").exists():
            return path
    sys.exit("no spec of the netlink family")


class Spec:
    def __init__(self):
        raw = yaml.safe_load(spec_file().read_text())
        self.consts = {d["name"]: d["value"] for d in raw["definitions"] if d["type"] == "const"}
        self.enums = {d["name"]: d["entries"] for d in raw["definitions"] if d["type"] == "enum"}
        self.sets = {s["name"]: s["attributes"] for s in raw["attribute-sets"]}
        self.ops = {o["name"]: o for o in raw["operations"]["list"]}
        for number, oper in enumerate(self.ops.values(), 1):
            oper["number"] = number
        for attrs in self.sets.values():
            for number, attr in enumerate(attrs, 1):
                attr["number"] = number

    def attr(self, oper, name):
        return next(a for a in self.sets[oper["attribute-set"]] if a["name"] == name)

    def request(self, oper):
        names = set()
        for mode in ("do", "dump"):
            names |= set(((oper.get(mode) or {}).get("request") or {}).get("attributes", []))
        return [a for a in self.sets[oper["attribute-set"]] if a["name"] in names]

    def limit(self, attr, check):
        value = attr.get("checks", {}).get(check)
        return self.consts.get(value, value)


SPEC = Spec()


def nla(number, payload):
    return struct.pack("=HH", 4 + len(payload), number) + payload + b"\0" * (-len(payload) % 4)


def payload(attr, value):
    """The bytes of a value as the attribute wants them."""
    kind = attr["type"]
    if isinstance(value, bytes):
        return value
    if kind == "nest":
        inner = {a["name"]: a for a in SPEC.sets[attr["nested-attributes"]]}
        return b"".join(nla(inner[name]["number"], payload(inner[name], v)) for name, v in value.items())
    if kind == "flag":
        return b""
    if kind == "string":
        return value.encode("latin-1") + b"\0"
    if attr.get("display-hint") in ("ipv4", "ipv6"):
        return ipaddress.ip_address(value).packed
    if attr.get("display-hint") == "mac":
        return bytes(int(part, 16) for part in value.split(":"))
    return int(value).to_bytes(WIDTH[kind], sys.byteorder)


def number_of(attr):
    return attr["number"] | (NLA_F_NESTED if attr["type"] == "nest" else 0)


class Answer:
    """errno's name ("0": none), the attribute it is about, and the text."""

    def __init__(self, code, attr, text):
        self.code, self.attr, self.text = code, attr, text

    def __str__(self):
        return f"{self.code} attribute {self.attr}: {self.text}"


class Socket:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.bind((0, 0))
        self.seq = 0
        name = nla(A_FAMILY_NAME, b"haswitch\0")
        self.family = CTRL_ID
        replies = []
        self.talk(GETFAMILY, name, NLM_F_ACK, replies=replies, version=2)
        if not replies:
            sys.exit("the module is not loaded")
        for number, value in attributes(replies[0]):
            if number == A_FAMILY_ID:
                self.family = struct.unpack("=H", value)[0]

    def message(self, cmd, attrs, flags, version=1, reserved=0):
        body = struct.pack("=BBH", cmd, version, reserved) + attrs
        return struct.pack("=IHHII", 16 + len(body), self.family, NLM_F_REQUEST | flags, self.seq, 0) + body

    def talk(self, cmd, attrs, flags, oper=None, replies=None, version=1, reserved=0):
        self.seq += 1
        sent = self.message(cmd, attrs, flags, version, reserved)
        self.sock.send(sent)
        while True:
            data = self.sock.recv(1 << 17)
            at = 0
            while at < len(data):
                length, kind, got_flags, seq, _ = struct.unpack_from("=IHHII", data, at)
                body = data[at + 16:at + length]
                at += (length + 3) & ~3
                if seq != self.seq:
                    continue
                if kind == NLMSG_ERROR or (kind == NLMSG_DONE and struct.unpack_from("=i", body)[0] < 0):
                    # An error of a dump comes in its last message, without a header.
                    return self.answer(body, got_flags, kind, sent, oper)
                if kind == NLMSG_DONE:
                    return Answer("0", None, "")
                if replies is not None:
                    replies.append(body)

    def waiting(self):
        """The first answer that nobody asked for: an error, or None."""
        try:
            data = self.sock.recv(1 << 17, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        _, kind, flags, _, _ = struct.unpack_from("=IHHII", data)
        return self.answer(data[16:], flags, kind, b"", None)

    @staticmethod
    def answer(body, flags, kind, sent, oper):
        code = struct.unpack_from("=i", body)[0]
        attr, text = None, ""
        at = 4 if kind == NLMSG_DONE else 20
        tlvs = body[at:] if flags & NLM_F_ACK_TLVS or kind == NLMSG_DONE else b""
        for number, value in walk(tlvs):
            if number == 1:
                text = value.rstrip(b"\0").decode()
            elif number == 2:
                attr = attribute_at(sent, struct.unpack("=I", value)[0], oper)
            elif number == 5:
                attr = name_of(struct.unpack("=I", value)[0], oper)
        return Answer(errno.errorcode[-code] if code else "0", attr, text)

    def send(self, name, attrs, flags=NLM_F_ACK, replies=None, reserved=0):
        """Sends operation NAME with ATTRS, bytes or a dictionary."""
        oper = SPEC.ops[name]
        if isinstance(attrs, dict):
            attrs = encode(oper, attrs)
        return self.talk(oper["number"], attrs, flags, oper, replies, 1, reserved)

    def state(self):
        """All there is, but for what changes by itself."""
        dump = []
        for name in ("node", "vip", "service", "member", "lease", "pulse"):
            replies = []
            self.send(f"{name}-get", b"", NLM_F_DUMP, replies)
            passing = {a["number"] for a in SPEC.sets[name]
                       if a["name"] in ("reach4", "reach6", "active", "path-state", "late")}
            dump += [(name, [(n, v) for n, v in attributes(r) if n not in passing]) for r in replies]
        replies = []
        self.send("config-get", b"", replies=replies)
        self.send("flow-limits-get", b"", replies=replies)
        return dump, replies


def walk(data):
    at = 0
    while at + 4 <= len(data):
        length, number = struct.unpack_from("=HH", data, at)
        if length < 4:
            return
        yield number & 0x3FFF, data[at + 4:at + length]
        at += (length + 3) & ~3


def attributes(body):
    return list(walk(body[4:]))


def name_of(number, oper):
    for attr in SPEC.sets[oper["attribute-set"]] if oper else []:
        if attr["number"] == number:
            return attr["name"]
    return f"#{number}"


def attribute_at(sent, offset, oper):
    """Name of the attribute that begins at OFFSET of a message, if one does."""
    at = 20
    while at + 4 <= len(sent):
        length, number = struct.unpack_from("=HH", sent, at)
        if at == offset:
            return name_of(number & 0x3FFF, oper)
        if length < 4:
            break
        at += (length + 3) & ~3
    return f"offset {offset}"


def encode(oper, values, but=None):
    """The attributes of a request; BUT replaces the bytes of some, by name."""
    out = b""
    for name, value in values.items():
        attr = SPEC.attr(oper, name)
        out += but[name] if but and name in but else nla(number_of(attr), payload(attr, value))
    return out


def boottime():
    """ns, as the module reads its deadlines."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def saved():
    """The configuration, as haadm tells it."""
    return subprocess.run(["haadm", "save"], capture_output=True, check=True).stdout
