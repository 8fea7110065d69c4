#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The fast path: it decides as the slow path does, and its hook goes where devices go.
#
#   fastpath.sh [PACKETS [SEED]]    so many random packets by each path (5000)
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

packets=${1:-5000} seed=${2:-$RANDOM}
members=(m1 m2 m3)

# One of each kind: ports, protocols, whole vips; one member, spread, local, none, behind a way that is narrower; and
# one that another node holds, which gets what comes here by mistake.
configure() {
	local at=10.0.0. end='' net=10.0.0.
	[ $1 = 4 ] || at=[2001:db8:: end=] net=2001:db8::
	local icmp=icmp
	[ $1 = 4 ] || icmp=icmpv6
	printf '%s\n' "vip add ${net}100 holder entry" "vip add ${net}101 holder entry" \
		"vip add ${net}102 holder entry" "vip add ${net}103 holder entry" "vip add ${net}104 holder entry" \
		"vip add ${net}105 holder m1" \
		"service add ${at}100$end:53/udp" "member add ${at}100$end:53/udp node m1" \
		"service add ${at}100$end:9/udp" "member add ${at}100$end:9/udp node m1" \
		"service add ${at}100$end:80/tcp" "member add ${at}100$end:80/tcp node m3" \
		"service add ${net}101 sched maglev" "member add ${net}101 node m1" \
		"member add ${net}101 node m2 weight 3" \
		"service add ${net}102/tcp sched maglev" "member add ${net}102/tcp node m1" \
		"member add ${net}102/tcp node m3" "service add ${net}102/$icmp" "member add ${net}102/$icmp node m2" \
		"service add ${net}102/sctp" "member add ${net}102/sctp node m2" \
		"service add ${net}102/47" "member add ${net}102/47 node m3" \
		"service add ${at}104$end:53/udp" "member add ${at}104$end:53/udp node entry" \
		"service add ${at}104$end:80/tcp" "member add ${at}104$end:80/tcp node m2" \
		"service add ${net}104/udp" "member add ${net}104/udp node m1" "service add ${net}105" \
		"member add ${net}105 node m2"
}

# Errors are told as often as there is a reason, and to machines that are not there.
prepare() {
	local name number
	need_root
	need haadm jq python3 nft ethtool
	module_load && lan_make && lan_join client 1 && lan_join entry 2 || return 1
	# Else the bridge between them would mend, and drop, what is wrong.
	[ ! -e /proc/sys/net/bridge ] ||
		n lan sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
	number=11
	for name in "${members[@]}"; do
		lan_join $name $number || return 1
		number=$((number + 1))
	done
	n entry sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000000 \
		net.ipv4.icmp_msgs_burst=10000000 2>/dev/null
	printf 'neigh replace %s lladdr 02:00:00:00:00:01 dev eth0 nud permanent\n' 10.0.0.1 10.0.0.201 10.0.0.202 \
		2001:db8::1 2001:db8::201 fe80::201 | ip -n entry -b - &&
		ip -n entry route add 10.0.0.13 dev eth0 mtu 1280 &&
		ip -n entry -6 route add 2001:db8::13 dev eth0 mtu 1280 || return 1
	{
		echo "node add entry addr 10.0.0.2 addr 2001:db8::2 self"
		number=11
		for name in "${members[@]}"; do
			echo "node add $name addr 10.0.0.$number addr 2001:db8::$number"
			number=$((number + 1))
		done
		configure 4 && configure 6
	} >"$work_dir/configuration"
	haadm -n entry -b "$work_dir/configuration" && wait_for 20 cluster_reaches entry "${members[@]}"
}

hooks() { [ "$(haadm -n entry -j status | jq .doors)" = $1 ]; }

alike() {
	./tools/fastpath_compare.py $packets $seed "$(lan_mac entry)" client entry "${members[@]}" \
		>"$work_dir/alike" || return 1
	jq -c 'del(.different)' "$work_dir/alike" >&3
	jq -e '.different == [] and .counters == {}' "$work_dir/alike" >/dev/null && return 0
	jq . "$work_dir/alike"
	return 1
}

share() { jq -e '.fast * 10 > .sent and .fast < .sent and .out > .fast' "$work_dir/alike"; }
no_share() { jq -e '.slow == 0' "$work_dir/alike"; }

# The number of devices that have it is told: fewer than there are for those that somebody above takes frames from.
comes() {
	printf '%s\n' "link add x0 type veth peer name x1" "link add br9 type bridge" | ip -n entry -b - &&
		wait_for 10 hooks 4
}
bridged() {
	ip -n entry link set x0 master br9 && wait_for 10 hooks 3 && ip -n entry link set x0 nomaster &&
		wait_for 10 hooks 4
}
bonded() {
	ip -n entry link add bond9 type bond && wait_for 10 hooks 5 && ip -n entry link set x0 master bond9 &&
		wait_for 10 hooks 4 && ip -n entry link del bond9 && wait_for 10 hooks 4
}
# Without vips it would merge what comes.
merges() { [[ $(n $1 ethtool -k ${3:-bond9}) = *"large-receive-offload: $2"* ]]; }
unmerged() {
	ip -n client link add bond9 type bond && merges client on && ip -n client link del bond9 &&
		ip -n entry link add bond9 type bond && wait_for 10 merges entry off && ip -n entry link del bond9
}
macvlan() {
	ip -n entry link add mv9 link x1 type macvlan && wait_for 10 hooks 4 && ip -n entry link del mv9 &&
		wait_for 10 hooks 4
}
vlan() {
	ip -n entry link add x0.5 link x0 type vlan id 5 && wait_for 10 hooks 5
}
moved() {
	ip -n entry link set x1 netns client && wait_for 10 hooks 4 && ip -n client link set x1 netns entry &&
		wait_for 10 hooks 5
}
# With x0 its VLAN and its peer go.
goes() {
	ip -n entry link del x0 && wait_for 10 hooks 2 && ip -n entry link del br9 && wait_for 10 hooks 1
}

# restored LINE...: that is all.
restored() { printf '%s\n' "$@" | haadm -n entry restore -; }

named() {
	printf '%s\n' "link add x0 type veth peer name x1" | ip -n entry -b - || return 1
	restored "vip add 10.0.9.1 on x0" "vip add 10.0.9.2 on x0 on x1" "vip add 2001:db8:9::1 hook prerouting" &&
		wait_for 10 hooks 2
}
# A device is followed, and another one that comes by its name.
renamed() {
	ip -n entry link set x0 name x8 && haadm -n entry vip show 10.0.9.1 | grep ' on x8 ' &&
		ip -n entry link del x8 &&
		wait_for 10 hooks 0 && printf '%s\n' "link add x8 type veth peer name x1" | ip -n entry -b - &&
		wait_for 10 hooks 2
}
# Replies of members via nat come by any device. A service that is deleted takes its members along.
by_service() {
	haadm -n entry node add m1 addr 10.0.0.11 && haadm -n entry service add 10.0.9.1:80/tcp sched rr &&
		haadm -n entry member add 10.0.9.1:80/tcp node m1 via nat && wait_for 10 hooks 3 &&
		haadm -n entry service del 10.0.9.1:80/tcp && wait_for 10 hooks 2 && haadm -n entry node del m1
}
by_vip() {
	haadm -n entry vip set 10.0.9.2 hook prerouting && wait_for 10 hooks 1 && haadm -n entry vip del 10.0.9.1 &&
		wait_for 10 hooks 0 && haadm -n entry vip set 2001:db8:9::1 hook ingress && wait_for 10 hooks 3
}
last() {
	haadm -n entry vip del 2001:db8:9::1 && haadm -n entry vip set 10.0.9.2 hook ingress && wait_for 10 hooks 2 &&
		haadm -n entry vip del 10.0.9.2 && wait_for 10 hooks 0
}

# fast_in NUMBER...: a datagram takes the fast path so often.
fast() { haadm -n entry -j stats show | jq .fast; }
datagram() { n client bash -c "echo >/dev/udp/10.0.0.100/53"; }
took() { [ $(($(fast) - $1)) = $2 ]; }
fast_in() {
	local before
	before=$(fast)
	datagram && datagram && wait_for 5 took $before $1
}

# A rule of netdev's own filter is asked before.
filtered() {
	local passed
	fast_in 2 || return 1
	n entry nft -f - <<-RULES || return 1
		table netdev filter {
			chain in {
				type filter hook ingress device eth0 priority filter
				udp dport 53 counter drop
			}
		}
	RULES
	fast_in 0 && passed=$(n entry nft list chain netdev filter in) && [[ $passed = *"packets 2 "* ]] &&
		n entry nft delete table netdev filter && fast_in 2
}

# Replies of members via nat are sent on, too, whichever device receives them, and whatever the vip's hook.
unmerged_replies() {
	printf '%s\n' "link add bond8 type bond" "link add bond9 type bond" | ip -n entry -b - &&
		restored "node add entry addr 10.0.0.2 self" "node add m1 addr 10.0.0.11" \
			"vip add 10.0.9.1 everywhere on x8 hook prerouting" \
			"service add 10.0.9.1:80/tcp sched rr" "vip add 10.0.9.2 everywhere on bond9 hook prerouting" &&
		wait_for 10 merges entry off && merges entry on bond8 &&
		haadm -n entry member add 10.0.9.1:80/tcp node m1 via nat && wait_for 10 merges entry off bond8 &&
		printf 'link del %s\n' bond8 bond9 | ip -n entry -b -
}
# What is for such a device's own address is not the macvlan's. The first hook shows that no vip wants all devices.
unmerged_below() {
	restored "vip add 10.0.9.1 on x8" && wait_for 10 hooks 1 &&
		printf '%s\n' "link add bond9 type bond" "link add mv9 link bond9 type macvlan" |
		ip -n entry -b - && merges entry on && restored "vip add 10.0.9.1 on bond9" &&
		wait_for 10 merges entry off && ip -n entry link del bond9
}

exec 3>&1
ktap_header
make_ready "setup: a client, an entry with all kinds of vips, and members" prepare
check "the vips' device has the fast path's hook" wait_for 10 hooks 1
check "$packets packets, seed $seed: fast path and slow path do the same" alike
check "hook ingress lets packets take the fast path" share
check "hook prerouting lets no packet take the fast path" no_share
check "every packet had one fate" adds_up entry
check "the fast path gets no packet that nft drops at ingress" filtered
check "a new device has the hook" comes
check "a device has no hook while it is a port of a bridge" bridged
check "a device has no hook while it is a port of a bond" bonded
check "a bond with the hook has large receive offload off" unmerged
check "a device below a macvlan has no hook" macvlan
check "a VLAN device and the device below both have the hook" vlan
check "a device that leaves the namespace and returns has the hook again" moved
check "deleted devices take their hooks along" goes
check "only the devices that vips name have the hook" named
check "a named device that is renamed or made anew has the hook" renamed
check "all devices have the hook only while a service has a member via nat" by_service
check "a device has the hook only while a vip with hook ingress names it" by_vip
check "no device has the hook without vips" last
check "every device has large receive offload off while a service has a member via nat" unmerged_replies
check "a device below a macvlan has large receive offload off" unmerged_below
ktap_exit
