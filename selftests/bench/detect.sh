#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: how soon a node knows that another one is dead, or goes, haswitch and its peers.
#
#   detect.sh KILLS PEER-KILLS
#
# a and b are namespaces, with a bridge between them. To kill b silently its port of the bridge is disabled, which is
# one store in the kernel, and lets no packet through either way while both ends keep their links. By a second bridge a
# also reaches c, which sends no heartbeats, and clients come to b. The times are read and told by detect.py; a way to
# detect that was not seen to work makes this fail.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
kills=$1 peer_kills=$2
dir=$(mktemp -d)

# machine NAME: a namespace.
machine() {
	ip netns add "$1" && ip -n "$1" link set lo up
}

# port NAME NUMBER DEVICE: of ethN, on bridge brN, where nobody else speaks.
port() {
	local n=${3#eth}
	ip -n lan link add "$1-$3" up type veth peer name "$3" netns "$1" && ip -n lan link set "$1-$3" master "br$n" &&
		ip -n "$1" link set "$3" addrgenmode none && ip -n "$1" link set "$3" up &&
		ip -n "$1" addr add "10.$n.0.$2/24" dev "$3"
}

# of NAME COMMAND...: haadm there.
of() {
	haadm -n "$@" || die "haadm -n $* is refused"
}

# A neighbour of a's that is silent is found out soon.
quick_probes() {
	ip netns exec a sh \
		-c 'cd /proc/sys/net/ipv4/neigh/eth1 && echo 500 >base_reachable_time_ms && echo 20 >retrans_time_ms &&
		echo 0 >delay_first_probe_time && echo 100 >interval_probe_time_ms'
}

# b serves, and a is behind it; "float" and "front" are leases of b's, the vip of the latter is on the second bridge.
# And c serves, if a may say so.
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
		of $name lease add front
		of $name lease set front floor 1
		of $name vip add 10.1.0.101 lease front
		of $name vip add 10.0.0.100 holder a
		of $name vip add 10.0.0.101 lease float
		of $name service add 10.0.0.100 failback auto
		of $name member add 10.0.0.100 node b priority 1
		of $name member add 10.0.0.100 node a priority 2
	done
	of a node add c addr 10.1.0.3
	of a service add 10.0.0.100:53/udp failback auto
	of a member add 10.0.0.100:53/udp node c priority 1
	of a member add 10.0.0.100:53/udp node a priority 2
	of a pulse set b id 7 interval 1ms multiplier 3 path 10.0.0.1 10.0.0.2 tx-key "$(key ab)" rx-key "$(key ba)"
	of b pulse set a id 7 interval 1ms multiplier 3 path 10.0.0.2 10.0.0.1 tx-key "$(key ba)" rx-key "$(key ab)"
}

network() {
	ip netns add lan && ip -n lan link add br0 up type bridge mcast_snooping 0 &&
		ip -n lan link add br1 up type bridge mcast_snooping 0 && machine a && machine b && machine c &&
		port a 1 eth0 && port b 2 eth0 && port a 1 eth1 && port b 2 eth1 && port c 3 eth1 && quick_probes
}

network || die "no network"
haswitch
ip netns exec lan "${BASH_SOURCE[0]%/*}/detect.py" "$kills" "$peer_kills"
