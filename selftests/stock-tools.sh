#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What stock tools print of haswitch's devices, addresses, routes, sockets and netlink family, compared with
# expected/stock-tools/VERSION, where VERSION is that of ip. What differs from run to run is masked. All that was
# printed is in $HASW_OUT/stock-tools.txt: a new expected text is made of that.
#
#   stock-tools.sh [DIR]     DIR: a folder with another iproute2, as scripts/iproute2.sh prints
# shellcheck disable=SC2317 # functions are run by check

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

dir=$(mktemp -d)
got=${HASW_OUT:-$dir}/stock-tools.txt
ip=${1:+$1/}ip lnstat=${1:+$1/}lnstat ss=${1:+$1/}ss genl=${1:+$1/}genl
version=$("$ip" -V | sed -E 's/.*iproute2-([0-9]+\.[0-9]+).*/\1/')

# Where the plug-in of ip was built; else it is installed.
export IP_LIB_DIR=${HASW_BUILD:-/usr/lib/$(uname -m)-linux-gnu/ip}
[ -z "${HASW_BUILD:-}" ] || IP_LIB_DIR+=/iproute2

# mask: indexes of devices, MACs, times, counters, ports, inodes and ids, in text and in JSON.
mask() {
	sed -E 's/^[0-9]+: (ha[^ ]*:)/N: \1/; s/[0-9a-f]{2}(:[0-9a-f]{2}){5} /MAC /
		s/(remaining|last-switch) [^ ]+/\1 TIME/g
		s/("(ifindex|remaining|last_switch|bytes|packets|errors|dropped)": )[0-9]+/\1N/
		s/("address": )"[0-9a-f:]{17}"/\1"MAC"/; s/fe80::[0-9a-f:]+/fe80::N/; s/^(version:) .*/\1 KERNEL/
		/^ESTAB/{ s/:[0-9]{5}\>/:PORT/; s/\<(ino|sk|cgroup):[^ ]+/\1:N/g; s/ +/ /g }
		s/^(	ID: )0x[0-9a-f]+/\1N/; s/ID-0x[0-9a-f]+(  name:)/ID-N\1/
		/^     (vips|leases_held):/!s/^(     [a-z_]+: )[0-9]+$/\1N/
		/^ +[0-9]+( +[0-9]+)+ *$/s/[0-9]+ */N /g; s/ +$//'
}

# screen TITLE COMMAND...: what the command prints in the namespace is the screen of that title.
screen() {
	echo "\$ $1"
	n a "${@:2}" 2>&1 | mask
}

# like_expected TITLE: that screen is the expected one.
like_expected() {
	diff -u --label expected <(one "$1" "expected/stock-tools/$version") --label printed <(one "$1" "$got") &&
		[ "$(one "$1" "$got" | wc -l)" -gt 1 ]
}

# one TITLE FILE: the screen of that title.
one() { awk -v title="\$ $1" '/^\$ / { here = $0 == title } here' "$2"; }

ha() { haadm -n a "$@"; }

titles() { sed -n 's/^\$ //p' "$1"; }

# all_titles: no expected screen is missing, and there is no other one.
# counted: ethtool has each counter of `haadm stats`, under its name there and with its value.
counted() {
	local dev
	ip netns exec a ping -c 3 -i 0.01 -I 10.0.0.1 10.0.0.100 >"$dir/ping" || { cat "$dir/ping"; return 1; }
	ha -j stats show | jq -r 'to_entries[] | select(.value | numbers) | "\(.key): \(.value)"' >"$dir/stats" &&
		grep -qx "local: [1-9][0-9]*" "$dir/stats" && [ "$(wc -l <"$dir/stats")" -gt 40 ] || return 1
	for dev in ha0 ha-web; do
		n a ethtool -S "$dev" | sed -n 's/^ *//; 4,$p' | diff "$dir/stats" - || return 1
	done
}

# listed: lnstat has the number of vips, and of each counter that it lists the sum over the CPUs.
listed() {
	ha -j stats show >"$dir/before" && n a "$lnstat" -f haswitch -j -s 0 -i 1 -c 1 >"$dir/lnstat"
	ha -j stats show >"$dir/after" && jq -es '.[0] as $before | .[2] as $after | .[1] | .vips == 3 and
		.local >= 3 and length == 32 and
		(del(.vips) | to_entries | all($before[.key] <= .value and .value <= $after[.key]))' \
		"$dir/before" "$dir/lnstat" "$dir/after" >/dev/null && return 0
	cat "$dir/before" "$dir/lnstat" "$dir/after"
	return 1
}

all_titles() {
	diff -u --label expected <(titles "expected/stock-tools/$version") --label printed <(titles "$got")
}

prepare() {
	# As make install does.
	cp -r ../userspace/iproute2/rt_*.d /etc/iproute2/
	# shellcheck disable=SC2119 # without parameters
	module_load && ns_add a && ip -n a link add lan0 type dummy && ip -n a addr add 10.0.0.1/24 dev lan0 &&
		ip -n a link set lan0 up && ha -b - <<-END || return 1
			node add n1 addr 10.0.0.1 self
			node add n2 addr 10.0.0.2
			lease add web
			lease add db
			vip add 10.0.0.100 lease web mark 0xff00
			vip add 2001:db8::100 lease web
			vip add 10.0.0.101 holder n2
			lease set web floor 1
			lease set db floor 1
			lease set web epoch 2 holder n1 for 10s
			lease set db epoch 3 holder n2 for 10s
		END
	wait_for 10 shown ha-web UP && wait_for 10 shown ha-db DORMANT && connected
}

# connected: a client of the vip, whose accepted socket has the mark of epoch 2.
connected() {
	n a sysctl -qw net.ipv4.tcp_fwmark_accept=1 || return 1
	ip netns exec a tools/idle_connections.py serve "$dir/served" 7000 >/dev/null 2>&1 &
	wait_for 20 [ -s "$dir/served" ] || return 1
	ip netns exec a tools/idle_connections.py open "$dir/opened" 10.0.0.100 7000 1 >/dev/null 2>&1 &
	wait_for 20 fares "1 0"
}

# fares LINE: the client of the vip has seen that.
fares() { [ "$(<"$dir/opened")" = "$1" ]; }

shown() { [ "$(ip -n a -br link show "$1" | awk '{ print $2 }')" = "$2" ]; }

marked() { ip -n a link set ha-db mtu $((1100 + RANDOM % 100)) && [ -s "$dir/seen" ]; }

# monitored: the lines of a lease that is released, fenced, and a candidate again.
monitored() {
	local pid
	n a "$ip" monitor link >"$dir/seen" 2>&1 &
	pid=$!
	wait_for 10 marked && ha lease release web epoch 2 && wait_for 10 shown ha-web DORMANT &&
		ha node verdict n1 fenced && wait_for 10 shown ha-web DOWN && ha node verdict n1 clear &&
		wait_for 10 shown ha-web DORMANT && wait_for 10 seen 3
	kill "$pid" && wait "$pid"
	grep -A 1 ' ha-web: ' "$dir/seen" | grep -v '^--'
}

seen() { [ "$(grep -c ' ha-web: ' "$dir/seen")" -ge "$1" ]; }

unloads() {
	local open
	exec {open}</proc/net/stat/haswitch && module_unload && ! cat <&"$open"
}

# many: so many vips that they are routes.
many() {
	{
		echo "node add n1 addr 10.0.0.1 self"
		seq -f 'vip add 10.1.0.%g holder n1' 250
		seq -f 'vip add 2001:db8::%g holder n1' 7
	} >"$dir/many" && ha restore "$dir/many"
}

screens() {
	screen "ip link show type haswitch" "$ip" link show type haswitch
	screen "ip -br link show type haswitch" "$ip" -br link show type haswitch | tr -s ' '
	screen "ip -d -s link show ha-web" "$ip" -d -s link show ha-web
	screen "ip -d link show ha-db" "$ip" -d link show ha-db
	screen "ip -d link show ha0" "$ip" -d link show ha0
	screen "ip -j -p -d link show ha-web" "$ip" -j -p -d link show ha-web
	screen "ip addr show dev ha0" "$ip" addr show dev ha0
	# Of the protocol of addresses 6.1 knows nothing. Later ones take its number, and print its name.
	[ "$version" = 6.1 ] || screen "ip addr show dev ha0 proto 72" "$ip" addr show dev ha0 proto 72
	screen "ip -j -p addr show dev ha0" "$ip" -j -p addr show dev ha0
	screen "ethtool -i ha-web" ethtool -i ha-web
	screen "ethtool -S ha-web" ethtool -S ha-web
	screen "ethtool -S ha0" ethtool -S ha0
	# By lnstat's own reading of the file: 6.1 knows 32 columns.
	screen "lnstat -d -f haswitch" "$lnstat" -d -f haswitch
	screen "genl ctrl get name haswitch" "$genl" ctrl get name haswitch
	screen "ss -tne fwmark = 0x200/0xff00" "$ss" -tne "fwmark = 0x200/0xff00"
	screen "ss -tne fwmark = 0x300/0xff00" "$ss" -tne "fwmark = 0x300/0xff00"
	screen "ss -Ktn fwmark = 0x200/0xff00" "$ss" -Ktn "fwmark = 0x200/0xff00"
	echo "\$ ip monitor link"
	monitored | mask
	many || return 1
	screen "ip -4 route show table local proto haswitch" "$ip" -4 route show table local proto haswitch | head -n 4
	screen "ip -6 route show table local proto haswitch" "$ip" -6 route show table local proto haswitch
}

print_all() { screens >"$got"; }

trap 'ns_del_all; rm -rf "$dir"' EXIT
ktap_header
need_root
need haadm ip ethtool jq lnstat ss genl python3
[ -e "expected/stock-tools/$version" ] || ktap_skip_all "there is no expected output of iproute2 $version"
check "setup: two leases, three vips" prepare || ktap_exit
check "ethtool -S has the counters of haadm" counted
check "lnstat has the counters of haadm" listed
check "the tools run" print_all
check "the screens are the expected ones" all_titles
mapfile -t wanted < <(titles "expected/stock-tools/$version")
for title in "${wanted[@]}"; do check "$title" like_expected "$title"; done
check "ss -K has ended the socket" wait_for 20 fares "0 1 ECONNRESET"
ns_del_all
check "the module unloads while its file for lnstat is open" unloads
ktap_exit
