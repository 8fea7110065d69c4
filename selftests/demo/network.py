# SPDX-License-Identifier: GPL-2.0
"""The demo's machines: namespaces on one bridge, web servers, a load of requests,
and a power switch for each machine."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
from wires import DISABLED, Cable  # noqa: E402

REPO = os.environ.get("HASW_REPO", "")

VIP, PORT = "10.0.0.100", 80
BALANCERS, SERVERS, WITNESS = ("lb1", "lb2"), ("web1", "web2"), "w"
MACHINES = {"lb1": "10.0.0.1", "lb2": "10.0.0.2", WITNESS: "10.0.0.9", "web1": "10.0.0.11", "web2": "10.0.0.12"}
CLIENT, CLIENT_ADDRESS = "client", "10.0.0.50"
NEW, KEPT, CONNECTIONS = 100, 140, 20   # load: requests a second on new and on kept connections

# Each server answers with the name of its machine. The namespaces share one host name,
# so each server has a file of its own.
NGINX = """\
# A web server that says which machine it is.
daemon off;
user www-data;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {out}/nginx-{name}.log notice;
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
		location / {{ return 200 "{name}\\n"; }}
	}}
}}
"""


def command(*words, **more):
    """Runs a command to its end; what it says is in the error when it fails."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: exit {done.returncode}: {done.stdout.strip()}")
    return done.stdout


def mac(address):
    """A machine keeps its MAC when it boots again."""
    return f"02:00:00:00:00:{int(address.rpartition('.')[2]):02x}"


def simulated():
    """Does this kernel's clock stand still while it computes?"""
    with open("/proc/cmdline", encoding="ascii") as line:
        return "time-travel" in line.read()


class Network:
    """All namespaces, their wires and everything that runs in them. `there`: another process has made them."""

    machines = MACHINES

    def __init__(self, out, there=False):
        self.out, self.dir = out, "/run/demo"
        self.processes = {}         # (machine, what): Popen, the leader of a process group
        if there:
            return
        os.makedirs(self.dir, exist_ok=True)
        command("ip", "link", "add", "lan", "up", "type", "bridge", "mcast_snooping", "0")
        for name in (*self.machines, CLIENT):
            self.plug(name)

    def plug(self, name):
        """A machine with its wire."""
        address = {**self.machines, CLIENT: CLIENT_ADDRESS}[name]
        command("ip", "netns", "add", name)
        command("ip", "-batch", "-",
                input=f"link add {name} type veth peer name eth0 address {mac(address)} netns {name}\n"
                                           f"link set {name} master lan up\n")
        command("ip", "-n", name, "-batch", "-",
                input=f"link set lo up\naddr add {address}/24 dev eth0\nlink set eth0 up\n")

    def end(self):
        """All programs end, then all machines go."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(10)
        self.processes = {}
        for name in (*self.machines, CLIENT):
            command("ip", "link", "del", name)
            command("ip", "netns", "del", name)
        command("ip", "link", "del", "lan")

    # Programs

    def run(self, name, what, words, output):
        with open(output, "ab") as file:
            process = subprocess.Popen(["ip", "netns", "exec", name, *words], stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=file, start_new_session=True)
        self.processes[name, what] = process
        return process

    def start_server(self, name):
        home = f"{self.dir}/{name}"
        os.makedirs(home, exist_ok=True)
        with open(f"{home}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(NGINX.format(name=name, dir=home, out=self.out))
        words = ["nginx", "-c", file.name, "-e", f"{self.out}/nginx-{name}.log"]
        self.run(name, "server", words, f"{self.out}/server-{name}.log")

    def signal(self, name, what, number):
        """A signal to a program and all its processes."""
        os.killpg(self.processes[name, what].pid, number)

    def kill(self, name, *what):
        """SIGKILL, to each program with all its processes."""
        for w in what:
            self.signal(name, w, signal.SIGKILL)
        for w in what:
            self.processes.pop((name, w)).wait()

    # Power

    def power_off(self, name):
        """From one moment to the next nothing comes from the machine; its neighbours' links stay up, as on a switch."""
        Cable(name).set(DISABLED)
        self.kill(name, *[what for n, what in list(self.processes) if n == name])

    def power_on(self, name):
        """It has forgotten everything but its disk."""
        command("ip", "link", "del", name)
        command("ip", "netns", "del", name)
        self.plug(name)
        self.boot(name)

    def boot(self, name):
        """What the machine starts by itself; a kind of cluster says what."""
        raise NotImplementedError

    # Load

    def begin_load(self, first_port, log):
        words = [f"{REPO}/build/demo/bin/load", VIP, str(PORT), str(NEW), str(KEPT), str(CONNECTIONS),
                 str(first_port), log]
        self.run(CLIENT, "load", words, f"{self.out}/load.log")

    def end_load(self):
        """What is open comes to its end first."""
        load = self.processes.pop((CLIENT, "load"))
        load.terminate()
        if load.wait(20):
            raise OSError(f"the load generator failed, see {self.out}/load.log")


def now():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
