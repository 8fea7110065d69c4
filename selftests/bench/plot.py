#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws the figures of build/bench.json: what a packet costs, and how that grows with the configuration.

    plot.py DIRECTORY

Writes cost.svg and scale.svg there, as far as what they show was measured. The same figures give the same files.
"""
import json
import math
import os
import sys

sys.dont_write_bytecode = True  # nothing is left in the tree
import guest

OURS, THEIRS, INK, FAINT = "#1a6fb5", "#9a9a9a", "#222222", "#dddddd"
# curve in bench.json: what a reader is told, and its colour
CURVES = {"ipvs-vips": ("IPVS, one client's port to all of so many vips", THEIRS),
          "ipvs-flows": ("IPVS, a packet of each of so many connections", "#c9a227"),
          "haswitch-flows": ("haswitch, connections tracked, the same", "#3a8f4d"),
          "haswitch-vips": ("haswitch, the same", OURS),
          "haswitch-maglev": ("haswitch, flows spread over so many members", "#d1731c")}
# What the drawing of costs leaves out: what is no redirection, or no cost of a whole packet.
NO_COST = ("haswitch-miss", "nft-miss", "haswitch-direct-holder")


class Drawing:
    """Lines, boxes and words, and the file that they make."""

    def __init__(self, width, height, title):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                      f'height="{height}" font-family="sans-serif" font-size="12">',
                      "<!-- SPDX-License-Identifier: GPL-2.0 -->", f"<title>{title}</title>",
                      f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
        self.words(16, 22, title, size=14)

    def words(self, x, y, text, anchor="start", size=12, colour=INK):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
                          f'fill="{colour}">{text}</text>')

    def line(self, points, colour=FAINT, width=1):
        self.parts.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" '
                          f'stroke="{colour}" stroke-width="{width}"/>')

    def box(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join([*self.parts, "</svg>", ""]))


def costs(rows):
    """A bar for each cost; the cheapest first."""
    rows = sorted((r for r in rows if r["mode"] == "icount" and "curve" not in r and r["case"] not in NO_COST),
                  key=lambda r: r["net"])
    left, wide, step = 200, 460, 20
    most = max(r["net"] for r in rows)
    drawing = Drawing(760, 44 + step * len(rows), "instructions a packet")
    for i, row in enumerate(rows):
        y = 36 + step * i
        drawing.words(left - 8, y + 12, row["case"], "end")
        drawing.box(left, y, wide * row["net"] / most, step - 5, OURS if row["case"].startswith("haswitch") else THEIRS)
        drawing.words(left + wide * row["net"] / most + 6, y + 12, f"{row['net']:.0f}")
    return drawing


def scale(rows):
    """A line for each curve; both axes are logarithmic."""
    rows = [r for r in rows if r.get("curve") in CURVES]
    left, top, wide, high = 76, 40, 560, 300
    decades = math.ceil(math.log10(max(r["count"] for r in rows)))
    low, up = (round_to(math.log10(edge)) for edge, round_to in
               ((min(r["net"] for r in rows), math.floor), (max(r["net"] for r in rows), math.ceil)))
    drawing = Drawing(left + wide + 24, top + high + 44 + 18 * len(CURVES),
                      "instructions a packet, by the size of the configuration")
    at = lambda count, net: (left + wide * math.log10(count) / decades,
                             top + high * (up - math.log10(net)) / (up - low))
    for n in range(low, up + 1):
        drawing.line([at(1, 10 ** n), at(10 ** decades, 10 ** n)])
        drawing.words(left - 8, at(1, 10 ** n)[1] + 4, f"{10 ** n:,}", "end")
    for n in range(decades + 1):
        drawing.line([at(10 ** n, 10 ** low), at(10 ** n, 10 ** up)])
        drawing.words(at(10 ** n, 1)[0], top + high + 18, f"{10 ** n:,}", "middle")
    seen = [curve for curve in CURVES if any(r["curve"] == curve for r in rows)]
    for i, curve in enumerate(seen):
        text, colour = CURVES[curve]
        points = [at(r["count"], r["net"]) for r in sorted(rows, key=lambda r: r["count"]) if r["curve"] == curve]
        drawing.line(points, colour, 2)
        for point in points:
            drawing.dot(*point, colour)
        y = top + high + 44 + 18 * i
        drawing.line([(left, y - 4), (left + 24, y - 4)], colour, 2)
        drawing.words(left + 32, y, text)
    return drawing


def main():
    with open(os.path.join(guest.REPO, "build", "bench.json"), encoding="utf-8") as file:
        rows = json.load(file)
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, draw, enough in (("cost.svg", costs, any(r["mode"] == "icount" and "curve" not in r for r in rows)),
                               ("scale.svg", scale, any("curve" in r for r in rows))):
        if enough:
            draw(rows).write(os.path.join(sys.argv[1], name))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("plot.py DIRECTORY")
    main()
