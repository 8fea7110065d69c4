#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What becomes of the connections of a node that dies: they move, or wait for it, or their clients are reset.
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
	connections_make && cluster_ready && cluster_deaf
}

afresh() {
	track close all >/dev/null
	entry flow del all >/dev/null && sched sched rr persist 0s on-failover move
}

moves() {
	afresh && opens 6 "2 2 2 0" && entry node set m3 state down && is "$(tally "$(track say)")" "2 2 0 2 " &&
		is "$(flows node m3)" 0 && entry node set m3 state up
}

# Its own wait, whatever makes it away; new ones go to others, and when it returns all go on.
keeps() {
	local before
	afresh && sched on-failover keep && opens 6 "2 2 2 0" && stays first && entry node $1 m3 $2 &&
		before=$(stat_of entry drop_no_member) &&
		opens 2 "1 1 0 0" && is "$(track poke m3)" 2 && wait_for 10 dropped_since $((before + 2)) &&
		is "$(flows node m3)" 2 &&
		entry node $1 m3 $3 && is "$(track hear m3)" "m3 m3" && stays first && stays &&
		is "$(tally "$said")" "3 3 2 0 "
}
dropped_since() { [ "$(stat_of entry drop_no_member)" -ge $1 ]; }
# Every client of that node hears of it though it sends nothing, and nobody else.
resets() {
	local before
	afresh && sched on-failover reset && opens 30 "10 10 10 0" && before=$(stat_of entry flow_reset) &&
		entry node $1 m3 $2 &&
		is "$(tally "$(track hear m3)")" "0 0 0 10 " && is "$(track broken)" 10 &&
		is "$(stat_of entry flow_reset)" $((before + 10)) &&
		is "$(flows node m3)" 0 && is "$(flows)" 20 && entry node $1 m3 $3 &&
		is "$(tally "$(track say)")" "10 10 0 10 " && opens 3 "1 1 1 0"
}
# Who is drained keeps his until he is gone.
resets_drained() {
	local before
	afresh && sched on-failover reset && opens 30 "10 10 10 0" && before=$(stat_of entry flow_reset) &&
		entry node set m3 state drain && stays first &&
		is "$(stat_of entry flow_reset)" $before && entry node $1 m3 $2 &&
		is "$(tally "$(track hear m3)")" "0 0 0 10 " && is "$(track broken)" 10 &&
		is "$(stat_of entry flow_reset)" $((before + 10)) && entry node verdict m3 clear &&
		entry node set m3 state up
}
# A drain within a time ends by maintenance; what is left of its flows goes to others, and no packet is lost.
drains_within() {
	afresh && opens 6 "2 2 2 0" && entry node set m3 state drain within 30s && stays first && opens 2 "1 1 0 0" &&
		entry save | grep -qE "^node add m3 .* state drain within ([12][0-9]|30)s\$" &&
		is "$(entry -j node show m3 | jq -r '.[0].within > 1000000000')" true &&
		nap 26 && state_of m3 drain && wait_for 15 state_of m3 maintenance &&
		is "$(entry -j node show m3 | jq '.[0].within')" null &&
		is "$(tally "$(track say)")" "3 3 0 2 " &&
		is "$(flows node m3)" 0 && entry node set m3 state drain within 1h &&
		entry node set m3 state drain && is "$(entry -j node show m3 | jq '.[0].within')" null &&
		entry node set m3 state up
}

state_of() { [ "$(entry -j node show $1 | jq -r '.[0].state')" = $2 ]; }
# A port that is used anew, and what somebody deletes, do not wait.
lets_go() {
	afresh && sched on-failover keep && opens 6 "2 2 2 0" && entry node set m3 state down &&
		is "$(entry -j flow del vip $vip node m3 | jq '.[0].deleted')" 2 &&
		is "$(tally "$(track say)")" "2 2 0 2 " && entry node set m3 state up
}

exec 3>&1
ktap_header
make_ready "setup: a client, a holder and three members" prepare
for number in 4 6; do
	family $number
	track_start >/dev/null
	check "$v: on-failover move: flows of a node that goes down are reset by another member" moves
	check "$v: flows of a node that is drained within a time leave it then" drains_within
	check "$v: on-failover keep: flows wait for a node that is down" keeps "set" "state down" "state up"
	check "$v: on-failover keep: flows wait for a node that is fenced" keeps "verdict" fenced clear
	check "$v: on-failover keep: deleted flows move to another member" lets_go
	check "$v: on-failover reset: all clients of a node that goes down are reset at once" resets "set" \
		"state down" "state up"
	check "$v: on-failover reset: all clients of a node that is fenced are reset at once" resets "verdict" fenced \
		clear
	check "$v: on-failover reset: clients of a drained node are reset when maintenance begins" resets_drained \
		"set" "state maintenance"
	check "$v: on-failover reset: clients of a drained node are reset when the node is fenced" resets_drained \
		"verdict" fenced
	track_stop
done
check "every packet had one fate" adds_up entry
ktap_exit
