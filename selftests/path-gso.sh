#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets that are many in one (GSO), of each kind that the kernel makes, by all vias: all segments arrive. Those that a
# device has merged by LRO, which nobody can segment again, are dropped.
#
#   path-gso.sh [few] [FAMILY...]   4 and 6 if not told; `few`: of each protocol the kind with most to do, by one hook
# shellcheck disable=SC2086,SC2119,SC2154,SC2015 # no spaces in words; families come from vias.sh; A && B || say so

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/vias.sh
. ./lib/vias.sh

cluster_nodes=(entry:2 m1:11 m2:12)
count=40 size=1000 bytes=200000 mss=1448

# What makes the kinds. The client's device segments what it cannot send whole; a veth merges (GRO) what its peer cannot
# send whole: as one large datagram or segment, or, with rx-gro-list, as a list of whole packets. What the member's
# device merges are packets of the tunnel.
#   NAME:PROTOCOL:FEATURES OF THE CLIENT:OF ENTRY:OF M1 AND M2
kinds=(
	"one datagram of the sender:udp:tx-udp-segmentation on::"
	"a datagram that a virtual machine makes:dodgy:tx-udp-segmentation on::"
	"datagrams merged into one:udp:tx-udp-segmentation off:gro on rx-udp-gro-forwarding on:"
	"datagrams merged into a list:udp:tx-udp-segmentation off:gro on rx-gro-list on:"
	"summed datagrams merged into a list:udp:tx off tx-udp-segmentation off:gro on rx-gro-list on:"
	"datagrams merged into a list twice:udp:tx-udp-segmentation off:gro on rx-gro-list on:gro on rx-gro-list on"
	"one segment of the sender:tcp:tso on::"
	"segments merged into one:tcp:tso off:gro on:"
	"segments merged into a list:tcp:tso off:gro on rx-gro-list on:"
	"segments merged into a list twice:tcp:tso off:gro on rx-gro-list on:gro on rx-gro-list on"
)

few_kinds=("${kinds[3]}" "${kinds[8]}")

configure() {
	local proto
	vias_configure udp tcp || return 1
	for proto in udp tcp; do
		entry service add $at:57/$proto && entry member add $at:57/$proto node entry || return 1
	done
}

prepare() {
	local number
	need_root
	need haadm jq python3 ethtool
	module_load && cluster_make && cluster_nodes_add || return 1
	mac_entry=$(lan_mac entry)
	for number in $families; do family $number && configure || return 1; done
	cluster_ready && cluster_deaf && for number in $families; do family $number && warm || return 1; done
}

# The client learns the MTU of the tunnels, for which segments have to be sent again.
warm() { ./tools/tcp_stream.py client m1 $vip 54 $bytes && ./tools/tcp_stream.py client m1 $vip 55 $bytes; }

# holds NAME NS: how long its device waits for more of what it merges. Without that, what a poll of the device finds is
# merged alone, and that is little on a slow machine.
holds() { n $1 sh -c "echo $2 >/sys/class/net/eth0/gro_flush_timeout"; }

# features CLIENT ENTRY MEMBERS: sets them; those that are not told of are as at first.
features() {
	local name
	for name in entry m1 m2; do
		n $name ethtool -K eth0 gro off rx-gro-list off rx-udp-gro-forwarding off && holds $name 0 || return 1
	done
	for name in entry m1 m2; do n lan ethtool -K $name-eth0 tso on || return 1; done
	n client ethtool -K eth0 tx on tso on gso on tx-udp-segmentation on || return 1
	n client ethtool -K eth0 $1 || return 1
	[ -z "$2" ] || merges entry "$2" || return 1
	[ -z "$3" ] || { merges m1 "$3" && merges m2 "$3"; }
}

# merges NAME FEATURES: its device merges so.
merges() { n lan ethtool -K $1-eth0 tso off && n $1 ethtool -K eth0 $2 && holds $1 2000000; }

# datagrams SERVER PORT [OPTION]: all of them arrive, once and alike, and came to the entry in fewer packets, unless it
# has a socket for them itself: then it merges them to lists only.
datagrams() {
	local said before ttl=63 most=$((count / 4))
	[ $1 != entry ] || ttl=64 most=$count
	before=$(stat_of entry seen)
	said=$(./tools/segments.py client $1 $client $vip $2 $count $size ${3:-}) || return $?
	jq -e ".arrived == .sent and .more == 0 and .ttls == [$ttl]" <<<"$said" >/dev/null &&
		[ $(($(stat_of entry seen) - before)) -le $most ] && return 0
	echo "$said in $(($(stat_of entry seen) - before)) packets"
	return 1
}

# shellcheck disable=SC2016 # the dollar is awk's
retransmitted() { n $1 awk '/^Tcp: [0-9]/ { print $13 }' /proc/net/snmp; }

# stream SERVER PORT [ADDR]: all of it arrives, with one hop less unless entry is the server, and with right checksums.
# To entry it comes as packets of at least two segments each. Lists are known by their checksum, which is that of their
# first packet: entry's device makes none for a socket of its own. The server gets single segments of a list, unless its
# device merges them again; else it gets packets of many. Nothing has to be sent again, but for a probe or two of a slow
# machine.
stream() {
	local before again said hops=63 largest="> $mss" lists="== 0"
	[ $1 != entry ] || hops=64
	case $1-$name in
	entry-*) ;;
	*"a list") largest="<= $mss" lists="> 0" ;;
	*twice) largest="> 0" lists="> 0" ;;
	esac
	before=$(retransmitted client) && said=$(./tools/tcp_arrivals.py entry $1 $vip $2 \
		./tools/tcp_stream.py client $1 $vip $2 $bytes ${3:-}) || { echo "$said" && return 1; }
	again=$(($(retransmitted client) - before))
	[ $again -le $((bytes / mss / 20)) ] && jq -e "all(.bytes >= $bytes) and .entry.wrong $lists and
		.entry.packets * 2 * $mss <= .entry.bytes and .server.ttls == [$hops] and .server.wrong == 0 and
		.server.largest $largest" <<<"$said" >/dev/null && return 0
	echo "$said, $again segments sent again"
	return 1
}

# by VIA PROTOCOL
by() {
	local port=$1 proto=$2 server=m1 own=''
	case ${port#*:} in local) server=entry ;; nat) server=m2 own=at=$m2 ;; esac
	case $proto in
	udp) datagrams $server ${port%:*} ;;
	dodgy) datagrams $server ${port%:*} dodgy=$mac_entry ;;
	tcp) stream $server ${port%:*} $own ;;
	esac
}

# by_all PROTOCOL HOOK: each via, even after one that fails.
by_all() {
	local via code=0 failed=0
	entry vip set $vip hook $2 || return 1
	for via in 57:local "${vias[@]}"; do
		code=0
		by $via $1 || code=$?
		[ $code -ne 4 ] || return 4
		[ $code -eq 0 ] || { failed=1 && echo "by ${via#*:}, hook $2"; }
	done
	return $failed
}

# lro_made: a module for what none of a guest's devices does.
lro_made() {
	local kdir arch=''
	kdir=$(<"${HASW_KO%/*}/.kdir") && cp -r tools/lro "$work_dir/lro" || return 1
	! grep -q '^CONFIG_UML=y' "$kdir/.config" || arch=ARCH=um
	make -s -C "$kdir" M="$work_dir/lro" $arch modules >&2
}
# lro_loaded [linear=1]: entry's device seems to merge packets by LRO, or makes them linear.
lro_loaded() { n entry insmod "$work_dir/lro/hasw_lro.ko" dev=eth0 "$@"; }

# refused FROM SERVER SOURCE ADDR PORT SPORT: a datagram arrives, and then none of those that have come as one packet,
# be it longer than the MTU or not.
refused() {
	local before said many
	said=$(./tools/segments.py $1 $2 $3 $4 $5 1 100 sport=$6) && jq -e '.arrived == 1' <<<"$said" >/dev/null ||
		{ echo "one: $said" && return 1; }
	for many in "10 100" "$count $size"; do
		before=$(stat_of entry drop_mtu)
		said=$(./tools/segments.py $1 $2 $3 $4 $5 $many sport=$6 wait=0.3) || return $?
		jq -e '.arrived == 0 and .more == 0' <<<"$said" >/dev/null &&
			[ $(($(stat_of entry drop_mtu) - before)) -eq 1 ] && continue
		echo "$said, drop-mtu counted $(($(stat_of entry drop_mtu) - before)) times"
		return 1
	done
}

# refused_all HOOK: by each via, and the replies of the member by nat, even after one that fails.
refused_all() {
	local via failed=0 server
	entry vip set $vip hook $1 || return 1
	for via in "${vias[@]}"; do
		server=m1
		[ ${via#*:} != nat ] || server=m2
		refused client $server $client $vip ${via%:*} 4999 || { failed=1 && echo "by ${via#*:}"; }
	done
	refused m2 client $m2 $client 4999 56 || { failed=1 && echo "replies by nat"; }
	return $failed
}

all_add_up() { adds_up entry && adds_up m1; }

hooks="ingress prerouting" few=no
if [ "${1:-}" = few ]; then
	few=yes hooks=ingress
	kinds=("${few_kinds[@]}")
	shift
fi
families=${*:-4 6}
ktap_header
make_ready "setup: a holder, and members by all vias" prepare
for number in $families; do
	family $number
	for kind in "${kinds[@]}"; do
		IFS=: read -r name proto of_client of_entry of_members <<<"$kind"
		features "$of_client" "$of_entry" "$of_members" >/dev/null ||
			{ ktap_skip "$v: $name" "this kernel has no such feature" && continue; }
		for hook in $hooks; do
			point="$v: $name: all segments arrive by all vias, hook $hook"
			said=$(by_all $proto $hook 2>&1)
			case $? in
			0) ktap_ok "$point" ;;
			4) ktap_skip "$point" "this kernel has no such packets" ;;
			*) ktap_fail "$point" "$said" ;;
			esac
		done
	done
done
if [ $few = yes ]; then
	check "counter seen is the sum of the packets' fates" all_add_up
	ktap_exit
fi
make_ready "setup: a module that changes what a device receives" lro_made
check "a device makes packets linear" lro_loaded linear=1
name="packets made linear"
features "tso on tx-udp-segmentation on" "" "" >/dev/null
for number in $families; do
	family $number
	for proto in udp tcp; do
		check "$v: $proto packets that were made linear: all segments arrive by all vias" by_all $proto ingress
	done
done
check "the device makes packets linear no more" rmmod hasw_lro
check "a device merges packets by LRO" lro_loaded
features "tx-udp-segmentation on" "" "" >/dev/null
for number in $families; do
	family $number
	for hook in ingress prerouting; do
		check "$v: packets merged by LRO are dropped by all vias, hook $hook" refused_all $hook
	done
done
check "the device merges no packets any more" rmmod hasw_lro
check "counter seen is the sum of the packets' fates" all_add_up
ktap_exit
