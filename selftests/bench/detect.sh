#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest with two CPUs: how soon a node knows that another one is dead, or goes, haswitch and its peers.
#
#   detect.sh KILLS PEER-KILLS
#
# a and b are namespaces, with a bridge between them. To kill b silently its port of the bridge is disabled, which is one
# store in the kernel, and lets no packet through either way while both ends keep their links. The times are read and
# told by detect.py; a way to detect that was not seen to work makes this fail.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
kills=$1 peer_kills=$2
dir=$(mktemp -d)

# machine NAME NUMBER: a namespace with an eth0, which nobody else speaks on.
machine() {
	ip netns add "$1" && ip -n "$1" link set lo up &&
		ip -n lan link add "$1-eth0" up type veth peer name eth0 netns "$1" && ip -n lan link set "$1-eth0" master br0 &&
		ip -n "$1" link set eth0 addrgenmode none && ip -n "$1" link set eth0 up &&
		ip -n "$1" addr add "10.0.0.$2/24" dev eth0
}

# of NAME COMMAND...: haadm there.
of() {
	haadm -n "$@" || die "haadm -n $* is refused"
}

key() {
	[ -e "$dir/$1" ] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$dir/$1")
	echo "$dir/$1"
}

# b serves, and a is behind it; "float" is a lease of b's.
haswitch() {
	local name
	module_load
	of a node add a addr 10.0.0.1 self
	of a node add b addr 10.0.0.2
	of b node add a addr 10.0.0.1
	of b node add b addr 10.0.0.2 self
	for name in a b; do
		of $name lease add float
		of $name lease set float floor 1
		of $name vip add 10.0.0.100 holder a
		of $name vip add 10.0.0.101 lease float
		of $name service add 10.0.0.100 failback auto
		of $name member add 10.0.0.100 node b priority 1
		of $name member add 10.0.0.100 node a priority 2
	done
	of a pulse set b id 7 interval 1ms multiplier 3 path 10.0.0.1 10.0.0.2 tx-key "$(key ab)" rx-key "$(key ba)"
	of b pulse set a id 7 interval 1ms multiplier 3 path 10.0.0.2 10.0.0.1 tx-key "$(key ba)" rx-key "$(key ab)"
}

network() {
	ip netns add lan && ip -n lan link add br0 up type bridge mcast_snooping 0 && machine a 1 && machine b 2
}

network || die "no network"
haswitch
ip netns exec lan "${BASH_SOURCE[0]%/*}/detect.py" "$kills" "$peer_kills"
