# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the shell of selftests/demo/play has besides haadm, ip, curl and the rest.

PS1='play# '

help() {
	cat <<-'END'
		lb 10.0.0.1, web1 10.0.0.11 and web2 10.0.0.12 are nodes; the vip is 10.0.0.100; there is a client.
		Their files are in /etc/haswitch: haswitch.conf and haagentd.conf, as in doc/install.md.

		haadm -n lb status      what a node knows and does; -n web1, -n web2 as well
		haadm -n lb failover web to web2
		ask [TIMES]             the client asks the vip, ten times a second: who answers, and when?
		power off NODE          the node loses its power; power on NODE: it boots, and begins anew
		on NODE [COMMAND]       a command on a node, or on the client; a shell there without one
		agent NODE              the process of its agent: kill -STOP $(agent lb), kill -CONT $(agent lb)
		haadm -n lb -t monitor  what happens, as it happens; Ctrl-C ends it
		help                    this
		exit                    the end: the kernel goes, and all that is in it

		Try:  ask 40 & sleep 1; power off lb; wait; haadm -n web1 status
	END
}

on() {
	local name=$1
	shift
	[ $# -gt 0 ] || set -- bash --norc -i
	PS1="$name# " ip netns exec "$name" "$@"
}

# The time is that of the answer, by the clock that the demo and `haadm -t` tell.
ask() {
	local i answer at
	for ((i = 0; i < ${1:-1}; i++)); do
		[ "$i" -eq 0 ] || sleep 0.1
		answer=$(ip netns exec client curl -s -m 2 http://10.0.0.100/) || answer="no answer"
		at=$EPOCHREALTIME
		printf '%(%T)T.%.3s  %s\n' "${at%[.,]*}" "${at#*[.,]}" "$answer"
	done
}

power() { python3 -B "$HASW_REPO/selftests/demo/playground.py" power "$@"; }

# The agent has a worker, which began later.
agent() {
	local pid
	for pid in $(ip netns pids "$1" | sort -n); do
		[ "$(cat "/proc/$pid/comm")" != haagentd ] || { echo "$pid" && return; }
	done
	return 1
}

[[ $- != *i* ]] || help
