#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A cluster is begun on one machine, others become nodes by invitations, and a node leaves. Each machine has its own
# /etc/haswitch and /var/lib/haswitch, and nobody edits a file there.
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
# shellcheck source=selftests/lib/machines.sh
. ./lib/machines.sh

declare -A number=([a]=1 [b]=2 [c]=3 [d]=4 [w]=5)
nodes=(a b c)
timings='timings = { heartbeat = "50ms"; suspect = "200ms"; time = "500ms"; }; leases = { longest = "1s"; };
pulses = { interval = "50ms"; };'

prepare() {
	need_root
	need haadm haagentd jq python3 unshare
	module_load && machines_make a b c d w && echo "$timings" >"$(etc a)/haagentd.conf"
}

# no COMMAND...: it is refused, and what it says, and only that, is in $dir/said.
no() {
	! "$@" >"$dir/said" 2>&1
	local code=$?
	cat "$dir/said"
	return $code
}

said() { grep -qE -- "$1" "$dir/said"; }

no_files() { [ -z "$(ls -A "$(etc $1)")" ]; }

which_address() {
	local code
	ip -n d addr add 10.9.9.9/24 dev eth0
	# The address of a vip is none of them. getifaddrs() tells its label.
	ip -n d link add ha0 up type haswitch && ip -n d addr add 10.0.0.98/32 dev ha0 label ha0:vip scope host
	no on d haadm cluster init name d && no_files d &&
		said "several addresses: say .* reach it: 10.0.0.4, 10.9.9.9$"
	code=$?
	ip -n d addr del 10.9.9.9/24 dev eth0
	ip -n d link del ha0
	return $code
}

which_name() {
	no on d unshare -u sh -c 'hostname localhost && haadm cluster init' &&
		said '"localhost" can.t be .* "name NODE"' &&
		no on d haadm cluster init name -x && said '"-x" .*' &&
		no on d haadm cluster init name d with b && said '"addr ADDR" is missing behind "with b"' && no_files d
}

# Its agent would not begin.
alone() { no on d haadm cluster init name d && no_files d && said "node d would be alone, .*\"with NODE addr ADDR\"$"; }

# What was put into the module by hand, and is in no file, is not lost.
by_hand() {
	local code
	haadm -n d node add d addr 10.0.0.4 self && haadm -n d vip add 10.0.0.99 on eth0 holder d &&
		no on d haadm cluster init name d && said "vips that no .*/haswitch.conf has.* 'haadm save >" &&
		no on d haadm cluster join haswitch1.AAAA && said "the module has vips" && no_files d
	code=$?
	haadm -n d vip del 10.0.0.99 && haadm -n d node del d && return $code
}

# A node without a vote commits nothing.
voteless() {
	local code
	echo 'leases = { vote = false; };' >"$(etc d)/haagentd.conf"
	on d haadm cluster init name d >"$dir/said" &&
		said "^no configuration of all nodes: haagentd.conf says that this node does not vote"
	code=$?
	[ -e "$dir/disk-d/var/config/begun-here" ] && code=1
	rm -f "$(etc d)"/haagentd.{key,conf} "$(etc d)/haswitch.conf" && return $code
}

# Where systemd runs, with a systemctl that starts nothing: what the agent has against its file is told.
unstarted() {
	local code
	cat >"$dir/systemctl" <<-'END' && chmod 755 "$dir/systemctl"
		#!/bin/sh
		echo "$*" >>"${0%/*}/asked"
		[ "$1" = enable ] || { echo "Job for haagentd.service failed." >&2; exit 1; }
	END
	echo "node add d addr 10.0.0.4" >"$(etc d)/haswitch.conf" && on d haadm restore /etc/haswitch/haswitch.conf &&
		no on d sh -c "mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && mkdir /run/systemd/system &&
			mount --bind $dir /usr/local/sbin && exec haadm cluster init name d" &&
		said "units can't be started: .*Job for haagentd.service failed" &&
		said "the module has node \"d\" alone.*; then say systemctl enable --now " &&
		diff "$dir/asked" - <<-END
			enable haswitch haagentd
			restart haswitch haagentd
		END
	code=$?
	haadm -n d node del d
	rm -r "$dir/disk-d" "$dir/systemctl" "$dir/asked" && mkdir -p "$dir/disk-d"/{etc,var} && return $code
}

# Who comes to two nodes gets no vote while agents run, and is told so. The other one of d is never there.
lone() {
	local code
	on d haadm cluster init name d with e addr 10.0.0.5 && boots d &&
		on d haadm cluster invite f addr 10.0.0.6 >"$dir/token-f" 2>"$dir/said" &&
		cat "$dir/said" && grep -q "^haswitch1[.]" "$dir/token-f" &&
		said "^note: one voter or two stay the only ones while agents run, so f will have no vote"
	code=$?
	stop TERM d && haadm -n d node del e && haadm -n d node del d && rm -r "$dir/disk-d" &&
		mkdir -p "$dir/disk-d"/{etc,var} && return $code
}

begun() {
	on a haadm -j cluster init name a with b addr 10.0.0.2 with c addr 10.0.0.3 >"$dir/value" &&
		value_fits "cluster init" && jq -e '.node == "a" and .addr == "10.0.0.1" and .nodes_count == 3 and
			.kept == false and .started == false' "$dir/value" &&
		[ "$(stat -c %a "$(etc a)/haagentd.key")" = 600 ] &&
		diff - <(grep -v '^#' "$(etc a)/haswitch.conf") <<-END && boots a
			node add a addr 10.0.0.1
			node add b addr 10.0.0.2
			node add c addr 10.0.0.3
		END
}

begun_already() {
	cp "$(etc a)/haagentd.key" "$dir/key" && no on a haadm cluster init name a &&
		said "haagentd.key is there already" &&
		cmp "$dir/key" "$(etc a)/haagentd.key"
}

# has_all NODE: it got what a has.
has_all() {
	cmp "$(etc a)/haagentd.key" "$(etc $1)/haagentd.key" && [ "$(stat -c %a "$(etc $1)/haagentd.key")" = 600 ] &&
		cmp "$(etc a)/haagentd.conf" "$(etc $1)/haagentd.conf" &&
		[ "$(find "$(etc $1)" -type f | wc -l)" -eq 3 ] &&
		grep -qx "node add $1 addr 10.0.0.${number[$1]}" "$(etc $1)/haswitch.conf" &&
		! grep -q self "$(etc $1)/haswitch.conf"
}

# secret: nobody can make the key of the cluster from the token, nor read the token's file.
secret() {
	local file key
	key=$(<"$(etc a)/haagentd.key")
	python3 - "$(<"$dir/token-b")" $key <<-END || return 1
		import base64, sys
		token, key = sys.argv[1].split(".")[1], bytes.fromhex(sys.argv[2])
		raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
		sys.exit(any(key[i:i + 4] in raw for i in range(len(key) - 3)))
	END
	for file in "$dir/disk-a/var/config"/invitation-*; do [ "$(stat -c %a "$file")" = 600 ] || return 1; done
}

second() { invite b && secret && joins b && has_all b; }

used() {
	no joins b/other && said "a refuses: the invitation of b was used already, or a newer one has replaced it" &&
		no_files other && no joins b && said "haagentd.key is there already: this machine belongs to a cluster"
}

# What the inviting node's file has for that node alone is no other one's, and that is told.
noted() {
	local code
	cp "$(etc a)/haagentd.conf" "$dir/conf" &&
		echo 'journal = { folder = "/var/lib/haswitch/journal"; };' >>"$(etc a)/haagentd.conf" &&
		invite c && joins c/note >"$dir/said" 2>&1 &&
		said "^this machine is node c now, as a has it in its configuration$" &&
		said "^note: .*conf of a is not taken over, as it has settings for one node .journal.folder.: " &&
		[ ! -e "$(etc note)/haagentd.conf" ] && cmp "$(etc a)/haagentd.key" "$(etc note)/haagentd.key"
	code=$?
	cat "$dir/said"
	cp "$dir/conf" "$(etc a)/haagentd.conf" && return $code
}

# What nobody has applied takes nothing away that a node has.
loses_nothing() {
	local code
	on b haadm restore --committed /etc/haswitch/haswitch.conf && haadm -n b vip add 10.0.0.98 on eth0 holder b &&
		agents b && slowly 40 logged a "the first generation is not committed yet: b refuses it: .*lacks what $(
		)this node has (vip add 10.0.0.98): say 'haadm cluster apply FILE'" && has_vip b &&
		haadm -n a cluster show | grep -q "^committed: none that is known here$"
	code=$?
	haadm -n b vip del 10.0.0.98 && return $code
}

has_vip() { haadm -n $1 vip show 10.0.0.98 >/dev/null; }

third() { invite c && joins c && has_all c && boots c; }

# Three commands were said: init, and for each other node invite and join. Nobody has applied anything.
by_itself() {
	local name
	slowly 40 runs_all 3 && [ ! -e "$dir/disk-a/var/config/begun-here" ] &&
		for name in a b c; do
			haadm -n $name -j snapshot list | jq -e '.committed.generation == 1 and (.generations |
				length == 1 and .[0].generation == 1 and .[0].node == "a" and .[0].label == "first")' ||
				return 1
		done
}

mistyped() {
	local token
	invite d 2>"$dir/said" && ! said "^note:" && token=$(<"$dir/token-d") &&
		no joins d ${token%?????} && said "is not whole, or was mistyped" &&
		no joins d ${token/1./1.A} && said "is not whole, or was mistyped" && no joins d haswitch2.AAAA &&
		said "this is no token" && no_files d
}

elsewhere() {
	no joins c/other "$(<"$dir/token-d")" && no_files other &&
		said "does not have the address for which the invitation is: 10.0.0.4$"
}

replaced() {
	local old
	old=$(<"$dir/token-d")
	invite d && no joins d $old && said "a newer one has replaced it" && no_files d
}

expired() {
	invite d within 1m && sleep 62 && no joins d && no_files d &&
		said "the invitation of d has expired at .*, by the clock of a"
}

unknown() {
	invite d && rm "$dir/disk-a/var/config"/invitation-* && no joins d && said "does not know this invitation" &&
		no_files d
}

wrong_invitations() {
	no on a haadm cluster invite e addr 10.0.0.2 && said "10.0.0.2 is the address of node b" &&
		no on a haadm cluster invite b addr 10.0.0.2 &&
		said "node b is there already, and its agent is heard" &&
		no on a haadm cluster invite a addr 10.0.0.5 && said "a is this node" &&
		no on a haadm cluster invite d addr 10.0.0.4 within 5s && said "valid for 1 minute to 7 days" &&
		no on a haadm cluster invite d && said '"addr ADDR" is missing'
}

committed() {
	slowly 20 heard_all 3 &&
		{ on a haadm save | sed 's/ state .*//' && echo "lease add web" &&
			echo "vip add 10.0.0.100 on eth0 lease web"; } >"$dir/one" &&
		echo 'notify = [ "/bin/true" ];' >"$dir/agents" &&
		slowly 20 on a haadm cluster apply "$dir/one" agents "$dir/agents" && slowly 20 known && notifies a b c
}

# notifies NODE...: their agents have the command that is committed for all of them.
notifies() {
	local name
	for name; do
		[ "$(haadm -n $name -j agent show | jq -c .agents.settings)" = '["notify"]' ] || return 1
	done
}

# What an earlier cluster has left on the disk of d would come back, so that is refused, and nothing is written.
left_over() {
	local code
	cp -r "$dir/disk-a/var/config" "$dir/disk-d/var/" && invite d && no joins d && no_files d &&
		said "config has configurations of an earlier cluster: move it away" &&
		no on d haadm cluster init name d && no_files d &&
		said "configurations of an earlier cluster, which would come back .*config/0000000002-"
	code=$?
	rm -r "$dir/disk-d/var/config" && return $code
}

# A commit that fails leaves the invitation valid, and the machine as it was.
too_few() {
	invite d && stop KILL b c && slowly 10 heard_none && no joins d && no_files d &&
		said "a refuses: .*too few voters" && agents b c && slowly 20 known && slowly 20 runs_all 3
}

heard_none() { haadm -n a -j cluster show | jq -e '[.nodes[] | select(.is_heard)] | length == 1' >/dev/null; }

# A machine that goes away while its commit waits for b becomes no node, and may come again.
gone() {
	local keeper code
	keeper=$(pgrep -P "$(<"$dir/b.pid")" -x haagentd-keeper) && kill -STOP $keeper || return 1
	joins d &
	wait_for 10 used_up && ! grep -qa 'haswitch[1][.]' /proc/[0-9]*/cmdline &&
		kill -KILL $(pgrep -fx '[^ ]*haagentd --join')
	code=$?
	kill -CONT $keeper
	! wait $! && [ $code -eq 0 ] && wait_for 20 logged a "d could not join: who wants it has gone" && no_files d &&
		runs_all 3
}

# used_up: the invitation of d is taken, and the machine waits.
used_up() { grep -qsxF "$(<"$dir/token-d")" "$dir/disk-a/var/config"/invitation-*.over; }

# drain NODE: by hand, on the three.
drain() {
	local name
	for name in a b c; do haadm -n $name node set $1 state drain || return 1; done
}

# drained NODE: it still is, on the three.
drained() {
	local name
	for name in a b c; do [[ $(haadm -n $name node show $1) = *" state drain"* ]] || return 1; done
}

# other NAME: than that node.
other() { [ $1 = b ] && echo c || echo b; }

fourth() {
	local name before
	name=$(holder) && before=$(ends $name) && drain "$(other $name)" && joins d | tee "$dir/said" &&
		said "as a has committed by generation 3$" && has_all d && boots d && slowly 20 runs_all 4 &&
		notifies a b c d && drained "$(other $name)" && nodes=(a b c d) && slowly 20 known && held_by $name &&
		[ "$(ends $name)" -eq $before ]
}

stays() {
	no on a haadm cluster leave d && said "the agent of d is heard: stop it first" &&
		no on a haadm cluster leave a && said "a is this machine" && no on a haadm cluster leave e &&
		said "there is no node e"
}

named() {
	nodes=(a b c)
	stop TERM d && slowly 20 known && slowly 20 silent d &&
		{ echo "node add d addr 10.0.0.4" && sed 's/^lease add web/& prefer d/' "$dir/one"; } >"$dir/two" &&
		on a haadm cluster apply "$dir/two" && no on a haadm cluster leave d &&
		said "d is in a list of the lease web" &&
		{ cat "$dir/one" && echo "node add d addr 10.0.0.4"; } >"$dir/three" &&
		on a haadm cluster apply "$dir/three"
}

left() {
	local name
	name=$(holder) && drain "$(other $name)" && on a haadm cluster leave d 2>"$dir/said" &&
		said "d still has the key" && slowly 20 runs_all 3 && drained "$(other $name)" && held_by $name &&
		notifies a b c &&
		for name in a b c; do ! haadm -n $name save | grep -q "node add d" || return 1; done
}

# lists: the files of a, b, c and w list these four, and the agents have read them.
lists() {
	local name
	{
		echo "$timings" && conf_nodes | sed '$d' &&
			printf ',\n%s\n);\n' '{ name = "w"; address = "10.0.0.5"; witness = true; }'
	} >"$dir/listed"
	for name in a b c w; do
		cp "$dir/listed" "$(etc $name)/haagentd.conf" || return 1
		[ ! -e "$dir/$name.pid" ] || reads_again $name || return 1
	done
}

reads_again() {
	local before
	before=$(reads $1)
	kill -HUP "$(<"$dir/$1.pid")" && wait_for 10 reads_more $1 $before
}

reads() { grep -c "was read again and is in force" "$dir/$1.log"; }
reads_more() { [ "$(reads $1)" -gt $2 ]; }

witness() {
	: >"$dir/w.log"
	ip netns exec w unshare -m sh -c "$disk_in" "$dir/disk-w" haagentd --witness >>"$dir/w.log" 2>&1 &
	echo $! >"$dir/w.pid"
}

voters() {
	nodes=(a b c)
	cp "$(etc a)/haagentd.key" "$(etc w)" && lists && witness && slowly 30 runs_all 4 && slowly 20 known &&
		rm -rf "$(etc d)" "$dir/disk-d/var" && haadm -n d vip del 10.0.0.100
}

# Without the list the machine would not know the witness. Nothing is committed for it.
without_list() {
	local code
	mkdir -p "$(etc d)" && echo 'journal = { folder = "/var/lib/haswitch/journal"; };' >>"$(etc a)/haagentd.conf" &&
		invite d 2>"$dir/said" && said "^note: .* of a is not for d, as .*.journal.folder.: write one" &&
		no joins d && no_files d && said "a refuses: .*haagentd.conf of a lists the nodes, but is not for d, as"
	code=$?
	cp "$dir/listed" "$(etc a)/haagentd.conf" && [ $code -eq 0 ] &&
		echo "$timings" >"$(etc d)/haagentd.conf" && no joins d && rm "$(etc d)/haagentd.conf" && no_files d &&
		said "a refuses: d has a haagentd.conf without the list .nodes., which that of a has: move" && entries 0
}

# Where the files list the nodes, as with a witness, the one that comes is not in them, and need not be.
listed() {
	local name before
	slowly 20 known && name=$(holder) && before=$(ends $name) && slowly 10 invite d && joins d && has_all d &&
		boots d && slowly 30 runs_all 5 && notifies a b c d && held_by $name &&
		[ "$(ends $name)" -eq $before ] && slowly 20 peers w 4 || return 1
	for name in a b c d w; do cmp "$dir/listed" "$(etc $name)/haagentd.conf" || return 1; done
}

# peers NAME NUMBER: the agent there hears so many others.
peers() { ask_on $1 | jq -e --argjson n $2 '[.peers[] | select(.state == "heard")] | length == $n' >/dev/null; }
ask_on() { on $1 haadm -j agent show; }

# An operator has committed e at an address of its own. The token stays valid, as nothing is committed.
moved() {
	{ cat "$dir/one" && echo "node add e addr 10.0.0.44"; } >"$dir/four" &&
		on a haadm cluster apply "$dir/four" && slowly 20 runs_all 4 || return 1
	on a haadm cluster invite e addr 10.0.0.4 >"$dir/token-e" && no joins d/other "$(<"$dir/token-e")" &&
		no_files other && said "a refuses: the configuration adds node e at another address: invite it with" &&
		entries 0 && on a haadm cluster apply "$dir/one" && slowly 20 runs_all 4
}

# It is one of them, as the others are: for a witness, and for agents that begin again.
restarted() {
	local name
	stop TERM w && witness && stop TERM c && agents c || return 1
	for name in c d w; do slowly 30 peers $name 4 || return 1; done
	slowly 30 runs_all 5 && nodes=(a b c d) && slowly 20 known
}

# behind NODE: a hears it, and it does not run what is committed.
behind() {
	haadm -n a -j cluster show | jq -e --arg n $1 '.committed.generation as $g | .nodes[] | select(.node == $n) |
		.is_heard and (.state != "runs" or .applied.generation != $g)' >/dev/null
}

# Its file has a setting that all agents have, so it begins without theirs. It knows the nodes all the same, and itself.
unfit() {
	local code
	cp "$(etc d)/haagentd.conf" "$dir/conf" && echo 'notify = [ "/bin/true" ];' >>"$(etc d)/haagentd.conf" &&
		stop TERM d && agents d && slowly 30 peers d 4 && slowly 10 behind d
	code=$?
	cp "$dir/conf" "$(etc d)/haagentd.conf" && reads_again d && slowly 30 runs_all 5 && return $code
}

# entries NUMBER: so many of nodes has the committed configuration.
entries() {
	local generation
	generation=$(haadm -n a -j cluster show | jq .committed.generation) &&
		[ "$(on a haadm snapshot show $generation | grep -c '^#haagentd-node: ')" -eq $1 ]
}

# An operator's text, and other settings of all agents, have no entries of nodes, and take none away.
kept() {
	entries 1 && on a haadm save | sed 's/ state .*//; s/ self$//' >"$dir/five" &&
		echo "vip add 10.0.0.101 on eth0 lease web" >>"$dir/five" &&
		on a haadm cluster apply "$dir/five" agents none && slowly 20 runs_all 5 && entries 1 &&
		on a haadm cluster apply "$dir/five" agents "$dir/agents" && slowly 20 runs_all 5 && entries 1 &&
		notifies a b c d && peers w 4
}

unlisted() {
	local name
	nodes=(a b c)
	stop TERM d && slowly 20 silent d && slowly 20 on a haadm cluster leave d && slowly 20 runs_all 4 &&
		entries 0 || return 1
	for name in a w; do slowly 20 peers $name 3 && ! grep -q "node d is not in" "$dir/$name.log" || return 1; done
}

# by_both: a hears all others on both paths.
by_both() { ask_on a | jq -e '[.peers[].paths[].state] | length == 6 and all(. == "good")' >/dev/null; }

# Of several networks the one that comes is on the first, and whoever invites it is told so. Its own file stays.
two_networks() {
	local name
	{
		echo "$timings"
		echo 'paths = ( { name = "front"; }, { name = "back"; } ); nodes = ('
		for name in a b c w; do
			printf '{ name = "%s"; addresses = { front = "10.0.0.%s"; back = "10.1.0.%s"; }; %s},\n' $name \
				${number[$name]} ${number[$name]} "$([ $name != w ] || echo "witness = true; ")"
		done | sed '$s/,$//'
		echo ');'
	} >"$dir/listed"
	for name in a b c w; do
		ip -n $name addr add 10.1.0.${number[$name]}/24 dev eth0 &&
			cp "$dir/listed" "$(etc $name)/haagentd.conf" && reads_again $name || return 1
	done
	rm -rf "$(etc d)" "$dir/disk-d/var" && mkdir -p "$(etc d)" && echo "# own" >"$(etc d)/haagentd.conf" &&
		cat "$dir/listed" >>"$(etc d)/haagentd.conf" &&
		haadm -n d vip del 10.0.0.100 && haadm -n d vip del 10.0.0.101 &&
		slowly 20 by_both && invite d 2>"$dir/said" &&
		said "^note: the agents will reach d by path front alone, until" &&
		joins d 2>"$dir/said" && boots d && slowly 30 runs_all 5 && entries 1 &&
		said "^note: .*haagentd.conf was there already, and stays as it is: compare it with" || return 1
	for name in a d w; do slowly 20 peers $name 4 || return 1; done
}

exec 3>&1
ktap_header
prepare || ktap_exit
check "of several addresses init takes none" which_address
check "a name that no node can have is refused" which_name
check "a node alone is no cluster" alone
check "vips that are in no file are not taken away" by_hand
check "init on a node without a vote says that nothing will be committed" voteless
check "init says why the agent does not start" unstarted
check "whoever is invited to two nodes is told that it gets no vote" lone
check "a cluster is begun" begun
check "a key is not replaced" begun_already
check "a machine becomes a node of the cluster" second
check "an invitation is used once" used
check "settings of the inviting node alone are not taken over, and that is told" noted
check "a first generation that lacks what a node has is not committed" loses_nothing
check "one more comes, and no file is edited" third
check "the first generation is committed by itself, and all nodes have it" by_itself
check "a token that was mistyped is refused" mistyped
check "a token is for one machine" elsewhere
check "a newer invitation replaces one" replaced
check "an expired invitation is refused" expired
check "an invitation that nobody made is refused" unknown
check "what can not be a node is not invited" wrong_invitations
check "the three hold a lease, and have settings of all agents" committed
check "a machine with what an earlier cluster has left begins and joins none" left_over
check "without a majority nobody comes, and may try again" too_few
check "a machine that goes away meanwhile becomes no node" gone
check "a fourth one comes by a commit, disturbs no lease, and has the settings of all agents" fourth
check "a node that is heard stays" stays
check "a node that the configuration names stays" named
check "a node leaves" left
check "agents and a witness have the nodes from lists in their files" voters
check "an invitation at another address than the committed one is refused" moved
check "a machine that would have no list of nodes is refused" without_list
check "a node comes where the files list the nodes, as with a witness, and no file is edited" listed
check "it stays one when the agents and the witness begin again" restarted
check "an agent that refuses the settings of all agents begins with all nodes" unfit
check "its entry outlives other configurations" kept
check "it leaves, and its entry is gone on all nodes and the witness" unlisted
check "with two networks it comes by the first one, and that is told" two_networks
stop TERM a b c d w
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
