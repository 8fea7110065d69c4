#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reads the status page as a browser without scripts does: status_page.py PAGE STATUS.

PAGE is the HTML, STATUS what `haadm -j status` printed. Fails if a tag is not closed, if the page wants anything from
elsewhere, or if it lacks what the status has.
"""
import html.parser
import json
import sys

# They have no end.
SINGLE = {"meta", "br"}
# What loads or runs something.
WITHOUT = {"script", "img", "link", "iframe", "object", "embed", "form", "base"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.faults, self.refresh = [], [], False
        self.rows, self.table = {}, None
        self.texts = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in WITHOUT:
            self.faults.append(f"<{tag}>")
        for name, value in attrs.items():
            if name.startswith("on") or "//" in (value or ""):
                self.faults.append(f"<{tag} {name}={value}>")
        self.refresh |= tag == "meta" and attrs.get("http-equiv") == "refresh"
        if tag == "table":
            self.table = self.rows.setdefault(attrs["id"], [])
        elif tag == "tr":
            self.table.append([])
        elif tag == "td":
            self.table[-1].append("")
        if tag not in SINGLE:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> ends another tag")

    def handle_data(self, data):
        self.texts.append(data)
        if "td" in self.open:
            self.table[-1][-1] += data

    def cells(self, table):
        return [row for row in self.rows.get(table, []) if row]


def wanted(page, status):
    """What is missing in the page."""
    nodes = {row[0].removesuffix(" (this machine)"): row[1] for row in page.cells("nodes")}
    leases = {row[0]: row[1] for row in page.cells("leases")}
    vips = {row[0]: row for row in page.cells("vips")}
    for node in status["nodes"]:
        if nodes.get(node["name"]) != node["state"]:
            yield f"node {node['name']}"
    for lease in status["leases"]:
        if leases.get(lease["lease"]) != (lease["holder"] or "nobody"):
            yield f"lease {lease['lease']}"
    for vip in status["vips"]:
        row = vips.get(vip["addr"])
        if not row or (row[1] != "not served") != vip["served"] or (vip["holder"] or row[2]) != row[2]:
            yield f"vip {vip['addr']}"
        elif any(service["service"] not in row[4] for service in vip["services"]):
            yield f"services of {vip['addr']}"
    for warning in status["warnings"]:
        if warning not in page.texts:
            yield f"warning {warning}"


def main():
    page = Page()
    with open(sys.argv[1], encoding="utf-8") as file:
        page.feed(file.read())
    page.close()
    with open(sys.argv[2], encoding="utf-8") as file:
        faults = page.faults + [f"missing: {what}" for what in wanted(page, json.load(file))]
    if page.open:
        faults.append(f"not closed: {page.open}")
    if not page.refresh:
        faults.append("it does not load again")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
