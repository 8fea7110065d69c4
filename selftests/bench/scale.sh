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

net_in_out || die "no network"
module_load
configuration "$count" >/run/vips
# Everything that a restore needs of the machine is in memory before it is timed, as in a second restore.
haadm restore --check /run/vips || die "the vips are no good"
read -r held free < <(memory_settled)
begin=${EPOCHREALTIME/./}
haadm restore /run/vips || die "haadm restores nothing"
end=${EPOCHREALTIME/./}
read -r held_now free_now < <(memory_settled)
[ "$(haadm vip show | wc -l)" -eq "$count" ] || die "not $count vips are there"
figure restore "$count" $((end - begin))
figure memory "$count" $(((held_now - held) * 1024)) $(((free - free_now) * 1024))
