# SPDX-License-Identifier: GPL-2.0
"""The demo's cluster: two balancers, a witness and two web servers, with the files that a user writes,
and no time tuned."""
import json
import os
import shutil
import subprocess
import sys
import time

import network
from network import BALANCERS, MACHINES, REPO, SERVERS, VIP, WITNESS, Network, command

sys.path.append(f"{REPO}/selftests/lib/py")
from haadm import Haadm, Refused  # noqa: E402

SERVICE = f"{VIP}:{network.PORT}/tcp"
NODES = (*BALANCERS, *SERVERS)
LEASE = "web"
ETC = "/etc/haswitch"

# One file for all machines. Each finds out by its address which node it is.
HASWITCH_CONF = f"""\
node add lb1 addr {MACHINES["lb1"]}
node add lb2 addr {MACHINES["lb2"]}
node add web1 addr {MACHINES["web1"]}
node add web2 addr {MACHINES["web2"]}
lease add {LEASE} only lb1 only lb2
vip add {VIP} lease {LEASE}
service add {SERVICE}
member add {SERVICE} node web1 priority 1
member add {SERVICE} node web2 priority 2
"""

# One file for all machines, and no word of times: all are the defaults, and the modules exchange heartbeats.
HAAGENTD_CONF = f"""\
nodes = (
	{{ name = "lb1"; address = "{MACHINES["lb1"]}"; }},
	{{ name = "lb2"; address = "{MACHINES["lb2"]}"; }},
	{{ name = "web1"; address = "{MACHINES["web1"]}"; }},
	{{ name = "web2"; address = "{MACHINES["web2"]}"; }},
	{{ name = "{WITNESS}"; address = "{MACHINES[WITNESS]}"; witness = true; }}
);
checks = ( {{ service = "{SERVICE}"; node = [ "web1", "web2" ]; damp = false; }} );
"""


class Cluster(Network):
    """haswitch on all machines, each of which is a namespace with module state, agent and address of its own. What
    namespaces do not have of their own is not as on machines:

    - the disk: /etc/haswitch is there once, with the one key and the two files that all machines would have a copy of.
      The voters' files differ by name, as anywhere;
    - the host's name: nodes are told apart by their addresses alone;
    - the clock and the kernel: who loses power loses its link, programs and namespace, while the kernel runs on;
    - users: the witness runs as root, to whom that one key belongs. The unit of a real one hands the key to a user of
      its own.
    """

    # Machines with a module, of them those that may hold the vip, and those that serve it.
    nodes, holders, servers = NODES, BALANCERS, SERVERS
    haswitch_conf, haagentd_conf = HASWITCH_CONF, HAAGENTD_CONF

    def __init__(self, out, there=False):
        super().__init__(out, there)
        self.asked = {}             # machine: its haadm

    def build(self):
        command("bash", "-c", '. "$HASW_REPO/selftests/lib/ktap.sh" && module_load')
        os.makedirs(ETC, exist_ok=True)
        for name, text in (("haswitch.conf", self.haswitch_conf), ("haagentd.conf", self.haagentd_conf)):
            with open(f"{ETC}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
            shutil.copy(file.name, self.out)
        if not os.path.exists(f"{ETC}/haagentd.key"):
            command("haagentd", "--genkey", f"{ETC}/haagentd.key")
        for name in self.machines:
            self.boot(name)
        return self.wait_ready()

    def boot(self, name):
        """What the units do: haswitch.service and haagentd.service, or haagentd-witness.service."""
        if name != WITNESS:
            self.haadm(name, "restore", f"{ETC}/haswitch.conf")
        if name in self.servers:
            self.start_server(name)
        self.start_agent(name)

    def start_agent(self, name):
        """With a folder of its own for the configurations of the cluster: an agent refuses one that another has."""
        folder, own = "/var/lib/haswitch/config", f"/var/lib/haswitch/config-{name}"
        for path in folder, own:
            os.makedirs(path, mode=0o700, exist_ok=True)
        agent = "exec haagentd" + " --witness" * (name == WITNESS)
        self.run(name, "agent", ["sh", "-c", f"mount --bind {own} {folder} && {agent}"], f"{self.out}/agent-{name}.log")

    def power_off(self, name):
        super().power_off(name)
        # It would keep the namespace.
        if name in self.asked:
            self.asked.pop(name).end()

    def wait_ready(self, limit=60):
        """Until all is well and somebody holds the lease, whose name is returned."""
        end = time.monotonic() + limit
        while not self.well():
            if time.monotonic() > end:
                raise OSError(f"the cluster was not ready after {limit} s")
            time.sleep(0.5)
        return self.holder()

    def well(self):
        """All hear each other, and vote; the modules do as well; all checks pass; one node holds the lease,
        by what all say."""
        try:
            return len({self.show(name, "lease", "show", LEASE)[0].get("holder") for name in self.nodes}) == 1 and \
                all(self.is_well(name) for name in self.nodes) and self.holder()
        except Refused:
            return False        # an agent that does not answer yet

    def is_well(self, name):
        agent, pulses = self.show(name, "agent", "show"), self.show(name, "pulse", "show")
        nodes, members = self.show(name, "node", "show"), self.show(name, "member", "show")
        return len(agent["vote"].get("heard", ())) == len(self.machines) and not agent["vote"]["mute"] and \
            len(pulses) == len(self.nodes) - 1 and all(p["state"] == "up" for p in pulses) and \
            len(nodes) == len(self.nodes) and all(n["agent"] == "alive" and n["state"] == "up" for n in nodes) and \
            len(members) == len(self.servers) and all(m["health"] == "up" for m in members)

    # What a person would type

    def haadm(self, name, *words):
        return command("haadm", "-n", name, *words)

    def show(self, name, *words):
        """What haadm tells in JSON. One haadm a machine is kept for all questions."""
        if name not in self.asked:
            self.asked[name] = Haadm(name)
        return self.asked[name].show(*words)

    def holder(self):
        """The node whose module holds the lease, or None."""
        for name in self.holders:
            if self.show(name, "lease", "show", LEASE)[0].get("held"):
                return name
        return None

    def timings(self):
        """The agent's timings that are in force at a balancer, ns."""
        return json.loads(command("ip", "netns", "exec", "lb1", f"{REPO}/build/demo/bin/timings",
                                  f"{ETC}/haagentd.conf"))

    def begin_monitor(self, name, output):
        with open(output, "wb") as file:
            self.processes[name, "monitor"] = subprocess.Popen(
                ["haadm", "-n", name, "-j", "monitor"], stdin=subprocess.DEVNULL, stdout=file, start_new_session=True)

    def end(self):
        for name in list(self.asked):
            self.asked.pop(name).end()
        super().end()
        command("bash", "-c", '. "$HASW_REPO/selftests/lib/ktap.sh" && module_unload')

    def last_words(self):
        """What a person wants to know when the story broke off."""
        for name in self.holders:
            for words in (["status"], ["stats", "show"], ["event", "show"]):
                try:
                    print(f"{name}: haadm {' '.join(words)}", *self.haadm(name, *words).splitlines()[-40:], sep="\n")
                except OSError as error:
                    print(error)
