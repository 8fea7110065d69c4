#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What an attacker on the network can do with heartbeats: record them, and send them again, changed or not.

record DEV FROM TO COUNT   prints the UDP payloads that pass, one line of hexadecimal digits each
play FROM TO WHAT          sends the recording on stdin from address FROM; WHAT is
                           same | flipped (a bit of each) | cut (each at half) | garbage (random bytes)
notify SOCKET              prints what services tell a service manager at this socket
serve NAME                 a web server on port 80 that says NAME. It never forks: a kill in the middle of a fork
                           crashes User Mode Linux
"""
import os
import random
import socket
import struct
import sys

PORT = 6946
ETH_P_IP = 0x0800


def record(dev, source, target, count):
    # No protocol before it is bound: until then it would hear every device.
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    sock.bind((dev, ETH_P_IP))
    print("recording", file=sys.stderr, flush=True)
    while count:
        packet = sock.recv(65535)
        length = (packet[0] & 15) * 4
        if packet[9] != socket.IPPROTO_UDP or struct.unpack_from("!H", packet, length + 2)[0] != PORT:
            continue
        if packet[12:16] != socket.inet_aton(source) or packet[16:20] != socket.inet_aton(target):
            continue
        print(packet[length + 8:].hex(), flush=True)
        count -= 1


def play(source, target, what):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # The agent's own port, if the agent is not there to hold it.
    try:
        sock.bind((source, PORT))
    except OSError:
        sock.bind((source, 0))
    chance = random.Random(1)
    for line in sys.stdin:
        packet = bytearray.fromhex(line)
        if what == "flipped":
            bit = chance.randrange(8 * 116, 8 * len(packet))
            packet[bit // 8] ^= 1 << bit % 8
        elif what == "cut":
            packet = packet[:len(packet) // 2]
        elif what == "garbage":
            packet = chance.randbytes(len(packet))
        sock.sendto(packet, (target, PORT))


def notify(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    while True:
        print(sock.recv(4096).decode(), flush=True)


def serve(name):
    sock = socket.create_server(("", 80), family=socket.AF_INET6, dualstack_ipv6=True, backlog=128)
    answer = f"HTTP/1.0 200 OK\r\nContent-Length: {len(name) + 1}\r\n\r\n{name}\n".encode()
    while True:
        client, _ = sock.accept()
        # Health checks only open and reset.
        try:
            client.settimeout(1)
            if client.recv(65536):
                client.sendall(answer)
        except OSError:
            pass
        client.close()


def main():
    command, *words = sys.argv[1:]
    if command == "record":
        record(words[0], words[1], words[2], int(words[3]))
    elif command == "play":
        play(*words)
    elif command == "notify":
        notify(*words)
    elif command == "serve":
        serve(*words)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    os.umask(0o077)
    main()
