#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Begins a dump or a restore, says `held`, and does nothing more until it is ended.

    vip-get         a dump of all vips, of which one message is read
    config-begin    a restore
    lease-set LEASE EPOCH HOLDER SECONDS [tied]
                    grants a lease, tied to this process's socket or not
    lease-renew LEASE EPOCH HOLDER SECONDS
                    grants it again and again, until that is refused: then it says why and ends; and how much
                    longer than meant it was between two, each time that is longer than before
"""
import importlib.util
import pathlib
import signal
import struct
import sys
import time

SPEC = importlib.util.spec_from_file_location("netlink", pathlib.Path(__file__).resolve().parent / "lib-netlink.py")
NETLINK = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(NETLINK)


# s
PACE = 0.05


def grant(sock):
    name, epoch, holder, seconds = sys.argv[2:6]
    deadline = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + int(float(seconds) * 10**9)
    words = {"name": name, "epoch": int(epoch), "holder": holder, "deadline": deadline}
    if sys.argv[6:]:
        words["tied"] = True
    answer = sock.send("lease-set", words)
    if answer.code != "0":
        sys.exit(str(answer))


def main():
    what = sys.argv[1]
    sock = NETLINK.Socket()
    if what == "config-begin":
        answer = sock.send(what, {})
        if answer.code != "0":
            sys.exit(str(answer))
    elif what in ("lease-set", "lease-renew"):
        grant(sock)
        if what == "lease-renew":
            print("held", flush=True)
        longest, last = 0, time.monotonic()
        while what == "lease-renew":
            time.sleep(PACE)
            now = time.monotonic()
            # Before it is refused.
            if now - last - PACE > longest:
                longest = now - last - PACE
                print(f"late {longest:.3f}", flush=True)
            last = now
            grant(sock)
    else:
        # The kernel goes on with a dump only as far as the buffer has room.
        sock.sock.setsockopt(NETLINK.socket.SOL_SOCKET, NETLINK.socket.SO_RCVBUF, 4096)
        oper = NETLINK.SPEC.ops[what]
        sock.sock.send(struct.pack("=IHHIIBBH", 20, sock.family, NETLINK.NLM_F_REQUEST | NETLINK.NLM_F_DUMP, 99, 0,
                                   oper["number"], 1, 0))
        sock.sock.recv(1 << 16)
    print("held", flush=True)
    signal.pause()


main()
