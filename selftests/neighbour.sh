#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The way to a node follows neighbours, devices and routes by itself, and holds nothing that goes.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100 vip6=2001:db8::100 bonded=10.0.0.140 bonded6=2001:db8::140

prepare() {
	need_root
	need haadm jq python3 arping
	module_load && cluster_make && cluster_nodes_add || return 1
	# From a second card on the same link the members know no holder: a stray would come back, and be heard twice.
	cluster_all "vip add $vip holder entry stray drop" "vip add $vip6 holder entry stray drop" "service add $vip" \
		"service add $vip6" "member add $vip node m1" "member add $vip6 node m1" && cluster_ready || return 1
	traffic serve m1 udp $vip 53 m1 && traffic serve m1 udp $vip6 53 m1 || return 1
	mac_m1=$(lan_mac m1) mac_entry=$(lan_mac entry)
	by m1
}

by() {
	says "$1" client udp $vip 53 wait=1 && says "$1" client udp $vip6 53 wait=1
}

# soon COMMAND...: traffic recovers without anybody doing anything.
soon() {
	wait_for 90 "$@" && return 0
	entry -d node show
	ip -n entry neigh
	return 1
}

reach() {
	entry -j node show m1 | jq -e ".[0] | .reach4 == \"$1\" and .reach6 == \"$1\"" >/dev/null
}

# arrives MAC: packets of both families for m1 leave in frames to that MAC.
arrives() {
	shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 && heard "entry out to=$1 dst=$vip" &&
		shot client src=2001:db8::1 dst=$vip6 to=$mac_entry proto=99 && heard "entry out to=$1 dst=$vip6"
}

# m1 has a new network card, and says so.
new_mac() {
	local code=0
	ip -n m1 link set eth0 address $1 || return 1
	# IPv6 addresses that others know of are announced by an unsolicited advertisement, as ndisc_notify does.
	n m1 arping -q -U -c 1 -I eth0 10.0.0.11 && n m1 ./tools/neighbour.py say eth0 2001:db8::11 || code=1
	soon arrives $1 && soon by m1 && return $code
}

# Without a word about it the kernel's own probes find out.
silent_mac() {
	ip -n m1 link set eth0 address $1 && soon arrives $1 && soon by m1
}

forgotten() {
	ip -n entry neigh del 10.0.0.11 dev eth0
	ip -n entry neigh del 2001:db8::11 dev eth0
	soon reach resolved && soon by m1
}

# ip tries until none is left, and then says that some are: those that are asked for again at once.
flushed() {
	ip -n entry neigh flush dev eth0
	ip -n entry -6 neigh flush dev eth0
	soon reach resolved && soon by m1
}

failed() {
	local name
	ip -n m1 link set eth0 down || return 1
	for name in 10.0.0.11 2001:db8::11; do
		ip -n entry neigh replace $name dev eth0 nud failed || return 1
	done
	soon dropped_unresolved || return 1
	ip -n m1 link set eth0 up && ip -n m1 addr replace 2001:db8::11/64 dev eth0 nodad && soon reach resolved &&
		soon by m1
}

dropped_unresolved() {
	grew entry "seen=1 drop_unresolved=1" shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 &&
		unheard "entry out dst=$vip"
}

# A fixed entry of the administrator counts at once, and so does that it is gone.
permanent() {
	local mac=02:00:00:00:00:77
	ip -n entry neigh replace 10.0.0.11 lladdr $mac dev eth0 nud permanent &&
		ip -n entry neigh replace 2001:db8::11 lladdr $mac dev eth0 nud permanent && soon arrives $mac ||
		return 1
	ip -n entry neigh del 10.0.0.11 dev eth0 && ip -n entry neigh del 2001:db8::11 dev eth0 &&
		soon arrives $mac_m1 && soon by m1
}

# What the administrator made stays when the module does not need it any more.
kept() {
	ip -n entry neigh replace 10.0.0.12 lladdr 02:00:00:00:00:78 dev eth0 nud permanent && entry node del m2 ||
		return 1
	ip -n entry neigh show 10.0.0.12 dev eth0
	ip -n entry neigh show 10.0.0.12 dev eth0 | grep -q "02:00:00:00:00:78 PERMANENT" &&
		entry node add m2 addr 10.0.0.12 addr 2001:db8::12 && ip -n entry neigh del 10.0.0.12 dev eth0
}

down_up() {
	ip -n entry link set eth0 down && ip -n entry link set eth0 up &&
		ip -n entry addr replace 2001:db8::2/64 dev eth0 nodad && soon reach resolved && soon by m1
}

renamed() {
	ip -n entry link set eth0 down && ip -n entry link set eth0 name lan7 && ip -n entry link set lan7 up &&
		ip -n entry addr replace 2001:db8::2/64 dev lan7 nodad && soon by m1 || return 1
	ip -n entry link set lan7 down && ip -n entry link set lan7 name eth0 && ip -n entry link set eth0 up &&
		ip -n entry addr replace 2001:db8::2/64 dev eth0 nodad && soon by m1
}

own_mac() {
	ip -n entry link set eth0 address $1 && n entry arping -q -U -c 1 -I eth0 10.0.0.2 &&
		n entry ./tools/neighbour.py say eth0 2001:db8::2 && soon by_client_of
}

# The client has the new address of the holder, and m1 takes it for the holder's.
by_client_of() {
	ip -n client neigh flush dev eth0
	ip -n client -6 neigh flush dev eth0
	by m1
}

mtu() {
	ip -n entry link set eth0 mtu 1400 && soon too_big 1500 && ip -n entry link set eth0 mtu 1500 && soon fits 1500
}

too_big() {
	grew entry "seen=1 drop_mtu=1" shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 df=1 \
		len=$(($1 - 100 - 20 + 1)) && unheard "m1 in dst=$vip"
}

fits() {
	shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 df=1 len=$(($1 - 20)) && heard "m1 in dst=$vip len=$1"
}

# Another device: a second card of entry, and only a route says that m1 is behind it.
second_card() {
	lan_port entry eth1 && ip -n entry addr add 10.0.0.3/32 dev eth1 && traffic ear entry1 entry eth1 &&
		ip -n entry route add 10.0.0.11/32 dev eth1 && ip -n entry route add 2001:db8::11/128 dev eth1 &&
		soon leaves entry1
}

# leaves EAR
leaves() {
	shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 &&
		heard "$1 out dst=$vip to=$mac_m1" "m1 in dst=$vip" &&
		shot client src=2001:db8::1 dst=$vip6 to=$mac_entry proto=99 && heard "$1 out dst=$vip6 to=$mac_m1"
}

# Frames for m1 leave by the second card, and no ARP or neighbour discovery says so: its neighbour entries are
# permanent. m1 drops the frames until entry's heartbeats list both cards.
listed_card() {
	ip -n entry neigh replace 10.0.0.11 lladdr $mac_m1 dev eth1 nud permanent &&
		ip -n entry neigh replace 2001:db8::11 lladdr $mac_m1 dev eth1 nud permanent &&
		first_card_known || return 1
	! by m1 && pulses && wait_for 20 by m1
}

# m1 sends to the first card of entry.
first_card_known() {
	local addr
	for addr in 10.0.0.2 2001:db8::2; do
		ip -n m1 neigh replace $addr lladdr "$(lan_mac entry)" dev eth0 nud reachable || return 1
	done
}

pulses() {
	entry pulse set m1 id 7 interval 10ms multiplier 50 path 10.0.0.2 10.0.0.11 \
		tx-key "$(lan_key em)" rx-key "$(lan_key me)" &&
		haadm -n m1 pulse set entry id 7 interval 10ms multiplier 50 path 10.0.0.11 10.0.0.2 \
			tx-key "$(lan_key me)" rx-key "$(lan_key em)"
}

unlisted_card() {
	local from=02:00:00:00:77:01
	grew m1 "seen=1 drop_not_holder=1" shot client src=10.0.0.1 dst=$vip from=$from to=$mac_m1 proto=99 &&
		grew m1 "seen=1 drop_not_holder=1" \
			shot client src=2001:db8::1 dst=$vip6 from=$from to=$mac_m1 proto=99
}

# Without heartbeats m1 knows no card but that of the neighbour entry.
forgotten_card() {
	entry pulse del m1 && haadm -n m1 pulse del entry && first_card_known || return 1
	! by m1 && pulses && wait_for 20 by m1
}

# m1's own probes of the first card would take two minutes.
lost_card() {
	local mac code=0
	mac=$(lan_mac entry eth1) && first_card_known && n m1 sysctl -qw net.ipv4.neigh.eth0.ucast_solicit=100 &&
		ip -n entry link set eth0 down || return 1
	wait_for 30 known_as $mac || code=1
	ip -n entry link set eth0 up && ip -n entry addr replace 2001:db8::2/64 dev eth0 nodad &&
		n m1 sysctl -qw net.ipv4.neigh.eth0.ucast_solicit=3 &&
		entry pulse del m1 && haadm -n m1 pulse del entry &&
		ip -n entry neigh del 10.0.0.11 dev eth1 && ip -n entry neigh del 2001:db8::11 dev eth1 && return $code
}

known_as() { [[ $(ip -n m1 neigh show 10.0.0.2 dev eth0) = *"lladdr $1"* ]]; }

first_card() {
	ip -n entry route del 10.0.0.11/32 dev eth1 && ip -n entry route del 2001:db8::11/128 dev eth1 &&
		soon leaves entry
}

# Nobody else holds the device: its deletion does not wait.
deleted() {
	ip -n entry route add 10.0.0.11/32 dev eth1 && ip -n entry route add 2001:db8::11/128 dev eth1 &&
		soon leaves entry1 &&
		traffic deaf entry1 && timeout 20 ip -n entry link del eth1 && soon leaves entry && soon by m1
}

# Told a device, the module asks nobody.
static() {
	lan_port entry eth2 && traffic ear entry2 entry eth2 &&
		entry node add s1 addr 10.0.0.99 lladdr 02:00:00:00:00:99 dev eth2 &&
		entry service add $vip/99 && entry member add $vip/99 node s1 && soon static_leaves entry2 eth2
}

static_leaves() {
	shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 &&
		heard "$1 out dst=$vip to=02:00:00:00:00:99 from=$(lan_mac entry $2)"
}

# Its link has gone, so the node is lost.
dropped_lost() {
	grew entry "seen=1 drop_no_member=1" shot client src=10.0.0.1 dst=$vip to=$mac_entry proto=99 &&
		unheard "entry out dst=$vip"
}

# The name counts: who has it now is meant.
static_other() {
	ip -n entry link set eth2 down && ip -n entry link set eth2 name eth3 && ip -n entry link set eth3 up &&
		soon dropped_lost && another_eth2 && soon static_leaves entry2b eth2
}

# A second device of the name that is free now; its port of the bridge has another one.
another_eth2() {
	ip -n lan link add entry-eth2b up type veth peer name eth2 netns entry &&
		ip -n lan link set entry-eth2b master br0 &&
		ip -n entry link set eth2 up && traffic ear entry2b entry eth2
}

static_deleted() {
	traffic deaf entry2 && traffic deaf entry2b && timeout 20 ip -n entry link del eth2 &&
		timeout 20 ip -n entry link del eth3 &&
		soon dropped_lost && another_eth2 && soon static_leaves entry2b eth2 && traffic deaf entry2b &&
		ip -n entry link del eth2 && entry service del $vip/99 && entry node del s1 && soon by m1
}

unroutable() {
	ip -n entry route add blackhole 10.0.0.11/32 && ip -n entry route add blackhole 2001:db8::11/128 &&
		soon reach no-route && soon dropped_unresolved && ip -n entry route del blackhole 10.0.0.11/32 &&
		ip -n entry route del blackhole 2001:db8::11/128 && soon reach resolved && soon by m1
}

# Behind a router the direct way does not go.
routed() {
	ip -n entry route add 10.0.0.11/32 via 10.0.0.12 && ip -n entry route add 2001:db8::11/128 via 2001:db8::12 &&
		soon reach no-route && ip -n entry route del 10.0.0.11/32 via 10.0.0.12 &&
		ip -n entry route del 2001:db8::11/128 via 2001:db8::12 && soon by m1
}

# Packets of a family go by the node's other address if there is none of theirs.
one_family() {
	local lines=("service del $vip" "service del $vip6" "node del m1")
	cluster_tell entry "${lines[@]}" "node add m1 addr $1" "service add $vip" "service add $vip6" \
		"member add $vip node m1" "member add $vip6 node m1" && soon arrives $mac_m1 && soon by m1
}

# The node's own address was changed; see its grammar.
node_address() {
	ip -n m2 link set eth0 up && ip -n m1 addr add 10.0.0.31/24 dev eth0 &&
		entry node set m1 addr 10.0.0.31 && soon leaves_to 10.0.0.31 && entry node set m1 addr 10.0.0.11 &&
		soon by m1
}

leaves_to() {
	entry -j node show m1 | jq -e ".[0].addrs | index(\"$1\")" >/dev/null && entry -j node show m1 |
		jq -e '.[0].reach4 == "resolved"' >/dev/null && by m1
}

# The vips of a second holder, on which m1 serves.
bonded_tell() {
	cluster_tell $1 "vip add $bonded holder duo" "vip add $bonded6 holder duo" "service add $bonded" \
		"service add $bonded6" "member add $bonded node m1" "member add $bonded6 node m1"
}
bonded_make() {
	haadm -n m1 node add duo addr 10.0.0.40 addr 2001:db8::40 && bonded_tell m1 &&
		traffic serve m1 udp $bonded 53 m1 && traffic serve m1 udp $bonded6 53 m1
}

# bond_make MODE: the holder's frames leave by the ports of a bond, each with that port's MAC address. `layer3+4`
# spreads the clients' ports over both, and none of them moves while the test lasts.
bond_make() {
	ns_add duo && lan_no_dad duo && lan_port duo s0 && lan_port duo s1 &&
		printf '%s\n' "link set s0 down" "link set s1 down" \
			"link add bond0 type bond mode $1 miimon 50 tlb_dynamic_lb 0 xmit_hash_policy layer3+4" \
			"link set s0 master bond0" "link set s1 master bond0" "link set bond0 up" \
			"addr add 10.0.0.40/24 dev bond0" "addr add 2001:db8::40/64 dev bond0 nodad" |
		ip -n duo -b - && cluster_tell duo "node add duo addr 10.0.0.40 addr 2001:db8::40 self" \
		"node add m1 addr 10.0.0.11 addr 2001:db8::11" && bonded_tell duo && wait_for 20 cluster_reaches duo m1
}
bond_gone() {
	haadm -n m1 pulse del duo && ip -n lan link del duo-s0 && ip -n lan link del duo-s1 && ns_del duo
}

# bond_asks: eight clients of each family are served by m1 in frames of both ports.
bond_asks() {
	local sport dst src served=0
	: >"$work_dir/bond"
	for dst in $bonded $bonded6; do
		src=10.0.0.1
		[ $dst = $bonded ] || src=2001:db8::1
		for sport in {5001..5008}; do
			shot client src=$src dst=$dst to="$(lan_mac duo bond0)" sport=$sport dport=53 &&
				heard "m1 out udp src=$dst dst=$src sport=53 dport=$sport" && served=$((served + 1))
			cat "$work_dir/heard" >>"$work_dir/bond"
		done
	done
	[ $served -eq 16 ] && return 0
	echo "$served of 16 were served"
	return 1
}

# bond_direct: m1 takes the frames of both ports, whichever its neighbour entry knows. None comes back. A balance-tlb
# bond receives by one of its ports only, and tells that one's address.
bond_direct() {
	local before known addr dst
	for known in ${knowns[$mode]}; do
		bond_known $known && before=$(stat_of m1 stray_sent) && bond_asks || return 1
		[ "$(stat_of m1 stray_sent)" = "$before" ] || { echo "strays; the entry knows $known"; return 1; }
		cp "$work_dir/bond" "$work_dir/heard"
		for addr in "$(lan_mac duo s0)" "$(lan_mac duo s1)"; do
			for dst in $bonded $bonded6; do
				[ -n "$(frames "m1 in udp dst=$dst dport=53 from=$addr")" ] ||
					{ echo "no frame to $dst from $addr"; return 1; }
			done
		done
	done
}

declare -A knowns=([balance-tlb]=bond0 [balance-alb]="s0 s1")
bond_known() {
	local addr
	for addr in 10.0.0.40 2001:db8::40; do
		ip -n m1 neigh replace $addr lladdr "$(lan_mac duo $1)" dev eth0 nud permanent || return 1
	done
}

# bond_returned: m1 knows one port only. It sends the frames of the other one back, and gets them in a tunnel.
bond_returned() {
	local before
	before=$(stat_of duo stray_returned) && bond_known bond0 && bond_asks &&
		[ "$(stat_of duo stray_returned)" -gt "$before" ]
}

bond_pulses() {
	haadm -n duo pulse set m1 id 8 interval 10ms multiplier 50 path 10.0.0.40 10.0.0.11 \
		tx-key "$(lan_key dm)" rx-key "$(lan_key md)" &&
		haadm -n m1 pulse set duo id 8 interval 10ms multiplier 50 path 10.0.0.11 10.0.0.40 \
			tx-key "$(lan_key md)" rx-key "$(lan_key dm)" && wait_for 10 bond_direct
}

# A namespace that ends while ways lead through it.
ended() {
	traffic deaf entry && ns_del entry && wait_for 20 gone
}

gone() {
	! ip netns list | grep -qw entry && ! ip -n lan link show entry-eth0 2>/dev/null
}

# A router whose table changes faster than anybody can read it all.
loads_while_routes_change() {
	local pid code=0
	rmmod haswitch && ip link add d0 up type dummy && ip addr add 10.200.0.1/16 dev d0 || return 1
	printf 'route add 10.100.%s/32 dev d0\n' {0..249}.{1..20} | ip -batch - || return 1
	while printf 'route add 10.210.0.1/32 dev d0\nroute del 10.210.0.1/32 dev d0\n'; do :; done 2>/dev/null |
		ip -batch - &
	pid=$!
	# Before it loads, and when it has.
	wait_for 20 changing && module_load && wait_for 20 changing || code=1
	kill $pid || code=1
	wait $pid 2>/dev/null
	ip link del d0
	return $code
}

# They change often: it is seen at once that the route is there, and that it is not.
changing() {
	wait_for 10 there && wait_for 10 gone_again
}
there() { ip route show 10.210.0.1 | grep -q d0; }
gone_again() { ! there; }

ktap_header
make_ready "setup: a holder, two members" prepare
check "packets follow a neighbour that announces a new MAC" new_mac 02:00:00:00:11:01
check "packets follow a neighbour that does not announce its new MAC" silent_mac $mac_m1
check "packets go on after neighbour entries are deleted" forgotten
check "packets go on after all neighbour entries are flushed" flushed
check "packets are dropped only while a neighbour entry is failed" failed
check "packets follow a permanent neighbour entry until its deletion" permanent
check "the module leaves a permanent neighbour entry of the administrator alone" kept
check "packets go on after the holder's device goes down and up" down_up
check "packets go on after the holder's device is renamed" renamed
check "packets go on after the holder's device gets a new MAC" own_mac 02:00:00:00:22:01
mac_entry=$(lan_mac entry)
check "packets keep to the changed MTU of the holder's device" mtu
check "packets follow a route to another device" second_card
check "a member takes packets from each card that the holder's heartbeats list" listed_card
check "a member takes no packet from a card that the holder's heartbeats do not list" unlisted_card
check "a member forgets the holder's cards with the heartbeats" forgotten_card
check "a member resolves the holder anew when its heartbeats list a card no longer" lost_card
check "packets follow a route back to the first device" first_card
check "packets go on after the route's device is deleted" deleted
check "packets are dropped while no route leads to the node" unroutable
check "a node by a gateway is not reached via direct" routed
check "lladdr and dev of a node are used without asking the stack" static
check "dev of a node is the device that has the name now" static_other
check "dev of a node is a device that is made anew" static_deleted
check "a node with an IPv4 address only takes both families" one_family 10.0.0.11
check "a node with an IPv6 address only takes both families" one_family 2001:db8::11
check "a node with addresses of both families takes both families" one_family "10.0.0.11 addr 2001:db8::11"
check "packets follow a node to its new address" node_address
make_ready "setup: a member of a second holder" bonded_make
for mode in balance-tlb balance-alb; do
	modprobe -q bonding max_bonds=0
	if ! ip -n lan link add bond9 type bond; then
		ktap_skip "a member takes packets from its holder's $mode bond" "this kernel has no bonding"
		continue
	fi
	ip -n lan link del bond9
	make_ready "setup: a holder with a $mode bond" bond_make $mode
	check "a member without heartbeats gets the packets of a $mode bond's other port in a tunnel" bond_returned
	check "a member takes packets from each port of its holder's $mode bond" bond_pulses
	make_ready "setup: the holder with a $mode bond is gone" bond_gone
done
check "a namespace ends while hops lead through it" ended
check "the module loads while routes change" loads_while_routes_change
ktap_exit
