#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The fence: of two nodes, the one that does not hear the other has a command switch it off, and holds the lease then.
# Whether a node is off is up to the script below, which takes its link and kills its agent, so that its module holds
# nothing either. Then the same without a fence, where a node that answers nowhere is presumed off (split = "allow").
# shellcheck disable=SC2317,SC2086,SC2119,SC2016 # check runs functions; no word has spaces; the other shell expands

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

heartbeat=10ms
declare -A number=([a]=1 [b]=2)
nodes=(a b)
started="listening for"

prepare() {
	local name
	need_root
	need haadm haagentd jq nft ping python3
	cat >"$dir/fence" <<-END
		#!/bin/sh
		echo "\$HASWITCH_NODE \$1" >>"$dir/asked"
		[ -e "$dir/works" ] || exit 1
		[ ! -e "$dir/slow" ] || sleep 1
		ip -n lan link set \$1-eth0 down && { kill -KILL "\$(cat "$dir/\$1.pid")"; echo \$1 >>"$dir/off"; }
	END
	chmod 755 "$dir/fence" && touch "$dir/works" && lan_make && module_load && haagentd --genkey "$dir/key" ||
		return 1
	for name in a b; do
		lan_join $name ${number[$name]} && mkdir "$dir/$name" || return 1
		conf $name "fence = \"$dir/fence\";" && nodes_add $name && haadm -n $name lease add web &&
			haadm -n $name vip add 10.0.0.100 on eth0 lease web || return 1
	done
	lan_join c 9
}

# conf NAME LINE: its file, which has a fence or not.
conf() {
	conf_head $1 "$dir/key" "$dir/$1/voter" 2s 'fence_after = "1s"; fence_delay = "3s";' >"$dir/$1.conf" &&
		{ conf_nodes && echo "$2 journal = { folder = \"$dir/journal\"; };"; } >>"$dir/$1.conf"
}

held() { [[ $(holder) = [ab] ]]; }
other() { tr -d $1 <<<"ab"; }

# asked LINE...: what the command was run for since the last `anew`, each line "WHO WHOM".
asked() { [ "$(cat "$dir/asked")" = "$(printf '%s\n' "$@")" ]; }
anew() { : >"$dir/asked"; }
unasked() { [ ! -s "$dir/asked" ]; }
asked_often() { [ "$(wc -l <"$dir/asked")" -ge $1 ]; }

link() { ip -n lan link set $1-eth0 $2; }

# told NAME PATTERN: what an agent says when it is asked for its state.
told() {
	kill -USR2 "$(<"$dir/$1.pid")" && sleep 0.1 && tail -n 4 "$dir/$1.log" | grep -qE -- "$2"
}

together() {
	wait_for 20 told a "b: heard," && wait_for 10 told b "a: heard," && wait_for 20 known
}

# back NAME: it is on again. What its agent of before has left in the kernel is gone, as the machine was off. Its link
# is there before its agent is, so that the agent is heard at once. Its module goes on sending heartbeats, so a flush
# may find something anew each time.
back() {
	wait_for 10 ip -n $1 neigh flush dev eth0 && link $1 up &&
		wait_for 10 n $1 ping -q -c 1 -W 1 10.0.0.${number[$(other $1)]} && start $1 && together
}

# renewed: a grant of 90 ms goes on for half a second without an end.
renewed() {
	local name ends
	name=$(holder) && ends=$(ends $name) && sleep 0.5 && held_by $name && [ "$(ends $name)" -eq $ends ]
}

# gap: from the end of the last grant but one to the beginning of the last one, by the events of both modules.
gap() {
	local name
	for name in a b; do haadm -n $name -j event show |
		jq -c --arg name $name '.[] | select(.kind == "lease" and .node == $name)'; done |
		jq -s 'sort_by(.publish) | (map(select(.cause == "granted")) | last.publish) as $begin |
			(map(select(.cause != "granted" and .publish < $begin)) | last.decision) as $from |
			($begin - $from) / 1000000 | round'
}

# note_gap WHAT [MOST]: that is told, and may be so many ms.
note_gap() {
	local gap
	gap=$(gap) && ktap_note "$1: without a holder for $gap ms" >&3 && [ "$gap" -le "${2:-$gap}" ]
}

# What split = "allow" takes may not be worse than VRRP with its defaults, where a backup waits for 3 s and more. In ms.
as_vrrp=2000

granted() {
	anew && start a b && wait_for 20 held && together && renewed &&
		haadm -n a -j status | jq -e '.notes == []' &&
		logged a "of two nodes, .* $dir/fence switch it off" && unasked
}

# The holder has no link, so the silence may be its own fault, and it does not fence. The other one does.
holder_cut() {
	local name
	anew && name=$(holder) && link $name down && wait_for 20 moved $name && asked "$(other $name) $name" &&
		note_gap "the holder is cut off" && held_by "$(other $name)" && renewed && held_by "$(other $name)"
}

# wrote NAME FILTER: a line of its journal is so.
wrote() { haadm -j journal by $1 in "$dir/journal" | jq -e "any(.[]; $2)" >/dev/null; }

# The one that was fenced is heard again. The holder goes on without an end.
fenced_back() {
	local name ends
	name=$(holder) && ends=$(ends $name) && back "$(other $name)" && renewed && held_by $name &&
		[ "$(ends $name)" -eq $ends ] && logged $name "is heard again: its vote is needed from now on" &&
		wrote $name '.kind == "fence" and .to == "fenced"' &&
		wait_for 5 wrote $name '.kind == "fence" and .to == "heard"'
}

# Renewals need the other's vote, so the holder loses the lease, too, until it has fenced.
other_dies() {
	local name ends
	anew && name=$(holder) && ends=$(ends $name) && link "$(other $name)" down && stop KILL "$(other $name)" &&
		wait_for 10 ended_more $name $ends &&
		wait_for 20 held_by $name && asked "$name $(other $name)" && note_gap "the holder's peer dies" &&
		renewed
}

# An agent that begins while the other node is off cannot hear it, and goes by what its voter's file has of it.
alone_again() {
	local name
	anew && name=$(holder) && stop KILL $name && wait_for 10 nobody_holds && start $name &&
		wait_for 30 held_by $name && asked "$name $(other $name)" && renewed
}

# Who stops in good order has asked for a long right, here one of 2 s. The next agent fences before that ends.
alone_restarted() {
	local name ends
	anew && name=$(holder) && ends=$(ends $name) && stop TERM $name && held_by $name &&
		sed -i 's/fence_delay = "3s"/fence_delay = "100ms"/' "$dir/$name.conf" && start $name &&
		wait_for 30 asked "$name $(other $name)" && renewed && held_by $name && [ "$(ends $name)" -eq $ends ] &&
		sed -i 's/fence_delay = "100ms"/fence_delay = "3s"/' "$dir/$name.conf" &&
		kill -HUP "$(<"$dir/$name.pid")" && wait_for 10 logged $name "was read again and is in force"
}

ended_more() { [ "$(ends $1)" -gt $2 ]; }

# One that was fenced counts until it is heard, and not a second time.
counts_no_more() {
	local name
	name=$(holder) && back "$(other $name)" || return 1
	rm "$dir/works"
	anew && name=$(holder) && link "$(other $name)" down && wait_for 10 nobody_holds && wait_for 20 asked_often 1 &&
		sleep 1 && nobody_holds
}

fails() {
	local name tries code=0
	anew && link a up && link b up && together && name=$(holder) &&
		tries="[0-9]+ s; fencing $name failed [2-9] times, last: exit 1" && link $name down &&
		wait_for 10 nobody_holds &&
		wait_for 30 told "$(other $name)" \
			"held by nobody: 1 of 2 voters unreachable: .*; $name is fenced in $tries" &&
		asked_often 2 && nobody_holds &&
		wait_for 10 logged $name "no path of this node has a link, so it is not fenced" || code=1
	touch "$dir/works"
	wait_for 30 moved $name && held_by "$(other $name)" && renewed && back $name && return $code
}

# Both have a link, and do not hear each other. Only the first by name fences, for the other one waits for longer than
# that takes.
parted() {
	local code=0
	touch "$dir/slow" && anew && isolate on && wait_for 20 logged a "b is off, by $dir/fence" &&
		wait_for 5 held_by a && sleep 4 && asked "a b" && renewed || code=1
	rm "$dir/slow"
	isolate off && back b && return $code
}

isolate() {
	ip -n lan link set a-eth0 type bridge_slave isolated $1 &&
		ip -n lan link set b-eth0 type bridge_slave isolated $1
}

# Who stops in good order has 10 s, holder or not.
stops() {
	local name
	anew && name=$(holder) && stop TERM $1 && sleep 6 && unasked &&
		told "$(other $1)" "$1 stopped in good order, and is not fenced for another [1-9][0-9]* s" &&
		start $1 && together && unasked && renewed
}

other_stops() { stops "$(other "$(holder)")"; }
holder_stops() { stops "$(holder)"; }

stays_away() {
	local name
	anew && name=$(holder) && stop TERM $name && sleep 9 && unasked && wait_for 30 moved $name &&
		asked "$(other $name) $name" && back $name
}

# both STATE NODE: as both modules have it.
both() { haadm -n a node set $2 state $1 && haadm -n b node set $2 state $1; }

maintained() {
	local name
	anew && name=$(other "$(holder)") && both maintenance $name && stop KILL $name && wait_for 10 nobody_holds &&
		sleep 6 && unasked &&
		told "$(other $name)" "held by nobody: .*; $name is in maintenance, so it is not fenced" &&
		nobody_holds && both up $name && wait_for 20 held && asked "$(other $name) $name" && back $name
}

# An agent that begins has not heard the other, so that it knows nothing of what that one did.
unmet() {
	anew && stop KILL a b && start a && sleep 8 && unasked && nobody_holds &&
		told a "held by nobody: .*; b cannot be fenced, for it has not answered since this agent began" &&
		start b && together && unasked
}

split() {
	stop KILL a b && conf a 'split = "allow";' && conf b 'split = "allow";' && start a b && wait_for 20 held &&
		together && renewed && logged a 'split = "allow": when two nodes hear nothing of each other' && anew
}

# doctor NAME: what it says there; its status is that of other findings, too.
doctor() { haadm -n $1 doctor || [ $? -eq 3 ]; }

# risks NAME PATTERN: status and agent show of that node warn of what split risks now, in JSON, too.
risks() {
	local warning="^WARNING: $2 is presumed off, for [0-9.]+m?s now: .*; if it runs, both nodes hold leases until"
	doctor $1 | grep "^split: $2 is presumed off" && haadm -n $1 status | grep -E "$warning" &&
		haadm -n $1 agent show | grep -qE "$warning" &&
		haadm -n $1 -j status | jq -e --arg of $2 '(.warnings | length == 1) and .notes == [] and
			(.warnings[0] | startswith("\($of) is presumed off, for "))'
}

# calm NAME...: there is the risk, and it is not taken.
calm() {
	local name
	for name; do
		haadm -n $name status | grep '^note: split = "allow": when nothing passes between this node and ' &&
			doctor $name | grep '^note: split = "allow": when nothing passes between this node and ' &&
			haadm -n $name -j status | jq -e '.warnings == [] and (.notes | length == 1)' || return 1
	done
}

split_dies() {
	local name
	name=$(holder) && calm a b && link $name down && stop KILL $name && wait_for 20 moved $name &&
		risks "$(other $name)" $name &&
		note_gap "split, the holder dies" $as_vrrp && unasked &&
		logged "$(other $name)" "$name is presumed off" && renewed && back $name && calm a b &&
		wait_for 5 wrote "$(other $name)" '.kind == "fence" and .to == "presumed-off"'
}

# flow: echoes of a client to the vip, one each 10 ms for 4 s, of which none may be lost.
flow() { n c ping -q -i 0.01 -c 400 10.0.0.100 >"$dir/flow"; }
flowed() { cat "$dir/flow" && grep -q ' 400 received, 0% packet loss' "$dir/flow"; }

# Everything of the node that does not hold stops at once. The holder has a right that lasts until it has judged that.
split_other_dies() {
	local name other ends flow code=0
	name=$(holder) && other=$(other $name) && ends=$(ends $name) && calm a b || return 1
	flow &
	flow=$!
	sleep 0.5 && link $other down && stop KILL $other && wait_for 10 logged $name "$other is presumed off" &&
		wait $flow && flowed && held_by $name && [ "$(ends $name)" -eq $ends ] && risks $name $other &&
		renewed || code=1
	back $other && [ "$(ends $name)" -eq $ends ] && calm a b && return $code
}

# The voter's file of the node that is left says that the other one was presumed off, and not heard since. So an agent
# that begins there alone holds again, and one that is restarted in good order goes on.
split_restarted() {
	local name other ends presumed code=0
	name=$(holder) && other=$(other $name) && presumed=$(presumed $name) && link $other down &&
		stop KILL $other && wait_for 10 presumed_more $name $presumed && renewed && stop KILL $name &&
		wait_for 10 nobody_holds && start $name && wait_for 20 held_by $name && renewed &&
		risks $name $other && ends=$(ends $name) && stop TERM $name && held_by $name && start $name &&
		wait_for 10 logged $name "$other is presumed off" && renewed && held_by $name &&
		[ "$(ends $name)" -eq $ends ] || code=1
	back $other && calm a b && return $code
}

# An agent that is killed and begins again has nothing to say before it may vote.
split_other_restarts() {
	local name other ends
	name=$(holder) && other=$(other $name) && ends=$(ends $name) && stop KILL $other && start $other &&
		together && held_by $name && [ "$(ends $name)" -eq $ends ]
}

# A voter without its file asks the other one, which knows all that it promised. The log does not call an operator.
split_file_lost() {
	local name other
	name=$(holder) && other=$(other $name) && stop KILL $other && rm "$dir/$other/voter" && start $other &&
		wait_for 5 logged $other "it knows nothing yet" && wait_for 20 knows $other && wait_for 10 held &&
		together && renewed && ! logged $other "too many voters have lost their files"
}

knows() { haadm -n $1 -j agent show | jq -e '.vote.knows and .vote.mute == 0'; }

# presumed NAME: how often its agent has presumed the other node off.
presumed() { grep -c " is presumed off, " "$dir/$1.log" || [ $? -eq 1 ]; }

presumed_more() { [ "$(presumed $1)" -gt $2 ]; }

# Who stops in good order says so. What the holder has then needs no vote of that node, which is not presumed off.
split_other_stops() {
	local name other ends presumed code=0
	name=$(holder) && other=$(other $name) && ends=$(ends $name) && presumed=$(presumed $name) &&
		stop TERM $other && sleep 4 && held_by $name &&
		logged $name "$other has said that its agent stops" && [ "$(presumed $name)" = "$presumed" ] || code=1
	start $other && together && [ "$(ends $name)" -eq $ends ] && renewed && held_by $name && return $code
}

# A planned move and a planned restart are what they were: the longer right ends with the one, and the other cuts it.
split_moves() {
	local name ends flow
	flow &
	flow=$!
	name=$(holder) && sleep 0.5 && haadm -n $name failover web && wait_for 5 moved $name && wait $flow && flowed &&
		ends=$(ends "$(other $name)") && name=$(other $name) && stop TERM $name && sleep 0.5 && start $name &&
		together && renewed && held_by $name && [ "$(ends $name)" -eq $ends ]
}

# An agent is killed for good. Its kernel still answers for the node's address, but says that no agent runs there and
# that it holds nothing.
split_other_killed() {
	local name other ends flow code=0
	name=$(holder) && other=$(other $name) && ends=$(ends $name) || return 1
	flow &
	flow=$!
	sleep 0.5 && stop KILL $other && wait $flow && flowed && sleep 1.5 && held_by $name &&
		logged $name "probe: $(lan_mac $other) answers for 10.0.0.${number[$other]} on eth0" &&
		logged $name "probe: $other: it says itself that no agent runs there, and that it holds no lease" &&
		haadm -n $name -j -d pulse show $other | jq -e '.[0].agentless > 0' && [ "$(ends $name)" -eq $ends ] &&
		renewed || code=1
	start $other && together && [ "$(ends $name)" -eq $ends ] && renewed && held_by $name && return $code
}

split_holder_killed() {
	local name other code=0
	name=$(holder) && other=$(other $name) && stop KILL $name && wait_for 10 moved $name &&
		note_gap "split, the holder's agent is killed" $as_vrrp &&
		sleep 3 && held_by $other && renewed || code=1
	start $name && together && renewed && held_by $other && return $code
}

# An agent stands still for good, as in a debugger. Its module says so, as of one that was killed.
split_other_stands() {
	local name other ends flow code=0
	name=$(holder) && other=$(other $name) && ends=$(ends $name) || return 1
	: >"$dir/$name.log"
	flow &
	flow=$!
	sleep 0.5 && kill -STOP "$(<"$dir/$other.pid")" && wait $flow && flowed && sleep 1.5 && held_by $name &&
		logged $name "probe: $other: it says itself that no agent runs there, and that it holds no lease" &&
		logged $name "$other is presumed off, .* that no agent runs there" && [ "$(ends $name)" -eq $ends ] &&
		renewed || code=1
	kill -CONT "$(<"$dir/$other.pid")" && together && [ "$(ends $name)" -eq $ends ] && renewed && held_by $name &&
		return $code
}

# The module of a holder answers clients until its right ends. Then the other node holds, also when that agent goes on.
split_holder_stands() {
	local name other code=0
	name=$(holder) && other=$(other $name) && kill -STOP "$(<"$dir/$name.pid")" || return 1
	wait_for 10 held_by $other && note_gap "split, the holder's agent stands still" $as_vrrp &&
		sleep 3 && held_by $other && renewed || code=1
	kill -CONT "$(<"$dir/$name.pid")" && together && renewed && held_by $other && return $code
}

# probed WHO WHOM PATTERN [CODE]: what is said by hand; without CODE, where something answers.
probed() {
	local said code=0
	said=$(n $1 haagentd --probe $2 2>&1) || code=$?
	echo "$code $said"
	[ $code -eq ${4:-3} ] && grep -q -- "$3" <<<"$said"
}

# The holder answers for the vip of either family. With ARP out of the way there is one answer left. That a device of
# another link has the holder's MAC makes its answer no own one.
split_asks() {
	local name code=0
	name=$(holder) && ip -n "$(other $name)" link add twin address "$(lan_mac $name)" type dummy &&
		ip -n "$(other $name)" link set twin up && haadm -n a vip add 2001:db8::100 on eth0 lease web &&
		haadm -n b vip add 2001:db8::100 on eth0 lease web &&
		probed "$(other $name)" $name "probe: $(lan_mac $name) answers for 10.0.0.[0-9]* on eth0" || return 1
	printf '%s\n' 'table netdev quiet {' 'chain in {' 'type filter hook ingress device eth0 priority 0;' \
		'ether type arp drop' '}' '}' |
		n $name nft -f - && probed "$(other $name)" $name \
			"probe: $(lan_mac $name) answers for 2001:db8::100 on eth0" || code=1
	n $name nft delete table netdev quiet && ip -n "$(other $name)" link del twin && together && return $code
}

# filtered PORTS: what agents, or agents and modules, send there does not pass, as by a firewall. Nobody splits while
# the link works.
filtered() {
	local name code=0
	for name in a b; do
		printf '%s\n' 'table ip filter {' 'chain input {' 'type filter hook input priority 0;' \
			"udp dport $1 drop" '}' '}' |
			n $name nft -f - || return 1
	done
	wait_for 10 nobody_holds && wait_for 20 told a "asked [2-9] times, last: something answers" &&
		wait_for 20 told b "asked [2-9] times, last: something" && nobody_holds || code=1
	n a nft delete table ip filter && n b nft delete table ip filter && together && return $code
}

# Both were off, and one of them starts: it has not heard the other one since. It may be that that one holds by a long
# right, which lasts for 2 s here, so it waits for longer. Whose own link is down learns nothing by asking.
split_begins() {
	local name other code=0
	name=$(holder) && other=$(other $name) && stop KILL a b && link $other down && wait_for 10 nobody_holds &&
		probed $other $name "no client link" 4 && start $name &&
		wait_for 20 told $name "held by nobody: 1 of 2 voters unreachable: $other" &&
		nobody_holds && wait_for 20 held_by $name && renewed && risks $name $other || code=1
	back $other && renewed && held_by $name && calm a b && return $code
}

both_hold() { [[ $(haadm -n a lease show web) = *" held "* && $(haadm -n b lease show web) = *" held "* ]]; }

# epoch NAME: under which its module has the lease.
epoch() { haadm -n $1 -j lease show web | jq '.[0].epoch'; }

# What is risked. When they hear each other again, the higher epoch stays, and no heartbeat later the other one is gone.
split_brain() {
	local high=a
	isolate on && wait_for 20 both_hold && sleep 1 && both_hold && risks a b && risks b a || return 1
	[ "$(epoch a)" -gt "$(epoch b)" ] || high=b
	isolate off && wait_for 5 held_by $high && renewed && together && held_by $high
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "two nodes and a fence: one node holds the lease" granted
check "the holder is cut off: the other node holds after a fence" holder_cut
check "the fenced node is back: the holder renews on" fenced_back
check "the holder's peer dies: the holder holds again after a fence" other_dies
check "an agent that begins while the other node is off holds again after a fence" alone_again
check "an agent that is restarted while the other node is off goes on" alone_restarted
check "a fenced node that was heard counts no more" counts_no_more
check "the fence fails: status says why nobody holds" fails
check "the nodes do not hear each other: only the first node fences" parted
check "a node that stops in good order is not fenced" other_stops
check "a holder that stops in good order is not fenced" holder_stops
check "a stopped node that stays away is fenced" stays_away
check "a node in maintenance is not fenced" maintained
check "a node that was never heard is not fenced" unmet
check "split: one node holds the lease" split
check "split: the holder dies: the other node holds" split_dies
check "split: the holder's peer dies: the holder goes on, and no packet is lost" split_other_dies
check "split: an agent that is restarted while the other node is off holds again, or goes on" split_restarted
check "split: the agent of the holder's peer is restarted: the holder goes on" split_other_restarts
check "split: a voter that has lost its file gets it from the other one, and a lease is held" split_file_lost
check "split: the agent of the holder's peer is stopped: the holder goes on" split_other_stops
check "split: a planned move loses no packet, and a planned restart no lease" split_moves
check "split: the agent of the holder's peer is killed for good: no packet is lost" split_other_killed
check "split: the agent of the holder is killed for good: the other node holds" split_holder_killed
check "split: the agent of the holder's peer stands still: no packet is lost" split_other_stands
check "split: the agent of the holder stands still: the other node holds" split_holder_stands
check "split: whoever answers by ARP or neighbour discovery is seen" split_asks
check "split: while heartbeats alone are dropped, nobody holds" filtered 6946-6947
check "split: while heartbeats of agents alone are dropped, nobody holds" filtered 6946
check "split: both were off, and one starts alone: it holds" split_begins
check "no lease ever had two owners" one_owner
check "split: the higher epoch stays when two holders meet" split_brain
stop TERM a b
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
