#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each of two kernels does for host/stopped.sh: `holder` answers for a vip until it is stopped, `asker` asks
# without end.
#
#   stopped.sh holder|asker
# shellcheck disable=SC2119 # module_load takes no words here

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/two_kernels.sh
. ./lib/two_kernels.sh

vip=10.0.0.100

hold() {
	two_join 1 && module_load && ip addr add $vip/32 dev eth0 && haadm node add holder addr 10.0.0.1 self &&
		haadm node add asker addr 10.0.0.2 && haadm lease add l && haadm lease set l floor 1 &&
		haadm vip add $vip on eth0 lease l || return 1
	./tools/stopped_client.py serve $vip
}

if [ "$1" = holder ]; then
	hold
	exit 1
fi
ktap_header
check "setup: a network" two_join 2
# What an address resolves to is not the question, and a neighbour that is silent for long would be forgotten.
check "setup: a permanent neighbour entry of the vip" \
	ip neigh replace $vip lladdr 02:00:00:00:00:01 dev eth0 nud permanent
check "setup: a permanent neighbour entry of the machine" \
	ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
check "a machine that was stopped serves no packet that waited" ./tools/stopped_client.py ask $vip "$HASW_OUT"
ktap_exit
