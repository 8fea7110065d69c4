#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""HTTP clients as nobody wants them: http_clients.py ADDRESS PORT.

Eight that say nothing, eight that send half of a request, eight that ask and never read, and eight with garbage: as
many as the server has places, and lets wait. All are connected at once. Ends well as soon as the server has ended the
connections of all, and fails after 100 seconds.
"""
import random
import selectors
import socket
import sys
import time

EACH = 8
LIMIT = 100
KINDS = {
    "silent": b"",
    "half": b"GET /metrics HTTP/1.1\r\nHost: x\r\n",
    "unread": b"GET /metrics HTTP/1.1\r\n\r\n",
    "garbage": None,
}


def connected(at, kind, said):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.settimeout(10)
    sock.connect(at)
    sock.setblocking(False)
    return {"socket": sock, "kind": kind, "said": random.randbytes(9000) if said is None else said}


def main():
    at = (sys.argv[1], int(sys.argv[2]))
    random.seed(1)
    clients = [connected(at, kind, said) for kind, said in KINDS.items() for _ in range(EACH)]
    chosen = selectors.DefaultSelector()
    for client in clients:
        # Who never reads is looked at only for the end.
        chosen.register(client["socket"], selectors.EVENT_WRITE, client)
    end = time.monotonic() + LIMIT
    closed = 0
    while closed < len(clients) and time.monotonic() < end:
        for key, _ in chosen.select(0.1):
            client, sock = key.data, key.fileobj
            try:
                if client["said"]:
                    client["said"] = client["said"][sock.send(client["said"]):]
                if client["said"]:
                    continue
                if client["kind"] == "unread":
                    # Nothing is read until the server gives up and resets the connection.
                    sock.getpeername()
                    time.sleep(0.001)
                    continue
                chosen.modify(sock, selectors.EVENT_READ, client)
                if not sock.recv(65536):
                    raise ConnectionError
            except BlockingIOError:
                pass
            except OSError:
                chosen.unregister(sock)
                sock.close()
                closed += 1
    left = len(clients) - closed
    print(f"{closed} clients were closed, {left} were not")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
