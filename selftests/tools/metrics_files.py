#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What userspace/metrics has for Prometheus and Grafana: promtool takes it, and queries name metrics that there are.

    metrics_files.py               KTAP: the files by themselves
    metrics_files.py ask URL       lines "ok NAME" and "not ok NAME": each query of the dashboard has an answer of the
                                   Prometheus at URL, and it could evaluate each rule
"""
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDER = TOP / "userspace/metrics"
# What Grafana puts in their places.
VARIABLES = {"$__rate_interval": "1m", "$instance": ".*"}


def queries():
    """Title of the panel and query, for each one of the dashboard."""
    for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            yield panel["title"], query


def known():
    """The names of the samples that the program writes."""
    names = {"haswitch_build_info"}
    for path in (TOP / "userspace/http").glob("*.c"):
        text = path.read_text()
        for name in re.findall(r'"(haswitch_\w+)"', text):
            names |= {name, name + "_total", name + "_bucket", name + "_count"}
    return names


def promtool(*words):
    run = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True)
    return [] if run.returncode == 0 else (run.stdout + run.stderr).splitlines()


def unknown(text):
    return sorted(set(re.findall(r"\bhaswitch_\w+", text)) - known())


def alone():
    """Title and faults of each point."""
    yield "promtool takes the rules of the alerts", promtool("check", "rules", "alerts.yml")
    yield "each alert fires for its fault, and none without", promtool("test", "rules", "alerts-test.yml")
    yield "promtool takes the example of a configuration", promtool("check", "config", "prometheus.yml")
    yield "the alerts name metrics that there are", unknown((FOLDER / "alerts.yml").read_text())
    yield "the tests of the alerts do, too", unknown((FOLDER / "alerts-test.yml").read_text())
    asked = list(queries())
    yield "the dashboard has queries", [] if len(asked) > 20 else [f"{len(asked)} queries"]
    yield "the dashboard names metrics that there are", [
        f"{title}: {name}" for title, query in asked for name in unknown(query)]


def get(url, path, **words):
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{urllib.parse.urlencode(words)}", timeout=60) as answer:
        return json.load(answer)["data"]


def ask(url):
    """As alone()."""
    for title, query in queries():
        try:
            result = get(url, "query", query=query)["result"]
            yield f"{title}: {query}", [] if result else ["no answer"]
        except (OSError, ValueError, KeyError) as error:
            yield f"{title}: {query}", [str(error)]
    for group in get(url, "rules")["groups"]:
        for rule in group["rules"]:
            fault = [] if rule["health"] == "ok" else [f"{rule['health']}: {rule.get('lastError')}"]
            yield f"the rule {rule['name']} can be evaluated", fault


def main():
    url = sys.argv[2] if len(sys.argv) == 3 and sys.argv[1] == "ask" else None
    number = failed = 0
    if not url:
        print("TAP version 13")
    for title, faults in ask(url) if url else alone():
        number += 1
        failed += bool(faults)
        print("not ok" if faults else "ok", title if url else f"{number} {title}")
        for fault in faults:
            print(fault if url else f"# {fault}")
    if not url:
        print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
