#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The vote: agents let exactly one node hold each lease, whatever stops, and find again what they have promised.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

vip=10.0.0.100
declare -A number=([a]=1 [b]=2 [c]=3 [d]=4)
# d has no vote, as there are four of them, and is drained, so that it holds nothing.
nodes=(a b c d)

# conf NAME: the file of a node. With a profile it has no times of its own, but few heartbeats of the module: each is
# work here.
conf() {
	conf_head $1 "$dir/key" "$dir/voter-${voter:-$1}" ${longest:-2s} >"$dir/$1.conf"
	[ -z "${profile:-}" ] ||
		sed -i "s/^timings.*/profile = \"$profile\"; pulses = { interval = \"20ms\"; };/" "$dir/$1.conf"
	{ conf_nodes ${net:-} && echo "notify = [ \"$dir/notify\" ];"; } >>"$dir/$1.conf"
}

# everywhere BLOCK: what a page says, on every node.
everywhere() {
	local name line
	for name in "${nodes[@]}"; do
		while IFS= read -r line; do n $name bash -c "$line" || return 1; done < <(install/readme $1)
	done
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3 setpriv
	printf '#!/bin/sh\necho "$*" >>%s\n' "$dir/told" >"$dir/notify" && chmod 755 "$dir/notify"
	module_load && lan_make && lan_join client 9 || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && nodes_add $name && haadm -n $name lease add db &&
			haadm -n $name vip add $vip on eth0 holder a || return 1
		conf $name
	done
	everywhere lease-agents && haadm -n d node set d state drain || return 1
	haagentd --genkey "$dir/key"
}
held() {
	[[ $(holder ${1:-web}) = [abc] ]]
}

epoch() {
	haadm -n $1 -j lease show ${2:-web} | jq .[0].epoch
}

# served NAME: its MAC answers for the vip.
served() {
	local said
	said=$(lan_ask client $vip --fence 10.0.0.${number[$1]}) && [ "$(wc -l <<<"$said")" -eq 1 ] &&
		grep -q "$(lan_mac $1)" <<<"$said"
}

others() {
	tr -d $1 <<<"a b c"
}

# An agent that has no file asks the others; when all say that they know nothing, they wait for as long as the longest
# right could last that was forgotten.
bootstrap() {
	local begun
	start a b d
	sleep 1
	[ -z "$(holder web)" ] || return 1
	grep -q "it knows nothing yet" "$dir/a.log" || return 1
	begun=${EPOCHREALTIME/./}
	start c
	wait_for 20 held web && wait_for 5 held db || return 1
	begun=$((${EPOCHREALTIME/./} - begun))
	ktap_note "held after $((begun / 1000)) ms" >&3
	[ $begun -ge 2000000 ]
}

all_know() {
	wait_for 10 known web && wait_for 10 known db && served "$(holder web)"
}

# pulsing: the agents have had their modules begin heartbeats, and each hears all others.
pulsing() {
	local name
	for name in "${nodes[@]}"; do
		haadm -n $name -j pulse show | jq -e 'length == 3 and all(.state == "up")' >/dev/null || return 1
	done
}

all_pulse() {
	wait_for 10 pulsing && haadm -n a -j pulse show b | jq -e '.[0].interval == 10000000 and .[0].multiplier == 20'
}

# renewed: a grant of 90 ms goes on under one epoch.
renewed() {
	local name epoch
	name=$(holder web) && epoch=$(epoch $name) && sleep 1 && held_by $name && [ "$(epoch $name)" = "$epoch" ]
}

# pulse_keys: the numbers of the keys that the modules use, of all sessions.
pulse_keys() {
	local name
	for name in "${nodes[@]}"; do haadm -n $name -j pulse show | jq '.[].key_id'; done
}

# no_losses: no module lost another one.
no_losses() {
	local name
	for name in "${nodes[@]}"; do
		haadm -n $name -j pulse show | jq -e 'all(.losses == 0)' >/dev/null || return 1
	done
}

# A new shared key brings new keys to the modules, and they do without a gap.
rotated() {
	local before name holder
	before=$(pulse_keys | sort -u) holder=$(holder web)
	[ "$(wc -l <<<"$before")" -eq 1 ] && haagentd --addkey "$dir/key" || return 1
	for name in "${nodes[@]}"; do kill -HUP "$(<"$dir/$name.pid")" || return 1; done
	wait_for 10 other_keys "$before" || return 1
	haagentd --dropkey "$dir/key" || return 1
	for name in "${nodes[@]}"; do kill -HUP "$(<"$dir/$name.pid")" || return 1; done
	sleep 1
	pulsing && no_losses && held_by $holder
}

other_keys() {
	[ "$(pulse_keys | sort -u | wc -l)" -eq 1 ] && [ "$(pulse_keys | sort -u)" != "$1" ]
}

# pulses_by NET: all heartbeats of the modules go between addresses of that network.
pulses_by() {
	local name
	for name in "${nodes[@]}"; do
		haadm -n $name -j pulse show |
			jq -e --arg net $1. 'all(.paths | length == 1 and all(.local4, .remote4 | startswith($net)))' \
				>/dev/null || return 1
	done
}

# goes_by NET: all nodes have files with the addresses of that network.
goes_by() {
	local name
	for name in "${nodes[@]}"; do net=$1 conf $name; done
	for name in "${nodes[@]}"; do kill -HUP "$(<"$dir/$name.pid")" || return 1; done
	wait_for 10 pulses_by $1 && wait_for 10 pulsing && wait_for 10 held web
}

# The modules go by the addresses that the file has now, and not by those that it had when the heartbeats began.
other_addresses() {
	local name
	for name in "${nodes[@]}"; do ip -n $name addr add 10.0.1.${number[$name]}/24 dev eth0 || return 1; done
	goes_by 10.0.1 && goes_by 10.0.0
}

# agreed NAME: its status, its module and its agent say the same holder and epoch of web, which its renewals do not
# change.
agreed() {
	local said
	said=$({ haadm -n $1 -j status && haadm -n $1 -j agent show; } |
		jq -r '.leases[] | select(.lease == "web") | "\(.holder) \(.epoch)"' &&
		haadm -n $1 -j lease show web | jq -r '"\(.[0].holder) \(.[0].epoch)"') || return 1
	echo "$said"
	[ "$(wc -l <<<"$said")" -eq 3 ] && [ "$(sort -u <<<"$said")" = "$(holder web) $(epoch "$(holder web)")" ]
}

# Who holds is one truth, whomever one asks; and without privilege one sees who holds, too.
one_truth() {
	local name holder under="under epoch [0-9]+ for another [0-9.]+ms, successor [a-d]"
	holder=$(holder web)
	for name in "${nodes[@]}"; do agreed $name || return 1; done
	haadm -n $holder status | tee "$dir/status" |
		grep -qE "^  web +held by $holder, this machine, $under$" &&
		haadm -n $holder agent show | tee "$dir/shown" |
		grep -qE "^vote: 3 of 3 voters heard: a, b, c; a lease is held for 90.0ms at a time$" &&
		[ "$(grep -c "^    path .* good, heard " "$dir/shown")" -eq 3 ] && ! grep WARNING "$dir/status" ||
		return 1
	n $holder setpriv --reuid 65534 --regid 65534 --clear-groups haadm agent show 2>"$dir/shown" && return 1
	grep -q "^haadm: the agent answers root and its own user only$" "$dir/shown" &&
		n $holder setpriv --reuid 65534 --regid 65534 --clear-groups haadm -j status |
		jq -e '.warnings == [] and (.leases | length == 2)'
}

# An agent that is stopped does not answer, and status does not wait for it for long.
hangs() {
	local code
	kill -STOP "$(<"$dir/d.pid")"
	haadm -n d status >"$dir/status" && grep -q "^WARNING: an agent is there, but does not answer" "$dir/status" &&
		grep -qE "^  web +held by " "$dir/status"
	code=$?
	kill -CONT "$(<"$dir/d.pid")"
	cat "$dir/status"
	wait_for 10 known web && return $code
}

# says_all_along NAME HOLDER: its module names that holder whenever it is asked, for several times as long as a grant
# lasts.
says_all_along() {
	for _ in {1..25}; do
		[[ $(haadm -n $1 lease show web) = *" holder $2 "* ]] || return 1
		sleep 0.02
	done
}

# Nothing that the holder sends reaches d. The other voters hear the holder, and repeat what it says.
unheard() {
	local name said code
	name=$(holder web) said=$(epoch $name) && wait_for 10 known web &&
		ip -n $name neigh replace 10.0.0.4 lladdr 02:00:00:00:00:99 nud permanent dev eth0 || return 1
	wait_for 10 not_up d $name && says_all_along d $name && agreed d && held_by $name &&
		[ "$(epoch $name)" = "$said" ] &&
		logged d "lease web: $name holds it now, under epoch $said, says "
	code=$?
	what_happened
	ip -n $name neigh del 10.0.0.4 dev eth0
	wait_for 10 pulsing && wait_for 10 known web && return $code
}

# not_up NAME OTHER: its agent does not hear the other one.
not_up() { haadm -n $1 -j agent show | jq -e --arg name $2 'any(.peers[]; .node == $name and .state == "silent")'; }

# A stranger, and then another node, answers for the vip: it is in the status of all nodes, and once in the log and the
# words of the notify command of the holder.
conflict() {
	local name other
	name=$(holder web) && read -r other _ <<<"$(others $name)" || return 1
	: >"$dir/told"
	for _ in 1 2; do
		wait_for 10 claimed $name client "$(lan_mac client)" || return 1
	done
	haadm -n $name status |
		grep -E "^    CONFLICT: also answered by $(lan_mac client) on eth0, [0-9.]+[mu]?s ago$" || return 1
	wait_for 10 claimed $name $other "$(lan_mac $other)" && haadm -n $name status | tee "$dir/status" |
		grep -qE "^    CONFLICT: also answered by $other \($(lan_mac $other)\) on eth0, [0-9.]+[mu]?s ago$" &&
		haadm -n $name -j status |
		jq -e --arg node $other \
			'.vips[0].conflict | .node == $node and .dev == "eth0" and .age >= 0 and .time > 0' &&
		wait_for 10 told_of $name $other || return 1
	cat "$dir/told"
	[ "$(grep -c "^conflict $vip $(lan_mac client) stranger$" "$dir/told")" -eq 1 ] &&
		[ "$(grep -c "$vip: CONFLICT: also answered by $(lan_mac client) on eth0" "$dir/$name.log")" -eq 1 ] &&
		wait_for 20 conflict_elsewhere $name $other
}

# conflict_elsewhere NAME OTHER: the other node shows, as a problem too, what NAME has seen.
conflict_elsewhere() {
	haadm -n $2 status |
		grep -qE "^    CONFLICT: also answered by $2 \($(lan_mac $2)\) on eth0 of $1, [0-9.]+[mu]?s ago$" &&
		haadm -n $2 -j status | jq -e --arg by $1 '.vips[0].conflict | .seen_by == $by and .dev == "eth0"' &&
		haadm -n $2 check | grep -q "vip $vip: CONFLICT: "
}

# told_of NAME OTHER: it claims the vip, and the notify command of the holder has heard of it. The module tells of a vip
# once a second.
told_of() {
	claimed $1 $2 "$(lan_mac $2)" && grep -qx "conflict $vip $(lan_mac $2) $2" "$dir/told"
}

# claimed NAME OTHER MAC: that one claims the vip, and the module of the holder has taken it for a conflict.
claimed() {
	local before
	before=$(stat_of $1 conflicts) && n $2 "$lan_neighbour" say eth0 $vip && wait_for 2 conflicts_more $1 $before &&
		[ "$(haadm -n $1 -j vip show $vip | jq -r '.[0].conflict_lladdr')" = "$3" ]
}

conflicts_more() {
	[ "$(stat_of $1 conflicts)" -gt $2 ]
}

# stamp NAME JQ: when the last event of lease web was published there that fits, ns.
stamp() {
	haadm -n $1 -j event show | jq "map(select(.kind == \"lease\" and .lease == \"web\" and ($2))) | .[-1].publish"
}

# Its module says so at once to the others, who do not wait until the grant has run out. Nor for what may be on its
# way, for it said so after that had left: where computing takes no time, that would be 5 ms.
killed() {
	local name ended taken most=60000000
	time_simulated && most=3000000
	name=$(holder web)
	stop KILL $name
	wait_for 10 moved $name || return 1
	ended=$(stamp $name '.cause != "granted"')
	taken=$(stamp "$(holder web)" ".cause == \"granted\" and .node == \"$(holder web)\"")
	ktap_note "held again $(((taken - ended) / 1000)) us after the agent was killed" >&3
	[ $((taken - ended)) -gt 0 ] && [ $((taken - ended)) -lt $most ] && start $name && wait_for 10 known web &&
		wait_for 10 known db && wait_for 10 votes $name
}

# small: of each agent no more is locked in memory than 12 MB. When one is killed, the kernel frees that before it
# closes its sockets, which end its leases.
small() {
	local name locked
	for name in "${nodes[@]}"; do
		locked=$(awk '$1 == "VmLck:" { print $2 }' "/proc/$(<"$dir/$name.pid")/status")
		echo "$name: $locked kB"
		[ "$locked" -gt 0 ] && [ "$locked" -le 12000 ] || return 1
	done
}

# front STATE NAME...: the device by which clients of lease edge come there.
front() {
	local name
	for name in "${@:2}"; do ip -n $name link set edge0 $1 || return 1; done
}

edge_free() { [ -z "$(holder edge)" ]; }

# No client can come to the holder, which is well apart from that: another node holds, and it does not ask again. When
# all are so nobody holds, and then the first one to which clients can come, at once.
links_lost() {
	local name all=(a b c d) code=0 begun
	for name in "${all[@]}"; do
		ip -n $name link add edge0 type dummy && front up $name && haadm -n $name lease add edge &&
			haadm -n $name vip add 10.9.0.1 on edge0 lease edge || return 1
	done
	wait_for 10 known edge && name=$(holder edge) && front down $name && wait_for 10 moved $name edge &&
		wait_for 10 known edge &&
		front down "${all[@]}" && wait_for 10 edge_free && begun=${EPOCHREALTIME/./} && front up $name &&
		wait_for 10 held_by $name edge && soon $((${EPOCHREALTIME/./} - begun)) && wait_for 10 known edge &&
		grep -q "lease edge: no device by which its clients, or .*, come here has a link" "$dir/$name.log" ||
			code=1
	for name in "${all[@]}"; do
		haadm -n $name vip del 10.9.0.1 && haadm -n $name lease del edge && ip -n $name link del edge0 || code=1
	done
	return $code
}

# leg STATE NAME...: the device by which clients of the second vip come there.
leg() {
	local name
	for name in "${@:2}"; do ip -n $name link set edge1 $1 || return 1; done
}

# Two vips of a lease, of two networks. Who loses one leaves the lease to a node that has both, and comes back to it
# when there is none.
leg_lost() {
	local name all=(a b c d) code=0 next
	for name in "${all[@]}"; do
		printf 'link add edge%s up type dummy\n' 0 1 | ip -n $name -b - && haadm -n $name lease add legs &&
			printf 'vip add 10.9.%s.1 on edge%s lease legs\n' 0 0 1 1 | haadm -n $name -b - || return 1
	done
	wait_for 10 known legs && name=$(holder legs) && wait_for 10 gives_up_leg $name &&
		wait_for 10 known legs && next=$(holder legs) && [ $next != $name ] &&
		! grep -q "lease legs: .* for want of another one" "$dir/$next.log" &&
		leg down "${all[@]}" && wait_for 10 taken_partly && wait_for 10 known legs || code=1
	for name in "${all[@]}"; do
		printf 'vip del 10.9.%s.1\n' 0 1 | haadm -n $name -b - && haadm -n $name lease del legs &&
			printf 'link del edge%s\n' 0 1 | ip -n $name -b - || code=1
	done
	return $code
}

# gives_up_leg NAME: it loses a leg, and the lease. A leg counts only when its module has seen it with a link, which may
# take a while after the vip was added.
gives_up_leg() {
	leg down $1 && wait_for 1 moved $1 legs && return 0
	leg up $1
	return 1
}

taken_partly() {
	local name
	name=$(holder legs)
	[[ $name = [abc] ]] && grep -q "lease legs: .* for want of another one" "$dir/$name.log" &&
		haadm -n $name -j lease show legs | jq -e '.[0].held and .[0].partly' >/dev/null
}

# soon US: computing takes its time, too, where that is not simulated.
soon() { ! time_simulated || [ $1 -lt 500000 ]; }

# votes NAME: it says that it is ready only when its voter has waited for what it may have promised before.
votes() { grep -q "ready: the module takes BEATs" "$dir/$1.log"; }

# The holder is cut off: it does not speak any more when somebody else does. As it has run in time so far, the others
# wait for no more than a grant of 90 ms lasts.
cut_off() {
	local name most=${1:-180000000}
	name=$(holder web)
	ip -n lan link set $name-eth0 down
	wait_for 10 moved $name && served "$(holder web)" && in_time $name $most
	local code=$?
	ip -n lan link set $name-eth0 up && wait_for 10 known web && wait_for 10 known db && return $code
}

# in_time NAME MOST: the lease that it has lost without a word was taken as soon as that may be, within so many ns.
in_time() {
	local ended taken
	ended=$(stamp $1 '.cause != "granted"')
	taken=$(stamp "$(holder web)" ".cause == \"granted\" and .node == \"$(holder web)\"")
	ktap_note "held again $(((taken - ended) / 1000)) us after the holder was cut off" >&3
	[ $((taken - ended)) -lt $2 ] || grep "this agent did not run" "$dir/$1.log"
}

# stall NAME SECONDS: its agent does not run for so long, and then for a while it does.
stall() {
	kill -STOP "$(<"$dir/$1.pid")" && sleep $2 && kill -CONT "$(<"$dir/$1.pid")" && sleep 0.2
}

# fitted NAME: that it has stalled shows in what its agent does and says. Its module waits for its peers for as long.
fitted() {
	kill -USR2 "$(<"$dir/$1.pid")" && sleep 0.1 &&
		grep -q "did not run for [0-9]* ms, so leases are asked for [0-9]* ms" "$dir/$1.log" &&
		grep -qE "at worst in the last minutes: leases are asked for (1[89]|[2-5][0-9])[0-9] ms" \
			"$dir/$1.log" &&
		haadm -n $1 -j pulse show | jq -e 'length == 3 and all(.multiplier >= 14 and .multiplier <= 50)'
}

# patient: an agent without settings of its own for that survives stalls of 60 ms, and after these a longer one.
patient() {
	local name ends
	name=$(holder web) && ends=$(ends $name) && sed -i /^timings/d "$dir/$name.conf" &&
		kill -HUP "$(<"$dir/$name.pid")" && wait_for 5 adapts $name || return 1
	for _ in 1 2 3 4; do stall $name 0.06 || return 1; done
	wait_for 5 fitted $name && stall $name 0.15 && held_by $name && [ "$(ends $name)" -eq "$ends" ] || return 1
	conf $name && kill -HUP "$(<"$dir/$name.pid")" && wait_for 5 settled $name
}

# adapts NAME: its module's heartbeats may not be as late as its file said before; settled NAME: they may again.
adapts() { haadm -n $1 -j pulse show | jq -e 'length == 3 and all(.multiplier != 20)'; }
settled() { haadm -n $1 -j pulse show | jq -e 'length == 3 and all(.multiplier == 20 and .state == "up")'; }

# restarted: the holder's agent stops and comes back, and its grant does not end. What its voter may have promised last
# is not on its disk, so it moves on to a higher epoch.
restarted() {
	local name ends
	name=$(holder web) && ends=$(ends $name) && stop TERM $name && held_by $name && sleep 1 && held_by $name &&
		start $name &&
		sleep 2.5 && held_by $name && [ "$(ends $name)" -eq "$ends" ] &&
		grep -q "lease web: held from before" "$dir/$name.log"
}

# Its own vote is needed, and it does not vote at once: so long it goes on by the long right that it took before it
# stopped.
restarted_with_two() {
	local name third ends
	name=$(holder web) && read -r third _ < <(others $name) && stop KILL $third && wait_for 10 held_by $name &&
		ends=$(ends $name) &&
		stop TERM $name && start $name && wait_for 10 votes $name && sleep 1 && held_by $name &&
		[ "$(ends $name)" -eq "$ends" ] &&
		start $third && wait_for 10 votes $third && wait_for 10 known web && wait_for 10 known db
}

# upgraded: one agent after the other is upgraded to a release that says more in votes, claims and heartbeats; then all
# are set back. The holder keeps its leases all the time, and all nodes know it.
upgraded() {
	local name holder ends binary
	holder=$(holder web) && ends=$(ends $holder) || return 1
	for binary in haagentd-later haagentd; do
		for name in "${nodes[@]}"; do
			stop TERM $name && start $name && wait_for 10 votes $name && wait_for 10 known web &&
				held_by $holder || return 1
		done
		# The last long right is over, so the grant is a renewed one.
		sleep 2.5
		wait_for 10 known web && held_by $holder && [ "$(ends $holder)" -eq "$ends" ] || return 1
	done
}

# leaves: the holder leaves the cluster, and the others do not wait until its grant has run out.
leaves() {
	local name
	name=$(holder web)
	stop USR1 $name
	wait_for 5 moved $name && start $name && wait_for 10 known web && wait_for 10 known db
}

drained() {
	local name other
	name=$(holder web)
	for other in "${nodes[@]}"; do haadm -n $other node set $name state drain || return 1; done
	wait_for 5 moved $name && wait_for 5 moved $name db || return 1
	for other in "${nodes[@]}"; do haadm -n $other node set $name state up || return 1; done
	wait_for 10 known web
}

released() {
	local name epoch
	name=$(holder web) && epoch=$(epoch $name) && haadm -n $name lease release web epoch $epoch || return 1
	wait_for 5 again $epoch
}

again() {
	local name
	name=$(holder web) && [ -n "$name" ] && [ "$(epoch $name)" -gt $1 ]
}

# Without most of the voters there is no holder, and the agent that is left says why: in its log, and to who asks.
alone() {
	local name others why code
	name=$(holder web) && read -ra others <<<"$(others $name)" || return 1
	stop KILL "${others[@]}"
	why="2 of 3 voters unreachable: ${others[0]}, ${others[1]}"
	wait_for 5 nobody_holds && wait_for 5 says $name "held by nobody: $why" && gives_reason $name "$why"
	code=$?
	start "${others[@]}" && wait_for 5 mute ${others[0]} '> 0' && wait_for 20 held && wait_for 10 held db &&
		wait_for 10 known web && wait_for 5 mute ${others[0]} '== 0' && return $code
}

# mute NAME TEST: for how long a voter that was just started does not vote yet, ns.
mute() { haadm -n $1 -j agent show | jq -e ".vote.mute $2"; }

# gives_reason NAME WORDS: of lease web and of its vip, in text and JSON; and where no agent runs there are no such
# words.
gives_reason() {
	local other
	haadm -n $1 status >"$dir/status" && haadm -n $1 -j status >"$dir/status.json" &&
		haadm -n $1 agent show >"$dir/shown" || return 1
	cat "$dir/status" "$dir/shown"
	grep -qE "^  web +held by nobody: $2$" "$dir/status" &&
		grep -qF "  $vip held by nobody, NOT SERVED: its lease web has no holder: $2" "$dir/status" &&
		jq -e --arg why "$2" \
			'.agent_answers and ([.leases[] | [.holder, .reason]] == [[null, $why], [null, $why]]) and
			(.vips[0].reason | endswith($why))' "$dir/status.json" &&
		grep -qE "^  web +held by nobody: $2" "$dir/shown" &&
		grep -qE "^vote: 1 of 3 voters heard: $1; unreachable: ${2#*: };" "$dir/shown" &&
		haadm -n $1 -j agent show |
		jq -e --arg why "$2" --arg name $1 '.node == $name and .vote.heard == [$name] and
			([.leases[].reason] == [$why, $why]) and
			([.peers[] | select(.state == "silent")] | length == 2)' || return 1
	other=${2#*: } other=${other%,*}
	haadm -n $other agent show 2>"$dir/shown" && return 1
	grep -q "^haadm: no agent runs here" "$dir/shown" && wait_for 5 unknown_on $other && return 0
	cat "$dir/status" "$dir/check"
	return 1
}

# unknown_on NAME: once the module misses the agent, status does not say that nobody holds, and a monitoring system is
# only warned of the vip. (It is also told of a conflict that an earlier point has made.)
unknown_on() {
	local why="as far as this node knows, whose agent does not run" of="its lease web has no holder"
	haadm -n $1 -d check >"$dir/check"
	haadm -n $1 status >"$dir/status" && grep -qE "^  web +held by nobody: $why$" "$dir/status" &&
		grep -qx "  $vip held by nobody that is known here, NOT KNOWN TO BE SERVED: $of: $why" "$dir/status" &&
		grep -qx "WARNING: vip $vip not known to be served: $of: $why" "$dir/check"
}

# says NAME WORDS: of a lease, when it is asked for its state.
says() {
	kill -USR2 "$(<"$dir/$1.pid")" && sleep 0.1 && grep "lease web" "$dir/$1.log" | tail -n 1 | grep -q "$2"
}

# unserved: while no agent runs anywhere, every node knows that the vip is not served.
unserved() {
	local name
	for name in "${nodes[@]}"; do
		haadm -n $name -d check >"$dir/check"
		grep -q "^CRITICAL: vip $vip not served: its lease web has no holder" "$dir/check" || return 1
	done
}

# All agents are killed at once: what they find in their files is enough, and no epoch comes twice.
all_killed() {
	local name epoch
	name=$(holder web) && epoch=$(epoch $name) && stop KILL "${nodes[@]}" && nobody_holds && wait_for 5 unserved &&
		start "${nodes[@]}" &&
		wait_for 20 again $epoch &&
		wait_for 10 known web && wait_for 10 known db && ! grep -q "it knows nothing yet" "$dir/a.log"
}

# A voter whose file is gone asks the others.
forgot() {
	local name=c
	[ "$(holder web)" != c ] || name=b
	stop KILL $name
	rm "$dir/voter-$name" && start $name && wait_for 5 grep -q "it knows nothing yet" "$dir/$name.log" && sleep 3 ||
		return 1
	# Its voice counts again: with it and the holder alone the lease goes on.
	local third
	third=$(others "$name$(holder web)")
	stop KILL $third
	sleep 1
	held && start $third && wait_for 10 known web
}

# A file that somebody wrote into, in both of its slots, is set aside, and the voter asks the others.
damaged() {
	local name=c
	[ "$(holder web)" != c ] || name=b
	stop KILL $name
	printf x | dd of="$dir/voter-$name" bs=1 seek=70 conv=notrunc status=none
	printf x | dd of="$dir/voter-$name" bs=1 seek=$((8192 + 70)) conv=notrunc status=none
	start $name && wait_for 5 grep -q "it knows nothing yet" "$dir/$name.log" && wait_for 10 known web
}

# Who has other nodes in its file has no part in the vote, and says so.
mismatch() {
	local name=c
	[ "$(holder web)" != c ] || name=b
	stop KILL $name
	longest=3s conf $name
	start $name && wait_for 5 grep -q "names other nodes or another longest lease" "$dir/$name.log" && held ||
		return 1
	stop KILL $name
	conf $name && start $name && wait_for 10 known web
}

# refuses NAME [PATTERN]: the agent does not take its file, says PATTERN, and goes on with the file before.
refuses() {
	: >"$dir/$1.log"
	kill -HUP "$(<"$dir/$1.pid")" && wait_for 5 grep -q "${2:-begins with a restart of all agents}" "$dir/$1.log"
}

# What decides who votes, and what a voter has promised, stays as it is while agents run.
reloaded() {
	local name result=0
	name=$(holder web)
	longest=3s conf $name
	refuses $name || result=1
	voter=other conf $name
	refuses $name || result=1
	: >"$dir/$name.conf"
	refuses $name "is not there any more, or is empty" || result=1
	conf $name
	[ $result -eq 0 ] && held_by $name
}

# all_vote: what each voter knows is enough to vote by.
all_vote() {
	local name
	for name in a b c; do
		haadm -n $name -j agent show | jq -e '.vote.knows and .vote.mute == 0' >/dev/null || return 1
	done
}

# Who has another profile has no part in the vote, and both sides say why. What the file has is not loaded by a running
# agent.
other_profile() {
	local name other third
	wait_for 10 all_vote && name=$(holder web) && read -r other third < <(others $name) &&
		profile=fast conf $other && refuses $other && stop KILL $other &&
		start $other && wait_for 5 logged $other \
			'its file has profile = "default", and the one here has "fast", so neither counts' &&
		wait_for 5 logged $name \
			'its file has profile = "fast", and the one here has "default", so neither counts' || return 1
	# Its vote would be the second one of three.
	stop KILL $third && wait_for 5 nobody_holds && sleep 1 && nobody_holds && start $third && wait_for 10 held
}

# All agents begin again with that profile. What their files say beside it holds.
fast() {
	local name
	for name in "${nodes[@]}"; do profile=fast conf $name; done
	stop KILL "${nodes[@]}" && start "${nodes[@]}" && wait_for 20 known web && wait_for 10 known db &&
		wait_for 5 paced || return 1
	wait_for 10 all_vote || return 1
	haadm -n a agent show | tee "$dir/shown" | grep -qE "a lease is held for (25.0|[0-9]{2,3}.[0-9])ms at a time$"
}

# paced: its module waits for three heartbeats, or more where this machine is late.
paced() {
	haadm -n a -j pulse show |
		jq -e 'all(.state == "up" and .interval == 20000000 and .multiplier >= 3 and .multiplier < 20)' \
			>/dev/null
}

# A machine that is in time has it as the profile promises, where computing takes no time.
fast_cut_off() {
	if time_simulated; then cut_off 45000000; else cut_off; fi
}

# A lease that comes later is held, too, and one that goes is not missed.
later() {
	local name
	for name in "${nodes[@]}"; do haadm -n $name lease add late || return 1; done
	wait_for 10 held late && wait_for 10 known late || return 1
	for name in "${nodes[@]}"; do haadm -n $name lease del late || return 1; done
	sleep 0.5
	held
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "each lease of a new cluster gets one holder after a wait" bootstrap
check "every module knows the holder that answers for the vip" all_know
check "the modules keep heartbeats with each other" all_pulse
check "the modules' keys change with the shared key without a gap" rotated
check "the modules go by other addresses when the file has others" other_addresses
check "the holder renews" renewed
check "status, the module and the agent say the same of a lease" one_truth
check "status tells of an agent that does not answer" hangs
check "a node that does not hear the holder learns of it from voters" unheard
check "another machine that answers for a vip is reported" conflict
check "the holder's agent is killed: another node holds at once" killed
check "the agents lock little memory" small
check "no client can come to the holder: another node holds" links_lost
check "clients of one vip cannot come to the holder: another node holds" leg_lost
check "the holder is cut off: another node alone holds" cut_off
check "the holder's agent stalls: the agent keeps its leases" patient
check "the holder's agent restarts: nothing changes" restarted
check "the holder's agent restarts while one of three voters is away: nothing changes" restarted_with_two
check "agents are upgraded one after the other: nothing changes" upgraded
check "the holder leaves: another node holds" leaves
check "the holder is drained: another node holds" drained
check "a lease that is released by hand is held again" released
check "a lease that is added while agents run gets a holder" later
check "one voter of three: the agent says why nobody holds" alone
check "all agents are killed and started: leases are held under higher epochs" all_killed
check "a voter whose file is lost asks the others" forgot
check "a voter whose file is damaged asks the others" damaged
check "a node with other settings has no vote" mismatch
check "a file with another vote is not loaded while the agent runs" reloaded
check "a node with another profile has no vote" other_profile
check "all agents restart with the fast profile: leases are held" fast
check "the holder is cut off: another node holds within 45 ms" fast_cut_off
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
