#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Many vips, many nodes, many events at once: what operators ask and say is complete then. How long it took is noted.
# It is judged only where a nanosecond is an instruction (`lab/run -i`), as these are the same on any machine.
#
#   large.sh [VIPS [NODES [EVENTS [counted]]]]         10000, 5 and 100000 if not told
# shellcheck disable=SC2317,SC2086,SC2119 # check runs functions; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

vips=${1:-10000} count=${2:-5} events=${3:-100000} counted=${4:-}
# Milliseconds that each may take of 10,000 vips on five nodes, where time is counted: a quarter more than
# doc/performance.md has. Of a command that works alone it is CPU time, else the time until it has ended.
back="a node that was away, until it is current"
declare -A most=(["restore --check of $vips vips on one node"]=150 ["restore of them on one node"]=850
	["cluster apply of $vips vips on $count nodes"]=10500
	["status of $vips vips"]=365 ["status -d"]=515 ["status -j"]=1200 [check]=365 ["vip show"]=125 ["$back"]=2625)
nodes=()
declare -A number
for ((i = 1; i <= count; i++)); do
	nodes+=("n$i")
	number[n$i]=$i
done
first=${nodes[0]} last=${nodes[-1]}

# conf NAME: few heartbeats, and long leases: all nodes share the CPU here.
conf() {
	cat >"$dir/$1.conf" <<-END
		node = "$1";
		key = "$dir/key";
		timings = { heartbeat = "100ms"; suspect = "2s"; time = "5s"; };
		leases = { longest = "10s"; voter = "$dir/voter-$1"; };
		configurations = "$dir/config-$1"; pulses = { interval = "100ms"; };
		journal = { folder = "$dir/journal"; };
		$(conf_nodes)
	END
}

# text [LINE...]: each vip has a service with two members.
text() {
	local name
	for name in "${nodes[@]}"; do echo "node add $name addr 10.0.0.${number[$name]}"; done
	echo "lease add web"
	awk -v n=$vips -v one=$first -v two=$last 'BEGIN {
		for (i = 0; i < n; i++) {
			addr = sprintf("10.1.%d.%d", i / 250, i % 250 + 1)
			print "vip add " addr " on eth0 lease web"
			print "service add " addr ":80/tcp sched rr"
			print "member add " addr ":80/tcp node " one " via tunnel"
			print "member add " addr ":80/tcp node " two " via tunnel"
		}
	}'
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3
	module_load && lan_make || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && ip -n $name route add 10.1.0.0/16 dev eth0 && nodes_add $name &&
			haadm -n $name lease add web && conf $name || return 1
	done
	haagentd --genkey "$dir/key" && start "${nodes[@]}" && wait_for 60 known
}

# took NAME COMMAND...: runs it, and notes how long it took, and how much CPU time it and its children had.
took() {
	local TIMEFORMAT='%R s, %U s and %S s of CPU time' code
	{ time "${@:2}" 2>&4; } 4>&2 2>"$dir/time"
	code=$?
	ktap_note "$1: $(tail -n 1 "$dir/time")" >&3
	[ $code -eq 0 ] || return $code
	within "$1" "$(tail -n 1 "$dir/time" |
		awk -v name="$1" '{ print int(1000 * (name ~ /apply/ ? $1 : $3 + $6)) }')"
}

# within NAME MS: it has not taken more than it may.
within() {
	[ -z "$counted" ] || [ -z "${most[$1]:-}" ] || [ $2 -le "${most[$1]}" ] ||
		{ echo "$1: $2 ms of counted time, more than ${most[$1]}"; return 1; }
}

# counts NAME: how many vips and members its module has.
counts() {
	[ "$(haadm -n $1 vip show | wc -l)" -eq $vips ] && [ "$(haadm -n $1 member show | wc -l)" -eq $((2 * vips)) ]
}

in_force() {
	local name
	for name in "${nodes[@]}"; do logged $name "generation $1 is in force here" || return 1; done
}

applied() {
	local name
	text >"$dir/one" &&
		took "restore --check of $vips vips on one node" haadm -n $first restore --check "$dir/one" &&
		took "cluster apply of $vips vips on $count nodes" haadm -n $last cluster apply "$dir/one" &&
		wait_for 60 in_force 1 || return 1
	for name in "${nodes[@]}"; do counts $name || return 1; done
	sed "/^node add $first /s/\$/ self/" "$dir/one" >"$dir/own"
	text "service add 10.1.0.1:81/tcp" "member add 10.1.0.1:81/tcp node $first" >"$dir/two" &&
		took "restore of them on one node" haadm -n $first restore "$dir/own" &&
		took "cluster apply of the same and one line more" haadm -n $first cluster apply "$dir/two" &&
		wait_for 60 in_force 2
}

# judged NAME: "haadm check" of it has said that all is well, or what is not.
judged() {
	local code=0
	haadm -n $1 check >"$dir/check" || code=$?
	cat "$dir/check"
	[ $code -le 2 ]
}

status() {
	local name
	name=$(holder) &&
		took "status of $vips vips" haadm -n $name status >"$dir/shown" &&
		took "status -d" haadm -n $name -d status >"$dir/all" &&
		took "status -j" haadm -n $name -j status >"$dir/json" &&
		took "check" judged $name &&
		took "vip show" haadm -n $name vip show >"$dir/vips" &&
		took "save" haadm -n $name save >"$dir/saved" || return 1
	head -n 40 "$dir/shown"
	[ "$(grep -cE '^  10\.1\.' "$dir/all")" -eq $vips ] &&
		jq -e --argjson n $vips '.vips | length == $n' "$dir/json" &&
		[ "$(wc -l <"$dir/shown")" -lt 200 ]
}

# not_heard: the last node, by the first one.
not_heard() {
	haadm -n $first -j cluster show |
		jq -e --arg name $last '.nodes[] | select(.node == $name) | .is_heard | not'
}

# A node that was away is current soon after its agent has begun.
returns() {
	local begin took
	stop KILL $last && haadm -n $last restore - <<<"$(sed -n '/^node/p' "$dir/two" |
		sed "/^node add $last /s/\$/ self/")" && text "service add 10.1.0.2:81/tcp" >"$dir/three" &&
		wait_for 20 not_heard && haadm -n $first cluster apply "$dir/three" || return 1
	begin=${EPOCHREALTIME/./}
	start $last && wait_for 60 logged $last "generation 3 is in force here" || return 1
	took=$(((${EPOCHREALTIME/./} - begin) / 1000))
	ktap_note "$back: $took ms" >&3
	within "$back" $took && counts $last
}

# A burst of events: whoever reads them has all, or says which are missing.
burst() {
	local pid seq code
	haadm -n $first -j monitor >"$dir/monitor" 2>"$dir/monitor.err" &
	pid=$!
	seq=$(haadm -n $first -j event show | jq '.[-1].seq')
	wait_for 10 monitoring $pid || return 1
	awk -v n=$events -v node=$last 'BEGIN { for (i = 0; i < n; i++) print "node set " node " zone z" i % 2 }' \
		>"$dir/burst"
	took "$events events, made by one haadm" haadm -n $first -b "$dir/burst" || return 1
	[ "$(haadm -n $first -j event show | jq '.[-1].seq')" -ge $((seq + events)) ] || return 1
	seq=$((seq + events))
	took "until the monitor had the last one" wait_for 60 told_last $seq &&
		took "until the journal had the last one" wait_for 60 written_last $seq || return 1
	kill $pid
	wait $pid
	cat "$dir/monitor.err"
	haadm -j journal by $first in "$dir/journal" >"$dir/lines" || return 1
	tools/burst.py $((seq - events + 1)) $seq "$dir/monitor" "$dir/monitor.err" "$dir/lines" >"$dir/judged"
	code=$?
	cat "$dir/judged"
	grep "^#" "$dir/judged" >&3
	return $code
}

# monitoring PID: it has subscribed.
monitoring() {
	n $first cat /proc/net/netlink | awk -v pid=$1 '$2 == 16 && $3 == pid && $4 !~ /^0+$/ { n = 1 } END { exit !n }'
}
# Other events may come meanwhile, and after these.
told_last() { [ "$(tail -n 1 "$dir/monitor" | jq .seq)" -ge $1 ]; }
written_last() { [ "$(tail -q -n 20 "$dir/journal/$first/"* | jq -s 'map(.event // 0) | max')" -ge $1 ]; }

exec 3>&1
ktap_header
prepare || ktap_exit
check "$count nodes run one configuration of $vips vips" applied
check "status tells of $vips vips, and is one screen" status
check "a node that was away gets them" returns
check "of $events events at once none is missing without a word" burst
ktap_exit
