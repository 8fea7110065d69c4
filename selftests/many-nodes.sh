#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A cluster of many nodes, with the shipped timings: some are lost at once, and others hold their leases soon. The
# agents' files name no node, as the module has them all.
#
#   many-nodes.sh [NODES [LOST [VIPS]]]         30, 10 and 10000 if not told
#
# 16 leases have the vips. In simulated time computing takes none, so this is what the agents wait for, and not the
# work.
# shellcheck disable=SC2317,SC2046,SC2086,SC2206,SC2119 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

count=${1:-30} lost=${2:-10} vips=${3:-10000} leases=16
# Each lease is held by somebody else this soon after the loss, ns.
most=300000000
# The first ones vote, an odd number and at most seven; the others go on while so many of them are lost.
voters=$((count < 7 ? (count - 1) / 2 * 2 + 1 : 7))
voters_lost=$((voters / 2))
nodes=()
declare -A number
for ((i = 1; i <= count; i++)); do
	nodes+=("$(printf n%02d $i)")
	number[${nodes[-1]}]=$i
done

# One file for all of them: each finds by its addresses which one it is.
file() {
	local name i
	for name in "${nodes[@]}"; do echo "node add $name addr 10.0.0.${number[$name]}"; done
	for ((i = 0; i < leases; i++)); do echo "lease add l$i"; done
	for ((i = 0; i < vips; i++)); do
		echo "vip add 10.1.$((i / 250)).$((i % 250 + 1)) on eth0 lease l$((i % leases))"
	done
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3
	module_load && lan_make && file >"$dir/haswitch.conf" && haagentd --genkey "$dir/key" || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && haadm -n $name restore "$dir/haswitch.conf" || return 1
		printf '%s\n' "key = \"$dir/key\";" "leases = { longest = \"2s\"; voter = \"$dir/voter-$name\"; };" \
			"configurations = \"$dir/config-$name\";" \
			>"$dir/$name.conf"
	done
}

# all_held NAME...: these nodes' modules name one holder for each lease, which is one of them; see held.py.
all_held() { tools/held.py 60 $leases "$@" >"$dir/leases"; }

begin() { start "${nodes[@]}" && all_held "${nodes[@]}" && wait_for 30 all_vote; }

# all_vote: who was just started votes after a while.
all_vote() {
	local name
	for name in "${nodes[@]:0:voters}"; do
		haadm -n $name -j agent show |
			jq -e --argjson n $voters '.vote.mute == 0 and (.vote.heard | length == $n)' || return 1
	done
	haadm -n ${nodes[-1]} -j node show | jq -e --argjson n $count 'length == $n and all(.agent == "alive" or .self)'
}

# choose: those that hold leases first, but not too many that vote.
choose() {
	local name n=0
	gone=() stay=()
	for name in $(cut -d' ' -f2 "$dir/leases" | sort -u) "${nodes[@]}"; do
		[ ${#gone[@]} -lt $lost ] || break
		[[ " ${gone[*]} " != *" $name "* ]] || continue
		[ ${number[$name]} -gt $voters ] || [ $((++n)) -le $voters_lost ] || continue
		gone+=($name)
	done
	for name in "${nodes[@]}"; do [[ " ${gone[*]} " = *" $name "* ]] || stay+=($name); done
	[ ${#gone[@]} -eq $lost ]
}

# now: what the clock of the events shows, ns.
now() { python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'; }

lose() {
	local name cut lease holder when n=0 late=0
	cp "$dir/leases" "$dir/before" && choose && cut=$(now) &&
		for name in "${gone[@]}"; do echo "link set $name-eth0 down"; done | ip -n lan -b - || return 1
	echo "lost: ${gone[*]}"
	echo "${stay[*]}" >"$dir/stay"
	all_held "${stay[@]}" || return 1
	while read -r lease holder when; do
		[[ " ${gone[*]} " = *" $(awk -v lease=$lease '$1 == lease { print $2 }' "$dir/before") "* ]] || continue
		[ $when -gt $cut ] || return 1
		echo "lease $lease: held by $holder $(((when - cut) / 1000)) us after the loss"
		n=$((n + 1))
		[ $((when - cut)) -lt $late ] || late=$((when - cut))
	done <"$dir/leases"
	ktap_note "$n leases lost their holder; others hold the last one $((late / 1000)) us later" >&3
	[ $n -gt 0 ] && [ $late -le $most ]
}

# heard: ARP waits for the lost nodes for some seconds, and keeps what is sent to them. The others hear each other on.
heard() {
	local name other stay
	declare -A lines
	read -ra stay <"$dir/stay"
	for name in "${stay[@]}"; do lines[$name]=$(wc -l <"$dir/$name.log"); done
	nap 12
	for name in "${stay[@]}"; do
		for other in "${stay[@]}"; do
			! tail -n +$((lines[$name] + 1)) "$dir/$name.log" | grep "$other: not heard" || return 1
		done
	done
	all_held "${stay[@]}"
}

# added: one module has another node, which is too few to give that a part in the vote.
added() {
	local name=${nodes[0]}
	haadm -n $name node add later addr 10.0.0.250 && wait_for 5 logged $name "was read again and is in force" &&
		wait_for 5 logged $name "too few voters have that configuration" && all_held $(<"$dir/stay")
}

# kept: an agent that starts again goes on with the nodes that have voted, though its module has more.
kept() {
	local name
	name=$(cut -d' ' -f1 "$dir/stay")
	haadm -n $name node add later addr 10.0.0.250
	stop TERM $name && start $name && wait_for 5 logged $name "too few voters have that configuration" &&
		wait_for 10 logged $name "this node votes on leases, one of $voters" && all_held $(<"$dir/stay")
}

stop_all() { stop TERM "${nodes[@]}"; }

exec 3>&1
ktap_header
check "setup: $count nodes, $vips vips on $leases leases" prepare || ktap_exit
check "all modules know the one holder of each lease" begin
check "$lost nodes are lost at once: other nodes hold their leases soon" lose
check "the other nodes hear each other while the lost ones stay away" heard
check "a node that only one module has is reported without effect" added
check "an agent that restarts goes on with the nodes that voted" kept
check "no lease or epoch ever had two owners" one_owner
stop_all
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
