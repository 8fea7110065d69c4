#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is too much: flows above what a member may have go to the next one, then nowhere; new ones above what a service
# lets begin, nowhere at once; and all of it is counted.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/connections.sh
. ./lib/connections.sh

prepare() {
	connections_make || return 1
	# Who is refused hears so at once: in the seconds that he would wait else, any number may begin.
	n entry sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 || return 1
	# Before 6.12 that is one for all namespaces.
	burst=$(sysctl -n net.ipv4.icmp_msgs_burst)
	n entry sysctl -qw net.ipv4.icmp_msgs_burst=1000 2>/dev/null || sysctl -qw net.ipv4.icmp_msgs_burst=1000 ||
		return 1
	cluster_ready && cluster_deaf
}

caps() {
	entry member set $at:80/tcp node m1 flows-max $1 && entry member set $at:80/tcp node m2 flows-max $2 &&
		entry member set $at:80/tcp node m3 flows-max $3
}
# Everything is as at first, but who is refused hears so.
afresh() {
	track close all >/dev/null
	entry flow del all >/dev/null && caps 0 0 0 &&
		sched sched rr persist 0s on-empty reject new-max 0 on-failover move &&
		entry service set $at:80/udp on-empty reject new-max 0
}
full() { entry -j -s member show $at:80/tcp node $1 | jq '.[0].full'; }
limited() { entry -j -s service show $at:80/$1 | jq '.[0].limited'; }

# Those that have room get what others can not have, whatever the scheduler.
overflow() {
	local sched
	for sched in rr wrr lc wlc random; do
		afresh && sched sched $sched && caps 2 3 1 && opens 9 "2 3 1 3" && stays first && stays || return 1
	done
}
# A flow that has ended makes room at its member within two seconds: it counts until the next sweep.
room_again() {
	local code=0
	afresh && entry flow set udp 2s && udp_members 8 down && track ask 9 $near 7000 >/dev/null &&
		udp_flows_are 8 && wait_for 4 udp_flows_are 0 || code=1
	entry flow set udp 3m && udp_members 0 up && return $code
}
# udp_members N HEALTH: how many flows m1 may have, and how the others are.
udp_members() {
	entry member set $at:80/udp node m1 flows-max $1 && entry member set $at:80/udp node m2 health $2 &&
		entry member set $at:80/udp node m3 health $2
}
udp_flows_are() { [ "$(entry -j -s member show $at:80/udp node m1 | jq '.[0].flows')" -eq $1 ]; }

overflow_kept() {
	local sched
	for sched in active-standby maglev; do
		afresh && sched sched $sched persist 300s && caps 2 3 1 && opens 9 "2 3 1 3" || return 1
	done
}

# Each new flow counts for those that are full when it comes.
counted() {
	local one two three
	afresh && one=$(full m1) two=$(full m2) three=$(full m3) &&
		entry service replace $at:80/tcp sched rr failback auto on-empty reject &&
		caps 2 3 1 && opens 9 "2 3 1 3" &&
		is "$(($(full m1) - one)) $(($(full m2) - two)) $(($(full m3) - three))" "5 3 6"
}

# What ends makes room, and so does a greater number.
room() {
	afresh && caps 1 1 1 && opens 4 "1 1 1 1" && is "$(entry -j flow del vip $vip node m2 | jq '.[0].deleted')" 1 &&
		opens 2 "0 1 0 1" && caps 1 1 2 && opens 2 "0 0 1 1" && caps 1 1 0 && opens 3 "0 0 3 0"
}

# Of many asked for without a pause so many get through as may at once, and as may in the time that it took.
rate() {
	local before after begun ended names a n
	afresh && before=$(limited udp) && entry service set $at:80/udp new-max 20 && begun=$(date +%s%N) &&
		names=$(track ask 200 $near 5000) && ended=$(date +%s%N) && after=$(limited udp) || return 1
	read -r _ _ _ n <<<"$(tally "$names")"
	a=$((200 - n))
	echo "$a got through in $((ended - begun)) ns, $((after - before)) limited"
	[ $a -ge 20 ] && [ $n -gt 0 ] && [ $((after - before)) = $n ] &&
		[ $a -le $((20 + 20 * (ended - begun) / 1000000000)) ]
}
# After a second without any as many as at first; those that are there go on meanwhile.
rate_again() {
	afresh && sched new-max 1 && opens 1 "1 0 0 0" && stays first && wait_for 10 one_more && stays first && stays &&
		sched new-max 0 && opens 3 "1 1 1 0"
}
one_more() { [ "$(track open 1 $near)" != - ]; }
# What goes over to another member is not new.
moving() {
	afresh && opens 6 "2 2 2 0" && sched new-max 1 && entry node set m3 state down &&
		is "$(tally "$(track say)")" "2 2 0 2 " &&
		is "$(flows node m3)" 0 && is "$(flows)" 6 && entry node set m3 state up
}

words() {
	afresh && sched sched lc new-max 7 on-failover keep && caps 2 0 4294967295 && entry save >"$work_dir/saved" &&
		grep -qE "service add .*:80/tcp sched lc .*new-max 7 on-failover keep$" "$work_dir/saved" &&
		grep -qE "node m1 .*flows-max 2 via" "$work_dir/saved" &&
		grep -qE "node m3 .*flows-max 4294967295 via" "$work_dir/saved" &&
		sched new-max 0 on-failover move && caps 0 0 0 && opens 9 "3 3 3 0" && sched new-max 1000000 &&
		entry restore "$work_dir/saved" &&
		entry save | diff "$work_dir/saved" - && sched new-max 0 && opens 3 "0 2 1 0" &&
		sched on-failover move &&
		entry -d service show $at:80/tcp | grep -q "new-max 0 slow-start 0us on-failover move" &&
		entry -d member show $at:80/tcp node m1 | grep -q "flows-max 2"
}

# denied TEXT COMMAND...: refused with that text, and nothing is changed.
denied() {
	local text=$1 before said
	shift
	before=$(entry save)
	said=$(entry "$@" 2>&1) && return 1
	grep -qE -- "$text" <<<"$said" && is "$(entry save)" "$before"
}
untracked() {
	afresh && sched sched maglev && denied "new-max needs tracked flows" service set $at:80/tcp new-max 5 &&
		denied "on-failover keep or reset needs tracked flows" service set $at:80/tcp on-failover keep &&
		denied "flows-max needs a service with tracked flows" member set $at:80/tcp node m1 flows-max 5 &&
		sched sched rr && caps 5 0 0 &&
		denied "a member's flows-max needs tracked flows" service set $at:80/tcp sched maglev &&
		denied "a member's flows-max needs tracked flows" service set $at:80/tcp one-packet on && caps 0 0 0 &&
		sched new-max 5 &&
		denied "new-max needs tracked flows" service set $at:80/tcp sched active-standby &&
		sched new-max 0 sched maglev &&
		denied "1000000" service set $at:80/tcp new-max 1000001 &&
		denied 4294967295 member set $at:80/tcp node m1 flows-max 4294967296
}

exec 3>&1
ktap_header
make_ready "setup: a client, a holder and three members" prepare
for number in 4 6; do
	family $number
	track_start >/dev/null
	check "$v: flows-max: new flows go only to members with room" overflow
	check "$v: flows-max: flows that have ended make room" room_again
	check "$v: flows-max: a client kept by persist leaves a full member" overflow_kept
	check "$v: flows-max: a member counts the flows that it was too full for" counted
	check "$v: flows-max: a flow that ends makes room for another" room
	check "$v: new-max: a burst of new flows is cut to the rate" rate
	check "$v: new-max: a limited service takes a new flow a second later" rate_again
	check "$v: new-max: a flow that moves to another member is not limited" moving
	check "$v: flows-max, new-max and on-failover survive save and restore" words
	check "$v: flows-max, new-max and on-failover are refused where no flows are tracked" untracked
	track_stop
done
check "every packet had one fate" adds_up entry
sysctl -qw net.ipv4.icmp_msgs_burst=$burst
ktap_exit
