# SPDX-License-Identifier: GPL-2.0
"""The cluster that the nemesis torments: agents and modules in namespaces, two networks between them, and a client."""
import collections
import ctypes
import fcntl
import json
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import time
import zlib

import nemesis_judge as judge
from nemesis_plan import alone
from netns import LIBC, inside
from packet import checksum
from rtnl import Devices

MS, SECOND = 10**6, 10**9
NUMBERS = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "w": 6}
VIPS = {"web": "10.0.0.100", "db": "10.0.0.101"}
CLIENT = "10.0.0.9"
LONGEST = 1 * SECOND        # the longest right that the voters give
SLOWEST = 500 * MS          # a voter that starts again acks nothing for so long (rule 15)
ROOM = 1 << 20              # of the disk of a voter's file, and of those that are set aside
KEPT = 2000                 # lines of a log
SO_TIMESTAMPNS, SO_RCVBUFFORCE, PACKET_IGNORE_OUTGOING, SOL_PACKET = 35, 33, 23, 263
ETH_P_ALL, ETH_P_ARP, ETH_P_IP = 3, 0x0806, 0x0800


def boottime(clock=7):
    """ns, as the modules tell time."""
    return time.clock_gettime_ns(clock)


class Talker:
    """One haadm in a namespace, which is told commands and asked for events.
    What a fault makes fail is no failure here."""

    def __init__(self, namespace):
        self.namespace, self.run = namespace, None

    def tell(self, words):
        """Has a command done, whenever."""
        if self.run is None or self.run.poll() is not None:
            self.run = subprocess.Popen(["haadm", "-n", self.namespace, "-j", "-force", "-b", "-"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.run.stdin.write(words.encode() + b"\n")
        self.run.stdin.flush()

    def ask(self, words):
        """What a command tells in JSON."""
        self.tell(words)
        text = b""
        for line in self.run.stdout:
            text += line
            try:
                return json.loads(text)
            except json.JSONDecodeError:
                pass    # there is more
        raise RuntimeError(f"haadm has ended without an answer to: {words}")

    def end(self):
        if self.run:
            self.run.communicate()
        self.run = None


class Machine:
    """One that has an agent, which is started whenever nothing wants it to be away."""

    def __init__(self, name, folder, witness):
        self.name, self.folder, self.witness = name, folder, witness
        self.process, self.pipe, self.ready = None, None, False
        self.ends, self.gone = None, False      # a pidfd, and whether it has told of the end
        self.expected = None        # the exit codes that a fault makes right
        self.asked = []             # signals that wait until it is ready
        self.away = 0               # so many faults want it away
        self.halted = 0
        self.stuck = 0              # so many faults keep it from writing
        self.asked_at = 0
        self.mute = 0               # its voter will ack nothing for so long from its start, because a fault killed it
        self.muted = 0              # its voter acks nothing before then
        self.was_mute = 0           # for how long it did not
        self.log = collections.deque(maxlen=KEPT)
        self.part = b""
        self.wrong = []

    @property
    def voter(self):
        return f"{self.folder}/{self.name}/voter"

    @property
    def configurations(self):
        return f"{self.folder}/config-{self.name}"

    def committed(self):
        """What it has of the configurations that the cluster has committed: the hash of each number."""
        if not os.path.isdir(self.configurations):
            return {}
        return dict(name[:-len(".conf")].split("-") for name in os.listdir(self.configurations)
                    if name.endswith(".conf"))

    def say(self, line):
        self.log.append(f"{boottime() / 1e9:.6f} {line}")

    def start(self):
        words = ["haagentd"] + (["--witness"] if self.witness else []) + ["-f", f"{self.folder}/{self.name}.conf"]
        told, tells = os.pipe()
        fcntl.fcntl(told, fcntl.F_SETFL, os.O_NONBLOCK)
        self.say("-- started")
        self.process = inside(self.name,
                              lambda: subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=tells, stderr=tells))
        os.close(tells)
        self.pipe, self.ready, self.expected, self.asked = told, False, None, []
        self.ends, self.gone = os.pidfd_open(self.process.pid), False

    def waits(self):
        """What tells of something new: its log, and its end until that is known."""
        return [fd for fd in (self.pipe, None if self.gone else self.ends) if fd is not None]

    def read(self):
        """Takes what its agent has logged."""
        while self.pipe is not None:
            try:
                data = os.read(self.pipe, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                os.close(self.pipe)
                self.pipe = None
                return
            *lines, self.part = (self.part + data).split(b"\n")
            for line in lines:
                line = line.decode(errors="replace")
                self.say(line)
                if not self.ready and "listening for" in line:
                    self.ready = True
                    self.muted = max(self.muted, boottime() + self.mute)
                    self.mute, self.was_mute = 0, self.mute
                    self.limit()

    def signal(self, number):
        """One that the agent has a handler for, once it has."""
        if self.process and number not in self.asked:
            self.asked.append(number)

    def ask_end(self, number):
        """To end by itself."""
        if self.process:
            self.signal(number)
            self.expected, self.asked_at = (0,), boottime()

    def kill(self):
        """At once, and it is gone when this returns."""
        if not self.process:
            return
        self.read()
        if self.process.poll() is None:
            self.say("-- killed")
            self.expected = (self.expected or ()) + (-signal.SIGKILL,)
            self.process.kill()
        # What an operator ends tells the holder before, which takes a right that lasts over it.
        self.mute = max(self.mute, self.was_mute if boottime() < self.muted else SLOWEST)
        self.reap(True)

    def reap(self, wait=False):
        """Notices its end."""
        if not self.process or not (self.gone or wait):
            return
        code = self.process.wait()
        self.read()
        if self.pipe is not None:
            # Its worker process still has the other end.
            os.close(self.pipe)
            self.pipe = None
        if code not in (self.expected or ()):
            self.wrong.append(f"{self.name}: the agent ended by itself, exit {code}: {' | '.join(list(self.log)[-3:])}")
        self.say(f"-- ended, exit {code}")
        os.close(self.ends)
        self.process, self.ends = None, None

    def halt(self, more):
        """Stops it, or lets it go on."""
        self.halted += more
        if self.process and self.process.poll() is None:
            self.say(f"-- {'stopped' if self.halted else 'goes on'}")
            self.process.send_signal(signal.SIGSTOP if self.halted else signal.SIGCONT)

    def limit(self, more=0):
        """Has writes to files fail, or not; they do so with EFBIG in the thread that writes,
        which blocks the signal."""
        self.stuck += more
        if self.process and self.ready and self.process.poll() is None:
            size = 0 if self.stuck else resource.RLIM_INFINITY
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def tend(self, now, may_start):
        """Does what is due."""
        self.reap()
        if not self.process and not self.away and (may_start or self.witness):
            self.start()
            if self.halted:
                self.halt(0)
        if self.process and self.ready and self.asked and not self.halted:
            self.process.send_signal(self.asked[0])
            del self.asked[0]
        if self.process and self.expected == (0,) and not self.halted and now > self.asked_at + 5 * SECOND:
            self.wrong.append(f"{self.name}: the agent does not end, 5 s after it was asked to")
            self.kill()

    def fill(self, full):
        """Leaves no room on the disk, or makes some again."""
        path = f"{self.folder}/{self.name}/fill"
        if not full:
            if os.path.exists(path):
                os.unlink(path)
            return
        with open(path, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass

    def clean(self):
        """Nothing is left of a seed before."""
        for name in os.listdir(f"{self.folder}/{self.name}"):
            os.unlink(f"{self.folder}/{self.name}/{name}")
        shutil.rmtree(self.configurations, ignore_errors=True)

    def forgets(self):
        """Its voter starts with an empty file."""
        self.mute = LONGEST

    def lose(self):
        self.forgets()
        if os.path.exists(self.voter):
            os.unlink(self.voter)

    def damage(self, slots):
        """Writes into slots of its voter's file, which a checksum covers."""
        if len(slots) == 2:
            self.forgets()
        if os.path.exists(self.voter):
            with open(self.voter, "r+b", buffering=0) as file:
                for slot in slots:
                    file.seek(8192 * slot + 70)
                    file.write(b"\xa5")


class Net:
    """The ways between machines, each with all that is wrong with it at a time."""

    def __init__(self, names):
        self.devices = {name: Devices(name) for name in names}
        self.lan = Devices("lan")
        self.ways, self.downs, self.delay, self.seed = {}, {}, 0, 0

    @staticmethod
    def make(names):
        """A device of each machine to each other one, on both networks."""
        pairs = [(x, y) for i, x in enumerate(names) for y in names[i + 1:]]
        lines = [f"link add p{p}-{y} netns {x} type veth peer name p{p}-{x} netns {y}"
                 for p in (1, 2) for x, y in pairs]
        for name in names:
            inside(name, lambda: open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w", encoding="ascii").write("1"))
        subprocess.run(["ip", "-b", "-"], input="\n".join(lines), text=True, check=True)
        for x in names:
            lines = []
            for y in names:
                for p in (1, 2) if x != y else ():
                    lines += [f"addr add 10.{p}.0.{NUMBERS[x]} peer 10.{p}.0.{NUMBERS[y]}/32 dev p{p}-{y}",
                              f"link set p{p}-{y} up"]
            subprocess.run(["ip", "-n", x, "-b", "-"], input="\n".join(lines), text=True, check=True)

    def begin(self, plan, names):
        """As a plan has it, without any fault."""
        shape = plan.shape
        for way in self.ways:
            self.devices[way[0]].well(f"p{way[2]}-{way[1]}")
        self.delay, self.seed = shape.delay, plan.seed
        self.ways = {(x, y, p): {} for x in names for y in names for p in range(1, shape.paths + 1) if x != y}
        for way in self.ways:
            self.refresh(way)

    def refresh(self, way):
        source, dest, path = way
        faults = list(self.ways[way].values())
        device, name = self.devices[source], f"p{path}-{dest}"
        if not faults and not self.delay:
            device.well(name)
            return
        worst = {word: max((f.get(word, 0) for f in faults), default=0)
                 for word in ("delay", "jitter", "loss", "twice")}
        device.worse(name, self.delay + worst["delay"], worst["jitter"], worst["loss"], worst["twice"],
                     zlib.crc32(repr((self.seed, way)).encode()))

    def spoil(self, key, ways, **how):
        for way in ways:
            if way in self.ways:
                self.ways[way][key] = how
                self.refresh(way)

    def mend(self, key):
        for way, faults in self.ways.items():
            if faults.pop(key, None) is not None:
                self.refresh(way)

    def down(self, name, dev, more):
        """Sets a device down while anything wants it down; of the client's side it is the port of the bridge."""
        count = self.downs.get((name, dev), 0) + more
        self.downs[name, dev] = count
        if (more, count) in ((1, 1), (-1, 0)):
            (self.lan if dev == "eth0" else self.devices[name]).up(f"{name}-eth0" if dev == "eth0" else dev, not count)


class Client:
    """Asks for the vips, by ARP and by echoes to each node, and notes who answers."""

    def __init__(self, nodes):
        self.sock = inside("client", self.listen)
        self.own = self.sock.getsockname()[4]
        self.macs = {inside(n, lambda: self.mac("eth0")): n for n in nodes}
        self.to = {name: mac for mac, name in self.macs.items()}
        self.vips = {socket.inet_aton(vip): lease for lease, vip in VIPS.items()}
        self.offset = 0
        self.answers, self.last = [], {}
        self.turn = 0
        self.asks = {lease: self.arp(vip) for vip, lease in self.vips.items()}
        self.echoes = {(lease, n): self.echo(vip, self.to[n]) for vip, lease in self.vips.items() for n in nodes}

    @staticmethod
    def listen():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind(("eth0", ETH_P_ALL))
        return sock

    @staticmethod
    def mac(dev):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sock:
            return fcntl.ioctl(sock, 0x8927, struct.pack("256s", dev.encode()))[18:24]

    def arp(self, vip):
        arp = struct.pack("!HHBBH", 1, ETH_P_IP, 6, 4, 1) + self.own + socket.inet_aton(CLIENT) + b"\0" * 6 + vip
        return b"\xff" * 6 + self.own + struct.pack("!H", ETH_P_ARP) + arp + b"\0" * 18

    def echo(self, vip, to):
        message = struct.pack("!BBHHH", 8, 0, 0, 7, 7)
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 1, 0, 64, 1, 0) + socket.inet_aton(CLIENT) + vip
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return to + self.own + struct.pack("!H", ETH_P_IP) + head + message + b"\0" * 18

    def begin(self):
        """Forgets what was heard."""
        self.read()
        self.answers, self.last = [], {}
        self.offset = boottime(0) - boottime()

    def ask(self, nodes):
        """Asks for one vip: by ARP every time, by an echo to each node every other time."""
        self.turn += 1
        lease = list(VIPS)[self.turn % len(VIPS)]
        self.sock.send(self.asks[lease])
        if self.turn // len(VIPS) % 2:
            for name in nodes:
                self.sock.send(self.echoes[lease, name])

    def read(self):
        while True:
            try:
                frame, told, _, _ = self.sock.recvmsg(256, 64)
            except BlockingIOError:
                return
            if len(frame) < 42:
                continue
            proto = frame[12] << 8 | frame[13]
            lease = self.vips.get(frame[28:32] if proto == ETH_P_ARP else frame[26:30])
            if proto not in (ETH_P_ARP, ETH_P_IP) or not lease:
                continue
            kind = "a packet" if proto == ETH_P_IP else "an ARP reply" if frame[21] == 2 else "an ARP request"
            node = self.macs.get(frame[6:12], frame[6:12].hex(":"))
            seconds, nanos = struct.unpack("=qq", told[0][2][:16])
            at = seconds * SECOND + nanos - self.offset
            self.answers.append(judge.Answer(at, lease, kind, node))
            self.last[lease] = node, at


class Modules:
    """The modules, one a namespace, what they are told, and the grants that they tell of."""

    def __init__(self, folder, nodes):
        self.folder = folder
        self.talkers = {name: Talker(name) for name in nodes}
        self.nodes, self.there = (), True
        self.seen, self.over = {}, []
        self.applies = []           # runs of haadm cluster apply
        self.events = collections.defaultdict(list)

    def begin(self, nodes):
        """Others are nodes from now on, and what was told before does not count."""
        for name in set(self.nodes) - set(nodes):
            self.configure(name, "/dev/null")
        for name in nodes:
            self.configure(name)
        self.nodes, self.over = nodes, []
        self.seen = {**{name: 0 for name in nodes}, **self.seen}
        self.events = {name: [] for name in nodes}
        self.fetch()
        self.events = {name: [] for name in nodes}

    def configure(self, name, file=None):
        subprocess.run(["haadm", "-n", name, "restore", file or f"{self.folder}/haswitch.conf"], check=True)

    def apply(self, name, salt):
        """Has a configuration applied to the cluster that no other salt has."""
        file = f"{self.folder}/apply-{salt}"
        write_configuration(file, self.nodes, f" failback {1000 + salt // MS}ms")
        self.applies.append(subprocess.Popen(["haadm", "-n", name, "cluster", "apply", file],
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def applied(self):
        """Whether nobody waits any more for an answer to that."""
        return all(run.poll() is not None for run in self.applies)

    def end_applies(self):
        for run in self.applies:
            run.kill()
            run.wait()
        self.applies = []

    def fetch_one(self, name):
        return self.talkers[name].ask(f"event show from {self.seen[name] + 1}")

    def fetch(self):
        """Takes the events that are new."""
        for name in self.nodes if self.there else ():
            new = self.fetch_one(name)
            if new:
                self.seen[name] = new[-1]["seq"]
            self.events[name] += [e for e in new if e["kind"] == "lease"]

    def grants(self):
        return self.over + [t for name in self.nodes for t in judge.grants(name, self.events[name])]

    def unload(self):
        """Takes the module away from all; what it had not told is over."""
        self.fetch()
        for talker in self.talkers.values():
            talker.end()
        subprocess.run(["rmmod", "haswitch"], check=True)
        now = boottime()
        self.over = [t._replace(end=now, stop="unloaded") if t.end == judge.FOREVER else t for t in self.grants()]
        self.events, self.seen = {name: [] for name in self.nodes}, {name: 0 for name in self.nodes}
        self.there = False

    def load(self):
        ko = os.environ.get("HASW_KO")
        subprocess.run(["insmod", ko] if ko else ["modprobe", "haswitch"], check=True)
        for name in self.nodes:
            self.configure(name)
        self.there = True

    def tell(self, name, words):
        if self.there:
            self.talkers[name].tell(words)

    def ask(self, name, words):
        return self.talkers[name].ask(words) if self.there else None

    def end(self):
        for talker in self.talkers.values():
            talker.end()


def mount_disk(folder):
    """A disk of its own, which can be full."""
    os.makedirs(folder, exist_ok=True)
    if LIBC.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={ROOM}".encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)


def write_configuration(path, nodes, more=""):
    """A configuration of the modules, with more words for each lease."""
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"node add {n} addr 10.0.0.{NUMBERS[n]} state up\n" for n in nodes)
        file.writelines(f"lease add {lease}{more}\n" for lease in VIPS)
        file.writelines(f"vip add {vip} on eth0 lease {lease}\n" for lease, vip in VIPS.items())


def write_files(folder, plan):
    """What the modules and the agents of a plan are told to be."""
    shape = plan.shape
    names = list(shape.nodes) + ([shape.witness] if shape.witness else [])
    write_configuration(f"{folder}/haswitch.conf", shape.nodes)
    paths = range(1, shape.paths + 1)
    split = 'split = "allow";\n' if alone(shape) else ""
    if os.path.exists(f"{folder}/key"):
        os.unlink(f"{folder}/key")
    subprocess.run(["haagentd", "--genkey", f"{folder}/key"], check=True, stdout=subprocess.DEVNULL)
    for name in names:
        entries = []
        for other in names:
            at = " ".join(f'p{p} = "10.{p}.0.{NUMBERS[other]}";' for p in paths)
            entries.append(f'{{ name = "{other}"; addresses = {{ {at} }}; '
                           f'{"witness = true; " if other == shape.witness else ""}}}')
        with open(f"{folder}/{name}.conf", "w", encoding="ascii") as file:
            file.write(f'node = "{name}";\nkey = "{folder}/key-{name}";\n'
                       f'profile = "{shape.profile}";\n{split}'
                       f'timings = {{ heartbeat = "{shape.heartbeat}ms"; suspect = "{shape.suspect}ms"; time = '
                       f'"500ms"; }};\n'
                       f'leases = {{ longest = "{LONGEST // MS}ms"; voter = "{folder}/{name}/voter"; }};\n'
                       f'configurations = "{folder}/config-{name}";\n'
                       f'paths = ( {", ".join(f"""{{ name = "p{p}"; }}""" for p in paths)} );\n'
                       f'nodes = ( {", ".join(entries)} );\n')
        shutil.copy(f"{folder}/key", f"{folder}/key-{name}")
