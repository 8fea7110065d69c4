#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The groups of solicitations for IPv6 vips behind a NIC that filters: what nobody has joined ends there, vips are
# heard.
#
#   nic_filter.sh KERNEL [NIC]      one of Debian's; a NIC of QEMU's that keeps to its receive filter (e1000, e1000e)
#
# The cable goes to a process of ours, so no device of this machine has a part in it.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

kernel=${1:?KERNEL} nic=${2:-e1000} out=${HASW_OUT:-$(mktemp -d)} dir=$(mktemp -d)
mkdir -p "$out/guest"
"$here/../tools/nic_solicit.py" outside "$dir/outside" "$dir/nic" &
outside=$!
trap 'kill $outside; rm -rf "$dir"' EXIT
wait_for 10 [ -S "$dir/outside" ]
"$here/../lab/run" -t 300 -c 1 -o "$out/guest" \
	-e "-netdev dgram,id=cable,local.type=unix,local.path=$dir/nic,remote.type=unix,remote.path=$dir/outside \
	-device $nic,netdev=cable,mac=02:00:00:00:00:01,romfile=" "$kernel" "$here/../guest/nic_filter.sh" "$nic"
