# SPDX-License-Identifier: GPL-2.0
"""Pacemaker on corosync as a peer of haswitch in failover.py: three machines,
and ocf:heartbeat:IPaddr2 for the address.

Like keepalived's, the machines have one link, the one to the clients: its loss is then the loss of a member, which
Pacemaker follows sooner than it would a monitor of the link. There is no fencing (stonith-enabled=false). A cluster
with a fence would wait for it before another machine has the address, for seconds where a power switch is asked;
without one, figures are Pacemaker's best."""
import os
import pathlib
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree

from wires import PATIENCE, die, ended
from pacemaker_node import ADDRESSES, cib, command, corosync_conf, make_home, pairs


def resource(vip, monitor):
    """The address, looked at so often."""
    parameters = pairs("vip", ip=vip, nic="eth0") + '<nvpair id="vip-mask" name="cidr_netmask" value="32"/>'
    return f"""<primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
        <instance_attributes id="vip-parameters">{parameters}</instance_attributes>
        <operations><op id="vip-monitor" name="monitor" interval="{monitor}s" timeout="20s"/></operations>
      </primitive>"""


class Pacemaker:
    """Three machines of namespaces of their own: network, PIDs, mounts and name.
    Whoever holds the address is as it comes."""

    # Asking all machines takes seconds of the clock on the wall; waiting takes none where time is simulated.
    names, pause, stays = "".join(ADDRESSES), 5, True

    def __init__(self, case, vip, token, monitor):
        self.case, self.vip, self.wrong = case, vip, "nobody was asked"
        self.corosync, self.cib = corosync_conf(token), cib(resource(vip, monitor))
        self.home = pathlib.Path(f"/run/bench-{case}")
        self.running, self.first = {}, {}
        for name in self.names:
            self.start(name)

    def start(self, name):
        home = self.home / name
        make_home(home, self.corosync, self.cib)
        machine = subprocess.Popen(command(name, home), stdin=subprocess.DEVNULL)
        children, end = pathlib.Path(f"/proc/{machine.pid}/task/{machine.pid}/children"), time.monotonic() + PATIENCE
        while not (pids := children.read_text(encoding="ascii").split()):
            if machine.poll() is not None or time.monotonic() > end:
                die(f"{self.case}: machine {name} does not start")
            time.sleep(0.01)
        self.running[name], self.first[name] = machine, int(pids[0])

    def processes(self, name):
        """PIDs of all its daemons, and of what these have started, the oldest first."""
        mine, pids = os.readlink(f"/proc/{self.first[name]}/ns/pid"), []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.readlink(f"/proc/{entry}/ns/pid") == mine:
                    pids.append(int(entry))
            except OSError:
                pass    # it has ended
        return sorted(pid for pid in pids if pid != self.first[name])

    def signal(self, name, number):
        """Corosync and pacemakerd are older than those whom pacemakerd would start again."""
        for pid in self.processes(name):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self, name):
        self.signal(name, signal.SIGKILL)

    def stop(self, name):
        self.signal(name, signal.SIGSTOP)

    def power_off(self, name):
        """All of it ends with its first process, and the address is gone."""
        if self.running[name].poll() is None:
            os.kill(self.first[name], signal.SIGKILL)
            self.running[name].wait()
        if self.has(name):
            subprocess.run(["ip", "-n", name, "addr", "del", f"{self.vip}/32", "dev", "eth0"], check=True)

    def revive(self, name):
        """It boots: a machine whose cluster daemons died, or slept, and left an address behind wants that."""
        self.power_off(name)
        for log in (self.home / name / "var/log").glob("*.log"):
            with open(self.home / f"{name}-{log.name}", "ab") as file:
                file.write(log.read_bytes())
        shutil.rmtree(self.home / name)
        self.start(name)

    go_on = revive

    def inside(self, name, *words, **options):
        """A command on that machine."""
        return subprocess.Popen(["nsenter", "-t", str(self.first[name]), "-m", "-u", "-n", "-p", *words],
                                stdin=subprocess.DEVNULL, text=True,
                                **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})

    def ask(self, name, *words):
        """What the command prints, if it succeeds."""
        with self.inside(name, *words, stdout=subprocess.PIPE) as process:
            try:
                said, _ = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
        return said if process.returncode == 0 else None

    def move(self, name):
        """As an admin does it: away from there, then the ban is lifted, and the address stays where it is."""
        moves = self.inside(name, "sh", "-ec",
                            f"crm_resource -r vip --ban -N {name}; crm_resource --wait; crm_resource -r vip --clear")
        return lambda: ended(moves, "crm_resource --ban")

    def end_daemons(self, name):
        """The file that tells that both have ended, and that they are started again."""
        again = self.home / name / "run/again"
        again.unlink(missing_ok=True)
        # The oldest processes are corosync and pacemakerd, which do not end by themselves.
        for pid in self.processes(name)[:2]:
            if pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == "pacemakerd":
                os.kill(pid, signal.SIGTERM)
        return again

    def leave(self, name):
        """The machine is off when both daemons have ended."""
        again = self.end_daemons(name)

        def step():
            if not again.exists():
                return False
            self.power_off(name)
            return True
        return step

    def restart(self, name):
        """It is over when both daemons have ended, were started again, and are with the others."""
        again, joins = self.end_daemons(name), None

        def step():
            nonlocal joins
            if not joins and again.exists():
                joins = self.inside(name, "sh", "-c",
                                    f"until crmadmin -S {name} | grep -Eq 'S_(NOT_DC|IDLE)'; do sleep 1; done")
            return bool(joins) and ended(joins, "crmadmin")
        return step

    def has(self, name):
        return f" {self.vip}/" in subprocess.run(["ip", "-n", name, "-o", "addr", "show", "dev", "eth0"],
                                                 stdout=subprocess.PIPE, text=True, check=True).stdout

    def seen_by(self, name):
        """(the DC, who has the address), as that machine sees it, if all are there; else None, and self.wrong."""
        said = self.ask(name, "crm_mon", "-1", "--output-as=xml")
        if not said:
            self.wrong = f"{name} does not say how the cluster is"
            return None
        seen = xml.etree.ElementTree.fromstring(said)
        center = seen.find("summary/current_dc")
        nodes = {node.get("name"): node.get("online") == "true" and node.get("pending") == "false"
                 for node in seen.iterfind("nodes/node")}
        vip = seen.find("resources/resource[@id='vip']")
        holders = [] if vip is None else [node.get("name") for node in vip.iterfind("node")]
        self.wrong = (f"{name} sees machines {nodes}, {holders} with the address, the DC "
                      f"{None if center is None else center.attrib}")
        if (center is None or center.get("with_quorum") != "true" or len(nodes) < len(self.names) or
            not all(nodes.values())):
            return None
        return (center.get("name"), holders[0]) if len(holders) == 1 and vip.get("failed") == "false" else None

    def holder(self):
        """Who has the address, if all machines see all of them, agree on it, and have nothing left to do."""
        has = [name for name in self.names if self.has(name)]
        if len(has) != 1:
            self.wrong = f"{has} have the address"
            return None
        said = {self.seen_by(name) for name in self.names}
        if None in said or len(said) > 1:
            return None
        (center, name), = said
        state = self.ask(center, "crmadmin", "-S", center)
        if "S_IDLE" not in (state or ""):
            self.wrong = f"the DC {center} is busy: {state}"
            return None
        self.wrong = f"{name} is said to have the address, {has} have it"
        return name if has == [name] else None

    def end(self):
        for name in self.names:
            self.power_off(name)
