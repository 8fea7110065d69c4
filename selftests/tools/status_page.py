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
        self.rows, self.table, self.columns = {}, None, {}
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
            self.heads = self.columns.setdefault(attrs["id"], [])
        elif tag == "th":
            self.heads.append("")
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
        elif "th" in self.open:
            self.heads[-1] += data

    def cells(self, table):
        """The rows of a table: what is in each column, by its heading."""
        heads = self.columns.get(table, [])
        return [dict(zip(heads, row, strict=True)) for row in self.rows.get(table, []) if row]


def shown(node):
    """What the page has of a node, by column."""
    left, share = node.get("flows_left"), node["share"]
    return {
        "zone": node.get("zone", ""), "state": node["state"], "share": f"{share}%",
        "connections left": "" if left is None else f"{left} here" if node["flows_elsewhere"] else str(left),
        "agent": node.get("agent_state", ""),
        "paths": f"{node['paths_good']} of {node['paths_total']}" if "paths_total" in node else "",
    }


def generation(node, cell):
    """Whether the page tells which generation the node runs."""
    number, known = node.get("config_generation"), "config_state" in node
    return bool(cell) == known and (number is None or f"generation {number}" in cell)


def wanted(page, status):
    """What is missing in the page."""
    nodes = {row["node"].removesuffix(" (this machine)"): row for row in page.cells("nodes")}
    leases = {row["lease"]: row["holder"] for row in page.cells("leases")}
    vips = {row["vip"]: row for row in page.cells("vips")}
    for node in status["nodes"]:
        row = nodes.get(node["name"], {})
        for column, text in shown(node).items():
            if row.get(column) != text:
                yield f"{column} {text!r} of node {node['name']}: {row.get(column)!r}"
        if not row.get("for") and node["since"]:
            yield f"since when node {node['name']} is so"
        if not generation(node, row.get("configuration", "")):
            yield f"configuration of node {node['name']}: {row.get('configuration')!r}"
    for lease in status["leases"]:
        if leases.get(lease["lease"]) != (lease["holder"] or "nobody"):
            yield f"lease {lease['lease']}"
    for vip in status["vips"]:
        row = vips.get(vip["addr"])
        if not row or (row[""] != "not served") != vip["served"] or \
                (vip["holder"] or row["held by"]) != row["held by"]:
            yield f"vip {vip['addr']}"
        elif any(service["service"] not in row["services"] for service in vip["services"]):
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
