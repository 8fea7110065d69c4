#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Stale timestamps: when a packet came, which it is stamped with while somebody here wants to know, is not when it may leave.
#
#   stamps.sh
#
# The fq scheduler of Linux takes the one for the other, and drops what is to leave in fifty years.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib.sh
. ./lib.sh
# shellcheck source=selftests/lib-lan.sh
. ./lib-lan.sh
# shellcheck source=selftests/lib-bench.sh
. ./lib-bench.sh

# The port says by what a member is reached: m1, or, by nat, m2, who knows nothing of the vip.
vias=(53:direct 54:tunnel 55:gue 56:nat)

family() {
	v=IPv$1 vip=10.0.0.100 m2=10.0.0.12 client=10.0.0.1 entry=10.0.0.2 at=10.0.0.100
	[ "$1" = 4 ] || { vip=2001:db8::100 m2=2001:db8::12 client=2001:db8::1 entry=2001:db8::2 at="[2001:db8::100]"; }
}

configure() {
	local via port name
	cluster_all "vip add $vip holder entry" || return 1
	for via in "${vias[@]}"; do
		port=${via%:*} name=m1
		[ $port != 56 ] || name=m2
		cluster_all "service add $at:$port/udp" && entry member add $at:$port/udp node $name via ${via#*:} || return 1
		[ $name = m2 ] || { haadm -n m1 member add $at:$port/udp node m1 && bench serve m1 udp $vip $port m1; } || return 1
	done
	bench serve m2 udp $m2 56 m2 && ip -n m2 route add $client via $entry
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

# What a client sends to a node that does not hold the vip.
strays() {
	local code=0 before
	before=$(strayed) && ip -n client route replace $vip via ${entry%2}20 || return 1
	says m1 client udp $vip 53 || code=1
	ip -n client route del $vip && [ "$(strayed)" -gt "$before" ] && return $code
}
strayed() { haadm -n other -j stats show | jq .stray_sent; }

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

kept() { local name; for name in entry other; do tc -n $name -s -j qdisc show dev eth0 | jq -e '.[0].drops == 0' || return 1; done; }

ktap_header
modprobe -q sch_fq || ktap_skip_all "this kernel has no fq"
make_ready "a holder, and a member by all vias" prepare
make_ready "somebody wants to know when packets come" watch_time
family 4
make_ready "fq is on the way out" stamped
for number in 4 6; do
	family $number
	check "$v: by all vias, as a device receives them" answers
	check "$v: and by the complete door" answers prerouting
	check "$v: strays" strays
done
check "fq has dropped nothing" kept
ktap_exit
