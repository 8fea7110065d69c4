#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A shop's server, its customers, and who judges what they have seen.

    shop.py serve NODE ZONE STORE VIP [PEER/ZONE=ADDRESS...]
    shop.py customers VIP NUMBER LOG
    shop.py window LOG BEGIN END
    shop.py judge LOG WINDOWS [STORE,STORE...]...

`serve` is one of several servers. Three services are at the VIP: the list of products, the details of one, and orders.
STORE is its database (SQLite), on its own disk. An order is acknowledged when it is committed here and on a peer of
another zone; while no such peer answers, on another peer. So the loss of a machine, or of a zone, takes no acknowledged
order away. Who is asked for an order that is not in its store asks the peers. What came while a server was away it gets
from them when it starts, before it serves. An order never changes, so two copies of one never differ.

`customers` order until SIGTERM, and see whether each order is still there. An order that failed is sent once more under
its id, until it is acknowledged. At the end they ask for each acknowledged order again. A line of LOG for each request:

    KIND START END RESULT NODE ID       times are CLOCK_BOOTTIME, ns; RESULT is served, lost, or what failed

`window` tells what customers saw from BEGIN to END: the longest time in which none of them got an answer (ms), how
many requests were served, and how many failed.

`judge` reads LOG, the windows of the faults (lines "BEGIN END LONGEST NAME", ns, but LONGEST, which none may exceed, in
seconds), and the stores of each zone. Its line that begins with | belongs to the timeline of lib/telling.sh.
"""
import asyncio
import contextlib
import json
import random
import signal
import socket
import sqlite3
import sys
import time

PRODUCTS, DETAILS, ORDERS, PEERS = 8001, 8002, 8003, 9000
GOODS = {1: ("chair", 40), 2: ("table", 120), 3: ("lamp", 25)}
WORK = 0.005            # s: what a request costs a server besides
PEER_PATIENCE = 0.2     # s: a peer that needs longer is none
PATIENCE = 3            # s: of a customer
PAUSE = 0.1             # s: between a customer's rounds
COLUMNS = "id, product, count, price"


class Server:
    def __init__(self, node, zone, store, vip, peers):
        self.node, self.vip = node, vip
        self.far, self.near = [], []
        for peer in peers:
            name, address = peer.split("=")
            (self.near if name.split("/")[1] == zone else self.far).append(address)
        self.store = sqlite3.connect(store)
        # A commit is on the disk when it returns.
        self.store.executescript(f"""pragma journal_mode = wal; pragma synchronous = full;
            create table if not exists products (id integer primary key, name, price);
            create table if not exists orders ({COLUMNS}, primary key (id));""")
        with self.store:
            self.store.executemany("insert or ignore into products values (?, ?, ?)",
                                   [(number, *goods) for number, goods in GOODS.items()])

    def keep(self, orders):
        with self.store:
            self.store.executemany("insert or ignore into orders values (?, ?, ?, ?)", orders)

    def find(self, order):
        return self.store.execute(f"select {COLUMNS} from orders where id = ?", (order,)).fetchone()

    async def ask(self, address, verb, what):
        """A peer's answer, or an OSError."""
        async def asked():
            reader, writer = await asyncio.open_connection(address, PEERS, limit=1 << 24)
            try:
                writer.write(json.dumps([verb, what]).encode() + b"\n")
                return json.loads(await reader.readline())
            finally:
                writer.close()
        try:
            return await asyncio.wait_for(asked(), PEER_PATIENCE)
        except (OSError, asyncio.TimeoutError, ValueError) as err:
            raise OSError(f"{address}: {err}") from err

    async def peer(self, reader, writer):
        with contextlib.suppress(OSError, ValueError), contextlib.closing(writer):
            verb, what = json.loads(await reader.readline())
            if verb == "keep":
                self.keep(what)
            answer = {"keep": lambda: True, "find": lambda: self.find(what),
                      "all": lambda: self.store.execute(f"select {COLUMNS} from orders").fetchall()}[verb]()
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()

    async def catch_up(self):
        for address in self.far + self.near:
            with contextlib.suppress(OSError):
                self.keep(await self.ask(address, "all", None))

    async def copied(self, order):
        """Is it on one more machine, and in another zone if one is there?"""
        for zone in self.far, self.near:
            for address in random.sample(zone, len(zone)):
                with contextlib.suppress(OSError):
                    return await self.ask(address, "keep", [order])
        return False

    async def products(self, _verb, _path, _body):
        return 200, self.store.execute("select id, name from products").fetchall()

    async def details(self, _verb, path, _body):
        row = self.store.execute("select id, name, price from products where id = ?", (path,)).fetchone()
        return (200, row) if row else (404, "no such product")

    async def orders(self, verb, path, body):
        if verb == "GET":
            return await self.order_again(path)
        name, product, count = json.loads(body)
        price = self.store.execute("select price from products where id = ?", (product,)).fetchone()[0]
        order = (name, product, count, price * count)
        self.keep([order])
        return (201, order) if await self.copied(order) else (503, "kept here only")

    async def order_again(self, name):
        found, silent = self.find(name), 0
        peers = self.far + self.near
        asks = [] if found else [asyncio.ensure_future(self.ask(address, "find", name)) for address in peers]
        for done in asyncio.as_completed(asks):
            try:
                found = await done
                if found:
                    break
            except OSError:
                silent += 1
        for ask in asks:
            ask.cancel()
        if found:
            return 200, found
        return (503, "no peer answers that may have it") if silent == len(peers) else (404, "none such")

    def service(self, answer):
        async def asked(reader, writer):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
                verb, path, _ = (await reader.readline()).decode().split()
                length = 0
                while line := (await reader.readline()).strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                await asyncio.sleep(WORK)
                status, what = await answer(verb, path.rpartition("/")[2], await reader.readexactly(length))
                text = json.dumps([self.node, what])
                writer.write(f"HTTP/1.0 {status} -\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
                await writer.drain()
        return asked

    def listen(self, port):
        """At the vip, which is an address of this machine at times."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_IP, 15, 1)   # IP_FREEBIND
        sock.bind((self.vip, port))
        return sock

    async def run(self):
        await asyncio.start_server(self.peer, port=PEERS, limit=1 << 24)
        # An order that comes from now on comes here as well, so none is missed.
        await self.catch_up()
        for port, answer in (PRODUCTS, self.products), (DETAILS, self.details), (ORDERS, self.orders):
            await asyncio.start_server(self.service(answer), sock=self.listen(port))
        print("serving", flush=True)
        await asyncio.Event().wait()


class Customers:
    def __init__(self, vip, number, log):
        self.vip, self.number = vip, int(number)
        self.log = open(log, "w", encoding="utf-8", buffering=1)   # noqa: SIM115 it is written to the end
        self.orders, self.open = {}, True       # id: the order as it was acknowledged

    async def ask(self, kind, port, path, body=None):
        """What a server said, or None."""
        begin = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        node = what = None
        try:
            status, node, what = await asyncio.wait_for(self.asked(port, path, body), PATIENCE)
            result = "served" if status < 300 else "lost" if status == 404 else f"status-{status}"
        except asyncio.TimeoutError:
            result = "timeout"
        except (OSError, ValueError) as err:
            result = type(err).__name__
        end = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        expected = self.orders.get(path) if kind in ("again", "last") else None
        if result == "served" and expected not in (None, what):
            result = "lost"
        print(kind, begin, end, result, node or "-", path, file=self.log)
        return what if result == "served" else None

    async def asked(self, port, path, body):
        reader, writer = await asyncio.open_connection(self.vip, port)
        try:
            text = json.dumps(body) if body else ""
            writer.write(f"{'POST' if body else 'GET'} /{path} HTTP/1.0\r\nContent-Length: {len(text)}\r\n\r\n{text}"
                         .encode())
            head, _, text = (await reader.read()).partition(b"\r\n\r\n")
            return int(head.split()[1]), *json.loads(text)
        except IndexError as err:
            raise ConnectionError("closed") from err
        finally:
            writer.close()

    async def customer(self, name):
        number = 0
        await asyncio.sleep(random.random() * PAUSE)
        while self.open:
            number += 1
            order = f"{name}-{number}"
            await self.ask("products", PRODUCTS, "-")
            await self.ask("details", DETAILS, str(number % 3 + 1))
            while not (done := await self.ask("order", ORDERS, order, (order, number % 3 + 1, number % 7 + 1))):
                await asyncio.sleep(PAUSE)
            self.orders[order] = done
            for again in order, random.choice(list(self.orders)):
                await self.ask("again", ORDERS, again)
            await asyncio.sleep(PAUSE)

    async def run(self):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: setattr(self, "open", False))
        await asyncio.gather(*[self.customer(i) for i in range(self.number)])
        for order in self.orders:
            await self.ask("last", ORDERS, order)


def read(log):
    """Its requests: (kind, begin, end, result, node, id)."""
    with open(log, encoding="utf-8") as file:
        return [(kind, int(begin), int(end), *rest) for kind, begin, end, *rest in map(str.split, file)]


def window(log, begin, end):
    begin, end, asked = int(begin), int(end), read(log)
    answers = sorted(r[2] for r in asked if r[3] == "served" and r[2] <= end)
    # The last answer before the cause is where the first gap begins.
    answers = answers[max(sum(a < begin for a in answers) - 1, 0):]
    during = [r[3] for r in asked if r[1] <= end and r[2] >= begin]
    served = during.count("served")
    gaps = [after - before for before, after in zip(answers, answers[1:])]
    print(f"{max(gaps) / 1e6:.0f}" if gaps else "-", served, len(during) - served)


def judge(log, windows, *zones):
    asked = read(log)
    with open(windows, encoding="utf-8") as file:
        faults = [(name, int(begin), int(end), float(longest))
                  for begin, end, longest, name in (line.strip().split(" ", 3) for line in file)]
    acked = {r[5] for r in asked if r[0] == "order" and r[3] == "served"}
    last = {r[5] for r in asked if r[0] == "last" and r[3] == "served"}
    lost = [r for r in asked if r[3] == "lost"]
    failed = [r for r in asked if r[3] not in ("served", "lost")]
    stray = [r for r in failed if not any(r[1] <= end and r[2] >= begin for _, begin, end, _ in faults)]

    def point(good, name, *details):
        print("ok" if good else "not ok", name)
        print(*details, sep="\n", end="\n" if details else "")

    point(acked and not lost and acked == last, "no acknowledged order is lost",
          f"{len(acked)} orders were acknowledged, {len(last)} of them were fetched again in the end", *lost[:5])
    for zone in zones:
        there = set()
        for store in zone.split(","):
            with contextlib.closing(sqlite3.connect(store)) as db:
                there |= {row[0] for row in db.execute("select id from orders")}
        names = " and ".join(store.split("/")[-1].split(".")[0] for store in zone.split(","))
        point(acked <= there, f"the stores of {names} have them all in the end", *sorted(acked - there)[:5])
    point(len(asked) > 500 and not stray, "requests fail only while a fault is felt",
          f"{len(asked)} requests, {len(failed)} failed", *stray[:5])
    for name, begin, end, longest in faults:
        during = [r for r in failed if r[1] <= end and r[2] >= begin]
        served = {r[4] for r in asked if r[1] > end and r[3] == "served"}
        point((end - begin) / 1e9 <= longest and served, f"{name} is over soon",
              f"felt for {(end - begin) // 1000000} ms, {len(during)} requests failed, then served by "
              f"{', '.join(sorted(served))}")
    if acked == last and not lost and not stray:
        ends = f"{len(failed)} failed, while a fault was felt" if failed else "none failed"
        print(f"| {len(asked)} requests, of which {ends}; "
              f"{len(acked)} acknowledged orders, of which none was lost")


def main():
    verb, *words = sys.argv[1:]
    if verb in ("judge", "window"):
        {"judge": judge, "window": window}[verb](*words)
    else:
        asyncio.run((Server(*words[:4], words[4:]) if verb == "serve" else Customers(*words)).run())


main()
