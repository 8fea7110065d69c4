#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# on-loss: what becomes of this machine's own connections of a vip that it gives away or loses.
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
many=100
dir=$(mktemp -d)
ends=$PWD/tools/idle_connections.py

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add &&
		cluster_all "vip add $vip4 holder n1 on-loss abort" "vip add $vip6 holder n1 on-loss abort" &&
		cluster_ready
}

# serve NAME PORT: the listener there; what becomes of its connections is in $dir/PORT.
serve() {
	ip netns exec "$1" "$ends" serve "$dir/$2" "$2" >/dev/null 2>&1 &
	wait_for 20 [ -s "$dir/$2" ]
}

# opened WHO ADDR PORT COUNT: so many connections of the client's, of which $dir/WHO tells.
opened() {
	ip netns exec client "$ends" open "$dir/$1" "$2" "$3" "$4" >/dev/null 2>&1 &
	wait_for 40 is "$1" "$4 0"
}

# is WHO LINE: all that the ends have seen.
is() {
	[ "$(<"$dir/$1")" = "$2" ] && return 0
	cat "$dir/$1"
	return 1
}

becomes() {
	wait_for 20 is "$1" "$2" || is "$1" "$2"
}

held() {
	haadm -n n1 -j vip show "$1" | jq -e '.[0].role == "holder"' >/dev/null
}

back() {
	haadm -n n1 vip set "$vip4" holder n1 && haadm -n n1 vip set "$vip6" holder n1 && held "$vip4" && held "$vip6"
}

# given VIP: a planned move of a fixed holder.
given() {
	haadm -n n1 vip set "$1" holder n2
}

both_families() {
	serve n1 7001 && opened a4 $vip4 7001 $many && opened a6 $vip6 7001 $many && opened own 10.0.0.2 7001 3 ||
		return 1
	becomes 7001 "$((2 * many + 3)) 0" && given $vip4 && becomes a4 "0 $many ECONNRESET" || return 1
	is a6 "$many 0" && given $vip6 && becomes a6 "0 $many ECONNRESET" || return 1
	becomes 7001 "3 $((2 * many)) ECONNABORTED"
}

others_stay() {
	is own "3 0"
}

kept() {
	back && serve n1 7002 && haadm -n n1 vip set $vip4 on-loss keep && opened b4 $vip4 7002 3 &&
		opened b6 $vip6 7002 3 && given $vip4 && given $vip6 && becomes b6 "0 3 ECONNRESET" &&
		becomes 7002 "3 3 ECONNABORTED" && is b4 "3 0"
}

# The listener goes on: the next grant finds it.
again() {
	back && haadm -n n1 vip set $vip4 on-loss abort && opened c4 $vip4 7001 2 && given $vip4 &&
		becomes c4 "0 2 ECONNRESET"
}

# A member's connections are the next holder's business.
member_stays() {
	back && cluster_all "service add $vip4:7001/tcp" "member add $vip4:7001/tcp node n1" || return 1
	opened d4 $vip4 7001 2 && given $vip4 && given $vip6 || return 1
	becomes 7001 "5 $((2 * many + 2)) ECONNABORTED" && is d4 "2 0" &&
		haadm -n n1 -j vip show $vip4 | jq -e '.[0].role == "member"' >/dev/null
}

# leased: both vips are n1's by a lease; the floor is set once.
leased() {
	cluster_all "member del $vip4:7001/tcp node n1" "service del $vip4:7001/tcp" "lease add l" \
		"lease set l floor 10" \
		"vip set $vip4 lease l" "vip set $vip6 lease l" && grant 10 10s && held $vip4 && held $vip6
}

grant() {
	haadm -n n1 lease set l epoch "$1" holder n1 for "$2"
}

released() {
	leased && serve n1 7003 && opened e4 $vip4 7003 2 && opened e6 $vip6 7003 2 && opened e 10.0.0.2 7003 1 ||
		return 1
	haadm -n n1 lease release l epoch 9 && return 1
	is e4 "2 0" && is e6 "2 0" && haadm -n n1 lease release l && becomes e4 "0 2 ECONNRESET" &&
		becomes e6 "0 2 ECONNRESET" && becomes 7003 "1 4 ECONNABORTED"
}

# What is not a holder's must not be heard, so their clients learn nothing.
run_out() {
	grant 11 10s && opened f4 $vip4 7003 2 && opened f6 $vip6 7003 2 && becomes 7003 "5 4 ECONNABORTED" &&
		grant 11 100ms && becomes 7003 "1 8 ECONNABORTED" && is f4 "2 0" && is f6 "2 0"
}

restored() {
	haadm -n n1 save >"$dir/saved" && grep -q "^vip add $vip4 .*on-loss abort" "$dir/saved" &&
		haadm -n n1 restore "$dir/saved" && haadm -n n1 save | diff "$dir/saved" -
}

ktap_header
make_ready "setup: two nodes, a vip of each family" prepare
check "all connections of a vip that is given away are reset" both_families
check "connections of other addresses stay when a vip is given away" others_stay
check "on-loss keep keeps the connections of a vip" kept
check "a listener serves again when the vip is back" again
check "connections stay when the old holder is a member" member_stays
check "only a release that is accepted resets connections" released
check "a grant that runs out ends connections without a packet" run_out
check "on-loss survives save and restore" restored
check_fails "an unknown word of on-loss is refused" 1 'valid (here|are)' haadm -n n1 vip set $vip4 on-loss drop
ns_del_all
check "the module unloads" module_unload
ktap_exit
