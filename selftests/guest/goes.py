#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Has this machine go when a datagram says how: it sends the word on to the client, and goes at once.

    goes.py AGENT-PID

Any other word is sent back, in real time, so that the client knows whether this machine stands still.

See lib/py/power_goes.py for the kinds. For `reboot` the agent is told to leave, as its unit does when the machine goes
down, and for `term` to stop, as another init does; reboot(2) is called when it has ended.
"""
import ctypes
import os
import select
import signal
import socket
import sys

from power_goes import KINDS, ORDER, WORD

CLIENT, RESTART = "10.0.0.9", 0x01234567        # LINUX_REBOOT_CMD_RESTART


def end(agent, number):
    """Has the agent end."""
    ended = os.pidfd_open(agent)
    signal.pidfd_send_signal(ended, number)
    # Readable once the process has ended.
    select.select([ended], [], [])


def main():
    agent, libc = int(sys.argv[1]), ctypes.CDLL(None)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", ORDER))
    trigger = os.open("/proc/sysrq-trigger", os.O_WRONLY)
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    while (kind := sock.recv(16).decode()) not in KINDS:
        sock.sendto(kind.encode(), (CLIENT, WORD))
    sock.sendto(kind.encode(), (CLIENT, WORD))
    if kind == "panic":
        os.write(trigger, b"c")
    if kind == "reboot":
        end(agent, signal.SIGUSR1)
    if kind == "term":
        end(agent, signal.SIGTERM)
    libc.reboot(RESTART)


main()
