#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One end of many idle TCP connections; keeps a file up to date with how they fare.

idle_connections.py serve FILE PORT             listens on every address, both families
idle_connections.py open FILE ADDR PORT COUNT   opens that many

FILE holds one line: "OPEN ENDED WHY...", WHY each kind of end there was (ECONNRESET, ECONNABORTED, EOF).
"""
import errno
import os
import selectors
import socket
import sys


class Ends:
    def __init__(self, path):
        self.path, self.open, self.ended, self.why = path, 0, 0, set()
        self.selector = selectors.DefaultSelector()

    def tell(self):
        with open(self.path + ".new", "w", encoding="ascii") as file:
            print(self.open, self.ended, *sorted(self.why), file=file)
        os.rename(self.path + ".new", self.path)

    def add(self, sock):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, self.look)
        self.open += 1

    def look(self, sock):
        try:
            why = None if sock.recv(100) else "EOF"
        except BlockingIOError:
            why = None
        except OSError as err:
            why = errno.errorcode[err.errno]
        if why:
            self.selector.unregister(sock)
            sock.close()
            self.open -= 1
            self.ended += 1
            self.why.add(why)

    def run(self):
        while True:
            self.tell()
            for key, _ in self.selector.select():
                key.data(key.fileobj)


def main():
    what, path, *words = sys.argv[1:]
    ends = Ends(path)
    if what == "serve":
        listener = socket.create_server(("::", int(words[0])), family=socket.AF_INET6, dualstack_ipv6=True,
                                        backlog=1024)
        ends.selector.register(listener, selectors.EVENT_READ, lambda sock: ends.add(sock.accept()[0]))
    else:
        for _ in range(int(words[2])):
            ends.add(socket.create_connection((words[0], int(words[1])), timeout=20))
    ends.run()


main()
