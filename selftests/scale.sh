#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Very many vips, each with a service and two members: restored, saved, reached, moved in one switch, deleted.
#
#   scale.sh [N]        vips (5000)
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vips=${1:-${VIPS:-5000}}
most=640	# bytes of kernel memory for each

# nodes: those of the holder's configuration. addr INDEX: the vip of that index, each tenth an IPv6 one.
nodes() {
	echo "node add entry addr 10.0.0.2 addr 2001:db8::2 state up"
	echo "node add m1 addr 10.0.0.11 addr 2001:db8::11 state up"
	echo "node add m2 addr 10.0.0.12 addr 2001:db8::12 state up"
	echo "lease add brief"
}

# many [EACH]: that many vips; each has a service, or only each EACH-th of them.
many() {
	nodes
	awk -v n=$vips -v each="${1:-1}" 'BEGIN {
		for (i = 0; i < n; i++) {
			if (i % 10 == 9) {
				addr = sprintf("2001:db8:1::%x:%x", int(i / 65536) + 1, i % 65536 + 1)
				service = "[" addr "]:53/udp"
			} else {
				addr = sprintf("10.%d.%d.%d", 64 + int(i / 65536), int(i / 256) % 256, i % 256)
				service = addr ":53/udp"
			}
			print "vip add " addr " holder entry stray drop"
			if (i % each)
				continue
			print "service add " service " sched active-standby failback auto"
			print "member add " service " node m1 priority 10 via direct"
			print "member add " service " node m2 priority 20 via direct"
		}
	}'
}

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make || return 1
	nodes >"$work_dir/nodes"
	many >"$work_dir/many"
	haadm -n entry restore "$work_dir/nodes" && wait_for 20 cluster_reaches entry m1 m2 &&
		mac_entry=$(lan_mac entry)
}

# used: memory in use, bytes.
used() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(Slab|Percpu|VmallocUsed):/ { sum += $2 } END { print sum * 1024 }' /proc/meminfo
}

# settled: that, once it has not changed for a while: what was deleted is freed in its own time.
settled() {
	local same=0 tries before after
	before=$(used)
	for ((tries = 0; tries < 200 && same < 8; tries++)); do
		sleep 0.25
		after=$(used)
		same=$((same + 1))
		[ $((after - before)) -lt 65536 ] && [ $((before - after)) -lt 65536 ] || same=0 before=$after
	done
	echo $after
}

restored() {
	entry restore "$work_dir/many" && entry -j status | jq -e . >/dev/null
}

# What is saved is what was restored, however the module has sorted it.
same() {
	entry save >"$work_dir/saved" && sort "$work_dir/many" >"$work_dir/wanted" && sort "$work_dir/saved" |
		diff -q - "$work_dir/wanted" &&
		entry restore "$work_dir/saved" && entry save | cmp - "$work_dir/saved"
}

# Each object of its kind is there once.
dumped() {
	[ "$(entry -j vip show | jq length)" -eq $vips ] && [ "$(entry -j service show | jq length)" -eq $vips ] &&
		[ "$(entry -j member show | jq length)" -eq $((2 * vips)) ]
}

# A dump pauses after it has looked at many vips in vain, and then goes on.
found_among_many() {
	many 1000 >"$work_dir/few" && entry restore "$work_dir/few" &&
		[ "$(entry -j service show | jq length)" -eq $(((vips + 999) / 1000)) ] &&
		[ "$(entry -j member show | jq length)" -eq $((2 * ((vips + 999) / 1000))) ] &&
		[ "$(entry -j vip show | jq length)" -eq $vips ] && entry restore "$work_dir/nodes"
}

# goes EAR: packets to some of the vips, of both families, go to that machine.
goes() {
	local addr source
	for addr in $(grep "^vip add" "$work_dir/many" | cut -d ' ' -f 3 |
		shuf -n 20 --random-source="$work_dir/many") \
		$(grep "^vip add" "$work_dir/many" | cut -d ' ' -f 3 | sed -n '1p;10p;$p'); do
		source=10.0.0.1
		[[ $addr != *:* ]] || source=2001:db8::1
		shot client src=$source dst=$addr to=$mac_entry && heard "$1 in dst=$addr ttl=63" && continue
		echo "$addr"
		return 1
	done
}

# An address between the vips is none.
no_other() {
	grew entry "" shot client src=10.0.0.1 dst=10.63.255.255 to=$mac_entry &&
		unheard "entry out dst=10.63.255.255" &&
		grew entry "" shot client src=2001:db8::1 dst=2001:db8:1::1:0 to=$mac_entry
}

moved() {
	local switches
	switches=$(entry -j stats show | jq .switches)
	entry node set m1 state down && goes m2 && [ "$(entry -j stats show | jq .switches)" -eq $((switches + 1)) ] &&
		entry node set m1 state up && goes m1
}

small() {
	local each=$(((full - empty) / vips))
	ktap_note "$each bytes for each" >&3
	[ $each -le $most ] && return 0
	echo "$each bytes for each: $empty before, $full after"
	return 1
}

# One by one, in another order, until nothing is left.
deleted() {
	grep "^service add" "$work_dir/many" | shuf --random-source="$work_dir/many" |
		sed 's/^service add \([^ ]*\) .*/service del \1/' >"$work_dir/del" &&
		grep "^vip add" "$work_dir/many" | shuf --random-source="$work_dir/many" |
		sed 's/^vip add \([^ ]*\) .*/vip del \1/' >>"$work_dir/del" &&
		entry -b "$work_dir/del" && entry save | cmp - "$work_dir/nodes"
}

# took COMMAND...: runs it, and says how many milliseconds that took.
took() {
	local start=${EPOCHREALTIME/./}
	"$@" || return 1
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

# All at once. A lease is renewed meanwhile, and no renewal waits for half of what a restore takes, however long that
# is. A renewal that a busy machine delays once is no such wait: it would be one each time.
replaced() {
	local i code
	for i in 1 2 3; do
		replaced_once $i && return 0
		code=$?
		[ $code -eq 2 ] || return $code
	done
	return 1
}

# replaced_once EPOCH: 2 if only a renewal was late.
replaced_once() {
	local agent result=0 filled=0 emptied=0 late
	entry lease set brief floor 1 || return 1
	ip netns exec entry ./tools/netlink_hold.py lease-renew brief $1 entry 9 >"$work_dir/agent" 2>&1 &
	agent=$!
	wait_for 20 grep -q held "$work_dir/agent" && filled=$(took entry restore "$work_dir/many") &&
		emptied=$(took entry restore "$work_dir/nodes") && entry -j lease show brief | jq -e '.[0].held' &&
		entry save | cmp - "$work_dir/nodes" || result=1
	# It was still renewing.
	kill $agent || result=1
	wait $agent 2>/dev/null
	late=$(awk '$1 == "late" { late = $2 } END { printf "%d", late * 1000 }' "$work_dir/agent")
	ktap_note "a renewal was late by $late ms, the restores took $filled and $emptied ms" >&3
	[ $result -ne 0 ] || [ $((2 * late)) -lt "$filled" ] || result=2
	[ $result -eq 0 ] || cat "$work_dir/agent"
	return $result
}

# objects: of the module's caches, those that are not free. Shrinking gives back what processors keep for themselves.
objects() {
	local cache sum=0 count
	for cache in hasw_vip hasw_service hasw_member hasw_times; do
		echo 1 >/sys/kernel/slab/$cache/shrink
		read -r count _ </sys/kernel/slab/$cache/objects
		sum=$((sum + count))
	done
	echo $sum
}

freed() {
	wait_for 60 nothing_left && return 0
	echo "$(objects) objects left"
	return 1
}

nothing_left() {
	[ "$(objects)" -eq 0 ]
}

# memory NAME: a point that needs the module's caches to be its own.
memory() {
	if [ -L /sys/kernel/slab/hasw_vip ] || [ ! -e /sys/kernel/slab/hasw_vip ]; then
		ktap_skip "$1" "needs slab_nomerge"
	else
		check "$1" freed
	fi
}

counted() {
	[ "$(objects)" -ge $((4 * vips)) ]
}

exec 3>&1
# crowd: as many nodes as there can be, all of them but the holder members of one service; nobody has a way to them.
crowd() {
	echo "node add entry addr 10.0.0.2 addr 2001:db8::2 state up"
	awk 'BEGIN {
		for (i = 1; i < 1024; i++) printf "node add n%d addr 10.9.%d.%d state up\n", i, i / 250, 1 + i % 250
		print "vip add 10.60.0.1 holder entry stray forward"
		print "service add 10.60.0.1:53/udp sched maglev failback auto"
		for (i = 1; i < 1024; i++) printf "member add 10.60.0.1:53/udp node n%d\n", i
	}'
}

# Over none of them, and over themselves.
crowded() {
	crowd >"$work_dir/crowd" && entry restore "$work_dir/crowd" && entry restore "$work_dir/crowd" &&
		[ "$(entry -j node show | jq length)" -eq 1024 ] && [ "$(entry -j member show | jq length)" -eq 1023 ]
}

ktap_header
make_ready "setup: a client, a holder, two members" prepare
empty=$(settled)
check "$vips vips are restored" restored
full=$(settled)
if [ -e /sys/kernel/debug/kmemleak ]; then
	ktap_skip "each vip takes at most $most bytes" "a debug kernel adds its own"
else
	check "each vip takes at most $most bytes" small
fi
if [ -d /sys/kernel/slab/hasw_vip ] && [ ! -L /sys/kernel/slab/hasw_vip ]; then
	check "the module's objects can be counted" counted
fi
check "save prints what was restored" same
check "show lists each vip, service and member once" dumped
check "packets to vips among thousands reach their member" goes m1
check "packets to addresses between vips are untouched" no_other
check "one switch moves all vips" moved
check "vips deleted one by one leave no object" deleted
memory "no object of deleted vips is left"
check "an empty restore deletes all objects without delaying a renewal" replaced
memory "no object of replaced vips is left"
check "show finds the few services of very many vips" found_among_many
check "1024 nodes with 1023 members of a service are restored" crowded
check_fails "node add of a 1025th node is refused" 2 "as many nodes as there can be" entry node add more addr 10.9.9.9
check "node set finds one of 1024 nodes by name" entry node set n1023 state down
check "an empty restore replaces 1024 nodes" entry restore "$work_dir/nodes"
memory "no object of replaced nodes is left"
ktap_exit
