#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Leases: who has one answers for its vips until the deadline, and nobody else ever does.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib.sh
. ./lib.sh
# shellcheck source=selftests/lib-lan.sh
. ./lib-lan.sh
# shellcheck source=selftests/lib-bench.sh
. ./lib-bench.sh

# a and b take turns to hold; m serves what is a service, and never holds.
cluster_nodes=(a:2 b:3 m:11)
vip4=10.0.0.100 vip6=2001:db8::100
web4=10.0.0.101 web6=2001:db8::101

prepare() {
	local name vip
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add || return 1
	cluster_all "lease add float" "lease add web" "vip add $vip4 lease float" "vip add $vip6 lease float" \
		"vip add $web4 lease web" "service add $web4" "member add $web4 node m" \
		"vip add $web6 lease web" "service add $web6" "member add $web6 node m" && cluster_ready || return 1
	for vip in $vip4 $vip6; do
		for name in a b; do bench serve $name udp $vip 53 $name || return 1; done
	done
	for vip in $web4 $web6; do bench serve m udp $vip 53 m || return 1; done
}

now() {
	python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'
}

# fresh: an epoch higher than all before it, on every node.
fresh() {
	local epoch
	epoch=$(($(cat "$bench_dir/epoch" 2>/dev/null || echo 1000) + 10))
	echo $epoch | tee "$bench_dir/epoch"
}

# grant LEASE HOLDER TIME: to that node, known everywhere.
grant() {
	cluster_all "lease set $1 epoch $(fresh) holder $2 for $3"
}

# refused TEXT NAME WORD...: haadm there ends with 2 and that text, and the lease is what it was.
refused() {
	local text=$1 name=$2 before printed code=0
	shift 2
	before=$(haadm -n $name -j lease show)
	printed=$(haadm -n $name "$@" 2>&1) || code=$?
	[ $code -eq 2 ] && [[ $printed = *"$text"* ]] && [ "$(haadm -n $name -j lease show)" = "$before" ] && return 0
	echo "exit $code: $printed"
	return 1
}

# answers ADDR: whose ARP or ND answer for an address the client gets.
answers() {
	local fence=10.0.0.11
	[[ $1 != *:* ]] || fence=2001:db8::11
	lan_ask client "$1" --fence $fence
}

# owner NAME: its MAC, and only that, answers for both floating vips.
owner() {
	local vip said mac
	mac=$(lan_mac $1)
	for vip in $vip4 $vip6; do
		said=$(answers $vip) && [ "$(wc -l <<<"$said")" -eq 1 ] && [[ $said = *"$mac"* ]] && continue
		echo "$vip: $said"
		return 1
	done
}

nobody() {
	local vip said
	for vip in $vip4 $vip6 $web4 $web6; do
		said=$(answers $vip) && [ -z "$said" ] && continue
		echo "$vip: $said"
		return 1
	done
}

by() {
	says $1 client udp $vip4 53 && says $1 client udp $vip6 53
}

# without NAME...: no neighbour entries of these machines for vips, which would hide who answers.
forget() {
	n client ip neigh flush all
}

no_floor() {
	refused "floor was not set" a lease set float epoch 5 holder a for 1s
}

set_floor() {
	cluster_all "lease set float floor 1000" "lease set web floor 1000" && refused "only rises" a lease set float floor 999 &&
		refused "0 is no epoch" a lease set float floor 0 && cluster_all "lease set float floor 1000"
}

granted() {
	nobody && grant float a 9s && owner a && forget && by a && haadm -n a -j lease show float |
		jq -e '.[0].held and .[0].holder == "a"' && haadm -n b -j lease show float | jq -e '.[0] | .holder == "a" and .held != true'
}

moves() {
	local from=$1 to=$2
	cluster_tell $from "lease release float" && grant float $to 9s && owner $to && forget && by $to
}

expires() {
	local epoch
	grant float a 1500ms && owner a && wait_for 20 nobody_holds a float && nobody && epoch=$(cat "$bench_dir/epoch") &&
		refused "burned" a lease set float epoch $epoch holder a for 1s
}

nobody_holds() {
	haadm -n $1 -j lease show $2 | jq -e '.[0] | .holder == null and .held != true'
}

ktap_header
make_ready "leases on three nodes" prepare
check "no floor, no grant" no_floor
check "the floor only rises" set_floor
check "who is granted it answers, and nobody else" granted
check "released, it goes to another" moves a b
check "and back" moves b a
check "past the deadline nobody answers, and its epoch is burned" expires
check "the module unloads" module_unload
ktap_exit
