#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connections that are tracked: who gets new ones (rr, wrr, lc, wlc, random), that they stay, what moves them, what is
# shown of them, and that they are bounded.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh
# shellcheck source=selftests/lib/connections.sh
. ./lib/connections.sh

# More than the 4096 buckets of a new table.
many=${1:-4500}

# hold EPOCH: the entry node has the lease for long enough.
hold() {
	local name
	for name in "${cluster_nodes[@]%:*}"; do
		haadm -n $name lease set web epoch $1 holder entry for 10s || return 1
	done
}

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && cluster_all "lease add web" "lease set web floor 1" &&
		family 4 && configure && family 6 && configure && cluster_ready && cluster_deaf &&
		printf '%s\n' "addr add 10.0.0.6/24 dev eth0" "addr add 10.0.0.201/24 dev eth0" \
			"addr add 2001:db8::6/64 dev eth0 nodad" \
		"addr add 2001:db8::c9/64 dev eth0 nodad" | ip -n client -b -
}

# Everything is as at first. Another scheduler has turns begin anew: on a busy machine what is left of an earlier
# connection may have taken one.
afresh() {
	track close all >/dev/null
	entry flow del all >/dev/null && weights 1 1 1 && sched sched lc && sched sched rr persist 0s &&
		entry flow set max 262144 udp 180s tcp 900s
}
deleted_by() { entry -j flow del "$@" | jq ".[0].deleted"; }
# acked: a client acknowledges data up to 200 ms later (TCP_DELACK_MAX), which begins a flow again that was deleted.
acked() { nap 0.25; }
count() { entry -j flow limits | jq ".[0].count"; }

rr() { afresh && opens 9 "3 3 3 0" && stays first && stays && opens 3 "1 1 1 0"; }
wrr() { afresh && weights 1 2 3 && sched sched wrr && opens 12 "2 4 6 0" && stays first && stays; }
lc() {
	afresh && sched sched lc && opens 6 "2 2 2 0" && is "$(track close m2)" 2 && wait_for 10 closing m2 2 &&
		opens 2 "0 2 0 0" && stays first && stays && acked &&
		is "$(deleted_by vip $vip node m3)" 2 &&
		opens 2 "0 0 2 0"
}
closing() { [ "$(flows node $1 state closing proto tcp)" = $2 ]; }
wlc() { afresh && weights 1 1 2 && sched sched wlc && opens 8 "2 2 4 0" && stays first && stays; }
by_chance() {
	local a b c
	afresh && weights 1 1 2 && sched sched random && read -r a b c _ <<<"$(tally "$(track open 400 $near)")" ||
		return 1
	[ $((a + b + c)) = 400 ] && [ $a -ge 60 ] && [ $a -le 140 ] && [ $b -ge 60 ] && [ $b -le 140 ] && stays first &&
		stays && return 0
	echo "$a $b $c"
	return 1
}

udp_stays() {
	local first
	afresh && first=$(track ask 30 $near 5000) && is "$(tally "$first")" "10 10 10 0 " &&
		is "$(track ask 30 $near 5000)" "$first" &&
		is "$(flows proto udp)" 30 &&
		is "$(tally "$(track again 6 $near 5000)")" "$(tally "$(yes "${first%% *}" | head -6 | tr '\n' ' ')")"
}
one_packet() {
	afresh && entry service set $at:80/udp one-packet on &&
		is "$(tally "$(track again 9 $near 5000)")" "3 3 3 0 " && is "$(count)" 0 &&
		entry service set $at:80/udp one-packet off
}

# What m3 had goes on at others, which do not know it: their clients hear so at once.
dies() {
	local before
	afresh && opens 9 "3 3 3 0" && before=$(stat_of entry flow_moved) && entry node set m3 state down &&
		is "$(tally "$(track say)")" "3 3 0 3 " && opens 4 "2 2 0 0" &&
		[ "$(stat_of entry flow_moved)" -ge $((before + 3)) ] &&
		is "$(flows node m3)" 0 && entry node set m3 state up && opens 3 "1 1 1 0"
}

drains() {
	afresh && opens 6 "2 2 2 0" && stays first && entry node set m2 state drain && stays && opens 4 "2 0 2 0" &&
		stays first && stays &&
		entry node verdict m2 fenced && is "$(tally "$(track say)")" "4 0 4 2 " &&
		entry node verdict m2 clear && entry node set m2 state up
}

# A port that was used before makes a new connection, which a drained node gets no more than any other.
reused() {
	local name now
	afresh && name=$(track once $near 7777) && is "$(track once $near 7777)" $name &&
		is "$(flows client-port 7777)" 1 && entry node set $name state drain &&
		now=$(track once $near 7777) && [[ $now = m? ]] && [ $now != $name ] && entry node set $name state up
}

# A member of weight 0 keeps its connections and takes no new ones, whatever the scheduler.
quiet() {
	local sched
	afresh && opens 3 "1 1 1 0" && stays first && entry member set $at:80/tcp node m1 weight 0 && stays &&
		opens 4 "0 2 2 0" || return 1
	for sched in wrr lc wlc random maglev "maglev persist 300s"; do
		afresh && sched sched $sched && weights 0 1 1 && [[ $(tally "$(track open 6 $near)") = "0 "*" 0 " ]] ||
			return 1
	done
}
# There all packets are its or none.
quiet_first() {
	local persist
	for persist in 0s 300s; do
		afresh && sched sched active-standby persist $persist && opens 2 "2 0 0 0" && is "$(active)" m1 &&
			weights 0 1 1 && is "$(active)" m2 &&
			afresh_clients && opens 2 "0 2 0 0" && weights 0 0 1 && is "$(active)" m3 && weights 0 0 0 &&
			is "$(active)" null &&
			weights 1 0 0 && is "$(active)" m1 && afresh_clients && opens 1 "1 0 0 0" || return 1
	done
}
active() { entry -j service show $at:80/tcp | jq -r '.[0].active'; }
# Nor does it take those of a client that was kept with it: that client is kept with another one from then on.
quiet_kept() {
	local name now
	afresh && sched persist 300s && name=$(track open 1 $near) && stays first &&
		entry member set $at:80/tcp node $name weight 0 && stays &&
		now=$(track open 1 $near) && [[ $now = m? ]] && [ $now != $name ] && is "$(track open 1 $near)" $now &&
		entry member set $at:80/tcp node $name weight 1 && is "$(track open 1 $near)" $now
}

kept() {
	local name
	afresh && sched persist 300s && name=$(track open 1 $near) &&
		is "$(tally "$(track open 5 $near)")" "$(tally "$(yes $name | head -5 | tr '\n' ' ')")" &&
		! is "$(track open 1 $far)" $name >/dev/null &&
		is "$(entry -j flow show vip $vip | jq '[.[] | select(.mask)] | length')" 2 &&
		sched persist 300s mask $mask && afresh_clients && name=$(track open 1 $near) &&
		is "$(track open 1 $same)" $name &&
		! is "$(track open 1 $far)" $name >/dev/null && is "$(track open 1 $far)" "$(track open 1 $far)" ||
		return 1
	# Whose node dies is kept with another one from then on.
	entry node set $name state down && now=$(track open 1 $near) && [ $now != $name ] && [ $now != - ] &&
		is "$(track open 1 $same)" $now && entry node set $name state up && is "$(track open 1 $near)" $now
}
afresh_clients() { track close all >/dev/null; entry flow del all >/dev/null; }
released() { afresh && sched persist 1s && track open 1 $near >/dev/null && afresh_tcp && wait_for 30 nothing_kept; }
afresh_tcp() { is "$(track close all)" 1; }
nothing_kept() { [ "$(entry -j flow show vip $vip | jq '[.[] | select(.mask)] | length')" = 0 ]; }

# No more than there may be; who is refused asks again, and gets through when there is room.
bounded() {
	local before
	afresh && before=$(stat_of entry flow_refused) && entry flow set max 3 && opens 3 "1 1 1 0" &&
		is "$(count)" 3 &&
		is "$(track open 1 $near)" - && [ "$(stat_of entry flow_refused)" -gt $before ] &&
		entry -j event show | jq -e 'any(.kind == "flow-full")' >/dev/null && stays first && stays &&
		is "$(track close all)" 3 && is "$(deleted_by all)" 3 && ! is "$(track ask 1 $near 6000)" - >/dev/null
}

# forged PORT KIND [FIRST]: clients that do not exist fill a table of 1000 flows.
forged() {
	entry flow set max 1000 && n client ./tools/forge.py eth0 "$(lan_mac entry)" $vip $1 $2 1200 ${3:-1} &&
		is "$(count)" 1000
}
all_served() { is "$(tally "$(track open 30 $near)")" "10 10 10 0 "; }
all_asked() { ! grep -q -- - <<<"$(track ask 20 $near 7000)"; }

# Of whom nothing is known but what anybody can send, makes room for others of the same service and of another one. Who
# has connected keeps the connection.
forged_datagrams() {
	afresh && forged 80 udp && all_asked && all_served && stays first && forged 80 udp 2000 && stays
}
forged_acks() { afresh && forged 80 acks && all_served && stays first && forged 80 acks 2000 && stays; }
forged_clients() {
	afresh && entry service set $at:80/udp persist 3600s && forged 80 udp && all_asked && all_served
	local code=$?
	entry service set $at:80/udp persist 0s && return $code
}

# Via nat a client that sends datagrams for more than a second is assured only if the member has answered, too. At
# port 81 nobody answers, so forged clients make room. At port 82 each client is answered, so its flow stays.
forged_unanswered() {
	local code=0 pid port before
	ip netns exec m1 ./tools/datagrams.py 81 82 >"$work_dir/datagrams" 2>&1 &
	pid=$!
	wait_for 10 grep -q ready "$work_dir/datagrams" && afresh || code=1
	for port in 81 82; do
		entry service add $at:$port/udp sched rr snat on && entry member add $at:$port/udp node m1 via nat ||
			code=1
	done
	# All flows of the full table have had two datagrams.
	[ $code = 0 ] && entry flow set max 1000 &&
		n client ./tools/forge.py eth0 "$(lan_mac entry)" $vip 82 twice 100 60000 &&
		n client ./tools/forge.py eth0 "$(lan_mac entry)" $vip 81 twice 900 1 &&
		is "$(flows port 82)" 100 && is "$(count)" 1000 && before=$(stat_of entry flow_refused) &&
		forged 81 udp 2000 && is "$(stat_of entry flow_refused)" "$before" &&
		is "$(flows port 82)" 100 || code=1
	for port in 81 82; do entry service del $at:$port/udp || code=1; done
	kill $pid
	wait $pid
	return $code
}

# Whole handshakes can be forged, too. They fill the part of their service, and leave another one its own.
forged_handshakes() {
	local before
	afresh && before=$(stat_of entry flow_refused) && forged 80 handshakes && is "$(flows proto tcp)" 1000 &&
		is "$(track open 1 $near)" - && [ "$(stat_of entry flow_refused)" -gt $before ] && all_asked &&
		is "$(count)" 1000
}

# A reset that an attacker sends has the wrong sequence number. The client that goes on has its flow back.
forged_reset() {
	local port
	afresh && [[ $(track open 1 $near) = m? ]] && stays first &&
		port=$(entry -j flow show vip $vip | jq '.[0].client_port') && track lost $near $port >/dev/null &&
		wait_for 10 one_closing && wait_for 10 one_established && stays && cluster_ears || return 1
	# Further resets do not keep the flow.
	resets $port && wait_for 10 one_established && stays || return 1
	# So has a forged FIN, unless its sequence number is by chance close to the client's: of eight, one is not.
	afresh && opens 8 "3 3 2 0" && stays first && cluster_ears || return 1
	for port in $(entry -j flow show vip $vip | jq '.[].client_port'); do
		shot client src=$near dst=$vip to="$(lan_mac entry)" proto=tcp flags=17 sport=$port dport=80 || return 1
	done
	cluster_deaf && is "$(flows state closing)" 8 && wait_for 10 some_established && stays
}
some_established() { stays && [ "$(flows state established)" -ge 1 ]; }
# resets PORT: a reset more than a second after another one does not extend the timeout of the flow.
resets() {
	local first
	rst $1 && first=$(lasts) && sleep 1.5 && rst $1 && [ "$(lasts)" -lt $((first - 1400000000)) ] && cluster_deaf
}
rst() {
	shot client src=$near dst=$vip to="$(lan_mac entry)" proto=tcp flags=4 sport=$1 dport=80
}
lasts() { entry -j flow show vip $vip | jq '.[0].expires'; }
one_closing() { is "$(flows state closing)" 1; }
one_established() { stays && is "$(flows state established)" 1; }

# The reset of a connection that nobody has makes none, and takes nobody's turn.
lost() {
	local before one two
	afresh && before=$(stat_of entry drop_no_member) && one=$(track open 1 $near) &&
		track lost $near 6500 >/dev/null &&
		wait_for 10 dropped_since $before && is "$(count)" 1 && two=$(track open 2 $near) &&
		is "$(tally "$one $two")" "1 1 1 0 "
}
dropped_since() { [ "$(stat_of entry drop_no_member)" = $(($1 + 1)) ]; }

# Who has never established a connection may be made up, and is kept no longer than one that begins.
made_up() {
	afresh && sched persist 3600s && cluster_ears &&
		shot client src=$near dst=$vip to="$(lan_mac entry)" proto=tcp sport=7000 dport=80 &&
		cluster_deaf && client_is syn && track open 1 $near >/dev/null && wait_for 10 client_is open
}
client_is() { [ "$(entry -j flow show vip $vip | jq -r '[.[] | select(.mask) | .state] | join(" ")')" = $1 ]; }

# What is shown is what is so.
shown() {
	local names
	afresh && names=$(track open 6 $near) &&
		is "$(entry -j flow show vip $vip proto tcp | jq -r '.[].node' | sort | xargs)" \
			"$(tr ' ' '\n' <<<"$names" | sort | xargs)" &&
		entry -j flow show vip $vip | jq -e 'all(.state == "established" and .port == 80)' &&
		is "$(flows node m2)" 2 && is "$(flows state syn)" 0 &&
		is "$(flows client $near)" 6 && is "$(flows client $far)" 0 && is "$(flows proto tcp port 80)" 6 &&
		is "$(flows port 81)" 0 &&
		is "$(flows proto udp)" 0 && is "$(entry flow show vip $vip | tail -n +2 | wc -l)" 6 &&
		is "$(entry -j -s service show $at:80/tcp | jq '.[0].flows')" 6 &&
		is "$(entry -j -s member show $at:80/tcp node m2 | jq '.[0].flows')" 2 &&
		acked && is "$(deleted_by vip $vip node m2)" 2 &&
		is "$(flows)" 4 && is "$(track close all)" 6 && wait_for 10 all_closing
}
all_closing() { entry -j flow show vip $vip | jq -e 'all(.state == "closing")'; }

# Each kind for its own time.
ends() {
	afresh && entry flow set udp 1s && track ask 5 $near 7000 >/dev/null && track open 2 $near >/dev/null &&
		[ "$(flows proto udp)" -le 5 ] && wait_for 30 no_udp && is "$(flows proto tcp state established)" 2
}
# Hours as well.
ends_late() {
	afresh && entry flow set tcp 2h && track open 1 $near >/dev/null &&
		entry -j flow show vip $vip state established |
		jq -e 'length == 1 and .[0].expires > 7000 * 1e9 and .[0].expires <= 7200 * 1e9'
}
no_udp() { [ "$(flows proto udp)" = 0 ]; }

# A configuration takes the place of another one, and connections go on.
restored() {
	afresh && sched sched lc && opens 9 "3 3 3 0" && stays first && entry save >"$work_dir/saved" &&
		entry restore "$work_dir/saved" && stays &&
		is "$(entry -j -s member show $at:80/tcp node m1 | jq '.[0].flows')" 3 && opens 3 "1 1 1 0" &&
		stays first && stays
}

# Who is no member any more has nobody's.
deleted() {
	afresh && opens 3 "1 1 1 0" && entry member del $at:80/tcp node m1 && is "$(tally "$(track say)")" "0 1 1 1 " &&
		entry member add $at:80/tcp node m1 && opens 3 "1 1 1 0"
}

# Another scheduler, the same connections; stateless, and back.
rescheduled() {
	afresh && opens 6 "2 2 2 0" && stays first && sched sched wlc && stays && sched sched wrr && stays
}

# Renewals do not touch them; to lose the lease and to have it again ends that they steer.
other_epoch() {
	local before epoch=$((f - 4))
	afresh && hold $((epoch * 2 + 1)) && cluster_all "vip set $vip lease web" && opens 3 "1 1 1 0" && stays first &&
		before=$(stat_of entry flow_moved) && hold $((epoch * 2 + 2)) && stays &&
		is "$(stat_of entry flow_moved)" $before &&
		haadm -n entry lease release web && hold $((epoch * 2 + 3)) && track say >/dev/null &&
		is "$(stat_of entry flow_moved)" $((before + 3)) && cluster_all "vip set $vip holder entry"
}

# Packets of a known flow take the fast path.
fast() {
	local before
	afresh && opens 3 "1 1 1 0" && before=$(stat_of entry fast) && stays first && stays &&
		[ "$(stat_of entry fast)" -ge $((before + 6)) ]
}

# An error about a flow goes where the flow goes; about one that nobody has, nowhere.
errors() {
	local names number=0 name kind=icmp type=3 from=20100
	[ $f = 4 ] || kind=icmp6 type=1
	afresh && names=$(track ask 3 $near $from) && is "$(tally "$names")" "1 1 1 0 " && cluster_ears || return 1
	for name in $names; do
		shot client src=$near dst=$vip to="$(lan_mac entry)" about=unreach \
			inner=$vip,80,$near,$((from + number)) && heard "$name in $kind type=$type" || return 1
		number=$((number + 1))
	done
	grew entry "seen=1 drop_no_member=1" shot client src=$near dst=$vip to="$(lan_mac entry)" about=unreach \
		inner=$vip,80,$near,$((from + 77)) && is "$(flows proto udp)" 3 && cluster_deaf
}

# Many: the table grows under them, and a dump shows each once.
grows() {
	afresh && ./tools/flow_spread.py $vip 53 $many 20 client m1 m2 m3 >"$work_dir/one" &&
		! grep -q ' -$' "$work_dir/one" && is "$(flows proto udp)" $many &&
		./tools/flow_spread.py $vip 53 $many 20 client m1 m2 m3 >"$work_dir/two" &&
		diff "$work_dir/one" "$work_dir/two" && is "$(flows proto udp)" $many &&
		is "$(entry -j flow show vip $vip proto udp |
			jq '[.[] | "\(.client):\(.client_port)"] | unique | length')" $many &&
		is "$(deleted_by vip $vip proto udp)" $many && is "$(flows proto udp)" 0
}

small() {
	local size
	size=$(cat /sys/kernel/slab/hasw_flow$f/object_size) && [ $size -le $limit ] && return 0
	echo "$size bytes"
	return 1
}

exec 3>&1
ktap_header
make_ready "setup: a client, a holder and three members" prepare
for number in 4 6; do
	family $number
	track_start >/dev/null
	check "$v: sched rr: members get new flows in turn" rr
	check "$v: sched wrr: new flows are spread by weight" wrr
	check "$v: sched lc: a new flow goes to the member with the fewest flows" lc
	check "$v: sched wlc: a new flow goes to the member with the fewest flows for its weight" wlc
	check "$v: sched random: new flows are spread by chance and by weight" by_chance
	check "$v: datagrams from one client port go to one member" udp_stays
	check "$v: one-packet on: each datagram takes a turn without a tracked flow" one_packet
	check "$v: only the flows of a node that goes down move" dies
	check "$v: a drained node keeps its flows until it is fenced" drains
	check "$v: a drained node gets no new connection from a port that is used anew" reused
	check "$v: a member of weight 0 keeps only the flows that it has" quiet
	check "$v: sched active-standby: a member of weight 0 yields to the next member" quiet_first
	check "$v: persist keeps a client, or its network, with one member" kept
	check "$v: persist takes a client's new flows away from a member of weight 0" quiet_kept
	check "$v: persist keeps a client that may be forged only for a handshake's time" made_up
	check "$v: persist lets a client go when its time has passed" released
	check "$v: flow set max bounds the number of flows" bounded
	check "$v: a table full of forged datagrams still takes lasting connections" forged_datagrams
	check "$v: a table full of forged acknowledgements still takes lasting connections" forged_acks
	check "$v: a table full of forged clients of persist still takes connections" forged_clients
	check "$v: via nat a table full of forged datagrams that nobody answers takes further ones" forged_unanswered
	check "$v: forged handshakes to one service leave another service its part of the table" forged_handshakes
	check "$v: a connection outlasts a forged reset or a forged FIN" forged_reset
	check "$v: a TCP reset of an unknown connection makes no flow" lost
	check "$v: flow show lists each flow with its member and state" shown
	check "$v: idle flows end after the time of their kind" ends
	check "$v: flow set tcp 2h: a flow expires after two hours" ends_late
	check "$v: flows survive a restore" restored
	check "$v: a deleted member has no flows" deleted
	check "$v: flows survive a change of the scheduler" rescheduled
	check "$v: flows of a grant that has ended steer no packets" other_epoch
	check "$v: packets of a known flow take the fast path" fast
	check "$v: an ICMP error goes to the member of its flow" errors
	check "$v: no flow is lost while the flow table grows" grows
	if [ -e /sys/kernel/slab/hasw_flow$f ]; then
		check "$v: a flow takes no more memory than promised" small
	else
		ktap_skip "$v: a flow takes no more memory than promised" \
			"this kernel tells nothing of its caches; the build asserts it"
	fi
	track_stop
done
check "every packet had one fate" adds_up entry
ktap_exit
