#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `haadm explain` agrees with the path: of each packet it says what becomes of it then.
#
#   explain.sh [PACKETS [SEED]]    so many random packets besides the others (400)
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

packets=${1:-400} seed=${2:-$RANDOM}
members=(m1 m2 m3)

# One of each kind: see tools/explain_compare.py for who is asked for what.
configure() {
	local net=10.0.0. at=10.0.0. end='' icmp=icmp by=tunnel other=gue number
	[ $1 = 4 ] || net=2001:db8:: at=[2001:db8:: end=] icmp=icmpv6 by=gue other=tunnel
	for number in 100 101 102 103 104 106 107 111 112 113; do echo "vip add ${net}$number everywhere"; done
	printf '%s\n' "vip add ${net}105 holder m1" "vip add ${net}108 holder m1 stray drop" \
		"vip add ${net}109 lease other" "vip add ${net}110 lease mine" \
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
		"service add ${net}104/udp" "member add ${net}104/udp node m1" \
		"service add ${net}105" "member add ${net}105 node m2" "member add ${net}105 node entry" \
		"service add ${at}106$end:80/tcp sched rr failback auto" \
		"service add ${at}106$end:53/tcp sched wlc failback auto" \
		"service add ${at}106$end:443/tcp sched wrr persist 5m failback auto" \
		"service add ${at}106$end:80/udp sched random failback auto" \
		"service add ${at}106$end:53/udp sched rr one-packet on" \
		"service add ${at}107$end:53/udp" "member add ${at}107$end:53/udp node gone" \
		"service add ${at}107$end:80/tcp on-empty reject" "member add ${at}107$end:80/tcp node tired" \
		"service add ${at}107$end:443/tcp on-empty m2" "member add ${at}107$end:443/tcp node gone" \
		"service add ${at}107$end:80/udp on-empty entry" "member add ${at}107$end:80/udp node gone" \
		"service add ${net}108/udp" "member add ${net}108/udp node m2" \
		"service add ${net}109" "member add ${net}109 node m1" \
		"service add ${net}110/udp" "member add ${net}110/udp node m2 via $by" \
		"service add ${at}110$end:80/tcp sched lc" "member add ${at}110$end:80/tcp node m2 via $other" \
		"service add ${net}111" "member add ${net}111 node nowhere" \
		"service add ${net}112" "member add ${net}112 node m3" \
		"service add ${at}113$end:53/udp" "member add ${at}113$end:53/udp node m1 via nat port 5353" \
		"service add ${at}113$end:54/udp" "member add ${at}113$end:54/udp node m3 via nat port 5353" \
		"service add ${at}113$end:55/udp" "member add ${at}113$end:55/udp node m1 via nat port 5353" \
		"service add ${at}113$end:80/tcp sched rr" "member add ${at}113$end:80/tcp node m1 via nat port 8160" \
		"service add ${at}113$end:443/udp snat on" "member add ${at}113$end:443/udp node m1 via nat port 8523" \
		"service add ${net}113/$icmp" "member add ${net}113/$icmp node m2 via nat" \
		"service add ${net}113/sctp" "member add ${net}113/sctp node m1 via nat"
	for number in 80/tcp 53/tcp 443/tcp 80/udp 53/udp; do
		printf '%s\n' "member add ${at}106$end:$number node m1" \
			"member add ${at}106$end:$number node m2 weight 2" "member add ${at}106$end:$number node m3"
	done
}

# Errors are told as often as there is a reason, and to machines that are not there. Processes may send from vips.
prepare() {
	local name number
	need_root
	need haadm jq python3
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
		printf '%s\n' "node add gone addr 10.0.0.31 addr 2001:db8::31 state down" \
			"node add tired addr 10.0.0.32 addr 2001:db8::32 state drain" \
			"node add nowhere addr 10.0.0.33 addr 2001:db8::33" "lease add mine" "lease add other" \
			"lease set mine floor 1" "lease set other floor 1"
		# What ends between the question and the packet changes who has the fewest.
		echo "flow set tcp-syn 1h tcp 1h tcp-closing 1h udp 1h other 1h"
		configure 4 && configure 6
	} >"$work_dir/configuration"
	haadm -n entry -b "$work_dir/configuration" &&
		ip -n entry addr add 10.0.0.120/32 dev ha0 scope host &&
		ip -n entry addr add 2001:db8::120/128 dev ha0 nodad &&
		wait_for 20 cluster_reaches entry "${members[@]}" && wait_for 20 hooks 1
}

hooks() { [ "$(haadm -n entry -j status | jq .doors)" = $1 ]; }

agrees() {
	./tools/explain_compare.py $packets $seed "$(lan_mac entry)" client entry "${members[@]}" \
		>"$work_dir/agrees" || return 1
	jq -c 'del(.wrong)' "$work_dir/agrees" >&3
	jq -e '.wrong == []' "$work_dir/agrees" >/dev/null && return 0
	jq -c '.wrong[]' "$work_dir/agrees"
	return 1
}

# Each way, each counter, both paths, all that is known of flows.
covers() {
	jq -e '(.ways | has("direct") and has("tunnel") and has("stray") and has("local") and has("stack") and
		has("none") and has("pieces") and has("drop-not-holder") and has("drop-no-member") and
		has("drop-unresolved") and has("drop-ttl") and has("drop-mtu") and has("drop-malformed") and
		has("drop-flow-alike") and has("drop-output") and has("nat") and has("drop-source") and
		has("answer") and has("neighbour")) and
		(.paths | has("fast") and has("pick") and has("header") and has("via") and has("size") and
		has("local")) and
		(.flows | has("known") and has("new") and has("moved") and has("unknown"))' "$work_dir/agrees"
}

# told WORDS PATTERN: what is said of that packet.
told() {
	local text
	text=$(haadm -n entry explain $1) && grep -E -- "$2" <<<"$text" && return 0
	echo "$text"
	return 1
}

# Asking ten times changes nothing: neither what is counted, nor whose turn it is, nor what flows there are.
changes_nothing() {
	local before after
	before=$(state) || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		haadm -n entry -j explain 10.0.0.1:7000 10.0.0.106:80 in eth0 &&
			haadm -n entry -j explain 10.0.0.1:7001 10.0.0.100:53/udp &&
			haadm -n entry -j explain 10.0.0.1 10.0.0.111 || return 1
	done >"$work_dir/asked"
	after=$(state) && [ "$before" = "$after" ] &&
		[ "$(jq -s '[.[][] | select(.sched == "rr") | .node] | unique | length' "$work_dir/asked")" = 1 ]
}
state() {
	haadm -n entry -j stats show |
		jq -c 'with_entries(select(.key | test("^(seen|redirected|local|passed|fast|rejected|drop_|flow_)")))' \
			&&
		haadm -n entry -j -s member show | jq -c '[.[] | [.service, .node, .packets, .bytes]]'
}

says() {
	told "10.0.0.1:7000 10.0.0.100:53/udp in eth0" "verdict +direct" &&
		told "10.0.0.1:7000 10.0.0.106:80" "flow +new" &&
		told "10.0.0.1:7000 10.0.0.106:80/udp" "one of m1 m2 m3" &&
		told "10.0.0.1 10.0.0.105 in eth0" "verdict +stray" &&
		told "10.0.0.1 10.0.0.105 in eth0 came stray" "drop-not-holder" &&
		told "10.0.0.1 10.0.0.105 in eth0 came tunnel" "verdict +(local|dropped)" &&
		told "10.0.0.1:5 10.0.0.107:80" "its sender is told" &&
		told "10.0.0.1:5 10.0.0.100:7/udp" "service +none for udp port 7" &&
		told "10.0.0.11:5353 10.0.0.1:5000/udp in eth0" "verdict +answer: .* the vip's" &&
		told "10.0.0.11:5353 10.0.0.1:5000/udp" "vip +10.0.0.113, in by eth0" &&
		told "10.0.0.11:5353 10.0.0.1:5999/udp in eth0" "vip +none" &&
		told "10.0.0.1 10.0.0.120 in eth0" "drop-not-holder" &&
		told "2001:db8::1 2001:db8::120 in eth0" "drop-not-holder" &&
		told "10.0.0.1 10.0.0.110 in lo" "verdict +passed" && told "10.0.0.1 10.0.0.9" "vip +none"
}

# A UDP packet to 10.0.0.100:53 behind the heads of a pcap file of raw IP, in their other byte order.
from_stdin() {
	printf '%b' '\xa1\xb2\xc3\xd4\0\02\0\04\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\x65' \
		'\0\0\0\0\0\0\0\0\0\0\0\x1c\0\0\0\x1c' \
		'\x45\0\0\x1c\0\0\0\0\x40\x11\x66\x6d\x0a\0\0\x01\x0a\0\0\x64' '\x03\xe8\0\x35\0\x08\0\0' |
		haadm -n entry explain pcap - in eth0 | tee "$work_dir/told" | grep -E "verdict +direct" && return 0
	cat "$work_dir/told"
	return 1
}

exec 3>&1
ktap_header
make_ready "setup: a client, an entry with all kinds of vips, and members" prepare
check "$packets random packets, seed $seed: each packet meets the fate that explain names" agrees
check "the random packets covered all vias, both paths and tracked flows" covers
check "explain changes nothing" changes_nothing
check "explain puts each fate in words" says
check "explain takes a packet from standard input" from_stdin
check_fails "explain: an unknown device is an error" 1 'there is no device "eth9"' \
	haadm -n entry explain 10.0.0.1 10.0.0.100 in eth9
check_fails "explain: local together with a device is an error" 2 'comes in by no device' \
	haadm -n entry explain 10.0.0.1 10.0.0.100 in eth0 local
check_fails "explain: a length below that of the headers is an error" 1 'has 28 bytes at least' \
	haadm -n entry explain 10.0.0.1:1 10.0.0.100:53/udp len 27
check_fails "explain: a file that is no pcap file is an error" 1 'no pcap file' haadm -n entry explain pcap /bin/sh
ktap_exit
