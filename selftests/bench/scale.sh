#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: how long many vips take to restore, and the kernel memory that they hold.
#
#   scale.sh VIPS
#
# Prints `figure restore VIPS MICROSECONDS` and `figure memory VIPS BYTES FREE-BYTES`: what slab, per-CPU and vmalloc
# memory grew by, and by how much the free memory shrank.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
count=$1

# memory: KiB that the kernel's allocators hold, and KiB free.
memory() {
	awk '/^(Slab|Percpu|VmallocUsed):/ { held += $2 } /^MemFree:/ { free = $2 } END { print held, free }' /proc/meminfo
}

# settled: the memory once it stands still: what RCU frees, and a worker after it, comes late. A script that looks moves
# it a little.
settled() {
	local last=0 now tries
	for tries in {1..60}; do
		sleep 0.5
		now=$(memory)
		[ $((${now% *} - last)) -gt 64 ] || [ $((last - ${now% *})) -gt 64 ] || break
		last=${now% *}
	done
	[ "$tries" -lt 60 ] || die "the memory never stood still"
	echo "$now"
}

net_in_out || die "no network"
module_load
configuration "$count" >/run/vips
# Everything that a restore needs of the machine is in memory before it is timed, as in a second restore.
haadm restore --check /run/vips || die "the vips are no good"
read -r held free < <(settled)
begin=${EPOCHREALTIME/./}
haadm restore /run/vips || die "haadm restores nothing"
end=${EPOCHREALTIME/./}
read -r held_now free_now < <(settled)
[ "$(haadm vip show | wc -l)" -eq "$count" ] || die "not $count vips are there"
figure restore "$count" $((end - begin))
figure memory "$count" $(((held_now - held) * 1024)) $(((free - free_now) * 1024))
