# SPDX-License-Identifier: GPL-2.0
"""One haadm for many questions: to start another takes UML ten times what it takes to ask."""
import json
import os
import shlex
import subprocess


class Refused(Exception):
    """What haadm said on standard error."""


class Haadm:
    """haadm in a network namespace, which is kept for as long as there is one. After an error another is started."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.run = None
        self.where = None

    def show(self, *words):
        """What a command tells in JSON; it has to tell something."""
        there = os.stat(f"/run/netns/{self.namespace}")
        # Another one of that name may have come instead.
        if self.run and self.where != (there.st_dev, there.st_ino):
            self.end()
        if not self.run:
            self.where = there.st_dev, there.st_ino
            self.run = subprocess.Popen(["haadm", "-n", self.namespace, "-j", "-b", "-"], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            self.run.stdin.write(" ".join(words) + "\n")
            self.run.stdin.flush()
        except BrokenPipeError:
            pass    # that is told below
        text = ""
        for line in self.run.stdout:
            text += line
            try:
                return json.loads(text)
            except json.JSONDecodeError:
                pass    # there is more
        raise Refused(self.end() or f"{shlex.join(words)}: it has told nothing")

    def end(self):
        """What it said last."""
        run, self.run = self.run, None
        return run.communicate()[1]
