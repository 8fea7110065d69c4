#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One machine of a cluster of corosync and Pacemaker, which is a network namespace with PIDs, mounts and a name of its
own. The three machines of the cluster are on one LAN.

    pacemaker_node.py NAME HOME [RESOURCES]

makes the machine's folders in HOME, and becomes the process that runs its daemons: ../pacemaker-node.sh. RESOURCES is a
file with the resources and constraints of the cluster, as elements of the CIB. Without it no daemon is run."""
import os
import pathlib
import shutil
import sys

NODE = pathlib.Path(__file__).resolve().parent.parent / "pacemaker-node.sh"
ADDRESSES = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3"}
# What each machine has for itself, and whether Pacemaker's own user writes there.
FOLDERS = {"etc/corosync": False, "var/lib/corosync": False, "var/lib/pacemaker": True, "var/lib/pacemaker/cib": True,
           "var/lib/pacemaker/pengine": True, "var/lib/pacemaker/blackbox": True, "var/lib/pacemaker/cores": True,
           "var/log": True, "dev/shm": False, "run": False, "run/resource-agents": False}


def corosync_conf(token):
    """As Debian's, with the default timeouts or such a token, ms."""
    # With three nodes 650 ms would be added to it.
    timeouts = f"    token: {token}\n    token_coefficient: 0\n" if token else ""
    nodes = "".join(
        f"    node {{\n        name: {name}\n        nodeid: {number}\n        ring0_addr: {address}\n    }}\n"
        for number, (name, address) in enumerate(ADDRESSES.items(), 1))
    return f"""totem {{
    version: 2
    cluster_name: lab
    transport: knet
{timeouts}}}
nodelist {{
{nodes}}}
quorum {{
    provider: corosync_votequorum
}}
logging {{
    to_stderr: no
    to_syslog: no
    to_logfile: yes
    logfile: /var/log/corosync.log
    timestamp: hires
}}
"""


def pairs(home, **values):
    """Options of the CIB, which are of that element."""
    return "".join(f'<nvpair id="{home}-{name}" name="{name.replace("_", "-")}" value="{value}"/>'
                   for name, value in values.items())


def cib(resources):
    """The configuration: these resources, which stay where they are, and no fence."""
    options, defaults = pairs("options", stonith_enabled="false"), pairs("defaults", resource_stickiness=100)
    return f"""<cib crm_feature_set="3.0.0" validate-with="pacemaker-3.0" admin_epoch="0" epoch="1" num_updates="0">
  <configuration>
    <crm_config><cluster_property_set id="options">{options}</cluster_property_set></crm_config>
    <nodes/>
    <resources>{resources}</resources>
    <constraints/>
    <rsc_defaults><meta_attributes id="defaults">{defaults}</meta_attributes></rsc_defaults>
  </configuration>
  <status/>
</cib>
"""


def make_home(home, conf, configuration):
    """The folders that only this machine sees, with its files."""
    for folder, theirs in FOLDERS.items():
        (home / folder).mkdir(parents=True, exist_ok=True)
        if theirs:
            shutil.chown(home / folder, "hacluster", "haclient")
            (home / folder).chmod(0o750)
    (home / "dev/shm").chmod(0o1777)
    (home / "etc/corosync/corosync.conf").write_text(conf, encoding="ascii")
    file = home / "var/lib/pacemaker/cib/cib.xml"
    file.write_text(configuration, encoding="ascii")
    shutil.chown(file, "hacluster", "haclient")
    file.chmod(0o600)


def command(name, home, *words):
    """What runs the machine; its only child is the first process there."""
    return ["ip", "netns", "exec", name, "unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc", str(NODE),
            name, str(home), *words]


if __name__ == "__main__":
    machine, place, files = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    make_home(place, corosync_conf(None), cib(pathlib.Path(files[0]).read_text(encoding="ascii") if files else ""))
    os.execvp("ip", command(machine, place, *([] if files else ["idle"])))
