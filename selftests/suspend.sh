#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is suspended while it holds a lease resigns before; and time that it did not see counts.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# shellcheck disable=SC2034 # lib/cluster.sh's
cluster_nodes=(entry:2 m1:11)
vip=10.0.0.100 vip6=2001:db8::100

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add &&
		cluster_all "lease add l" "lease set l floor 1" "vip add $vip lease l" "vip add $vip6 lease l" \
			"service add $vip" \
			"service add $vip6" "member add $vip node m1" "member add $vip6 node m1" && cluster_ready &&
		traffic serve m1 udp $vip 53 m1 && traffic serve m1 udp $vip6 53 m1
}

# grant EPOCH TIME
grant() {
	cluster_all "lease set l epoch $1 holder entry for $2"
}

# by WHO: who answers to both vips.
by() {
	says "$1" client udp $vip 53 wait=10 && says "$1" client udp $vip6 53 wait=10
}

# by_nobody: what comes for them arrives, and is dropped.
by_nobody() {
	grew entry "seen=1 drop_not_holder=1" says silence client udp $vip 53 wait=0 &&
		grew entry "seen=1 drop_not_holder=1" says silence client udp $vip6 53 wait=0
}

# What boottime is ahead of monotonic time, ms: so long were all suspensions.
asleep() {
	python3 -c 'import time
print(int((time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)) * 1000))'
}

# suspend SECONDS LEAST: all the way down but for the CPU itself, which counts so long as well as it can with its clocks
# stopped, which may be half of it; how long it was, ms, has to be enough.
suspend() {
	local before after
	before=$(asleep)
	echo "$1" >/sys/module/suspend/parameters/pm_test_delay && echo core >/sys/power/pm_test &&
		echo mem >/sys/power/state || return 1
	after=$(asleep)
	[ $((after - before)) -ge $2 ] && return 0
	echo "suspended for $((after - before)) ms"
	return 1
}

held() {
	haadm -n entry -j lease show l | jq -e '.[0].holder == "entry"' >/dev/null
}

# told NAME EPOCH CAUSE: the last that happened to the lease there.
told() {
	haadm -n $1 -j event show |
		jq -e "map(select(.kind == \"lease\")) | .[-1] | .cause == \"$3\" and .epoch == $2" >/dev/null
}

# What another node holds it goes on to hold.
resigned() {
	grant 5 9s && wait_for 20 by m1 && suspend 1 300 && ! held && told entry 5 suspend && knows && by_nobody
}

knows() {
	haadm -n m1 -j lease show l | jq -e '.[0].holder == "entry"' >/dev/null
}

# speaks: m1 may send from the vip, for it knows who holds it.
speaks() {
	local before
	before=$(stat_of m1 drop_output)
	n m1 python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("'$vip'", 0))
s.sendto(b"", ("10.0.0.1", 9))' 2>/dev/null
	[ "$(stat_of m1 drop_output)" -eq "$before" ]
}

# The lease of 4 s ends while the machine is suspended. The test repeats in two cases, where it has shown nothing: the
# suspension was too short, or the clock that stops with the machine has counted 4 s as well.
outlasted() {
	local try since awake
	for try in 6 7 8; do
		grant $try 9s && by m1 && speaks || return 1
		since=$(awake)
		grant $try 4s || return 1
		suspend $((10 * (try - 5))) 4000 || continue
		! speaks && ! knows || return 1
		awake=$(($(awake) - since))
		wait_for 20 told m1 $try expired || return 1
		[ $awake -ge 4000 ] || return 0
		echo "awake for $awake ms: by any clock the lease has ended"
	done
	return 1
}

# What the clock shows that stops with the machine, ms.
awake() {
	python3 -c 'import time
print(int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1000))'
}

again() {
	grant 9 9s && by m1
}

ktap_header
[ -e /sys/power/pm_test ] || ktap_skip_all "this kernel cannot be suspended for a test"
make_ready "setup: a holder and a member" prepare
check "a holder gives up its lease before it is suspended" resigned
check "the time for which a machine was suspended counts for others' leases" outlasted
check "a lease can be granted after a suspend" again
check "the module unloads" module_unload
ktap_exit
