# SPDX-License-Identifier: GPL-2.0
"""The faults of the nemesis: one method a kind, which returns what ends it."""
import shutil
import signal
import subprocess


class Faults:
    """Does them to a cluster. DIRECTOR has machines, net, modules, client, folder, plan, and after(ns, function)."""

    def __init__(self, director):
        self.d = director

    def who(self, fault):
        """The machine that is struck."""
        if fault.who != "holder":
            return self.d.machines[fault.who]
        node, _ = self.d.client.last.get(fault.detail["lease"], (self.d.plan.shape.nodes[0], 0))
        return self.d.machines.get(node) or self.d.machines[self.d.plan.shape.nodes[0]]

    def begin(self, fault, key):
        """Has it happen; returns what ends it, or None when it ends at once."""
        machine = self.who(fault)
        machine.say(f"-- fault: {fault.kind} for {fault.lasts / 1e9:.3f} s {fault.detail}")
        return getattr(self, fault.kind.replace("-", "_"))(fault, key, machine)

    # Agents that end, and their files.

    def kill(self, _fault, _key, machine):
        return self.away([machine], machine.kill)

    def killed_all(self, _fault, _key, _machine):
        machines = list(self.d.machines.values())
        for machine in machines:
            machine.kill()
        return self.away(machines)

    def lost(self, _fault, _key, machine):
        machine.kill()
        machine.lose()
        return self.away([machine])

    def damaged(self, _fault, _key, machine):
        machine.kill()
        machine.damage((0, 1))
        return self.away([machine])

    def torn(self, fault, _key, machine):
        machine.kill()
        machine.damage((fault.at // 1000 % 2,))
        return self.away([machine])

    def full(self, _fault, _key, machine):
        machine.kill()
        machine.lose()
        machine.fill(True)

        def ends():
            machine.fill(False)
            # It does not look for room again by itself.
            machine.kill()
            machine.forgets()
        return ends

    def end(self, _fault, _key, machine):
        return self.away([machine], lambda: machine.ask_end(signal.SIGTERM))

    def leave(self, _fault, _key, machine):
        return self.away([machine], lambda: machine.ask_end(signal.SIGUSR1))

    def roll(self, fault, _key, _machine):
        step = fault.lasts // len(fault.detail["order"])
        for i, name in enumerate(fault.detail["order"]):
            self.d.after(i * step, lambda machine=self.d.machines[name]: machine.ask_end(signal.SIGTERM))

    @staticmethod
    def away(machines, how=lambda: None):
        for machine in machines:
            machine.away += 1
        how()

        def ends():
            for machine in machines:
                machine.away -= 1
        return ends

    # Agents that do not run, or cannot write.

    def halt(self, _fault, _key, machine):
        machine.halt(1)
        return lambda: machine.halt(-1)

    def unwritable(self, _fault, _key, machine):
        machine.limit(1)
        return lambda: machine.limit(-1)

    # Networks.

    def ways(self, pairs, paths):
        return [(x, y, p) for x, y in pairs for p in paths if x != y]

    def paths(self):
        return range(1, self.d.plan.shape.paths + 1)

    def to(self, fault, machine):
        """The machine at the other end."""
        names = list(self.d.machines)
        return fault.detail["to"] if fault.detail["to"] != machine.name else names[names.index(machine.name) - 1]

    def worse(self, fault, key, machine):
        detail, names = fault.detail, list(self.d.machines)
        pairs = [(machine.name, y) for y in names] if detail["all"] else [(machine.name, self.to(fault, machine))]
        pairs += [(y, x) for x, y in pairs] if detail["back"] else []
        self.d.net.spoil(key, self.ways(pairs, detail["paths"]), delay=detail["delay"], jitter=detail["jitter"],
                         loss=detail["loss"], twice=detail["twice"])
        return lambda: self.d.net.mend(key)

    def cut(self, key, pairs, paths):
        self.d.net.spoil(key, self.ways(pairs, paths), loss=1.0)
        return lambda: self.d.net.mend(key)

    def one_way(self, fault, key, machine):
        pair = machine.name, self.to(fault, machine)
        return self.cut(key, [pair[::-1] if fault.detail["back"] else pair], fault.detail["paths"])

    def apart(self, fault, key, machine):
        pair = machine.name, self.to(fault, machine)
        return self.cut(key, [pair, pair[::-1]], fault.detail["paths"])

    def alone(self, _fault, key, machine):
        pairs = [(machine.name, y) for y in self.d.machines]
        return self.cut(key, pairs + [(y, x) for x, y in pairs], self.paths())

    def lag(self, fault, key, machine):
        to = [(y, machine.name) for y in self.d.machines]
        self.d.net.spoil(key, self.ways(to, self.paths()), delay=fault.detail["delay"])
        unheard = self.ways([(x, y) for y, x in to], self.paths())
        self.d.after(fault.lasts // 2, lambda: self.d.net.spoil((key, "unheard"), unheard, loss=1.0))

        def ends():
            self.d.net.mend(key)
            self.d.net.mend((key, "unheard"))
        return ends

    def forget(self, fault, key, machine):
        nodes = self.d.plan.shape.nodes
        pair = machine.name, nodes[(nodes.index(machine.name) + 1) % len(nodes)]
        third = [m for m in self.d.machines.values() if m.name not in pair][-1]
        for ns in fault.detail["after"]:
            self.d.after(min(ns, fault.lasts), third.kill)
        return self.cut(key, [pair, pair[::-1]], self.paths())

    def split(self, fault, key, _machine):
        half = fault.detail["half"]
        pairs = [(x, y) for x in self.d.machines for y in self.d.machines if (x in half) != (y in half)]
        return self.cut(key, pairs, self.paths())

    def path(self, fault, key, _machine):
        return self.cut(key, [(x, y) for x in self.d.machines for y in self.d.machines], [fault.detail["path"]])

    def devices(self, fault, _key, machine):
        devs = [f"p{fault.detail['path']}-{y}" for y in self.d.machines if y != machine.name]

        def all_down(more):
            for dev in devs:
                self.d.net.down(machine.name, dev, more)
        all_down(1)
        return lambda: all_down(-1)

    def client(self, _fault, _key, machine):
        if machine.witness:
            return None
        self.d.net.down(machine.name, "eth0", 1)
        return lambda: self.d.net.down(machine.name, "eth0", -1)

    # What operators do.

    def drain(self, _fault, _key, machine):
        def all_have(state):
            for name in self.d.plan.shape.nodes:
                self.d.modules.tell(name, f"node set {machine.name} state {state}")
        if machine.witness:
            return None
        all_have("drain")
        return lambda: all_have("up")

    def release(self, fault, _key, machine):
        lease = fault.detail["lease"]
        told = self.d.modules.ask(machine.name, f"lease show {lease}")
        if told and told[0].get("holder") == machine.name:
            # With the epoch the module releases at once, instead of the agents moving the lease.
            self.d.modules.tell(machine.name, f"lease release {lease} epoch {told[0]['epoch']}")

    def rotate(self, fault, _key, _machine):
        key = f"{self.d.folder}/key"

        def hand_over(machine):
            shutil.copy(key, f"{self.d.folder}/key-{machine.name}")
            machine.signal(signal.SIGHUP)

        def change(how):
            subprocess.run(["haagentd", how, key], check=True, stdout=subprocess.DEVNULL)
        change("--addkey")
        machines = list(self.d.machines.values())
        for i, machine in enumerate(machines):
            self.d.after(i * fault.lasts // 2 // len(machines), lambda machine=machine: hand_over(machine))

        def ends():
            change("--dropkey")
            for machine in machines:
                hand_over(machine)
        return ends

    def restore(self, _fault, _key, machine):
        if self.d.modules.there and not machine.witness:
            self.d.modules.configure(machine.name)

    def apply(self, fault, _key, machine):
        """Nobody waits for the answer: a fault may be the reason that there is none."""
        if self.d.modules.there and not machine.witness:
            self.d.modules.apply(machine.name, fault.at)

    # The module itself: of all nodes at once, as they are in one kernel.

    def unload(self, _fault, _key, _machine):
        if not self.d.modules.there:
            return None
        self.take_away()
        return self.d.modules.load

    def take_away(self):
        """Who is just starting finds no module, or one without nodes, and may say so."""
        for machine in self.d.machines.values():
            if machine.process and not machine.ready and not machine.witness:
                machine.expected = (1, 2)
        self.d.modules.unload()

    def blackout(self, _fault, _key, _machine):
        if not self.d.modules.there:
            return None
        machines = list(self.d.machines.values())
        for machine in machines:
            machine.kill()
        ends = self.away(machines)
        self.take_away()

        def again():
            self.d.modules.load()
            ends()
        return again
