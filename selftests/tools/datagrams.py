#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A server that answers nobody, and one that answers each datagram with the same data; for both families.

    datagrams.py SILENT-PORT ECHO-PORT

Prints "ready" when both ports are open.
"""
import socket
import sys


def opened(port):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", int(port)))
    return sock


def main():
    silent, echo = map(opened, sys.argv[1:])
    print("ready", flush=True)
    while silent:
        data, peer = echo.recvfrom(2048)
        echo.sendto(data, peer)


main()
