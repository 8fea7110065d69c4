#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: where the packets of an established flow go before and after a switch that was acknowledged.
#
#   switch.sh CASE...        each CASE in a network namespace of its own
#
# Prints `figure switch CASE SWITCHES PACKETS OLD NEW LOST`: of PACKETS sent after each of SWITCHES, all in all.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
packets=1000 switches=1

ruleset() { nft -f - || die "nft refuses the rules"; }

# A case is a setup that makes node a serve, and a turn: from node $1 to node $2, by the last byte of their
# addresses. It returns when the kernel has acknowledged.

setup_haswitch_direct() {
	switches=100
	haswitch_restore 1
}
turn_haswitch_direct() {
	if [ "$1" = 2 ]; then haadm node set a state down; else haadm node set a state up; fi
}

setup_ip_forward() { sysctl -qw net.ipv4.ip_forward=1 && ip route add "$vip" via 10.8.0.2; }
turn_ip_forward() { ip route replace "$vip" via "10.8.0.$2"; }

setup_nexthop() {
	sysctl -qw net.ipv4.ip_forward=1 net.ipv4.nexthop_compat_mode=0
	ip nexthop add id 1 via 10.8.0.2 dev out0 && ip route add "$vip" nhid 1
}
turn_nexthop() { ip nexthop replace id 1 via "10.8.0.$2" dev out0; }

setup_nft_ingress_map_fwd() {
	ruleset <<-RULES
		table netdev t {
			map nodes {
				type ipv4_addr : ipv4_addr
				elements = { $vip : 10.8.0.2 }
			}
			chain c {
				type filter hook ingress device in0 priority 0
				counter fwd ip to ip daddr map @nodes device "out0"
			}
		}
	RULES
}
# turn_map FAMILY TO: one transaction.
turn_map() {
	ruleset <<-RULES
		delete element $1 t nodes { $vip }
		add element $1 t nodes { $vip : 10.8.0.$2 }
	RULES
}
turn_nft_ingress_map_fwd() { turn_map netdev "$2"; }

setup_nft_dnat_ct() {
	sysctl -qw net.ipv4.ip_forward=1
	ruleset <<-RULES
		table ip t {
			map nodes {
				type ipv4_addr : ipv4_addr
				elements = { $vip : 10.8.0.2 }
			}
			chain c {
				type nat hook prerouting priority dstnat
				udp dport $port counter dnat to ip daddr map @nodes
			}
		}
	RULES
}
turn_nft_dnat_ct() { turn_map ip "$2"; }

# Tuned: whoever swaps the map then deletes the entries that the vip has in conntrack.
setup_nft_dnat_ct_tuned() { setup_nft_dnat_ct; }
turn_nft_dnat_ct_tuned() {
	turn_map ip "$2"
	conntrack -D -d "$vip" >/dev/null 2>&1
}

ipvs_server() { ipvsadm "$1" -u "$vip:$port" -r "10.8.0.$2" "${@:3}"; }

setup_ipvs_dr() {
	ip addr add "$vip/32" dev lo
	sysctl -qw net.ipv4.vs.conntrack=0
	ipvsadm -A -u "$vip:$port" -s rr && ipvs_server -a 2 -g
}
turn_ipvs_dr() { ipvs_server -a "$2" -g && ipvs_server -e "$1" -g -w 0; }

setup_ipvs_dr_delete() { setup_ipvs_dr; }
turn_ipvs_dr_delete() { ipvs_server -a "$2" -g && ipvs_server -d "$1"; }

setup_ipvs_dr_tuned() { setup_ipvs_dr && sysctl -qw net.ipv4.vs.expire_nodest_conn=1; }
turn_ipvs_dr_tuned() { turn_ipvs_dr_delete "$@"; }

# seen NODE: packets that left for it.
seen() { tc -s filter show dev out0 egress pref "$1" | sed -n 's/.* \([0-9]*\) pkt .*/\1/p'; }

one() {
	local case=$1 from=2 to=3 i node was=() old=0 new=0
	net_in_out || die "no network"
	tc qdisc add dev out0 clsact
	for node in 2 3; do
		tc filter add dev out0 egress pref $node protocol ip flower dst_mac 02:00:00:00:08:0$node action ok ||
			die "no filter"
	done
	"setup_$case" || die "$case can't be set up"
	pktgen_ready "$vip" 0
	pktgen_send $packets
	[ "$(seen 2)/$(seen 3)" = $packets/0 ] ||
		die "$case: before the switch $(seen 2) and $(seen 3) of $packets went to the nodes"
	for ((i = 0; i < switches; i++)); do
		was=([2]="$(seen 2)" [3]="$(seen 3)")
		"turn_$case" $from $to || die "$case: the switch was refused"
		pktgen_send $packets
		old=$((old + $(seen $from) - was[from])) new=$((new + $(seen $to) - was[to]))
		node=$from from=$to to=$node
	done
	figure switch "$case" $switches $packets $old $new $((switches * packets - old - new))
}

if [ "$1" = --one ]; then
	one "$2"
	exit
fi
modprobe -a ip_vs ip_vs_rr pktgen cls_flower sch_ingress || die "modules missing"
failed=0
for case; do
	ip netns add "$case"
	ip -n "$case" link set lo up
	ip netns exec "$case" "$0" --one "$case" || failed=1
	ip netns del "$case"
done
exit $failed
