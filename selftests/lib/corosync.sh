# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2086 # dir is that of agents.sh; the words here have no spaces
# Machines of that LAN that run corosync and Pacemaker: processes, files and a name of their own in a namespace.
#
# Sourced after agents.sh. What only machine NAME sees of /etc/corosync, /var/log and so on is in /run/machines/NAME.

corosync_machine=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/py/pacemaker_node.py

# machine NAME [RESOURCES]: corosync and Pacemaker start there, with that file of resources. Without it nothing starts.
machine() {
	local pid pids=
	"$corosync_machine" $1 /run/machines/$1 "${@:2}" </dev/null >"$dir/machine-$1.log" 2>&1 &
	pid=$!
	wait_for 20 grep -q . /proc/$pid/task/$pid/children || return 1
	read -r pids _ <"/proc/$pid/task/$pid/children"
	echo $pids >"$dir/machine-$1.pid"
}

# machine_off NAME: all its daemons end at once, and its files are gone.
machine_off() {
	local pid
	pid=$(<"$dir/machine-$1.pid")
	kill -KILL $pid && wait_for 20 lan_ended $pid && rm -rf /run/machines/$1
}

# on NAME COMMAND...: there.
on() { nsenter -t "$(<"$dir/machine-$1.pid")" -m -u -n -p "${@:2}" </dev/null; }
