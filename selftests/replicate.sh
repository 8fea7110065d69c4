#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One configuration on all nodes: what is applied on one of them is in force on all or on none, is found again by a node
# that was away, and can be gone back to.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # check runs functions; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/schema.sh
. ./lib/schema.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/generations.sh
. ./lib/generations.sh

declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)
service="service add 10.0.0.100:80/tcp"
member="member add 10.0.0.100:80/tcp node b"

# conf NAME: few heartbeats, as each is work here.
conf() {
	heartbeat=50ms conf_head $1 "$dir/key" "$dir/voter-$1" 2s "" >"$dir/$1.conf"
	{
		conf_nodes
		echo "pulses = { interval = \"50ms\"; };"
		echo "journal = { folder = \"$dir/journal\"; };"
	} >>"$dir/$1.conf"
}

# text [LINE...]: a configuration of the three nodes and their lease.
text() {
	local name
	for name in "${nodes[@]}"; do echo "node add $name addr 10.0.0.${number[$name]}"; done
	echo "lease add web"
	echo "vip add 10.0.0.100 on eth0 lease web"
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3 setpriv curl
	module_load && lan_make || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && nodes_add $name && haadm -n $name lease add web || return 1
		conf $name
	done
	haagentd --genkey "$dir/key" && start a b c && slowly 20 known
}

# apply NAME FILE: what it says is in said-NAME.
apply() {
	local code=0
	haadm -n $1 cluster apply "$2" >"$dir/said-$1" 2>&1 || code=$?
	cat "$dir/said-$1"
	return $code
}

# saved NAME: its configuration, without the states of nodes and what is the default for other nodes' members.
saved() { haadm -n $1 save | sed 's/ state .*//; s/ via direct//'; }

# same NUMBER PATTERN: all nodes run that generation, and have that line. Nodes tell each other what they run now and
# then, and what this test computes takes no simulated time.
same() { wait_for 12 same_now "$@"; }

# What comes last is looked at first: until then this is asked for again and again.
same_now() {
	local name text
	for name in "${nodes[@]}"; do
		haadm -n $name -j cluster show | jq -e --argjson n $1 '.committed.generation == $n and
			(.nodes | length == 3 and all(.is_heard and .state == "runs" and .applied.generation == $n))' \
			>/dev/null || return 1
	done
	text=$(saved a) && grep -q -- "$2" <<<"$text" || return 1
	for name in "${nodes[@]}"; do [ $name = a ] || [ "$(saved $name)" = "$text" ] || return 1; done
}

# current NUMBER: one node knows that all run it; this is asked for often, and takes few processes.
current() {
	[ "$(haadm -n a -j cluster show | jq --argjson n $1 '.committed.generation == $n and (.nodes |
		all(.is_heard and .state == "runs" and .applied.generation == $n))')" = true ]
}

# soon NUMBER PATTERN: all nodes run that generation within a while, and have that line.
soon() {
	slowly 20 current $1 && slowly 5 same "$@"
}

generation() { haadm -n ${1:-a} -j cluster show | jq '.committed.generation // 0'; }

# files NAME: of committed generations, and nothing that is left of refused ones.
files() { find "$dir/config-$1" -name '[0-9]*.conf' -printf '%f\n' | sort; }

none_yet() {
	haadm -n a --all node set b state drain 2>"$dir/shown" && return 1
	grep -q "no configuration is committed yet, which --all could change" "$dir/shown" &&
		haadm -n b cluster show | tee "$dir/shown" | grep -q "^committed: none that is known here$" &&
		[ "$(grep -c "runs its own" "$dir/shown")" -eq 3 ] && ! haadm -n a cluster diff 2>"$dir/shown" &&
		grep -q "no configuration is committed yet: 'haadm cluster apply FILE' commits" "$dir/shown"
}

first() {
	local name holder epoch
	holder=$(holder) epoch=$(haadm -n $holder -j lease show web | jq .[0].epoch)
	text "$service" "$member" >"$dir/one"
	apply b "$dir/one" &&
		grep -qE "^generation 1, [0-9a-f]{16}, is committed; in force on b, a, c$" "$dir/said-b" &&
		same 1 "$member" || return 1
	for name in "${nodes[@]}"; do
		[ "$(files $name)" = "$(files a)" ] &&
			head -n -1 "$dir/config-$name/$(files $name)" | cmp - "$dir/one" || return 1
	done
	# Nobody's flows were disturbed.
	held_by $holder && [ "$(haadm -n $holder -j lease show web | jq .[0].epoch)" = $epoch ]
}

# unchanged GENERATION: a refusal has left nothing behind.
unchanged() {
	local name
	same $1 "$service" || return 1
	for name in "${nodes[@]}"; do [ "$(files $name | wc -l)" -eq $1 ] || return 1; done
}

# refused CODE PATTERN: what is in $dir/bad, on node a.
refused() {
	local code=0
	apply a "$dir/bad" || code=$?
	[ $code -eq $1 ] && grep -qE -- "$2" "$dir/said-a" && unchanged 1
}

bad_line() {
	text "vip add 10.0.0.101 on eth0 lease db" >"$dir/bad" &&
		refused 2 "bad: node a refuses it, so nothing was changed on any node: line 6: vip add: .*db"
}
node_missing() {
	text | grep -v "node add c" >"$dir/bad" &&
		refused 2 "bad: node c refuses it, .* on any node: no node is this machine"
}
with_self() { text | sed 's/^node add b.*/& self/' >"$dir/bad" && refused 1 'bad:2: "self" is for one machine'; }
is_empty() { : >"$dir/bad" && refused 1 "bad is empty"; }
too_long() {
	{ text && head -c 17000000 /dev/zero | tr '\0' '#'; } >"$dir/bad" &&
		refused 1 "bad is too long: a configuration has at most 16 MiB"
}
no_text() { { text && printf 'a\0b\n'; } >"$dir/bad" && refused 2 "it has a NUL byte"; }
again() { cp "$dir/one" "$dir/bad" && refused 2 "the committed configuration has that very text"; }

denied() {
	n a setpriv --reuid 65534 --regid 65534 --clear-groups haadm cluster show 2>"$dir/shown" && return 1
	grep -q "^haadm: the agent answers root and its own user only$" "$dir/shown"
}

# A program without the key, at a node's address, gets nothing, and the node goes on.
stranger() {
	: >"$dir/a.log"
	n b python3 -c 'if True:
		import socket, sys
		for data in b"GET / HTTP/1.0\r\n\r\n" * 8, b"HaSc\1\0\0\0" + bytes(100), b"":
			s = socket.create_connection(("10.0.0.1", 6946), source_address=("10.0.0.2", 0))
			s.sendall(data)
			s.shutdown(socket.SHUT_WR)
			try:
				s.recv(1) and sys.exit(1)
			except ConnectionResetError:
				pass' || return 1
	wait_for 5 logged a "a stream was refused: what was received is no stream for this node" && unchanged 1
}

# Of two at once one is in force on all nodes, or both are, one after the other; whoever is refused is told why.
two_at_once() {
	local codes=0 before after told
	text "$service" "service add 10.0.0.100:1/udp" >"$dir/two-a"
	text "$service" "service add 10.0.0.100:2/udp" >"$dir/two-c"
	before=$(generation)
	apply a "$dir/two-a" >/dev/null 2>&1 & apply c "$dir/two-c" >/dev/null 2>&1 || codes=1
	wait $! || codes=$((codes + 1))
	cat "$dir/said-a" "$dir/said-c"
	after=$(generation)
	told=$(cat "$dir/said-a" "$dir/said-c" |
		grep -cE "was committed meanwhile|is being committed|is not settled yet|is committed already")
	[ $((after - before + codes)) -eq 2 ] && [ $codes -le 1 ] && [ "$told" -eq $codes ] &&
		soon $after "service add 10.0.0.100:[12]/udp"
}

# A node that is away gets what was committed meanwhile, and what it had of its own is gone.
away() {
	local now
	stop KILL c && slowly 10 not_heard c a b && haadm -n c vip add 10.0.0.200 on eth0 lease web || return 1
	text "$service" "service add 10.0.0.100:3/udp" >"$dir/three"
	now=$(($(generation) + 1))
	apply b "$dir/three" && grep -q "is committed; in force on b, a; not yet on c$" "$dir/said-b" && start c &&
		soon $now "service add 10.0.0.100:3/udp" && ! saved c | grep -q 10.0.0.200 &&
		logged c "configuration: generation $now is in force here"
}

# not_heard NAME [NODE]...: by these nodes, or a.
not_heard() {
	local node name=$1
	shift
	for node in "${@:-a}"; do
		haadm -n $node -j cluster show |
			jq -e --arg name $name '.nodes[] | select(.node == $name) | .is_heard | not' >/dev/null ||
			return 1
	done
}

# stuck SIGNAL PORT: c is away while a service of that port is committed, and can not read its folder when it is back.
stuck() {
	stop $1 c && slowly 10 not_heard c a b || return 1
	text "$service" "service add 10.0.0.100:$2/udp" >"$dir/four"
	apply a "$dir/four" && mv "$dir/config-c" "$dir/kept-c" && ln -s /etc "$dir/config-c" && start c &&
		wait_for 20 logged c "generation [0-9]* is not in force here: the folder .* cannot be opened"
}

mended() { rm "$dir/config-c" && mv "$dir/kept-c" "$dir/config-c"; }

# A node that can not get the committed configuration holds nothing, and says why; it does as soon as it can. The others
# go on naming it, as only its agent was started again.
behind() {
	local now code
	now=$(($(generation) + 1))
	! held_by c && stuck TERM 4 && ! waits c && for_none && both drain || return 1
	slowly 10 nobody_holds && sleep 1 && nobody_holds && haadm -n c status | tee "$dir/shown" |
		grep -q "this node does not ask for it, as the committed configuration could not be put in place here"
	code=$?
	cat "$dir/shown"
	mended && [ $code -eq 0 ] && slowly 20 held_by c && soon $now "service add 10.0.0.100:4/udp" && both up
}

# A node that comes back serves only when it has it.
behind_again() {
	local now
	now=$(($(generation) + 1))
	stuck KILL 16 && slowly 10 waits c && logged a "c: it is behind the committed configuration" && mended &&
		soon $now "service add 10.0.0.100:16/udp" && slowly 10 serves c &&
		logged a "c: it is not behind the committed configuration any more"
}

# waits NODE: a hears it, and it is not to serve yet: to the module of a it is as lost as before.
waits() {
	haadm -n a -j agent show | jq -e --arg node $1 '.peers[] | select(.node == $node) |
		.state == "heard" and .catches_up' >/dev/null && state_of $1 lost
}

serves() { ! waits $1 && ! state_of $1 lost; }

# state_of NODE STATE: in the module of a.
state_of() { haadm -n a -j node show $1 | jq -e --arg state $2 '.[0].state == $state' >/dev/null; }

# no_successor NAME: that node holds the lease, and its agent has no node that would take it.
no_successor() {
	haadm -n $1 -j status | jq -e --arg name $1 '.leases[0] |
		.holder == $name and has("successor") and .successor == null' >/dev/null
}

# Of a and b the one that does not hold the lease is drained, so c would follow. It says that it does not ask.
for_none() {
	local name node
	for name in a b; do
		! held_by $name || break
	done
	for node in a b; do haadm -n $node node set "$(tr -d $name <<<ab)" state drain || return 1; done
	slowly 10 no_successor $name
}

# both STATE: of a and b, as both modules have them.
both() {
	local name node
	for name in a b; do
		for node in a b; do haadm -n $name node set $node state $1 || return 1; done
	done
}

# A torn file, and a link to another one, are not believed: their text comes from another node.
torn() {
	local now file
	now=$(generation) file=$(printf "%s/config-c/%010d-*.conf" "$dir" $now)
	file=$(ls $file) && stop TERM c || return 1
	case $1 in
	torn) truncate -s -20 "$file" ;;
	link) mv "$file" "$dir/elsewhere" && ln -s "$dir/elsewhere" "$file" ;;
	esac
	rm "$dir/config-c/applied" && start c && soon $now "$service" &&
		[ ! -L "$file" ] && cmp "$file" "${file/config-c/config-a}"
}

# A full disk refuses, and names itself.
full() {
	local now code=0
	now=$(generation)
	stop TERM c && mv "$dir/config-c" "$dir/kept-c" && mkdir "$dir/config-c" &&
		mount -t tmpfs -o size=8k none "$dir/config-c" && cp "$dir/kept-c/applied" "$dir/config-c" && start c &&
		soon $now "$service" || return 1
	{ text "$service" && head -c 20000 /dev/zero | tr '\0' '#' && echo; } >"$dir/bad"
	apply a "$dir/bad" || code=$?
	[ $code -eq 2 ] && grep -q "node c refuses it, .* cannot be written: No space left on device" "$dir/said-a" &&
		same $now "$service"
	code=$?
	stop TERM c && umount "$dir/config-c" && rmdir "$dir/config-c" && mv "$dir/kept-c" "$dir/config-c" && start c &&
		soon $now "$service" && return $code
}

# What is changed by hand on one node is seen on all, until it is committed.
by_hand() {
	local now was agent=", agent heard, 1 of 1 path,"
	was=$(generation) now=$((was + 1))
	haadm -n b service add 10.0.0.100:5/udp && slowly 30 changed a b && slowly 5 changed c b &&
		haadm -n a cluster show | grep -q "^  b .*CHANGED BY HAND" &&
		haadm -n c status | grep -q "^WARNING: the configuration was changed by hand on b, and is no longer" &&
		haadm -n c status | tee "$dir/shown" | grep -qE "^  b .*$agent generation $was, CHANGED BY HAND$" &&
		grep -qE "^  c .*, this machine, generation $was \([0-9a-f]{8}\)$" "$dir/shown" &&
		haadm -n c -j status | jq -e --argjson n $was '[.nodes[].config_generation] == [$n, $n, $n] and
			[.nodes[].config_current] == [true, false, true] and .nodes[1].config_state == "changed" and
			(.nodes[0].config_hash | length == 16)' &&
		haadm -n b cluster diff | tee "$dir/shown" | grep -q "^+ service add 10.0.0.100:5/udp" &&
		[ "$(head -n 2 "$dir/shown")" = "--- the committed generation $was"$'\n+++ what this node runs' ] &&
		[ "$(wc -l <"$dir/shown")" -eq 3 ] && undiffering && haadm -n b -j cluster diff |
			jq -e --argjson n $was '.before == $n and (has("after") | not) and (.new | length == 1)' &&
		metric c "current 1 0 1" "changed 0 1 0" || return 1
	haadm -n b cluster adopt && soon $now "service add 10.0.0.100:5/udp"
}

# metric NAME WORDS...: the metrics of that node say so of the configuration of a, b and c.
metric() {
	n $1 curl -sf -m 20 http://127.0.0.1:9464/metrics >"$dir/metrics" && diff <(printf '%s\n' "${@:2}") <(
		for what in current changed; do
			sed -n "s/^haswitch_node_config_$what{.*} //p" "$dir/metrics" | xargs echo $what
		done
	)
}

# changed NAME NODE: it knows that the other one was changed by hand.
changed() {
	haadm -n $1 -j cluster show |
		jq -e --arg name $2 '.nodes[] | select(.node == $name) | .state == "changed"' >/dev/null
}

# committed GENERATION NODE: each journal has once that it was committed there.
committed() {
	local name
	for name in "${nodes[@]}"; do
		haadm -j journal by $name in "$dir/journal" | jq -e --argjson n $1 --arg node $2 'map(select(
			.kind == "committed" and .generation == $n)) | length == 1 and
			(.[0] | .node == $node and .to == "runs" and (.hash | length == 16))' || return 1
	done
}

# The state of a node is no other configuration.
state_by_hand() {
	local code
	haadm -n b node set a state drain && sleep 12 && ! changed b b && ! changed c b
	code=$?
	haadm -n b node set a state up && return $code
}

# on_all STATE NAME...: all nodes have these nodes in that state.
on_all() {
	local name node
	for name in "${nodes[@]}"; do
		for node in "${@:2}"; do [[ $(haadm -n $name node show $node) = *" state $1"* ]] || return 1; done
	done
}

# The state of a node, and of a zone, on all nodes at once: also where somebody has said something else by hand.
everywhere() {
	local now first
	now=$(generation) first=$(holder)
	haadm -n b --all node set $first state drain && slowly 5 current $((now + 1)) && on_all drain $first &&
		slowly 20 moved $first && haadm -n c node set $first state up &&
		haadm -n a --all node set $first state drain && slowly 5 current $((now + 2)) && on_all drain $first &&
		haadm -n b snapshot show $((now + 2)) | grep -q "^# haadm --all node set $first, " || return 1
	haadm -n c --all node set $first zone east && haadm -n b --all zone set east state maintenance &&
		on_all maintenance $first && haadm -n a --all zone set east state up && slowly 5 current $((now + 5)) &&
		on_all up a b c && known
}

# Each module ends the drain by itself, and has no flow of that node then. That is no change by hand.
everywhere_within() {
	local now name
	now=$(generation)
	haadm -n b --all node set c state drain within 8s && slowly 5 current $((now + 1)) && on_all drain c || return 1
	for name in a b c; do haadm -n $name -j node show c | jq -e '.[0].within > 0' || return 1; done
	slowly 12 on_all maintenance c && slowly 12 current $((now + 1)) &&
		haadm -n a --all node set c state up && slowly 5 current $((now + 2)) && on_all up c && slowly 20 known
}

# fails CODE PATTERN COMMAND...: it does, says so, and commits nothing.
fails() {
	local code=0 now
	now=$(generation)
	"${@:3}" >"$dir/said" 2>&1 || code=$?
	cat "$dir/said"
	[ $code -eq $1 ] && grep -qE -- "$2" "$dir/said" && [ "$(generation)" = $now ]
}

everywhere_refused() {
	local code
	fails 2 "there is no zone west; there are: east" haadm -n a --all zone set west state drain &&
		fails 2 "there is no node x" haadm -n a --all node set x state drain &&
		fails 1 '^haadm: --all is for "node set" and "zone set"' haadm -n a --all lease add db &&
		fails 1 "^haadm: --all is for one command" haadm --all -b /dev/null &&
		haadm -n a service add 10.0.0.100:6/udp || return 1
	# The keeper looks every few seconds; here haadm looks itself.
	fails 2 "this node does not run the committed configuration, and --all would change more" \
		haadm -n a --all node set b state drain && slowly 30 changed b a &&
		fails 2 "the configuration was changed by hand on a, and --all would undo that" \
			haadm -n b --all node set b state drain
	code=$?
	haadm -n a service del 10.0.0.100:6/udp && slowly 30 current "$(generation)" && return $code
}

back() {
	local now
	now=$(generation)
	haadm -n c snapshot create good && haadm -n c snapshot list | tee "$dir/shown" |
		grep -qE "^$((now + 1)) .* c .* good \(committed\)$" && haadm -n a snapshot show 1 | cmp - "$dir/one" &&
		haadm -n a snapshot diff 1 $now | grep -q "^- $member" &&
		haadm -n b snapshot rollback 1 && soon $((now + 2)) "$member" || return 1
	haadm -n a snapshot show 99 2>"$dir/shown" && return 1
	grep -q "this node keeps no generation 99" "$dir/shown"
}

# What the commands print as JSON. A configuration is applied, and gone back from.
as_schema_says() {
	local now
	now=$(generation)
	text "$service" "service add 10.0.0.100:7/udp" >"$dir/seven"
	json_fits a "cluster show" cluster show && json_fits a "snapshot list" snapshot list &&
		json_fits a "snapshot show" snapshot show 1 && jq -j .text "$dir/value" | cmp - "$dir/one" &&
		json_fits a "snapshot diff" snapshot diff 1 2 && json_fits b "cluster diff" cluster diff &&
		json_fits a "snapshot prune" snapshot prune keep 9 && json_fits a status status &&
		json_fits c "cluster apply" cluster apply "$dir/seven" &&
		json_fits a "snapshot rollback" snapshot rollback 1 && soon $((now + 2)) "$member"
}

# labels NAME PATTERN: how many labels of what it keeps match.
labels() { haadm -n $1 -j snapshot list | jq --arg p "$2" '[.generations[].label // "" | select(test($p))] | length'; }

# What the timer does, on each node: one snapshot of what has changed, and none of what has not. A drain by hand stays.
scheduled() {
	local now auto='^auto-20[0-9-]{8}_[0-9.]{8}$'
	now=$(generation)
	haadm -n b node set c state drain && haadm -n a snapshot create if-changed && slowly 20 current $((now + 1)) &&
		[[ $(haadm -n b node show c) = *" state drain"* ]] &&
		[ "$(labels b "$auto")" -eq 1 ] &&
		haadm -n b snapshot create if-changed | tee "$dir/shown" &&
		grep -q "nothing has changed since \"auto-.*\", generation $((now + 1))$" "$dir/shown" &&
		haadm -n b -j snapshot create if-changed | jq -e .unchanged &&
		apply a "$dir/four" && haadm -n b snapshot create if-changed && slowly 20 current $((now + 3)) &&
		haadm -n b snapshot create by-hand if-changed | grep -q "nothing has changed" || return 1
	[ "$(labels a "$auto")" -eq 2 ] && [ "$(labels a '^good$')" -eq 1 ] || return 1
	haadm -n a snapshot prune keep 1 within 1d | grep -q "^0 removed, 2 kept" &&
		haadm -n a -j snapshot prune keep 1 | jq -e '.removed_count == 1 and .kept_count == 1' &&
		[ "$(labels a "$auto")" -eq 1 ] && [ "$(labels a '^good$')" -eq 1 ] &&
		[ "$(labels b "$auto")" -eq 2 ] && apply a "$dir/one" && soon $((now + 4)) "$member"
}

# shared [NAME...]: these nodes' agents, or all, make the one check that all are to make. Nobody listens at its port.
shared() {
	local name
	for name in "${@:-"${nodes[@]}"}"; do
		haadm -n $name -j agent show | jq -e '.agents.settings[0] == "checks" and (.checks | length == 1 and
			.[0].node == "b" and .[0].health == "down")' >/dev/null || return 1
	done
}
# routed: the holder has the vip in the table of haswitch.
routed() { ip -n "$(holder)" route show table 72 | grep -q 10.0.0.100; }

# unshared: no agent makes it.
unshared() {
	local name
	for name in "${nodes[@]}"; do
		haadm -n $name -j agent show | jq -e '(.checks | length == 0) and .agents == null' >/dev/null ||
			return 1
	done
}

# Settings of all agents are committed with the configuration, and all agents run them.
agents_applied() {
	local now
	now=$(generation)
	echo 'checks = ( { service = "10.0.0.100:80/tcp"; node = "b"; interval = "100ms"; } ); routes = { };' \
		>"$dir/agents"
	unshared && haadm -n b cluster apply "$dir/one" agents "$dir/agents" && slowly 5 current $((now + 1)) &&
		slowly 10 shared && haadm -n c snapshot show $((now + 1)) | tail -n 1 |
		cmp - <(sed 's/^/#haagentd: /' "$dir/agents") || return 1
	haadm -n a agent show | grep -q "^settings of all agents, of generation $((now + 1)): checks, routes$" &&
		slowly 5 routed && n c haagentd -f "$dir/c.conf" --check-config |
			grep -q "compared with generation $((now + 1)), which has for all agents: checks, routes$" &&
		haadm -n a snapshot diff $now $((now + 1)) | diff - <(printf '%s\n' "--- generation $now" \
			"+++ generation $((now + 1))" "+ #haagentd: $(<"$dir/agents")") &&
		haadm -n a -j snapshot diff $((now + 1)) $now | jq -e --argjson n $now --arg line "$(<"$dir/agents")" \
			'.before == $n + 1 and .after == $n and .new == [] and .gone == ["#haagentd: " + $line]' &&
		undiffering
}

# seen_on_terminal COMMAND...: what it prints if its output is a terminal.
seen_on_terminal() { python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$@" </dev/null | tr -d '\r'; }

# undiffering: node a runs what is committed, and says so where somebody looks.
undiffering() {
	local said
	said=$(haadm -n a cluster diff) && [ -z "$said" ] && seen_on_terminal haadm -n a cluster diff |
		grep -qx "no difference between the committed generation [0-9]* and what this node runs"
}

# What may not be there, and what a node's own file has, too, is refused: nothing is committed, and no agent reads it.
agents_refused() {
	local line code
	printf 'load = { cpu = "90%%"; };\nnodes = ();\n' >"$dir/bad"
	fails 2 "one: node a refuses it, so nothing was changed on any node: $dir/bad:2: \"nodes\" cannot be" \
		haadm -n a cluster apply "$dir/one" agents "$dir/bad" &&
		fails 1 '"agents" needs a file behind it, or "none"' haadm -n a cluster apply "$dir/one" agents &&
		fails 1 'unknown word "agnets"; valid is "agents"' haadm -n a cluster adopt agnets none &&
		fails 1 "cannot read /nowhere" haadm -n a cluster adopt agents /nowhere || return 1
	echo 'notify = [ "/bin/true" ];' | tee "$dir/bad" >>"$dir/c.conf" && line=$(wc -l <"$dir/c.conf")
	fails 2 "node c refuses it, so nothing was changed on any node: $dir/c.conf:$line: \"notify\" is in the conf" \
		haadm -n a cluster adopt agents "$dir/bad"
	code=$?
	sed -i '$d' "$dir/c.conf" && [ $code -eq 0 ] && shared
}

# All that is printed of a module keeps them, and so do a reload by hand and a restart.
agents_kept() {
	local now
	now=$(generation)
	haadm -n b service add 10.0.0.100:7/udp && haadm -n b cluster adopt && haadm -n a --all node set b zone west &&
		haadm -n c snapshot create kept && slowly 5 current $((now + 3)) && shared || return 1
	: >"$dir/a.log"
	kill -HUP "$(<"$dir/a.pid")" && slowly 5 logged a "is in force$" && stop TERM c && start c &&
		slowly 20 current $((now + 3)) && slowly 10 shared && ! logged c "was read again"
}

# A node that was away has in its own file what was committed for all agents meanwhile. It says so, changes nothing and
# acquires no lease, and its agent can begin all the same. Once the file is mended, all is well.
agents_behind() {
	local now
	now=$(($(generation) + 1))
	stop KILL c && slowly 10 not_heard c a b || return 1
	echo 'load = { cpu = "90%"; };' | tee "$dir/bad" >>"$dir/c.conf" && cat "$dir/agents" >>"$dir/bad" &&
		haadm -n a cluster apply "$dir/one" agents "$dir/bad" && start c &&
		slowly 20 logged c "generation $now is not in force here: $dir/c.conf:[0-9]*: \"load\" is in" &&
		saved c | grep -q "10.0.0.100:7/udp" && stop TERM c && start c && slowly 20 shared c &&
		slowly 20 logged c "generation $now is not in force here: $dir/c.conf:[0-9]*: \"load\" is in" &&
		slowly 20 refuses a c && ! current $now && sed -i '$d' "$dir/c.conf" && kill -HUP "$(<"$dir/c.pid")" &&
		slowly 20 current $now && slowly 10 shared && ! saved c | grep -q "10.0.0.100:7/udp" &&
		haadm -n c -j agent show | jq -e '.agents.settings == ["checks", "load", "routes"]' || return 1
	# So it is if the file comes to be so after that, and its agent is started again.
	echo 'load = { cpu = "90%"; };' >>"$dir/c.conf" && stop TERM c && start c &&
		wait_for 10 logged c "the agent begins without the settings of all agents" &&
		slowly 20 logged c "the settings of all agents in generation $now are not in force here" &&
		slowly 20 refuses a c && sed -i '$d' "$dir/c.conf" && kill -HUP "$(<"$dir/c.pid")" &&
		slowly 20 current $now && slowly 10 shared
}
# refuses NAME NODE: it knows that the other one could not put in force what is committed.
refuses() {
	haadm -n $1 -j cluster show |
		jq -e --arg name $2 '.nodes[] | select(.node == $name) | .state == "refused"' >/dev/null
}

# A rollback has them as they were: none. "none" takes them away, too.
agents_gone() {
	local now
	now=$(generation)
	haadm -n b snapshot rollback 1 && slowly 5 current $((now + 1)) && slowly 5 unshared &&
		haadm -n c snapshot rollback $now && slowly 5 current $((now + 2)) && slowly 10 shared &&
		haadm -n a cluster apply "$dir/one" agents none && slowly 5 current $((now + 3)) && slowly 5 unshared
}

# Too few voters: nothing is committed, and nothing is changed.
alone() {
	local code=0 now
	now=$(generation)
	stop KILL b c && slowly 10 not_heard b && slowly 10 not_heard c || return 1
	apply a "$dir/four" || code=$?
	[ $code -eq 2 ] && grep -qE "too few voters" "$dir/said-a" && saved a | grep -q "$member" &&
		fails 2 "too few voters" haadm -n a --all node set b state drain &&
		grep -q "^note: without --all" "$dir/said" &&
		haadm -n a node set b state drain && haadm -n a node set b state up &&
		start b c && slowly 20 known && soon $now "$member"
}

# Users of a node's machine take all connections that they get, all the time. The node itself is served.
crowded() {
	local now users code
	now=$(generation)
	: >"$dir/a.log"
	ip netns exec b setpriv --reuid 65534 --regid 65534 --clear-groups python3 -c 'if True:
		import socket, time
		held = []
		while True:
			while len(held) < 16:
				s = socket.create_connection(("10.0.0.1", 6946), source_address=("10.0.0.2", 0))
				s.setblocking(False)
				held.append(s)
			time.sleep(0.1)
			for s in held[:]:
				try:
					s.recv(1)
				except BlockingIOError:
					continue
				except OSError:
					pass
				s.close()
				held.remove(s)' >/dev/null 2>&1 &
	users=$!
	text "$service" "service add 10.0.0.100:5/udp" >"$dir/five"
	slowly 10 logged a "a connection from 10.0.0.2:[0-9]* is refused: [4-8] from ports above 1023" &&
		apply b "$dir/five" && soon $((now + 1)) "service add 10.0.0.100:5/udp" &&
		text "$service" "$member" >"$dir/six" && apply b "$dir/six" && soon $((now + 2)) "$member"
	code=$?
	kill $users || code=1
	wait $users
	return $code
}

# All are off; each starts with another configuration, as its file in /etc is older. They go back to the last one.
cold() {
	local name now
	now=$(generation)
	stop KILL a b c || return 1
	for name in "${nodes[@]}"; do
		rm "$dir/config-$name/applied" && text | haadm -n $name restore - || return 1
	done
	start a b c && soon $now "$member" && slowly 20 known
}

# The module is loaded again, as for an upgrade, and the nodes start with that other configuration.
loaded_again() {
	local name now
	now=$(generation)
	stop KILL a b c && module_unload && module_load || return 1
	for name in "${nodes[@]}"; do text | haadm -n $name restore - || return 1; done
	start a b c && soon $now "$member" && slowly 20 known
}

# Another agent whose file names the folder of a is told whose it is, before it begins anything.
shared_start() {
	local code=0 before
	sed "s|config-b|config-a|; s|voter-b|voter-other|" "$dir/b.conf" >"$dir/other.conf"
	before=$(holder)
	n b haagentd -f "$dir/other.conf" 2>"$dir/shown" || code=$?
	cat "$dir/shown"
	[ $code -eq 2 ] && shared_told <"$dir/shown" && [ ! -e "$dir/voter-other" ] && [ -n "$before" ] &&
		held_by $before
}
shared_told() {
	grep -q "folder $dir/config-a, .* is used by another agent, process $(<"$dir/a.pid"); .*configurations = "
}

# So is an agent that reads such a file again. It keeps its own folder.
shared_reload() {
	local code=0
	cp "$dir/b.conf" "$dir/good.conf" && sed -i "s|config-b|config-a|" "$dir/b.conf" &&
		kill -HUP "$(<"$dir/b.pid")" &&
		slowly 10 logged b "b.conf was read again and is not good" && shared_told <"$dir/b.log" || code=1
	cp "$dir/good.conf" "$dir/b.conf" && kill -HUP "$(<"$dir/b.pid")" &&
		slowly 10 logged b "b.conf was read again and is in force" && [ $code -eq 0 ]
}

# tries NAME: its agent has opened the file that it is to lock.
tries() { find "/proc/$(<"$dir/$1.pid")/fd" -lname "*/config-$1/lock" 2>/dev/null | grep -q .; }

# What a killed agent has begun may live on for a while, and an agent that ends may do so behind the next one's start.
shared_after() {
	local children code=0 now old
	now=$(generation)
	mapfile -t children < <(pgrep -P "$(<"$dir/a.pid")")
	[ ${#children[@]} -ge 2 ] && kill -STOP "${children[@]}" && stop KILL a || return 1
	started="listening for" start a || code=1
	kill -CONT "${children[@]}"
	[ $code -eq 0 ] && slowly 20 current $now && old=$(<"$dir/a.pid") && kill -STOP $old && start a || return 1
	# It waits for 5 s, as an agent that ends takes its time.
	wait_for 5 tries a && nap 0.2 && tries a && [ ! -s "$dir/a.log" ] || code=1
	kill -TERM $old
	kill -CONT $old
	[ $code -eq 0 ] && wait_for 10 logged a "listening for" && wait_for 5 lan_ended $old && slowly 20 current $now
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "no configuration is committed at first" none_yet
check "a configuration is in force on all nodes, and disturbs no lease" first
check "who committed it is in each journal" slowly 10 committed 1 b
check "a line that is wrong is refused, with its number" bad_line
check "a node that can not take it is named, and no node takes it" node_missing
check "a text for one machine is refused" with_self
check "an empty text is refused" is_empty
check "a text that is too long is refused" too_long
check "what is no text is refused" no_text
check "the committed text is refused" again
check "a user who is not root is refused" denied
check "a program without the key is refused" stranger
check "of two configurations at once one is in force" two_at_once
check "a node that was away gets the committed configuration" away
check "a node that can not get it holds no lease" behind
check "a node that comes back serves only when it has it" behind_again
check "a torn file is replaced" torn torn
check "a symbolic link is not followed" torn link
check "a full disk refuses" full
check "a change by hand is seen on all nodes, and adopted" by_hand
check "the state of a node is no change" state_by_hand
check "the state of a node or zone is set on all nodes at once" everywhere
check "a drain within a time is set on all nodes, and ends on all" everywhere_within
check "what --all can not do is refused" everywhere_refused
check "an earlier configuration is gone back to" back
check "what cluster and snapshot print is as the schema says" as_schema_says
check "a timer's snapshots: of what has changed, and old ones go" scheduled
check "settings of all agents are committed, and in force on all nodes" agents_applied
check "settings that may not be there are refused, as are those of a node's own file" agents_refused
check "settings of all agents are kept by what is printed of a module, a reload and a restart" agents_kept
check "a node whose own file has them, too, holds nothing until that is mended" agents_behind
check "a file that is torn while its node is away is got again, and all say so meanwhile" lost torn
check "so is one that is gone" lost gone
check "settings of all agents go with a rollback, or by themselves" agents_gone
check "without a majority nothing is committed" alone
check "users of a node's machine do not keep it from the others" crowded
check "an agent with the folder of another one is refused, and told whose it is" shared_start
check "so is one that reads that again" shared_reload
check "the next agent need not wait for a killed one's children, and waits for one that ends" shared_after
check "after a cold start the last committed configuration is in force" cold
check "it is when the module was loaded again, too" loaded_again
check "a node boots with what was in force there last" booted
check "a generation that is for other machines takes nothing away" booted_elsewhere
check "a generation of another cluster is none, though it has the number" copied
check "a node with a read-only folder refuses what is new, and runs what it has" read_only
check "a node whose clock is an hour ahead is no older, and nothing of it newer" hour_ahead
check "what was in place before is no news in the journals" committed 1 b
stop TERM a b c
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
