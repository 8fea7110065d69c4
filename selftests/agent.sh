#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The agent: three nodes with an agent each; who is named, who is lost, who is believed, and what traffic notices.
# shellcheck disable=SC2317,SC2086,SC2119 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/health.sh
. ./lib/health.sh

vip=10.0.0.100
web=$vip:80/tcp
two=$vip:81/tcp
vip6=2001:db8::100
web6=[$vip6]:80/tcp
declare -A agent server number=([n1]=1 [n2]=2 [n3]=3)
helper=$PWD/tools/replay.py
dir=$(mktemp -d)

# Times that a busy machine keeps, too: what happens is tested here, not how fast.
timings='timings = { heartbeat = "50ms"; suspect = "1s"; time = "1s"; };'

# conf NAME [MORE]: the file of a node.
conf() {
	cat >"$dir/$1.conf" <<-END
		node = "$1";
		key = "$dir/${key:-key}";
		$timings configurations = "$dir/config-$1";
		paths = ( { name = "front"; }, { name = "back"; } );
		nodes = (
		  { name = "n1"; addresses = { front = "10.0.0.1"; back = "2001:db8:1::1"; }; },
		  { name = "n2"; addresses = { front = "10.0.0.2"; back = "2001:db8:1::2"; }; },
		  { name = "n3"; addresses = { front = "10.0.0.3"; back = "2001:db8:1::3"; }; }
		);
		${2:-}
	END
}

# start NAME [WORD...]: begins a node's agent, with a log of its own each time.
start() {
	local name=$1
	shift
	: >"$dir/$name.log"
	echo "# $name was started" >>"$dir/all.log"
	ip netns exec "$name" env "$@" "${binary:-haagentd}" -f "$dir/$name.conf" \
		2> >(tee -a "$dir/all.log" >>"$dir/$name.log") &
	agent[$name]=$!
}

# stop NAME SIGNAL: ends it; its exit code is kept in $ended.
stop() {
	kill "-$2" "${agent[$1]}"
	wait "${agent[$1]}" 2>/dev/null
	ended=$?
}

logged() { grep -q -- "$2" "$dir/$1.log"; }
not_logged() { ! logged "$@"; }

serve() {
	ip netns exec "$1" "$helper" serve "$1" &
	server[$1]=$!
	wait_for 20 n "$1" curl -sf -m 1 http://127.0.0.1/who
}

unserve() {
	kill -KILL "${server[$1]}"
	wait "${server[$1]}" 2>/dev/null
}

# get: who answers the client at the vip.
get() { n client curl -sf -m 2 "http://$vip/who"; }
got() { [ "$(get)" = "$1" ]; }
got6() { [ "$(n client curl -sf -m 2 "http://[$vip6]/who")" = "$1" ]; }

# is WHERE NODE STATE...: the published state of a node in a module is one of these.
is() {
	local state
	state=$(haadm -j -n "$1" node show | jq -r --arg n "$2" '.[] | select(.name == $n).state')
	shift 2
	[[ " $* " = *" $state "* ]]
}

# alive WHERE NODE: the BEATs name it.
alive() {
	haadm -j -n "$1" node show |
		jq -e --arg n "$2" '.[] | select(.name == $n) | .agent == "alive" and .state == "up"'
}

# Who is lost again and again returns as held, for minutes: that is another test's subject, so it is let go.
all_alive() {
	local here name
	for here in n1 n2 n3; do
		for name in $(haadm -j -n $here node show |
			jq -r '.[] | select(.agent == "alive" and .state == "held").name'); do
			haadm -n $here failback "$name" || return 1
		done
		haadm -j -n $here node show |
			jq -e 'length == 3 and all(.[]; .agent == "alive" and .state == "up")' || return 1
	done
}

# changes WHERE NODE: how often its published state changed.
changes() {
	haadm -j -n "$1" event show | jq --arg n "$2" '[.[] | select(.kind == "node" and .node == $n)] | length'
}

# beats_pass WHERE N: the module takes that many more BEATs.
beats() { stat_of "$1" beats; }
beats_above() { [ "$(beats "$1")" -gt "$2" ]; }
beats_pass() { wait_for 30 beats_above "$1" $(($(beats "$1") + $2)); }

# last_event WHERE NODE FILTER: holds for the last state change of a node.
last_event() {
	haadm -j -n "$1" event show |
		jq -e --arg n "$2" "[.[] | select(.kind == \"node\" and .node == \$n)] | last | $3"
}

# back_make NAME: connects it to the second network.
back_make() {
	lan_port "$1" eth1 "addr add 2001:db8:1::${number[$1]}/64 dev eth1 nodad" &&
		ip -n lan link set "$1-eth1" master br1
}

setup() {
	local name node
	module_load && lan_make && lan_join client 9 && ip -n lan link add br1 up type bridge || return 1
	for name in n1 n2 n3; do
		lan_join $name ${number[$name]} && back_make $name || return 1
		for node in n1 n2 n3; do
			set -- haadm -n $name node add $node addr 10.0.0.${number[$node]} \
				addr 2001:db8::${number[$node]}
			[ $node != $name ] || set -- "$@" self
			"$@" || return 1
		done
		haadm -n $name vip add $vip on eth0 holder n1 && haadm -n $name service add $web failback auto &&
			haadm -n $name member add $web node n2 priority 10 &&
			haadm -n $name member add $web node n3 priority 20 &&
			haadm -n $name vip add $vip6 on eth0 holder n1 &&
			haadm -n $name service add "$web6" failback auto &&
			haadm -n $name member add "$web6" node n2 priority 10 &&
			haadm -n $name member add "$web6" node n3 priority 20 || return 1
		conf $name
	done
	# Of the ports of the second one's members, only 80 has a server. A check of n3 does not say which one it is of.
	haadm -n n1 service add $two && haadm -n n1 -b <(printf "member add $two node %s via nat port %s\\n" \
		n2 80 n2 82 n3 80 n3 82) || return 1
	conf n1 "checks = ( { service = \"$web\"; node = [ \"n2\", \"n3\" ]; timeout = \"2s\"; },
		{ service = \"$two\"; node = \"n2\"; at = 80; timeout = \"2s\"; },
		{ service = \"$two\"; node = \"n2\"; at = 82; timeout = \"2s\"; },
		{ service = \"$two\"; node = \"n3\"; timeout = \"2s\"; },
		{ service = \"$web6\"; node = \"n2\"; timeout = \"2s\"; } );
		notify = [ \"$dir/notify\" ];"
	# shellcheck disable=SC2016 # for the script that is written
	{
		printf '#!/bin/sh\necho "$HASWITCH_NODE $*" >>%s/told\n' "$dir"
		printf 'sed -n "s/^CapEff:[[:space:]]*//p" /proc/self/status >>%s/capabilities\n' "$dir"
	} >"$dir/notify"
	chmod +x "$dir/notify"
	# A configuration that someone has copied and not marked.
	ns_add spare || return 1
	for node in n1 n2 n3; do
		haadm -n spare node add $node addr 10.0.0.${number[$node]} || return 1
	done
	haagentd --genkey "$dir/key" && serve n2 && serve n3
}

# A file that cannot be followed ends the agent at once, with the line.
refused_files() {
	check_fails "--check-config names the line of a node that the module does not know" 1 \
		'n1.conf:8: node "n4" is not known to the module; the nearest that is is "n' \
		sh -c "sed 's/name = \"n3\"/name = \"n4\"/' $dir/n1.conf >$dir/bad/n1.conf &&
			exec ip netns exec n1 haagentd -f $dir/bad/n1.conf --check-config"
	check_fails "the agent does not start with a node that the module does not know" 1 \
		'n1.conf:8: node "n4" is not known' ip netns exec n1 haagentd -f "$dir/bad/n1.conf"
	check_fails "--check-config refuses another node's name than the module's self" 1 'the module calls it "n1"' \
		ip netns exec n1 haagentd -f "$dir/n2.conf" --check-config
	check_fails "the agent does not start while no node of the module is self" 1 \
		'n1.conf:6: this node is "n1" here, but to the module none .*node add n1 addr ... self' \
		ip netns exec spare haagentd -f "$dir/n1.conf"
	check_fails "--check-config tells that no node of the module is self" 1 \
		'to the module none of its nodes is this machine' \
		ip netns exec spare haagentd -f "$dir/n1.conf" --check-config
	check "--check-config takes a good file" n n1 haagentd -f "$dir/n1.conf" --check-config
	haadm -n n1 service set $web also 85
	check_fails "--check-config says by which port a service with further ports is named" 0 \
		'is not a member of .*:85/tcp in the module now (.*name that one)' \
		sh -c "sed 's,$web,${web/:80/:85},' $dir/n1.conf >$dir/bad/n1.conf &&
			exec ip netns exec n1 haagentd -f $dir/bad/n1.conf --check-config"
	haadm -n n1 service set $web also none
	chmod 0644 "$dir/key"
	check_fails "a key file that others can read is refused" 1 'key file .* by others than its owner' \
		ip netns exec n1 haagentd -f "$dir/n1.conf"
	chmod 0600 "$dir/key"
}

# example FILE: an example of haagentd.conf is taken on the first node of the haswitch.conf that goes with it.
example() {
	local conf=$dir/example.conf taken=0
	ns_add example && ip -n example link add eth0 type dummy && ip -n example address add 10.0.0.1/24 dev eth0 &&
		ip -n example link add eth1 type dummy &&
		haadm -n example restore "${1/examples\/haagentd/examples/haswitch}" || taken=1
	# The key is where the test has it.
	{ grep -q '^key' "$1" || echo "key = \"$dir/key\";"; sed "s|^key = .*|key = \"$dir/key\";|" "$1"; } >"$conf"
	[ $taken -ne 0 ] || n example haagentd -f "$conf" --check-config || taken=1
	ns_del example
	return $taken
}

examples() {
	local file of
	of=$(cd .. && pwd)/userspace/haagentd/examples
	for file in "$of"/haagentd*.conf; do
		check "--check-config takes the example ${file##*/} with its haswitch.conf" example "$file"
	done
	for file in "$of"/haswitch*.conf; do
		check "the example ${file##*/} goes with one of haagentd.conf" \
			test -e "${file/examples\/haswitch/examples/haagentd}"
	done
}

ready_when_beating() {
	local manager
	"$helper" notify "$dir/manager" >"$dir/told-manager" &
	manager=$!
	wait_for 10 test -S "$dir/manager"
	start n1 "NOTIFY_SOCKET=$dir/manager"
	start n2
	start n3
	check "every node is named by all nodes" wait_for 20 all_alive
	check "the service manager is told that the agent is ready" wait_for 10 grep -q READY=1 "$dir/told-manager"
	check "the agent logs that it is ready" logged n1 'ready: the module takes BEATs'
	check "the agent logs to how many peers and paths it listens" logged n1 'n1: listening for 2 peers on 2 paths$'
	haadm -n spare node del n1
	haadm -n spare node add n1 addr 10.0.0.1 self
	cat >"$dir/spare.conf" <<-END
		node = "n1";
		key = "$dir/key";
		nodes = ( { name = "n1"; address = "127.0.0.1"; }, { name = "n2"; address = "127.0.0.2"; } );
	END
	start spare
	check "the agent logs that it listens to one peer on one path" wait_for 10 logged spare \
		'n1: listening for 1 peer on 1 path$'
	stop spare TERM
	kill $manager
	wait $manager 2>/dev/null
	check "after the start traffic goes to the preferred member" wait_for 10 got n2
}

killed_and_back() {
	local before
	stop n2 KILL
	check "SIGKILL of an agent: one peer publishes the node as lost" wait_for 20 is n1 n2 lost
	check "SIGKILL of an agent: the second peer publishes the node as lost" wait_for 20 is n3 n2 lost
	check "SIGKILL of an agent: the event names the BEAT as the cause" last_event n1 n2 \
		'.from == "up" and .to == "lost" and .cause == "beat"'
	check "SIGKILL of an agent: the log tells how long the peer was silent" logged n1 'n2: not heard for [0-9]* ms'
	check "SIGKILL of an agent: the notify command is told" wait_for 10 grep -qx 'n1 node n2 lost beat' "$dir/told"
	check "SIGKILL of an agent: traffic goes to another member" wait_for 10 got n3
	before=$(changes n2 n1).$(changes n2 n3)
	start n2
	check "an agent started after SIGKILL is up on all nodes" wait_for 20 all_alive
	check "an agent that starts loses nobody" test "$(changes n2 n1).$(changes n2 n3)" = "$before"
	check "traffic goes back to the node whose agent was killed" wait_for 10 got n2
}

stopped_and_continued() {
	local before
	before=$(changes n2 n1).$(changes n2 n3)
	kill -STOP "${agent[n2]}"
	check "SIGSTOP of an agent: its node is lost" wait_for 20 is n1 n2 lost
	beats_pass n1 30
	kill -CONT "${agent[n2]}"
	check "SIGCONT of an agent: its node is up" wait_for 20 all_alive
	check "an agent that slept blames no other node" test "$(changes n2 n1).$(changes n2 n3)" = "$before"
	check "an agent that slept logs that it did not run" logged n2 'this agent did not run for'
}

said_static() {
	local before when
	before=$(changes n1 n3)
	stop n3 TERM
	check "SIGTERM: the agent ends with code 0" test $ended -eq 0
	check "SIGTERM: peers log that the agent stops cleanly" wait_for 10 logged n1 'n3: its agent stops cleanly'
	beats_pass n1 40
	check "SIGTERM: peers go on naming the node for a while" alive n1 n3
	start n3
	check "an agent back soon after SIGTERM is heard" wait_for 20 logged n1 'n3: heard again'
	check "an agent back soon after SIGTERM causes no switch" test "$(changes n1 n3)" = "$before"
	wait_for 20 all_alive

	# Before it says so: how long it takes to end does not count.
	when=$(awk '{ printf "%d", $1 * 1e9 }' /proc/uptime)
	stop n3 TERM
	check "an agent that stays away after SIGTERM is lost" wait_for 30 is n1 n3 lost
	check "an agent that stays away after SIGTERM is not lost before ten seconds" last_event n1 n3 \
		".time - $when > 9.9e9"
	start n3
	wait_for 20 all_alive
}

said_leave() {
	stop n3 USR1
	check "SIGUSR1: the agent ends with code 0" test $ended -eq 0
	check "SIGUSR1: peers take the node out as left" wait_for 10 is n1 n3 left
	check "SIGUSR1: the event names a verdict as the cause" last_event n1 n3 '.to == "left" and .cause == "verdict"'
	start n3
	check "a node that joins again after it left is up by itself" wait_for 20 all_alive

	haadm -n n1 node verdict n3 left
	stop n1 TERM
	start n1
	wait_for 20 logged n1 'ready'
	check "an agent that starts does not undo an operator's verdict" is n1 n3 left
	haadm -n n1 node verdict n3 fenced
	stop n3 KILL
	start n3
	wait_for 20 logged n1 'n3: heard again'
	beats_pass n1 20
	check "an agent that returns does not undo the verdict fenced" is n1 n3 fenced
	haadm -n n1 node verdict n3 clear
	wait_for 20 all_alive
}

believed() {
	local before
	n n1 "$helper" record eth0 10.0.0.3 10.0.0.1 50 >"$dir/tape" 2>/dev/null
	before=$(changes n1 n3)
	n n3 "$helper" play 10.0.0.3 10.0.0.1 same <"$dir/tape"
	n n3 "$helper" play 10.0.0.3 10.0.0.1 flipped <"$dir/tape"
	n n3 "$helper" play 10.0.0.3 10.0.0.1 cut <"$dir/tape"
	n n3 "$helper" play 10.0.0.3 10.0.0.1 garbage <"$dir/tape"
	check "the log reports replayed packets as refused" wait_for 20 logged n1 \
		'authentication failure: .*n3.* replayed'
	check "the log reports forged packets as refused" wait_for 20 logged n1 'authentication failure: .*n3.* forged'
	check "the log reports truncated packets as refused" wait_for 20 logged n1 \
		'authentication failure: .* cut off or malformed'
	check "the log reports packets that are no heartbeats as refused" wait_for 20 logged n1 \
		'authentication failure: .* no heartbeats at all'
	check "refused packets in a live node's name change no state" test "$(changes n1 n3)" = "$before"

	stop n3 KILL
	wait_for 20 is n1 n3 lost
	before=$(changes n1 n3)
	n n3 "$helper" play 10.0.0.3 10.0.0.1 same <"$dir/tape"
	n n3 "$helper" play 10.0.0.3 10.0.0.1 flipped <"$dir/tape"
	beats_pass n1 20
	check "no recording brings a dead node back" test "$(changes n1 n3)" = "$before"
	stop n1 TERM
	start n1
	wait_for 20 logged n1 ready
	n n3 "$helper" play 10.0.0.3 10.0.0.1 same <"$dir/tape"
	beats_pass n1 20
	check "no recording brings a dead node back to an agent that just started" not_logged n1 'n3: heard'
	start n3
	wait_for 20 all_alive
}

another_key() {
	haagentd --genkey "$dir/other" >/dev/null
	# It is named for ten seconds more, which is time enough to start on the slowest machine.
	stop n3 TERM
	key=other conf n3
	start n3
	check "a node with another key: told as an authentication failure" wait_for 20 \
		logged n1 'authentication failure: .*n3.* sealed with another key'
	check "a node named so far with another key: told as not believed" wait_for 30 \
		logged n1 'n3: authentication failure: packets come from it but cannot be believed'
	check "a node with another key: not told as silent" not_logged n1 'n3: not heard'
	check "a node with another key: lost" wait_for 20 is n1 n3 lost
	check "a node with another key names nobody" not_logged n3 'n1: heard'
	check "a node with another key: notify commands are told refused" wait_for 10 \
		grep -qx 'n1 peer n3 refused' "$dir/told"
	stop n3 TERM
	conf n3
	start n3
	check "a node that has the right key again is up" wait_for 20 all_alive
}

# refusals: how many packets each agent has refused of each peer, as it says when it is asked.
refusals() {
	local name before
	for name in n1 n2 n3; do
		before=$(grep -c ', capabilities ' "$dir/$name.log")
		kill -USR2 "${agent[$name]}"
		wait_for 10 told_of_peers $name $((before + 2)) || return 1
		grep ', capabilities ' "$dir/$name.log" | tail -n 2 |
			sed -E 's/.*: (n[0-9]): .* ([0-9]+) packets? refused.*/\1 \2/'
	done
}
reads_again() { [ "$(grep -c 'was read again and is in force' "$dir/$1.log")" -gt "$2" ]; }
told_of_peers() { [ "$(grep -c ', capabilities ' "$dir/$1.log")" -ge "$2" ]; }

# Each node is given the second key, and then its file without the first, while the others go on.
keys_change() {
	local name before refused again
	refused=$(refusals)
	before=$(changes n1 n2).$(changes n2 n3).$(changes n3 n1)
	check "--addkey puts a second key into the key file" haagentd --addkey "$dir/key"
	check_fails "--addkey refuses a third key" 1 'has two keys already' haagentd --addkey "$dir/key"
	for name in n1 n2 n3; do
		sed -i "s|key = .*|key = \"$dir/key-$name\";|" "$dir/$name.conf"
		install -m 0600 "$dir/key" "$dir/key-$name"
		again=$(grep -c 'was read again and is in force' "$dir/$name.log")
		kill -HUP "${agent[$name]}"
		check "$name reads a file with two keys" wait_for 20 reads_again $name $again
		beats_pass $name 30
	done
	haagentd --dropkey "$dir/key" >/dev/null
	for name in n1 n2 n3; do
		install -m 0600 "$dir/key" "$dir/key-$name"
		again=$(grep -c 'was read again and is in force' "$dir/$name.log")
		kill -HUP "${agent[$name]}"
		check "$name reads a file with the newer key alone" wait_for 20 reads_again $name $again
		beats_pass $name 30
	done
	check "a change of keys leaves all nodes up" all_alive
	check "a change of keys loses no node" test "$(changes n1 n2).$(changes n2 n3).$(changes n3 n1)" = "$before"
	check "a change of keys has no packet refused" test "$(refusals)" = "$refused"
	for name in n1 n2 n3; do sed -i "s|key = .*|key = \"$dir/key\";|" "$dir/$name.conf"; done
}

# releases_shown: n1 is of a later release, the others are not, and n2 knows it.
releases_shown() {
	haadm -n n2 status | grep -qE '^  n1 .*, agent heard, release 99-later, ' &&
		haadm -n n2 doctor | grep -q '^release: the agents are of different releases: n2 .*, n1 99-later, n3 '
}

# One node after the other is upgraded to a release that says what this one does not know; then all are set back.
rolling_upgrade() {
	local name binary before
	before=$(changes n1 n2).$(changes n2 n3).$(changes n3 n1)
	echo "# rolling upgrade" >>"$dir/all.log"
	for binary in haagentd-later haagentd; do
		for name in n1 n2 n3; do
			stop $name TERM
			start $name
			wait_for 20 logged $name ready
			beats_pass $name 10
			[ $name$binary != n1haagentd-later ] ||
				check "status and doctor show agents of different releases" wait_for 10 releases_shown
		done
		check "all nodes are up with $binary" wait_for 20 all_alive
		kill -USR2 "${agent[n1]}"
		wait_for 20 logged n1 'n2: heard, capabilities'
	done
	check "a rolling upgrade loses no node" test "$(changes n1 n2).$(changes n2 n3).$(changes n3 n1)" = "$before"
	check "a rolling upgrade has no packet refused" \
		sh -c "! sed '1,/^# rolling upgrade/d' $dir/all.log | grep -E 'packets .* refused: '"
}

cut_off() {
	local before mac
	before=$(changes n1 n3)
	ip -n lan link set n3-eth1 down
	check "one of two networks cut: the log names the path" wait_for 20 logged n1 'n3: nothing comes on path back'
	beats_pass n1 30
	check "one of two networks cut: the node stays up" test "$(changes n1 n3)" = "$before"
	ip -n lan link set n3-eth0 down
	check "both networks cut: the node is lost" wait_for 20 is n1 n3 lost
	check "both networks cut: the node takes its peer for lost" wait_for 20 is n3 n1 lost
	ip -n lan link set n3-eth0 up
	ip -n lan link set n3-eth1 up
	check "both networks mended: all nodes are up" wait_for 20 all_alive

	mac=$(lan_mac n3 eth1)
	ip -n n1 neigh replace 2001:db8:1::3 lladdr 02:00:00:00:00:99 nud permanent dev eth1
	check "a path that works in one direction only is logged as such" wait_for 60 \
		logged n1 'n3: path back works in one direction only'
	ip -n n1 neigh replace 2001:db8:1::3 lladdr "$mac" nud reachable dev eth1
	check "a path that works in both directions again is logged" wait_for 20 \
		sh -c "sed '1,/one direction only/d' $dir/n1.log |
		grep 'n3: path back works\$'"
}

# back_works N: n1 has said so of n2's second path more often than that.
back_works() { [ "$(grep -c 'n2: path back works$' "$dir/n1.log")" -gt "$1" ]; }

# With the device of a path gone for good, the agent must not ask the kernel for it: that would run modprobe and wait.
device_lost() {
	local before modprobe
	sed -i 's/{ name = "back"; }/{ name = "back"; device = "eth1"; }/' "$dir/n2.conf"
	ip -n n2 link del eth1
	check_fails "--check-config says that the device of a path is missing" 0 \
		'path back: there is no device eth1 now' n n2 haagentd -f "$dir/n2.conf" --check-config
	stop n2 TERM
	start n2
	check "a node starts while the device of one path is missing" wait_for 20 logged n2 \
		'path back: device eth1 is not there'
	check "a node is up by one path while the device of another is missing" wait_for 20 all_alive
	before=$(grep -c 'n2: path back works$' "$dir/n1.log")
	back_make n2
	check "the device of a path comes: the agent listens there" wait_for 10 logged n2 \
		'path back: device eth1 is there'
	check "the device of a path comes: the path works" wait_for 20 back_works "$before"

	modprobe=$(cat /proc/sys/kernel/modprobe)
	printf '#!/bin/sh\necho "$*" >>%s/modprobes\nsleep 0.3\n' "$dir" >"$dir/modprobe"
	chmod +x "$dir/modprobe"
	echo "$dir/modprobe" >/proc/sys/kernel/modprobe
	before=$(changes n1 n2).$(changes n2 n1)
	ip -n n2 link del eth1
	check "the device of a path is deleted: the peer's log names the path" wait_for 20 logged n1 \
		'n2: nothing comes on path back'
	beats_pass n2 60
	check "the device of a path is deleted: no kernel module is looked for" sh -c "! grep -s eth1 $dir/modprobes"
	check "the device of a path is deleted: no node is lost" test "$(changes n1 n2).$(changes n2 n1)" = "$before"
	echo "$modprobe" >/proc/sys/kernel/modprobe
	: >"$dir/n2.log"
	back_make n2
	check "the device of a path is made anew: the agent listens there" wait_for 10 logged n2 \
		'path back: device eth1 is there'
	sed -i 's/ device = "eth1";//' "$dir/n2.conf"
	kill -HUP "${agent[n2]}"
	wait_for 20 all_alive
}

fail_static() {
	local before
	wait_for 10 got n2
	stop n1 KILL
	check "the holder's agent killed: the module says that BEATs stopped" wait_for 20 sh -c \
		"haadm -j -n n1 event show |
			jq -e '[.[] | select(.kind | startswith(\"agent\"))] | last.kind == \"agent-stalled\"'"
	check "the holder's agent killed: traffic goes on" got n2
	before=$(changes n1 n2).$(changes n1 n3)
	stop n3 KILL
	wait_for 20 is n2 n3 lost
	check "the holder's agent killed: node states are frozen" test "$(changes n1 n2).$(changes n1 n3)" = "$before"
	check "the holder's agent killed: traffic goes on though another node dies" got n2
	start n1
	check "the holder's new agent publishes a dead node as lost" wait_for 20 is n1 n3 lost
	start n3
	check "all nodes are up after the holder's agent was killed" wait_for 20 all_alive
}

# workers AGENT: the worker processes that it has begun, zombies too. The shell has given it another child, which writes
# its log.
workers() {
	grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null |
		xargs -r grep -l "^Name:[[:space:]]*haagentd-worker" |
		cut -d / -f 3
}
one_worker() { [ "$(workers "$1" | wc -l)" -eq 1 ] && [ "$(workers "$1")" != "$2" ]; }
capabilities_of() { sed -n 's/^CapEff:[[:space:]]*//p' "/proc/$1/status"; }

# policy_of PID: how it is scheduled: 2 is SCHED_RR, 0 as most programs are.
policy_of() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 39; }

worker_killed() {
	local before worker
	check "the agent is scheduled in real time, and what runs commands is not" test \
		"$(policy_of "${agent[n1]}").$(policy_of "$(workers "${agent[n1]}")")" = 2.0
	check "the agent has few capabilities" test "$(capabilities_of "${agent[n1]}")" = 0000000000805420
	check "notify commands have root's capabilities" \
		test "$(tail -n 1 "$dir/capabilities")" = "$(capabilities_of self)"
	before=$(changes n1 n2).$(changes n1 n3)
	worker=$(workers "${agent[n1]}")
	kill -KILL "$worker"
	check "the worker process is killed: the agent logs that" wait_for 10 logged n1 \
		'the worker process, which runs commands, has ended'
	check "the worker process is killed: the agent begins another" wait_for 10 logged n1 \
		'another worker process runs commands now'
	check "the worker process is killed: nothing of it is left" wait_for 10 one_worker "${agent[n1]}" "$worker"
	check "the worker process is killed: no node is lost" test "$(changes n1 n2).$(changes n1 n3)" = "$before"
}

resting() {
	local told
	haadm -n n1 node set n3 state maintenance
	check "a node in maintenance: notify commands are told" wait_for 20 \
		grep -qx 'n1 node n3 maintenance admin' "$dir/told"
	told=$(grep -c 'n3' "$dir/told")
	stop n3 KILL
	check "a silent node in maintenance: the log tells of the silence" wait_for 20 logged n1 'n3: not heard'
	check "a silent node in maintenance: the log does not warn" not_logged n1 'warning: n3: not heard'
	check "a silent node in maintenance: notify commands are not told" test "$(grep -c n3 "$dir/told")" -eq "$told"
	start n3
	wait_for 20 logged n3 ready
	haadm -n n1 node set n3 state up
	check "a node out of maintenance is up" wait_for 20 all_alive
}

never_heard() {
	local manager addresses
	haadm -n n1 node set n3 state maintenance
	stop n3 KILL
	stop n1 TERM
	"$helper" notify "$dir/manager2" >"$dir/told-manager2" &
	manager=$!
	wait_for 10 test -S "$dir/manager2"
	start n1 "NOTIFY_SOCKET=$dir/manager2"
	wait_for 20 logged n1 ready
	beats_pass n1 130
	check "a peer never heard, in maintenance: nothing is logged" not_logged n1 'n3: no packet'
	haadm -n n1 node set n3 state up
	addresses='10.0.0.3:6946 (path front), \[2001:db8:1::3\]:6946 (path back)'
	check "a peer never heard, out of maintenance: the log names addresses and port" wait_for 30 logged n1 \
		"warning: n3: no packet .* at $addresses.* UDP port 6946 "
	check "a peer never heard, out of maintenance: notify commands are told" wait_for 10 \
		grep -qx 'n1 peer n3 unheard' "$dir/told"
	check "a peer never heard, out of maintenance: the service manager is told" wait_for 10 \
		grep -q 'STATUS=n1, 1 of 2 peers alive, never heard: n3$' "$dir/told-manager2"
	start n3
	check "a peer heard at last is logged" wait_for 20 logged n1 'n3: heard'
	check "a peer heard at last: all nodes are up" wait_for 20 all_alive
	check "a peer heard at last: the service manager is told" \
		grep -q 'STATUS=n1, 2 of 2 peers alive$' "$dir/told-manager2"
	check "a peer never heard is logged once" test "$(grep -c 'n3: no packet' "$dir/n1.log")" -eq 1
	kill $manager
	wait $manager 2>/dev/null
}

reread() {
	local before
	before=$(changes n1 n2).$(changes n1 n3).$(changes n2 n1)
	sed -i 's/heartbeat = "50ms"/hartbeat = "50ms"/' "$dir/n1.conf"
	kill -HUP "${agent[n1]}"
	check "SIGHUP with a bad file: the log names the line" wait_for 20 logged n1 \
		'n1.conf:3: unknown setting "hartbeat"'
	check "SIGHUP with a bad file: the configuration stays" wait_for 20 logged n1 'stays as it was'
	beats_pass n1 20
	sed -i 's/hartbeat = "50ms"/heartbeat = "40ms"/' "$dir/n1.conf"
	kill -HUP "${agent[n1]}"
	check "SIGHUP with a good file: the file is in force" wait_for 20 logged n1 \
		'n1.conf was read again and is in force'
	beats_pass n1 20
	check "SIGHUP changes no node's state" test "$(changes n1 n2).$(changes n1 n3).$(changes n2 n1)" = "$before"
	kill -USR2 "${agent[n1]}"
	check "SIGUSR2: the state is in the log" wait_for 20 logged n1 'n2: heard, .* path front good'
}

# wire_has FROM [SECONDS]: a heartbeat of it comes to n1 within that time.
wire_has() { n n1 timeout "${2:-20}" "$helper" record eth0 "10.0.0.${number[$1]}" 10.0.0.1 1; }
wire_silent() { ! wire_has n2 2 && ! wire_has n3 2; }

# local_addrs NAME: the addresses of vips on its ha0.
local_addrs() { ip -n "$1" -o addr show dev ha0 | awk '$4 !~ /^fe80/ { print $4 }' | sort; }

local_addrs_are() { [ "$(local_addrs "$1")" = "$2" ]; }

flushed() {
	local before
	before=$(local_addrs n2)
	check "setup: a node has vips of both families as addresses" grep -q : <<<"$before"
	ip -n n2 addr flush dev ha0
	check "the agent has addresses put back that were deleted from ha0" wait_for 20 local_addrs_are n2 "$before"
	# The kernel deletes the IPv6 addresses, and takes none.
	echo 1 | n n2 tee /proc/sys/net/ipv6/conf/ha0/disable_ipv6 >/dev/null
	wait_for 20 logged n2 "haadm vip heal., which puts it back, failed"
	ip -n n2 addr flush dev ha0
	check "one address that cannot be put back does not keep the others away" \
		wait_for 20 local_addrs_are n2 "$(grep -v : <<<"$before")"
	echo 0 | n n2 tee /proc/sys/net/ipv6/conf/ha0/disable_ipv6 >/dev/null
	check "what could not be put back is tried again" wait_for 60 local_addrs_are n2 "$before"
}

configs_save() {
	local name
	for name in n1 n2 n3; do
		haadm -n $name save >"$dir/$name.saved" || return 1
	done
}

configs_restore() {
	local name
	for name in n1 n2 n3; do
		haadm -n $name restore "$dir/$name.saved" || return 1
	done
}

# unload: all three nodes lose it at once, for they share the kernel.
unload() {
	local name
	for name in n1 n2 n3; do
		ip -n $name link del ha0 2>/dev/null
	done
	module_unload
}

no_self() {
	sed -E 's/ self( |$)/\1/; s/ via local//' "$dir/n3.saved" >"$dir/n3.unmarked"
	check "a configuration without self can be restored" haadm -n n3 restore --no-self "$dir/n3.unmarked"
	check "a restore without self under a running agent is logged" wait_for 20 logged n3 \
		'this node is "n3" here, but to the module none of its nodes is this machine; mark it'
	check "a restore without self: peers take the node for lost" wait_for 20 is n1 n3 lost
	haadm -n n3 restore "$dir/n3.saved"
	check "a restore with self: all nodes are up" wait_for 20 all_alive
}

module_gone() {
	check "heartbeats are on the wire while the module is loaded" wire_has n2
	check "the module can be unloaded under running agents" unload
	check "an agent whose module is gone says that it is silent" wait_for 20 logged n2 \
		'no heartbeats are sent, so that the peers take this node out: the kernel module is not loaded'
	wait_for 20 logged n3 'no heartbeats are sent'
	check "an agent whose module is gone sends no heartbeats" wire_silent
	check "an agent whose module is gone is not heard by its peers" wait_for 20 logged n1 'n2: not heard for'
	stop n3 TERM
	check "an agent whose module is gone stops without having peers wait" logged n3 'the peers do not wait'
	check "the module loads under running agents" module_load
	check "an agent sees that its module is loaded" wait_for 20 logged n2 'the module is there again'
	check "an agent whose module has no configuration sends no heartbeats" wire_silent
	check "peers of an agent whose module is gone are not told to wait" not_logged n1 'n3: its agent stops cleanly'
	configs_restore
	start n3
	check "all nodes are up once the module is configured" wait_for 30 all_alive
	check "an agent logs that it sends heartbeats again" logged n2 'heartbeats are sent again'
	check "traffic goes to the preferred member once the module is configured" wait_for 20 got n2

	check "an upgrade: the module is replaced under running agents" upgraded
	check "an upgrade: all nodes are up by themselves" wait_for 30 all_alive
	beats_pass n1 40
	check "an upgrade: all nodes stay up" all_alive
}
upgraded() { unload && module_load && configs_restore; }

module_changes() {
	local name node
	haadm -n n1 member del $web node n3
	haadm -n n1 member del "$web6" node n3
	haadm -n n1 node del n3
	check "a node deleted from the module is logged" wait_for 20 logged n1 \
		'node "n3" is not known to the module any more'
	beats_pass n1 20
	check "a node deleted from the module: another is still named" alive n1 n2
	haadm -n n1 node add n3 addr 10.0.0.3
	check "a node added again to the module is named" wait_for 20 alive n1 n3

	for name in n2 n3; do
		stop $name TERM
	done
	for name in n1 n2 n3; do
		ip -n $name link del ha0 2>/dev/null
	done
	check "the module can be unloaded under a running agent" module_unload
	check "an agent logs that its module is gone" wait_for 20 logged n1 'no way to the module'
	module_load
	for node in n1 n2 n3; do
		haadm -n n1 node add $node addr 10.0.0.${number[$node]} "$([ $node != n1 ] || echo self)" 2>/dev/null ||
			haadm -n n1 node add $node addr 10.0.0.${number[$node]}
	done
	check "a module loaded again is told who is alive" wait_for 20 alive n1 n1
}

cleanup() {
	local pid
	for pid in "${agent[@]}" "${server[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	ns_del_all
	module_unload
	rm -rf "$dir"
}

need_root
need haadm haagentd jq curl python3
ktap_header
mkdir "$dir/bad"
if ! setup; then
	ktap_fail "setup: three nodes, a client, a vip"
	cleanup
	ktap_exit
fi
refused_files
examples
ready_when_beating
killed_and_back
stopped_and_continued
said_static
said_leave
believed
another_key
keys_change
rolling_upgrade
cut_off
device_lost
fail_static
health_checks
worker_killed
resting
never_heard
reread
flushed
configs_save
no_self
module_gone
module_changes
if [ $ktap_failed -ne 0 ]; then
	for name in n1 n2 n3; do
		ktap_note "log of $name:" "$(tail -n 20 "$dir/$name.log")"
	done
	cp "$dir"/*.log "${HASW_OUT:-/tmp}"
fi
cleanup
ktap_exit
