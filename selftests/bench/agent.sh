#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest that counts instructions: what an agent takes of a CPU and of memory in a cluster where nothing
# happens.
#
#   agent.sh NODES LEASES SECONDS [MOST]
#
# Counted by instructions (`lab/run -i` on a Debian kernel) a nanosecond is an instruction. The nodes are namespaces on
# one bridge, with the shipped settings. Each lease has a vip, and the nodes share them. Prints
#   figure agent NODE HELD CPU-NS ELAPSED-NS KB KB
# of each agent, with its worker process: how many leases it held, the time that it ran, in how long, and its resident
# memory without and with the file pages that all agents share. Fails if an agent ran for more than MOST ns of a second.
# shellcheck disable=SC2015 # die ends it
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
count=$1 leases=$2 seconds=$3 most=${4:-1000000000}
dir=$(mktemp -d)
names=()
for ((i = 1; i <= count; i++)); do names+=("n$i"); done

network() {
	local i
	ip netns add lan && ip -n lan link add br0 up type bridge mcast_snooping 0 || return 1
	for ((i = 1; i <= count; i++)); do
		ip netns add "n$i" && ip -n lan link add "n$i" up type veth peer name eth0 netns "n$i" &&
			ip -n lan link set "n$i" master br0 && ip -n "n$i" link set lo up &&
			ip -n "n$i" link set eth0 up &&
			ip -n "n$i" addr add "10.0.0.$i/24" dev eth0 || return 1
	done
}

# One file for all nodes, and no other one than the agents' key.
configure() {
	local i
	haagentd --genkey "$dir/key" || return 1
	{
		for ((i = 1; i <= count; i++)); do echo "node add n$i addr 10.0.0.$i"; done
		for ((i = 1; i <= leases; i++)); do echo "lease add l$i"; done
		for ((i = 1; i <= leases; i++)); do echo "vip add 10.0.1.$i on eth0 lease l$i"; done
	} >"$dir/haswitch.conf"
	for i in "${names[@]}"; do
		haadm -n "$i" restore "$dir/haswitch.conf" || return 1
		printf '%s\n' "key = \"$dir/key\";" "leases = { longest = \"1s\"; voter = \"$dir/voter-$i\"; };" \
			"configurations = \"$dir/config-$i\";" \
			>"$dir/$i.conf"
		ip netns exec "$i" haagentd -f "$dir/$i.conf" >"$dir/$i.log" 2>&1 &
		echo $! >"$dir/$i.pid"
	done
}

# Each question takes a guest that counts instructions seconds, so one node is asked for all.
settled() {
	haadm -n n1 -j agent show >"$dir/seen" &&
		jq -e --argjson n "$count" --argjson leases "$leases" '.vote.mute == 0 and
		([.peers[] | select(.state == "heard")] | length) == $n - 1 and
		([.leases[] | select(.holder != null)] | length) == $leases' "$dir/seen" >/dev/null
}

# held NODE: how many leases it held at the end.
held() { jq --arg node "$1" '[.leases[] | select(.holder == $node)] | length' "$dir/seen"; }

# processes NODE: the agent, and its worker process.
processes() { echo "$(<"$dir/$1.pid")" && pgrep -P "$(<"$dir/$1.pid")"; }

# ran NODE: for how long these ran so far, all their threads, ns, by the clock that the kernel has for each process.
ran() {
	# shellcheck disable=SC2046 # a word each
	python3 -c 'import sys, time; print(sum(time.clock_gettime_ns(~int(pid) << 3 | 2) for pid in sys.argv[1:]))' \
		$(processes "$1")
}

memory_of() {
	local pid
	for pid in $(processes "$1"); do cat "/proc/$pid/status"; done |
		awk '/^Rss(Anon|Shmem):/ { kb += $2 } /^VmRSS:/ { all += $2 } END { print kb, all }'
}

network || die "no network"
module_load
configure || die "the agents can't be started"
for ((tries = 0; tries < 40; tries++)); do
	settled && break
	[ $tries -lt 39 ] || { tail -n 5 "$dir"/*.log >&2; cat "$dir/seen" >&2; die "the cluster never settled"; }
	sleep 2
done
# What they have just been asked is over.
sleep 1
declare -A before
begun=$(python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))')
for name in "${names[@]}"; do before[$name]=$(ran "$name"); done
sleep "$seconds"
for name in "${names[@]}"; do before[$name]=$(($(ran "$name") - ${before[$name]})); done
ended=$(python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))')
span=$(((ended - begun) / 1000000))
settled || die "the cluster is not as it was"
for name in "${names[@]}"; do
	# shellcheck disable=SC2046 # two words
	figure agent "$name" "$(held "$name")" "${before[$name]}" $((ended - begun)) $(memory_of "$name")
	[ "${before[$name]}" -le $((most * span / 1000)) ] || over=$name
done
[ -z "${over:-}" ] || die "the agent of $over took more than $most ns a second"
