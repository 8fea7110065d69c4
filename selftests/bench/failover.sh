#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: for how long nobody answers at a virtual address when its holder fails, by haswitch's agents, by
# keepalived and by Pacemaker.
#
#   failover.sh TIMES PEER-TIMES [FAULT|CASE]...
#
# Machines a, b and c and the client are namespaces on one bridge; by a second one the machines reach each other, too.
# failover.py causes the faults, asks as the client, and answers as each machine.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
times=$1 peer_times=$2
shift 2
dir=$(mktemp -d)

# port NAME NUMBER DEVICE: of ethN, on bridge brN.
port() {
	local n=${3#eth}
	ip -n lan link add "$1-$3" up type veth peer name "$3" netns "$1" && ip -n lan link set "$1-$3" master "br$n" &&
		ip -n "$1" link set "$3" addrgenmode none && ip -n "$1" link set "$3" up &&
		ip -n "$1" addr add "10.$n.0.$2/24" dev "$3"
}

network() {
	local name i=0
	ip netns add lan && for i in 0 1; do ip -n lan link add "br$i" up type bridge mcast_snooping 0 || return 1; done
	i=0
	for name in a b c client; do
		i=$((i + 1))
		ip netns add $name && ip -n $name link set lo up && port $name $i eth0 && port $name $i eth1 || return 1
	done
}

# agents CASE PROFILE: their files, the same on each node, with the shipped timings of that profile.
agents() {
	local name
	mkdir "$dir/$1" || die "no folder"
	for name in a b c; do
		cat >"$dir/$1/$name.conf" <<-END
			node = "$name";
			key = "$dir/key";
			profile = "$2";
			leases = { voter = "$dir/$1/voter-$name"; };
			configurations = "$dir/$1/config-$name";
			paths = ( { name = "front"; device = "eth0"; }, { name = "back"; device = "eth1"; } );
			nodes = (
			  { name = "a"; addresses = { front = "10.0.0.1"; back = "10.1.0.1"; }; },
			  { name = "b"; addresses = { front = "10.0.0.2"; back = "10.1.0.2"; }; },
			  { name = "c"; addresses = { front = "10.0.0.3"; back = "10.1.0.3"; }; }
			);
		END
	done
}

# All that is configured.
configure() {
	local name
	haagentd --genkey "$dir/key" || die "no key"
	cat >"$dir/haswitch.conf" <<-END
		node add a addr 10.0.0.1
		node add b addr 10.0.0.2
		node add c addr 10.0.0.3
		lease add web
		vip add 10.0.0.100 on eth0 lease web
		vip add 10.0.0.101 on eth0 holder c
		service add 10.0.0.101:7/udp sched active-standby failback auto
		member add 10.0.0.101:7/udp node a priority 1
		member add 10.0.0.101:7/udp node b priority 2
	END
	for name in a b c; do
		haadm -n $name restore "$dir/haswitch.conf" || die "$name: the configuration is refused"
	done
	agents haswitch default
	agents haswitch-fast fast
}

# What the peers have written: the guest's own files vanish.
logs() {
	local file
	for file in /run/bench-*/*.log /run/bench-*/*/var/log/*.log "$dir"/*/*.log; do
		[ ! -s "$file" ] || cat "$file" >"$HASW_OUT/$(tr / - <<<"${file#/*/}")"
	done
}

network || die "no network"
module_load
configure
trap logs EXIT
ip netns exec lan "${BASH_SOURCE[0]%/*}/failover.py" "$dir" "$times" "$peer_times" "$@"
