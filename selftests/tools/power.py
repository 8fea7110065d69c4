#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Three UML kernels on a virtual switch, faults that a seed picks, and a judge on the host's clock.

    power.py --kernel KERNEL --folder FOLDER [OPTION...] SEED...      7, or 1-60
    power.py --kernel KERNEL --folder FOLDER --starve S               no faults; too little CPU time for so long
    power.py --kernel KERNEL --folder FOLDER --steal S                no faults; a part of the time is taken, so long
    power.py --kernel KERNEL --folder FOLDER --upgrade N              no faults; planned work, N times (power_work)
    power.py --plan [OPTION...] SEED...                               prints what the seeds would have happen

    KERNEL is one that has UML's daemon transport; FOLDER has haswitch.conf, haagentd.conf and key for all.
    --only KIND,...   faults of these kinds only        --bound S     until somebody answers again (4)
    --margin MS       for what was decided in time (5)       --ask MS        between two questions (3; 1 to upgrade)
    --profile NAME    of the agents                          --figures       one figure a seed, see below

A seed is an episode of a running cluster: booting for each would take most of the time. To starve, each kernel has a
process that computes all the time, and the three kernels share the host's CPUs, which are to be two: the vip must stay
where it is. To steal, each kernel stands still for 30 % of the time, as under a hypervisor with other guests
(power_steal), and runs before others of the host else. With both options both happen.
The switch asks for the vip by ARP and ICMP all the time. Lines "ok NAME" or "not ok NAME" for each thing
that is judged, with lines behind it of what was wrong. A machine that goes and knows it is to be followed sooner than a
silent one. Of three tries at such a seed one must be, for the host may be busy. Each is a line "figure goes KIND
ANSWERED TOLD OVERLAPS SILENCE", ns (power_goes.Next). FOLDER/acts.txt has each frame that answered, and what was done
to the machines.

UML may end where it is to boot again. No kernel is to blame for that: the machine is begun again, and the seed happens
once more. With --figures a machine that loses its power, and so tells nobody, has such a line as well, and no seed is
tried again: a fault by which UML ended has the line "figure died KIND" and no other one. For each seed without a figure
another seed follows, FEWER_MAX of them at most for each seed. The last line is "figure trip P50 P99", ns from a
question to its answer: what the switch and the machines take for a round trip.
"""
import argparse
import json
import os
import random
import re
import signal
import statistics
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True          # on the host this is the tree itself

import power_goes as goes  # noqa: E402
import power_judge as judge  # noqa: E402
import power_plan as plans  # noqa: E402
import power_work as works  # noqa: E402
from packet import checksum  # noqa: E402
from power_steal import PART, Thief  # noqa: E402
from uml_switch import Switch, now  # noqa: E402

MS, SECOND = 10**6, 10**9
LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab")
GUEST = os.path.join(LAB, "../guest/power.sh")
VIP, CLIENT, ASKER = bytes([10, 0, 0, 100]), bytes([10, 0, 0, 9]), bytes([10, 0, 0, 8])
CLIENT_MAC, BROADCAST, ARP, IP = bytes.fromhex("020000000009"), b"\xff" * 6, b"\x08\x06", b"\x08\x00"
MARK = b"\x02\x02"                      # how the addresses of those begin who ask by ARP: each asks once
BOOT = 60 * SECOND
CALM = 300 * MS                         # between two seeds, at least
# The exit code of lab/run for a kernel that ended before its script, with a clean log.
DIED = 126
REPORT = 125                            # the same, but the log has a report
PANIC = re.compile("# log: .*(Kernel panic - not syncing: sysrq triggered crash|Modules linked in:)")
WELL = 60 * SECOND                      # until all machines vote, after a boot
STALLED = 300 * SECOND                  # for so long at most a stall has an agent ask for longer
TRIES = 3
LEAST_NICE = -20
FEWER_MAX = 0.5                         # see above
# Between a machine's script and this one.
FILES = ("ready", "end", *(f"{part}{word}" for word in ("busy", "well", "calm", *works.KINDS) for part in ("", "is-")))


class Machine:
    """A kernel on a port, with what its power loss leaves."""

    def __init__(self, name, number, options):
        self.name, self.out = name, f"{options.folder}/{name}"
        self.mac, self.address = bytes([2, 0, 0, 0, 0, number]), bytes([10, 0, 0, number])
        os.makedirs(self.out, exist_ok=True)
        more = ["-k", os.environ["HASW_KO"]] if os.environ.get("HASW_KO") else []
        # What a process of real time begins is else as nice as any.
        self.words = ["nice", "-n", str(os.nice(0)), f"{LAB}/run", "-t", "86400", "-m",
                      "256M", *more, "-o", self.out, "-a",
                      f"eth0=daemon,{self.mac.hex(':')},unix,{options.folder}/{name}.ctl",
                      options.kernel, GUEST, name, str(number), *([] if options.upgrade else ["disk"])]
        self.environment = {**os.environ, "HASW_CPU": str(number % os.cpu_count())}
        self.run, self.said, self.pid, self.up, self.boots = None, None, None, False, 0
        self.halt, self.still = None, None      # when it was told to stop, and stood

    def forget(self, *files):
        for file in files:
            if os.path.exists(f"{self.out}/{file}"):
                os.unlink(f"{self.out}/{file}")

    def tell(self, file):
        with open(f"{self.out}/{file}", "w", encoding="ascii"):
            pass

    def says(self, word):
        """Whether it has done what it was told, or is that."""
        return os.path.exists(f"{self.out}/is-{word}")

    def lost(self):
        """How often its module has taken a node for lost."""
        with open(f"{self.out}/events", encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        return sum(event["kind"] == "node" and event["to"] == "lost" for event in events)

    def restarts(self):
        """The kernel boots by itself, as the same process: what is new is only what the script says."""
        self.up = False
        self.boots += 1
        self.forget(*FILES)

    def boot(self):
        """Begins to, with nothing left of the kernel before but its disk."""
        self.forget(*FILES, ".lab/pid")
        self.boots += 1
        self.said = f"{self.out}/run-{self.boots}.txt"
        with open(self.said, "wb") as file:
            self.run = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=file,
                                        stderr=file, env=self.environment)

    def ready(self):
        """Whether it has booted since it was told to."""
        if not self.up and os.path.exists(f"{self.out}/ready"):
            with open(f"{self.out}/.lab/pid", encoding="ascii") as file:
                self.pid = int(file.read())
            self.up = True
        return self.up

    def fell(self):
        """Whether UML ended where it was to boot again, after a clean end of its kernel."""
        with open(self.said, encoding="utf-8", errors="replace") as file:
            logged = [line for line in file if line.startswith("# log:")]
        return self.run.poll() == DIED and bool(logged) and logged[-1].endswith("reboot: Restarting system\n")

    def state(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0]

    def each(self, what):
        """What is said of each process that runs of it, the kernel or one of its user space, by its id."""
        found = []
        for process in os.listdir("/proc"):
            try:
                if process.isdigit() and os.getpgid(int(process)) == self.pid:
                    found.append(what(int(process)))
            except OSError:
                pass    # it has ended
        return found

    def waited(self):
        """How long it has been kept from the host's CPUs so far, ns."""
        def one(process):
            with open(f"/proc/{process}/schedstat", encoding="ascii") as file:
                return int(file.read().split()[1])
        return sum(self.each(one))

    def prefer(self, priority):
        """Has it run in real time, before others of the host; with 0 not any more."""
        policy = os.SCHED_FIFO if priority else os.SCHED_OTHER
        self.each(lambda process: os.sched_setscheduler(process, policy, os.sched_param(priority)))

    def favour(self):
        """Has it get most of the host's CPU time, and share that with the other machines. One that runs in real time
        and works keeps the one on its CPU waiting until it sleeps."""
        self.each(lambda process: os.setpriority(os.PRIO_PROCESS, process, LEAST_NICE))
        # Where the host shares its CPUs among sessions, a process is nice within its own one.
        if os.path.exists(f"/proc/{self.pid}/autogroup"):
            with open(f"/proc/{self.pid}/autogroup", "w", encoding="ascii") as file:
                file.write(str(LEAST_NICE))

    def stop(self):
        """The kernel alone: it traces the processes of its user space, and takes a stop for theirs."""
        self.halt = now()
        os.kill(self.pid, signal.SIGSTOP)

    def stands(self):
        """Whether it stands still by now: it must run to be stopped, and others may run before."""
        if not self.still and self.state() in "Tt":
            self.still = now()
        return self.still

    def go_on(self):
        stop = judge.Stop(self.name, self.halt, self.stands() or now(), now())
        self.halt, self.still = None, None
        os.kill(self.pid, signal.SIGCONT)
        return stop

    def kill(self):
        self.up = False
        os.killpg(self.pid, signal.SIGKILL)


class Director:
    """Has seeds happen, one after the other, to one cluster."""

    def __init__(self, options):
        self.options = options
        self.switch = Switch(options.folder, plans.NAMES, self.hear)
        self.machines = {name: Machine(name, number, options) for number, name in enumerate(plans.NAMES, 1)}
        self.judge = judge.Judge(int(options.margin * MS))
        self.acts, self.last, self.number, self.asked = [], (None, 0), 0, {}
        self.open = 0                   # faults that have begun and not ended, or are to come
        self.zero = now()
        self.wrong = {point: [] for point in POINTS}
        self.silences, self.begun = {}, [(0, "none")]
        self.trips = []                 # from a question to its answer, of all answers
        # Who said in this seed that it goes; by kind, how soon others followed those who held.
        self.gone, self.next = [], {}
        self.died = set()               # which of their kernels ended instead of booting again
        self.alone = False              # whether that is all that happens in this seed
        self.client = works.Client() if options.upgrade else None
        self.judged = {"boots", "one", "again", "ends"}
        self.log = open(f"{options.folder}/acts.txt", "w", encoding="ascii")

    # What is asked, and what is heard

    def ask(self):
        self.switch.after(int(self.options.ask * MS), self.ask)
        if self.number % 4 == 0:
            mac = self.asks()
            frame = BROADCAST + mac + ARP + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + ASKER + bytes(6) + VIP
            for port in self.switch.ports.values():
                self.switch.deliver(port, frame)
            return
        for name, machine in self.machines.items():
            if self.client and self.client.mac != machine.mac:
                continue
            mac = self.asks()
            if self.client:
                self.client.asks(mac[2:])
            self.switch.deliver(self.switch.ports[name], self.echo(machine.mac, mac[2:]))

    def ask_all(self):
        """Each machine is asked whether it stands still."""
        self.switch.after(works.OFTEN, self.ask_all)
        for name, machine in self.machines.items():
            self.switch.deliver(self.switch.ports[name],
                                goes.order(machine.mac, machine.address, CLIENT_MAC, CLIENT, works.WORD))

    def asks(self):
        self.number += 1
        number = struct.pack("!I", self.number)
        self.asked[number] = now()
        return MARK + number

    @staticmethod
    def echo(mac, payload):
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0, 64, 1, 0, CLIENT, VIP)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        echo = struct.pack("!BBHHH", 8, 0, 0, 7, 0) + payload
        return mac + CLIENT_MAC + IP + head + echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]

    def hear(self, name, frame, when):
        """A frame of a machine: an act, if it speaks for the vip."""
        if frame[12:14] == ARP and frame[28:32] == VIP:
            number = frame[34:38] if frame[20:22] == b"\0\2" and frame[32:34] == MARK else None
            if self.client:
                self.client.told(frame)
        elif frame[12:14] == IP and frame[23] == 1 and frame[26:30] == VIP and frame[34] == 0:
            number = frame[42:46]
        else:
            kind = goes.word(frame)
            if kind == works.WORD:
                self.client.alive(name, when)
            if kind in goes.KINDS:
                self.goes(goes.Gone(when, name, kind))
            return
        asked = self.asked.get(number) if number else None
        if number and asked is None:
            raise OSError(f"{name} answers what was never asked: {frame.hex()}")
        if self.client and frame[12:14] == IP:
            self.client.answer(name, number)
        self.acts.append(judge.Act(when, name, asked))
        if when > self.last[1]:
            self.last = name, when

    # Faults

    def who(self, fault):
        return self.machines[self.last[0] if fault.who == plans.HOLDER else fault.who]

    def strike(self, fault):
        machine = self.who(fault)
        self.tell(f"{fault.kind} {machine.name}")
        getattr(self, "begin_" + fault.kind)(fault, machine)

    def over(self, text=""):
        self.open -= 1
        self.tell(f"over: {text}")

    def begin_power(self, _, machine):
        if not machine.up or machine.halt:
            return self.over()
        self.judge.stopped(judge.Stop(machine.name, now(), now(), judge.NEVER))
        if self.options.figures:
            self.gone.append(goes.Gone(now(), machine.name, "power"))
        machine.kill()
        self.switch.after(50 * MS, lambda: self.ended(machine))
        return None

    def ended(self, machine, usual=DIED):
        """A kernel without power, or that has panicked: once its run has been judged, it boots."""
        code = machine.run.poll()
        if code is None:
            return self.switch.after(20 * MS, lambda: self.ended(machine, usual))
        with open(machine.said, encoding="utf-8", errors="replace") as file:
            logged = [line for line in file if line.startswith("# log:") and not PANIC.match(line)]
        if code != usual or usual == REPORT and logged:
            self.wrong["ends"] += [f"{machine.name}, boot {machine.boots}: exit {code}", *logged]
        machine.boot()
        return self.booted(machine, now() + BOOT)

    def booted(self, machine, limit):
        if machine.ready():
            return self.over(f"{machine.name} boots")
        if machine.run.poll() is not None:
            self.tell(f"{machine.name} died as it booted: exit {machine.run.poll()}")
            self.died.add(machine.name)
            if not self.options.figures and not machine.fell():
                self.wrong["ends"].append(f"{machine.name}, boot {machine.boots}: ended, see {machine.said}")
            machine.boot()
        if now() > limit and not self.options.figures:
            raise OSError(f"{machine.name} does not boot")
        if now() > limit:
            machine.run.terminate()     # its guest, too; from then on it is one that died
            limit = now() + BOOT
        return self.switch.after(50 * MS, lambda: self.booted(machine, limit))

    def begin_goes(self, fault, machine, tries=10):
        """Tells it to, until it says that it does: what tells it may be lost by another fault."""
        if any(gone.who == machine.name for gone in self.gone):
            return None     # the fault is over once it has booted
        if not machine.up or not tries:
            return self.over()
        if not machine.halt:
            tries -= 1
            self.switch.deliver(self.switch.ports[machine.name],
                                goes.order(machine.mac, machine.address, CLIENT_MAC, CLIENT, fault.kind))
        return self.switch.after(100 * MS, lambda: self.begin_goes(fault, machine, tries))

    begin_panic = begin_force = begin_reboot = begin_term = begin_goes

    def goes(self, gone):
        machine = self.machines[gone.who]
        self.gone.append(gone)
        self.tell(f"{gone.who} says that it goes: {gone.kind}")
        self.judge.stopped(judge.Stop(gone.who, gone.at, gone.at, judge.NEVER))
        if self.alone:
            # It goes in time, and keeps no other machine from a CPU when it boots.
            machine.prefer(1)
        if gone.kind == "panic":
            machine.up = False
            self.switch.after(50 * MS, lambda: self.ended(machine, REPORT))
        else:
            machine.restarts()
            self.booted(machine, now() + BOOT)

    def begin_pause(self, fault, machine):
        if not machine.up or machine.halt:
            return self.over()
        machine.stop()
        self.stopping(machine)
        return self.switch.after(fault.lasts, lambda: self.end_pause(machine))

    def stopping(self, machine):
        if machine.halt and not machine.stands():
            self.switch.after(MS // 4, lambda: self.stopping(machine))

    def end_pause(self, machine):
        self.judge.stopped(machine.go_on())
        self.over(f"{machine.name} goes on")

    def spoil(self, fault, machine, part):
        loss = self.switch.ports[machine.name].loss
        for way in fault.detail["ways"]:
            loss[way].append(part)

        def ends():
            for way in fault.detail["ways"]:
                loss[way].remove(part)
            self.over(f"port of {machine.name}")
        self.switch.after(fault.lasts, ends)

    def begin_cut(self, fault, machine):
        self.spoil(fault, machine, 1)

    def begin_loss(self, fault, machine):
        self.spoil(fault, machine, fault.detail["part"])

    def begin_lag(self, fault, machine):
        delays = self.switch.ports[machine.name].delay
        delays.append(fault.detail["delay"])

        def then():
            self.begin_pause(fault, machine)
            # What is late by then is delivered into the pause.
            self.switch.after(fault.detail["delay"], lambda: delays.remove(fault.detail["delay"]))
        self.switch.after(fault.detail["for"], then)

    def begin_late(self, fault, machine):
        port, delay = self.switch.ports[machine.name], fault.detail["delay"]
        port.delay.append(delay)

        def then():
            port.unheard += 1
            self.switch.after(fault.lasts, ends)

        def ends():
            port.unheard -= 1
            port.delay.remove(delay)
            self.over(f"port of {machine.name}")
        self.switch.after(fault.detail["for"], then)

    def begin_move(self, _, machine):
        if machine.up:
            machine.tell("move")
        # It looks every 50 ms.
        self.switch.after(100 * MS, self.over)

    # Seeds

    def tell(self, text):
        print(f"{(now() - self.zero) / 1e9:.6f} # {text}", file=self.log)

    def run_until(self, done, limit):
        while not done() and now() < limit:
            self.switch.step()
        return done()

    def settle(self):
        """What was heard is judged."""
        acts, self.acts = sorted(self.acts, key=lambda act: act.at), []
        self.judge.take(acts)
        self.trips += [act.at - act.asked for act in acts if act.asked is not None]
        print(*(f"{(act.at - self.zero) / 1e9:.6f} {act.who} "
                + ("tells" if act.asked is None else f"answers after {(act.at - act.asked) / 1000:.0f} us")
                for act in acts),
              sep="\n", file=self.log, flush=True)
        horizon = now() - 10 * SECOND
        self.asked = {number: at for number, at in self.asked.items() if at > horizon}
        return acts

    def found(self):
        """What the judge has found since it was asked last: of a turn when it is over,
        which may be some seeds later."""
        for turn in self.judge.wrong:
            seed = [seed for begun, seed in self.begun if begun <= turn.since][-1]
            self.wrong["one"].append(f"seed {seed}: {turn.who} acts from {(turn.since - self.zero) / 1e9:.6f} to "
                                     f"{(turn.last - self.zero) / 1e9:.6f} s and was not granted it")
        self.judge.wrong.clear()

    def begin(self):
        for machine in self.machines.values():
            machine.boot()
        if not self.run_until(lambda: all(m.ready() for m in self.machines.values()), now() + BOOT):
            self.wrong["boots"].append("not all kernels: " +
                                       ", ".join(n for n, m in self.machines.items() if not m.ready()))
            return False
        self.ask()
        if not self.run_until(lambda: self.acts, now() + 20 * SECOND):
            self.wrong["boots"].append("nobody answers")
            return False
        self.run_until(lambda: False, now() + SECOND)
        return True

    def well(self):
        """Waits until all vote, hear each other, and have all ready to say that they panic.
        A busy host keeps none waiting."""
        prefer = Machine.favour if self.client else lambda machine: machine.prefer(2)
        for machine in self.machines.values():
            prefer(machine)
            machine.tell("well")
        ill = lambda: [name for name, machine in self.machines.items() if not machine.says("well")]
        if not self.run_until(lambda: not ill(), now() + WELL):
            self.wrong["well"].append("not well: " + " ".join(ill()))
        for machine in self.machines.values():
            machine.forget("well", "is-well")
            prefer(machine)         # those of its processes, too, that have begun since
        self.run_until(lambda: False, now() + CALM)

    def measured(self, kind):
        """Whether it counts how soon another machine follows one that goes in this way."""
        return kind in goes.KINDS or self.options.figures and kind == "power"

    def calm(self):
        """Waits until the holder has forgotten its stalls, as of its boot: it would be missed for longer."""
        holder = self.machines[self.last[0]]
        holder.tell("calm")
        self.run_until(lambda: holder.says("calm"), now() + STALLED)
        holder.forget("calm", "is-calm")

    def seed(self, seed, faults):
        """Whether the machine that went, and knew it, was followed soon, if that was all that happened; else True."""
        self.alone = alone = len(faults) == 1 and self.measured(faults[0].kind)
        if alone and faults[0].kind == "power":
            self.calm()
        if alone:
            self.well()
        begun = now()
        self.gone.clear()
        self.died.clear()
        self.begun.append((begun, seed))
        self.tell(f"seed {seed}")
        random.seed(f"power loss {seed}")
        self.open = len(faults)
        for fault in faults:
            self.switch.after(fault.at, lambda fault=fault: self.strike(fault))
        self.run_until(lambda: not self.open, now() + 2 * BOOT)
        healed = now()
        again = self.run_until(lambda: self.last[1] > healed, healed + int(self.options.bound * SECOND))
        self.run_until(lambda: False, now() + CALM)
        acts = self.settle()
        self.found()
        if not again:
            self.wrong["again"].append(f"seed {seed}: nobody answers for {self.options.bound} s after "
                                       f"{(healed - self.zero) / 1e9:.6f} s")
        times = [begun] + [act.at for act in acts if act.at > begun] + [now()]
        silence = max(b - a for a, b in zip(times, times[1:]))
        soon = not alone or self.follow(seed, acts)
        for machine in self.machines.values() if alone else ():
            machine.prefer(0)
        for fault in faults if len(faults) == 1 else ():
            self.silences.setdefault(fault.kind, []).append(silence / MS)
        print(f"seed {seed}: {', '.join(f'{f.kind} of {f.who}' for f in faults)}; "
              f"{len(acts)} answers of {' '.join(sorted({act.who for act in acts}))}, none for "
              f"{silence / MS:.0f} ms at most", flush=True)
        return soon

    def follow(self, seed, acts):
        """Whether a machine went that held the lease, and was followed soon."""
        gone = self.gone[0] if self.gone else None
        if not gone or not goes.held(gone, acts):
            print(f"seed {seed}: " + (f"{gone.who} did not hold the lease" if gone else "nobody went"))
            return False
        if gone.who in self.died:
            print(f"figure died {gone.kind}", flush=True)
            return False
        after = goes.following(gone, acts)
        if after.answered is None:
            return False
        self.next.setdefault(gone.kind, []).append(after)
        print(f"figure goes {gone.kind} {after.answered} {after.told or 0} {after.late} {after.silence}",
              flush=True)
        return gone.kind == "power" or after.answered < goes.silent(gone.kind, self.options.profile)

    def tries(self, seed, faults):
        """A seed; and once more, if nobody followed soon."""
        kind = faults[0].kind
        if len(faults) == 1 and self.measured(kind):
            self.judged |= {kind, "well"} & set(POINTS)
        for _ in range(1 if self.options.figures else TRIES):
            if self.seed(seed, faults) or self.options.figures:
                return
        self.wrong[kind].append(f"seed {seed}: not soon, in {TRIES} tries")

    def more(self, drawn):
        """Has seeds happen that stand for those which gave no figure."""
        number, left = max(drawn), round(FEWER_MAX * len(drawn))
        while left and sum(map(len, self.next.values())) < len(drawn):
            number, left = number + 1, left - 1
            self.tries(number, plans.draw(number, self.options.only))

    def steal(self):
        """Begins to: nobody but the thieves keeps a machine from a CPU."""
        thieves = [Thief(machine, self.switch, self.judge.stopped, 1) for machine in self.machines.values()]
        for thief in thieves:
            if not self.options.starve:
                thief.machine.prefer(2)
            thief.begin()
        return thieves

    def stolen(self, thieves, took):
        """Ends them, and says what they took."""
        for thief in thieves:
            thief.ends = True
        self.run_until(lambda: not any(m.halt for m in self.machines.values()), now() + SECOND)
        for thief in thieves:
            part = thief.taken / took
            print(f"{thief.machine.name} stood still {thief.count} times, for {100 * part:.1f} % of the time and "
                  f"{thief.longest / MS:.1f} ms at most")
            if part < 0.95 * PART:
                self.wrong["stays"].append(f"{100 * part:.0f} % of the time of {thief.machine.name} was taken, "
                                           "too little")

    def starve(self, seconds):
        """No fault at all, for so long: who holds the vip is to keep it."""
        for machine in self.machines.values() if self.options.starve else ():
            machine.tell("busy")
        self.run_until(lambda: False, now() + 2 * SECOND)
        self.settle()
        begun, turns, lost = now(), len(self.judge.turns), {name: m.lost() for name, m in self.machines.items()}
        thieves = self.steal() if self.options.steal else []
        holder, before = self.last[0], {name: machine.waited() for name, machine in self.machines.items()}
        last, silence, counts = begun, 0, {}
        while now() < begun + seconds * SECOND:
            self.run_until(lambda: False, now() + 10 * SECOND)
            for act in self.settle():
                silence, last = max(silence, act.at - last), max(act.at, last)
                counts[act.who] = counts.get(act.who, 0) + 1
        self.found()
        took = now() - begun
        silence = max(silence, now() - last)
        self.stolen(thieves, took)
        waited = " ".join(f"{name} {100 * (machine.waited() - before[name]) / took:.0f} %"
                          for name, machine in self.machines.items())
        lost = " ".join(f"{name} {machine.lost() - lost[name]}" for name, machine in self.machines.items())
        print(f"{took / SECOND:.0f} s, waited for the host's CPUs: {waited}; answers: {counts}, none for "
              f"{silence / MS:.0f} ms at most; {len(self.judge.turns) - turns} moves; nodes taken for lost: {lost}")
        if silence > self.options.bound * SECOND:
            self.wrong["stays"].append(f"nobody answered for {silence / MS:.0f} ms")
        if set(counts) != {holder}:
            self.wrong["stays"].append(f"{holder} had it, and {sorted(counts)} answered")

    def end(self):
        """Ends all kernels as an operator would."""
        self.judge.end()
        self.found()
        for machine in self.machines.values():
            if machine.halt:
                machine.go_on()
            machine.tell("end")
        self.run_until(lambda: all(m.run.poll() is not None for m in self.machines.values()), now() + BOOT)
        for name, machine in self.machines.items():
            code = machine.run.poll()
            if code is None:
                machine.run.terminate()
            if code != 0:
                self.wrong["ends"].append(f"{name}: exit {code}, see {machine.said}")

    def report(self):
        found, gaps = self.judge, self.judge.gaps()
        print(f"{len(found.turns)} turns; worst overlap {max(found.overlaps, default=0) / 1000:.0f} us of "
              f"{len(found.overlaps)} acts; least time between two turns {min(gaps, default=0) / MS:.1f} ms; "
              f"{len(found.midst)} frames were stopped in the midst")
        for kind, times in sorted(self.silences.items()):
            print(f"nobody answers in {len(times)} {kind}: median {statistics.median(times):.0f} ms, most "
                  f"{max(times):.0f} ms")
        for kind, after in sorted(self.next.items()):
            times = [one.answered / MS for one in after]
            print(f"another answers after {len(times)} {kind}: median {statistics.median(times):.1f}, most "
                  f"{max(times):.1f} ms")
        if self.options.figures and len(self.trips) > 1:
            cuts = statistics.quantiles(self.trips, n=100)
            print(f"figure trip {cuts[49]:.0f} {cuts[98]:.0f}")
        print(f"the switch read {self.switch.frames} frames, each at most {self.switch.worst / 1000:.0f} us "
              f"after it was sent; the host's clock was set by {self.switch.stepped / 1000:.0f} us at most")


POINTS = {
    "boots": "three kernels boot, and the vip is answered for",
    "one": "after a machine's first act no other machine acts beyond {margin:g} ms",
    "again": "the vip is answered for within {bound:g} s of the last fault",
    "well": "all machines vote before one goes",
    **{kind: f"{what} is followed sooner than a silent holder" for kind, what in goes.KINDS.items()},
    "stays": "the vip stays where it is without a fault",
    **{kind: f"every question is answered while {what}" for kind, what in works.KINDS.items()},
    "ends": "the kernels log no fault, and end when asked to",
}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--only", type=lambda words: words.split(","), default=[])
    parser.add_argument("--bound", type=float, default=4)
    parser.add_argument("--margin", type=float, default=judge.MARGIN / MS)
    parser.add_argument("--ask", type=float)
    parser.add_argument("--profile", choices=list(goes.SILENT), default="default")
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("--kernel")
    parser.add_argument("--folder")
    parser.add_argument("--starve", type=float)
    parser.add_argument("--steal", type=float)
    parser.add_argument("--upgrade", type=int)
    parser.add_argument("seeds", nargs="*")
    options = parser.parse_args()
    options.ask = options.ask or (1 if options.upgrade else 3)
    drawn = {seed: plans.draw(seed, options.only) for seed in plans.seeds(options.seeds)}
    if options.plan:
        print("\n".join(line for seed, faults in drawn.items() for line in plans.lines(seed, faults)))
        return 0
    if not options.kernel or not options.folder:
        parser.error("which kernel, and which folder?")
    calm = max(options.starve or 0, options.steal or 0)
    if [bool(drawn), bool(calm), bool(options.upgrade)].count(True) != 1:
        parser.error("either seeds, or --starve and --steal, or --upgrade")
    try:
        # A switch keeps no machine waiting.
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(3))
    except PermissionError:
        print("the switch runs as any process, and may be late")
    if options.profile != "default":
        with open(f"{options.folder}/haagentd.conf", "a", encoding="ascii") as file:
            print(f'profile = "{options.profile}";', file=file)
    director = Director(options)
    try:
        if director.begin():
            begun = time.monotonic()
            if calm:
                director.judged ^= {"again", "stays"}
                director.starve(calm)
            if options.upgrade:
                director.judged ^= {"again", "well", *works.KINDS}
                works.work(director, options.upgrade)
            for seed, faults in drawn.items():
                director.tries(seed, faults)
            if options.figures:
                director.more(drawn)
            print(f"{len(drawn)} seeds in {time.monotonic() - begun:.0f} s, "
                  f"{sum(m.boots for m in director.machines.values())} boots")
    finally:
        director.end()
    director.report()
    for point, name in POINTS.items():
        if point not in director.judged:
            continue
        print(("not ok " if director.wrong[point] else "ok ") + name.format(bound=options.bound, margin=options.margin))
        print(*director.wrong[point][:20], sep="\n", end="\n" if director.wrong[point] else "")
    return 1 if any(director.wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
