#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Nodes come and go while the cluster runs: who votes changes one node at a time, and no lease is lost over it. The
# agents' files name no node, as the modules have them.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120,SC2206 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

# The first name of all comes last: a node's id must not depend on who else there is.
declare -A number=([b]=1 [c]=2 [d]=3 [a]=4 [e]=5)
all=(a b c d e)
nodes=(b c d)

# file NAME...: one file for all machines; each finds by its addresses which one it is.
file() {
	local name
	for name; do echo "node add $name addr 10.0.0.${number[$name]}"; done
	printf '%s\n' "lease add web" "vip add 10.0.0.100 on eth0 lease web"
}

# load FILE NAME...: into these modules.
load() {
	local name
	for name in "${@:2}"; do haadm -n $name restore "$1" || return 1; done
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3
	module_load && lan_make && haagentd --genkey "$dir/key" || return 1
	file b c d >"$dir/three" && file a b c d >"$dir/four" && file a b c d e >"$dir/five" || return 1
	for name in "${all[@]}"; do
		lan_join $name ${number[$name]} || return 1
		# Fewer heartbeats than usual: it is not about them.
		printf '%s\n' "key = \"$dir/key\";" "leases = { longest = \"1s\"; voter = \"$dir/voter-$name\"; };" \
			"configurations = \"$dir/config-$name\";" "journal = { folder = \"$dir/journal\"; };" \
			'timings = { heartbeat = "20ms"; suspect = "200ms"; time = "500ms"; };' >"$dir/$name.conf"
	done
	load "$dir/three" b c d
}

# set_is NAME SET VOTER,VOTER... NODE,NODE...: what an agent says of the voter set that it has.
set_is() {
	haadm -n $1 -j agent show | jq -e --argjson set $2 --arg voters $3 --arg nodes $4 \
		'.vote | .set == $set and (.voters | sort) == ($voters / ",") and (.nodes | sort) == ($nodes / ",") and
		has("change") == false'
}

# sets_are NAME,NAME... SET VOTERS NODES: of each of them.
sets_are() {
	local name
	for name in ${1//,/ }; do set_is $name "${@:2}" || return 1; done
}

# set_comes NAME,NAME... SET VOTERS NODES: they go over to it, which their logs tell at less expense.
set_comes() {
	local name
	for name in ${1//,/ }; do
		wait_for 60 logged $name "with its voter set $2$\|has its voter set $2 now" || return 1
	done
	wait_for 5 sets_are "$@"
}

# votes NAME...: they know something, and ack.
votes() {
	local name
	for name; do haadm -n $name -j agent show | jq -e '.vote | .knows and .mute == 0' || return 1; done
}

# undisturbed COMMAND...: and meanwhile the holder has held.
undisturbed() {
	local name before
	name=$(holder) && [ -n "$name" ] && before=$(ends $name) || return 1
	"$@" && held_by $name && [ "$(ends $name)" -eq $before ]
}

began() { start b c d && wait_for 20 known && wait_for 10 sets_are b,c,d 1 b,c,d b,c,d && wait_for 10 votes b c d; }

# A node that nobody else knows yet has no part, and disturbs nobody.
alone() {
	nodes=(a b c d)
	load "$dir/four" a && start a && wait_for 10 logged a "listening for 3 peers" && sleep 2 && votes b c d &&
		sets_are b,c,d 1 b,c,d b,c,d && ! logged a "holds it now"
}

# half: one of three voters has it in its configuration, which is too few.
half() {
	load "$dir/four" b && wait_for 10 logged b "too few voters have that configuration" && sleep 3 &&
		set_is c 1 b,c,d b,c,d &&
		haadm -n b -j agent show | jq -e '.vote.change | test("missing: ") and test("too few voters")' &&
		haadm -n b agent show | grep -q "too few voters have that configuration"
}

fourth() {
	load "$dir/four" c d && set_comes a,b,c,d 2 b,c,d a,b,c,d && logged a "begins to have a part in the cluster"
}

# to_new NAME: it holds the lease. The one that holds it now may be one that is about to go.
to_new() {
	local nodes=("${all[@]}")
	held_by $1 || { haadm -n "$(holder)" failover web to $1 && wait_for 10 held_by $1; }
}

fifth() {
	load "$dir/five" a b c d e && start e && set_comes a,b,c,d,e 5 a,b,c,d,e a,b,c,d,e &&
		wait_for 20 votes a b c d e
}

# Two of those that voted in the beginning are gone: the new ones count.
two_lost() {
	local name
	nodes=(a b c d e)
	to_new d && wait_for 10 known && stop KILL d c && nodes=(a b e) && wait_for 10 known && name=$(holder) &&
		[[ $name = [abe] ]]
}

two_back() {
	nodes=(a b c d e) && start c d && wait_for 20 votes a b c d e &&
		wait_for 10 sets_are a,b,c,d,e 5 a,b,c,d,e a,b,c,d,e
}

# All are off at once, and find in their files who votes.
restarted() {
	nodes=(a b c d e)
	stop KILL a b c d e && start a b c d e && wait_for 20 known && sets_are a,b,c,d,e 5 a,b,c,d,e a,b,c,d,e &&
		wait_for 20 votes a b c d e
}

# lost_file NAME: it knows nothing any more, not even its id, and learns from the others.
lost_file() {
	nodes=(a b c d e)
	stop KILL $1 && rm "$dir/voter-$1" && start $1 && set_comes $1 5 a,b,c,d,e a,b,c,d,e &&
		wait_for 20 votes a b c d e
}

# gone: a node is taken out of the configuration of the others while it runs, and gives its part up; of four nodes three
# vote.
gone() {
	nodes=(a b c d)
	to_new d && wait_for 10 known && undisturbed leaves &&
		wait_for 10 logged e "this node was taken out of the cluster" &&
		haadm -n e -j agent show | jq -e '.vote.runs == false' && stop TERM e &&
		wait_for 10 logged a "e has no part in the cluster any more"
}

leaves() {
	load "$dir/four" a b c d && set_comes a,b,c,d 8 a,b,c a,b,c,d
}

# It comes back with its old file, and the others do not have it.
stranger() {
	start e && wait_for 10 logged e "listening for" && sleep 2 && sets_are a,b,c,d 8 a,b,c a,b,c,d && known
}

# again: it gets a part anew, though its file is of a set that is long past.
again() {
	nodes=(a b c d e)
	undisturbed comes && wait_for 20 votes a b c d e
}

# wrote NAME FILTER: a line of its journal is so.
wrote() { haadm -j journal by $1 in "$dir/journal" | jq -e "any(.[]; $2)" >/dev/null; }

# The journals have who voted when, and which nodes came and went.
journaled() {
	wrote a '.kind == "voters" and .set == 5 and (.voters | sort) == ["a", "b", "c", "d", "e"]' &&
		wrote a '.kind == "voters" and .set == 8 and (.voters | sort) == ["a", "b", "c"]' &&
		wrote a '.kind == "went" and .node == "e" and .set <= 8' &&
		wrote e '.kind == "went" and .node == "e"' &&
		wrote a '.kind == "came" and .node == "e" and .set > 8' &&
		haadm journal by b in "$dir/journal" >"$dir/said" &&
		grep " b voters set 8 voters [abc],[abc],[abc]$" "$dir/said" &&
		grep " b went node e set [678]$" "$dir/said"
}

comes() { load "$dir/five" a b c d && set_comes a,b,c,d,e 11 a,b,c,d,e a,b,c,d,e; }

# dies: whoever has begun to change the set is killed; another node brings that to its end.
dies() {
	local name code
	: >"$dir/changing"
	to_new d && stop TERM e && load "$dir/four" a b c d && wait_for 30 changing || return 1
	name=$(<"$dir/changing")
	nodes=(a b c d)
	stop KILL $name && wait_for 60 over $name
	code=$?
	start $name && wait_for 20 set_is $name 14 a,b,c a,b,c,d && set_comes a,c,d 14 a,b,c a,b,c,d && return $code
}

changing() {
	local name
	for name in a b c d; do
		[ "$(grep -c "this node changes the voter set" "$dir/$name.log")" -eq "${changes[$name]:-0}" ] ||
			echo $name >"$dir/changing"
	done
	[ -s "$dir/changing" ]
}

over() {
	local name
	for name in a b c d; do
		[ $name = $1 ] || logged $name "has its voter set 14 now" || return 1
	done
}

# replaced: one of three voters goes while it runs, and the fourth node votes in its place: four do for a while.
replaced() {
	nodes=(a b d)
	to_new a && wait_for 10 known && undisturbed swaps &&
		wait_for 10 logged c "this node was taken out of the cluster" && wait_for 20 votes a b d
}

swaps() { file a b d >"$dir/others" && load "$dir/others" a b d && set_comes a,b,d 17 a,b,d a,b,d; }

# anew: all files but an old one are removed, which is how a cluster is begun anew. The old one is of a set long past.
anew() {
	local name
	nodes=(a b d e)
	stop TERM a b c d && file "${nodes[@]}" >"$dir/others" && load "$dir/others" "${nodes[@]}" &&
		rm "$dir/voter-"[abd] || return 1
	start "${nodes[@]}"
	nodes=(a b d)
	wait_for 30 known && sleep 2 && known && for name in a b d; do set_is $name 1 a,b,d a,b,d,e || return 1; done
}

# Nobody had a lease while another one did, in all of this.
all_owned() { nodes=(a b c d e) && one_owner; }

exec 3>&1
ktap_header
prepare || ktap_exit
declare -A changes
check "three nodes of a new cluster vote" began
check "a node that no other configuration has takes no part" alone
check "a configuration that one voter has changes no voter set" half
nodes=(b c d)
check "a fourth node gets a part without a vote" undisturbed fourth
nodes=(a b c d)
check "the fourth node gets the lease" to_new a
check "with a fifth node all five vote" undisturbed fifth
nodes=(a b c d e)
check "two of the first three voters are lost: the votes of new nodes count" two_lost
check "the two lost voters vote again" two_back
check "all agents are killed and started: their files have five voters" restarted
check "a voter without its file learns the set from the others" lost_file a
check "a node leaves: three of the other four vote" gone
nodes=(a b c d)
check "a node that left has no part when it is started" stranger
check "a node that left votes once it is in the configuration again" again
check "the journals have who voted, came and went" journaled
for name in a b c d; do changes[$name]=$(grep -c "this node changes the voter set" "$dir/$name.log"); done
check "the node that changes the voter set dies: another node goes on" dies
nodes=(a b c d)
check "one of three voters is replaced while it runs" replaced
check "a cluster begins anew beside a node with an old file" anew
check "no lease ever had two owners" all_owned
stop TERM a b d e
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
