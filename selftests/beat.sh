#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# BEATs: whom they name is alive; whom they stop naming is lost; when they stop, nothing moves.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100

prepare() {
	local name
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add || return 1
	cluster_all "vip add $vip holder entry" "service add $vip failback auto" "member add $vip node m1 priority 10" \
		"member add $vip node m2 priority 20" && cluster_ready || return 1
	for name in m1 m2; do
		traffic serve $name udp $vip 53 $name || return 1
	done
	wait_for 20 by m1
}

by() {
	says "$1" client udp $vip 53
}

# is NODE STATE AGENT
is() {
	entry -j node show "$1" | jq -e ".[0] | .state == \"$2\" and .agent == \"$3\"" >/dev/null && return 0
	entry -d node show "$1"
	return 1
}

# events KIND: how many of a kind there were.
events() {
	entry -j event show | jq "map(select(.kind == \"$1\")) | length"
}

# over NODE: the time of the last BEAT that named it has passed.
over() {
	local until
	until=$(entry -j node show "$1" | jq '.[0].alive_until')
	wait_for 20 later_than "$until"
}

later_than() {
	[ "$(python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))')" -gt "$1" ]
}

# A change of the agent's silence, told once more than before.
stalls() {
	wait_for 20 more_than agent-stalled "$1"
}

more_than() {
	[ "$(events "$1")" -gt "$2" ]
}

unnamed() {
	is m1 up unnamed && is m2 up unnamed && by m1 && [ "$(events agent-stalled)" -eq 0 ]
}

# m1 was never named: only the administrator speaks about it.
never_named() {
	entry beat m2 for 10ms && over m2 && entry beat m2 for 10ms && is m1 up unnamed && is m2 up alive && by m1
}

named() {
	entry beat m1 m2 for 1h && is m1 up alive && is m2 up alive && by m1
}

# Not named, but its time has not passed.
in_time() {
	entry beat m2 for 1h && is m1 up alive && by m1
}

# No death so far counts: what flapping does is failback.sh's.
forgive() {
	entry failback m1 && entry failback m2
}

lost() {
	entry beat m1 m2 for 10ms && over m1 && is m1 up alive && by m1 &&
		entry beat m2 for 1h && is m1 lost lost && is m2 up alive && by m2
}

returns() {
	entry beat m1 m2 for 1h && is m1 up alive && by m1
}

# Longer than T without any BEAT, again and again: states stay what they are, in both directions.
stalled() {
	local stalled nodes
	entry beat m1 m2 for 1h && stalled=$(events agent-stalled) && nodes=$(events node) || return 1
	entry beat m1 m2 for 10ms && stalls "$stalled" && over m1 && by m1 && is m1 up alive && sleep 0.2 && by m1 &&
		is m1 up alive && is m2 up alive && [ "$(events agent-stalled)" -eq $((stalled + 1)) ] &&
		[ "$(events node)" -eq "$nodes" ]
}

# Whoever is lost stays lost without BEATs.
stalled_lost() {
	local stalled
	forgive && entry beat m1 m2 for 10ms && over m1 && stalled=$(events agent-stalled) && entry beat m2 for 10ms &&
		is m1 lost lost && stalls "$stalled" && over m2 && by m2 && is m1 lost lost && is m2 up alive
}

resumed() {
	local resumed nodes
	entry beat m1 m2 for 10ms && wait_for 20 silent && over m1 && over m2 || return 1
	resumed=$(events agent-resumed)
	nodes=$(events node)
	entry beat m1 m2 for 1h && [ "$(events agent-resumed)" -eq $((resumed + 1)) ] &&
		[ "$(events node)" -eq "$nodes" ] && by m1
}

silent() {
	entry -j event show | jq -e 'map(select(.kind | startswith("agent-"))) | .[-1].kind == "agent-stalled"'
}

# One name too many, and nothing of the BEAT counts: the others are not named by it, m1 is not lost by it.
# Without what decays by itself.
nodes() {
	entry -j node show | jq "map(del(.penalty))" | ageless
}

unknown() {
	local before beats
	entry beat m1 m2 for 10ms && over m1 && wait_for 20 silent || return 1
	before=$(nodes) beats=$(entry -j stats show | jq .beats)
	check_refused entry beat m2 nobody for 1h || return 1
	[ "$(nodes)" = "$before" ] && [ "$(entry -j stats show | jq .beats)" -eq "$beats" ] && silent && by m1 &&
		entry beat m1 m2 for 1h
}

check_refused() {
	local printed code=0
	printed=$("$@" 2>&1) || code=$?
	[ $code -eq 2 ] && grep -q "no node of that name" <<<"$printed" && return 0
	echo "exit $code: $printed"
	return 1
}

# Naming nobody at all takes everybody out who was named: a BEAT needs a name, so name one that was not.
all_lost() {
	forgive && entry beat m1 m2 for 10ms && over m1 && entry beat entry for 1h && is m1 lost lost &&
		is m2 lost lost &&
		grew entry "seen=1 drop_no_member=1" says silence client udp $vip 53 wait=0 &&
		entry beat entry m1 m2 for 1h && by m1
}

# What the administrator or a verdict took out is not back because it is named.
named_but_out() {
	entry node set m1 state down && entry beat m1 m2 for 1h && is m1 down alive && by m2 &&
		entry node set m1 state up && by m1 && entry node verdict m1 fenced && entry beat m1 m2 for 1h &&
		is m1 fenced alive && by m2 && entry node verdict m1 clear && by m1
}

counted() {
	local beats
	beats=$(entry -j stats show | jq .beats)
	entry beat m1 m2 for 1h && entry beat m1 m2 for 1h &&
		[ "$(entry -j stats show | jq .beats)" -eq $((beats + 2)) ]
}

ktap_header
make_ready "setup: a holder, two members" prepare
check "without BEATs a node is what the administrator says" unnamed
check "a node that no BEAT ever named is what the administrator says" never_named
check "a node that a BEAT names is alive" named
check "a node that a BEAT left out is alive until its time has passed" in_time
check "traffic leaves a node that no BEAT names in time" lost
check "traffic returns to a node that a BEAT names again" returns
check "missing BEATs cause a single event, not the loss of a node" stalled
check "without BEATs a node that was lost stays lost" stalled_lost
check "BEATs that resume cause an event, not a switch" resumed
check "a BEAT that names an unknown node is refused as a whole" unknown
check "no node serves when a BEAT leaves out all members" all_lost
check "a node that the administrator took out stays out though a BEAT names it" named_but_out
check "BEATs are counted" counted
ktap_exit
