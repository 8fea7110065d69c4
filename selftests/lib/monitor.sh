# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # $dir is the test's
# Points of haadm.sh: events, as monitor prints them, and nodes that the agents name.
#
# Sourced after ktap.sh; the test has prints(), silent() and refused_keeps(), and a folder $dir.

events() {
	local pid
	haadm monitor >"$dir/text" &
	pid=$!
	haadm -j monitor >"$dir/events" &
	pid="$pid $!"
	check "two monitors listen" wait_for 10 listening 2
	haadm node set n2 state down
	haadm node set n2 state up
	haadm failback n2
	haadm node verdict n2 fenced
	haadm node verdict n2 clear
	check "monitor prints a switch as text" wait_for 10 grep -qE \
		'^[0-9]+ [0-9.]+ node n2 from up to fenced cause verdict decision [0-9.]+ publish \+' "$dir/text"
	check "monitor -j prints an object a line" wait_for 10 \
		jq -e -s 'map(select(.kind == "node" and .node == "n2")) |
		map("\(.from) \(.to) \(.cause)") == ["up down admin", "down held admin", "held up failback",
			"up fenced verdict", "fenced held verdict"]' "$dir/events"
	check "monitor -j prints stamps that rise" jq -e -s 'map(select(.publish)) | length >= 4 and
		all(.decision <= .publish and .publish <= .time and .age <= .publish_age and
			.publish_age <= .decision_age and .time + .age > .time)' "$dir/events"
	# shellcheck disable=SC2086 # two of them
	kill $pid
	wait
	check "a monitor that is slow gets every event" slow_monitor
	check "event show -j -t has wall-clock times" prints '"time_wall":"[0-9]{4}-[0-9]{2}-[0-9]{2}T' \
		haadm -j -t event show from 1
	check "event show from starts at that number" prints "^$(jq -s '.[-1].seq' "$dir/events") " \
		haadm event show from "$(jq -s '.[-1].seq' "$dir/events")"
	check "a beat for an unknown node is refused" refused_keeps 'no node of that name \(attribute node\)' 2 \
		haadm beat n1 n9 for 1s
	check "a beat for two nodes works" silent haadm beat n1 n2 for 1h
	check "a beat makes its nodes alive" prints 'agent alive alive-until' haadm -d node show n2
	check "status marks a node that no BEAT has named" prints \
		'^  n3 +drain for [^,]*, no connections left, never heard: no BEAT has named it$' haadm status
	check "status counts the nodes that no BEAT has named" prints \
		'^1 of 3 nodes never heard; does haagentd run there' haadm status
	check "status -j marks a node that no BEAT has named" \
		jq -e '[.nodes[].never_heard] == [false, false, true]' <(haadm -j status)
	check "status marks no node once a BEAT has named all" named_now
}

named_now() {
	haadm beat n1 n2 n3 for 1h && haadm status >"$dir/status" && ! grep 'never heard\|WARNING' "$dir/status" &&
		haadm -j status | jq -e '.warnings == [] and (.agent_unspoken | not)'
}

# Without privilege the socket holds a few hundred events; the module keeps more.
slow_monitor() {
	local pid first last
	# Not as_nobody: a function in the background is a process of its own, and its number not that of haadm.
	setpriv --reuid 65534 --regid 65534 --clear-groups haadm -j monitor >"$dir/slow" 2>"$dir/slow.err" &
	pid=$!
	wait_for 10 listening 1 && haadm node set n3 zone slow && wait_for 10 test -s "$dir/slow" &&
		kill -STOP "$pid" || return 1
	for _ in {1..1500}; do echo "node set n3 zone slow"; done | haadm -b - &&
		last=$(haadm -j event show | jq '.[-1].seq') &&
		kill -CONT "$pid" && wait_for 30 grep -q "^{\"seq\":$last," "$dir/slow" && kill "$pid" || return 1
	wait "$pid"
	first=$(jq -s '.[0].seq' "$dir/slow")
	cat "$dir/slow.err"
	[ $((last - first)) -ge 1500 ] && [ ! -s "$dir/slow.err" ] &&
		diff <(seq "$first" "$last") <(jq .seq "$dir/slow") | head -n 5
}

# listening N: so many sockets are in the group of events. It is the highest bit set in column 4.
listening() {
	[ "$(awk '$2 == 16 && $4 !~ /^0+$/ { n++ } END { print n + 0 }' /proc/net/netlink)" -ge "$1" ]
}
