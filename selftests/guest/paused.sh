#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of two kernels does for host/paused.sh: it has a vip under a lease, hears the other one, and does what it is
# told.
#
#   paused.sh NAME NUMBER OTHER NUMBER
# shellcheck disable=SC2119 # module_load takes no words here

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

me=$1 mine=$2 peer=$3 other=$4
tx=00112233445566778899aabbccddeeff rx=ffeeddccbbaa99887766554433221100
[ "$me" = a ] || read -r tx rx <<<"$rx $tx"

join() {
	modprobe e1000 && wait_for 10 [ -e /sys/class/net/eth0 ] && ip link set eth0 up &&
		ip addr add "10.0.0.$mine/24" dev eth0 &&
		ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
}

# Strays would only be answered by the other one; what a machine itself answers is asked.
configure() {
	(umask 077 && echo "$tx" >/run/tx && echo "$rx" >/run/rx) && module_load &&
		haadm node add "$me" addr "10.0.0.$mine" self && haadm node add "$peer" addr "10.0.0.$other" &&
		haadm lease add l && haadm lease set l floor 1 && haadm vip add 10.0.0.100 on eth0 lease l stray drop &&
		haadm pulse set "$peer" id 7 interval 100ms multiplier 10 path "10.0.0.$mine" "10.0.0.$other" \
			tx-key /run/tx rx-key /run/rx
}

heard() {
	haadm -j pulse show | jq -e '.[0].state == "up"'
}

join && configure && wait_for 100 heard && exec ./tools/paused_net.py serve
exit 1
