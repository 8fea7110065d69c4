#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# mark: stock ss tells, and ends, the sockets of a vip by the epoch in which they were accepted.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(n1:2 n2:11)
vip4=10.0.0.100
vip6=2001:db8::100
bare=10.0.0.101
dir=$(mktemp -d)
ends=$PWD/tools/idle_connections.py

# Every SYN has the mark 0x1ee55 before the module writes: its bits 0xff00 are the epoch's, the others stay.
prepare() {
	need_root
	need haadm jq nft python3 ss
	module_load && cluster_make && cluster_nodes_add && cluster_all "lease add l" "lease set l floor 2" \
		"vip add $vip4 lease l mark 0xff00" "vip add $vip6 lease l mark 65280" "vip add $bare lease l" &&
		cluster_ready && ip netns exec n1 sysctl -qw net.ipv4.tcp_fwmark_accept=1 &&
		ip netns exec n1 nft -f - <<-END && serve && grant 3
			table inet marks {
				chain input {
					type filter hook input priority mangle
					meta mark set 0x1ee55
				}
			}
		END
}

serve() {
	ip netns exec n1 "$ends" serve "$dir/served" 7000 >/dev/null 2>&1 &
	wait_for 20 [ -s "$dir/served" ]
}

grant() {
	haadm -n n1 lease set l epoch "$1" holder n1 for 10s
}

# opened WHO ADDR COUNT [NAME]: so many connections of the client's, or of that namespace's; $dir/WHO tells of them.
opened() {
	ip netns exec "${4:-client}" "$ends" open "$dir/$1" "$2" 7000 "$3" >/dev/null 2>&1 &
	wait_for 40 is "$1" "$3 0"
}

# is WHO LINE: all that this end has seen.
is() {
	[ "$(<"$dir/$1")" = "$2" ] && return 0
	cat "$dir/$1"
	return 1
}

# marked FILTER ADDR N: ss lists so many accepted sockets of that address which match the filter.
marked() {
	local n
	n=$(ip netns exec n1 ss -Htn state established "( $1 ) and src [$2]:7000" | wc -l)
	[ "$n" -eq "$3" ] && return 0
	ip netns exec n1 ss -Htne "src [$2]:7000"
	return 1
}

# now VALUE: what the module says that it marks next.
now() {
	[ "$(haadm -n n1 -j vip show $vip4 | jq -r '.[0].mark_now')" = "$1" ]
}

first() {
	opened a4 $vip4 3 && opened a6 $vip6 2 && marked "fwmark = 0x300/0xff00" $vip4 3 &&
		marked "fwmark = 0x300/0xff00" $vip6 2 && now 0x300 &&
		ip netns exec n1 ss -Htne src $vip4 | grep -q 'fwmark:0x10355'
}

others() {
	marked "fwmark = 0x10355" $vip4 3 && marked "fwmark = 0x10355" $vip6 2
}

# The same holder, another epoch: one that an agent counts, with the same low bits as the next one.
second() {
	grant $((5 << 24 | 7)) && opened b4 $vip4 2 && opened b6 $vip6 1 && now 0x200 &&
		marked "fwmark = 0x200/0xff00" $vip4 2 && marked "fwmark = 0x200/0xff00" $vip6 1 &&
		marked "fwmark = 0x300/0xff00" $vip4 3 && grant $((6 << 24 | 7)) && now 0x100
}

unmarked() {
	opened bare $bare 2 && marked "fwmark = 0x1ee55" $bare 2 && opened own 10.0.0.2 2 &&
		marked "fwmark = 0x1ee55" 10.0.0.2 2
}

# own_client: a client on the holder itself is one like others.
own_client() {
	opened near $vip4 1 n1 && marked "fwmark = 0x10155" $vip4 1
}

killed() {
	ip netns exec n1 ss -K -tn "fwmark = 0x300/0xff00" >"$dir/killed" && wait_for 20 is a4 "0 3 ECONNRESET" &&
		wait_for 20 is a6 "0 2 ECONNRESET" && is b4 "2 0" && is b6 "1 0" && is bare "2 0" && is own "2 0" &&
		marked "fwmark = 0x200/0xff00" $vip4 2
}

# An old epoch is every other one, too.
killed_others() {
	ip netns exec n1 ss -Kt "fwmark != 0x100/0xff00" src "$vip4:7000" >"$dir/killed" &&
		wait_for 20 is b4 "0 2 ECONNRESET" && is b6 "1 0" && is bare "2 0" && is near "1 0"
}

restored() {
	haadm -n n1 save >"$dir/saved" && grep -q "^vip add $vip4 lease l.* mark 0xff00$" "$dir/saved" &&
		grep -q "^vip add $vip6 lease l.* mark 0xff00$" "$dir/saved" && haadm -n n1 restore "$dir/saved" &&
		haadm -n n1 save | diff "$dir/saved" - && opened c4 $vip4 1 && marked "fwmark = 0x10155" $vip4 2
}

off() {
	haadm -n n1 vip set $vip4 mark off && opened d4 $vip4 1 && marked "fwmark = 0x1ee55" $vip4 1 &&
		opened d6 $vip6 1 && marked "fwmark = 0x10155" $vip6 1 && haadm -n n1 vip set $vip6 mark 0 &&
		opened e6 $vip6 1 && marked "fwmark = 0x1ee55" $vip6 1 && ! haadm -n n1 save | grep mark &&
		haadm -n n1 vip set $vip4 mark 0x80000000 && opened f4 $vip4 1 &&
		marked "fwmark = 0x8001ee55" $vip4 1 && grant $((7 << 24 | 7)) && opened g4 $vip4 1 &&
		marked "fwmark = 0x8001ee55" $vip4 1 && marked "fwmark = 0x1ee55" $vip4 2
}

what_happened() {
	haadm -n n1 lease show
}

ktap_header
make_ready "setup: two nodes, vips of a lease with and without a mark" prepare
check "ss lists the sockets of an epoch" first
check "the other bits of the mark stay, after all rules" others
check "sockets of the next epoch have another mark" second
check "without a mark nothing changes" unmarked
check "a client on the holder is marked, too" own_client
check "ss -K ends the sockets of an old epoch, and no others" killed
check "ss -K ends the sockets of all other epochs" killed_others
check "save and restore keep a mark" restored
check "mark off ends it, and a mask of one bit works" off
check_fails "a mark that is no number is refused" 1 '"red" is neither a mask of 32 bits, such as 0xff00, nor off' \
	haadm -n n1 vip set $vip4 mark red
check_fails "bits that are not adjacent are refused" 1 'has bits that are not adjacent' \
	haadm -n n1 vip set $vip4 mark 0xf0f
check_fails "a new vip with mark 0 is refused" 2 'mark 0 marks nothing.*attribute mark' \
	haadm -n n1 vip add 10.0.0.109 lease l mark 0
check_fails "a mark of a vip with a fixed holder is refused" 2 'a mark shows the epoch of a lease.*attribute mark' \
	haadm -n n1 vip add 10.0.0.109 holder n1 mark 0xff00
check_fails "a vip with a mark keeps its lease" 2 'a mark shows the epoch of a lease.*attribute holder' \
	haadm -n n1 vip set $vip4 holder n1
check "replace without a mark ends it" haadm -n n1 vip replace $vip4 holder n1
ns_del_all
check "the module unloads" module_unload
ktap_exit
