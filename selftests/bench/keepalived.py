# SPDX-License-Identifier: GPL-2.0
"""Debian's keepalived on several machines, which are namespaces: started there, killed, stopped and ended."""
import os
import pathlib
import signal
import subprocess

PATIENCE = 30       # s
PID_FILES = {"-p": "", "-r": ".vrrp", "-c": ".check"}   # of the program and of its two children


class Keepalived:
    """One keepalived for each machine, by its text. `home` gets the files and logs; `more` are further options."""

    def __init__(self, home, texts, *more):
        self.home, self.more, self.running = pathlib.Path(home), more, {}
        self.home.mkdir(exist_ok=True)
        for name, text in texts.items():
            (self.home / f"{name}.conf").write_text(text, encoding="ascii")
            self.start(name)

    def start(self, name):
        files = [word for option, child in PID_FILES.items()
                 for word in (option, str(self.home / f"{name}{child}.pid"))]
        with open(self.home / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(["ip", "netns", "exec", name, "keepalived",
                                                   "-n", "-l", *self.more, "-f", str(self.home / f"{name}.conf")] +
                                                  files, stdin=subprocess.DEVNULL, stdout=log,
                                                  stderr=log, start_new_session=True)

    def kill(self, name):
        os.killpg(self.running[name].pid, signal.SIGKILL)

    def revive(self, name):
        self.running[name].wait()
        self.start(name)

    def leave(self, name):
        self.running[name].terminate()
        return lambda: self.running[name].poll() is not None

    def stop(self, name):
        os.killpg(self.running[name].pid, signal.SIGSTOP)

    def go_on(self, name):
        os.killpg(self.running[name].pid, signal.SIGCONT)

    def restart(self, name):
        leaves = self.leave(name)
        return lambda: leaves() and (self.start(name), True)[1]

    def end(self):
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(PATIENCE)


def addresses(name, device):
    """What `ip` tells of the addresses of a machine's device."""
    return subprocess.run(["ip", "-n", name, "-o", "addr", "show", "dev", device], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
