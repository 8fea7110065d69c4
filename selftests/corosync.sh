#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# engine = "corosync": three agents whose nodes are those of corosync's nodelist, and whose leases need its quorum.
#
#   corosync.sh [story]     story: the part of it that `make demo` shows
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/telling.sh
. ./lib/telling.sh
# shellcheck source=selftests/lib/corosync.sh
. ./lib/corosync.sh

declare -A number=([a]=1 [b]=2 [c]=3 [d]=4)
nodes=(a b c)
vip=10.0.0.100

# hosts_there NAME: node c has a host name in the nodelist there; what /etc/hosts does not have is looked up nowhere.
hosts_there() {
	sed -i 's/ring0_addr: 10.0.0.3/ring0_addr: host-c/' /run/machines/$1/etc/corosync/corosync.conf &&
		on $1 mount --bind "$dir/hosts" /etc/hosts && on $1 mount --bind "$dir/resolv.conf" /etc/resolv.conf
}

# hosts yes|no: whether the address of host-c is known.
hosts() {
	echo 127.0.0.1 localhost >"$dir/hosts"
	[ $1 = no ] || echo 10.0.0.3 host-c >>"$dir/hosts"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq nft corosync corosync-quorumtool
	[ -x "$(dirname "$(command -v haagentd)")/haagentd-corosync" ] || ktap_skip_all "needs haagentd-corosync"
	module_load && lan_make && hosts yes && echo nameserver 10.0.0.77 >"$dir/resolv.conf" || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && machine $name && hosts_there $name || return 1
		cat >"$dir/$name.conf" <<-END
			key = "$dir/key";
			engine = "corosync";
			timings = { heartbeat = "20ms"; suspect = "200ms"; time = "500ms"; };
			leases = { longest = "2s"; voter = "$dir/voter-$name"; };
			configurations = "$dir/config-$name";
		END
	done
	# No line says which nodes there are.
	cat >"$dir/haswitch.conf" <<-END
		lease add web
		vip add $vip on eth0 lease web
		service add $vip:80/tcp sched rr
		member add $vip:80/tcp node a
		member add $vip:80/tcp node b
	END
	haagentd --genkey "$dir/key"
}

# there NAME WORD...: haadm on that machine, as if its agent had the usual file.
there() { on $1 env HAAGENTD_CONF="$dir/$1.conf" haadm "${@:2}"; }

# restore NAME: the configuration of all nodes, there.
restore() { there $1 restore "$dir/haswitch.conf"; }

# agent NAME: its agent starts among the processes of that machine.
agent() {
	local pid agent=
	nsenter -t "$(<"$dir/machine-$1.pid")" -m -u -n -p haagentd -f "$dir/$1.conf" </dev/null >"$dir/$1.log" 2>&1 &
	pid=$!
	wait_for 20 grep -q . /proc/$pid/task/$pid/children || return 1
	read -r agent _ <"/proc/$pid/task/$pid/children"
	echo $agent >"$dir/$1.pid"
}

# engine NAME SIGNAL: to the daemon corosync there.
engine() { on $1 sh -c "kill -$2 \$(cat /run/corosync.pid)"; }

quorate() { [[ $(on $1 corosync-quorumtool -s) = *"Quorate:          Yes"* ]]; }

# apart NAME: corosync's packets of that node are lost, and nothing else.
apart() {
	n $1 nft -f - <<-END
		table inet apart {
			chain in { type filter hook input priority 0; udp dport 5405 drop; }
			chain out { type filter hook output priority 0; udp dport 5405 drop; }
		}
	END
}

together() { n $1 nft delete table inet apart; }

barred() { [[ $(haadm -n $1 agent show) = *"this node holds no lease: $2"* ]]; }
may_hold() { [[ $(haadm -n $1 agent show) != *"this node holds no lease"* ]]; }
all_heard() { [[ $(haadm -n $1 agent show) = *"3 of 3 voters heard"* ]]; }

# no_engine: without corosync the agent does not start, and tells what to do.
no_engine() {
	local said code
	said=$(on a haagentd -f "$dir/a.conf" --check-config 2>&1)
	code=$?
	echo "exit $code: $said"
	[ $code -eq 1 ] && [[ $said = *"a.conf:2: "*"corosync does not answer: it does not run; start it"* ]] ||
		return 1
	said=$(on a timeout 30 haagentd -f "$dir/a.conf" 2>&1)
	# The service manager tries again after this code.
	[ $? -eq 2 ] && [[ $said = *"it does not run"* ]] || return 1
	said=$(restore a 2>&1) && return 1
	[[ $said = *"has no nodes, and those of the cluster engine are not known: "*"it does not run"* ]] &&
		[ "$(haadm -n a -j node show)" = "[]" ]
}

# no_libraries: the agent itself needs none of corosync's; without them and with the engine it says what is missing.
no_libraries() {
	local agent said
	agent=$(command -v haagentd)
	! ldd "$agent" | grep -q 'cmap\|quorum' && mkdir "$dir/bin" && cp "$agent" "$dir/bin/" || return 1
	said=$(on a "$dir/bin/haagentd" -f "$dir/a.conf" --check-config 2>&1)
	[[ $said = *"haagentd-corosync is not installed beside haagentd"* ]] || return 1
	# As the dynamic linker ends it.
	printf '#!/bin/sh\nexit 127\n' >"$dir/bin/haagentd-corosync" && chmod 755 "$dir/bin/haagentd-corosync" ||
		return 1
	said=$(on a "$dir/bin/haagentd" -f "$dir/a.conf" --check-config 2>&1)
	[[ $said = *"it needs corosync's libraries (Debian: libcmap4 and libquorum5)"* ]] || return 1
	sed '/^engine/d' "$dir/a.conf" >"$dir/none.conf" || return 1
	said=$(on a "$dir/bin/haagentd" -f "$dir/none.conf" --check-config 2>&1)
	[[ $said = *"none.conf: there is no list \"nodes\", and the module has no nodes either"* ]]
}

begins() {
	local name begin
	story "corosync: engine = \"corosync\" is all that the agents are told; nodes and quorum are those of corosync."
	begin=$(now)
	for name in "${nodes[@]}"; do on $name corosync || return 1; done
	for name in "${nodes[@]}"; do slowly 60 quorate $name || return 1; done
	on a haagentd -f "$dir/a.conf" --check-config || return 1
	for name in "${nodes[@]}"; do restore $name && engine_nodes $name abc || return 1; done
	for name in "${nodes[@]}"; do agent $name || return 1; done
	wait_for 30 known || return 1
	for name in "${nodes[@]}"; do
		wait_for 20 all_heard $name && may_hold $name &&
			haadm -n $name -j agent show | jq -e '.vote.voters == ["a", "b", "c"] and
				(.peers | map(.paths[0].path) | unique == ["ring0"])' || return 1
	done
	tell $begin "corosync and the agents start on a, b and c" "$(holder) holds it"
}

# engine_nodes NAME NODES: its module has these nodes of corosync's, with the right addresses, and knows itself.
engine_nodes() {
	haadm -n $1 -j node show | jq -e --arg self $1 --arg nodes "$2" '[.[] | select(.engine)] |
		([.[].name] | sort) == ($nodes | split("")) and [.[] | select(.self).name] == [$self] and
		all(.addrs == ["10.0.0.\(.name as $n | "abcd" | index($n) + 1)"])' >"$dir/engine_nodes" && return 0
	haadm -n $1 node show
	return 1
}

# unsaid: nodes of corosync are no part of what is saved, and what is saved brings them back.
unsaid() {
	local saved said
	{ cat "$dir/haswitch.conf" && echo bogus; } >"$dir/bad.conf"
	said=$(there a restore --check "$dir/bad.conf" 2>&1) && return 1
	[[ $said = "$dir/bad.conf:6: "* ]] || { echo "said: $said"; return 1; }
	saved=$(haadm -n a save) && ! grep -q "^node" <<<"$saved" && grep -q "node b" <<<"$saved" &&
		haadm -n a node set b state drain zone rack && haadm -n a save >"$dir/saved" &&
		grep -qx "node set b zone rack state drain" "$dir/saved" && there a restore "$dir/saved" &&
		[ "$(haadm -n a save)" = "$(<"$dir/saved")" ] && engine_nodes a abc && restore a &&
		[ "$(haadm -n a save)" = "$saved" ]
}

# runs NUMBER: all nodes with an agent run that generation of the configuration, and find nothing changed.
runs() {
	haadm -n a -j cluster show | jq -e --argjson n $1 '.committed.generation == $n and
		([.nodes[] | select(.is_heard)] | length == 3 and
			all(.state == "runs" and .applied.generation == $n))' >"$dir/runs"
}

committed() {
	local name
	haadm -n b cluster apply "$dir/haswitch.conf" && wait_for 30 runs 1 &&
		for name in "${nodes[@]}"; do engine_nodes $name abc || return 1; done &&
		there c --all node set b state drain && wait_for 30 runs 2 &&
		[[ $(haadm -n a node show b) = *" state drain"* ]] && there a --all node set b state up &&
		wait_for 30 runs 3 && [ -z "$(there c cluster diff)" ] &&
		! grep -r "node add" "$dir"/config-*
}

twice() {
	local said
	{ cat "$dir/a.conf" && conf_nodes; } >"$dir/twice.conf"
	said=$(on a haagentd -f "$dir/twice.conf" --check-config 2>&1)
	[[ $said = *"twice.conf:6: "*"take one of the two out"* ]]
}

# The holder's corosync hears no other one, while the agents hear each other.
quorum_lost() {
	local from begin
	begin=$(now)
	from=$(holder) && [ -n "$from" ] && apart $from && wait_for 60 moved $from &&
		tell $begin "corosync of $from, which holds it, hears nobody" \
			"$(holder) holds it after $(since $begin)" &&
		wait_for 20 known &&
		barred $from "corosync has no quorum" && all_heard $from &&
		status_says $from "WARNING: this node holds no lease: corosync has no quorum" &&
		[[ $(haadm -n $from doctor) = *"corosync has no quorum"* ]] &&
		! haadm -n $from failover web to $from && ! held_by $from && together $from &&
		slowly 60 quorate $from && wait_for 20 may_hold $from && haadm -n $from failover web to $from &&
		held_by $from
}

# Two of three corosyncs hear nobody, so none has quorum: nobody holds it, though every agent hears all others.
quorum_nowhere() {
	local code
	apart a && apart b && slowly 60 nobody_holds && all_heard c && wait_for 20 barred c "corosync has no quorum" &&
		wait_for 20 status_says c "nobody: corosync has no quorum"
	code=$?
	together a && together b && slowly 60 quorate c && wait_for 30 known && may_hold a && may_hold b &&
		may_hold c && return $code
}

status_says() { [[ $(haadm -n $1 status) = *"$2"* ]]; }

# barred_before NAME: how often that node has given its leases up so far.
barred_before() { grep -c "holds no lease any more" "$dir/$1.log"; }

# Its quorum is not lost while it starts, and looks for the others.
engine_restarts() {
	local from before
	from=$(holder) && [ -n "$from" ] && before=$(barred_before $from)
	engine $from KILL && on $from corosync && slowly 60 quorate $from && slowly 10 false
	held_by $from && may_hold $from && [ "$(barred_before $from)" = "$before" ]
}

engine_ends() {
	local from begin
	begin=$(now)
	from=$(holder) && [ -n "$from" ] && engine $from KILL && wait_for 60 moved $from &&
		tell $begin "corosync is killed at $from, which holds it" "$(holder) holds it after $(since $begin)" &&
		barred $from "corosync does not answer here: it does not run; start it" && on $from corosync &&
		slowly 60 quorate $from && wait_for 20 may_hold $from
}

engine_hangs() {
	local from
	from=$(holder) && [ -n "$from" ] && engine $from STOP && slowly 60 moved $from &&
		barred $from "corosync does not answer here: nothing was heard of it" && engine $from CONT &&
		slowly 60 quorate $from && wait_for 30 may_hold $from
}

# helper NAME: the process that asks corosync for the agent.
helper() { pgrep -P "$(<"$dir/$1.pid")" -x haagentd-corosy; }

# The process that asks corosync is not corosync: its end moves nothing.
helper_ends() {
	local from was
	from=$(holder) && was=$(helper $from) && kill -KILL $was && wait_for 20 another_helper $from $was &&
		slowly 10 false
	held_by $from && may_hold $from && logged $from "haagentd-corosync has ended; another one is started"
}

another_helper() {
	local now
	now=$(helper $1) && [ -n "$now" ] && [ $now != $2 ]
}

# Who asks the resolver now waits for a machine that does not exist.
resolver_ends() {
	local name from before after
	from=$(holder) && [ -n "$from" ] && before=$(cat "$dir"/[abc].log | wc -l) && hosts no &&
		! on $from getent ahosts host-c && slowly 15 false
	after=$(cat "$dir"/[abc].log | wc -l)
	hosts yes
	held_by $from && for name in "${nodes[@]}"; do may_hold $name || return 1; done && [ "$after" = "$before" ]
}

has_node() { haadm -n $1 -j agent show | jq -e --arg n $2 '.vote.nodes | index($n)'; }

# A node that comes into the nodelist is one of the agents' as well, without a word in their files.
nodelist_grows() {
	local name
	for name in "${nodes[@]}"; do
		sed -i 's/^nodelist {/&\nnode {\nname: d\nnodeid: 4\nring0_addr: 10.0.0.4\n}/' \
			/run/machines/$name/etc/corosync/corosync.conf || return 1
	done
	on a corosync-cfgtool -R || return 1
	for name in "${nodes[@]}"; do
		wait_for 60 has_node $name d && may_hold $name && wait_for 20 engine_nodes $name abcd || return 1
	done
	# The keeper looks each 10 s whether somebody has changed something by hand.
	slowly 25 false
	known && runs 3 && [ -z "$(there c cluster diff)" ]
}

# A node that goes from the nodelist goes from the modules, except where something uses it; what was written stays.
nodelist_shrinks() {
	local name
	haadm -n a node add hand addr 10.0.0.77 && haadm -n b member add $vip:80/tcp node d || return 1
	for name in "${nodes[@]}"; do
		sed -i '/^nodelist {/,/^}/ { /^node {/,/^}/d }' /run/machines/$name/etc/corosync/corosync.conf ||
			return 1
	done
	on a corosync-cfgtool -R || return 1
	for name in a c; do wait_for 60 engine_nodes $name abc || return 1; done
	wait_for 30 logged b "node d is in corosync's nodelist no more, but stays in" && engine_nodes b abcd &&
		[[ $(haadm -n a node show hand) = *"addr 10.0.0.77"* ]] && haadm -n a node del hand &&
		haadm -n b member del $vip:80/tcp node d && wait_for 30 engine_nodes b abc && known && runs 3
}

comes_back() {
	haadm -n a node set c addr 10.0.0.33 && wait_for 20 engine_nodes a abc &&
		haadm -n b node del c && wait_for 20 engine_nodes b abc
}


# shown: in `make demo`.
shown() {
	check "names, addresses and voters are those of corosync's nodelist" begins
	check "a holder whose corosync has no quorum gives the lease up, and says why" quorum_lost
	check "a holder whose corosync has ended gives the lease up" engine_ends
}

all() {
	check "without corosync the agent says what to do" no_engine
	check "without corosync's libraries the agent runs, but not with the engine" no_libraries
	check "names, addresses and voters are those of corosync's nodelist" begins
	check "nodes that the file lists as well are refused" twice
	check "corosync's nodes are not saved, and are there again after a restore" unsaid
	check "a configuration without nodes is committed, and runs on all nodes" committed
	check "a holder whose corosync has no quorum gives the lease up, and says why" quorum_lost
	check "without quorum anywhere nobody holds the lease" quorum_nowhere
	check "a holder whose corosync is started again keeps the lease" engine_restarts
	check "a holder whose corosync has ended gives the lease up" engine_ends
	check "a holder whose corosync hangs gives the lease up" engine_hangs
	check "the end of the process that asks corosync moves nothing" helper_ends
	check "host names that cannot be looked up any more change nothing" resolver_ends
	check "a node that comes into the nodelist becomes one of the agents'" nodelist_grows
	check "a node that goes from the nodelist goes, unless it is used" nodelist_shrinks
	check "a node of the nodelist that was changed or deleted is there again as before" comes_back
}

exec 3>&1
ktap_header
prepare || ktap_exit
if [ $# -gt 0 ]; then shown; else all; fi
check "no lease or epoch ever had two owners" one_owner
stop TERM "${nodes[@]}"
for name in "${nodes[@]}"; do machine_off $name; done
ns_del_all
check "the module unloads" module_unload
rm -rf "$dir"
ktap_exit
