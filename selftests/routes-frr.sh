#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two zones without a common link, and a router between them: its BGP learns the routes of a vip from the zone of the
# holder, by FRR there, and clients behind the router reach the vip wherever its lease is. The member is in a third
# network.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120,SC2153 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/telling.sh
. ./lib/telling.sh

# Machine N has the address .2 in the networks 10.1.N.0/24 and 2001:db8:N::/64, and the router .1.
declare -A number=([a]=1 [b]=2 [c]=3 [client]=9)
nodes=(a b c)
# The member serves the first two; the holder itself has the others as addresses.
vip4=10.9.9.9 vip6=2001:db8:99::9 own4=10.9.9.8 own6=2001:db8:99::8

# machine NAME: with a link to the router.
machine() {
	local net=${number[$1]}
	ns_add $1 && lan_no_dad $1 && ip -n router link add name to-$1 up type veth peer name eth0 netns $1 &&
		printf '%s\n' "link set eth0 up" "addr add 10.1.$net.2/24 dev eth0" \
			"addr add 2001:db8:$net::2/64 dev eth0 nodad" "route add default via 10.1.$net.1" \
			"route add default via 2001:db8:$net::1" >"$dir/lines" &&
		printf '%s\n' "addr add 10.1.$net.1/24 dev to-$1" "addr add 2001:db8:$net::1/64 dev to-$1 nodad" |
		ip -n router -b - && ip -n $1 -b "$dir/lines"
}

conf() {
	local node between=
	{
		conf_head $1 "$dir/key" "$dir/voter-$1" 2s
		[ $1 = c ] || echo "routes = { };"
		echo "nodes = ("
		for node in "${nodes[@]}"; do
			printf '%s  { name = "%s"; address = "10.1.%s.2"; }' "$between" $node ${number[$node]}
			between=$',\n'
		done
		printf '\n);\n'
	} >"$dir/$1.conf"
}

module_conf() {
	local node self vip
	for node in "${nodes[@]}"; do
		self=
		[ $node != $1 ] || self=self
		echo "node add $node addr 10.1.${number[$node]}.2 addr 2001:db8:${number[$node]}::2 $self"
	done
	echo "lease add web only a only b"
	for vip in $vip4 $vip6; do
		printf '%s\n' "vip add $vip lease web" "service add $vip" "member add $vip node c via tunnel"
	done
	for vip in $own4 $own6; do echo "vip add $vip lease web"; done
}

# peers NAME AS: those lines of bgpd's configuration, for both families.
peers() {
	local at
	for at in $1; do
		printf " neighbor $at %s\n" "remote-as $2" "timers connect 1" "advertisement-interval 0"
	done
}

# bgp_conf NAME: a node's neighbour is the router, which has all others. The table of the vips' routes is that of a VRF
# there, so that the node tells no other routes, and no address of ha0 stands before them.
bgp_conf() {
	local net name at=() import='' as=65000
	if [ $1 = router ]; then
		for name in a b; do at+=("${number[$name]}.2"); done
	else
		net=${number[$1]} as=$((65000 + ${number[$1]})) import="import vrf vips"
		at=("$net.1")
	fi
	printf '%s\n' "router bgp $as" " bgp router-id 10.1.0.${number[$1]:-100}" " no bgp ebgp-requires-policy" \
		" no bgp default ipv4-unicast"
	for name in "${at[@]}"; do
		net=$((65000 + ${name%.*}))
		[ $1 = router ] || net=65000
		peers "10.1.$name 2001:db8:${name%.*}::${name#*.}" $net
	done
	printf ' %s\n' "address-family ipv4 unicast" "$import"
	for name in "${at[@]}"; do echo "  neighbor 10.1.$name activate"; done
	printf ' %s\n' exit-address-family "address-family ipv6 unicast" "$import"
	for name in "${at[@]}"; do echo "  neighbor 2001:db8:${name%.*}::${name#*.} activate"; done
	echo " exit-address-family"
	[ $1 = router ] || cat <<-END
		router bgp $as vrf vips
		 address-family ipv4 unicast
		  redistribute kernel
		 exit-address-family
		 address-family ipv6 unicast
		  redistribute kernel
		 exit-address-family
	END
}

# frr NAME: its zebra and bgpd, with files of their own. They run as user frr, to whom FRR gives what they need.
frr() {
	local folder=$dir/frr-$1 daemon
	[ $1 = router ] ||
		printf '%s\n' "link add vips type vrf table 72" "link set vips up" | ip -n $1 -b - || return 1
	mkdir -p "$folder" && : >"$folder/zebra.conf" && bgp_conf $1 >"$folder/bgpd.conf" &&
		chmod 711 "$dir" && chown -R frr: "$folder" || return 1
	for daemon in zebra bgpd; do
		ip netns exec $1 /usr/lib/frr/$daemon -f "$folder/$daemon.conf" -i "$folder/$daemon.pid" -P 0 \
			-z "$folder/zserv.api" --vty_socket "$folder" >"$folder/$daemon.log" 2>&1 &
		wait_for 20 test -S "$folder/$daemon.vty" || return 1
	done
}

what_happened() {
	local name
	tail -n 12 "$dir"/*.log "$dir"/frr-*/*.log
	for name in a b router; do
		vtysh --vty_socket "$dir/frr-$name" -c "show bgp summary" -c "show ip route" \
			-c "show bgp ipv4 unicast" -c "show bgp ipv6 unicast" 2>&1 | head -n 60
		ip -n $name route
	done
	for name in "${nodes[@]}"; do haadm -n $name lease show; done
}

prepare() {
	local name
	need_root
	need haadm haagentd jq vtysh ping
	[ -x /usr/lib/frr/bgpd ] || ktap_skip_all "the package frr is not installed"
	module_load && ns_add router && lan_no_dad router &&
		n router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 || return 1
	for name in "${nodes[@]}" client; do machine $name || return 1; done
	for name in "${nodes[@]}"; do
		conf $name && module_conf $name >"$dir/lines" && haadm -n $name -b "$dir/lines" || return 1
	done
	haagentd --genkey "$dir/key" && start "${nodes[@]}" && wait_for 30 known &&
		for name in router a b; do frr $name || return 1; done
}

# by NAME: all routes of the router lead to that node, and to no other.
by() {
	local vip family told
	for vip in $vip4 $own4 $vip6 $own6; do
		family=-4
		[[ $vip != *:* ]] || family=-6
		told=$(ip -n router $family route show $vip) || return 1
		[[ $told = *" dev to-$1 "* && $told != *$'\n'* ]] || return 1
	done
}

reached() {
	local vip
	for vip in $vip4 $own4 $vip6 $own6; do n client ping -qn -c 3 -i 0.1 -W 1 $vip || return 1; done
}

learns() {
	local begin
	story "Routers: zones a and b have no common link; FRR tells a router between them the holder's route by BGP."
	begin=$(now)
	wait_for 60 by "$(holder)" && wait_for 20 reached && tell $begin "FRR starts at a, b and the router" \
		"the router leads to $(holder)"
}

# follows WHAT COMMAND...: the lease goes to the other zone, and the routes follow. How long the router has led to the
# other zone, and how long the client got no answer, is told.
follows() {
	local from to pinging begin told gap
	from=$(holder)
	to=$([ $from = a ] && echo b || echo a)
	ip netns exec client ping -Dn -i 0.01 $vip4 >"$dir/ping" &
	pinging=$!
	wait_for 5 grep -q "bytes from" "$dir/ping" || return 1
	begin=$(now)
	if ! "${@:2}" $from $to || ! wait_for 20 by $to; then
		kill $pinging
		return 1
	fi
	told="the router leads to $to after $(since $begin)"
	wait_for 10 reached && nap 0.5
	kill $pinging
	gap=$(awk -F'[][]' '/bytes from/ { if (last && $2 - last > most) most = $2 - last; last = $2 }
		END { printf "%.0f", most * 1000 }' "$dir/ping")
	tell $begin "$1" "$told; no answer for $gap ms"
	reached
}

fail_over() { haadm -n $1 failover web to $2; }
kill_agent() { kill -KILL "$(<"$dir/$1.pid")"; }
halt_agent() { kill -STOP "$(<"$dir/$1.pid")"; }
cut_off() { ip -n router link set to-$1 down; }

moves() {
	follows "a planned move" fail_over && wait_for 10 known && follows "a planned move back" fail_over &&
		wait_for 10 known
}

killed() {
	local from
	from=$(holder)
	follows "the agent killed" kill_agent && start $from && wait_for 20 known
}

halted_agent() {
	local from code=0
	from=$(holder)
	follows "the agent standing still" halt_agent || code=1
	kill -CONT "$(<"$dir/$from.pid")" && wait_for 20 known && return $code
}

lost() {
	local from code=0
	from=$(holder)
	follows "the zone cut off" cut_off || code=1
	# The router loses its address of IPv6 with the link.
	ip -n router link set to-$from up && ip -n router addr add 2001:db8:${number[$from]}::1/64 dev to-$from nodad &&
		wait_for 20 known && by "$(holder)" && return $code
}

exec 3>&1
ktap_header
prepare || { what_happened; ktap_exit; }
check "the router learns the routes of the holder's zone, and clients reach the vip" learns
check "the routes follow a lease that is moved" moves
check "the routes follow when the agent is killed" killed
check "the routes follow when the agent stands still" halted_agent
check "the routes follow when a zone is cut off" lost
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
