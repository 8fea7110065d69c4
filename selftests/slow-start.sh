#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Slow start: who begins to serve, by its node, its health or its addition, gets few new flows at first, and later as
# many as all others.
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

# Long enough for a point to end before much of it has passed, short enough to wait for it once.
slow=20
# In simulated time commands take no time, so that less is long enough.
! time_simulated || slow=4

prepare() {
	connections_make && cluster_ready && cluster_deaf && began=$EPOCHSECONDS && wait_for $((3 * slow)) aged
}
# Who has been there from the beginning does not begin any more.
aged() { [ $((EPOCHSECONDS - began)) -gt $slow ]; }

member() { entry member set $at:80/tcp node "$@"; }
# Everything is as at first; turns begin anew.
afresh() {
	track close all >/dev/null; entry flow del all >/dev/null && sched sched wrr slow-start 0s &&
		sched sched rr slow-start ${slow}s
}
# few N LEAST MOST: of N new flows the third member has so many, the others share the rest evenly.
few() {
	local a b c d
	read -r a b c d <<<"$(tally "$(track open $1 $near)")"
	[ $((a + b + c)) = $1 ] && [ $d = 0 ] && [ $((a - b)) -le 1 ] && [ $((b - a)) -le 1 ] && [ $c -ge $2 ] &&
		[ $c -le $3 ] && return 0
	echo "seen: $a $b $c $d"
	return 1
}
back() { entry node set m3 state down && entry node set m3 state up; }

even() { afresh && sched slow-start 0s && back && opens 9 "3 3 3 0"; }
# 100, 100 and 10 or a little more.
returns() { afresh && back && few 42 2 6; }
weighs() {
	afresh && member m1 weight 2 && member m2 weight 2 && member m3 weight 4 && sched sched wrr && back &&
		few 24 2 5 && weigh_back
}
weigh_back() { member m1 weight 1 && member m2 weight 1 && member m3 weight 1; }
drained() { afresh && entry node set m3 state drain && entry node set m3 state up && few 42 2 6; }
# Nobody begins any more, with the time as it is.
all_aged() { afresh && wait_for 60 level && afresh; }
health() { all_aged && member m3 health down && member m3 health up && few 42 2 6; }
added() { ripe && afresh && entry member del $at:80/tcp node m3 && entry member add $at:80/tcp node m3 && few 42 2 6; }
# Who has none is not given all.
least() {
	local sched
	for sched in lc wlc; do
		ripe && afresh && entry node set m3 state down && sched sched $sched && opens 40 "20 20 0 0" &&
			entry node set m3 state up && few 40 2 8 || return 1
	done
}
by_chance() {
	local a b c
	afresh && back && sched sched random && read -r a b c _ <<<"$(tally "$(track open 300 $near)")" &&
		[ $((a + b + c)) = 300 ] && [ $c -ge 2 ] && [ $c -le 60 ] && [ $a -ge 90 ] && [ $b -ge 90 ] && return 0
	echo "$a $b $c"
	return 1
}
one_packet() {
	local a b c
	afresh && entry service set $at:80/udp one-packet on slow-start ${slow}s && back &&
		read -r a b c _ <<<"$(tally "$(track again 42 $near 5000)")" &&
		entry service set $at:80/udp one-packet off slow-start 0s &&
		[ $((a + b + c)) = 42 ] && [ $c -ge 2 ] && [ $c -le 6 ]
}

# A node that has only a share of its weights gets as much of the new flows, by each scheduler, and after a restore.
shares() {
	local sched
	for sched in rr lc wlc; do
		afresh && sched slow-start 0s sched $sched && entry node set m3 share 25 &&
			opens 45 "20 20 5 0" || return 1
	done
	entry save | grep share && return 1
	entry save >"$work_dir/saved" && entry restore "$work_dir/saved" && afresh && sched slow-start 0s &&
		opens 45 "20 20 5 0" && entry node show m3 | grep -q " share 25$" && entry node set m3 share 100 &&
		afresh && sched slow-start 0s && opens 45 "15 15 15 0" &&
		entry event show | tail -n 30 | grep -q "node-share node m3 share 25$"
}
# Both count: a fresh member of such a node gets fewer flows still, but some.
shares_slowly() {
	afresh && back && entry node set m3 share 10 && few 210 1 2 && entry node set m3 share 100
}
# The time passes, and each has as many.
grows() { afresh && back && few 42 2 6 && sched slow-start 2s && wait_for 20 level; }
# level: all members get the same number of flows, of more than are even by chance shortly before. A failed look opens
# 42 connections, so the next one waits for a second.
level() {
	track close all >/dev/null
	entry flow del all >/dev/null && opens 42 "14 14 14 0" >/dev/null && return 0
	nap 1
	return 1
}
third() { track close all >/dev/null; entry flow del all >/dev/null && opens 9 "3 3 3 0" >/dev/null; }
ripe() { sched sched rr slow-start 0s && third; }

# What took its time before goes on with that, and who had begun long ago has.
restored() {
	afresh && back && entry save >"$work_dir/saved" &&
		grep -qE "service add .*:80/tcp sched rr .*slow-start ${slow}s$" "$work_dir/saved" &&
		sched slow-start 0s && entry restore "$work_dir/saved" && entry save | diff "$work_dir/saved" - &&
		few 42 2 6 && entry service replace $at:80/tcp sched rr failback auto slow-start ${slow}s && few 42 2 6
}
restored_health() {
	all_aged && member m3 health down && member m3 health up && entry restore "$work_dir/saved" && few 42 2 6
}
restored_added() {
	afresh && sed "/^member .* node m3/d" "$work_dir/saved" >"$work_dir/without" &&
		entry restore "$work_dir/without" && entry restore "$work_dir/saved" && few 42 2 6
}
shown() {
	afresh && entry -d service show $at:80/tcp | grep -q "slow-start ${slow}s on-failover move" &&
		is "$(entry -j service show $at:80/tcp | jq '.[0].slow_start')" ${slow}000000000 &&
		sched slow-start 0s && ! entry save | grep slow-start
}

# denied TEXT COMMAND...: refused with that text, and nothing is changed.
denied() {
	local text=$1 before said
	shift
	before=$(entry save)
	said=$(entry "$@" 2>&1) && return 1
	grep -qE -- "$text" <<<"$said" && is "$(entry save)" "$before"
}
refused() {
	local wants="slow-start needs sched rr, wrr, lc, wlc or random"
	afresh && denied "$wants" service set $at:80/tcp sched maglev &&
		denied "$wants" service set $at:80/tcp sched active-standby &&
		denied "$wants" service set $at:80/tcp sched maglev persist 300s &&
		denied "0s to 1h" service set $at:80/tcp slow-start 3601s &&
		sched slow-start 1h && sched slow-start 0s sched maglev &&
		denied "$wants" service set $at:80/tcp slow-start 1s && sched sched rr
}

exec 3>&1
ktap_header
make_ready "setup: a client, a holder and three members, all of them for long" prepare
for number in 4 6; do
	family $number
	track_start >/dev/null
	check "$v: slow-start 0s: a node that returns has its share at once" even
	check "$v: slow-start: a node that returns gets few flows" returns
	check "$v: slow-start: a node that returns gets few flows for its weight" weighs
	check "$v: slow-start: a node that was drained gets few flows" drained
	check "$v: slow-start: a member whose health returns gets few flows" health
	check "$v: slow-start: a node that returns gets few flows by sched lc and wlc" least
	check "$v: slow-start: a node that returns gets few flows by sched random" by_chance
	check "$v: slow-start: a node that returns gets few datagrams of a one-packet service" one_packet
	check "$v: slow-start: a member that is added gets few flows" added
	check "$v: a node gets new flows by its share" shares
	check "$v: slow-start: a node with a share gets fewer flows still" shares_slowly
	check "$v: slow-start: a node has its whole share when the time has passed" grows
	check "$v: slow-start: a restore goes on with the start of a node that returned" restored
	check "$v: slow-start: a restore goes on with the start of a member whose health returned" restored_health
	check "$v: slow-start: a member that a restore adds gets few flows" restored_added
	check "$v: slow-start is shown and saved" shown
	check "$v: slow-start is refused where no member is picked by its flows" refused
	track_stop
done
check "every packet had one fate" adds_up entry
ktap_exit
