#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reads the status page with headless Chromium, and judges what a user of a browser has of it.

    browser.py URL PICTURE WORD COMMAND...

The page is loaded, and saved as a picture; then COMMAND runs, and the page must show WORD in the table of nodes without
anybody's doing. Prints "ok NAME" or "not ok NAME" for each point, and details below it.

Chromium is told what to do by pipes on its descriptors 3 and 4, which each have JSON that ends with a NUL:
https://chromedevtools.github.io/devtools-protocol/
"""
import base64
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

LIMIT = 120     # s, for each answer; the page loads again after 5 s
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-zygote", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
           "--hide-scrollbars", "--window-size=900,760", "--remote-debugging-pipe", "about:blank")
PAGE = """({
    title: document.title, heading: document.querySelector('h1')?.innerText ?? '', text: document.body.innerText,
    nodes: document.querySelector('#nodes')?.innerText ?? '', scripts: document.scripts.length,
    tables: [...document.querySelectorAll('table')].map(t => [t.id, t.rows.length, t.getBoundingClientRect().height]),
    good: getComputedStyle(document.querySelector('td.good') ?? document.body).backgroundColor,
    wide: document.documentElement.scrollWidth <= innerWidth,
    elsewhere: performance.getEntriesByType('resource').map(e => e.name)})"""


def pipe():
    """Two descriptors that are not those that the child is to have."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved


class Browser:
    """A Chromium with one page."""

    def __init__(self, folder):
        commands, self.to = pipe()
        self.out, answers = pipe()

        def take():
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        # pylint: disable=subprocess-popen-preexec-fn,consider-using-with
        self.process = subprocess.Popen(["chromium", f"--user-data-dir={folder}", *OPTIONS], preexec_fn=take,
                                        pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True,
                                        env={**os.environ, "HOME": folder})
        os.close(commands)
        os.close(answers)
        self.rest, self.number, self.session = b"", 0, None
        self.events = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Network", "Log", "Runtime":
            self.ask(f"{domain}.enable")

    def read(self, end):
        """The next message; an exception at that time."""
        while b"\0" not in self.rest:
            if not select.select([self.out], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("Chromium does not answer")
            got = os.read(self.out, 1 << 16)
            if not got:
                raise EOFError("Chromium has ended")
            self.rest += got
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def ask(self, method, **params):
        """Has something done, and returns the answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + LIMIT
        while True:
            got = self.read(end)
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def loads(self):
        """How often a page was loaded."""
        return sum(event.get("method") == "Page.loadEventFired" for event in self.events)

    def wait_load(self, count):
        """Waits until pages were loaded that often."""
        end = time.monotonic() + LIMIT
        while self.loads() < count:
            self.events.append(self.read(end))

    def page(self):
        """What the page shows."""
        return self.ask("Runtime.evaluate", expression=PAGE, returnByValue=True)["result"]["value"]

    def asked(self):
        """Addresses that the browser has asked for."""
        return {event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"}

    def faults(self):
        """What the browser has found wrong with the page."""
        return [event["params"] for event in self.events
                if event.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")]

    def end(self):
        """Ends all of its processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def point(name, fine, *details):
    """Prints the result of a point."""
    print("ok" if fine else "not ok", name)
    if not fine:
        for detail in details:
            print(detail)


def judge(browser, url, picture, word, command):
    """All points."""
    browser.ask("Page.navigate", url=url)
    browser.wait_load(1)
    page = browser.page()
    with open(picture, "wb") as file:
        file.write(base64.b64decode(browser.ask("Page.captureScreenshot", format="png")["data"]))
    tables = {name: (rows, height) for name, rows, height in page["tables"]}
    point("the browser shows the page, its tables and its colours",
          page["heading"].startswith("haswitch: ") and set(tables) >= {"nodes", "leases", "vips", "peers"} and
          all(rows > 1 and height > 20 for rows, height in tables.values()) and page["good"] == "rgb(221, 255, 221)",
          json.dumps(page))
    point("the page fits into the window", page["wide"])
    point("the page has no script", page["scripts"] == 0)
    before = browser.loads()
    subprocess.run(command, check=True)
    end = time.monotonic() + LIMIT
    while word not in page["nodes"] and time.monotonic() < end:
        browser.wait_load(browser.loads() + 1)
        page = browser.page()
    point("the page loads again by itself, and shows what has changed", word in page["nodes"] and
          browser.loads() > before, page["nodes"])
    origin = urllib.parse.urlsplit(url).netloc
    others = [one for one in browser.asked() if urllib.parse.urlsplit(one).netloc != origin]
    point("the browser asks nobody else for anything", browser.asked() and not others and not page["elsewhere"],
          *others, *page["elsewhere"])
    # Browsers ask for a picture of their own accord, which is not there.
    faults = [one for one in browser.faults() if "favicon" not in json.dumps(one)]
    point("the browser finds nothing wrong with it", not faults, json.dumps(faults))


def main():
    url, picture, word = sys.argv[1:4]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        try:
            judge(browser, url, picture, word, sys.argv[4:])
        finally:
            browser.end()


if __name__ == "__main__":
    main()
