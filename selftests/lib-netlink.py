#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Talks to the module in raw netlink messages made from the spec, right ones and wrong ones.

    bad             every operation with every kind of bad input, a point for each operation and kind
    good            every operation with the input that `bad` spoils, unspoilt
    restores        begin, commit and abort in every wrong order
    shares          thousands of messages in one send, beside a process that wants the same processor
    privileges WHO ERRNO
                    what each operation says to who runs this; WHO is for the points' names. Changing ones must
                    give ERRNO, and reading ones must work
    send OP [ATTR=VALUE]... [--dump]
                    one message; prints errno, attribute and text of the answer

All but the last print a line "ok NAME" or "not ok NAME" and "# DETAIL" for each point; they expect the
configuration that `setup` prints, as commands for haadm -b.
"""
import errno
import ipaddress
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import yaml

from lib_netlink_cases import SETUP, KEYS, GOOD, NEEDED, MEANINGLESS

NETLINK_GENERIC, SOL_NETLINK, EXT_ACK, CAP_ACK = 16, 270, 11, 10
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000
SO_SNDBUFFORCE = 32
CTRL_ID, GETFAMILY, A_FAMILY_ID, A_FAMILY_NAME = 16, 3, 1, 2
WIDTH = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def spec_file():
    """The spec of the tree that this test belongs to; linked into a kernel tree, HASW_REPO tells which."""
    for top in (os.environ.get("HASW_REPO"), pathlib.Path(__file__).resolve().parent.parent):
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
            passing = {a["number"] for a in SPEC.sets[name] if a["name"] in ("reach4", "reach6", "active", "path-state", "late")}
            dump += [(name, [(n, v) for n, v in attributes(r) if n not in passing]) for r in replies]
        replies = []
        self.send("config-get", b"", replies=replies)
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


def wrong_lengths(attr):
    """Payloads that are not as long as the attribute has to be."""
    kind = attr["type"]
    if kind == "nest":
        return [b"", b"\1\1"]
    if kind in WIDTH:
        width = WIDTH[kind]
        return [b"", b"\1" * (width - 1), b"\1" * (width + 1)] if width > 1 else [b"", b"\0\0"]
    if kind == "flag":
        return [b"\1"]
    if kind == "binary":
        length = SPEC.limit(attr, "exact-len")
        return [b"", b"\1" * (length - 1), b"\1" * (length + 1)]
    longest = SPEC.limit(attr, "max-len")
    return [b"", b"n1", b"a" * (longest + 1) + b"\0", b"a" * (longest + 1), b"a" * 4000 + b"\0"]


def out_of_range(attr):
    """Well-formed values that the spec does not allow."""
    if "enum" in attr:
        return [len(SPEC.enums[attr["enum"]]), 255]
    out = []
    low, high = SPEC.limit(attr, "min"), SPEC.limit(attr, "max")
    if high is not None:
        most = (1 << 8 * WIDTH[attr["type"]]) - 1
        # A limit that is the type's own can't be passed.
        out += [high + 1, most] if high < most else []
    if low:
        out += [low - 1, 0]
    return out


def boottime():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def good(name):
    values = dict(GOOD.get(name, {}))
    if "deadline" in values:
        values["deadline"] = boottime() + 5 * 10**9
    return values


def cases(name):
    """(kind, what, attributes, errnos, attribute that must be named or None) of one operation."""
    oper = SPEC.ops[name]
    base = good(name)
    wanted = SPEC.request(oper)
    for attr in wanted:
        if attr["name"] in base:
            others, value = base, payload(attr, base[attr["name"]])
        else:
            # One that the good request has not: its place is at the end.
            others, value = {**base, attr["name"]: True}, b""
        number = number_of(attr)
        for wrong in wrong_lengths(attr):
            data = encode(oper, others, {attr["name"]: nla(number, wrong)})
            yield "wrong length", f"{attr['name']} of {len(wrong)} bytes", data, ("EINVAL", "ERANGE"), attr["name"]
        for wrong in out_of_range(attr):
            data = encode(oper, others, {attr["name"]: nla(number, payload(attr, wrong))})
            yield "out of range", f"{attr['name']} {wrong}", data, ("EINVAL", "ERANGE"), attr["name"]
        if attr["name"] in base and not attr.get("multi-attr"):
            data = encode(oper, base) + nla(number, value)
            yield "duplicate", attr["name"], data, ("EINVAL",), attr["name"]
        if attr["name"] in base and SPEC.limit(attr, "min-len"):
            data = encode(oper, base, {attr["name"]: nla(number, b"\0")})
            yield "wrong length", f"empty {attr['name']}", data, ("EINVAL", "ENOENT"), attr["name"]
        if attr["name"] in base:
            data = encode(oper, base, {attr["name"]: nla(number ^ NLA_F_NESTED, value)})
            yield "malformed", f"{attr['name']} as {'no' if number & NLA_F_NESTED else 'a'} nest", data, ("EINVAL",), attr["name"]
    for attr in SPEC.sets[oper["attribute-set"]]:
        if attr not in wanted:
            width = WIDTH.get(attr["type"], 4)
            data = encode(oper, base) + nla(attr["number"], b"\0" * width)
            yield "not of this operation", attr["name"], data, ("EINVAL",), attr["name"]
    top = len(SPEC.sets[oper["attribute-set"]])
    for number in (0, top + 1, 1000):
        data = encode(oper, base) + nla(number, b"\0\0\0\0")
        yield "unknown attribute", f"#{number}", data, ("EINVAL",), f"#{number}"
    yield "malformed", "bytes behind", encode(oper, base) + b"\1\0\0", ("EINVAL",), None
    yield "malformed", "length past the end", encode(oper, base) + struct.pack("=HH", 400, 1), ("EINVAL",), None
    yield "malformed", "length of 2", encode(oper, base) + struct.pack("=HH", 2, 1), ("EINVAL",), None
    needed = NEEDED.get(name, NEEDED.get(name.split("-", maxsplit=1)[0], [])) if base else []
    for gone in needed:
        data = encode(oper, {n: v for n, v in base.items() if n != gone})
        yield "missing", gone, data, ("EINVAL",), gone
    for attr_name, value, code in MEANINGLESS.get(name, []):
        values = dict(base)
        values[attr_name] = value
        blamed = None if attr_name in ("port", "proto", "path") else attr_name
        yield "meaningless", f"{attr_name} {value}", encode(oper, values), (code,), blamed


class Points:
    """The results; the script that runs this counts them."""

    failed = False

    def point(self, name, wrong):
        self.failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {name}")
        for line in wrong:
            print(f"# {line}")

    def end(self):
        sys.exit(1 if self.failed else 0)


def saved():
    return subprocess.run(["haadm", "save"], capture_output=True, check=True).stdout


def judge(answer, codes, blamed):
    """What is wrong with an answer; an empty list: nothing."""
    wrong = []
    if answer.code not in codes:
        wrong.append(f"wanted {' or '.join(codes)}")
    if not answer.text:
        wrong.append("no reason given")
    if blamed and answer.attr != blamed:
        wrong.append(f"wanted attribute {blamed}")
    return wrong


def bad():
    sock, points = Socket(), Points()
    before, text = sock.state(), saved()
    for name, oper in SPEC.ops.items():
        if not oper.keys() & {"do", "dump"}:
            continue
        found = {}
        for kind, what, data, codes, blamed in cases(name):
            modes = [NLM_F_ACK] if "do" in oper else []
            # A dump is judged where no other form of the operation is.
            modes = modes or [NLM_F_DUMP]
            for mode in modes:
                answer = sock.send(name, data, mode)
                # What 6.1 sends at the end of a dump has no room for the attribute.
                mute = mode == NLM_F_DUMP and answer.attr is None and os.uname().release.startswith("6.1.")
                wrong = judge(answer, codes, None if mute else blamed)
                if sock.state() != before:
                    wrong.append("the state was changed")
                    before = sock.state()
                found.setdefault(kind, []).extend(f"{what}: {answer}: {w}" for w in wrong)
        if "do" in oper:
            answer = sock.send(name, good(name), reserved=7)
            found.setdefault("malformed", []).extend(
                f"reserved field: {answer}: {w}" for w in judge(answer, ("EINVAL",), None) if "reason" not in w)
        for kind, wrong in found.items():
            points.point(f"{name}: {kind}", wrong)
        now = saved()
        points.point(f"{name}: haadm save is the same", [] if now == text else ["it differs"])
        text = now
    points.end()


def good_ones():
    sock, points = Socket(), Points()
    text = saved()
    for name, oper in SPEC.ops.items():
        if name in ("config-commit", "config-abort") or not oper.keys() & {"do", "dump"}:
            continue
        answer = sock.send(name, good(name), NLM_F_ACK if "do" in oper else NLM_F_DUMP)
        points.point(f"{name}: right input works", [] if answer.code == "0" else [str(answer)])
        if name == "config-begin":
            sock.send("config-abort", {})
        # The next one finds what the first one found.
        subprocess.run(["haadm", "restore", "-"], input=text, check=True)
        sock.send("node-verdict", {"name": "n2", "verdict": 0})
    points.end()


def restores():
    points = Points()
    one, two = Socket(), Socket()
    before, text = one.state(), saved()
    node = {"name": "n9", "addr4": "192.168.0.9"}

    def step(name, sock, operation, attrs, code):
        answer = sock.send(operation, attrs)
        points.point(name, [] if answer.code == code and (code == "0" or answer.text) else [str(answer)])

    def same(name):
        points.point(name, [] if two.state() == before and saved() == text else ["the configuration differs"])

    step("commit without begin", one, "config-commit", {}, "EINVAL")
    step("abort without begin", one, "config-abort", {}, "EINVAL")
    step("begin", one, "config-begin", {}, "0")
    step("begin twice", one, "config-begin", {}, "EBUSY")
    step("begin from another socket", two, "config-begin", {}, "EBUSY")
    step("commit from another socket", two, "config-commit", {}, "EINVAL")
    step("abort from another socket", two, "config-abort", {}, "EINVAL")
    step("add in the restore", one, "node-add", node, "0")
    step("the restore begins empty", one, "node-set", {"name": "n1", "zone": "x"}, "ENOENT")
    step("a BEAT is not part of it", one, "beat", {"node": "n9", "time": 10**9}, "EBUSY")
    same("others see the old configuration meanwhile")
    step("abort", one, "config-abort", {}, "0")
    same("nothing is left of it")
    step("begin again", one, "config-begin", {}, "0")
    step("add in it", one, "node-add", node, "0")
    one.sock.close()
    step("closing the socket ends a restore", two, "config-begin", {}, "0")
    step("abort that", two, "config-abort", {}, "0")
    same("and nothing is left of it")
    one = Socket()
    step("begin a third time", one, "config-begin", {}, "0")
    step("add in that", one, "node-add", node, "0")
    step("a change from elsewhere", two, "node-set", {"name": "n2", "zone": "elsewhere"}, "0")
    before, text = two.state(), saved()
    step("commit after it", one, "config-commit", {}, "EAGAIN")
    same("the change stays, the restore does not")
    step("the restore is over", one, "config-abort", {}, "EINVAL")
    points.end()


def watch(report):
    """Says, once it is ended, when it did not run: (from, to) of every gap of a millisecond and more."""
    gaps, last, ended = [], time.monotonic(), []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    os.write(report, b".")
    while not ended:
        now = time.monotonic()
        if now - last > 0.001:
            gaps.append((last, now))
        last = now
    with os.fdopen(report, "wb") as out:
        out.write(b"".join(struct.pack("dd", *gap) for gap in gaps))


def longest_gap(sock, data):
    """How long a send takes, and the longest time of it in which another process of this processor did not run."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        watch(theirs)
        os._exit(0)
    os.close(theirs)
    os.read(ours, 1)
    began = time.monotonic()
    sock.sock.send(data)
    ended = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    with os.fdopen(ours, "rb") as report:
        gaps = struct.iter_unpack("dd", report.read())
    os.waitpid(pid, 0)
    return ended - began, max((min(to, ended) - max(since, began) for since, to in gaps), default=0)


def shares():
    """Of three sends one in which the other ran in between; a host that stops the machine can spoil a try.

    To fail it takes a kernel that does not preempt, and on which messages take longer than to copy them.
    """
    sock, points, seen, count, data = Socket(), Points(), [], 1000, b""
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    sock.sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 26)
    vip = {"addr4": "10.0.0.109", "holder": "n2"}
    for name, attrs in (("vip-add", vip), ("vip-del", {"addr4": vip["addr4"]})):
        data += sock.message(SPEC.ops[name]["number"], encode(SPEC.ops[name], attrs), 0)
        data += b"\0" * (-len(data) % 4)
    while len(seen) < 3:
        took, gap = longest_gap(sock, data * count)
        if refused := sock.waiting():
            seen, gap = [str(refused)], took
            break
        # So soon the scheduler need not give the other his turn.
        if took < 0.3 and len(data) * count < 1 << 24:
            count *= 2
            continue
        seen.append(f"{2 * count} messages took {took:.3f} s, the longest gap {gap:.3f} s")
        if gap < took / 2:
            break
    print(f"# {seen[-1]}")
    points.point("others run between the messages of one send", seen if gap >= took / 2 else [])
    points.end()


def privileges(who, code):
    sock, points = Socket(), Points()
    for name, oper in SPEC.ops.items():
        mode = NLM_F_ACK if "do" in oper else NLM_F_DUMP
        if not oper.keys() & {"do", "dump"}:
            continue
        answer = sock.send(name, good(name), mode)
        wanted = code if oper.get("flags") else "0"
        points.point(f"{who}: {name} gives {wanted}", [] if answer.code == wanted else [str(answer)])
    points.end()


def key_files():
    """A folder with the keys of a session, as haadm reads them."""
    folder = pathlib.Path(tempfile.mkdtemp())
    for name, key in KEYS.items():
        file = os.open(folder / name.removesuffix("-key"), os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(file, key.hex().encode())
        os.close(file)
    return folder


def send(args):
    mode = NLM_F_ACK
    if "--dump" in args:
        args.remove("--dump")
        mode = NLM_F_DUMP
    attrs = dict(arg.split("=", maxsplit=1) for arg in args[1:])
    answer = Socket().send(args[0], attrs, mode)
    print(answer)
    sys.exit(0 if answer.code == "0" else 2)


def main():
    command, args = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if command == "setup":
        print(SETUP.format(keys=key_files()), end="")
    elif command == "bad":
        bad()
    elif command == "good":
        good_ones()
    elif command == "restores":
        restores()
    elif command == "shares":
        shares()
    elif command == "privileges":
        privileges(args[0], args[1])
    elif command == "send":
        send(args)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
