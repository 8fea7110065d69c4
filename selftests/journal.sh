#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The journal: what the agents write down of leases, nodes and changes, what `haadm availability` makes of it, and that
# a disk that refuses stops no agent.
# shellcheck disable=SC2317,SC2086,SC2119,SC2120 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/schema.sh
. ./lib/schema.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

vip=10.0.0.100
exec 3>&1
declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)

# conf NAME: the file of a node. The journal of c is on a disk of its own. Commands write down what they are told of
# web, and of the configuration.
conf() {
	local folder=$dir/journal
	[ $1 != c ] || folder=$dir/disk/journal
	conf_head $1 "$dir/key" "$dir/voter-$1" 2s >"$dir/$1.conf"
	{
		conf_nodes
		echo "journal = { folder = \"$folder\"; };"
		echo "notify = ( { command = \"$dir/notify\"; events = [ \"gained\", \"lost\" ];"
		echo "  objects = [ \"web\" ]; },"
		echo "  { command = \"$dir/notify-config\"; events = [ \"config\", \"reload\" ]; },"
		echo "  { command = \"$dir/notify-served\"; events = [ \"service\", \"drained\" ]; } );"
	} >>"$dir/$1.conf"
}

prepare() {
	local name
	need_root
	need haadm haagentd jq nsenter
	# shellcheck disable=SC2016 # for the script that is written
	printf '#!/bin/sh\n{ echo "$HASWITCH_NODE $*: $HASWITCH_EVENT $HASWITCH_EVENT_LEASE"; cat; } >>%s/told\n' \
		"$dir" >"$dir/notify"
	sed "s|/told|&-config|" "$dir/notify" >"$dir/notify-config"
	sed "s|/told|&-served|" "$dir/notify" >"$dir/notify-served"
	chmod 755 "$dir/notify" "$dir/notify-config" "$dir/notify-served"
	mkdir "$dir/disk" && mount -t tmpfs -o size=2m disk "$dir/disk" && module_load && lan_make || return 1
	for name in "${nodes[@]}"; do lan_join $name ${number[$name]} && nodes_add $name && conf $name || return 1; done
	every node set a zone east && every node set b zone west && every node set c zone west &&
		every lease add web prefer a failback manual && every vip add $vip on eth0 lease web || return 1
	haagentd --genkey "$dir/key" && start a b c
}

# in_journal NAME: that node's journal, as JSON.
in_journal() {
	local folder=$dir/journal
	[ $1 != c ] || folder=$dir/disk/journal
	haadm -j journal by $1 in $folder
}

# wrote NAME FILTER: a line of its journal is so.
wrote() { in_journal $1 | jq -e "any(.[]; $2)" >/dev/null; }
# written NAME FILTER: it becomes so.
written() { wait_for 10 wrote "$@"; }

# figure NAME FOLDER OBJECT KEY: of what NAME wrote, since the lease was held first.
figure() { haadm -n $1 -j availability $3 by $1 in $2 since "$(<"$dir/since")" | jq -e ".objects[0].$4"; }

begins() {
	local name
	wait_for 20 held_by a && wait_for 10 known || return 1
	sleep 1
	date +@%s >"$dir/since"
	for name in "${nodes[@]}"; do
		written $name '.kind == "begin" and (.boot | length) == 36 and .wall > 1e18' &&
			written $name '.kind == "state" and .node == "b" and .to != null' &&
			written $name '.kind == "state" and .lease == "web"' &&
			written $name '.kind == "peer" and .to == "heard"' &&
			wrote $name ".by == \"$name\" and .seq == 1" || return 1
	done
}

# Every node has who holds the lease, and under which epoch.
told_by_all() {
	local name
	for name in "${nodes[@]}"; do
		written $name '.kind == "lease" and .lease == "web" and .node == "a" and .cause == "granted" and
			.epoch > 0' || return 1
	done
}

changes() {
	haadm -n a lease add other && written a '.kind == "config" and .object == "lease" and .action == "add"' &&
		haadm -n a lease del other && haadm journal by a in "$dir/journal" >"$dir/said" || return 1
	cat "$dir/said"
	grep -qE "^20[0-9-]+T[0-9:.]+ a config .*object lease.* generation [0-9]+" "$dir/said"
}

# What a command is told: its arguments and variables, and then the event as JSON.
told() {
	local epoch
	epoch=$(haadm -n a -j lease show web | jq .[0].epoch)
	wait_for 10 grep -qx "a gained web $epoch: gained web" "$dir/told" || return 1
	cat "$dir/told"
	grep -A 1 -x "a gained web $epoch: gained web" "$dir/told" | tail -n 1 |
		jq -e ".by == \"a\" and .kind == \"gained\" and .lease == \"web\" and .epoch == $epoch and .wall > 1e18"
}

told_of_config() {
	wait_for 10 grep -qE "^a config [0-9]+ [0-9]+: config $" "$dir/told-config" &&
		! grep -qE "gained|lost" "$dir/told-config" && kill -HUP "$(<"$dir/a.pid")" &&
		wait_for 10 grep -qx "a reload $dir/a.conf good: reload " "$dir/told-config"
}

# told_served WORDS FILTER: the command is told so, and a's journal has it.
told_served() {
	if ! wait_for 10 grep -qx "a $1: ${1%% *} " "$dir/told-served"; then
		cat "$dir/told-served"
		return 1
	fi
	written a "$2"
}

# The only member of a service goes, and comes back.
emptied() {
	printf '%s\n' "service add $vip:53/udp sched rr" "member add $vip:53/udp node b" | haadm -n a -b - &&
		haadm -n a member set $vip:53/udp node b health down || return 1
	told_served "service $vip:53/udp empty" ".kind == \"service\" and .service == \"$vip:53/udp\" and
		.to == \"empty\"" && written a ".kind == \"member\" and .node == \"b\" and
		.service == \"$vip:53/udp\" and .health == \"down\" and .cause == \"health\"" &&
		haadm -n a member set $vip:53/udp node b health up &&
		told_served "service $vip:53/udp back" '.kind == "service" and .to == "back"' &&
		[ "$(grep -c "^a service" "$dir/told-served")" -eq 2 ]
}

flows() { [ "$(haadm -n a -j flow show | jq length)" -eq $1 ]; }
datagram() { n client bash -c "echo x >/dev/udp/$vip/53" && flows 1; }

# A drained node keeps the flow that it has; when that has ended, the drain is done.
drains() {
	lan_join client 9 && wait_for 10 datagram && haadm -n a node set b state drain && sleep 3 || return 1
	grep "^a drained" "$dir/told-served" && return 1
	haadm -n a flow del node b &&
		told_served "drained b" '.kind == "drained" and .node == "b" and (has("service") | not)' &&
		haadm -n a node set b state up && haadm -n a member set $vip:53/udp node b weight 0 &&
		told_served "drained b $vip:53/udp" ".kind == \"drained\" and .service == \"$vip:53/udp\"" &&
		haadm -n a service del $vip:53/udp
}

# The holder's agent is killed. What it knew itself ends there. The others say for how long nobody held.
died() {
	local now down
	stop KILL a && wait_for 10 moved a && now=$(holder) && written b ".kind == \"lease\" and .node == \"$now\" and
		.cause == \"granted\"" && written b '.kind == "node" and .node == "a" and .to == "lost" and
		.cause != null' || return 1
	sleep 1
	haadm -n b availability by b in "$dir/journal"
	[ "$(figure b "$dir/journal" $vip outages)" -ge 1 ] && [ "$(figure b "$dir/journal" $vip open)" = false ] &&
		down=$(figure b "$dir/journal" $vip longest) && [ $down -gt 0 ] && [ $down -lt 2000000000 ] &&
		[ "$(figure b "$dir/journal" "node a" open)" = true ] &&
		[ "$(figure b "$dir/journal" "zone east" outages)" -eq 1 ] &&
		[ "$(figure b "$dir/journal" "zone west" outages)" -eq 0 ]
}

# copied OF: c has a copy of what that node wrote up to now, or a moment ago.
copied() {
	local copy=$dir/copy-$1
	cat "$dir/disk/journal/@copies/$1"/*.jsonl >"$copy" && [ "$(wc -l <"$copy")" -gt 5 ] &&
		cat "$dir/journal/$1"/*.jsonl | head -c "$(wc -c <"$copy")" | cmp - "$copy"
}

# asks NAME JOURNALS INCOMPLETE: availability has asked the other nodes for their journals, and has these.
asks() {
	haadm -n $1 -j availability $vip since "$(<"$dir/since")" >"$dir/figures" 2>"$dir/said"
	cat "$dir/figures" "$dir/said"
	jq -e ".journals == $2 and .incomplete == $3 and .objects[0].outages == 1" "$dir/figures"
}

# The agents of a and b have one folder, so neither needs a copy of the other's. The dead one sends and writes none.
completed() {
	asks c '["b", "c"]' '["a"]' &&
		grep -q "the journal of node a is not here, or not to its end: it is not heard" "$dir/said" &&
		copied b &&
		asks b '["a", "b", "c"]' '["a"]' && [ ! -e "$dir/journal/@copies/a" ] &&
		haadm -n c -j journal all | jq -e 'map(.by) | unique == ["b", "c"]' &&
		in_journal c | jq -e 'map(.by) | unique == ["c"]'
}

# b alone, c alone, and all of them have about the same: the time of the switch.
one_answer() {
	local all b c
	cp -rp "$dir/disk/journal/c" "$dir/journal/" &&
		haadm -n b -j availability $vip in "$dir/journal" since "$(<"$dir/since")" >"$dir/said" &&
		jq -e '.journals == ["a", "b", "c"] and
			(.objects[0] | .by == "web" and .open == false and .outages == 1)' "$dir/said" &&
		all=$(jq .objects[0].longest "$dir/said") || return 1
	b=$(figure b "$dir/journal" $vip longest) c=$(figure c "$dir/journal" $vip longest)
	ktap_note "nobody held for $((all / 1000)) us, as b says $((b / 1000)), as c says $((c / 1000))" >&3
	[ $all -le $b ] && [ $all -le $c ] && [ $((b - c)) -lt 200000000 ] && [ $((c - b)) -lt 200000000 ]
}

back() {
	start a && wait_for 20 logged a "ready" && written a '.kind == "begin" and .seen > 1e18' &&
		wait_for 10 known && written b '.kind == "node" and .node == "a" and .from == "lost"' &&
		asks c '["a", "b", "c"]' '[]' && copied a && copied b
}

# What haadm says of a folder that others can write, and of a folder of b's that no agent of c's machine writes.
odd_folders() {
	local folder=$dir/disk/journal code=0
	chmod 777 "$folder" && haadm -n c availability $vip >"$dir/said" 2>&1
	chmod 755 "$folder" && cat "$dir/said" &&
		grep -q "folder of journals is passed over, as it is not root's alone" "$dir/said" || return 1
	mkdir "$folder/b" && asks c '["a", "b", "c"]' '["b"]' &&
		grep -q "node b is not here, .*/b is there, and no agent here writes it" "$dir/said" || code=1
	rmdir "$folder/b" && asks c '["a", "b", "c"]' '[]' && return $code
}

json() {
	haadm -n b -j availability in "$dir/journal" | jq -e '(.objects | map(.object) | unique) ==
		["lease", "node", "vip", "zone"] and all(.objects[]; .up + .down + .unseen > 0 and .outages >= 0 and
		(.availability | type) as $t | ($t == "number" or $t == "null")) and .until > .since' &&
		json_fits b availability availability in "$dir/journal" &&
		json_fits b journal journal in "$dir/journal"
}

# A configuration whose objects were added in another order: rows are in that of addresses and names.
sorted() {
	local rows="vip 10.0.0.9 vip 10.0.0.100 vip 2001:db8::1 lease web node a node b zone east zone west"
	ns_add sorted && haadm -n sorted -b - <<-END || return 1
		node add b addr 10.0.0.2 zone west
		node add a addr 10.0.0.1 zone east
		lease add web
		vip add 2001:db8::1 lease web
		vip add 10.0.0.100 lease web
		vip add 10.0.0.9 lease web
	END
	haadm -n sorted availability in "$dir/journal" | tee "$dir/shown" | awk 'NR > 2 { print $1, $2 }' | xargs |
		diff - <(echo "$rows") && haadm -n sorted -j availability in "$dir/journal" | tee "$dir/shown" |
		jq -r '.objects[] | .object, .name' | xargs | diff - <(echo "$rows") && ns_del sorted && return 0
	cat "$dir/shown"
	return 1
}

# c has no network for a moment, and its module hears nobody. Agents of earlier releases wrote one evidence, as a text.
evidence() {
	ip -n c link set eth0 down && written c '.kind == "node" and (.evidence | length) > 0' || return 1
	ip -n c link set eth0 up && wait_for 20 known && json_fits c journal journal in "$dir/disk/journal" &&
		mkdir -p "$dir/earlier/b" &&
		echo '{"wall":1,"time":1,"by":"b","kind":"node","node":"a","to":"lost","evidence":"carrier"}' \
			>"$dir/earlier/b/00000001.jsonl" &&
		json_fits b journal journal in "$dir/earlier" &&
		haadm -j journal in "$dir/earlier" | jq -e '.[0].evidence == ["carrier"]'
}

# more N: events that leave a line each, at c.
more() {
	local i
	for ((i = 0; i < $1; i++)); do printf 'lease add more\nlease del more\n'; done | haadm -n c -b -
}

full_disk() {
	local before
	before=$(in_journal c | jq length)
	dd if=/dev/zero of="$dir/disk/full" bs=4k 2>/dev/null
	more 50
	wait_for 10 logged c "the journal is not written, .*: No space left on device" && known &&
		haadm -n b lease add other && haadm -n b lease del other &&
		written b '.kind == "config" and .object == "lease" and .action == "del"' &&
		haadm -n c availability $vip 2>&1 | tee "$dir/said" >&2 &&
		grep "journal of node b .*cannot be written here: No space left" "$dir/said" &&
		[ "$(grep -c "is not written" "$dir/c.log")" -eq 1 ] || return 1
	rm "$dir/disk/full" && wait_for 10 logged c "the journal is written again" || return 1
	# No line is lost, as there are few, and none is torn.
	sleep 1
	[ "$(in_journal c 2>"$dir/said" | jq length)" -ge $((before + 100)) ] &&
		! grep "cannot be read" "$dir/said" && ! wrote c '.kind == "lost"'
}

# As many events as do not fit into memory while the disk takes nothing: how many were lost is in the journal, too.
overrun() {
	local lost
	dd if=/dev/zero of="$dir/disk/full" bs=4k 2>/dev/null
	more 1000
	wait_for 10 logged c "lines of the journal are lost" && known && rm "$dir/disk/full" || return 1
	more 1
	written c '.kind == "lost"' || return 1
	haadm -n c availability by c in "$dir/disk/journal" 2>&1 |
		grep -qE "(lines or events are|1 line or event is) lost" || return 1
	lost=$(in_journal c | jq 'map(select(.kind == "lost").lines) | add')
	ktap_note "$lost lines are lost" >&3
	[ $lost -gt 0 ]
}

# An agent has mounts of its own, as they were when it was started.
read_only() {
	stop TERM c && mount -o remount,ro "$dir/disk" && start c &&
		wait_for 10 logged c "the journal is not written, .*Read-only file system" &&
		wait_for 20 logged c "ready" && wait_for 10 known && mount -o remount,rw "$dir/disk" &&
		nsenter -t "$(<"$dir/c.pid")" -m mount -o remount,rw "$dir/disk" &&
		wait_for 10 logged c "the journal is written again"
}

link() {
	stop TERM c && rm -rf "$dir/disk/journal" && ln -s "$dir/journal" "$dir/disk/journal" && start c &&
		wait_for 10 logged c "disk/journal: is no folder, or a symbolic link" &&
		wait_for 20 logged c "ready" && wait_for 10 known && rm "$dir/disk/journal" &&
		wait_for 10 logged c "the journal is written again"
}

torn() {
	local last
	stop KILL c && last=$(find "$dir/disk/journal/c" -name '*.jsonl' | sort | tail -n 1) &&
		printf '{"wall":1' >>"$last" && start c &&
		wait_for 10 logged c "ends in the midst of a line, and is left as it is" &&
		written c '.kind == "begin" and .seen > 1e18' &&
		haadm journal by c in "$dir/disk/journal" 2>&1 >/dev/null |
		grep -q "1 line of the journal cannot be read, and is passed over"
}

small() {
	local name locked
	for name in "${nodes[@]}"; do
		locked=$(awk '$1 == "VmLck:" { print $2 }' "/proc/$(<"$dir/$name.pid")/status")
		ktap_note "$name: $locked kB" >&3
		[ "$locked" -gt 0 ] && [ "$locked" -le 12000 ] || return 1
	done
}

ends() {
	stop TERM "${nodes[@]}" && wrote a '.kind == "end" and .cause == "stops"' && wrote c '.kind == "end"'
}

ktap_header
if ! prepare; then
	ktap_fail "setup: three nodes with agents that write journals"
	ktap_exit
fi
check "each agent begins its journal with the states that it finds" begins
check "each node's journal has who got the lease" told_by_all
check "a change of the configuration is in the journal" changes
check "a notify command is told of a lease that is gained, as JSON, too" told
check "a notify command is told of changes of the configuration" told_of_config
check "a service that no member serves is told, and that one serves it again" emptied
check "a node, and a member, that have no flow left are told as drained" drains
check "the holder's death is in the others' journals, with its outage" died
check "availability asks the other nodes for what they wrote" completed
check "each journal alone, and all together, say the same of the outage" one_answer
check "an agent that returns says when its predecessor was alive last, and sends its journal" back
check "a folder that others can write, and a journal that was put there by hand, are told" odd_folders
check "availability as JSON has vips, leases, nodes and zones, and is as the schema says, as the journal is" json
check "rows of availability are in the order of addresses and names" sorted
check "evidence is a list, as the schema says, also of lines of earlier releases, where it was a text" evidence
check "a full disk stops no agent, and loses no line that fits into memory" full_disk
check "lines that do not fit into memory are counted in the journal" overrun
check "a read-only folder stops no agent" read_only
check "a symbolic link instead of the folder is refused" link
check "a torn line is passed over, and the journal goes on in a new file" torn
check "an agent with a journal locks 12 MB of memory at most" small
check "agents that end say so in the journal" ends
[ $ktap_failed -eq 0 ] || what_happened
umount "$dir/disk"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
