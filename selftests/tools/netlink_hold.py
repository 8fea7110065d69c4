#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Begins a dump or a restore, says `held`, and does nothing more until it is ended.

    vip-get         a dump of all vips, of which one message is read
    config-begin    a restore
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


def main():
    what = sys.argv[1]
    sock = Socket()
    if what == "config-begin":
        answer = sock.send(what, {})
        if answer.code != "0":
            sys.exit(str(answer))
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
