#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest, as the first process of its PID, mount and UTS namespaces: corosync and Pacemaker of one machine.
#
#   pacemaker-node.sh NAME HOME [idle]
#
# HOME has the folders that only this machine sees at their usual places; see py/pacemaker_node.py, which makes them.
# The daemons find each other by sockets of the network namespace and by files in /dev/shm. Whoever ends Pacemaker by
# SIGTERM restarts it: the file /run/again appears once both have ended. After SIGKILL nothing starts again: the machine
# waits for its end. An idle machine starts nothing by itself.
set -u

name=$1 home=$2
hostname "$name" || exit 1
# HOME is in /run itself, so that comes last.
for place in etc/corosync var/lib/corosync var/lib/pacemaker var/log dev/shm run; do
	mount --bind "$home/$place" "/$place" || exit 1
done
# There is no syslog here.
export PCMK_logfacility=none PCMK_logfile=/var/log/pacemaker.log
exec </dev/null >>/var/log/output.log 2>&1

[ "${3-}" != idle ] || exec sleep infinity
while :; do
	corosync -f &
	corosync=$!
	until corosync-cmapctl -g totem.cluster_name >/dev/null 2>&1; do
		kill -0 $corosync || exit 1
		sleep 0.1
	done
	pacemakerd
	# 128 and more: a signal ended it.
	[ $? -lt 128 ] || break
	kill $corosync
	wait $corosync
	: >/run/again
done
exec sleep infinity
