#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A vip that is held is a route of protocol haswitch, on the holder alone: it comes with the lease and goes with it,
# whatever ends the lease, and whether or not an agent runs.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)
vip4=10.0.1.100 vip6=2001:db8:1::100 fixed=10.0.1.200
many=1000

# conf NAME [ROUTES]: without ROUTES there is no such setting.
conf() {
	{
		conf_head $1 "$dir/key" "$dir/voter-$1" 2s
		echo "$2"
		conf_nodes
	} >"$dir/$1.conf"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq
	module_load && lan_make || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && conf $name "routes = { };" && nodes_add $name || return 1
		printf '%s\n' "lease add web" "vip add $vip4 lease web" "vip add $vip6 lease web" >"$dir/lines"
		haadm -n $name -b "$dir/lines" || return 1
	done
	haagentd --genkey "$dir/key" && start "${nodes[@]}" && wait_for 20 known
}

# routes NAME [TABLE]: the routes there, of both families.
routes() {
	local family
	for family in -4 -6; do
		ip -n $1 $family route show table ${2:-72} proto haswitch 2>/dev/null || ip -n $1 $family route show table \
			${2:-72} proto 72 2>/dev/null
	done
}

# has NAME [TABLE]: both routes are there.
has() {
	local told
	told=$(routes $1 ${2:-72})
	grep -q "^blackhole $vip4 " <<<"$told" && grep -q "^blackhole $vip6 " <<<"$told"
}

has_none() { [ -z "$(routes $1 ${2:-72})" ]; }

# only NAME: the routes are there, and nowhere else.
only() {
	local name
	has $1 || return 1
	for name in "${nodes[@]}"; do [ $name = $1 ] || has_none $name || return 1; done
}

# another NAME: a node that is not this one.
another() {
	local name
	for name in "${nodes[@]}"; do [ $name = $1 ] || { echo $name && return; }; done
}

holder_alone() { wait_for 5 only "$(holder)"; }

moves() {
	local from to
	from=$(holder) && to=$(another $from) && haadm -n $from failover web to $to && wait_for 5 only $to
}

exec 3>&1
ktap_header
prepare || { what_happened; ktap_exit; }
check "the holder has a route for each vip, and nobody else has" holder_alone
check "routes move with the lease" moves
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
