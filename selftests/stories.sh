#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Three stories of one cluster, told by haadm: it is started, loses its primary, gets it back and stops; all machines
# lose power, and one its disk; it grows from three nodes to five and back, under load.
# shellcheck disable=SC2034,SC2317,SC2086,SC2119 # others read it; check runs functions; no word has spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/machines.sh
. ./lib/machines.sh
# shellcheck source=selftests/lib/shop.sh
. ./lib/shop.sh
# shellcheck source=selftests/lib/telling.sh
. ./lib/telling.sh
# shellcheck source=selftests/lib/connections.sh
. ./lib/connections.sh

declare -A number=([a]=1 [b]=2 [c]=3 [d]=4 [e]=5)
nodes=(a b c)
# Those that come later leave again, so they keep no order alone.
keepers=(a b c)
work_dir=$dir f=4

prepare() {
	need_root
	need haadm haagentd jq python3 curl unshare
	module_load && machines_make a b c d e && lan_join client 50 || return 1
	echo 'timings = { heartbeat = "50ms"; suspect = "200ms"; time = "500ms"; }; leases = { longest = "1s"; };
		pulses = { interval = "50ms"; };' >"$(etc a)/haagentd.conf"
}

nodes_text() {
	local name
	for name in "${nodes[@]}"; do echo "node add $name addr 10.0.0.${number[$name]}"; done
}

served_by() { [ "$(asks)" = $1 ]; }
unserved() { ! asks; }

# took WHO CONDITION WORD...: says that to haadm on a, which is over when the condition is true, and tells how long that
# took. Customers go on for a while.
took() {
	local begin said="haadm ${*:3}" after
	begin=$(now)
	slowly 20 on a haadm "${@:3}" && wait_for 30 $2 && after=$(since $begin) || return 1
	! ordering || { is_over $begin "$said" && goes_on; } || return 1
	tell $begin "${said//$dir\//}" "$1 after $after"
}

# 1: Controller

begun() {
	on a haadm cluster init name a with b addr 10.0.0.2 with c addr 10.0.0.3 && boots a && invite b && joins b &&
		boots b && invite c && joins c && boots c && opens_shop a b c && nodes_text >"$dir/idle" &&
		slowly 20 heard_all 3
}

# The primary holds the vip and serves it; b and c stand by.
starts() {
	local port
	{
		nodes_text
		echo "lease add web prefer a prefer b failback auto"
		echo "vip add $vip on eth0 lease web"
		for port in 8001 8002 8003; do
			echo "service add $vip:$port/tcp failback auto"
			printf "member add $vip:$port/tcp node %s priority %s\n" a 1 b 2 c 3
		done
	} >"$dir/primary"
	story "Controller: a holds and serves a shop of three services, b and c stand by; by words of haadm alone" &&
		unserved && took "a serves" "served_by a" cluster apply "$dir/primary" && slowly 20 held_by a &&
		customers 4 && goes_on
}

fails() { took "b serves" "served_by b" --all node set a state down && slowly 20 held_by b; }
recovers() { took "a serves" "served_by a" --all node set a state up && slowly 20 held_by a; }

# Nobody serves, answers for the vip, or has it as an address.
stops() {
	local name
	customers_go && took "nobody serves" unserved cluster apply "$dir/idle" && slowly 20 runs_all 3 || return 1
	for name in a b c; do
		! haadm -n $name save | grep -q $vip && ! ip -n $name addr | grep -qw $vip || return 1
	done
}

# 2: Disaster

# What is committed is in no file in /etc: those name the nodes alone.
opened() {
	{
		nodes_text
		echo "lease add web"
		shop_text a b c
	} >"$dir/open"
	story "Disaster: all machines lose power at once, and one its disk for good" &&
		took "served" asks cluster apply "$dir/open" && slowly 20 runs_all 3 && customers 4 && goes_on &&
		! grep -q $vip "$(etc a)/haswitch.conf"
}

# generation NAME: that it runs, and that is committed.
generation() {
	haadm -n $1 -j cluster show | jq -e --arg name $1 '.committed.generation as $g |
		.nodes[] | select(.node == $name and .state == "runs" and .applied.generation == $g) | $g'
}

# All of them at once, and the disk of c does not come back.
dark() {
	now >"$dir/dark" && power_off a b c && rm -r "$dir/disk-c" && unserved &&
		tell "$(<"$dir/dark")" "all three lose their power, and the disk of c is gone" "nobody serves"
}

cold_start() {
	local begin was=$1 after
	begin=$(now)
	power_on a b && opens_shop a b && slowly 30 asks && after=$(since $begin) || return 1
	nodes=(a b)
	slowly 20 known && is_over "$(<"$dir/dark")" "the loss of all power" 30 && goes_on &&
		tell $begin "power is back at a and b" "served after $after" &&
		[ "$(generation a)" = $was ] && [ "$(generation b)" = $was ] &&
		haadm -n a snapshot show $was | cmp - "$dir/open"
}

# The machine in the place of c has an empty disk. It is invited, as a new one would be. Its server is there first: a
# member without one is found by the first client that it refuses.
replaced() {
	local begin after
	nodes=(a b c)
	slowly 20 unplugged c && machine_join c && mkdir -p "$dir/disk-c"/{etc,var} && begin=$(now) && invite c &&
		joins c && opens_shop c && boots c && slowly 20 runs_all 3 && slowly 20 known &&
		after=$(since $begin) && goes_on &&
		tell $begin "haadm cluster invite c; join, with an empty disk" "runs it after $after" &&
		haadm -n c save | grep -q "^service add $vip:8003/tcp"
}

# 3: Growth

# grown NODE...: these are members from now on, of the shop and of the service at port 80 whose connections are held.
grown() {
	local node
	{
		nodes_text
		echo "lease add web"
		shop_text "$@"
		echo "service add $vip:80/tcp sched rr failback auto"
		for node; do echo "member add $vip:80/tcp node $node"; done
	} >"$dir/grown" && on a haadm cluster apply "$dir/grown" && slowly 20 runs_all ${#nodes[@]}
}

# whose: who answers each connection that is held.
whose() { track say >"$dir/now" && ktap_note "$(<"$dir/now")" && ! grep -q -- - "$dir/now"; }
unmoved() { whose && cmp "$dir/now" "$dir/held"; }

# same_holder: no grant has ended since the load began.
same_holder() { [ "$(holder) $(ends "$(holder)")" = "$(<"$dir/holder")" ]; }

# stay BEGIN CAUSE CAME: what was done then has moved no connection that is held, and no lease.
stay() { unmoved && same_holder && goes_on && tell $1 "$2" "$3; $(wc -w <"$dir/held") stay"; }

# Connections are held, and customers order, until the cluster is small again.
loads() {
	local begin
	grown a b c && story "Growth: from three nodes to five and back; some connections are held all the time" &&
		begin=$(now) && customers 4 && track open 12 10.0.0.50 && whose && cp "$dir/now" "$dir/held" &&
		echo "$(holder) $(ends "$(holder)")" >"$dir/holder" &&
		stay $begin "four customers order, and 12 connections are held" "a, b and c serve"
}

comes() {
	local begin after
	begin=$(now) && invite $1 && joins $1 && boots $1 && opens_shop $1 && slowly 20 runs_all ${#nodes[@]} &&
		slowly 20 known && after=$(since $begin) &&
		stay $begin "haadm cluster invite $1; join" "runs after $after"
}

# New connections go to all five, and those that were there stay where they are.
serve_all() {
	local begin
	begin=$(now) && grown a b c d e && unmoved && track open 10 10.0.0.50 && whose && newest | grep d &&
		newest | grep e && [[ $(<"$dir/now") = "$(<"$dir/held")"* ]] && cp "$dir/now" "$dir/held" &&
		stay $begin "haadm cluster apply grown; 10 more connections are held" "d, e serve too"
}

# newest: who answers the connections that came after those that were held.
newest() { cut -c $(($(wc -c <"$dir/held") + 1))- "$dir/now"; }

# drained NAME...: they get no new connections, and keep those that they have until these end.
drained() {
	local name begin
	begin=$(now)
	for name; do on a haadm --all node set $name state drain || return 1; done
	unmoved && track open 10 10.0.0.50 && whose && [ -n "$(newest)" ] || return 1
	for name; do ! newest | grep $name && track close $name || return 1; done
	whose && cp "$dir/now" "$dir/held" && for name; do ! grep $name "$dir/held" || return 1; done
	stay $begin "haadm --all node set $1 state drain; $2 as well" "d, e empty"
}

leave() {
	local name begin
	begin=$(now) && grown a b c && unmoved && stop TERM d e || return 1
	nodes=(a b c)
	for name in d e; do slowly 20 silent $name && on a haadm cluster leave $name || return 1; done
	slowly 20 runs_all 3 && stay $begin "haadm cluster leave d; haadm cluster leave e" "three nodes"
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "a cluster of three is begun, and serves nothing yet" begun
check "controller: start" starts
check "controller: fail the primary" fails
check "controller: recover the primary" recovers
check "controller: stop" stops
judged
check "no epoch of the lease had two owners" one_owner
check "a shop is opened by a second configuration" opened
was=$(generation a)
check "disaster: all machines lose power, and one its disk" dark
check "disaster: after a cold start the last committed configuration is served" cold_start "$was"
check "disaster: the machine with an empty disk is a node again" replaced
check "disaster: the last order is placed" customers_go
judged
for name in d e; do n $name sysctl -qw net.ipv4.ip_nonlocal_bind=1; done
track_start a b c d e
check "growth: connections to three servers, and orders all the time" loads
nodes=(a b c d)
check "growth: a fourth node moves nothing" comes d
nodes=(a b c d e)
check "growth: a fifth node moves nothing" comes e
check "growth: both serve, and no connection has moved" serve_all
check "growth: two that are drained keep their connections" drained d e
check "growth: both leave, and no connection has moved" leave
nodes=(a b c)
check "growth: the last order is placed" customers_go
judged
check "no epoch of the lease had two owners after the cold start" one_owner
track_stop
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
