#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: whose flows move when one of many members goes and comes back.
#
#   remap.sh FLOWS MEMBERS...
#
# Prints for each number of members what remap.py says, of haswitch and of a nexthop group.
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
flows=$1
shift

net_in_out || die "no network"
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.fib_multipath_hash_policy=1
module_load
pktgen_ready "$vip" 0
for count; do
	members "$count" >/run/vips
	members_seen /run/vips || die "no neighbours"
	haadm restore /run/vips || die "haadm restores nothing"
	"${BASH_SOURCE[0]%/*}/remap.py" haswitch "$vip:$port/udp" "$count" "$flows" || die "haswitch, $count members"
	# Without a vip packets are forwarded, as the nexthop group says.
	echo "node add self addr 10.8.0.1 self" >/run/none
	haadm restore /run/none || die "haadm restores nothing"
	ids=
	for ((i = 1; i <= count; i++)); do
		ip nexthop add id $i via "$(awk -v name="n$i" '$3 == name { print $5 }' /run/vips)" dev out0 ||
			die "no nexthop $i"
		ids+=${ids:+/}$i
	done
	ip nexthop add id 9999 group "$ids" || die "no group of $count nexthops"
	ip route add "$vip" nhid 9999 || die "no route"
	"${BASH_SOURCE[0]%/*}/remap.py" nexthop "$vip" "$count" "$flows" || die "a group of $count nexthops"
	ip route del "$vip" && ip nexthop flush >/dev/null
done
