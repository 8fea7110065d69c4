#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A member on which nobody listens says so by itself, and others serve until somebody does again.
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100 vip6=2001:db8::100
kinds=("tcp $vip 80" "udp $vip 53" "tcp $vip6 80" "udp $vip6 53")

# Heartbeats so slow that they notice nobody's loss here.
prepare() {
	local kind addr port name
	need_root
	need haadm jq python3 nft
	module_load && cluster_make && cluster_nodes_add &&
		cluster_all "vip add $vip holder entry" "vip add $vip6 holder entry" || return 1
	for kind in "${kinds[@]}"; do
		read -r kind addr port <<<"$kind"
		cluster_all "service add $(service $kind $addr $port) failback auto" \
			"member add $(service $kind $addr $port) node m1 priority 10" \
			"member add $(service $kind $addr $port) node m2 priority 20" || return 1
		for name in m1 m2; do traffic serve $name $kind $addr $port $name-$kind-$addr || return 1; done
	done
	cluster_ready && for name in m1:11 m2:12; do
		pulse ${name%:*} ${name#*:} || return 1
	done
}

# service KIND ADDR PORT, as haadm names it.
service() {
	[[ $2 != *:* ]] && echo $2:$3/$1 || echo "[$2]:$3/$1"
}

# pulse NAME NUMBER: between it and entry.
pulse() {
	haadm -n entry pulse set $1 id $2 interval 100ms multiplier 200 path 10.0.0.2 10.0.0.$2 \
		tx-key "$(lan_key to$1)" rx-key "$(lan_key of$1)" &&
		haadm -n $1 pulse set entry id $2 interval 100ms multiplier 200 path 10.0.0.$2 10.0.0.2 \
			tx-key "$(lan_key of$1)" rx-key "$(lan_key to$1)" &&
		wait_for 20 hears entry $1 && wait_for 20 hears $1 entry
}

hears() {
	haadm -n $1 -j pulse show $2 | jq -e '.[0].state == "up"' >/dev/null
}

# health NAME NODE KIND ADDR PORT HEALTH: how the machine finds a member.
health() {
	haadm -n $1 -j member show "$(service $3 $4 $5)" node $2 |
		jq -e --arg health $6 '.[0].health == $health' >/dev/null
}

# ask KIND ADDR PORT WHO: that member answers, or nobody.
ask() {
	[ $4 != nobody ] || { refused $1 $2 $3; return; }
	says $4-$1-$2 client $1 $2 $3 wait=2
}

# refused KIND ADDR PORT: the client hears that nobody listens.
refused() {
	local answer
	answer=$(traffic talk client $1 $2 $3 wait=2)
	grep -qi "refused" <<<"$answer" && return 0
	echo "$answer"
	return 1
}

# last NAME: the last event about a member, and its time from decision to publish.
last() {
	haadm -n $1 -j event show | jq -ec 'map(select(.kind == "member")) | .[-1]'
}

m1_serves() {
	local kind
	for kind in "${kinds[@]}"; do ask $kind m1 || return 1; done
}

# One client hears it; all that come later are served.
moves() {
	traffic close m1-$1-$2 && refused "$@" && wait_for 20 health entry m1 "$@" refused && ask "$@" m2 &&
		health m1 m1 "$@" refused &&
		last entry |
		jq -e '.node == "m1" and .health == "refused" and .cause == "refused" and .publish >= .decision' \
			>/dev/null
}

each_moves() {
	local kind
	for kind in "${kinds[@]}"; do moves $kind || return 1; done
}

# A port is a service's; the others of the vip are served on.
only_it() {
	local kind
	traffic serve m1 tcp $vip 80 m1-tcp-$vip && wait_for 5 health entry m1 tcp $vip 80 up && ask tcp $vip 80 m1 &&
		health entry m1 udp $vip 53 refused && health entry m1 tcp $vip6 80 refused && ask udp $vip 53 m2
}

# It comes back when somebody listens, without any client that tries, and not much later.
back() {
	local kind addr port
	for kind in "${kinds[@]:1}"; do
		read -r kind addr port <<<"$kind"
		traffic serve m1 $kind $addr $port m1-$kind-$addr && wait_for 5 health entry m1 $kind $addr $port up ||
			return 1
		last entry | jq -e '.node == "m1" and .health == "up" and .cause == "refused"' >/dev/null || return 1
	done
	m1_serves
}

# Said again and again, or it would be over after ten seconds.
lasts() {
	local begun=$SECONDS
	traffic close m1-tcp-$vip && refused tcp $vip 80 && wait_for 20 health entry m1 tcp $vip 80 refused || return 1
	until [ $((SECONDS - begun)) -ge 12 ]; do
		health entry m1 tcp $vip 80 refused && ask tcp $vip 80 m2 || return 1
		nap 0.5
	done
}

# many LINE: written once for each of 500 ports.
many() {
	local port
	for ((port = 2000; port < 2500; port++)); do echo "${1//PORT/$port}"; done
}

# One program that ends may have served many vips, and each is said as long as it is so.
many_refuse() {
	local begun first name
	{
		many "service add $vip:PORT/tcp failback auto"
		many "member add $vip:PORT/tcp node m1 priority 10"
		many "member add $vip:PORT/tcp node m2 priority 20"
	} >"$work_dir/many" && many "service del $vip:PORT/tcp" >"$work_dir/few" || return 1
	for name in entry m1 m2; do haadm -n $name -b "$work_dir/many" || return 1; done
	first=$SECONDS
	n client python3 -c 'import socket, sys
for port in range(2000, 2500):
    sock = socket.socket()
    sock.settimeout(5)
    try:
        sock.connect((sys.argv[1], port))
        sys.exit(f"{port} is served")
    except ConnectionRefusedError:
        sock.close()' $vip && wait_for 20 as_many m1 500 || return 1
	haadm -n entry save >"$work_dir/conf" && haadm -n entry restore "$work_dir/conf" && as_many m1 500 || return 1
	# A minute after a client was refused the next one is sent there: by then a very slow machine sees fewer.
	begun=$SECONDS
	until [ $((SECONDS - begun)) -ge 12 ] || [ $((SECONDS - first)) -ge 60 ]; do
		as_many m1 500 || [ $((SECONDS - first)) -ge 60 ] || return 1
		nap 1
	done
	for name in entry m1 m2; do haadm -n $name -b "$work_dir/few" || return 1; done
	as_many m1 0
}

# as_many NODE COUNT: of the many; the holder knows that so many refuse there.
as_many() {
	local count
	count=$(haadm -n entry -j member show node $1 |
		jq 'map(select(.health == "refused" and .port >= 2000)) | length')
	[ "$count" -eq $2 ] && return 0
	echo "$count refuse"
	return 1
}

# What the configuration is replaced by has it from its first packet on, and a health check that says up does not hide
# it. After a minute one may try again: should that pass meanwhile, it begins anew.
kept() {
	kept_once || kept_once
}

kept_once() {
	local name before
	health entry m1 tcp $vip 80 refused || refused tcp $vip 80
	wait_for 20 health entry m1 tcp $vip 80 refused || return 1
	for name in entry m1; do
		before=$(changes $name)
		haadm -n $name save >"$work_dir/conf" && haadm -n $name restore "$work_dir/conf" &&
			health $name m1 tcp $vip 80 refused && [ "$(changes $name)" -eq $before ] || return 1
	done
	haadm -n entry member set "$(service tcp $vip 80)" node m1 health up && health entry m1 tcp $vip 80 refused &&
		ask tcp $vip 80 m2
}

# A check that says down holds, whoever listens.
checked_down() {
	haadm -n entry member set "$(service tcp $vip 80)" node m1 health down &&
		traffic serve m1 tcp $vip 80 m1-tcp-$vip &&
		wait_for 5 health m1 m1 tcp $vip 80 up && health entry m1 tcp $vip 80 down && ask tcp $vip 80 m2 &&
		haadm -n entry member set "$(service tcp $vip 80)" node m1 health up && ask tcp $vip 80 m1
}

# Rather than silence.
all_refuse() {
	traffic close m1-udp-$vip && traffic close m2-udp-$vip && refused udp $vip 53 &&
		wait_for 20 health entry m1 udp $vip 53 refused &&
		refused udp $vip 53 && wait_for 20 health entry m2 udp $vip 53 refused && refused udp $vip 53 &&
		told_why &&
		traffic serve m2 udp $vip 53 m2-udp-$vip && wait_for 5 health entry m2 udp $vip 53 up &&
		ask udp $vip 53 m2 &&
		traffic serve m1 udp $vip 53 m1-udp-$vip && wait_for 5 health entry m1 udp $vip 53 up
}

# Several members of the node that holds the vip are one server there, and refuse together, also after a restore.
# Another node serves as long as they do.
several_refuse() {
	local web=$vip:82/tcp
	cluster_all "service add $web failback auto" "member add $web node m1 priority 20" \
		"member add $web node entry priority 10 via nat port 8080" \
		"member add $web node entry priority 10 via nat port 8081" &&
		traffic serve m1 tcp $vip 82 m1-82 && wait_for 5 refused tcp $vip 82 && wait_for 20 both $web refused &&
		says m1-82 client tcp $vip 82 wait=2 && haadm -n entry save >"$work_dir/conf" &&
		haadm -n entry restore "$work_dir/conf" && both $web refused && says m1-82 client tcp $vip 82 wait=2 &&
		traffic serve entry tcp $vip 82 entry-82 && wait_for 5 both $web up &&
		says entry-82 client tcp $vip 82 wait=2 && traffic close entry-82 && traffic close m1-82 &&
		cluster_all "service del $web"
}

# further_add: m1 and m2 serve a service with further ports.
further_add() {
	local name port
	cluster_all "service add $vip:83/tcp also 84 also 90-95 failback auto" \
		"member add $vip:83/tcp node m1 priority 10" "member add $vip:83/tcp node m2 priority 20" || return 1
	for name in m1 m2; do
		for port in 83 84 90; do traffic serve $name tcp $vip $port $name-$port || return 1; done
	done
}
# further_health HEALTH: how the holder finds m1.
further_health() { wait_for 5 health entry m1 tcp $vip 83 $1; }
# A further port that is named alone counts like the service's own port, until the service loses it. In a range, where
# programs open few of the ports, the service's own port decides.
further() {
	local before
	further_add && says m1-84 client tcp $vip 84 wait=2 && says m1-90 client tcp $vip 90 wait=2 &&
		before=$(changes m1) && refused tcp $vip 91 && refused tcp $vip 95 && [ "$(changes m1)" -eq $before ] &&
		further_health up && traffic close m1-84 && refused tcp $vip 84 && further_health refused &&
		says m2-84 client tcp $vip 84 wait=2 && says m2-83 client tcp $vip 83 wait=2 &&
		traffic serve m1 tcp $vip 84 m1-84 && further_health up && says m1-83 client tcp $vip 83 wait=2 &&
		traffic close m1-83 && refused tcp $vip 91 && further_health refused &&
		says m2-90 client tcp $vip 90 wait=2 && traffic serve m1 tcp $vip 83 m1-83 && further_health up &&
		traffic close m1-84 && refused tcp $vip 84 && further_health refused &&
		cluster_all "service set $vip:83/tcp also 90-95" && further_health up
}

# Clients of that service are refused at two of its ports: both need a listener. m2, at which somebody listens again a
# moment after m1's first port, is back before.
further_both() {
	cluster_all "service set $vip:83/tcp also 84 also 90-95" && traffic close m1-83 && traffic close m2-83 &&
		refused tcp $vip 84 && further_health refused && refused tcp $vip 83 &&
		wait_for 20 health entry m2 tcp $vip 83 refused && refused tcp $vip 83 &&
		traffic serve m1 tcp $vip 84 m1-84 && nap 0.2 && traffic serve m2 tcp $vip 83 m2-83 &&
		wait_for 5 health entry m2 tcp $vip 83 up && health entry m1 tcp $vip 83 refused &&
		traffic serve m1 tcp $vip 83 m1-83 && further_health up && cluster_all "service del $vip:83/tcp"
}

# both SERVICE HEALTH: how entry finds each of its two members.
both() {
	haadm -n entry -j member show $1 node entry |
		jq -e --arg health $2 'map(.health) == [$health, $health]' >/dev/null
}

# found: how often 300 clients, whom nobody serves, make the module take its state lock to look at a refusal. The lock
# events of the clients' process carry stacks: its softirqs take the packets to the member and back, and run timers that
# take it, too.
found() {
	local trace=/sys/kernel/tracing event=/sys/kernel/tracing/events/lock/lock_acquire sender code=0
	rm -f "$work_dir/go" && mkfifo "$work_dir/go" || return 1
	ip netns exec client python3 -c 'import socket, sys
open(sys.argv[2]).read()
for i in range(300):
    try:
        socket.create_connection((sys.argv[1], 80), 5)
        sys.exit("served")
    except ConnectionRefusedError:
        pass' $vip "$work_dir/go" >&2 &
	sender=$!
	echo "common_pid == $sender && name ~ \"*state_lock\"" >$event/filter && echo 1 >$trace/options/stacktrace &&
		echo 1 >$event/enable || code=1
	echo go >"$work_dir/go"
	wait $sender || code=1
	echo 0 >$event/enable
	echo 0 >$trace/options/stacktrace
	echo 0 >$event/filter
	grep -q '=> hasw_' $trace/trace || code=1
	grep -c '=> hasw_refusal_found' $trace/trace
	: >$trace/trace
	return $code
}

# A refusal that is known costs the packets of further clients no lock, but one a second.
flood() {
	local taken
	traffic close m1-tcp-$vip && traffic close m2-tcp-$vip && refused tcp $vip 80 &&
		wait_for 20 health entry m1 tcp $vip 80 refused && refused tcp $vip 80 &&
		wait_for 20 health entry m2 tcp $vip 80 refused && refused tcp $vip 80 && taken=$(found) &&
		traffic serve m2 tcp $vip 80 m2-tcp-$vip && wait_for 5 health entry m2 tcp $vip 80 up &&
		traffic serve m1 tcp $vip 80 m1-tcp-$vip && wait_for 5 health entry m1 tcp $vip 80 up || return 1
	echo "$taken times"
	[ "$taken" -lt 100 ]
}

told_why() {
	local status
	status=$(haadm -n entry status)
	[[ $status = *"m1 has nobody listening, m2 has nobody listening"* ]] && return 0
	echo "$status"
	return 1
}

# changes NAME: how often a member has changed there.
changes() {
	haadm -n $1 -j event show | jq 'map(select(.kind == "member")) | length'
}

# A filter that resets is none of it: somebody listens.
filtered() {
	local before
	before=$(changes m1)
	n m1 nft -f - <<-END
		table ip refuse {
			chain input {
				type filter hook input priority 0
				tcp dport 80 reject with tcp reset
				udp dport 53 reject with icmp type port-unreachable
			}
		}
	END
	refused tcp $vip 80 && refused udp $vip 53 && refused tcp $vip 80 && [ "$(changes m1)" -eq $before ]
	local code=$?
	n m1 nft delete table ip refuse && [ $code -eq 0 ] && m1_serves
}

# Who listens by another device is not to be seen by this client, and is there for others.
bound() {
	local before listener result=0
	ip -n m1 link add other up type dummy && before=$(changes m1) && traffic close m1-tcp-$vip && wait_for 5 shut ||
		return 1
	ip netns exec m1 python3 -c 'import signal, socket, sys
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"other")
sock.bind((sys.argv[1], 80))
sock.listen()
signal.pause()' $vip &
	listener=$!
	wait_for 10 opened && refused tcp $vip 80 && refused tcp $vip 80 && [ "$(changes m1)" -eq $before ] &&
		health m1 m1 tcp $vip 80 up || result=1
	kill $listener
	wait $listener 2>/dev/null
	ip -n m1 link del other && traffic serve m1 tcp $vip 80 m1-tcp-$vip && ask tcp $vip 80 m1 && return $result
}

opened() {
	! shut
}

# Who said that it goes is back with its first heartbeat that proves to be new, whatever that says: here that nobody
# listens (3) on a service that is not there.
first_word() {
	n m1 ./tools/pulse_peer.py record eth0 1 "$work_dir/recorded" && haadm -n m1 pulse del entry &&
		n lan ./tools/pulse_peer.py flood entry-eth0 "$work_dir/recorded" going 1 "$(<"$(lan_key ofm1)")" &&
		wait_for 10 lost m1 &&
		n lan ./tools/pulse_peer.py return entry-eth0 "$work_dir/recorded" 3 "$(<"$(lan_key ofm1)")" &&
		wait_for 5 not_lost m1 || return 1
	haadm -n m1 pulse set entry id 11 interval 100ms multiplier 200 path 10.0.0.11 10.0.0.2 \
		tx-key "$(lan_key ofm1)" \
		rx-key "$(lan_key tom1)" && wait_for 10 hears entry m1 && wait_for 10 hears m1 entry &&
		haadm -n entry failback m1 && wait_for 5 health entry m1 tcp $vip 80 up
}

# lost NAME: to the holder.
lost() {
	haadm -n entry -j node show $1 | jq -e '.[0].state == "lost"' >/dev/null
}

not_lost() {
	! lost $1
}

# Somebody took the vip from ha0. What its programs listen on does not help: the member says so, and serves again when
# the address is back. Nobody else knows that it is gone.
flushed() {
	local kind addr port
	for kind in "${kinds[@]}"; do
		read -r kind addr port <<<"$kind"
		ip -n m1 addr flush dev ha0 && wait_for 10 ask $kind $addr $port m2 &&
			health entry m1 $kind $addr $port refused && lacks_address || return 1
		haadm -n m1 save >"$work_dir/conf" && haadm -n m1 restore "$work_dir/conf" &&
			wait_for 10 health entry m1 $kind $addr $port up && ask $kind $addr $port m1 || return 1
	done
}

# lacks_address: m1 says so itself.
lacks_address() {
	haadm -n m1 -j status | jq -e '[.warnings[] | select(contains("is not an address"))] | length == 1'
}

# A packet of a connection that is not there is reset in another form.
no_connection() {
	local before
	before=$(changes m1) && traffic close m1-tcp-$vip && wait_for 5 shut &&
		shot client src=10.0.0.1 proto=tcp flags=16 dst=$vip dport=80 to="$(lan_mac entry)" &&
		heard "client in tcp sport=80" && [ "$(changes m1)" -eq $before ] && health m1 m1 tcp $vip 80 up &&
		traffic serve m1 tcp $vip 80 m1-tcp-$vip
}

shut() {
	[ -z "$(n m1 ss -Hltn "sport = :80 and src $vip")" ]
}

# Who is not heard any more is not believed for longer than ten seconds.
forgotten() {
	traffic close m1-tcp-$vip && refused tcp $vip 80 && wait_for 20 health entry m1 tcp $vip 80 refused &&
		haadm -n m1 pulse del entry &&
		wait_for 15 health entry m1 tcp $vip 80 up && last entry |
		jq -e '.cause == "refused" and .health == "up"' >/dev/null
}

ktap_header
make_ready "setup: a holder, two members, heartbeats between them" prepare
check "the better member serves" m1_serves
check "a member at which nobody listens is left by the next client" each_moves
check "a member that listens again on one port serves that port" only_it
check "a member that listens again on all ports serves them" back
check "a refusal lasts as long as it is repeated" lasts
check "500 refusals last as long as they are repeated, and outlast a restore" many_refuse
check "a refusal outlasts a restore or a health check that says up" kept
check "a health check that says down outweighs a server that listens" checked_down
check "clients are refused where all members refuse" all_refuse
check "several members of the holder's node refuse together" several_refuse
check "a member at which nobody listens at a further port refuses" further
check "a member that refused at two ports refuses until both have a listener" further_both
if [ -e /sys/kernel/tracing/events/lock/lock_acquire ]; then
	check "300 clients that a refusing member refuses do not take the state lock each" flood
else
	ktap_skip "300 clients that a refusing member refuses do not take the state lock each" "needs lockdep"
fi
check "a filter that refuses is no refusal of the member" filtered
check "a server that listens by another device is no refusal" bound
check "a node that went is back with its first heartbeat, even with a refusal" first_word
check_fails "haadm cannot set health refused" 2 "give up or down" \
	haadm -n entry member set $vip:80/tcp node m1 health refused
check "a member that lost the vip as an address refuses, until it has it again" flushed
check "a reset of no connection is no refusal" no_connection
check "a refusal of a member that is not heard is not believed for long" forgotten
check "the module unloads while a member refuses" module_unload
ktap_exit
