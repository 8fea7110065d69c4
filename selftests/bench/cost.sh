#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest that counts instructions: what one packet costs in one case, and that it was redirected at all.
#
#   cost.sh CASE PACKETS REPEATS DROP-MODULE [symbols]
#
# Prints `figure cost PACKETS MICROSECONDS` for each repeat; a guest nanosecond is an instruction. With `symbols` the
# addresses of all functions come to $HASW_OUT/kallsyms.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
case=$1 packets=$2 repeats=$3 drop=$4
# What every case must have done to a packet: sent it to a node's MAC with one less of TTL (pktgen sends 32).
redirects=yes target=$vip

ruleset() { nft -f - || die "nft refuses the rules"; }

setup() {
	case $case in
	drop) insmod "$drop" dev=in0 ;;
	haswitch-direct) haswitch_restore 1 && doors ;;
	haswitch-direct-complete) words="hook prerouting" haswitch_restore 1 ;;
	haswitch-maglev)
		haswitch_restore 1 && haadm service set "$vip:$port/udp" sched maglev && doors
		;;
	haswitch-direct-100k)
		# Their announcements are repeated, at a capped rate: that work is no part of a packet's cost, and ends.
		haswitch_restore 100000 && sleep 30 && doors
		;;
	haswitch-direct-holder) haswitch_owned "holder self" ;;
	haswitch-direct-lease) haswitch_owned "lease l" && haadm lease set l floor 1 ;;
	ip-forward) forward_on && ip route add "$vip" via 10.8.0.2 ;;
	haswitch-miss)
		# What a packet pays that is not for any vip, on top of ip-forward.
		target=10.1.0.1
		haswitch_restore 1 && doors && forward_on && ip route add $target via 10.8.0.2
		;;
	nft-miss)
		forward_on && ip route add "$vip" via 10.8.0.2 || return 1
		ruleset <<-RULES
			table netdev t {
				chain c {
					type filter hook ingress device in0 priority 0
					ip daddr 10.1.0.1 drop
				}
			}
		RULES
		;;
	nexthop-resilient)
		sysctl -qw net.ipv4.ip_forward=1 net.ipv4.nexthop_compat_mode=0
		ip nexthop add id 1 via 10.8.0.2 dev out0 && ip nexthop add id 2 via 10.8.0.3 dev out0 &&
			ip nexthop add id 9 group 1/2 type resilient buckets 32 &&
			ip route add "$vip" nhid 9
		;;
	nft-ingress-map-fwd)
		# "fwd ip to" looks up the neighbour and takes one from the TTL.
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
		;;
	ipvs-dr)
		modprobe -a ip_vs ip_vs_rr || return 1
		ip addr add "$vip/32" dev lo
		sysctl -qw net.ipv4.vs.conntrack=0
		ipvsadm -A -u "$vip:$port" -s rr && ipvsadm -a -u "$vip:$port" -r 10.8.0.2 -g
		;;
	nft-dnat-ct)
		forward_on
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
		;;
	*) die "no case $case" ;;
	esac
}

# haswitch_owned WORDS: one vip, owned by this machine as the words say. Nothing but them differs between the cases.
haswitch_owned() {
	[ -e /sys/module/haswitch ] || module_load
	{
		echo "node add self addr 10.8.0.1 self"
		echo "lease add l"
		configuration 1 "$1 on in0"
	} >/run/vips
	haadm restore /run/vips || die "haadm restores nothing"
	doors
}

# doors: vips are seen at ingress as well, which comes a moment after they do.
doors() {
	local i
	for ((i = 0; i < 100; i++)); do
		! haadm -j status | grep -q '"doors": *[1-9]' || return 0
		sleep 0.1
	done
	die "no device has the fast door"
}

# ready: done before packets are sent. A lease lasts for 10 s at most, and those are seconds of guest time; each renewal
# is a new deadline.
ready() {
	[ "$case" != haswitch-direct-lease ] || haadm lease set l epoch 1 holder self for 10s || die "the lease is refused"
}

# held: the lease is had at this time, and was then all along.
held() {
	[ "$case" != haswitch-direct-lease ] || haadm -j lease show l | grep -q '"held": *true' ||
		die "the lease ran out: $(haadm lease show l)"
}

forward_on() { sysctl -qw net.ipv4.ip_forward=1; }

# verify: a few packets, looked at by a filter on their way out, which also makes the entries of tracking peers.
verify() {
	local seen
	tc qdisc add dev out0 clsact
	tc filter add dev out0 egress pref 1 protocol ip flower dst_mac 02:00:00:00:08:00/ff:ff:ff:ff:ff:00 ip_ttl 31 action ok ||
		die "no filter"
	ready
	pktgen_send 10
	held
	seen=$(tc -s filter show dev out0 egress | sed -n 's/.* \([0-9]*\) pkt .*/\1/p')
	tc qdisc del dev out0 clsact
	[ "$seen" = 10 ] || die "of 10 packets $seen went to a node with their TTL decremented"
}

net_in_out || die "no network"
setup || die "$case can't be set up"
[ "$case" != drop ] || redirects=no
pktgen_ready "$target" 0
[ $redirects = no ] || verify
ready
pktgen_send 1000

for ((i = 0; i < repeats; i++)); do
	ready
	before=$(sent out0)
	pktgen_send "$packets"
	out=$(($(sent out0) - before))
	[ $redirects = no ] && wanted=0 || wanted=$packets
	[ "$out" -eq "$wanted" ] || die "$out packets of $packets went out"
	took=$(pktgen_took)
	held
	figure cost "$packets" "$took"
done
[ "${5:-}" != symbols ] || cat /proc/kallsyms >"$HASW_OUT/kallsyms"
