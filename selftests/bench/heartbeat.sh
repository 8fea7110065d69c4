#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest that counts instructions: heartbeats of many sessions, between two namespaces, for so long.
#
#   heartbeat.sh SESSIONS SECONDS
#
# Each session is one of namespace a with one of b, each two milliseconds. Prints `figure heartbeat RECEIVED LOST
# ELAPSED`: what both together received and lost in a while around that time, and how many ns exactly it was, which is
# marked for the plugin that counts instructions. The addresses of all functions come to $HASW_OUT/kallsyms.
# shellcheck disable=SC2015 # die ends it
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
sessions=$1 seconds=$2
dir=$(mktemp -d)

# machine NAME NUMBER OTHER: a namespace with an address for each session, that never has to ask for the other's.
machine() {
	ip -n "$1" link set eth0 address 02:00:00:00:00:0"$2" addrgenmode none && ip -n "$1" link set eth0 up ||
		return 1
	for ((i = 1; i <= sessions; i++)); do
		echo "addr add 10.0.$2.$i/16 dev eth0"
		echo "neigh replace 10.0.$3.$i lladdr 02:00:00:00:00:0$3 dev eth0 nud permanent"
	done | ip -n "$1" -b -
}

# pulses NAME NUMBER OTHER: its nodes, and a session with each.
pulses() {
	{
		echo "node add self addr 10.0.$2.1 self"
		for ((i = 1; i <= sessions; i++)); do echo "node add n$i addr 10.0.$3.$i"; done
	} >"$dir/$1"
	haadm -n "$1" restore "$dir/$1" || return 1
	for ((i = 1; i <= sessions; i++)); do
		haadm -n "$1" pulse set n$i id $i interval 2ms multiplier 10 path "10.0.$2.$i" "10.0.$3.$i" \
			tx-key "$(key "$2")" rx-key "$(key "$3")" || return 1
	done
}

all_up() {
	local name
	for name in a b; do
		haadm -n "$name" -s -j pulse show | jq -e 'all(.state == "up")' >/dev/null || return 1
	done
}

# total FIELD: of all paths of both.
total() {
	{ haadm -n a -s -j pulse show; haadm -n b -s -j pulse show; } | jq -s "add | map(.paths[].$1) | add"
}

# late: how often a heartbeat could not be sent in time.
late() {
	{ haadm -n a -s -j pulse show; haadm -n b -s -j pulse show; } | jq -s 'add | map(.late) | add'
}

# marked SECONDS: lets so much time pass between two of count.c's marks, and tells how many ns it was.
marked() {
	python3 -c 'import ctypes, mmap, sys, time
code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\x48\x87\xdb\xc3")
mark = ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
mark.restype = None
begun = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
mark()
time.sleep(float(sys.argv[1]))
mark()
print(time.clock_gettime_ns(time.CLOCK_BOOTTIME) - begun)' "$1"
}

ip netns add a && ip netns add b && ip -n a link add eth0 type veth peer name eth0 netns b || die "no network"
machine a 1 2 && machine b 2 1 || die "no addresses"
module_load
pulses a 1 2 && pulses b 2 1 || die "no sessions"
sleep 1
all_up || die "not all sessions are up"
received=$(total received) lost=$(total lost) late=$(late)
elapsed=$(marked "$seconds") || die "no time was marked"
all_up || die "not all sessions are up any more"
[ "$(late)" -eq "$late" ] || die "heartbeats were late: the guest can't keep up with $sessions sessions"
figure heartbeat $(($(total received) - received)) $(($(total lost) - lost)) "$elapsed"
cat /proc/kallsyms >"$HASW_OUT/kallsyms"
