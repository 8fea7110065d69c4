#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel whose IPv6 is disabled, as by ipv6.disable=1: IPv4 is served as ever, and what is asked about IPv6 does no
# harm.
#
#   no-ipv6.sh
# shellcheck disable=SC2119 # functions have arguments of their own

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

dir=$(mktemp -d)

# client (10.0.1.1), entry (10.0.1.2 and 10.0.2.2), which holds 10.0.1.100, and m1 (10.0.2.11) behind it.
network() {
	ns_add client entry m1 && ip -n client link add eth0 type veth peer name eth0 netns entry &&
		ip -n m1 link add eth0 type veth peer name eth1 netns entry || return 1
	printf '%s\n' "addr add 10.0.1.1/24 dev eth0" "link set eth0 up" | ip -n client -b - &&
		printf '%s\n' "addr add 10.0.1.2/24 dev eth0" "addr add 10.0.2.2/24 dev eth1" "link set eth0 up" \
			"link set eth1 up" | ip -n entry -b - &&
		printf '%s\n' "addr add 10.0.2.11/24 dev eth0" "link set eth0 up" "route add default via 10.0.2.2" |
		ip -n m1 -b -
}

configure() {
	printf '%s\n' "node add entry addr 10.0.1.2 self" "node add m1 addr 10.0.2.11" \
		"vip add 10.0.1.100 holder entry" \
		"service add 10.0.1.100:53/udp" "member add 10.0.1.100:53/udp node m1 via nat" >"$dir/batch"
	haadm -n entry -b "$dir/batch" && serve && wait_for 60 answered
}

serve() {
	n m1 python3 -c 'import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("10.0.2.11", 53))
while True:
    sock.sendto(*sock.recvfrom(100))' >/dev/null 2>&1 &
}

answered() {
	n client python3 -c 'import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(10)
sock.sendto(b"x", ("10.0.1.100", 53))
assert sock.recvfrom(100) == (b"x", ("10.0.1.100", 53))'
}

# explained WORD...: there is an answer, or a refusal with its reason, and the module goes on.
explained() {
	local code=0
	haadm -n entry explain "$@" >"$dir/said" 2>&1 || code=$?
	cat "$dir/said"
	[ "$code" -le 1 ] && [ -s "$dir/said" ] && answered
}

others_vip() {
	printf '%s\n' "vip add 2001:db8::100 holder m1" "service add [2001:db8::100]:53/udp" \
		"member add [2001:db8::100]:53/udp node m1 via direct" |
		haadm -n entry -b -
}

need_root
need haadm python3
[ ! -e /proc/sys/net/ipv6 ] || ktap_skip_all "IPv6 is not disabled"
ktap_header
if module_load && network && configure; then
	ktap_ok "setup: a holder and a member without IPv6"
else
	ktap_fail "setup: a holder and a member without IPv6"
	ktap_exit
fi
check "a member via nat answers without IPv6" answered
check "explain takes an IPv4 packet without IPv6" explained 10.0.1.1 10.0.1.100:53/udp
without="IPv6 is disabled in this kernel"
check_fails "explain refuses an IPv6 packet to no vip without IPv6" 2 "$without" \
	haadm -n entry explain 2001:db8::1 '[2001:db8::9]:53/udp'
check_fails "vip add of an IPv6 vip is refused without IPv6" 2 \
	"2001:db8::100 could not be put on ha0: Operation not supported" \
	haadm -n entry vip add 2001:db8::100 holder entry
# Another node's vip is configured here, too. Its packets would be routed by the IPv6 stack.
check "an IPv6 vip of another node is configured without IPv6" others_vip
check_fails "explain refuses an IPv6 packet to a vip without IPv6" 2 "$without" \
	haadm -n entry explain 2001:db8::1 '[2001:db8::100]:53/udp'
check "a member via nat answers after that" answered
ktap_exit
