#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# haadm against the module: exit codes and messages, text and JSON, save and restore, batches, local addresses.

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lease_nodes.sh
. ./lib/lease_nodes.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# prints NAME PATTERN COMMAND...: it succeeds, and what it prints matches.
prints() {
	local pattern=$1 printed
	shift
	printed=$("$@" 2>&1) || { echo "exit $?: $printed" && return 1; }
	grep -qE -- "$pattern" <<<"$printed" || { echo "no /$pattern/ in: $printed" && return 1; }
}

# silent COMMAND...: it succeeds and prints nothing.
silent() {
	local printed
	printed=$("$@" 2>&1) || { echo "exit $?: $printed" && return 1; }
	[ -z "$printed" ] || { echo "printed: $printed" && return 1; }
}

# json FILE COMMAND...: what it prints is that file, but for times, for what neighbour discovery finds, and for the
# order of vips, which the module keeps in tables.
json() {
	local file=expected/$1
	shift
	"$@" >"$dir/json" || return 1
	jq -S 'walk(if type == "object" then del(.since, .time, .reach4, .reach6, .doors) else . end) |
		if type == "array" then sort_by(.seq // .service // .addr // .name) else . end' "$dir/json" |
		diff -u "$file" -
}

# same_config FILE: the configuration is the one that was saved there.
same_config() {
	haadm save | diff -u "$1" -
}

# addresses: what haadm has put on ha0, one a line. (ip of Debian 12 does not show the protocol of an address.)
addresses() {
	[ ! -e /sys/class/net/ha0 ] || {
		ip -j addr show dev ha0 | jq -r '.[].addr_info[]? | select(.local and .scope != "link") | "\(.local)/\(.prefixlen)"'
		ip -j route show table local dev ha0 proto 72 | jq -r '.[].dst'
		ip -j -6 route show table local dev ha0 proto 72 | jq -r '.[].dst'
	} | sort
}

has_addresses() {
	diff <(printf '%s\n' "$@" | grep . | sort) <(addresses)
}

# refused_keeps PATTERN CODE COMMAND...: refused so, and the configuration and the addresses stay.
refused_keeps() {
	local pattern=$1 code=$2 printed got=0 before
	shift 2
	haadm save >"$dir/before" && before=$(addresses)
	printed=$("$@" 2>&1) || got=$?
	[ "$got" -eq "$code" ] || { echo "exit $got: $printed" && return 1; }
	grep -qE -- "$pattern" <<<"$printed" || { echo "no /$pattern/ in: $printed" && return 1; }
	same_config "$dir/before" && [ "$(addresses)" = "$before" ]
}

before_loading() {
	check_fails "without the module: says how to load it" 2 "module haswitch is not loaded.*modprobe haswitch" \
		haadm status
	check "without the module: help" prints "haadm node add NAME addr ADDR" haadm node help
	check "without the module: restore --check" silent haadm restore --check - <<<"vip add 10.0.0.1"
}

usage() {
	check_fails "no command" 1 "^Usage: haadm" haadm
	check_fails "unknown object" 1 'unknown word "nodes"; the nearest is "node"' haadm nodes show
	check_fails "unknown object, near to none" 1 'unknown word "bogus"; valid are "node", "vip", ' haadm bogus
	check_fails "a verdict is no state" 1 '"fenced" is a verdict: haadm node verdict NAME fenced' \
		haadm node set n1 state fenced
	check_fails "unknown verb" 1 'node: unknown word "sohw"; the nearest is "show"' haadm node sohw
	check_fails "unknown key" 1 'unknown word "zoen"; the nearest is "zone"' haadm node add n9 addr 10.9.9.9 zoen a
	check_fails "unknown value" 1 'unknown word "dwon"; the nearest is "down"' haadm node set n1 state dwon
	check_fails "no abbreviations" 1 'unknown word "prio"; the nearest is "priority"' \
		haadm member add 10.0.0.100:80/tcp node n1 prio 5
	check_fails "what is wrong and what is right" 1 '^Usage: haadm node add NAME addr ADDR' haadm node add n9
	check_fails "a port needs a protocol" 1 "has a port but no protocol" haadm service add 10.0.0.100:80
	check_fails "a time needs a unit" 1 "units are us, ms, s, m and h" haadm beat n1 for 5
	check_fails "a time out of range, with the range" 1 '"for 0ms" is not a time from 1us to 1h' haadm beat n1 for 0ms
	check_fails "unknown option" 1 'unknown option "-x"' haadm -x status
	check_fails "option without a value" 1 "needs a value" haadm -n
	check_fails "not built yet" 1 'unknown word "snapshot"' haadm snapshot show
	check_fails "which flows to forget must be said" 1 'nothing says which flows to del' haadm flow del
	check_fails "or all, and nothing else" 1 '"all" stands alone' haadm flow del all node n1
	check_fails "not built yet, as a key" 1 'unknown word "weight"' haadm node set n1 weight 5
	check "help of an object" prints '^ +haadm vip show' haadm help vip
	check_fails "an option behind the object" 1 'options stand before the object, as in "haadm -j status"' haadm status -j
	check "version" prints "^haadm [0-9]" haadm -V
	check "version, as others spell it" prints "^haadm [0-9]" haadm --version
	check "help, as an option" prints "^Usage: haadm" haadm --help
	check "not built yet is not in the help" not_in_help
}

not_in_help() {
	! { haadm help && for object in node vip service member lease flow beat event; do haadm "$object" help; done; } |
		grep -E 'snapshot|doctor|availability'
}

configure() {
	haadm node add n1 addr 192.168.0.1 zone rack-a self &&
		haadm node add n2 addr 192.168.0.2 addr 2001:db8:1::2 zone rack-b lladdr 02:00:00:00:00:02 dev lan0 &&
		haadm node add n3 addr 192.168.0.3 state drain &&
		haadm vip add 10.0.0.100 on lan0 holder n1 stray drop &&
		haadm vip add 10.0.0.101 holder n2 &&
		haadm vip add 2001:db8::100 everywhere &&
		haadm service add 10.0.0.100:80/tcp sched active-standby &&
		haadm service add 10.0.0.100/udp &&
		haadm service add '[2001:db8::100]:443/tcp' &&
		haadm member add 10.0.0.100:80/tcp node n2 priority 10 &&
		haadm member add 10.0.0.100:80/tcp node n3 &&
		haadm member add 10.0.0.100:80/tcp node n1 priority 10 &&
		haadm member add '[2001:db8::100]:443/tcp' node n2 via direct
}

shows() {
	check "node show -j" json node-show.json haadm -j node show
	check "node show NAME -j" json node-show-n2.json haadm -j node show n2
	check "vip show -j" json vip-show.json haadm -j vip show
	check "service show -j" json service-show.json haadm -j service show
	check "service show vip -j" json service-show-vip.json haadm -j service show vip 10.0.0.100
	check "member show -j" json member-show.json haadm -j member show
	check "member show SERVICE -j" json member-show-service.json haadm -j member show 10.0.0.100:80/tcp
	check "status -j" json status.json haadm -j -p status
	check "event show -j" json event-show.json haadm -j event show
	check "stats show -j" prints '"seen":0,' haadm -j stats show
	check "node show" prints '^node n1 addr 192.168.0.1 zone rack-a self state up$' haadm node show
	check "node show -d" prints '^    since [0-9]+\.[0-9]{9} admin up verdict clear agent unnamed' haadm -d node show n1
	check "node show -d -t" prints '^    since [0-9.]+ \([0-9]{4}-[0-9]{2}-[0-9]{2}T' haadm -d -t node show n1
	check "vip show -d" prints '^    on-loss keep hook ingress$' haadm -d vip show 10.0.0.100
	check "status -d: where packets are seen" prints '^devices with packets seen at ingress: [0-9]+$' haadm -d status
	check "vip show" prints '^vip 10.0.0.100 on lan0 holder n1 stray drop role holder services 2$' haadm vip show
	check "service show -s" prints '^    packets 0 bytes 0 dropped 0 flows 0 limited 0$' haadm -s service show 10.0.0.100:80/tcp
	check "member show node" prints '^member \[2001:db8::100\]:443/tcp node n2 priority 100 via direct health up' \
		haadm member show node n2
	check "colour" prints $'state \e\\[32mup\e\\[0m' haadm -c node show n1
	check "status: who serves" prints '10.0.0.100:80/tcp -> n2$' haadm status
	check "status: why not" prints '10.0.0.100/udp -> nobody: no members' haadm status
	check "status: partly served" prints '^  10.0.0.100 held by n1, PARTLY SERVED$' haadm status
	check "status: how many are" prints '^1 of 3 vips only partly served$' haadm status
	check "status: nobody is missed without BEATs" [ -z "$(haadm status | grep 'never heard')" ]
	check "status: no agent has spoken" prints '^WARNING: no agent has spoken to this module: no node is missed$' haadm status
	check_fails "agent show: none runs" 2 '^haadm: no agent runs here: ' haadm agent show
	check_fails "agent show -j: none runs" 2 '^haadm: no agent runs here: ' haadm -j agent show
	not_there vip "vip show 10.0.0.9"
	not_there vip "service show vip 10.0.0.9"
	not_there vip "member show vip 2001:db8::9"
	not_there vip "member show vip 10.0.0.9 node n1"
	not_there service "service show 10.0.0.100/tcp"
	not_there service "member show 10.0.0.100/tcp"
	not_there node "member show node n9"
	not_there node "member show vip 10.0.0.100 node n9"
	check "a vip without services is there" silent haadm service show vip 10.0.0.101
	check "a service without members, in JSON: an empty list" prints '^\[\]$' haadm -j member show 10.0.0.100/udp
	check "a node that is no member of a vip" silent haadm member show vip 2001:db8::100 node n1
	check_fails "no such node" 2 'refused by the kernel: there is no node of that name \(attribute name\) \(ENOENT\)' \
		haadm node show n9
	check "the same in text and JSON: every field" text_has_all_of_json
}

# not_there WHAT COMMAND: it is refused, the kernel says what is not there, and standard output stays empty.
not_there() {
	local -a words
	read -r -a words <<<"$2"
	check_fails "$2: there is no such $1" 2 "refused by the kernel: .* no .*$1.*\(ENOENT\)" haadm "${words[@]}"
	check "$2, in JSON: nothing" not_even_a_list "${words[@]}"
}

not_even_a_list() {
	! haadm -j "$@" 2>/dev/null >"$dir/nothing" && [ ! -s "$dir/nothing" ]
}

# Each value that JSON has of a node, text has too.
text_has_all_of_json() {
	local text value
	text=" $(haadm -d node show n2 | tr '\n' ' ') "
	for value in $(haadm -j node show n2 | jq -r '.[] | del(.since) | .. | scalars | select(type != "boolean")'); do
		[[ $text == *" $value "* ]] || { echo "no $value in $text" && return 1; }
	done
}

refusals() {
	check_fails "EEXIST" 2 'already \(attribute name\) \(EEXIST\)' haadm node add n1 addr 192.168.0.9
	check_fails "EBUSY" 2 '\(EBUSY\)' haadm node del n1
	check_fails "ENODEV" 2 'there is no device of that name \(attribute dev\) \(ENODEV\)' haadm vip add 10.0.0.109 on no0 holder n1
	check_fails "without privilege" 2 'CAP_NET_ADMIN.*\(EPERM\)' as_nobody haadm node set n1 zone x
	check "without privilege: show" prints '^node n1' as_nobody haadm node show
	check "without privilege: status" prints '^nodes: 3' as_nobody haadm status
	check "a device by its other name is the same device" by_another_name
	check "a vip that is refused leaves no address" refused_keeps 'EINVAL' 2 haadm vip add 224.0.0.1
	check "a vip that is there stays" refused_keeps 'EEXIST' 2 haadm vip add 2001:db8::100 everywhere
}

# A device by another name of it: kept is the one by which it is told that the device comes and goes.
by_another_name() {
	local code
	ip link add eth8 type dummy && ip link property add dev eth8 altname a-lan-port || return 1
	refused_keeps 'device is given twice' 2 haadm vip add 10.0.0.109 on eth8 on a-lan-port holder n1 &&
		haadm vip add 10.0.0.109 on a-lan-port holder n1 && prints 'on eth8' haadm vip show 10.0.0.109
	code=$?
	haadm vip del 10.0.0.109 2>/dev/null
	ip link del eth8
	return "$code"
}

as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

replaces() {
	check "replace adds" silent haadm node replace n4 addr 192.168.0.4 zone x
	check "replace changes" silent haadm node replace n4 addr 192.168.0.5 state down
	check "what was not given is the default" prints '^node n4 addr 192.168.0.5 state down$' haadm node show n4
	check_fails "what cannot be done is refused" 2 "cannot take away its IPv6 address" \
		haadm node replace n2 addr 192.168.0.2
	check_fails "all devices of a vip" 2 "cannot take away all its devices" haadm vip replace 10.0.0.100
	check_fails "a vip at the address of a node" 2 'a node has this address \(attribute addr4\) \(EEXIST\)' \
		haadm vip replace 192.168.0.3
	check "vip replace" silent haadm vip replace 10.0.0.101 holder n2
	check "service replace" silent haadm service replace 10.0.0.100/udp
	check "member set health" silent haadm member set 10.0.0.100:80/tcp node n3 health down
	check "member replace" silent haadm member replace 10.0.0.100:80/tcp node n3 priority 7
	check "member set via" silent haadm member set 10.0.0.100:80/tcp node n3 via tunnel
	check "via tunnel is shown" prints 'node n3 priority 7 via tunnel health down' haadm member show 10.0.0.100:80/tcp node n3
	check "member set via gue" silent haadm member set 10.0.0.100:80/tcp node n3 via gue
	check "via gue is shown" prints 'node n3 priority 7 via gue health down' haadm member show 10.0.0.100:80/tcp node n3
	check "via gue is saved" prints '^member add 10.0.0.100:80/tcp node n3 priority 7 via gue$' haadm save
	check "member set via tunnel again" silent haadm member set 10.0.0.100:80/tcp node n3 via tunnel
	check "via tunnel is saved" prints '^member add 10.0.0.100:80/tcp node n3 priority 7 via tunnel$' haadm save
	check "via tunnel, said of this machine" silent haadm member set 10.0.0.100:80/tcp node n1 via tunnel
	check "is for other nodes" prints 'node n1 priority 10 via tunnel local-here health up' haadm member show 10.0.0.100:80/tcp node n1
	check "that is in JSON" jq -e '.[0] | .via == "tunnel" and .local_here' <(haadm -j member show 10.0.0.100:80/tcp node n1)
	check "it is saved" prints '^member add 10.0.0.100:80/tcp node n1 priority 10 via tunnel$' haadm save
	check "the vip is local as before" has_addresses 10.0.0.100/32
	check "via local again" silent haadm member set 10.0.0.100:80/tcp node n1 via local
	check "is shown as ever" prints 'node n1 priority 10 via local health up' haadm member show 10.0.0.100:80/tcp node n1
	check_fails "via nothing that there is" 1 "tunnel" haadm member set 10.0.0.100:80/tcp node n3 via tunnels
	check "member set via back" silent haadm member set 10.0.0.100:80/tcp node n3 via direct
	check "it leaves health alone" prints 'node n3 priority 7 via direct health down' \
		haadm member show 10.0.0.100:80/tcp node n3
	check "node del" silent haadm node del n4
	check "member set back" silent haadm member set 10.0.0.100:80/tcp node n3 priority 100 health up
}

# What services say of flows, and the limits of these; afterwards all is as it was.
flows() {
	haadm save >"$dir/plain"
	check "service set persist" silent haadm service set 10.0.0.100:80/tcp sched wlc persist 90s mask 24
	check "it is saved" prints 'service add 10.0.0.100:80/tcp sched wlc failback 10s persist 90s mask 24$' haadm save
	check "and shown with -d" prints 'on-empty drop one-packet off snat off persist 90s mask 24 new-max 0 slow-start 0us on-failover move$' haadm -d service show 10.0.0.100:80/tcp
	check "and in JSON" jq -e '.[0] | .persist == 90000000000 and .persist_mask == 24 and .flows == 0' \
		<(haadm -j service show 10.0.0.100:80/tcp)
	check "members' flows with -s" prints 'bytes 0 flows 0 full 0$' haadm -s member show 10.0.0.100:80/tcp
	check "status: spread" prints '10.0.0.100:80/tcp -> 2 of 3 members$' haadm status
	check "a new time has no mask" silent haadm service set 10.0.0.100:80/tcp persist 2m
	check "that is saved" prints 'sched wlc failback 10s persist 2m$' haadm save
	check "one-packet is not persistent" refused_keeps 'one-packet needs sched rr, wrr or random, and no persist .*\(EINVAL\)' 2 \
		haadm service set 10.0.0.100:80/tcp sched rr one-packet on
	check "persist 0s ends it" silent haadm service set 10.0.0.100:80/tcp sched rr persist 0s one-packet on
	check "one-packet needs a scheduler that counts nothing" refused_keeps 'one-packet needs sched rr, wrr or random' 2 \
		haadm service set 10.0.0.100:80/tcp sched lc
	check "a mask needs persist" refused_keeps 'a mask of clients needs persist .*\(EINVAL\)' 2 haadm service set 10.0.0.100/udp mask 8
	check "replace: what was not given is the default" silent haadm service replace 10.0.0.100:80/tcp
	check "flow set" silent haadm flow set max 1000 udp 90s
	check "what is not the default is saved" prints '^flow set max 1000 udp 90s$' haadm save
	check "flow limits" prints '^flows 0 max 1000 tcp-syn 1m tcp 15m tcp-closing 2m udp 90s other 1m$' haadm flow limits
	check "flow limits -j" jq -e '.[0] | .max == 1000 and .udp == 90000000000' <(haadm -j flow limits)
	check "status -d: how many are tracked" prints '^flows tracked: 0 of at most 1000$' haadm -d status
	haadm save >"$dir/limits"
	check "restore of what does not say it" silent haadm restore "$dir/plain"
	check "has the defaults" same_config "$dir/plain"
	check "restore of what says it" silent haadm restore "$dir/limits"
	check "has what it says" same_config "$dir/limits"
	check "and back" silent haadm restore "$dir/plain"
	check "flow show: the titles" prints '^State +Client:Port +Vip:Port/Proto +Node +Expires$' haadm flow show
	check "flow show -j" prints '^\[\]$' haadm -j flow show node n1 state syn
	check_fails "flow show: no such node" 2 'refused by the kernel: there is no node of that name' haadm flow show node web9
	check "flow del" prints '^deleted 0$' haadm flow del all
}

# Who gets no new flows, and why: each who is asked says the same. Afterwards all is as it was.
new_flows() {
	local at=10.0.0.100:80/tcp
	haadm save >"$dir/plain"
	check "new-flows: a usable member" prints 'state up weight 1 new-flows yes$' haadm member show $at node n2
	check "new-flows: of a drained node" prints 'state drain weight 1 new-flows node-state$' haadm member show $at node n3
	check "weight 0" silent haadm member set $at node n2 weight 0
	check "new-flows: of weight 0" prints 'weight 0 new-flows weight-0$' haadm member show $at node n2
	check "another member is active" prints ' active n1 ' haadm service show $at
	check "status: that one serves" prints "$at -> n1\$" haadm status
	check "health down" silent haadm member set $at node n1 health down
	check "new-flows: of a member that is down, in JSON" jq -e '.[0].new_flows == "unhealthy"' <(haadm -j member show $at node n1)
	check "nobody is active" jq -e '.[0].active == null' <(haadm -j service show $at)
	check "status: why nobody serves" \
		prints "$at -> nobody: no usable member \(n2 has weight 0, n1 has health down, n3 is being drained\)\$" haadm status
	check "status: the same where flows are spread" silent haadm service set $at sched rr
	check "status: says it" \
		prints "$at -> nobody: no usable member \(n2 has weight 0, n1 has health down, n3 is being drained\)\$" haadm status
	check "a node behind a router" silent haadm node add n5 addr 198.51.100.9
	check "as a member" silent haadm member add $at node n5
	check "new-flows: of that" prints 'new-flows unresolved$' haadm member show $at node n5
	check "status: it does not serve" prints 'n3 is being drained, n5 is behind no direct route\)$' haadm status
	check "via gue needs no link-layer address" silent haadm member set $at node n5 via gue
	check "status: it serves" prints "$at -> 1 of 4 members\$" haadm status
	check "status: that is in JSON" jq -e '.vips[].services[] | select(.service == "10.0.0.100:80/tcp") | .serving == 1 and .reason == null' \
		<(haadm -j status)
	check "health up again" silent haadm member set $at node n1 health up
	check "all is as it was" silent haadm restore "$dir/plain"
}

# wrong_file NAME PATTERN TEXT: a restore of it is refused with exit CODE, and nothing changes.
wrong_file() {
	local name=$1 code=$2 pattern=$3
	printf '%s' "$4" >"$dir/wrong.conf"
	check "restore: $name" refused_keeps "$pattern" "$code" haadm restore "$dir/wrong.conf"
}

saves_and_restores() {
	haadm save >"$dir/saved"
	check "save is as expected" diff -u expected/save.conf "$dir/saved"
	check "restore what was saved" silent haadm restore "$dir/saved"
	check "nothing has changed" same_config "$dir/saved"
	check "restore --check" silent haadm restore --check "$dir/saved"
	check "restore from a pipe" restore_pipe
	check "still nothing" same_config "$dir/saved"
	echo "node add a addr 192.168.7.1" >"$dir/selfless"
	check "no node is this machine, on purpose: restore --check" silent haadm restore --check --no-self "$dir/selfless"
	check "restore" silent haadm restore --no-self "$dir/selfless"
	check "save says how to restore that" prints '^# No node is this machine: this is for haadm restore --no-self' haadm save
	check "status says so" prints 'none of them is this machine; "self" is right' haadm status
	check "status says so in JSON" jq -e '.self == null and (.nodes | length == 1)' <(haadm -j status)
	check "restore an empty file" silent haadm restore /dev/null
	check "nothing is left" silent haadm save
	check "nothing is local" has_addresses
	check "restore it again" silent haadm restore "$dir/saved"
	check "all is back" same_config "$dir/saved"
	check "and local again" has_addresses 10.0.0.100/32

	wrong_file "an unknown word, with its line" 1 'wrong.conf:2: node add: unknown word "adr"; the nearest is "addr"' \
		$'node add a addr 192.168.0.1\nnode add b adr 192.168.0.2\n'
	wrong_file "what would be right" 1 '^Usage: haadm node add NAME' $'node add b\n'
	wrong_file "all errors of a file" 1 'wrong.conf:4: vip add' $'x\ny\n\nvip add z\n'
	wrong_file "something twice" 1 'wrong.conf:3: node add: there is a node a already' \
		$'# comment\nnode add a addr 192.168.0.1\nnode add a addr 192.168.0.2\n'
	wrong_file "a node that is not there" 1 'wrong.conf:1: vip add: there is no node b' 'vip add 10.0.0.1 holder b'
	wrong_file "what is no configuration" 1 'wrong.conf:2: "node del"' $'node add a addr 192.168.0.1\nnode del a\n'
	wrong_file "what only the kernel knows, with its line" 2 \
		'wrong.conf:4: refused by the kernel: there is no device of that name \(attribute dev\) \(ENODEV\)' \
		$'node add a addr 192.168.0.1 self\nvip add 10.0.0.1\n\nvip add 10.0.0.2 on no0\nvip add 10.0.0.3\n'
	check_fails "restore: a folder" 1 "^$dir: cannot read: Is a directory" haadm restore "$dir"
	check_fails "batch: a folder" 1 "^$dir: cannot read: Is a directory" haadm -b "$dir"
	check_fails "restore: no file" 1 "cannot read $dir/no: No such file" haadm restore "$dir/no"
	check_fails "restore: without privilege" 2 "CAP_NET_ADMIN" as_nobody haadm restore - <"$dir/saved"
}

# called NAME COMMAND...: on a machine of that name.
called() {
	# shellcheck disable=SC2016 # expanded there
	unshare --uts sh -c 'hostname "$0" && "$@"' "$@"
}

# self_is NODE: of the nodes of ha-self that one is this machine, and no other.
self_is() {
	haadm -n ha-self -j node show | jq -e --arg node "$1" '[.[] | select(.self)] | length == 1 and .[0].name == $node' >/dev/null
}

# One file for all nodes: haadm finds the one that this machine is.
finds_self() {
	local none='no node is this machine, whose name is nowhere and which has' self=(haadm -n ha-self)
	ns_add ha-self
	printf '%s\n' "node add a addr 192.168.9.1 state up" "node add b addr 192.168.9.2 addr 2001:db8:9::2 state up" \
		"node add c.d addr 192.168.9.3 state up" "vip add 10.9.0.1 holder b stray forward" >"$dir/shared"
	check_fails "self: none fits" 1 "^$dir/shared: $none no address; write \"self\" behind the node" called nowhere "${self[@]}" restore "$dir/shared"
	check "self: nothing has changed" silent "${self[@]}" save
	printf '%s\n' "link add d0 type dummy" "addr add 192.168.8.1/24 dev d0" | ip -n ha-self -b -
	check_fails "self: what was looked at" 1 "$none the addresses 192.168.8.1; " called nowhere "${self[@]}" restore "$dir/shared"
	check_fails "self: --check, too" 1 "^$dir/shared: $none" called nowhere "${self[@]}" restore --check "$dir/shared"
	check_fails "self: what else is wrong comes first" 1 '^standard input:2: vip add' called nowhere "${self[@]}" restore - <<<$'node add a addr 192.168.9.1\nvip add z'
	check "self: the name of the host" silent called b.example.org "${self[@]}" restore "$dir/shared"
	check "self: without its domain" self_is b
	check "self: a name with dots" silent called c.d "${self[@]}" restore "$dir/shared"
	check "self: whole" self_is c.d
	# Only this machine can be told that it is local.
	check "self: whole, though another node has the first part" silent called c.d "${self[@]}" restore --check - \
		<<<$'node add c addr 192.168.9.1\nnode add c.d addr 192.168.9.2\nvip add 10.9.0.1 everywhere\nservice add 10.9.0.1\nmember add 10.9.0.1 node c.d via local'
	check "self: saved with the word, as no address fits" prints '^node add c.d .* self state up$' "${self[@]}" save
	ip -n ha-self addr add 192.168.9.1/24 dev d0
	check "self: an IPv4 address, on a device that is down" silent called b "${self[@]}" restore "$dir/shared"
	check "self: goes before the name" self_is a
	check "self: saved without the word: the file is for all nodes" diff "$dir/shared" <("${self[@]}" save)
	check "self: from a pipe" silent "${self[@]}" restore - < <(cat "$dir/shared")
	check "self: the same" self_is a
	sed 's/^node add c.d.*/& self/' "$dir/shared" >"$dir/said"
	check "self: who says it is believed" silent "${self[@]}" restore "$dir/said"
	check "self: that one" self_is c.d
	check "self: and saved so" prints '^node add c.d .* self' "${self[@]}" save
	ip -n ha-self addr add 2001:db8:9::2/64 dev d0 nodad
	check_fails "self: two fit" 1 'shared: this machine has the address 192.168.9.1 of node a and 2001:db8:9::2 of node b; write "self"' "${self[@]}" restore "$dir/shared"
	check "self: nothing has changed then, either" self_is c.d
	ip -n ha-self addr del 192.168.9.1/24 dev d0
	check "self: an IPv6 address" silent called a "${self[@]}" restore "$dir/shared"
	check "self: its node" self_is b
	echo "vip add 10.9.0.1" >"$dir/nodeless"
	check "self: a file without nodes" silent called nowhere "${self[@]}" restore "$dir/nodeless"
	"${self[@]}" restore /dev/null && grep '^node' "$dir/shared" >"$dir/nodes"
	check "self: in a batch" silent called a "${self[@]}" -b "$dir/nodes"
	check "self: its node, too" self_is b
	"${self[@]}" restore /dev/null && ip -n ha-self addr add 192.168.9.1/24 dev d0
	check_fails "self: two fit in a batch" 1 'nodes: this machine has the address 192.168.9.1 of node a and' "${self[@]}" -b "$dir/nodes"
	check "self: none of it was done" silent "${self[@]}" save
	printf '%s\n' "node add a addr 192.168.9.1 self" "node add b addr 192.168.9.2" >"$dir/nodes"
	check "self: one of a batch says it" silent "${self[@]}" -b "$dir/nodes"
	check "self: that one again" self_is a
	ns_del_all
}

# owner_refused PATTERN COMMAND...: in namespace ha-owner it is refused so, and nothing changes.
owner_refused() {
	local pattern=$1 printed got=0 before
	shift
	before=$(haadm -n ha-owner save)
	printed=$(haadm -n ha-owner "$@" 2>&1) || got=$?
	[ "$got" -eq 2 ] || { echo "exit $got: $printed" && return 1; }
	grep -qE -- "refused by the kernel: $pattern \(${error:-EINVAL}\)" <<<"$printed" || { echo "no /$pattern/ in: $printed" && return 1; }
	diff <(echo "$before") <(haadm -n ha-owner save)
}

# Several nodes that answer for one vip are mostly a mistake: which of them does, or that each does, has to be said.
owners() {
	local own=(haadm -n ha-owner) missing='neither lease nor holder, and there are several nodes: give lease, holder or everywhere'
	local write='has neither lease nor holder, and there are 2 nodes: write "lease LEASE", "holder NODE" or "everywhere"$'
	ns_add ha-owner
	"${own[@]}" node add a addr 192.168.9.1 self
	check "owner: one node needs no word" silent "${own[@]}" vip add 10.9.0.1
	check "owner: nobody is made up who holds it" prints '^  10.9.0.1 held here, without lease or holder$' "${own[@]}" status
	check "owner: nor in JSON" jq -e '.vips[0] | .holder == null and .everywhere == false and .role == "holder"' <("${own[@]}" -j status)
	check "owner: a second node is refused" owner_refused \
		'(vip 10.9.0.1 needs lease, holder or everywhere|a vip has neither lease nor holder, .*)' node add b addr 192.168.9.2
	check "owner: a vip that is everywhere" silent "${own[@]}" vip set 10.9.0.1 everywhere
	check "owner: is saved so" prints '^vip add 10.9.0.1 everywhere stray forward$' "${own[@]}" save
	check "owner: shown so" prints '^vip 10.9.0.1 everywhere stray forward role holder' "${own[@]}" vip show
	check "owner: and in status" prints '^  10.9.0.1 held everywhere$' "${own[@]}" status
	check "owner: in JSON, too" jq -e '.vips[0].everywhere and .vips[0].holder == null' <("${own[@]}" -j status)
	check "status: no agent for the leases" leases_unheld
	check "status: of very many leases, those that are held are counted" leases_held
	check "owner: then a second node is right" silent "${own[@]}" node add b addr 192.168.9.2
	check "owner: a vip without a word is refused" owner_refused "the vip has $missing \(attribute addr4\)" vip add 10.9.0.2
	check "owner: IPv6, too" owner_refused "the vip has $missing \(attribute addr6\)" vip add 2001:db8:9::1
	check "owner: two words are refused" owner_refused 'everywhere is given, and a lease or a holder: .* \(attribute everywhere\)' \
		vip add 10.9.0.2 holder b everywhere
	check "owner: everywhere, of two nodes" silent "${own[@]}" vip add 2001:db8:9::1 everywhere
	check "owner: nothing in place of it is refused" owner_refused "the vip has $missing \(attribute addr4\)" vip replace 10.9.0.1
	check "owner: a holder takes its place" silent "${own[@]}" vip set 10.9.0.1 holder b
	check "owner: and is saved alone" prints '^vip add 10.9.0.1 holder b stray forward$' "${own[@]}" save
	check "owner: nothing in place of a holder" owner_refused "the vip has $missing \(attribute addr4\)" vip replace 10.9.0.1
	"${own[@]}" lease add l
	check "owner: a lease takes its place" silent "${own[@]}" vip set 10.9.0.1 lease l
	check "owner: a lease that has vips stays" check_code 2 "${own[@]}" lease del l
	check "owner: everywhere takes its place" silent "${own[@]}" vip set 10.9.0.1 everywhere
	check "owner: and is saved alone, too" prints '^vip add 10.9.0.1 everywhere stray forward$' "${own[@]}" save
	"${own[@]}" save >"$dir/everywhere"
	check "owner: what was saved is restored" silent "${own[@]}" restore "$dir/everywhere"
	check "owner: and is the same" diff "$dir/everywhere" <("${own[@]}" save)
	check "owner: one node less" silent "${own[@]}" node del b
	check "owner: and no word is needed" silent "${own[@]}" vip replace 10.9.0.1
	check "owner: so it was forgotten" prints '^vip add 10.9.0.1 stray forward$' "${own[@]}" save
	ns_del_all

	printf '%s\n' "node add a addr 192.168.9.1 self" "vip add 10.9.0.1" "vip add 10.9.0.2" "vip add 2001:db8:9::1" \
		"node add b addr 192.168.9.2" "vip set 10.9.0.2 holder b" >"$dir/owners"
	wrong_file "vips without an owner, each with its line" 1 "wrong.conf:2: vip add: vip 10.9.0.1 $write" "$(cat "$dir/owners")"
	wrong_file "IPv6, too" 1 "wrong.conf:4: vip add: vip 2001:db8:9::1 $write" "$(cat "$dir/owners")"
	check_fails "restore --check says so" 1 "^$dir/owners:2: vip add: vip 10.9.0.1 $write" haadm restore --check "$dir/owners"
	check "and of no other vip" [ "$(haadm restore --check "$dir/owners" 2>&1 | wc -l)" -eq 2 ]
	sed -i 's/^vip add.*[1]$/& everywhere/' "$dir/owners"
	check "an owner that is said later will do" silent haadm restore --check "$dir/owners"
}

# check_code CODE COMMAND...: it ends so.
check_code() {
	local code=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" -eq "$code" ]
}

restore_pipe() {
	# shellcheck disable=SC2002 # a pipe is what is wanted
	cat "$dir/saved" | haadm restore -
}

batches() {
	printf '%s\n' "# a comment" "node add b1 addr 192.168.1.1" "" "node set b1 zone z  # another" "node show b1" \
		"node del b1" >"$dir/batch"
	check "batch" prints '^node b1 addr 192.168.1.1 zone z state up$' haadm -b "$dir/batch"
	printf '%s\n' "node add b1 addr 192.168.1.1" "node del b2" "node del b1" >"$dir/batch"
	check_fails "batch: refused, with its line" 2 "^$dir/batch:2: refused by the kernel: .*ENOENT" haadm -b "$dir/batch"
	check "batch: it ends there" prints '^node b1' haadm node show b1
	printf '%s\n' "node add b2 addr 192.168.1.2" "nod" "node del b1" "node del b2" >"$dir/batch"
	check_fails "batch: unknown word, with its line" 1 "^$dir/batch:2: unknown word \"nod\"" haadm -force -b "$dir/batch"
	check_fails "batch: -force goes on" 2 ENOENT haadm node show b1
	check "batch from standard input" batch_stdin
	check_fails "batch and a command" 1 "no command may follow" haadm -b "$dir/batch" status
}

# What is asked is told before the pipe ends.
batch_stdin() {
	local asks code=0
	mkfifo "$dir/asks" && { haadm -b - <"$dir/asks" >"$dir/told" & } && exec {asks}>"$dir/asks" || return 1
	printf 'node add b1 addr 192.168.1.1\nnode show b1\n' >&"$asks" && wait_for 20 grep -q '^node b1' "$dir/told" || code=1
	echo "node del b1" >&"$asks" && exec {asks}>&- && wait $! && return "$code"
}

namespaces() {
	ns_add ha-other
	check "-n: another namespace has a configuration of its own" silent haadm -n ha-other node show
	check "-n: add there" silent haadm -n ha-other node add other addr 192.168.7.1 self
	check "-n: it is there" prints '^node other' haadm -n ha-other node show
	check "-n: it is not here" same_config "$dir/saved"
	check "-n: a local address there" silent haadm -n ha-other vip add 10.7.0.1
	check "-n: ha0 there" prints '10.7.0.1/32' ip -n ha-other addr show dev ha0
	check_fails "-n: no such namespace" 1 'cannot open network namespace "ha-none"' haadm -n ha-none status
	check_fails "-n: no name" 1 'is not the name of a network namespace' haadm -n ../x status
	ns_del_all
}

local_addresses() {
	check "a vip that is only redirected has no address" has_addresses 10.0.0.100/32
	check "a member less" silent haadm member del 10.0.0.100:80/tcp node n1
	check "no member, no address" has_addresses
	check "a vip without services, held by this node as by each" silent haadm vip add 10.0.0.110 everywhere
	check "is an address" has_addresses 10.0.0.110/32
	check "of scope host, with a label" prints 'inet 10.0.0.110/32 scope host.* ha0:vip' ip addr show dev ha0
	check "held by another node" silent haadm vip set 10.0.0.110 holder n2
	check "it is none" has_addresses
	check "held by this node, by name" silent haadm vip set 10.0.0.110 holder n1
	check "it is one" has_addresses 10.0.0.110/32
	check "IPv6, without a service" silent haadm vip add 2001:db8::110 holder n1
	check "is an address, too" has_addresses 10.0.0.110/32 2001:db8::110/128
	check "not used as a source" prints 'inet6 2001:db8::110/128 .*deprecated.*' ip addr show dev ha0
	check "with a service" silent haadm service add '[2001:db8::110]:1/tcp'
	check "it is none any more" has_addresses 10.0.0.110/32
	check "this node is a member" silent haadm member add '[2001:db8::110]:1/tcp' node n1
	check "it is again" has_addresses 10.0.0.110/32 2001:db8::110/128
	check "service del" silent haadm service del '[2001:db8::110]:1/tcp'
	check "it is still" has_addresses 10.0.0.110/32 2001:db8::110/128
	check "packets to it are for this machine" ping -q -c 1 -W 5 10.0.0.110
	check "vip del" silent haadm vip del 2001:db8::110
	check "vip del, IPv4" silent haadm vip del 10.0.0.110
	check "nothing is left on ha0" has_addresses
	check "refused: an address added by hand stays" keeps_address_of_others
	check "status: an address that somebody took away" status_without_address
	check "very many are routes" many_routes
	check "status: of very many, the one that is partly served is shown" partly_of_many
	check "one more by a command is one, too" one_more_route
	check "very many, but few of them local: an address" many_elsewhere
	check "256 are addresses, 257 are routes" just_too_many
	check "routes stay when the last address goes" last_address
	check "few are addresses again" few_addresses
	check "all as saved" silent haadm restore "$dir/saved"
	check "with its addresses" has_addresses 10.0.0.100/32
}

keeps_address_of_others() {
	ip addr add 10.0.0.112/32 dev ha0 scope host label ha0:vip &&
		refused_keeps 'no device of that name' 2 haadm vip add 10.0.0.112 on no0 holder n1 && has_addresses 10.0.0.112/32 &&
		ip addr del 10.0.0.112/32 dev ha0
}

status_without_address() {
	haadm vip add 10.0.0.111 holder n1 && ip addr del 10.0.0.111/32 dev ha0 &&
		prints '10.0.0.111 held by n1, NOT SERVED: it is not an address of this machine' haadm status &&
		haadm vip del 10.0.0.111
}

many_routes() {
	{
		echo "node add n1 addr 192.168.0.1 self"
		printf 'vip add 10.1.0.%d\n' {1..200}
		printf 'vip add 10.1.1.%d\n' {1..200}
	} >"$dir/many"
	haadm restore "$dir/many" || return 1
	[ "$(ip route show table local dev ha0 proto 72 | wc -l)" -eq 400 ] || { echo "not 400 routes" && return 1; }
	ip -j addr show dev ha0 | jq -e '[.[].addr_info[]? | select(.local and .scope != "link")] | length == 0' && ping -q -c 1 -W 5 10.1.1.200
}

# In the namespace of owners.
leases_unheld() {
	printf 'lease add l%d\n' {1..22} | haadm -n ha-owner -b - &&
		prints '^WARNING: no agent has spoken to this module: nobody holds a lease, and no node is missed$' haadm -n ha-owner status &&
		prints '^  l22 +held by nobody: its epoch floor was never set$' haadm -n ha-owner status
}

leases_held() {
	printf 'lease set l%d floor 1\nlease set l%d epoch 1 holder a for 10s\n' {1..21}{,} | haadm -n ha-owner -b - &&
		prints '^  l20 +held by a, this machine, under epoch 1 for another [0-9.]+s$' haadm -n ha-owner status &&
		prints '^  and 1 more that are held; -d shows them$' haadm -n ha-owner status &&
		prints '^  l22 +held by nobody: its epoch floor was never set$' haadm -n ha-owner status &&
		prints '^  l21 +held by a, ' haadm -n ha-owner -d status && ! haadm -n ha-owner status | grep WARNING &&
		printf 'lease release l%d epoch 1\n' {1..21} | haadm -n ha-owner -b - && printf 'lease del l%d\n' {1..22} | haadm -n ha-owner -b -
}

partly_of_many() {
	haadm service add 10.1.1.200/tcp && haadm member add 10.1.1.200/tcp node n1 && haadm service add 10.1.1.200/udp &&
		prints '^  10.1.1.200 held here, without lease or holder, PARTLY SERVED$' haadm status &&
		prints '^    10.1.1.200/udp -> nobody: no members$' haadm status &&
		prints '^  and 379 more that are served; -d shows them$' haadm status &&
		prints '^1 of 400 vips only partly served$' haadm status &&
		haadm service del 10.1.1.200/udp && prints '^  and 380 more' haadm status && haadm service del 10.1.1.200/tcp
}

# routes N: so many local vips are routes.
routes() {
	local n
	n=$(ip route show table local dev ha0 proto 72 | wc -l)
	[ "$n" -eq "$1" ] || { echo "$n routes, not $1" && return 1; }
}

one_more_route() {
	haadm vip add 10.1.2.1 && routes 401 && ping -q -c 1 -W 5 10.1.2.1 && haadm vip del 10.1.2.1 && routes 400
}

many_elsewhere() {
	{
		printf 'node add n1 addr 192.168.0.1 self\nnode add n2 addr 192.168.0.2\n'
		printf 'vip add 10.1.0.%d holder n2\n' {1..200}
		printf 'vip add 10.1.1.%d holder n2\n' {1..200}
	} | haadm restore - && haadm vip add 10.1.2.1 holder n1 && has_addresses 10.1.2.1/32 && routes 0
}

just_too_many() {
	{ head -n 201 "$dir/many" && printf 'vip add 10.1.1.%d\n' {1..56}; } >"$dir/256"
	haadm restore "$dir/256" && routes 0 && [ "$(addresses | wc -l)" -eq 256 ] || return 1
	{ cat "$dir/256" && echo "vip add 10.1.1.57"; } | haadm restore - && routes 257 &&
		ping -q -c 1 -W 5 10.1.0.1 && ping -q -c 1 -W 5 10.1.1.57
}

# The kernel takes all IPv4 routes of a device away with its last IPv4 address.
last_address() {
	haadm restore "$dir/256" && haadm vip add 10.1.2.1 && haadm vip add 10.1.2.2 && routes 2 &&
		{ printf 'vip del 10.1.0.%d\n' {1..200} && printf 'vip del 10.1.1.%d\n' {1..56}; } | haadm -b - &&
		routes 2 && has_addresses 10.1.2.{1,2} && ping -q -c 1 -W 5 10.1.2.1
}

few_addresses() {
	head -n 4 "$dir/many" | haadm restore - && has_addresses 10.1.0.{1..3}/32 &&
		[ -z "$(ip route show table local dev ha0 proto 72)" ]
}

events() {
	local pid
	haadm monitor >"$dir/text" &
	pid=$!
	haadm -j monitor >"$dir/events" &
	pid="$pid $!"
	check "monitors listen" wait_for 10 listening 2
	haadm node set n2 state down
	haadm node set n2 state up
	haadm failback n2
	haadm node verdict n2 fenced
	haadm node verdict n2 clear
	check "monitor: text" wait_for 10 grep -qE '^[0-9]+ [0-9.]+ node n2 from up to fenced cause verdict decision [0-9.]+ publish \+' "$dir/text"
	check "monitor -j: an object a line" wait_for 10 jq -e -s 'map(select(.kind == "node" and .node == "n2")) |
		map("\(.from) \(.to) \(.cause)") == ["up down admin", "down held admin", "held up failback", "up fenced verdict",
			"fenced held verdict"]' "$dir/events"
	check "monitor: stamps rise" jq -e -s 'map(select(.publish)) | length >= 4 and
		all(.decision <= .publish and .publish <= .time)' "$dir/events"
	# shellcheck disable=SC2086 # two of them
	kill $pid
	wait
	check "monitor: none is left out when it is slow" slow_monitor
	check "times on the wall, in JSON" prints '"time_wall":"[0-9]{4}-[0-9]{2}-[0-9]{2}T' haadm -j -t event show from 1
	check "event show from" prints "^$(jq -s '.[-1].seq' "$dir/events") " \
		haadm event show from "$(jq -s '.[-1].seq' "$dir/events")"
	check "a beat for a node that is not there" refused_keeps 'no node of that name \(attribute node\)' 2 \
		haadm beat n1 n9 for 1s
	check "beat" silent haadm beat n1 n2 for 1h
	check "its nodes are alive" prints 'agent alive alive-until' haadm -d node show n2
	check "status: a node that no BEAT has named" prints '^  n3 +drain for [^,]*, never heard: no BEAT has named it$' \
		haadm status
	check "status: how many there are" prints '^1 of 3 nodes never heard; does haagentd run there' haadm status
	check "status: it is in JSON" jq -e '[.nodes[].never_heard] == [false, false, true]' <(haadm -j status)
	check "status: not any more" named_now
}

named_now() {
	haadm beat n1 n2 n3 for 1h && haadm status >"$dir/status" && ! grep 'never heard\|WARNING' "$dir/status" &&
		haadm -j status | jq -e '.warnings == [] and (.agent_unspoken | not)'
}

# Without privilege the socket holds a few hundred events; the module keeps more.
slow_monitor() {
	local pid first last
	# Not as_nobody: a function in the background is a process of its own, and its number not that of haadm.
	setpriv --reuid 65534 --regid 65534 --clear-groups haadm -j monitor >"$dir/slow" 2>"$dir/slow.err" &
	pid=$!
	wait_for 10 listening 1 && haadm node set n3 zone slow && wait_for 10 test -s "$dir/slow" && kill -STOP "$pid" || return 1
	for _ in {1..1500}; do echo "node set n3 zone slow"; done | haadm -b - && last=$(haadm -j event show | jq '.[-1].seq') &&
		kill -CONT "$pid" && wait_for 30 grep -q "^{\"seq\":$last," "$dir/slow" && kill "$pid" || return 1
	wait "$pid"
	first=$(jq -s '.[0].seq' "$dir/slow")
	cat "$dir/slow.err"
	[ $((last - first)) -ge 1500 ] && [ ! -s "$dir/slow.err" ] && diff <(seq "$first" "$last") <(jq .seq "$dir/slow") | head -n 5
}

# listening N: so many sockets are in the group of events. It is the highest bit set in column 4.
listening() {
	[ "$(awk '$2 == 16 && $4 !~ /^0+$/ { n++ } END { print n + 0 }' /proc/net/netlink)" -ge "$1" ]
}

outputs() {
	check_fails "a full disk" 1 "cannot write the output" sh -c 'haadm node show >/dev/full'
	check_fails "a full disk, of more than a buffer" 1 "cannot write the output: No space" sh -c 'haadm -j -d event show >/dev/full'
	check_fails "a full disk, of a batch" 1 ":1: cannot write the output" sh -c 'yes node show | haadm -b - >/dev/full'
	check "a reader that goes away" wait_for 10 reader_goes
	check "completion: objects" completes "" "node vip service member"
	check "completion: verbs" completes "node " "add set replace verdict del show"
	check "completion: keys" completes "node add n9 " "addr zone lladdr dev self state"
	check "completion: keys of vips" completes "vip add 10.0.0.9 " "on lease holder everywhere stray"
	check "completion: keys of leases" completes "lease add l9 " "prefer only failback"
	check "completion: nodes of leases" completes "lease set l9 prefer " "n1 n2 n3"
	check "completion: values" completes "node set n1 state " "up drain maintenance down"
	check "completion: keys of flows" completes "flow show " "vip client state"
	check "completion: their values" completes "flow show state " "syn established closing"
	check "completion: of the agent" completes "agent " "show"
	check "completion: names of nodes" completes "member add 10.0.0.100:80/tcp node " "n1 n2 n3"
}

reader_goes() {
	haadm monitor | head -n 0
}

# completes WORDS ALL: completion of what is typed offers each of these words.
completes() {
	local typed=$1 word
	# shellcheck disable=SC1090,SC1091 # where it is depends on who tests
	. "$completion" || return 1
	read -r -a COMP_WORDS <<<"haadm $typed"
	COMP_WORDS+=("") COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
	_haadm
	for word in $2; do
		[[ " ${COMPREPLY[*]} " == *" $word "* ]] || { echo "no $word in ${COMPREPLY[*]}" && return 1; }
	done
}

device() {
	ip link add lan0 type dummy && ip link set lan0 addrgenmode none && ip link set lan0 up &&
		ip addr add 192.168.0.1/24 dev lan0 && ip addr add 10.0.0.1/24 dev lan0
}

need_root
need haadm jq ip setpriv ping
completion=/usr/share/bash-completion/completions/haadm
[ -z "${HASW_REPO:-}" ] || completion=$HASW_REPO/userspace/completion/haadm
ktap_header
check "the module unloads" module_unload
before_loading
check "the module loads" module_load
check "a device" device
usage
check "a configuration" silent configure
shows
refusals
replaces
flows
new_flows
saves_and_restores
batches
finds_self
owners
lease_nodes
namespaces
local_addresses
events
outputs
check "unloading takes ha0 along" module_unload
check "ha0 is gone" [ ! -e /sys/class/net/ha0 ]
ktap_exit
