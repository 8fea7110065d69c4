#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The load of nodes: an agent whose machine has too much to do says so, and all modules lower its node's share.
# shellcheck disable=SC2086,SC2119,SC2317 # the words here have no spaces; check runs functions

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

nodes=(n1 n2 n3)
declare -A number=([n1]=2 [n2]=3 [n3]=4)

# write_conf NAME [LOAD]: the file of an agent.
write_conf() {
	{
		conf_head $1 "$dir/key" "$dir/$1.voter" 2s
		conf_nodes
		[ -z "${2:-}" ] || echo "load = { interval = \"100ms\"; share = \"20%\"; rise = 3; fall = 3; $2 };"
	} >"$dir/$1.conf"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq
	module_load && lan_make && haagentd --genkey "$dir/key" || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && nodes_add $name && write_conf $name || return 1
	done
	write_conf n2 'memory = "1%";'
	# Each agent has mounts of its own, which do not follow later ones.
	for name in empty disk; do
		mkdir "$dir/$name" && mount -t tmpfs -o size=1M none "$dir/$name" || return 1
	done
	started=ready start "${nodes[@]}"
}

# has PERCENT: all modules have that share of n2, and the whole share of the others.
has() {
	local name
	for name in "${nodes[@]}"; do
		[ "$(haadm -n $name -j node show | jq -c '[.[].share]')" = "[100,$1,100]" ] || return 1
	done
}
# shares PERCENT: that, soon.
shares() {
	wait_for 20 has $1 && return 0
	every node show
	return 1
}
agent_of() { haadm -n $1 -j agent show | jq -e "$2"; }
# reload [LOAD]: n2 has these limits from now on.
reload() { write_conf n2 "$@" && kill -HUP "$(<"$dir/n2.pid")"; }
# changes: so many changes of the share has n1 told.
changes() { haadm -n n1 -j event show | jq '[.[] | select(.kind == "node-share" and .node == "n2")] | length'; }

too_much() {
	shares 20 && logged n2 "this node has too much to do: memory is at .*%, and its limit is 1%" &&
		agent_of n2 '.load | .share == 20 and .memory > 0 and (.reason | test("memory"))' &&
		haadm -n n2 agent show | grep -q "^load: memory .*%, share 20%: memory is at " &&
		agent_of n1 '.load == null and
			([.peers[] | select(.node == "n2") | .share, .reached] == [20, ["memory"]])'
}
# told: each node says it to who looks, and to monitoring; after the whole share is back, none does.
told() {
	local name words="has too much to do (memory) and gets 20% of its share of new flows"
	for name in n1 n2; do
		haadm -n $name status | grep -qF "it $words" &&
			[[ $(haadm -n $name check) = *" WARNING - node n2 $words"*" nodes_overloaded=1;0;;0;3 "* ]] ||
			return 1
	done
}
less() {
	reload 'memory = "100%";' && shares 100 && logged n2 "has not too much to do" &&
		[[ $(haadm -n n1 check) = *nodes_overloaded=0\;* ]] &&
		agent_of n2 '.load | .share == 100 and .reason == null'
}
# One full file system of several is enough.
disk() {
	reload "memory = \"100%\"; disk = \"60%\"; paths = [ \"$dir/empty\", \"$dir/disk\" ];" && nap 2 && has 100 &&
		head -c 800K /dev/zero >"$dir/disk/file" && shares 20 &&
		logged n2 "disk is at .*%, and its limit is 60%" &&
		rm "$dir/disk/file" && shares 100
}
# An agent that starts again does not know at once, and what it does not know changes nothing.
restarts() {
	local before
	reload 'memory = "1%";' && shares 20 && before=$(changes) && stop TERM n2 && started=ready start n2 &&
		wait_for 20 agent_of n2 '.load.share == 20' && shares 20 && [ "$(changes)" = "$before" ]
}
# What a module forgets, it is told again.
again() {
	haadm -n n1 save >"$dir/saved" && ! grep share "$dir/saved" && haadm -n n1 restore "$dir/saved" && has 20 &&
		haadm -n n1 node set n2 share 70 && haadm -n n1 node set n3 zone b && shares 20 &&
		haadm -n n1 node del n2 && haadm -n n1 node add n2 addr 10.0.0.3 &&
		wait_for 20 shared_again
}
shared_again() { [ "$(haadm -n n1 -j node show n2 | jq '.[0].share')" = 20 ]; }
no_limits() { reload && shares 100; }
refused() {
	reload 'cpu = "90";' && wait_for 10 logged n2 "\"cpu\" is \"90\"; it must be a part of the time of all" &&
		reload "disk = \"1%\"; paths = [ \"/nowhere\" ];" &&
		wait_for 10 logged n2 "\"/nowhere\" cannot be looked at" && has 100
}
ends() { stop TERM "${nodes[@]}" && umount "$dir/empty" "$dir/disk"; }

exec 3>&1
ktap_header
check "setup: three agents, one of whose machines has too much to do" prepare
check "all modules lower the share of a node that has too much to do" too_much
check "who looks learns of it, and for which limit; so does monitoring" told
check "the whole share is back when there is less to do" less
check "a file system that is nearly full is too much" disk
check "an agent that starts again changes nothing until it knows" restarts
check "a module that has forgotten the share is told again" again
check "a node without limits has its whole share" no_limits
check "a file with wrong limits is refused, and changes nothing" refused
check "the agents end" ends
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
