#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Stale timestamps: when a packet came, which it is stamped with while somebody here wants to know, is not when it may
# leave.
#
#   path-tstamp.sh
#
# The fq scheduler of Linux takes the one for the other, and drops what is to leave in fifty years.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/vias.sh
. ./lib/vias.sh

configure() {
	local port
	vias_configure udp || return 1
	for port in 53 54 55; do traffic serve m1 udp $vip $port m1 || return 1; done
	traffic serve m2 udp $m2 56 m2
}

prepare() {
	local number
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add || return 1
	for number in 4 6; do family $number && configure || return 1; done
	cluster_ready && wait_for 30 all_say
}

# answers [HOOK]: by each via, forth and back.
answers() {
	local via
	entry vip set $vip hook ${1:-ingress} || return 1
	for via in "${vias[@]}"; do says m client udp $vip ${via%:*} || { echo "via ${via#*:}"; return 1; }; done
	entry vip set $vip hook ingress
}
all_say() { local number; for number in 4 6; do family $number && answers && answers prerouting || return 1; done; }

# Who wants to know is a socket of any namespace.
watch_time() {
	coproc watcher { python3 -c 'import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, 29, 1)  # SO_TIMESTAMP
print("ready", flush=True)
sys.stdin.read()'; }
	local line
	read -r line <&"${watcher[0]}" && [ "$line" = ready ]
}

# It is there, and takes what leaves.
stamped() {
	local before after name
	for name in entry other; do tc -n $name qdisc replace dev eth0 root fq || return 1; done
	before=$(taken) && n entry ping -q -c 1 -W 5 $m2 && after=$(taken) && [ "$after" -gt "$before" ]
}
taken() { tc -n entry -s -j qdisc show dev eth0 | jq '.[0].packets'; }

kept() {
	local name; for name in entry other; do tc -n $name -s -j qdisc show dev eth0 | jq -e '.[0].drops == 0' ||
		return 1; done
}

ktap_header
modprobe -q sch_fq || ktap_skip_all "this kernel has no fq"
make_ready "setup: a holder, and a member by all vias" prepare
make_ready "setup: a socket asks for receive timestamps" watch_time
family 4
make_ready "setup: fq is the holder's queueing discipline" stamped
for number in 4 6; do
	family $number
	check "$v: packets by all vias leave without receive timestamps" answers
	check "$v: packets by the slow path leave without receive timestamps" answers prerouting
	check "$v: strays leave without receive timestamps" astray says m1 client udp $vip 53
done
check "fq has dropped nothing" kept
ktap_exit
