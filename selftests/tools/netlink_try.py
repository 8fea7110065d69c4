#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tries the module with raw netlink messages, right ones and wrong ones.

    bad             every operation with every kind of bad input, a point for each operation and kind
    good            every operation with the input that `bad` spoils, unspoilt
    restores        begin, commit and abort in every wrong order
    dumps           a configuration that changes in the midst of a dump
    shares          thousands of messages in one send, beside a process that wants the same processor
    privileges WHO ERRNO
                    what each operation says to who runs this; WHO is for the points' names. Changing ones must
                    give ERRNO, and reading ones must work
    send OP [ATTR=VALUE]... [--dump]
                    one message; prints errno, attribute and text of the answer

All but the last print a line "ok NAME" or "not ok NAME" and "# DETAIL" for each point; they expect the
configuration that `setup` prints, as commands for haadm -b.
"""
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from netlink import NLA_F_NESTED, NLM_F_ACK, NLM_F_DUMP, NLMSG_DONE, SPEC, WIDTH
from netlink import Socket, boottime, encode, nla, number_of, payload, saved
from netlink_cases import SETUP, KEYS, GOOD, NEEDED, MEANINGLESS

SO_SNDBUFFORCE = 32
NLM_F_DUMP_INTR = 0x10


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
    if kind == "binary" and SPEC.limit(attr, "min-len"):
        return [b"", b"\1" * (SPEC.limit(attr, "min-len") - 1), b"\1" * (SPEC.limit(attr, "max-len") + 1)]
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
        if attr["name"] in base and attr["type"] == "string" and SPEC.limit(attr, "min-len"):
            data = encode(oper, base, {attr["name"]: nla(number, b"\0")})
            yield "wrong length", f"empty {attr['name']}", data, ("EINVAL", "ENOENT"), attr["name"]
        if attr["name"] in base:
            data = encode(oper, base, {attr["name"]: nla(number ^ NLA_F_NESTED, value)})
            yield ("malformed", f"{attr['name']} as {'no' if number & NLA_F_NESTED else 'a'} nest",
                   data, ("EINVAL",), attr["name"])
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
    for attr_name, value, code, *other in MEANINGLESS.get(name, []):
        values = dict(base)
        values[attr_name] = value
        blamed = other[0] if other else None if attr_name in ("port", "proto", "path") else attr_name
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
    step("a change from elsewhere", two, "node-set", {"name": "n3", "zone": "elsewhere"}, "0")
    before, text = two.state(), saved()
    step("commit after it", one, "config-commit", {}, "EAGAIN")
    same("the change stays, the restore does not")
    step("the restore is over", one, "config-abort", {}, "EINVAL")
    step("begin without an owner", one, "config-begin", {}, "0")
    step("a vip that nobody owns, before the nodes", one, "vip-add", {"addr4": "10.0.0.109"}, "0")
    for number in "89":
        step(f"node n{number} in it", one, "node-add", {"name": f"n{number}", "addr4": f"192.168.0.{number}"}, "0")
    step("commit of a vip that nobody owns", one, "config-commit", {}, "EINVAL")
    same("nothing of it is there")
    step("that restore is over, too", one, "config-abort", {}, "EINVAL")
    points.end()


def dump_flags(sock, name, amid):
    """The flags of a dump's messages; AMID is called after the first one was received."""
    flags, ended = 0, False
    sock.seq += 1
    sock.sock.send(sock.message(SPEC.ops[name]["number"], b"", NLM_F_DUMP))
    while not ended:
        data, at = sock.sock.recv(1 << 17), 0
        while at < len(data):
            length, kind, got, _, _ = struct.unpack_from("=IHHII", data, at)
            at += (length + 3) & ~3
            flags |= got
            ended |= kind == NLMSG_DONE
        amid()
        amid = lambda: None
    return flags


def dumps():
    """Vips that fill several messages; the kernel makes the next message when one is received."""
    one, two, points = Socket(), Socket(), Points()
    vips = [{"addr4": f"10.1.{i // 250}.{1 + i % 250}", "holder": "n2"} for i in range(1000)]
    refused = [str(a) for a in (two.send("vip-add", vip) for vip in vips) if a.code != "0"]
    points.point("setup: 1000 vips", refused[:1])
    for name, amid, marked in (
            ("a dump is not marked as interrupted", lambda: None, 0),
            ("a dump in whose midst a vip goes is marked as interrupted",
             lambda: two.send("vip-del", {"addr4": vips[-1]["addr4"]}), NLM_F_DUMP_INTR),
            ("the next dump is not", lambda: None, 0)):
        flags = dump_flags(one, "vip-get", amid)
        points.point(name, [] if flags & NLM_F_DUMP_INTR == marked else [f"flags {flags:#x}"])
    for vip in vips[:-1]:
        two.send("vip-del", {"addr4": vip["addr4"]})
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
    # It may not have run until it was ended.
    gaps.append((last, time.monotonic()))
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
    try:
        sock.sock.send(data)
    finally:
        ended = time.monotonic()
        os.kill(pid, signal.SIGTERM)
    with os.fdopen(ours, "rb") as report:
        gaps = struct.iter_unpack("dd", report.read())
    os.waitpid(pid, 0)
    return ended - began, max((min(to, ended) - max(since, began) for since, to in gaps), default=0)


def share(points, sock, what, messages):
    """MESSAGES makes them anew for each send, since what is in them may run out.

    Of three sends one in which the other ran in between; a host that stops the machine can spoil a try.

    To fail it takes a kernel that does not preempt, and messages that take longer than to copy them: with KASAN.
    """
    seen, count = [], 1000
    while len(seen) < 3:
        data, made = b"", messages()
        for name, attrs in made:
            data += sock.message(SPEC.ops[name]["number"], encode(SPEC.ops[name], attrs), 0)
            data += b"\0" * (-len(data) % 4)
        took, gap = longest_gap(sock, data * count)
        if refused := sock.waiting():
            seen, gap = [str(refused)], took
            break
        # So soon the scheduler need not give the other his turn.
        if took < 0.3 and len(data) * count < 1 << 24:
            count *= 2
            continue
        seen.append(f"{count * len(made)} messages took {took:.3f} s, the longest gap {gap:.3f} s")
        if gap < took / 2:
            break
    print(f"# {seen[-1]}")
    points.point(f"other tasks run between the messages of one send: {what}", seen if gap >= took / 2 else [])


def shares():
    sock, points = Socket(), Points()
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    sock.sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 26)
    share(points, sock, "changes",
          lambda: [("vip-add", {"addr4": "10.0.0.109", "holder": "n2"}), ("vip-del", {"addr4": "10.0.0.109"})])
    # After the first, a grant, these are the only changes that do without the module's mutex.
    share(points, sock, "renewals",
          lambda: [("lease-set", {"name": "l1", "epoch": 99, "holder": "n2", "deadline": boottime() + 9 * 10**9})])
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
    elif command == "dumps":
        dumps()
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
