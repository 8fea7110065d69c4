# SPDX-License-Identifier: GPL-2.0
"""One haadm for many questions: to start another takes UML ten times what it takes to ask."""
import json
import os
import shlex
import subprocess
import tempfile


class Refused(Exception):
    """What haadm said on standard error."""


class Haadm:
    """haadm in a network namespace, which is kept for as long as there is one, and the module stays loaded. After an
    error another is started."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.run = None
        self.where = None
        self.said = None

    def do(self, *words):
        """A command that tells nothing. What it is refused for is told by the next show()."""
        there = os.stat(f"/run/netns/{self.namespace}")
        # Another one of that name may have come instead.
        if self.run and (self.where != (there.st_dev, there.st_ino) or self.run.poll() is not None):
            self.end()
        if not self.run:
            self.where = there.st_dev, there.st_ino
            # A pipe might be full before anybody reads it.
            self.said = tempfile.TemporaryFile("w+", encoding="utf-8")
            self.run = subprocess.Popen(["haadm", "-n", self.namespace, "-j", "-b", "-"],
                                        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)
        try:
            self.run.stdin.write(" ".join(words) + "\n")
            self.run.stdin.flush()
        except BrokenPipeError:
            pass    # show() tells that

    def show(self, *words):
        """What a command tells in JSON; it has to tell something."""
        self.do(*words)
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
        run.communicate()
        with self.said as said:
            said.seek(0)
            return said.read()
