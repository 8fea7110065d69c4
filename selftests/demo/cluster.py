# SPDX-License-Identifier: GPL-2.0
"""The demo's cluster: namespaces on a bridge, with module state, an agent and a web server in each that needs one."""
import json
import os
import signal
import subprocess
import time

REPO = os.environ.get("HASW_REPO", "")
BUILD = os.environ.get("HASW_BUILD", "")

VIP = "10.0.0.100"
SERVICE = f"{VIP}:80/tcp"
NODES = {"entry": "10.0.0.1", "n1": "10.0.0.11", "n2": "10.0.0.12", "n3": "10.0.0.13"}
MEMBERS = ("n1", "n2", "n3")
CLIENT = {"client": "10.0.0.50"}

NGINX = """\
# A web server that says which node it is.
daemon off;
user www-data;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {out}/nginx-{node}.log notice;
events {{ worker_connections 1024; }}
http {{
	access_log off;
	keepalive_requests 1000000;
	default_type text/plain;
	client_body_temp_path {dir}/body;
	proxy_temp_path {dir}/proxy;
	fastcgi_temp_path {dir}/fastcgi;
	uwsgi_temp_path {dir}/uwsgi;
	scgi_temp_path {dir}/scgi;
	server {{
		listen 80;
		location / {{ return 200 "{node}\\n"; }}
	}}
}}
"""

AGENT = """\
# Shipped defaults for what the demo shows. Its cluster is new, and nobody wants to wait 10 s for what it may have promised.
leases = {{ longest = "2s"; }};
# On a host that stalls, the agents would wait for longer than the story's bounds.
timings = {{ suspect = "30ms"; }};
# The story judges how soon the agents find what happened; the modules would be sooner.
pulses = {{ use = false; }};
node = "{node}";
key = "{key}";
nodes = (
{nodes}
);
{checks}"""


def command(*words, **more):
    """Runs a command to its end; what it says is in the error when it fails."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: exit {done.returncode}: {done.stdout.strip()}")
    return done.stdout


class Cluster:
    """All namespaces and everything that runs in them."""

    def __init__(self, out):
        self.out = out
        self.dir = "/run/demo"
        self.processes = {}         # (node, what): Popen, the leader of a process group
        self.links = None           # an ip that waits for commands: to start one takes longer than to cut a wire
        os.makedirs(self.dir, exist_ok=True)

    # Setting up

    def build(self):
        command("bash", "-c", '. "$HASW_REPO/selftests/lib/ktap.sh" && module_load')
        self.lay_wires()
        command("haagentd", "--genkey", f"{self.dir}/key")
        for node in NODES:
            self.configure(node)
        for node in MEMBERS:
            self.start(node, "server")
        for node in NODES:
            self.start(node, "agent")
        self.wait_ready()

    def lay_wires(self):
        lines = ["link add lan type bridge", "link set lan up"]
        for name, address in {**NODES, **CLIENT}.items():
            command("ip", "netns", "add", name)
            lines += [f"link add {name} type veth peer name eth0 netns {name}", f"link set {name} master lan up"]
            inside = ["link set lo up", f"addr add {address}/24 dev eth0", "link set eth0 up"]
            command("ip", "-batch", "-", input="\n".join(lines) + "\n")
            command("ip", "-n", name, "-batch", "-", input="\n".join(inside) + "\n")
            lines = []
        self.links = subprocess.Popen(["ip", "-batch", "-"], stdin=subprocess.PIPE, text=True, bufsize=1)

    def configure(self, node):
        """One configuration for all; each node only says which one it is."""
        lines = [f"node add {n} addr {a}{' self' if n == node else ''}" for n, a in NODES.items()]
        lines += [f"vip add {VIP} holder entry", f"service add {SERVICE} failback auto"]
        lines += [f"member add {SERVICE} node {n} priority {i}" for i, n in enumerate(MEMBERS, 1)]
        with open(f"{self.out}/haswitch-{node}.conf", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        self.haadm(node, "restore", file.name)

        nodes = ",\n".join(f'\t{{ name = "{n}"; address = "{a}"; }}' for n, a in NODES.items())
        checks = ""
        if node == "entry":
            members = ", ".join(f'"{n}"' for n in MEMBERS)
            checks = f'checks = ( {{ service = "{SERVICE}"; node = [ {members} ]; }} );\n'
        with open(f"{self.out}/haagentd-{node}.conf", "w", encoding="utf-8") as file:
            file.write(AGENT.format(node=node, key=f"{self.dir}/key", nodes=nodes, checks=checks))

        os.makedirs(f"{self.dir}/{node}", exist_ok=True)
        with open(f"{self.dir}/{node}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(NGINX.format(node=node, dir=f"{self.dir}/{node}", out=self.out))

    def wait_ready(self, limit=20):
        """Until the entry's agent has heard all nodes, checks pass, and the first one is to serve."""
        end = time.monotonic() + limit
        while True:
            nodes = self.haadm_json("entry", "node", "show")
            members = self.haadm_json("entry", "member", "show")
            if len(nodes) == len(NODES) and all(n["agent"] == "alive" and n["state"] == "up" for n in nodes) and \
                    len(members) == len(MEMBERS) and all(m["health"] == "up" for m in members) and \
                    all(n["reach4"] == "resolved" for n in nodes if n["name"] in MEMBERS):
                return
            if time.monotonic() > end:
                raise OSError(f"the cluster was not ready after {limit} s: {nodes} {members}")
            time.sleep(0.05)

    # What a person would type

    def haadm(self, node, *words):
        return command("haadm", "-n", node, *words)

    def haadm_json(self, node, *words):
        return json.loads(command("haadm", "-n", node, "-j", *words))

    def timings(self):
        """The agent's timings that are in force at the entry, ns."""
        return json.loads(command(f"{REPO}/build/demo/bin/timings", f"{self.out}/haagentd-entry.conf"))

    # Programs

    def run(self, node, what, words, output):
        with open(output, "ab") as file:
            process = subprocess.Popen(["ip", "netns", "exec", node, *words], stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=file, start_new_session=True)
        self.processes[node, what] = process
        return process

    def start(self, node, *what):
        words = {"agent": ["haagentd", "-f", f"{self.out}/haagentd-{node}.conf"],
                 "server": ["nginx", "-c", f"{self.dir}/{node}/nginx.conf", "-e", f"{self.out}/nginx-{node}.log"]}
        for w in what:
            self.run(node, w, words[w], f"{self.out}/{w}-{node}.log")

    def kill(self, node, *what):
        """SIGKILL, to each program with all its processes."""
        for w in what:
            os.killpg(self.processes[node, w].pid, signal.SIGKILL)
        for w in what:
            self.processes.pop((node, w)).wait()

    def signal(self, node, what, number):
        """A signal to a program and all its processes."""
        os.killpg(self.processes[node, what].pid, number)

    def link(self, node, state):
        """The bridge's side of a node's wire, as by `ip link set NODE up|down`."""
        self.links.stdin.write(f"link set {node} {state}\n")

    def begin_monitor(self, output):
        with open(output, "wb") as file:
            self.processes["entry", "monitor"] = subprocess.Popen(
                ["haadm", "-n", "entry", "-j", "monitor"], stdin=subprocess.DEVNULL, stdout=file, start_new_session=True)

    def begin_load(self, new, kept, connections, first_port, log):
        words = [f"{REPO}/build/demo/bin/load", VIP, "80", str(new), str(kept), str(connections), str(first_port), log]
        self.run("client", "load", words, f"{self.out}/load.log")

    def end_load(self):
        """What is open comes to its end first."""
        load = self.processes.pop(("client", "load"))
        load.terminate()
        if load.wait(20):
            raise OSError(f"the load generator failed, see {self.out}/load.log")

    def end(self):
        self.links.communicate()
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(10)
        self.processes = {}

    def last_words(self):
        """What a person wants to know when the story broke off."""
        for words in (["status"], ["stats", "show"], ["event", "show"]):
            try:
                print("\n".join(self.haadm("entry", *words).splitlines()[-40:]))
            except OSError as error:
                print(error)
