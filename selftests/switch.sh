#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Switches: what moves a service to another node, at once and without a packet astray, and what is told of it.
#
#   switch.sh [N]       moves a flow N times, an even number (100)
# shellcheck disable=SC2016,SC2086,SC2119 # $ is jq's; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100 service=10.0.0.100:53/udp
vip6=2001:db8::100 service6="[2001:db8::100]:53/udp"
rounds=${1:-${SWITCHES:-100}}

prepare() {
	local name
	need_root
	need haadm jq python3
	module_load "" && cluster_make && cluster_nodes_add || return 1
	cluster_all "vip add $vip holder entry" "vip add $vip6 holder entry" "service add $service failback auto" \
		"service add $service6 failback auto" \
		"member add $service node m1 priority 10" "member add $service node m2 priority 20" \
		"member add $service6 node m1 priority 10" "member add $service6 node m2 priority 20" &&
		cluster_ready || return 1
	for name in m1 m2; do
		traffic serve $name udp $vip 53 $name && traffic serve $name udp $vip6 53 $name &&
			traffic serve $name udp $vip 54 $name || return 1
	done
	wait_for 20 by m1
}

# by NODE: both vips are served by it, now.
by() {
	says "$1" client udp $vip 53 && says "$1" client udp $vip6 53
}

# events [FILTER]: those since the mark, but for changes of the configuration, as one array.
events() {
	entry -j event show from $((last + 1)) | jq -c "[.[] | select(.kind != \"config\")] | ${1:-.}"
}

# told FILTER: true of them.
told() {
	events | jq -e "$1" >/dev/null && return 0
	events ".[]"
	return 1
}

# An input takes the preferred member out, another one brings it back, and each tells so with its cause.
takes_out() {
	local out=$1 back=$2 state=$3 cause=$4
	by m1 && mark || return 1
	eval "entry $out" && by m2 && node m1 ".state == \"$state\"" || return 1
	told "map(.kind) == [\"node\", \"first-packet\", \"first-packet\"] and
		(.[0] | .node == \"m1\" and .from == \"up\" and .to == \"$state\" and .cause == \"$cause\")" || return 1
	mark
	eval "entry $back" && by m1 && node m1 '.state == "up"' || return 1
	told "map(.kind) == [\"node\", \"first-packet\", \"first-packet\"] and
		(.[0] | .node == \"m1\" and .from == \"$state\" and .to == \"up\" and .cause == \"$cause\")"
}

health() {
	by m1 && mark && entry member set $service node m1 health down && says m2 client udp $vip 53 &&
		says m1 client udp $vip6 53 || return 1
	told "map(.kind) == [\"member\", \"first-packet\"] and
		(.[0] | .node == \"m1\" and .health == \"down\" and .cause == \"health\" and
		.service == \"$service\")" || return 1
	mark
	entry member set $service node m1 health up && by m1 &&
		told 'map(.kind) == ["member", "first-packet"] and .[0].health == "up"'
}

priority() {
	by m1 && mark && entry member set $service node m2 priority 5 && says m2 client udp $vip 53 &&
		entry member set $service node m2 priority 20 && by m1 && told '. == []'
}

precedence() {
	entry node verdict m1 fenced && entry node set m1 state drain && node m1 '.state == "drain"' &&
		entry node set m1 state maintenance && node m1 '.state == "maintenance"' &&
		entry node set m1 state up && node m1 '.state == "fenced"' &&
		entry node verdict m1 left && node m1 '.state == "left"' && by m2 &&
		entry node verdict m1 clear && node m1 '.state == "up"' && by m1
}

# What does not change the state is no switch.
no_switch() {
	mark && entry node set m1 state up && entry node verdict m1 clear &&
		entry member set $service node m1 health up && told '. == []' || return 1
	entry node set m1 state down && by m2 && mark && entry node verdict m1 fenced && told '. == []' &&
		entry node verdict m1 clear && told '. == []' && entry node set m1 state up && by m1
}

# A node that serves nothing at the time moves nothing.
standby_down() {
	mark && entry node set m2 state down && by m1 && told 'map(.kind) == ["node"]' && entry node set m2 state up &&
		by m1
}

nobody_left() {
	entry node set m1 state down && entry node set m2 state down &&
		grew entry "seen=1 drop_no_member=1" says silence client udp $vip 53 wait=0
}

first_back() { entry node set m2 state up && by m2 && entry node set m1 state up && by m1; }

records() {
	mark
	entry node set m1 state down && by m2 && by m2 && entry node set m1 state up && by m1 || return 1
	told 'map(.kind) == ["node", "first-packet", "first-packet", "node", "first-packet", "first-packet"]' ||
		return 1
	told 'all(.[]; .decision > 0 and .decision <= .publish)' &&
		told '. as $e | all(.[] | select(.kind == "first-packet"); . as $f | .publish <= .first_packet and
			any($e[]; .kind == "node" and .seq == $f.switch and .publish == $f.publish and
				.decision == $f.decision))' &&
		told '.[1].switch == .[0].seq and .[2].switch == .[0].seq and .[4].switch == .[3].seq' &&
		told "[.[1:3][] | .service] == [\"$service\", \"$service6\"] and all(.[1:3][]; .node == \"m2\") and
			all(.[4:6][]; .node == \"m1\")" || return 1
	entry -j event show from $((last + 1)) | jq -e --argjson last "$last" \
		'[.[].seq] == [range($last + 1; $last + 1 + length)] and ([.[].time] | . == sort)' >/dev/null
}

histograms() {
	entry -j stats show | jq "[.switches, ([.decision_publish[].count] | add), ([.publish_first[].count] | add)]"
}

# Two switches with two services each.
counted() {
	local before after
	before=$(histograms)
	entry node set m1 state down && by m2 && by m2 && entry node set m1 state up && by m1 || return 1
	after=$(histograms)
	jq -en --argjson b "$before" --argjson a "$after" '[range(3) | $a[.] - $b[.]] == [2, 2, 4]' >/dev/null &&
		return 0
	echo "before $before after $after"
	return 1
}

monitored() {
	haadm -n entry -j monitor >"$work_dir/monitor" 2>&1 &
	local pid=$! code=0
	wait_for 10 seen_by_monitor || code=1
	mark
	entry node set m1 state down && by m2 && entry node set m1 state up && by m1 || code=1
	wait_for 10 monitor_has_all || code=1
	kill $pid && wait $pid
	[ $code -eq 0 ] || cat "$work_dir/monitor"
	return $code
}

# It listens when it tells of a change.
seen_by_monitor() {
	entry node set m2 zone z
	[ -s "$work_dir/monitor" ]
}

monitor_has_all() {
	[ "$(jq "select(.seq > $last and .kind != \"config\")" <"$work_dir/monitor" | ageless)" = \
		"$(events '.[]' | ageless)" ]
}

# One store moves every service of the node; so many events of it would help nobody.
all_at_once() {
	local i lines=()
	for i in {1..20}; do lines+=("vip add 10.0.1.$i holder entry" "service add 10.0.1.$i failback auto" \
		"member add 10.0.1.$i node m1 priority 10" "member add 10.0.1.$i node m2 priority 20"); done
	cluster_tell entry "${lines[@]}" || return 1
	for i in {1..20}; do
		shot client src=10.0.0.1 proto=99 dst="10.0.1.$i" to="$(lan_mac entry)" &&
			heard "m1 in dst=10.0.1.$i" || return 1
	done
	mark
	local before after
	before=$(histograms)
	entry node set m1 state down || return 1
	for i in {1..20}; do
		shot client src=10.0.0.1 proto=99 dst="10.0.1.$i" to="$(lan_mac entry)" &&
			heard "m2 in dst=10.0.1.$i" || return 1
	done
	after=$(histograms)
	entry node set m1 state up && told '(map(select(.kind == "first-packet")) | length) == 16' &&
		jq -en --argjson b "$before" --argjson a "$after" '[range(3) | $a[.] - $b[.]] == [1, 1, 20]' \
			>/dev/null || return 1
	lines=()
	for i in {1..20}; do lines+=("service del 10.0.1.$i" "vip del 10.0.1.$i"); done
	cluster_tell entry "${lines[@]}" && by m1
}

# flow MODE PACKETS VIP: so many moves of one flow.
flow() {
	local report
	report=$(./tools/udp_flow.py "$1" "$3" 54 "$rounds" "$2" client m1 m2 -- \
		haadm -n entry node set m1 state down -- \
		haadm -n entry node set m1 state up) || { echo "$report"; return 1; }
	echo "$report"
	jq -e ".moves == $rounds and .lost == 0 and .stale == 0 and .early == 0 and .twice == 0 and .back == 0 and
		.sent >= $2 * $rounds" <<<"$report" >/dev/null
}

# The flow is not that of the traffic generator's sockets.
flow_ready() {
	traffic close m1 && traffic close m2 && cluster_tell entry "service add $vip:54/udp failback auto" \
		"member add $vip:54/udp node m1 priority 10" "member add $vip:54/udp node m2 priority 20" &&
		cluster_tell m1 "service add $vip:54/udp" "member add $vip:54/udp node m1" &&
		cluster_tell m2 "service add $vip:54/udp" "member add $vip:54/udp node m2"
}

ktap_header
make_ready "setup: a holder, two members" prepare
for state in down drain maintenance; do
	check "node set state $state moves the node's services until state up" takes_out \
		"node set m1 state $state" "node set m1 state up" $state admin
done
for verdict in fenced left; do
	check "verdict $verdict moves the node's services until verdict clear" takes_out \
		"node verdict m1 $verdict" "node verdict m1 clear" $verdict verdict
done
check "a member with health down moves only its service" health
check "a changed priority moves its service without a switch" priority
check "a state of the administrator goes before a verdict" precedence
check "a command that changes no state is no switch" no_switch
check "a standby that goes down moves nothing" standby_down
check "packets are dropped without a usable member" nobody_left
check "the first member that is back serves" first_back
check "records of a switch have decision, publish and first packet in order" records
check "histograms count switches and first packets" counted
check "haadm monitor prints what is recorded" monitored
check "one switch moves all services of a node" all_at_once
flow_ready
check "no packet goes astray in $rounds acknowledged switches of a flow" flow acked 1000 $vip
check "no packet goes astray in $rounds switches under traffic" flow running 100 $vip
check "counter seen is the sum of the packets' fates" adds_up entry
ktap_exit
