# SPDX-License-Identifier: GPL-2.0
"""One run of a script in a guest of the lab: its figures, and how undisturbed the guest was meanwhile."""
import contextlib
import glob
import os
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.dirname(os.path.dirname(HERE))
RUN = os.path.join(REPO, "selftests", "lab", "run")


class Failed(Exception):
    """The guest did not do what was asked; the text says why."""


def host_ticks():
    """All clock ticks of the machine's CPUs, and those that its own host took away."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(n) for n in stat.readline().split()[1:]]
    return sum(ticks[:8]), ticks[7]


def steal(before, after):
    """% of the CPU time between two host_ticks() that the machine's host took away."""
    return round(100 * (after[1] - before[1]) / max(1, after[0] - before[0]), 2)


class Watch(threading.Thread):
    """Looks, while a guest runs, how long its threads wanted a CPU and had none, and gives it preference.

    The guest is a session of its own, and so an autogroup: the priority that counts is the group's. One with a single
    CPU leaves others to this machine, and may have real-time priority."""

    def __init__(self, out, prefer, single):
        super().__init__(daemon=True)
        self.pid_file = os.path.join(out, ".lab", "pid")
        self.prefer, self.single = prefer, single
        self.waited = {}
        self.ended = threading.Event()

    def look(self, group):
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path, encoding="ascii", errors="replace") as stat:
                    if int(stat.read().rsplit(")", 1)[1].split()[2]) != group:
                        continue
                if self.prefer and self.single:
                    with contextlib.suppress(PermissionError):
                        os.sched_setscheduler(int(path.split("/")[2]), os.SCHED_FIFO, os.sched_param(1))
                for task in glob.glob(os.path.dirname(path) + "/task/*/schedstat"):
                    with open(task, encoding="ascii") as stat:
                        self.waited[task] = int(stat.read().split()[1])
            except (OSError, IndexError, ValueError):
                continue    # it ended meanwhile

    def run(self):
        group = None
        while not self.ended.wait(0.25):
            try:
                if group is None:
                    with open(self.pid_file, encoding="ascii") as pid:
                        group = int(pid.read())
                    if self.prefer:
                        with open(f"/proc/{group}/autogroup", "w", encoding="ascii") as nice:
                            nice.write("-20")
            except (OSError, ValueError):
                pass        # not there yet; or a machine without autogroups
            if group is not None:
                self.look(group)

    def seconds(self):
        """Ends the watch; what all threads waited together."""
        self.ended.set()
        self.join()
        return sum(self.waited.values()) / 1e9


def run(kernel, script, *args, out, icount=False, limit=300, module=None, prefer=False, single=False,
        environment=None, append=None, memory=None, simulated=False):
    """Runs a script of this directory; returns its figures (lists of words) and the disturbance.

    The disturbance is {"steal": % of the machine's CPU time that its host took, "waited": % of the run's wall time that
    the guest's threads were kept waiting for a CPU}. Raises Failed."""
    os.makedirs(os.path.join(out, ".lab"), exist_ok=True)
    command = [RUN, "-t", str(limit), "-o", out]
    if icount:
        command.append("-i")
    if simulated:
        command.append("-s")
    if single:
        command += ["-c", "1"]
    if module:
        command += ["-k", module]
    if memory:
        command += ["-m", memory]
    if append:
        command += ["-a", append]
    # What an earlier run left would be taken for this guest's.
    try:
        os.unlink(os.path.join(out, ".lab", "pid"))
    except FileNotFoundError:
        pass
    watch = Watch(out, prefer, single)
    before = host_ticks()
    begin = time.monotonic()
    watch.start()
    done = subprocess.run(command + [kernel, os.path.join(HERE, script), *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          env={**os.environ, **(environment or {})})
    waited = watch.seconds()
    took = time.monotonic() - begin
    stolen = steal(before, host_ticks())
    if done.returncode != 0:
        raise Failed(done.stdout.strip() or f"exit {done.returncode}")
    figures = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("figure ")]
    return figures, {"steal": stolen, "waited": round(100 * waited / took, 1)}
