#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Heartbeats that the module sends and checks: what they notice, and what nobody can make them believe.
#
#   pulse.sh [N [SECONDS]]      floods of N packets (20000), a busy machine for so long (3)
# shellcheck disable=SC2016,SC2086,SC2119 # $ is jq's; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

count=${1:-20000} seconds=${2:-3}
# Heartbeats of 1 ms, where time enough is given to notice that one in a million is lost: elsewhere the machine that the
# kernel runs in takes its CPUs away for longer than 40 of them.
quick=5ms
[ $count -le 20000 ] || quick=1ms
pulse=$PWD/tools/pulse_peer.py
# Simulated time passes only while the flood pauses: for longer than a silent node is waited for.
pause=0.0001
! time_simulated || pause=0.002

# Two machines on a LAN, and a cable between them besides.
prepare() {
	need_root
	need haadm jq python3
	module_load && lan_make && lan_join a 1 && lan_join b 2 || return 1
	ip -n a link add eth1 up type veth peer name eth1 netns b && ip -n b link set eth1 up &&
		ip -n a addr add 10.1.0.1/24 dev eth1 && ip -n b addr add 10.1.0.2/24 dev eth1 || return 1
	haadm -n a node add a addr 10.0.0.1 self && haadm -n a node add b addr 10.0.0.2 || return 1
	haadm -n b node add a addr 10.0.0.1 && haadm -n b node add b addr 10.0.0.2 self
}

# begin NAME PEER INTERVAL MULTIPLIER [LETTER]: a session over both networks, IPv6 too.
begin() {
	local me=1 other=2 tx=ab rx=ba
	[ $1 = a ] || { me=2 other=1 tx=ba rx=ab; }
	haadm -n $1 pulse set $2 id 7 interval $3 multiplier $4 path 10.0.0.$me 10.0.0.$other \
		path 10.1.0.$me 10.1.0.$other dev eth1 path 2001:db8::$me 2001:db8::$other \
		tx-key "$(lan_key $tx${5:-})" rx-key "$(lan_key $rx${5:-})"
}

both() {
	begin a b "$@" && begin b a "$@" && wait_for 10 all_up
}

end() {
	local name
	for name in a b; do
		[ -z "$(haadm -n $name pulse show)" ] ||
			haadm -n $name pulse del "$(haadm -n $name -j pulse show | jq -r '.[0].node')"
	done
}

# of NAME FILTER: something of a machine's session.
of() {
	haadm -n $1 -j pulse show | jq -e ".[0] | $2"
}

# hear N: each machine gets N heartbeats of the other one.
hear() {
	local a b
	a=$(of a '.paths[0].received') b=$(of b '.paths[0].received')
	wait_for 10 of a ".paths[0].received > $a + $1" && wait_for 10 of b ".paths[0].received > $b + $1"
}

all_up() {
	of a '.state == "up" and all(.paths[]; .state == "up")' &&
		of b '.state == "up" and all(.paths[]; .state == "up")'
}

# node NAME NODE lost|up: who was lost comes back as held.
node() {
	case $3-$(haadm -n $1 -j node show $2 | jq -r '.[0].state') in
	lost-lost | up-up | up-held) return 0 ;;
	esac
	return 1
}

# last NAME FILTER: the last event that matches.
last() {
	haadm -n $1 -j event show | jq -ce "map(select($2)) | .[-1]"
}

events() {
	haadm -n $1 -j event show | jq "map(select($2)) | length"
}

unknown() {
	begin a b 5ms 20 && wait_for 5 of a '.paths[0].sent > 20' && of a '.state == "unknown"' && node a b up &&
		of a 'has("peer_interval") | not'
}

up() {
	begin b a 5ms 20 && wait_for 10 all_up && node a b up &&
		of a '.peer_interval == 5000000 and .peer_multiplier == 20' &&
		of a 'all(.paths[]; .received > 0 and .echo > 0 and .bad_mac == 0)' && last a '.kind == "pulse-path"'
}

# One network gone: told, and nothing moves.
one_path() {
	local code
	ip -n b link set eth1 down && one_path_told
	code=$?
	ip -n b link set eth1 up && wait_for 10 all_up && return $code
}

one_path_told() {
	local before
	before=$(events a '.kind == "node"')
	wait_for 10 of a '.paths[1].state == "down"' && of a '.state == "up"' && node a b up &&
		last a '.kind == "pulse-path" and .path_number == 1' | jq -e '.path_to == "down" and .node == "b"' &&
		[ "$(events a '.kind == "node"')" -eq "$before" ]
}

# block NAME DIRECTION: what is on its way from (output) or to (input) the machine gets lost.
block() {
	n $1 nft -f - <<-END
		table inet pulse {
			chain $2 {
				type filter hook $2 priority 0
				udp dport 6947 drop
			}
		}
	END
}

unblock() {
	n $1 nft delete table inet pulse
}

silent() {
	block b output && wait_for 10 node a b lost && of a '.state == "down" and .losses >= 1' &&
		last a '.kind == "node" and .to == "lost"' | jq -e '.cause == "pulse" and .publish >= .decision' &&
		haadm -n a -j node show b | jq -e '.[0].evidence == ["pulse"]'
}

# From the last heartbeat to the switch: the time that was agreed, and not much more.
in_time() {
	local heard lost
	heard=$(of a '[.paths[].last_heard] | max') lost=$(last a '.kind == "node" and .to == "lost"' | jq .publish)
	ktap_note "silent for $(((lost - heard) / 1000)) us when the node was lost"
	[ $((lost - heard)) -ge 100000000 ]
}

# The other one is heard and knows that it is not.
one_way() {
	wait_for 10 of b '.state == "one-way" and all(.paths[]; .state == "one-way")' && node b a up
}

back() {
	unblock b && wait_for 10 all_up && node a b up && last a '.kind == "node"' |
		jq -e '.cause == "pulse" and .from == "lost"'
}

# One that was under way for long is heard, and no other: the node is lost again.
delayed() {
	local losses
	block a input && wait_for 10 node a b lost && n b $pulse record eth0 5 "$lan_dir/delayed" && block b output &&
		unblock a && losses=$(of a .losses) && n b $pulse flood eth0 "$lan_dir/delayed" as-it-was 1 &&
		wait_for 10 of a ".losses == $losses + 1" && wait_for 5 node a b lost && unblock b &&
		wait_for 10 all_up && node a b up
}

pace() {
	local losses
	losses=$(of a .losses)
	haadm -n b pulse set a interval 50ms && wait_for 10 of a '.peer_interval == 50000000' && node a b up &&
		haadm -n b pulse set a interval 5ms multiplier 30 &&
		wait_for 10 of a '.peer_interval == 5000000 and .peer_multiplier == 30' && hear 40 &&
		[ "$(of a .losses)" -eq $losses ] && haadm -n b pulse set a multiplier 20
}

# Who was patient and is so no more does not wait for what he had set out to: 25 s.
impatient() {
	local sent
	haadm -n a pulse set b multiplier 255 && haadm -n b pulse set a interval 100ms &&
		wait_for 10 of a '.peer_interval == 100000000' && sent=$(of a '.paths[0].sent') &&
		wait_for 10 of a ".paths[0].sent > $sent + 40" && block b output &&
		haadm -n a pulse set b multiplier 4 &&
		wait_for 8 node a b lost && unblock b && haadm -n b pulse set a interval 5ms &&
		haadm -n a pulse set b multiplier 20 && wait_for 10 all_up
}

# Somebody who restores has other things in mind than heartbeats.
restored() {
	local sent
	sent=$(of a '.paths[0].sent')
	haadm -n a save >"$lan_dir/conf" && ! grep -q pulse "$lan_dir/conf" && haadm -n a restore "$lan_dir/conf" &&
		wait_for 5 of a ".state == \"up\" and .paths[0].sent > $sent" && block b output &&
		wait_for 10 node a b lost &&
		haadm -n a restore "$lan_dir/conf" && node a b lost && unblock b && wait_for 10 node a b up
}

deleted() {
	block b output && wait_for 10 node a b lost && haadm -n a pulse del b && node a b up && unblock b &&
		begin a b 5ms 20 && wait_for 10 all_up
}

# It cannot be read back, by nobody and in no form.
secret() {
	! { haadm -n a -d -s pulse show && haadm -n a -j pulse show; } |
		grep -qi -e "$(<"$(lan_key ab)")" -e tx.key -e rx.key
}

# Six changes under heartbeats, each begun by the other end: neither ever misses one for long.
rekeyed() {
	local i losses old
	end
	both $quick 40 || return 1
	losses=$(of a .losses) old=$(of a '[.paths[].old_key] | add')
	for i in 1 2 3 4 5 6; do
		if [ $((i % 2)) -eq 0 ]; then rekey a b $i && hear 4 && rekey b a $i
		else rekey b a $i && hear 4 && rekey a b $i; fi || return 1
		wait_for 10 of a ".key_id == $i and (has(\"key_next\") | not)" || return 1
		wait_for 10 of b ".key_id == $i and (has(\"key_next\") | not)" || return 1
	done
	hear 50 && [ "$(of a .losses)" -eq "$losses" ] && [ "$(of b .losses)" -eq 0 ] &&
		[ "$(of a '[.paths[].old_key] | add')" -eq "$old" ] &&
		all_up && [ "$(events a '.kind == "pulse-path" and .path_to == "down"')" -eq "$(downs)" ]
}

downs() {
	cat "$lan_dir/downs"
}

rekey() {
	local tx=ab rx=ba
	[ $1 = a ] || { tx=ba rx=ab; }
	haadm -n $1 pulse key $2 tx-key "$(lan_key $tx$3)" rx-key "$(lan_key $rx$3)" key-id $3
}

record() {
	n lan "$pulse" record a-eth0 300 "$lan_dir/recorded"
}

grown() {
	[ "$(counter $1)" -ge $2 ]
}

# flood KIND COUNTER [KEY]: all are counted as what they are, none is taken, nobody is lost and nothing delayed.
flood() {
	local before after losses dropped heard
	heard=$(of a '.paths[0].received')
	losses=$(of a .losses) before=$(counter $2) dropped=$(overflown)
	n lan "$pulse" flood a-eth0 "$lan_dir/recorded" $1 $count "${3:+$(<"$(lan_key $3)")}" $pause || return 1
	dropped=$(($(overflown) - dropped))
	wait_for 10 grown $2 $((before + count - dropped))
	wait_for 10 of a ".paths[0].received > $heard + 50" || return 1
	after=$(counter $2)
	all_up && [ "$(of a .losses)" -eq "$losses" ] && [ $((after - before)) -le $count ] &&
		[ $((after - before)) -ge $((count - dropped)) ] && return 0
	echo "$2 grew by $((after - before)), $dropped were dropped before us"
	haadm -n a -d -s pulse show
	return 1
}

# overflown: what the kernel threw away since it waited for a CPU, ours or not.
overflown() {
	local _ dropped sum=0
	while read -r _ dropped _; do sum=$((sum + 16#$dropped)); done </proc/net/softnet_stat
	echo $sum
}

counter() {
	case $1 in
	pulse_*) stat_of a $1 ;;
	*) of a ".paths[0].$1" ;;
	esac
}

# A flood while the real one is silent on all paths does not keep it alive.
not_kept() {
	local before code
	block b output && before=$(counter $2) || return 1
	ip netns exec lan "$pulse" flood a-eth0 "$lan_dir/recorded" $1 10000000 "" $pause >/dev/null 2>&1 &
	echo $! >"$lan_dir/flooding"
	wait_for 10 node a b lost && wait_for 10 grown $2 $((before + 10000)) && node a b lost
	code=$?
	kill "$(<"$lan_dir/flooding")" && wait_for 10 lan_ended "$(<"$lan_dir/flooding")"
	unblock b && wait_for 10 all_up && return $code
}

# Heartbeats of before the key was changed, with the number of a key that is gone.
old_key() {
	rekey a b 9 && rekey b a 9 && wait_for 10 of a '.key_id == 9 and (has("key_next") | not)' &&
		wait_for 10 of b '.key_id == 9 and (has("key_next") | not)' &&
		wait_for 10 key_gone && flood replayed old_key
}

# key_gone: the key before is kept for what is still on its way; a recorded heartbeat tells whether it is forgotten.
key_gone() {
	local before
	before=$(counter old_key)
	n lan "$pulse" flood a-eth0 "$lan_dir/recorded" replayed 1 && wait_for 0.2 grown old_key $((before + 1))
}

# Who has the key and has recorded all, but does not know our number of today, is not heard.
other_life() {
	local received lost
	block b output && wait_for 10 node a b lost || return 1
	received=$(of a '.paths[0].received')
	n lan "$pulse" take a-eth0 "$lan_dir/recorded" "$(<"$(lan_key ba9)")" 300
	lost=$(haadm -n a -j node show b | jq -r '.[0].state')
	unblock b && wait_for 10 all_up && [ $lost = lost ] && return 0
	echo "the node was $lost, $received received"
	return 1
}

# Both ends begin anew with the same keys: what was recorded before is worth nothing, and they find each other.
began_again() {
	end
	both 5ms 20 9 && record && end && both 5ms 20 9 && flood replayed replayed
}

# Who says that it goes is lost, and what it held is nobody's, until it is heard in a new life: heartbeats of the old
# one bring nothing back. b does not hear how far it is said to have come, for then it would begin one.
goes() {
	haadm -n a lease add l && haadm -n a lease set l floor 1 && haadm -n a lease set l epoch 5 holder b for 10s &&
		block b input || return 1
	n lan "$pulse" flood a-eth0 "$lan_dir/recorded" going 1 "$(<"$(lan_key ba9)")" && wait_for 10 resigned &&
		node a b lost &&
		last a '.kind == "lease"' | jq -e '.cause == "resigned" and .told == "going" and .epoch == 5' &&
		last a '.kind == "pulse-told"' | jq -e '.told == "going" and .node == "b"' || return 1
	haadm -n b pulse del a && unblock b && begin b a 5ms 20 9 && wait_for 10 all_up && wait_for 10 node a b up &&
		haadm -n a -j node show b | jq -e '.[0].evidence == [] or .[0].evidence == null' &&
		haadm -n a lease del l
}

# b was set back to an earlier moment, as by a snapshot: a has heard more of it than it has said. It begins a new life,
# and no heartbeat of it is a replay any more.
set_back() {
	local replayed received
	record && n lan "$pulse" flood a-eth0 "$lan_dir/recorded" ahead 1 "$(<"$(lan_key ba9)")" &&
		received=$(of a '.paths[0].received') &&
		wait_for 10 taken $((received + 100)) && all_up && replayed=$(of a '[.paths[].replayed] | add') &&
		received=$(of a '.paths[0].received') && wait_for 10 taken $((received + 100)) &&
		[ "$(of a '[.paths[].replayed] | add')" -eq $replayed ] && wait_for 10 node a b up
}

taken() {
	[ "$(of a '.paths[0].received')" -ge $1 ]
}

# Who was granted a lease says so, and whoever holds it under a lower epoch does not any more: a machine whose clock
# stood still, say. b holds others, too.
claimed() {
	local name i
	for ((i = 0; i < 20; i++)); do echo "lease add x$i" && echo "lease set x$i floor 1" &&
		echo "lease set x$i epoch 1 holder b for 10s"; done |
		haadm -n b -b - || return 1
	for name in a b; do haadm -n $name lease add l && haadm -n $name lease set l floor 1 || return 1; done
	haadm -n b lease set l epoch 4 holder b for 10s && haadm -n a lease set l epoch 5 holder a for 10s &&
		wait_for 5 superseded b 4 &&
		holds a && ! holds b && haadm -n b lease set l epoch 9 holder b for 10s && wait_for 5 superseded a 5 &&
		holds b && ! holds a &&
		check_refused "the epoch is burned" haadm -n a lease set l epoch 8 holder a for 10s &&
		haadm -n a lease set l epoch 9 holder b for 10s &&
		haadm -n a lease del l && haadm -n b lease del l &&
		for ((i = 0; i < 20; i++)); do echo "lease del x$i"; done | haadm -n b -b -
}

# Both are granted the same epoch, by somebody who is wrong: who hears of the other one gives up, and the epoch is the
# other one's alone.
same_epoch() {
	local name winner loser
	for name in a b; do
		haadm -n $name lease add l && haadm -n $name lease set l floor 1 && block $name output || return 1
	done
	for name in a b; do haadm -n $name lease set l epoch 4 holder $name for 10s || return 1; done
	for name in a b; do unblock $name; done
	wait_for 5 not_both || return 1
	winner=a loser=b
	holds a || winner=b loser=a
	superseded $loser 4 && check_refused "another node says that it holds the lease under this epoch" \
		haadm -n $loser lease set l epoch 4 holder $loser for 10s &&
		haadm -n $loser lease set l epoch 4 holder $winner for 10s &&
		wait_for 10 all_up && haadm -n a lease del l && haadm -n b lease del l
}

not_both() {
	! { holds a && holds b; }
}

# All that b holds is in its first heartbeat: a gives up all at once. b says it at once, too, though it is to say
# something every ten seconds only.
claims_at_once() {
	local i
	end
	both 5ms 20 9 || return 1
	for ((i = 0; i < 20; i++)); do echo "lease add y$i" && echo "lease set y$i floor 1"; done >"$lan_dir/leases"
	for i in a b; do haadm -n $i -b "$lan_dir/leases" || return 1; done
	block a output && block b output &&
		for ((i = 0; i < 20; i++)); do echo "lease set y$i epoch 4 holder a for 10s"; done | haadm -n a -b - &&
		for ((i = 0; i < 20; i++)); do echo "lease set y$i epoch 5 holder b for 10s"; done | haadm -n b -b - &&
		unblock b && wait_for 5 outbid_all || return 1
	unblock a && wait_for 10 all_up && haadm -n b pulse set a interval 10s &&
		wait_for 10 of a '.peer_interval == 10000000000' || return 1
	for i in 10 20 30; do
		haadm -n a lease set y0 epoch $i holder a for 10s &&
			haadm -n b lease set y0 epoch $((i + 5)) holder b for 10s &&
			wait_for 3 superseded a $i || return 1
	done
	haadm -n b pulse set a interval 5ms &&
		for ((i = 0; i < 20; i++)); do echo "lease del y$i"; done >"$lan_dir/leases" &&
		for i in a b; do haadm -n $i -b "$lan_dir/leases" || return 1; done
}

# outbid_all: a has given up all twenty, by one heartbeat.
outbid_all() {
	haadm -n a -j event show |
		jq -e 'map(select(.kind == "lease" and .cause == "superseded" and (.lease | startswith("y")))) |
		length == 20 and (map(.decision) | unique | length) == 1'
}

# What a later release says beside that it is there is skipped, and what this one knows of it is taken.
newer_release() {
	local received
	haadm -n a lease add l && haadm -n a lease set l floor 1 && haadm -n a lease set l epoch 6 holder a for 10s &&
		record || return 1
	received=$(of a '.paths[0].malformed')
	n lan "$pulse" flood a-eth0 "$lan_dir/recorded" cut 1 "$(<"$(lan_key ba9)")" && holds a &&
		n lan "$pulse" flood a-eth0 "$lan_dir/recorded" newer 1 "$(<"$(lan_key ba9)")" &&
		wait_for 5 superseded a 6 &&
		[ "$(of a '.paths[0].malformed')" -eq $received ] && wait_for 10 all_up && wait_for 10 node a b up &&
		haadm -n a lease del l
}

# Two leases that a heartbeat could not tell apart cannot be.
same_number() {
	haadm -n a lease add web61629 &&
		check_refused "a lease of another name has the same" haadm -n a lease add web129740 &&
		haadm -n a lease del web61629
}

superseded() {
	last $1 '.kind == "lease"' | jq -e ".cause == \"superseded\" and .epoch == $2"
}

holds() {
	haadm -n $1 -j lease show l | jq -e '.[0].held'
}

resigned() {
	haadm -n a -j node show b | jq -e '.[0].evidence | index("resigned")'
}

# A machine that has other things to do loses nobody. What takes the CPUs from the machine itself, for longer than three
# heartbeats, is no matter of it, but does not do so five times in a row. Who tests for minutes wants them without a
# loss.
busy() {
	local pid pids=() round rounds=5 code=1
	[ $seconds -lt 60 ] || rounds=1
	end
	both $quick 3 || return 1
	for _ in 1 2 3; do
		sh -c 'while :; do :; done' >/dev/null 2>&1 &
		pids+=($!)
	done
	for ((round = 1; round <= rounds; round++)); do
		busy_round && code=0 && break
	done
	for pid in "${pids[@]}"; do kill $pid && wait_for 10 lan_ended $pid; done
	ktap_note "round $round; late: a $(of a .late), b $(of b .late); jitter $(of a '.paths[0].jitter') ns"
	return $code
}

losses() {
	of a .losses && of b .losses
}

busy_round() {
	local name before after
	wait_for 10 all_up && before=$(losses) || return 1
	sleep $seconds
	after=$(losses) && [ "$before" = "$after" ] && wait_for 10 all_up && return 0
	echo "losses of a and b:" $before "and then" $after
	for name in a b; do
		haadm -n $name event show | tail -n 4
		haadm -n $name pulse show
	done
	return 1
}

refused() {
	check_refused "$1" haadm -n a pulse "${@:2}"
}

check_refused() {
	local wanted=$1 printed code=0
	shift
	printed=$("$@" 2>&1) || code=$?
	[ $code -eq 2 ] && grep -q "$wanted" <<<"$printed" && return 0
	echo "exit $code: $printed"
	return 1
}

bad_input() {
	local ok before
	ok="id 8 interval 5ms multiplier 3 path 10.0.0.1 10.0.0.9 tx-key $(lan_key ab) rx-key $(lan_key ba)"
	haadm -n a node add c addr 10.0.0.9 || return 1
	before=$(haadm -n a -j pulse show | jq '.[0].id')
	refused "no node of that name" set nobody $ok && refused "the node is this machine" set a $ok &&
		refused "another session has this id" set c ${ok/id 8/id 7} &&
		refused "tx-key and rx-key are the same" set c ${ok% *} "$(lan_key ab)" || return 1
	refused "is a session with the node already" set b $ok && refused "it needs id" set c interval 5ms &&
		refused "no session with this node" key c tx-key "$(lan_key ab)" rx-key "$(lan_key ba)" key-id 3 &&
		refused "no session with this node" del c &&
		refused "no device of that name" set c ${ok/10.0.0.9/10.0.0.9 dev nodev0} &&
		incomplete && [ "$(haadm -n a -j pulse show | jq 'length')" -eq 1 ] &&
		[ "$(haadm -n a -j pulse show | jq '.[0].id')" -eq "$before" ] && haadm -n a node del c
}

# All that is missing is named at once, and what is complete is shown.
incomplete() {
	local printed
	! printed=$(haadm -n a pulse set c id 8 multiplier 3 path 10.0.0.1 10.0.0.9 2>&1) &&
		grep -q '^haadm: pulse set: "interval", "tx-key", "rx-key" missing: ' <<<"$printed" &&
		grep -q '^Example: haadm pulse set web1 id 7 interval .* rx-key ' <<<"$printed" &&
		! printed=$(haadm -n a pulse set c interval 5ms 2>&1) &&
		grep -q '^Example: haadm pulse set ' <<<"$printed"
}

key_files() {
	echo 00112233 >"$lan_dir/short" && chmod 600 "$lan_dir/short" &&
		echo 00112233445566778899aabbccddeeff >"$lan_dir/open" && chmod 644 "$lan_dir/open" || return 1
	usage "32 hexadecimal digits" "$lan_dir/short" && usage "read by others" "$lan_dir/open" &&
		usage "No such file" "$lan_dir/none"
}

usage() {
	local printed code=0
	printed=$(haadm -n a pulse key b tx-key $2 rx-key "$(lan_key ab)" key-id 30 2>&1) || code=$?
	[ $code -eq 1 ] && grep -q "$1" <<<"$printed" && return 0
	echo "exit $code: $printed"
	return 1
}

# A port that somebody else has.
port_taken() {
	local pid
	end
	ip netns exec a python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 6947)); time.sleep(60)' >/dev/null 2>&1 &
	pid=$!
	wait_for 10 port_bound && check_refused "port 6947 is taken" begin_a
	local code=$?
	kill $pid && wait_for 10 lan_ended $pid
	[ $code -eq 0 ] && [ -z "$(haadm -n a pulse show)" ] && both 5ms 20
}

begin_a() {
	begin a b 5ms 20
}

port_bound() {
	n a ss -Hlnu sport = :6947 | grep -q 6947
}

# All that they need is taken away while they run.
taken_away() {
	ip -n a link del eth1 && wait_for 10 of a '.paths[1].state == "down"' && of a '.state == "up"' &&
		wait_for 5 of a '.paths[1].unsent > 0' &&
		haadm -n a node del b && [ -z "$(haadm -n a pulse show)" ] && wait_for 10 node b a lost && ns_del a &&
		module_unload
}

ktap_header
check "setup: two machines, two networks" prepare || ktap_exit
check "a peer that was never heard has an unknown state" unknown
check "a peer is heard on every path of both families" up
check "a silent path causes an event, not a switch" one_path
check "a node that is silent on all paths is lost" silent
check "a silent node is lost not before its time" in_time
check "a node learns from its peer that it is not heard" one_way
check "a node that is heard again is back" back
check "a heartbeat after its time keeps no node alive" delayed
check "a change of the interval loses no node" pace
check "a smaller multiplier counts at once" impatient
check "a restore keeps a session and its evidence" restored
check "a deleted session takes its evidence along" deleted
check "keys of a session are never shown" secret
check "invalid input to pulse set is refused" bad_input
check "key files that are readable or malformed are refused" key_files
events a '.kind == "pulse-path" and .path_to == "down"' >"$lan_dir/downs"
check "a change of keys leaves no gap in heartbeats" rekeyed
check "setup: heartbeats are recorded" record
for kind in "forged bad_mac" "replayed replayed" "truncated pulse_malformed" "longer replayed" "unknown pulse_unknown" \
	"elsewhere pulse_unknown" "nonsense malformed ba6"; do
	check "a flood of $count ${kind%% *} heartbeats changes nothing" flood $kind
done
check "a flood of forged heartbeats keeps no node alive" not_kept forged bad_mac
check "a flood of replayed heartbeats keeps no node alive" not_kept replayed replayed
check "a flood of heartbeats with an old key changes nothing" old_key
check "a heartbeat that echoes no number of this session is ignored" other_life
check "sessions begun again with the same keys take no old heartbeat" began_again
record
check "a node that announces its end is lost until it begins again" goes
check "a machine whose counters were set back is heard again" set_back
check "a claim ends a grant that is held under a lower epoch" claimed
check "two holders under one epoch become one" same_epoch
check "claims in a heartbeat of a later release count" newer_release
check "a node claims all its leases at once in one heartbeat" claims_at_once
check "lease add refuses a name with another lease's number" same_number
if time_simulated; then
	ktap_skip "a busy machine loses no node in $seconds s" "what computes takes no simulated time"
else
	check "a busy machine loses no node in $seconds s" busy
fi
check "pulse set is refused while another socket has the port" port_taken
check "a session does not keep its device, node, namespace or module" taken_away
ns_del_all
ktap_exit
