#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Sends so many random bytes over one TCP connection to a vip and back, and compares what arrived with what was sent.

    CLIENT SERVER ADDR PORT BYTES [split] [at=ADDR] [times=FILE]

CLIENT and SERVER are network namespaces. With `split` the client's packets may be split on their way (IPv4, no DF); the
server listens at ADDR, or at another address. FILE gets two times since boot, ns: when the connection was there, and
when the last byte had come back. Prints what differs; exit code 0 only if nothing does.
"""
import hashlib
import os
import random
import socket
import sys

from netlink import boottime
from netns import enter

IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 10, 0
PATIENCE = 120
PIECE = 1 << 16


def give(sock, seed, size):
    """Sends the bytes that a seed makes; returns their digest."""
    source, digest = random.Random(seed), hashlib.sha256()
    while size:
        piece = source.randbytes(min(PIECE, size))
        digest.update(piece)
        sock.sendall(piece)
        size -= len(piece)
    return digest.digest()


def take(sock, size):
    """Receives so many bytes; returns their digest."""
    digest = hashlib.sha256()
    while size:
        piece = sock.recv(min(PIECE, size))
        if not piece:
            sys.exit(f"the connection ended {size} bytes early")
        digest.update(piece)
        size -= len(piece)
    return digest.digest()


def answer(sock):
    """The digest that the other end has sent."""
    digest = b""
    while len(digest) < hashlib.sha256().digest_size:
        digest += sock.recv(hashlib.sha256().digest_size - len(digest)) or sys.exit("no digest came")
    return digest


def serve(listener, size):
    sock = listener.accept()[0]
    sock.settimeout(PATIENCE)
    sock.sendall(take(sock, size))
    digest = give(sock, "back", size)
    sock.sendall(digest)
    sock.recv(1)


def main():
    client, server, addr, port, size, *how = sys.argv[1:]
    size, family = int(size), socket.AF_INET6 if ":" in addr else socket.AF_INET
    enter(server)
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own = [word[3:] for word in how if word.startswith("at=")]
    listener.bind((own[0] if own else addr, int(port)))
    listener.listen(1)
    child = os.fork()
    if child == 0:
        serve(listener, size)
        os._exit(0)
    listener.close()
    enter(client)
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(PATIENCE)
        if "split" in how:
            sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
        sock.connect((addr, int(port)))
        wrong, began = [], boottime()
        there = give(sock, "there", size)
        if answer(sock) != there:
            wrong.append("what arrived at the server is not what was sent")
        back = take(sock, size)
        times = [word[6:] for word in how if word.startswith("times=")]
        if times:
            with open(times[0], "w", encoding="ascii") as file:
                print(began, boottime(), file=file)
        if answer(sock) != back:
            wrong.append("what came back is not what was sent")
    os.waitpid(child, 0)
    sys.exit("\n".join(wrong) or 0)


main()
