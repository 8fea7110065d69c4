#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A router says that a node cannot be reached: it is lost long before its silence would say so, and only then.
# shellcheck disable=SC2016,SC2086,SC2119 # $ is jq's; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

pulse=$PWD/tools/pulse_peer.py

# a and b with a router between them; a bridge between the router and b, so that only who asks notices that b is gone.
prepare() {
	need_root
	need haadm jq python3
	module_load && lan_make && ns_add a && ns_add b && ns_add r || return 1
	local name
	for name in a b r; do lan_no_dad $name; done
	n r sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward && echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	ip -n a link add eth0 up type veth peer name eth0 netns r && ip -n r link set eth0 up && lan_port r eth1 &&
		lan_port b eth0 || return 1
	addresses a eth0 10.0.0.1/24 2001:db8::1/64 && addresses r eth0 10.0.0.254/24 2001:db8::fe/64 &&
		addresses r eth1 10.1.0.254/24 2001:db8:1::fe/64 && addresses b eth0 10.1.0.2/24 2001:db8:1::2/64 &&
		routes a 10.0.0.254 2001:db8::fe && routes b 10.1.0.254 2001:db8:1::fe || return 1
	lan_quick_probes r eth1
	haadm -n a node add a addr 10.0.0.1 self && haadm -n a node add b addr 10.1.0.2 &&
		haadm -n b node add a addr 10.0.0.1 && haadm -n b node add b addr 10.1.0.2 self && wait_for 10 reaches
}

# addresses NAME DEV ADDR ADDR6
addresses() {
	ip -n $1 addr add $3 dev $2 && ip -n $1 addr add $4 dev $2 nodad
}

# routes NAME ROUTER ROUTER6
routes() {
	ip -n $1 route add default via $2 && ip -n $1 -6 route add default via $3
}

reaches() {
	n a ping -qc 1 -W 1 10.1.0.2 && n a ping -qc 1 -W 1 2001:db8:1::2
}

# begin NAME [PATH6...]: a session in which silence is nothing for a hundred seconds.
begin() {
	local name=$1 peer=b tx=ab rx=ba mine=10.0.0.1 other=10.1.0.2
	shift
	[ $name = a ] || { peer=a tx=ba rx=ab mine=10.1.0.2 other=10.0.0.1; }
	haadm -n $name pulse set $peer id 7 interval 500ms multiplier 200 path $mine $other "$@" \
		tx-key "$(lan_key $tx)" rx-key "$(lan_key $rx)"
}

up() {
	haadm -n a -j pulse show | jq -e '.[0].state == "up" and all(.[0].paths[]; .state == "up")' &&
		haadm -n a -j node show b | jq -e '.[0].evidence == []'
}

# b FILTER: of the node b, as a knows it.
b() {
	haadm -n a -j node show b | jq -e ".[0] | $1" >/dev/null && return 0
	haadm -n a -d node show b
	haadm -n a -d pulse show
	return 1
}

bad_mac() {
	haadm -n a -j pulse show | jq '[.[0].paths[].bad_mac] | add'
}

heard_enough() {
	begin a && begin b && wait_for 30 up
}

# b is heard, so it is there. It is heard again afterwards, so that what was recorded is older than that.
contradicted() {
	local before
	n a $pulse record eth0 2 $lan_dir/old && n r $pulse refuse eth0 $lan_dir/old quoted 20 && up &&
		b '.state == "up"' && before=$(heard) && wait_for 10 heard_since $before
}

heard() {
	haadm -n a -j -d pulse show | jq '.[0].paths[0].last_heard'
}

heard_since() {
	[ "$(heard)" -gt $1 ]
}

# b has closed its port, and says so; that is its own word.
closed() {
	local before
	haadm -n b pulse del a && before=$(beats) && wait_for 20 beats_since $((before + 5)) &&
		b '.state == "up" and .evidence == []'
}

beats() {
	haadm -n a -j pulse show | jq '.[0].paths[0].sent'
}

beats_since() {
	[ "$(beats)" -ge $1 ]
}

# Nobody hears b now. What is quoted was never sent like this, or was before b was heard last, or is not whole.
believed() {
	local before
	before=$(bad_mac) && n a $pulse record eth0 1 $lan_dir/new && n r $pulse refuse eth0 $lan_dir/new forged 100 &&
		wait_for 10 bad_macs $((before + 100)) && n r $pulse refuse eth0 $lan_dir/old quoted 20 &&
		n r $pulse refuse eth0 $lan_dir/new short 20 && b '.evidence == []' || return 1
	# Which is not because nothing would be believed.
	n r $pulse refuse eth0 $lan_dir/new quoted 1 &&
		wait_for 10 b '.state == "lost" and .evidence == ["unreachable"]' &&
		haadm -n a -j event show |
		jq -e 'map(select(.kind == "node")) | .[-1] |
			.node == "b" and .to == "lost" and .cause == "unreachable"'
}

bad_macs() {
	[ "$(bad_mac)" -eq $1 ]
}

# It is heard again.
returns() {
	begin b && wait_for 30 up && b '.state == "held" or .state == "up"'
}

# Both ways are refused, by a real router.
gone() {
	haadm -n a pulse del b && haadm -n b pulse del a && begin a path 2001:db8::1 2001:db8:1::2 &&
		begin b path 2001:db8:1::2 2001:db8::1 &&
		wait_for 30 up && haadm -n a failback b && ip -n lan link set b-eth0 down &&
		wait_for 60 b '.state == "lost" and .evidence == ["unreachable"]' && haadm -n a status |
		grep -q 'b *lost for'
}

back() {
	ip -n lan link set b-eth0 up && ip -n b route replace default via 10.1.0.254 &&
		ip -n b -6 addr replace 2001:db8:1::2/64 dev eth0 nodad &&
		ip -n b -6 route replace default via 2001:db8:1::fe && wait_for 60 up
}

# What a session said goes with it.
forgotten() {
	ip -n lan link set b-eth0 down && wait_for 60 b '.evidence == ["unreachable"]' && haadm -n a pulse del b &&
		b '.evidence == []'
}

ktap_header
check "setup: two nodes and a router" prepare
check "two nodes hear each other by a router" heard_enough
check "a node that is heard is up whatever a router says" contradicted
check "a closed port is no evidence of a lost node" closed
check "an ICMP error is believed only about a heartbeat sent since the peer was heard" believed
check "a node that is heard again is back" returns
check "a node is lost when a router refuses both families" gone
check "a node is back when the router sends on both families" back
check "a deleted session takes its evidence along" forgotten
check "the module unloads while heartbeats are refused" module_unload
ktap_exit
