#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A holder that knows that it goes stops at once: its agent's socket is closed, or no client can come to it any more.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# n1 holds "near", whose clients come by eth0, and "far", whose clients come by eth1.
cluster_nodes=(n1:2 n2:3)
near4=10.0.0.100 near6=2001:db8::100 far4=10.1.0.100
# And "seen", of nobody, by seen0 or seen1: that it ends tells that what watches the devices has looked.
seen4=10.3.0.100
hold=$PWD/tools/netlink_hold.py

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && lan_port n1 eth1 &&
		ip -n n1 addr add 10.1.0.2/24 dev eth1 || return 1
	cluster_all "lease add near" "lease add far" "vip add $near4 lease near" "vip add $near6 lease near" \
		"vip add $far4 lease far" "lease set near floor 1" "lease set far floor 1" && cluster_ready &&
		heartbeats &&
		printf 'link add seen%s type dummy\n' 0 1 | ip -n n1 -b - &&
		cluster_tell n1 "lease add seen" "lease set seen floor 1" "vip add $seen4 on seen1 lease seen"
}

# So slow that they notice nobody's loss here.
heartbeats() {
	haadm -n n1 pulse set n2 id 7 interval 1s multiplier 100 path 10.0.0.2 10.0.0.3 tx-key "$(lan_key ab)" \
		rx-key "$(lan_key ba)" &&
		haadm -n n2 pulse set n1 id 7 interval 1s multiplier 100 path 10.0.0.3 10.0.0.2 tx-key "$(lan_key ba)" \
			rx-key "$(lan_key ab)" &&
		wait_for 20 hears n1 && wait_for 20 hears n2
}

hears() {
	haadm -n $1 -j pulse show | jq -e '.[0].state == "up"' >/dev/null
}

# known LEASE: n2 learns of the grant of n1.
known() {
	haadm -n n2 lease set $1 epoch "$(<"$work_dir/epoch")" holder n1 for 10s
}

# hears_of LEASE: n2 knows that nobody holds it any more, since n1 said so.
hears_of() {
	wait_for 20 heard_of $1 && return 0
	haadm -n n2 event show | tail -n 4
	return 1
}

heard_of() {
	haadm -n n2 -j lease show $1 | jq -e '.[0].holder == null' >/dev/null &&
		haadm -n n2 -j event show |
		jq -se --arg lease $1 'flatten | map(select(.kind == "lease" and .lease == $lease)) |
			last | .cause == "resigned" and .told == "released" and .node == "n1"' >/dev/null
}

# fresh: an epoch higher than all before it.
fresh() {
	local epoch
	epoch=$(($(cat "$work_dir/epoch" 2>/dev/null || echo 0) + 1))
	echo $epoch | tee "$work_dir/epoch"
}

grant() {
	haadm -n n1 lease set $1 epoch "$(fresh)" holder n1 for 10s
}

# renew: the last grant, which was one of far, lasts 10 s more, as that is the most. What follows may take longer.
renew() {
	haadm -n n1 lease set far epoch "$(<"$work_dir/epoch")" holder n1 for 10s
}

# agent LEASE [tied]: a process that grants the lease to n1, and stays; its pid is in agent.pid.
agent() {
	: >"$work_dir/agent"
	ip netns exec n1 "$hold" lease-set $1 "$(fresh)" n1 10 ${2:-} >"$work_dir/agent" 2>&1 &
	echo $! >"$work_dir/agent.pid"
	wait_for 20 grep -q held "$work_dir/agent" || { cat "$work_dir/agent"; return 1; }
}

agent_dies() {
	kill -KILL "$(<"$work_dir/agent.pid")"
}

has() {
	haadm -n n1 -j lease show $1 | jq -e '.[0].held == true' >/dev/null
}

has_not() {
	! has $1
}

# ended LEASE CAUSE: the last that was told of the lease; long before its deadline.
ended() {
	haadm -n n1 -j event show | jq -se --arg lease $1 --arg cause $2 \
		'flatten | map(select(.kind == "lease" and .lease == $lease)) | last | .cause == $cause' >/dev/null &&
		return 0
	haadm -n n1 event show | tail -n 4
	return 1
}

told() {
	wait_for 20 has_not $1 && ended $1 $2
}

# refused REASON NAME WORDS...: haadm there has that granted to nobody.
refused() {
	! haadm -n "${@:2}" 2>"$work_dir/refused" && grep -q "$1" "$work_dir/refused"
}

burned() {
	refused burned n1 lease set $1 epoch "$(<"$work_dir/epoch")" holder n1 for 5s
}

# cut_off LEASE: it is not granted to n1, and its peers need not wait for it.
cut_off() {
	refused "has a link: grant the lease to another node" n1 lease set $1 epoch "$(fresh)" holder n1 for 5s &&
		has_not $1
}

# on NAME LEASE EPOCH: it goes on there, for who looks slowly.
on() {
	haadm -n $1 lease set $2 epoch $3 holder n1 for 10s
}

tied() {
	local far
	grant far && far=$(<"$work_dir/epoch") && agent near tied && on n1 far "$far" &&
		has near && haadm -n n1 -j lease show near | jq -e '.[0].tied == true' && on n1 far "$far" &&
		agent_dies &&
		told near agent-gone && on n1 far "$far" && burned near && has far
}

# Its peers know at once, long before the deadline; the other lease is none of it.
told_of() {
	local far
	grant far && known far && far=$(<"$work_dir/epoch") && agent near tied && known near && on n2 far "$far" &&
		agent_dies &&
		told near agent-gone && hears_of near && haadm -n n2 -j lease show far | jq -e '.[0].holder == "n1"'
}

# Who never knew of the grant learns that it was granted and is over: neither it nor one before it begins any more.
overtaken() {
	local epoch
	fresh && fresh && agent near tied && agent_dies && told near agent-gone && epoch=$(<"$work_dir/epoch") &&
		wait_for 20 said_of $epoch &&
		over_at n2 $epoch && refused burned n2 lease set near epoch $((epoch - 1)) holder n2 for 5s &&
		refused burned n2 lease set near epoch $epoch holder n1 for 5s
}

# over_at NAME EPOCH: that n1 held under it no more is an event of the lease there, and once.
over_at() {
	haadm -n $1 -j event show | jq -se --argjson epoch $2 \
		'flatten | map(select(.kind == "lease" and .epoch == $epoch)) |
		map([.lease, .node, .cause, .told]) == [["near", "n1", "resigned", "released"]]'
}

said_of() {
	haadm -n n2 -j event show | jq -se "flatten | any(.kind == \"pulse-told\" and .value == $1)"
}

# What was said of an epoch says nothing of a higher one: here n2 knows of a grant that n1 never ended.
not_newer() {
	agent near tied && known near && haadm -n n2 lease set near epoch "$(fresh)" holder n1 for 10s && agent_dies &&
		told near agent-gone && wait_for 20 told_twice && haadm -n n2 -j lease show near |
		jq -e '.[0].holder == "n1"'
}

told_twice() {
	[ "$(haadm -n n2 -j event show |
		jq -s 'flatten | map(select(.kind == "pulse-told" and .told == "released")) | length')" -ge 2 ]
}

untied() {
	agent near && agent_dies && wait_for 20 gone "$(<"$work_dir/agent.pid")" && has near
}

gone() {
	[ ! -e "/proc/$1/fd/3" ]
}

# A long lease is one that the agent unties before it goes.
untied_later() {
	local epoch
	agent near tied && epoch=$(<"$work_dir/epoch") && haadm -n n1 lease set near epoch $epoch holder n1 for 10s &&
		agent_dies && wait_for 20 gone "$(<"$work_dir/agent.pid")" && has near
}

# carrier DEV on|off: at the other end, as a switch does.
carrier() {
	ip -n lan link set n1-$1 "$([ $2 = on ] && echo up || echo down)"
}

no_carrier() {
	grant near && grant far && known far && has near && carrier eth1 off && told far devices-down && cut_off far &&
		has near && hears_of far
}

# Without a link there is nothing to hold; with it there is.
no_link_no_lease() {
	cut_off far && carrier eth1 on && wait_for 20 link_up eth1 && grant far && stays far
}

link_up() {
	[ "$(n n1 cat /sys/class/net/$1/carrier)" = 1 ]
}

# stays LEASE: held, when the devices have been looked at.
stays() {
	looked && has $1
}

# looked: what watches the devices has made its list of them anew, with all that was said until now, and has looked at
# them after that: a lease has ended that was given another device, and lost that one.
looked() {
	local epoch dev=seen0
	[ "$(cat "$work_dir/seen" 2>/dev/null || echo seen1)" = seen1 ] || dev=seen1
	echo $dev >"$work_dir/seen"
	epoch=$(($(cat "$work_dir/seen-epoch" 2>/dev/null || echo 0) + 1))
	echo $epoch >"$work_dir/seen-epoch"
	printf 'link set seen%s up\n' 0 1 | ip -n n1 -b - &&
		haadm -n n1 lease set seen epoch $epoch holder n1 for 10s &&
		haadm -n n1 vip set $seen4 on $dev && ip -n n1 link set $dev down && told seen devices-down
}

set_down() {
	grant near && has near && ip -n n1 link set eth0 down && told near devices-down && has far &&
		ip -n n1 link set eth0 up && ip -n n1 addr add 2001:db8::2/64 dev eth0 nodad && cluster_ready
}

# Two devices: one is enough.
one_of_two() {
	local far
	haadm -n n1 vip set $far4 on eth1 on eth0 && looked && grant far && far=$(<"$work_dir/epoch") &&
		carrier eth1 off && stays far &&
		on n1 far "$far" && carrier eth0 off && told far devices-down && carrier eth0 on && carrier eth1 on
}

# Two legs: a vip by eth1, and another one by leg0. As the lease says, one is enough to resign, or both.
legs=("vip add 10.4.0.100 on leg0 lease far" "vip set $far4 on eth1")
two_legs() {
	wait_for 20 link_up eth1 && ip -n n1 link add leg0 type dummy && ip -n n1 link set leg0 up &&
		printf '%s\n' "${legs[@]}" | haadm -n n1 -b - && looked && grant far && stays far && whole far
}

# whole LEASE: clients of all its vips can come.
whole() {
	haadm -n n1 -j lease show $1 | jq -e '.[0].held and (.[0].partly | not)' >/dev/null
}

partly() {
	haadm -n n1 -j lease show $1 | jq -e '.[0].held and .[0].partly' >/dev/null
}

leg() {
	ip -n n1 link set leg0 $1
}

# And it is not granted to this node while it lacks a leg.
any_leg() {
	two_legs && known far && leg down && told far devices-down && hears_of far && cut_off far
}

# Where no node has all legs, who holds it keeps it, until it loses one that it had.
though_partly() {
	haadm -n n1 lease set far epoch "$(fresh)" holder n1 for 10s partly && stays far && partly far && grant far &&
		prints ' though clients of some of its vips can not come here,' haadm -n n1 status && renew &&
		leg up && wait_for 20 whole far && renew && looked && renew && leg down && told far devices-down &&
		haadm -n n1 lease set far epoch "$(fresh)" holder n1 for 10s partly && carrier eth1 off &&
		told far devices-down && cut_off_partly && carrier eth1 on && wait_for 20 link_up eth1
}

cut_off_partly() {
	refused "has a link: grant the lease" n1 lease set far epoch "$(fresh)" holder n1 for 5s partly
}

prints() {
	"${@:2}" | grep -q "$1"
}

# A vip whose device has no link is added, or comes by a restore: no leg is lost that was there.
added_leg() {
	haadm -n n1 vip del 10.4.0.100 && looked && grant far && has far && haadm -n n1 -b - <<<"${legs[0]}" &&
		stays far && partly far && renew && haadm -n n1 save >"$work_dir/saved" &&
		haadm -n n1 restore "$work_dir/saved" && stays far && renew &&
		leg up && wait_for 20 whole far && looked && renew && haadm -n n1 restore "$work_dir/saved" &&
		looked && renew && leg down && told far devices-down
}

all_legs() {
	haadm -n n1 lease set far resign all && grant far && has far && leg up && renew && looked && renew &&
		leg down && stays far && haadm -n n1 save | grep -qx "lease add far resign all" && renew &&
		carrier eth1 off && told far devices-down &&
		carrier eth1 on && wait_for 20 link_up eth1 && grant far && has far &&
		haadm -n n1 lease set far resign any
}

# Somebody takes a network away: first its vip, at once after that its device.
deleted_leg() {
	leg up && wait_for 20 whole far && renew && stays far && renew &&
		haadm -n n1 vip del 10.4.0.100 && ip -n n1 link del leg0 &&
		stays far && whole far
}

# Vips that name no device: those of one subnet are a leg.
legs_by_subnet() {
	ip -n n1 link add leg0 type veth peer name leg1 && ip -n n1 link set leg1 up && leg up &&
		ip -n n1 addr add 10.4.0.2/24 dev leg0 && haadm -n n1 vip add 10.4.0.100 lease near && looked &&
		grant near && stays near && whole near && leg down && told near devices-down && has_not near &&
		haadm -n n1 vip del 10.4.0.100 && ip -n n1 link del leg0 && looked && grant near && stays near
}

# And when the list of devices was made again, without it.
unregistered() {
	wait_for 20 link_up eth1 && haadm -n n1 vip set $far4 on eth1 && looked && grant far && has far &&
		ip -n n1 link del eth1 && told far devices-down && looked && cut_off far
}

restored() {
	wait_for 20 link_up eth0 && agent near tied && haadm -n n1 save >"$work_dir/saved" &&
		sed -i "/$far4/d" "$work_dir/saved" && haadm -n n1 restore "$work_dir/saved" && has near &&
		agent_dies && told near agent-gone
}

# The peer hears of that too, while there are devices left. Two of their own, in which nothing else holds the namespace.
namespace_goes() {
	local name
	ns_add goes stays && ip -n goes link add eth0 up type veth peer name eth0 netns stays &&
		ip -n stays link set eth0 up &&
		ip -n goes addr add 10.2.0.1/24 dev eth0 && ip -n stays addr add 10.2.0.2/24 dev eth0 &&
		haadm -n goes node add goes addr 10.2.0.1 self && haadm -n stays node add stays addr 10.2.0.2 self &&
		haadm -n goes node add stays addr 10.2.0.2 && haadm -n stays node add goes addr 10.2.0.1 || return 1
	for name in goes stays; do
		printf '%s\n' "lease add l" "lease set l floor 1" "vip add 10.2.0.100 lease l" | haadm -n $name -b - ||
			return 1
	done
	haadm -n goes pulse set stays id 7 interval 1s multiplier 100 path 10.2.0.1 10.2.0.2 tx-key "$(lan_key ab)" \
		rx-key "$(lan_key ba)" &&
		haadm -n stays pulse set goes id 7 interval 1s multiplier 100 path 10.2.0.2 10.2.0.1 \
			tx-key "$(lan_key ba)" rx-key "$(lan_key ab)" &&
		wait_for 20 hears goes && wait_for 20 hears stays || return 1
	for name in goes stays; do haadm -n $name lease set l epoch 5 holder goes for 10s || return 1; done
	ns_del goes && wait_for 20 gone_told
}

gone_told() {
	haadm -n stays -j event show |
		jq -se 'flatten | map(select(.kind == "lease")) | last | .cause == "resigned" and .node == "goes"'
}

ktap_header
make_ready "setup: two leases on a node" prepare
check "a closed socket ends only the tied lease" tied
check "peers hear of the end of a tied lease in a heartbeat out of turn" told_of
check "a peer that knew of no grant hears that a tied lease ended" overtaken
check "a newer grant outlasts the end of a tied lease" not_newer
check "a lease that is not tied outlasts its agent" untied
check "a renewal without the word tied unties a lease" untied_later
check "a lease ends when the only client link loses its carrier" no_carrier
check "a lease is not granted to a node without a client link" no_link_no_lease
check "a lease ends when its client-facing device is set down" set_down
check "a lease stays while one of two client links is up" one_of_two
check "a lease ends when one of its vips loses its only client link" any_leg
check "a lease that is granted for want of a better node stays without a leg" though_partly
check "a lease stays when a vip comes whose device has no link" added_leg
check "a lease with resign all stays while one vip has a client link" all_legs
check "a lease stays when a vip is deleted, and then its device" deleted_leg
check "a lease ends when one of two subnets of its vips loses its link" legs_by_subnet
check "a lease ends when its client-facing device is unregistered" unregistered
check "a restore keeps a lease tied" restored
check "peers hear that a holder's namespace ends" namespace_goes
ns_del_all
check "the module unloads" module_unload
ktap_exit
