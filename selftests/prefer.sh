#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who should hold a lease, and who may: the preferred node has it in the beginning and again some time after its return,
# and what only some nodes may hold no other one does.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)

conf() {
	conf_head $1 "$dir/key" "$dir/voter-$1" 2s >"$dir/$1.conf"
	conf_nodes >>"$dir/$1.conf"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3
	module_load && lan_make || return 1
	for name in "${nodes[@]}"; do lan_join $name ${number[$name]} && nodes_add $name && conf $name || return 1; done
	every lease add web prefer b prefer a failback 2s && every lease add db only b only c prefer c failback 3s &&
		every lease add stay prefer a failback manual && every vip add 10.0.0.100 on eth0 lease web || return 1
	haagentd --genkey "$dir/key"
}

# held NAME WEB DB STAY: who holds each of the leases, as that node's module knows it; "-" for nobody. One process tells
# all.
held() {
	local told who=(web "$2" db "$3" stay "$4") i
	told=$(haadm -n $1 lease show) || return 1
	for ((i = 0; i < 6; i += 2)); do
		if [ ${who[i + 1]} = - ]; then
			[[ $told != *"lease ${who[i]} holder "* ]] || return 1
		else
			[[ $told = *"lease ${who[i]} holder ${who[i + 1]} "* ]] || return 1
		fi
	done
}

# says NAME LEASE WORDS: of a lease, when it is asked for its state.
says() {
	kill -USR2 "$(<"$dir/$1.pid")" && sleep 0.1 && grep "lease $2:" "$dir/$1.log" | tail -n 1 | grep -q "$3"
}

began() {
	start a b c
	wait_for 20 held a b c a && held b b c a && held c b c a &&
		[ "$(grep -c "goes back" "$dir/a.log" "$dir/b.log" "$dir/c.log" | grep -vc ":0$")" -eq 0 ]
}

# stamp NAME LEASE CAUSE: when that happened to it last, as that node's module says, ns.
stamp() {
	haadm -n $1 -j event show | jq --arg lease $2 --arg cause $3 --arg node $1 \
		'map(select(.kind == "lease" and .lease == $lease and .cause == $cause and .node == $node)) |
		.[-1].publish'
}

# returned NAME: when the modules of the others had it as usable again, ns: the last one.
returned() {
	local name
	for name in $(tr -d $1 <<<"a b c"); do
		haadm -n $name -j event show | jq --arg node $1 \
			'map(select(.kind == "node" and .node == $node and (.to == "held" or .to == "up") and
			.from == "lost")) | .[-1].publish'
	done | sort -n | tail -n 1
}

# goes FROM TO LEASE SECONDS: it went there, so long after that node's return and not much later, and the holder let go.
goes() {
	local back taken after
	back=$(returned $2) taken=$(stamp $2 $3 granted)
	after=$(((taken - back) / 1000000))
	ktap_note "$3 went back $after ms after the return of $2" >&3
	[ $after -ge $(($4 * 1000 - 600)) ] && [ $after -lt $(($4 * 1000 + ${slack:-2000})) ] &&
		grep -q "lease $3: goes back to $2, which is preferred" "$dir/$1.log" &&
		[ "$(stamp $1 $3 released)" -gt $back ]
}

# lost NAME: its agent is killed, and the others know.
lost() { stop KILL $1 && wait_for 10 is_lost $1; }
is_lost() {
	local name
	for name in $(tr -d $1 <<<"a b c"); do [[ $(haadm -n $name node show $1) = *" state lost"* ]] || return 1; done
}

# The next one of those that are preferred, and not just anybody.
next_one() { lost b && wait_for 10 held a a c a; }

back() {
	start b && wait_for 10 says a web "; b is preferred, and gets it in [12] s" && held a a c a &&
		wait_for 10 held b b c a && goes a b web 2
}

# It is lost twice within a minute, so that it waits longer the second time.
again() { next_one && start b && wait_for 20 held b b c a && goes a b web 10; }

only() {
	lost c && wait_for 10 held a b b a && start c && wait_for 20 held b b c a && goes b c db 3
}

# Nobody else takes it, and an agent says why.
none_of_them() {
	lost c && wait_for 10 held a b b a && every node set b state drain && wait_for 10 held a a - a && sleep 1 &&
		held a a - a && says a db "held by nobody: only b, c may, neither can serve"
	local code=$?
	every node set b state up && start c && wait_for 20 held b b c a && return $code
}

# a is there again for longer than the other leases wait.
manual() {
	lost a && wait_for 10 moved a stay && start a && wait_for 10 known stay && sleep 4 && moved a stay && held_by b
}

refuses_itself() {
	local said code why="this node may not hold the lease, which names others with only: .*"
	said=$(haadm -n a lease set db epoch 99999999999999999 holder a for 1s 2>&1)
	code=$?
	[ $code -eq 2 ] &&
		grep -q "$why (attribute holder) (EPERM)$" <<<"$said"
}

# The agents follow: the preferred one gets it, and the holder hands it over to one that may.
changed() {
	every lease set web prefer c && wait_for 20 held a c c "$(holder stay)" &&
		every lease set web only b prefer b && wait_for 5 held_by b &&
		grep -q "lease web: goes to b, as this node may not hold it any more" "$dir/c.log" &&
		[ "$(stamp c web released)" -gt 0 ] &&
		every lease replace web && sleep 1 && held_by b && [[ $(haadm -n b lease show web) != *prefer* ]]
}

# even N: all nine leases are held, and the zones with a node have as many of them, but for N.
even() {
	haadm -n a -j zone show | jq -e --argjson n $1 'map(.leases | length) | add == 9 and max - min <= $n' >/dev/null
}

# deals NAME: if b died now, its leases would go to the others so that the zones are even, as that node's agent says. An
# agent counts the zones' leases in each tick: in the moment of a grant, it does not know yet who is to follow.
deals() {
	haadm -n $1 -j status | jq -e '.leases | map(if .holder == "b" then .successor else .holder end) |
		map(select(. == "c")) as $west | index(null) == null and length == 9 and
		($west | length == 4 or length == 5)' >/dev/null
}

# taken LEASE: a knows who holds it.
taken() { haadm -n a -j lease show $1 | jq -e '.[0].holder' >/dev/null; }

# Six leases more, of which each zone gets its part. Leases that come in one moment may all go to one zone, so each one
# comes when the last one is held. A node that was lost often stands back for a while: then once more.
dealt() {
	local i
	for i in 1 2 3 4 5 6; do every lease add z$i && wait_for 5 taken z$i || return 1; done
	wait_for 20 even 1 && return
	for i in 1 2 3 4 5 6; do every lease del z$i; done
	sleep 60
	return 1
}

# Preference aside, the zones are loaded alike: at the beginning, and when a node of the zone with two has died. When it
# returns, nothing moves.
spread() {
	every lease replace db && every lease replace stay && every node set a zone east &&
		every node set b zone east && every node set c zone west || return 1
	dealt || dealt || dealt || return 1
	wait_for 10 deals a && wait_for 10 deals c && lost b && wait_for 10 even 1 && start b &&
		wait_for 10 even 1
	local code=$?
	haadm -n a zone show && return $code
}

# first_is NAME LEASE WHO: who follows the lease's holder, as that node's agent has it.
first_is() {
	haadm -n $1 -j status | jq -e --arg lease $2 --arg who $3 \
		'.leases | map(select(.lease == $lease)) | .[0].successor == $who' >/dev/null
}

# follows WHO NAME LEASE: the agent of the lease's holder, that node, is killed, and WHO (any: one of the others) holds
# the lease so soon that nobody waited for an answer of the holder. The holder comes back, and votes again.
follows() {
	local ended taken now most=60000000
	time_simulated && most=15000000
	stop KILL $2 && wait_for 10 moved $2 $3 || return 1
	now=$(holder $3) ended=$(stamp $2 $3 agent-gone)
	taken=$(stamp $now $3 granted)
	ktap_note "lease $3 of $2: $now held it $(((taken - ended) / 1000)) us after that agent was killed" >&3
	start $2 && wait_for 10 known $3 && sleep 1 &&
		[[ $1 = any || $now = "$1" ]] && [ $((taken - ended)) -gt 0 ] && [ $((taken - ended)) -lt $most ]
}

# others NAME: the two other ones.
others() { tr -d $1 <<<"a b c" | xargs; }

# Each of the two that are left takes itself for the first one, so that both ask at once: what they ask crosses on its
# way, and each has its own vote. Nobody is held back for earlier losses any more.
split() {
	local name who code
	for name in "${nodes[@]}"; do wait_for 10 every failback $name || return 1; done
	sleep 1 # so long a voter that was started is mute
	every lease add even && wait_for 10 known even && who=$(holder even) || return 1
	for name in $(others $who); do
		haadm -n $name lease set even prefer $name failback manual && wait_for 10 first_is $name even $name ||
			return 1
	done
	for name in "${nodes[@]}"; do n $name tc qdisc add dev eth0 root netem delay 1ms limit 10000 || return 1; done
	follows any $who even
	code=$?
	for name in "${nodes[@]}"; do n $name tc qdisc del dev eth0 root; done
	return $code
}

# in_state NAME STATE NODE...: of that node, as the modules of the others say.
in_state() {
	local name
	for name in "${@:3}"; do [[ $(haadm -n $name node show $1) = *" state $2"* ]] || return 1; done
}

# A node that was lost again and again is held by the others when it returns. It knows, and leaves the lease to the
# other one, although it would be the first else.
comes_last() {
	local who first last i
	for first in "${nodes[@]}"; do wait_for 10 every failback $first || return 1; done
	every lease replace even && wait_for 10 known even && who=$(holder even) || return 1
	read -r last first <<<"$(others $who)"
	every lease set even prefer $last failback manual || return 1
	for ((i = 0; i < 6; i++)); do
		lost $last && start $last && sleep 1 && wait_for 10 known even || return 1
		in_state $last held $who $first && break
	done
	wait_for 5 first_is $first even $first && wait_for 5 first_is $last even $first && follows $first $who even
}

# hold_back NAME WHO: node WHO has that node as held. Until then, its agent is killed and started again.
hold_back() {
	local i
	for ((i = 0; i < 6; i++)); do
		in_state $1 held $2 && return
		lost $1 && start $1 && sleep 1 && wait_for 10 known even || return 1
	done
	return 1
}

# agreed LEASE NAME...: these nodes' agents have one of them as the next holder, which is set in next.
agreed() {
	local name
	for next in "${@:2}"; do
		for name in "${@:2}"; do first_is $name $1 $next || continue 2; done
		return
	done
	return 1
}

# The holder alone has both others as held, as if they had booted. Each is told so, but has the other one as up.
both_last() {
	local who one two next
	who=$(holder even) && read -r one two <<<"$(others $who)" && hold_back $one $who && hold_back $two $who &&
		haadm -n $one failback $two && haadm -n $two failback $one &&
		wait_for 5 in_state $one up $two && wait_for 5 in_state $two up $one &&
		in_state $one held $who && in_state $two held $who &&
		wait_for 5 agreed even $one $two && follows $next $who even
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "the preferred nodes hold the leases at first" began
check "the next preferred node follows a lost holder" next_one
check "the preferred node gets its lease back some time after its return" back
check "a preferred node that is lost twice waits longer for its lease" again
check "the second of two allowed nodes follows a lost holder" only
check "nobody holds a lease while no allowed node can serve" none_of_them
check "failback manual: a lease does not go back to the preferred node" manual
check "the module refuses a grant that only other nodes may have" refuses_itself
check "the agents follow changes of prefer and only" changed
check "leases are spread over zones" spread
check "two nodes ask at once while the third is off: one of them holds at once" split
check "a node that the others hold back for a while knows that it comes last" comes_last
check "of two nodes that only the holder holds back, one is the next holder" both_last
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
