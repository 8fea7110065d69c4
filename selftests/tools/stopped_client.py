#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Asks a machine by its own address and by a vip, while it is stopped and when it goes on.

    stopped_client.py serve VIP          answers at both; grants itself the lease l anew five times a second, until it
                                         was stopped for longer than that lasts
    stopped_client.py ask VIP DIR        makes DIR/serving when both are answered, then waits for silence, and for
                                         answers from the own address, to questions asked in the silence too; of the vip
                                         there must be none. Exit code 1 if there was one
"""
import pathlib
import select
import socket
import struct
import subprocess
import sys
import time

OWN, PORT = "10.0.0.1", 7000
LASTS, GAP, PACE = 6_000_000_000, 7_000_000_000, 200_000_000
ENOUGH = 200


def boottime():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def bound(addr):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((addr, PORT))
    return sock


def grant():
    now = boottime()
    try:
        subprocess.run(["haadm", "lease", "set", "l", "epoch", "1", "holder", "holder", "until", str(now + LASTS)],
                       check=True)
    except subprocess.CalledProcessError:
        if boottime() - now <= LASTS:
            raise
        # The machine was stopped while haadm ran, and the module refused what came too late.
    return now


def serve(vip):
    socks = [bound(OWN), bound(vip)]
    granted = grant()
    while True:
        # Nobody renews what was lost: that would need a new epoch, from a vote that this machine had no part in.
        if PACE < boottime() - granted <= LASTS:
            granted = grant()
        for sock in select.select(socks, [], [], 0.1)[0]:
            message, peer = sock.recvfrom(64)
            try:
                sock.sendto(message, peer)
            except OSError:
                pass                    # nobody speaks for a vip without its lease


def ask(vip, folder):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    own, of_vip, late, waited = 0, 0, 0, 0
    asked, last, silence, number = {}, None, None, 0
    end = boottime() + 120 * 10**9
    while boottime() < end:
        now = boottime()
        for addr in (OWN, vip):
            number += 1
            asked[number] = now
            try:
                sock.sendto(struct.pack("!Q", number), (addr, PORT))
            except OSError:
                pass                    # a full queue, or nobody there yet
        while True:
            try:
                message, peer = sock.recvfrom(64)
            except (BlockingIOError, ConnectionRefusedError):
                break
            now, about = boottime(), asked[struct.unpack("!Q", message)[0]]
            if last and now - last > GAP and not silence:
                silence, own = last, 0
            if peer[0] == OWN:
                own += 1
                waited += bool(silence and silence < about < now - GAP // 2)
            else:
                of_vip += 1
                late += bool(silence)
            last = now
        if not silence and own > ENOUGH and of_vip > ENOUGH:
            (folder / "serving").touch()
        if silence and own > ENOUGH:
            break
        time.sleep(0.005)
    print(f"of the vip {of_vip} answers, {late} after the silence; of the machine {own} then,",
          f"{waited} to what had waited; silence {'seen' if silence else 'NOT seen'}")
    sys.exit(0 if of_vip > ENOUGH and silence and own > ENOUGH and waited and not late else 1)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    ask(sys.argv[2], pathlib.Path(sys.argv[3]))
