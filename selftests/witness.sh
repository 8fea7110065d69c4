#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The witness: two nodes hold a lease although one of them, or the witness, is away. It is an ordinary user's process
# without a module, and holds nothing itself.
# shellcheck disable=SC2317,SC2086,SC2119,SC2016 # check runs functions; no word has spaces; the other shell expands

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/doctor_agents.sh
. ./lib/doctor_agents.sh

declare -A number=([a]=1 [b]=2 [w]=3)
nodes=(a b)
nobody=65534
most_kb=6144

# conf NAME [LINE...]: its file, which differs by name, key and voter's file only; a witness makes no checks, but reads
# them.
conf() {
	conf_head $1 "$dir/${key:-key-$1}" "$dir/${voter:-$1/voter}" 2s >"$dir/$1.conf"
	cat >>"$dir/$1.conf" <<-END
		nodes = (
		  { name = "a"; address = "10.0.0.1"; },
		  { name = "b"; address = "10.0.0.2"; },
		  { name = "w"; address = "10.0.0.3"; ${witness-witness = true;} }
		);
		checks = ( { service = "10.0.0.100:80/tcp"; node = "${member:-b}"; } );
		journal = { folder = "$dir/$1/journal"; };
	END
	printf '%s\n' "${@:2}" >>"$dir/$1.conf"
}

# usual: the file of the witness that all goes well with.
usual() {
	conf w "notify = [ \"$dir/notify\" ];"
}

# as NAME COMMAND...: in its namespace, and for the witness as a user who may do nothing.
as() {
	if [ $1 = w ]; then
		exec ip netns exec w setpriv --reuid $nobody --regid $nobody --clear-groups "${@:2}"
	else
		exec ip netns exec "$@"
	fi
}

# start NAME...: agents, each with a log of its own. What listens has its signals, so that it may be asked for its
# state.
start() {
	local name
	for name; do
		: >"$dir/$name.log"
		(if [ $name = w ]; then
			as w "$dir/haagentd" --witness -f "$dir/w.conf"
		else
			as $name haagentd -f "$dir/$name.conf"
		fi) >>"$dir/$name.log" 2>&1 &
		echo $! >"$dir/$name.pid"
	done
	for name; do wait_for 10 logged $name "listening for" || return 1; done
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3 setpriv nft tc
	# The folders between here and the build may be closed to others.
	cp "$(command -v haagentd)" "$dir/haagentd" && chmod 755 "$dir" || return 1
	lan_make || return 1
	for name in a b w; do
		lan_join $name ${number[$name]} && mkdir "$dir/$name" || return 1
	done
	haagentd --genkey "$dir/key-a" && cp -p "$dir/key-a" "$dir/key-b" && cp -p "$dir/key-a" "$dir/key-w" || return 1
	printf '#!/bin/sh\necho "$(id -u) $*" >>"%s"\n' "$dir/w/told" >"$dir/notify" && chmod 755 "$dir/notify" &&
		chown $nobody "$dir/key-w" "$dir/w" || return 1
	conf a && conf b && usual
}

nodes_begin() {
	local name
	module_load || return 1
	for name in "${nodes[@]}"; do
		nodes_add $name && haadm -n $name lease add web &&
			haadm -n $name vip add 10.0.0.100 on eth0 lease web &&
			haadm -n $name service add 10.0.0.100:80/tcp &&
			haadm -n $name member add 10.0.0.100:80/tcp node b || return 1
	done
}

# refused CODE PATTERN: a witness does not begin by its file. One that does is ended after a while.
refused() {
	local code=0
	(as w timeout 5 "$dir/haagentd" --witness -f "$dir/w.conf") >"$dir/refused" 2>&1 || code=$?
	cat "$dir/refused"
	usual
	[ $code -eq $1 ] && grep -qE -- "$2" "$dir/refused"
}

not_named() {
	witness='' conf w && refused 1 'w.conf:8: this node, "w", is started with --witness, .* write .* witness = true'
}
no_folder() {
	voter=nowhere conf w && refused 2 \
		"nowhere cannot be opened: .*runs as user $nobody: name a file in a folder that this user may write"
}
no_key() { key=key-a conf w && refused 1 "key-a cannot be opened: .*must belong to the user who runs the agent"; }
its_check() {
	member=w conf w && refused 1 'w.conf:10: the check is of node "w", which is a witness and serves nothing'
}

# credential: the unit's way. The key of root's is in a folder of the service's own, and its user may read it by the
# group.
credential() {
	local given=$dir/given/haagentd.key
	mkdir "$dir/given" && cp "$dir/key-a" "$given" && chgrp $nobody "$given" && chmod 440 "$given" || return 1
	key=key-a conf w && with_credential || return 1
	# More than that is no key any more.
	chmod 444 "$given" && with_credential
	[ $? -eq 1 ] && usual
}

with_credential() {
	(CREDENTIALS_DIRECTORY=$dir/given as w "$dir/haagentd" --witness --check-config -f "$dir/w.conf")
}

# alone: there is no module yet that it could look for. What it may not do is told once, and is no failure.
alone() {
	local status
	start w && wait_for 10 logged w "ready: this witness can be heard" || return 1
	status=$(</proc/"$(<"$dir/w.pid")"/status)
	[ ! -e /sys/module/haswitch ] && grep -qE "^Uid:	$nobody	$nobody	" <<<"$status" &&
		grep -q "^CapEff:	0*$" <<<"$status" &&
		[ "$(grep -c "no real-time scheduling" "$dir/w.log")" -eq 1 ] &&
		[ "$(grep -c "memory is not locked" "$dir/w.log")" -eq 1 ] &&
		logged w "health checks .* made by the nodes that have a module, not by this witness" &&
		! grep -qE "(error|warning):" "$dir/w.log"
}

held() { [[ $(holder) = [ab] ]]; }
other() { tr -d $1 <<<"ab"; }

granted() {
	start a b && wait_for 20 held && wait_for 10 known &&
		logged w "this node is a witness, which only votes on leases, one of 3"
}

# renewed: a grant of 90 ms goes on for half a second without an end. Its epoch may rise: a voter that was away asks
# for that.
renewed() {
	local name ends
	name=$(holder) && ends=$(ends $name) && sleep 0.5 && held_by $name && [ "$(ends $name)" -eq $ends ]
}

pulses_to() {
	haadm -n $1 -j pulse show | jq -e --arg peer $2 'length == 1 and .[0].node == $peer and .[0].state == "up"'
}

# The witness has no module to exchange heartbeats with, and nobody's module knows it as a node, nor is told of it.
own_pulses() {
	wait_for 10 pulses_to a b && wait_for 10 pulses_to b a && ! haadm -n a node show w && ! logged a "error:" &&
		! logged b "error:"
}

# told NAME PATTERN: what an agent says when it is asked for its state.
told() {
	kill -USR2 "$(<"$dir/$1.pid")" && sleep 0.1 && tail -n 12 "$dir/$1.log" | grep -q -- "$2"
}

# together: all hear each other again, so that the next point begins as this one did.
together() {
	wait_for 10 told a " b: heard," && wait_for 10 told b " a: heard," &&
		wait_for 10 told a " w (witness): heard," &&
		wait_for 10 told b " w (witness): heard," && wait_for 10 known
}

all_tell() {
	together && wait_for 5 told w "w (witness): 2 peers" &&
		wait_for 5 told w "witness: votes on leases, and was asked about 1 so far; 3 of 3 voters are heard" &&
		haadm -n w -j agent show |
		jq -e '.witness and .vote.runs and .vote.heard == ["a", "b", "w"] and .leases == []' &&
		haadm -n w agent show | grep -qE "^agent of w, a witness, release [0-9.]+$" && haadm -n a agent show |
		grep -qE "^  w +heard, a witness, heard "
}

notified() {
	wait_for 10 grep -qx "$nobody peer a heard" "$dir/w/told" &&
		wait_for 10 grep -qx "$nobody peer b heard" "$dir/w/told"
}

# of_status PID FIELD: that figure of a process, kB.
of_status() { sed -nE "s/^$2:[^0-9]*([0-9]+) kB$/\1/p" "/proc/$1/status"; }

# small: the process of the agent with its libraries, and what it and all its children have besides files. What they
# share since a fork counts for each.
small() {
	local pid own kb sum=0 all=()
	pid=$(<"$dir/w.pid") && own=$(of_status $pid VmRSS) && mapfile -t all < <(pgrep -P $pid) || return 1
	for pid in $pid "${all[@]}"; do
		kb=$(of_status $pid RssAnon) && sum=$((sum + kb)) || return 1
		ktap_note "$(<"/proc/$pid/comm") of the witness has $kb kB besides files" >&3
	done
	ktap_note "the witness has $own kB resident; all its ${#all[@]} children and it have $sum kB besides files" >&3
	[ "$own" -gt 0 ] && [ "$own" -le $most_kb ] && [ ${#all[@]} -ge 3 ] && [ $sum -gt 0 ] && [ $sum -le $most_kb ]
}

# The holder's power is off, as far as the others can see. The witness and the other node are two of three.
lost() {
	local name code
	name=$(holder)
	ip -n lan link set $name-eth0 down && wait_for 10 moved $name && renewed
	code=$?
	ip -n lan link set $name-eth0 up && together && return $code
}

# The lease is moved on purpose: to the other node, and never to the witness, which no module knows.
handed_over() {
	local name told code=0
	name=$(holder)
	told=$(haadm -n $name failover web to w 2>&1) || code=$?
	echo "$told"
	[ $code -eq 2 ] && grep -q "w is a witness, which only votes" <<<"$told" &&
		haadm -n $name failover web && moved $name && together
}

# The next holder's module has heard that the former one's gave the lease up, and that node tells the witness. Without
# that the witness waits 96 ms at least, as the last renewal is 20 ms old at most. Of three tries one must be sooner, as
# the machine may be busy.
killed() {
	local try soon=
	for try in 1 2 3; do
		kill_holder || return 1
		[ -z "$soon" ] || return 0
	done
	return 1
}

# kill_holder: and all is as before; sets soon when it was followed within 60 ms.
kill_holder() {
	local name took
	name=$(holder) && stop KILL $name && wait_for 10 moved $name && renewed && took=$(took $name) || return 1
	ktap_note "try $try: the other node held the lease $took us after its module knew" >&3
	[ "$took" -ge 60000 ] || soon=1
	start $name && together && votes $name
}

# took NAME: microseconds, at the other node, from the end of NAME's grant to its own.
took() {
	local other
	other=$(other $1) && haadm -n $other -j event show | jq -e --arg former $1 --arg next $other '
		map(select(.kind == "lease" and .lease == "web")) |
		(map(select(.node == $next and .cause == "granted")) | last.time) -
		(map(select(.node == $former and .cause == "resigned")) | last.time) | . / 1000 | floor'
}

# Both nodes hear the witness, but not each other. The one that holds goes on, and the other one does not take it.
parted() {
	local name code
	name=$(holder) && : >"$dir/$name.log"
	isolate on && wait_for 10 logged $name "$(other $name): not heard for" && held_by $name && renewed &&
		held_by $name
	code=$?
	isolate off && together && return $code
}

isolate() {
	ip -n lan link set a-eth0 type bridge_slave isolated $1 &&
		ip -n lan link set b-eth0 type bridge_slave isolated $1
}

# without SIGNAL PATTERN: the witness ends so; what its peers log of it from then on.
without() {
	local name peer
	: >"$dir/a.log"
	: >"$dir/b.log"
	name=$(holder) && stop $1 w || return 1
	for peer in a b; do wait_for 10 logged $peer "$2" || return 1; done
	held_by $name && renewed && held_by $name
}

# Of the nodes alone both are needed: the lease ends with either, and the one that is left says whose votes are missing.
none_left() {
	local name
	name=$(holder) && [ -n "$name" ] && stop KILL "$(other $name)" && wait_for 10 nobody_holds &&
		wait_for 10 told $name "lease web: held by nobody: 2 of 3 voters unreachable: .*, w (witness)" &&
		haadm -n $name status | grep -qE "^  web +held by nobody: 2 of 3 voters unreachable: .*, w \(witness\)$"
}

# Neither node may hold, so nobody does: a witness that could, with three voters there, would do it now.
drained() {
	local code
	both drain && wait_for 5 nobody_holds && sleep 1 && nobody_holds &&
		told a "lease web: held by nobody: no node asks for it; this one does not, as it is being drained" &&
		told b "lease web: held by nobody: no node asks for it; this one does not, as it is being drained"
	code=$?
	both up && wait_for 10 held && together && return $code
}

# both STATE: of both nodes, as both modules have them.
both() {
	local name node
	for name in "${nodes[@]}"; do
		for node in "${nodes[@]}"; do haadm -n $name node set $node state $1 || return 1; done
	done
}

# What it has promised it finds again, so that it has a voice at once, and the node that is left holds with it.
witness_back() {
	local other
	start w && wait_for 20 held && ! logged w "it knows nothing yet" && renewed && other=$(other "$(holder)") &&
		start $other && together && votes $other
}

# votes NAME: it says that it is ready only when its voter has waited for what it may have promised before.
votes() { wait_for 10 logged $1 "ready: the module takes BEATs"; }

begins_again() { start w && together; }

# Who votes does not change while agents run.
reloaded() {
	witness='' conf w && : >"$dir/w.log" && kill -HUP "$(<"$dir/w.pid")" &&
		wait_for 5 logged w \
			'node "w", which this is, is no witness any more; that begins with a restart of all agents'
	local code=$?
	usual && kill -HUP "$(<"$dir/w.pid")" && wait_for 5 logged w "was read again and is in force" && return $code
}

# The witness itself held nothing, either: every grant that any module was told of was to a node.
nodes_own() {
	local name
	one_owner || return 1
	for name in "${nodes[@]}"; do
		jq -e 'map(select(.kind == "lease" and .cause == "granted") | .node) |
			unique | . - ["a", "b"] | length == 0' "$dir/events-$name" || return 1
	done
}

# A node whose module has the witness as a node, too, does not begin.
no_node() {
	local code=0
	stop TERM b && haadm -n b node add w addr 10.0.0.3 || return 1
	ip netns exec b timeout 5 haagentd -f "$dir/b.conf" >"$dir/refused" 2>&1 || code=$?
	cat "$dir/refused"
	[ $code -eq 1 ] &&
		grep -q 'b.conf:8: node "w" is a witness here, .* but the module has it as a node; .*haadm node del w' \
			"$dir/refused"
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "a node is no witness by the command line alone" not_named
check "a file that its user may not write is refused" no_folder
check "a key that its user may not read is refused" no_key
check "a key that the service manager hands over is taken" credential
check "a health check of a witness is refused" its_check
check "a witness runs as nobody without a module" alone
nodes_begin || ktap_exit
check "two nodes and a witness: one node holds the lease" granted
check "only the modules of the nodes exchange heartbeats" own_pulses
check "each agent tells of the witness" all_tell
check "the witness's notify command runs as nobody" notified
check "the witness and its children take at most $most_kb kB" small
check "the holder renews" renewed
check "the lease moves to the other node, not the witness" handed_over
check "the holder's agent is killed: the other node holds" killed
check "the holder is cut off: the other node holds" lost
check "the nodes do not hear each other: the holder stays" parted
check "both nodes are drained: nobody holds" drained
check "the witness is killed: the holder renews on" without KILL "w: not heard for .*; its vote is missing"
check "without the witness and the other node nobody holds" none_left
check "the witness is back: the remaining node holds" witness_back
check "the witness stops: the holder renews on" without TERM "w: this witness stops cleanly; its vote is missing until"
check "the witness is heard again" begins_again
doctor_agents
check "a file without the witness is not loaded while the witness runs" reloaded
check "no lease ever had two owners or the witness as owner" nodes_own
check "a module that has the witness as a node is refused" no_node
stop TERM a w
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
