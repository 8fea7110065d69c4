#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Begins a dump or a restore, says `held`, and does nothing more until it is ended.

    vip-get         a dump of all vips, of which one message is read
    config-begin    a restore
    restore-spare VIP
                    a restore of a service of three members, of which m3 is a spare one; commits it when a line comes
    lease-set LEASE EPOCH HOLDER SECONDS [tied]
                    grants a lease, tied to this process's socket or not
    lease-renew LEASE EPOCH HOLDER SECONDS
                    grants it again and again, until that is refused: then it says why and ends; and how long the
                    module took for one, each time that is longer than before
    lease-count LEASE EPOCH HOLDER SECONDS
                    as lease-renew, but says `renewed` each time
"""
import signal
import socket
import struct
import sys
import time

from netlink import NLM_F_DUMP, NLM_F_REQUEST, SPEC, Socket, boottime

# s
PACE = 0.05


def grant(sock):
    name, epoch, holder, seconds = sys.argv[2:6]
    deadline = boottime() + int(float(seconds) * 10**9)
    words = {"name": name, "epoch": int(epoch), "holder": holder, "deadline": deadline}
    if sys.argv[6:]:
        words["tied"] = True
    answer = sock.send("lease-set", words)
    if answer.code != "0":
        sys.exit(str(answer))


def restore_spare(sock, vip):
    family = 6 if ":" in vip else 4
    service = {f"addr{family}": vip, "proto": socket.IPPROTO_TCP, "port": 80}
    asks = [("config-begin", {})]
    for number, name in ((2, "entry"), (11, "m1"), (12, "m2"), (13, "m3")):
        node = {"name": name, "addr4": f"10.0.0.{number}", "addr6": f"2001:db8::{number:x}"}
        asks.append(("node-add", {**node, "self": True} if name == "entry" else node))
    asks += [("vip-add", {f"addr{family}": vip, "holder": "entry"}),
             ("service-add", {**service, "sched": 2, "min-active": 2})]
    asks += [("member-add", {**service, "node": name, **({"spare": 1} if name == "m3" else {})})
             for name in ("m1", "m2", "m3")]
    for ask in asks + [None, ("config-commit", {})]:
        if not ask:
            print("held", flush=True)
            sys.stdin.readline()
            continue
        answer = sock.send(*ask)
        if answer.code != "0":
            sys.exit(f"{ask}: {answer}")


def main():
    what = sys.argv[1]
    sock = Socket()
    if what == "config-begin":
        answer = sock.send(what, {})
        if answer.code != "0":
            sys.exit(str(answer))
    elif what == "restore-spare":
        restore_spare(sock, sys.argv[2])
        return
    elif what in ("lease-set", "lease-renew", "lease-count"):
        grant(sock)
        if what != "lease-set":
            print("held", flush=True)
        longest = 0
        while what != "lease-set":
            # What this process waits for by itself, as for a CPU, is nothing that the module does.
            time.sleep(PACE)
            began = time.monotonic()
            grant(sock)
            took = time.monotonic() - began
            if what == "lease-count":
                print("renewed", flush=True)
            elif took > longest:
                longest = took
                print(f"late {longest:.3f}", flush=True)
    else:
        # The kernel goes on with a dump only as far as the buffer has room.
        sock.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        oper = SPEC.ops[what]
        sock.sock.send(struct.pack("=IHHIIBBH", 20, sock.family, NLM_F_REQUEST | NLM_F_DUMP,
                                   99, 0, oper["number"], 1, 0))
        sock.sock.recv(1 << 16)
    print("held", flush=True)
    signal.pause()


main()
