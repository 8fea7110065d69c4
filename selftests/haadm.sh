#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# haadm against the module: exit codes and messages, text and JSON, save and restore, batches, local addresses.

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lease_nodes.sh
. ./lib/lease_nodes.sh
# shellcheck source=selftests/lib/owners.sh
. ./lib/owners.sh
# shellcheck source=selftests/lib/served.sh
. ./lib/served.sh
# shellcheck source=selftests/lib/late_devices.sh
. ./lib/late_devices.sh
# shellcheck source=selftests/lib/monitor.sh
. ./lib/monitor.sh
# shellcheck source=selftests/lib/plugin.sh
. ./lib/plugin.sh
# shellcheck source=selftests/lib/watched.sh
. ./lib/watched.sh
# shellcheck source=selftests/lib/schema.sh
. ./lib/schema.sh
# shellcheck source=selftests/lib/doctor.sh
. ./lib/doctor.sh
# shellcheck source=selftests/lib/zones.sh
. ./lib/zones.sh

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
	jq 'walk(if type == "object" then del(.since, .time, .reach4, .reach6, .doors) else . end) |
		if type == "array" then sort_by(.seq // .service // .addr // .name) else . end' "$dir/json" | ageless |
		diff -u "$file" -
}

# same_config FILE: the configuration is the one that was saved there.
same_config() {
	haadm save | diff -u "$1" -
}

# addresses: what haadm has put on ha0, one a line. (ip of Debian 12 does not show the protocol of an address.)
addresses() {
	[ ! -e /sys/class/net/ha0 ] || {
		ip -j addr show dev ha0 |
			jq -r '.[].addr_info[]? | select(.local and .scope != "link") | "\(.local)/\(.prefixlen)"'
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
	check_fails "without the module haadm says how to load the module" 2 \
		"module haswitch is not loaded.*modprobe haswitch" haadm status
	check_fails "without the module check is UNKNOWN" 3 '^HASWITCH UNKNOWN - the kernel module haswitch is not' \
		haadm check
	check_fails "without the module doctor says how to load it" 3 'mend: modprobe haswitch' haadm doctor
	check "without the module haadm prints help" prints "haadm node add NAME addr ADDR" haadm node help
	check "without the module restore --check works" silent haadm restore --check - <<<"vip add 10.0.0.1"
}

usage() {
	check_fails "haadm without a command prints the usage" 1 "^Usage: haadm" haadm
	check_fails "an unknown object is an error that names the nearest" 1 \
		'unknown word "nodes"; the nearest is "node"' haadm nodes show
	check_fails "an unknown object near to none is an error that lists the valid ones" 1 \
		'unknown word "bogus"; valid are "node", "zone", "vip", ' haadm bogus
	check_fails "node set state fenced is an error that names node verdict" 1 \
		'"fenced" is a verdict: haadm node verdict NAME fenced' haadm node set n1 state fenced
	check_fails "an unknown verb is an error that names the nearest" 1 \
		'node: unknown word "sohw"; the nearest is "show"' haadm node sohw
	check_fails "an unknown key is an error that names the nearest" 1 'unknown word "zoen"; the nearest is "zone"' \
		haadm node add n9 addr 10.9.9.9 zoen a
	check_fails "an unknown value is an error that names the nearest" 1 \
		'unknown word "dwon"; the nearest is "down"' haadm node set n1 state dwon
	check_fails "an abbreviated key is an error" 1 'unknown word "prio"; the nearest is "priority"' \
		haadm member add 10.0.0.100:80/tcp node n1 prio 5
	check_fails "an error of usage prints the right usage" 1 '^Usage: haadm node add NAME addr ADDR' \
		haadm node add n9
	check_fails "a port without a protocol is an error" 1 "has a port but no protocol" \
		haadm service add 10.0.0.100:80
	check_fails "a time without a unit is an error" 1 "units are us, ms, s, m and h" haadm beat n1 for 5
	check_fails "a time out of range is an error that names the range" 1 '"for 0ms" is not a time from 1us to 1h' \
		haadm beat n1 for 0ms
	check_fails "an unknown option is an error" 1 'unknown option "-x"' haadm -x status
	check_fails "an option without its value is an error" 1 "needs a value" haadm -n
	check_fails "flow del without a word is an error" 1 'nothing says which flows to del' haadm flow del
	check_fails "flow del all with another word is an error" 1 '"all" stands alone' haadm flow del all node n1
	check_fails "a node's weight, not built yet, is unknown" 1 'unknown word "weight"' haadm node set n1 weight 5
	check "haadm help OBJECT prints the object's commands" prints '^ +haadm vip show' haadm help vip
	check_fails "an option behind the object is an error" 1 \
		'options stand before the object, as in "haadm -j status"' haadm status -j
	check "haadm -V prints the version" prints "^haadm [0-9]" haadm -V
	check "haadm --version prints the version" prints "^haadm [0-9]" haadm --version
	check "haadm --help prints the usage" prints "^Usage: haadm" haadm --help
	check "help names nothing that is not built yet" not_in_help
}

not_in_help() {
	! { haadm help && for object in node vip service member lease flow beat event; do haadm "$object" \
		help; done; } |
		grep -E 'invite|node (add|set) .*weight'
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
	check "node show -j prints the expected JSON" json node-show.json haadm -j node show
	check "node show NAME -j prints the expected JSON" json node-show-n2.json haadm -j node show n2
	check "vip show -j prints the expected JSON" json vip-show.json haadm -j vip show
	check "service show -j prints the expected JSON" json service-show.json haadm -j service show
	check "service show vip -j prints the expected JSON" json service-show-vip.json \
		haadm -j service show vip 10.0.0.100
	check "member show -j prints the expected JSON" json member-show.json haadm -j member show
	check "member show SERVICE -j prints the expected JSON" json member-show-service.json \
		haadm -j member show 10.0.0.100:80/tcp
	check "status -j prints the expected JSON" json status.json haadm -j -p status
	check "event show -j prints the expected JSON" json event-show.json haadm -j event show
	check "stats show -j prints counter seen" prints '"seen":0,' haadm -j stats show
	check "node show prints a line per node" prints '^node n1 addr 192.168.0.1 zone rack-a self state up$' \
		haadm node show
	check "node show -d prints since, admin, verdict and agent" prints \
		'^    since [0-9]+\.[0-9]{9} admin up verdict clear agent unnamed' haadm -d node show n1
	check "node show -d -t prints wall-clock times" prints '^    since [0-9.]+ \([0-9]{4}-[0-9]{2}-[0-9]{2}T' \
		haadm -d -t node show n1
	check "vip show -d prints on-loss and hook" prints '^    on-loss keep hook ingress$' \
		haadm -d vip show 10.0.0.100
	check "status -d counts devices with packets seen at ingress" prints \
		'^devices with packets seen at ingress: [0-9]+$' haadm -d status
	check "vip show prints a line per vip" prints \
		'^vip 10.0.0.100 on lan0 holder n1 stray drop role holder services 2$' haadm vip show
	check "service show -s prints counters" prints '^    packets 0 bytes 0 dropped 0 flows 0 limited 0$' \
		haadm -s service show 10.0.0.100:80/tcp
	check "member show node prints that node's members" prints \
		'^member \[2001:db8::100\]:443/tcp node n2 health up state up new-flows' haadm member show node n2
	check "member show -d prints settings that have their default, too" prints \
		'443/tcp node n2 priority 100 via direct health up state up weight 1' haadm -d member show node n2
	check "service show prints no setting that has its default" prints \
		'^service 10.0.0.100:80/tcp active n2 members 3 serving 1$' haadm service show 10.0.0.100:80/tcp
	check "on a terminal lists have the same word below the same word" aligned
	check "node show -c colours the state" prints $'state \e\\[32mup\e\\[0m' haadm -c node show n1
	check "status names the serving node" prints '10.0.0.100:80/tcp -> n2$' haadm status
	check "status says why nobody serves a service without members" prints '10.0.0.100/udp -> nobody: no members' \
		haadm status
	check "status marks a vip that is partly served" prints '^  10.0.0.100 held by n1, PARTLY SERVED$' haadm status
	check "status counts the vips that are partly served" prints '^1 of 3 vips only partly served$' haadm status
	check "status misses no node while no BEAT has come" [ -z "$(haadm status | grep 'never heard')" ]
	check "status warns that no agent has spoken" prints \
		'^WARNING: no agent has spoken to this module: no node is missed$' haadm status
	check_fails "agent show without an agent is an error" 2 '^haadm: no agent runs here: ' haadm agent show
	check_fails "agent show -j without an agent is an error" 2 '^haadm: no agent runs here: ' haadm -j agent show
	not_there vip "vip show 10.0.0.9"
	not_there vip "service show vip 10.0.0.9"
	not_there vip "member show vip 2001:db8::9"
	not_there vip "member show vip 10.0.0.9 node n1"
	not_there service "service show 10.0.0.100/tcp"
	not_there service "member show 10.0.0.100/tcp"
	not_there node "member show node n9"
	not_there node "member show vip 10.0.0.100 node n9"
	check "service show vip of a vip without services is no error" silent haadm service show vip 10.0.0.101
	check "member show -j of a service without members prints an empty list" prints '^\[\]$' \
		haadm -j member show 10.0.0.100/udp
	check "member show of a node that is no member is no error" silent haadm member show vip 2001:db8::100 node n1
	check_fails "node show of an unknown node is an error" 2 \
		'refused by the kernel: there is no node of that name \(attribute name\) \(ENOENT\)' haadm node show n9
	check "node show -d has every value of node show -j" text_has_all_of_json
}

# not_there WHAT COMMAND: it is refused, the kernel says what is not there, and standard output stays empty.
not_there() {
	local -a words
	read -r -a words <<<"$2"
	check_fails "$2: there is no such $1" 2 "refused by the kernel: .* no .*$1.*\(ENOENT\)" haadm "${words[@]}"
	check "haadm -j $2 prints nothing" not_even_a_list "${words[@]}"
}

not_even_a_list() {
	! haadm -j "$@" 2>/dev/null >"$dir/nothing" && [ ! -s "$dir/nothing" ]
}

# aligned: on a terminal each line has "health" at the same place, and no line ends with blanks; in a pipe one blank is
# between words.
aligned() {
	script -qec "haadm member show" /dev/null </dev/null | tr -d '\r' | tee "$dir/seen" &&
		[ "$(grep -c "^member" "$dir/seen")" -eq 4 ] && ! grep ' $' "$dir/seen" &&
		[ "$(sed 's/health.*//' "$dir/seen" | awk '{ print length }' | uniq | wc -l)" -eq 1 ] &&
		diff <(tr -s ' ' <"$dir/seen") <(haadm member show)
}

# Each value that JSON has of a node, text has too.
text_has_all_of_json() {
	local text value
	text=" $(haadm -d node show n2 | tr '\n' ' ') "
	for value in $(haadm -j node show n2 | ageless |
		jq -r '.[] | del(.since) | .. | scalars | select(type != "boolean")'); do
		[[ $text == *" $value "* ]] || { echo "no $value in $text" && return 1; }
	done
}

refusals() {
	check_fails "node add of a known name is refused with EEXIST" 2 'already \(attribute name\) \(EEXIST\)' \
		haadm node add n1 addr 192.168.0.9
	check_fails "node del of a node in use is refused with EBUSY" 2 '\(EBUSY\)' haadm node del n1
	check_fails "vip add on an unknown device is refused with ENODEV" 2 \
		'there is no device of that name \(attribute dev\) \(ENODEV\)' haadm vip add 10.0.0.109 on no0 holder n1
	check_fails "node set without privilege is refused with EPERM" 2 'CAP_NET_ADMIN.*\(EPERM\)' \
		as_nobody haadm node set n1 zone x
	check "node show works without privilege" prints '^node n1' as_nobody haadm node show
	check "status works without privilege" prints '^nodes: 3' as_nobody haadm status
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

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

related() {
	local warning='^haadm: warning: via nat carries no related flows of 10.0.0.100:69/udp, see RELATED FLOWS in '
	warning+='haadm\(8\)$'
	silent haadm service add 10.0.0.100:70/udp also 68-69 also 71 &&
		prints "$warning" haadm member add 10.0.0.100:70/udp node n2 via nat &&
		silent haadm service set 10.0.0.100:70/udp also 71 &&
		silent haadm member set 10.0.0.100:70/udp node n2 via nat &&
		silent haadm service del 10.0.0.100:70/udp ||
		return 1
	silent haadm service add 10.0.0.100:69/udp &&
		prints "$warning" haadm member add 10.0.0.100:69/udp node n2 via nat &&
		silent haadm member set 10.0.0.100:69/udp node n2 via direct &&
		prints "$warning" haadm member replace 10.0.0.100:69/udp node n2 via nat &&
		silent haadm member del 10.0.0.100:69/udp node n2 && silent haadm service del 10.0.0.100:69/udp
}

replaces() {
	check "node replace adds a node" silent haadm node replace n4 addr 192.168.0.4 zone x
	check "node set takes a drain within 5 minutes" silent haadm node set n4 state drain within 5m
	check "node show prints what is left of a drain in minutes and seconds" prints ' within (4m5[0-9]s|5m00s)$' \
		haadm node show n4
	check "node show -j has what is left of a drain in nanoseconds" \
		jq -e '.[0].within | . > 240000000000 and . <= 300000000000' <(haadm -j node show n4)
	check "node replace changes a node" silent haadm node replace n4 addr 192.168.0.5 state down
	check "node replace sets to the default what is not given" prints '^node n4 addr 192.168.0.5 state down$' \
		haadm node show n4
	check_fails "node replace refuses to take away an IPv6 address" 2 "cannot take away its IPv6 address" \
		haadm node replace n2 addr 192.168.0.2
	check_fails "vip replace refuses to take away all devices" 2 "cannot take away all its devices" \
		haadm vip replace 10.0.0.100
	check_fails "vip replace refuses the address of a node" 2 \
		'a node has this address: name the node by another one \(attribute addr4\) \(EEXIST\)' \
		haadm vip replace 192.168.0.3
	check_fails "vip replace refuses a link-local address" 2 'not link-local \(attribute addr6\) \(EINVAL\)' \
		haadm vip replace fe80::1
	check "vip set changes on-loss" silent haadm vip set 10.0.0.101 on-loss abort
	check "vip replace changes the holder" silent haadm vip replace 10.0.0.101 holder n2
	check "vip replace sets on-loss to the default if it is not given" \
		prints '^vip add 10.0.0.101 holder n2( stray [a-z]+)?( hook [a-z]+)?$' haadm save
	check "service replace of a service works" silent haadm service replace 10.0.0.100/udp
	check "member add warns of via nat where a protocol has related flows" related
	check "member set changes the health" silent haadm member set 10.0.0.100:80/tcp node n3 health down
	check "member replace changes the priority" silent haadm member replace 10.0.0.100:80/tcp node n3 priority 7
	check "member set changes the via to tunnel" silent haadm member set 10.0.0.100:80/tcp node n3 via tunnel
	check "member show prints via tunnel" prints 'node n3 priority 7 via tunnel health down' \
		haadm member show 10.0.0.100:80/tcp node n3
	check "member set changes the via to gue" silent haadm member set 10.0.0.100:80/tcp node n3 via gue
	check "member show prints via gue" prints 'node n3 priority 7 via gue health down' \
		haadm member show 10.0.0.100:80/tcp node n3
	check "save writes via gue" prints '^member add 10.0.0.100:80/tcp node n3 priority 7 via gue$' haadm save
	check "member set changes the via from gue to tunnel" silent \
		haadm member set 10.0.0.100:80/tcp node n3 via tunnel
	check "save writes via tunnel" prints '^member add 10.0.0.100:80/tcp node n3 priority 7 via tunnel$' haadm save
	check "member set takes via tunnel for this machine's member" silent \
		haadm member set 10.0.0.100:80/tcp node n1 via tunnel
	check "member show prints via tunnel local-here for this machine's member" prints \
		'node n1 priority 10 via tunnel local-here health up' haadm member show 10.0.0.100:80/tcp node n1
	check "member show -j has local_here for this machine's member" \
		jq -e '.[0] | .via == "tunnel" and .local_here' <(haadm -j member show 10.0.0.100:80/tcp node n1)
	check "save writes via tunnel for this machine's member" prints \
		'^member add 10.0.0.100:80/tcp node n1 priority 10 via tunnel$' haadm save
	check "the vip stays an address while this machine's member has via tunnel" has_addresses 10.0.0.100/32
	check "a vip stays here while one of two members here is left" two_here 10.0.0.101:82/tcp 10.0.0.10{0,1}/32
	check "member set takes via local for this machine's member" silent \
		haadm member set 10.0.0.100:80/tcp node n1 via local
	check "member show prints no via for this machine's own member" prints \
		'node n1 priority 10 health up' haadm member show 10.0.0.100:80/tcp node n1
	check_fails "member set refuses an unknown via" 1 "tunnel" \
		haadm member set 10.0.0.100:80/tcp node n3 via tunnels
	check "member set changes the via to direct" silent haadm member set 10.0.0.100:80/tcp node n3 via direct
	check "member set of the via leaves health as it was" prints 'node n3 priority 7 health down' \
		haadm member show 10.0.0.100:80/tcp node n3
	check "node del deletes a node" silent haadm node del n4
	check "member set changes priority and health together" silent \
		haadm member set 10.0.0.100:80/tcp node n3 priority 100 health up
}

# What services say of flows, and the limits of these; afterwards all is as it was.
flows() {
	haadm save >"$dir/plain"
	check "service set takes persist with a mask" silent \
		haadm service set 10.0.0.100:80/tcp sched wlc persist 90s mask 24
	check "save writes persist with its mask" prints \
		'service add 10.0.0.100:80/tcp sched wlc failback 10s persist 90s mask 24$' haadm save
	check "service show -d prints persist with its mask" prints \
		'on-empty drop one-packet off snat off persist 90s mask 24 new-max 0 slow-start 0us on-failover move$' \
		haadm -d service show 10.0.0.100:80/tcp
	check "service show -j has persist and its mask" \
		jq -e '.[0] | .persist == 90000000000 and .persist_mask == 24 and .flows == 0' \
		<(haadm -j service show 10.0.0.100:80/tcp)
	check "member show -s prints flows" prints 'bytes 0 flows 0 closing 0 flow-made 0 full 0$' \
		haadm -s member show 10.0.0.100:80/tcp
	check "status counts the serving members of a service that spreads flows" prints \
		'10.0.0.100:80/tcp -> 2 of 3 members, 0 active, 0 closing$' haadm status
	check "service set takes persist without a mask" silent haadm service set 10.0.0.100:80/tcp persist 2m
	check "save writes persist without the mask of before" prints 'sched wlc failback 10s persist 2m$' haadm save
	check "service set refuses one-packet with persist" refused_keeps \
		'one-packet needs sched rr, wrr or random, and no persist .*\(EINVAL\)' 2 \
		haadm service set 10.0.0.100:80/tcp sched rr one-packet on
	check "service set takes one-packet with persist 0s" silent \
		haadm service set 10.0.0.100:80/tcp sched rr persist 0s one-packet on
	check "service set refuses sched lc with one-packet" refused_keeps 'one-packet needs sched rr, wrr or random' \
		2 haadm service set 10.0.0.100:80/tcp sched lc
	check "service set refuses a mask without persist" refused_keeps \
		'a mask of clients needs persist .*\(EINVAL\)' 2 haadm service set 10.0.0.100/udp mask 8
	check "service replace takes a service without options" silent haadm service replace 10.0.0.100:80/tcp
	check "flow set takes max and udp" silent haadm flow set max 1000 udp 90s
	check "save writes flow limits that are not the default" prints '^flow set max 1000 udp 90s$' haadm save
	check "flow limits prints all limits" prints \
		'^flows 0 max 1000 tcp-syn 1m tcp 15m tcp-closing 2m udp 90s other 1m$' haadm flow limits
	check "flow limits -j has max and udp" \
		jq -e '.[0] | .max == 1000 and .udp == 90000000000' <(haadm -j flow limits)
	check "status -d counts tracked flows" prints '^flows tracked: 0 of at most 1000$' haadm -d status
	haadm save >"$dir/limits"
	check "a restore takes a file without flow limits" silent haadm restore "$dir/plain"
	check "a restore of a file without flow limits sets their defaults" same_config "$dir/plain"
	check "a restore takes a file with flow limits" silent haadm restore "$dir/limits"
	check "a restore of a file with flow limits sets these" same_config "$dir/limits"
	check "a restore takes the file without flow limits a second time" silent haadm restore "$dir/plain"
	check "flow show prints titles" prints '^State +Client:Port +Vip:Port/Proto +Node +Expires$' haadm flow show
	check "flow show -j without flows prints an empty list" prints '^\[\]$' haadm -j flow show node n1 state syn
	check_fails "flow show of an unknown node is an error" 2 \
		'refused by the kernel: there is no node of that name' haadm flow show node web9
	check "flow del tells how many flows were deleted" prints '^deleted 0$' haadm flow del all
}

# Who gets no new flows, and why: each who is asked says the same. Afterwards all is as it was.
new_flows() {
	local at=10.0.0.100:80/tcp
	haadm save >"$dir/plain"
	check "new-flows of a usable member is yes" prints 'state up new-flows yes$' \
		haadm member show $at node n2
	check "new-flows of a member on a drained node is node-state" prints \
		'state drain new-flows node-state$' haadm member show $at node n3
	check "member set takes weight 0" silent haadm member set $at node n2 weight 0
	check "new-flows of a member of weight 0 is weight-0" prints 'weight 0 new-flows weight-0$' \
		haadm member show $at node n2
	check "service show names the next member active after weight 0" prints ' active n1 ' haadm service show $at
	check "status names the next member as serving after weight 0" prints "$at -> n1\$" haadm status
	check "member set takes health down for the active member" silent haadm member set $at node n1 health down
	check "new_flows of a member with health down is unhealthy in JSON" \
		jq -e '.[0].new_flows == "unhealthy"' <(haadm -j member show $at node n1)
	check "service show -j names no active member when none is usable" \
		jq -e '.[0].active == null' <(haadm -j service show $at)
	check "status says for each member why nobody serves" \
		prints \
		"$at -> nobody: no usable member \(n2 has weight 0, n1 has health down, n3 is being drained\)\$" \
		haadm status
	check "service set takes sched rr while no member is usable" silent haadm service set $at sched rr
	check "status says for each member of a spreading service why nobody serves, and that it has no flows" \
		prints \
		"$at -> nobody: no usable member \(n2 .* 0, n1 .* down, n3 is .*\), 0 active, 0 closing\$" \
		haadm status
	check "node add takes a node behind a router" silent haadm node add n5 addr 198.51.100.9
	check "member add takes a node behind a router" silent haadm member add $at node n5
	check "new-flows of a member via direct behind a router is unresolved" prints 'new-flows unresolved$' \
		haadm member show $at node n5
	check "status says that a member is behind no direct route" prints \
		'n3 is being drained, n5 is behind no direct route\), 0 active, 0 closing$' haadm status
	check "member set takes via gue for a node behind a router" silent haadm member set $at node n5 via gue
	check "status says that no route leads to a member via gue" wait_for 10 \
		prints 'n3 is being drained, n5 has no route\), 0 active, 0 closing$' haadm status
	check "setup: a route to the node behind a router" ip route add 198.51.100.0/24 via 192.168.0.254 dev lan0
	check "status counts a member via gue as serving once a route leads to it" wait_for 10 \
		prints "$at -> 1 of 4 members, 0 active, 0 closing\$" haadm status
	check "status counts a member via gue behind a router as serving" \
		prints "$at -> 1 of 4 members, 0 active, 0 closing\$" haadm status
	check "status -j counts a member via gue behind a router as serving" \
		jq -e \
		'.vips[].services[] | select(.service == "10.0.0.100:80/tcp") |
			.serving_count == 1 and .reason == null' \
		<(haadm -j status)
	check "member set takes health up after down" silent haadm member set $at node n1 health up
	check "service set takes sched active-standby back" silent haadm service set $at sched active-standby
	check "status names no active member that is behind no direct route" behind_no_route
	check "a restore takes back the changes to members" silent haadm restore "$dir/plain"
	check "status counts no held member while another one serves" held_waits
	check "status counts a held member that serves for want of others" held_serves
	check "a restore takes back the held member" silent haadm restore "$dir/plain"
	check "a vip whose holder is drained is served" drained_holder
	check "a service that exists to reject is no fault" rejects_only
	check "a restore takes back the service that rejects" silent haadm restore "$dir/plain"
}

# wrong_file NAME PATTERN TEXT: a restore of it is refused with exit CODE, and nothing changes.
wrong_file() {
	local name=$1 code=$2 pattern=$3
	printf '%s' "$4" >"$dir/wrong.conf"
	check "restore: $name" refused_keeps "$pattern" "$code" haadm restore "$dir/wrong.conf"
}

saves_and_restores() {
	haadm save >"$dir/saved"
	check "save prints the expected file" diff -u expected/save.conf "$dir/saved"
	check "a restore of the saved file works" silent haadm restore "$dir/saved"
	check "a restore of the saved file changes nothing" same_config "$dir/saved"
	check "restore --check of the saved file works" silent haadm restore --check "$dir/saved"
	check "a restore reads a pipe" restore_pipe
	check "a restore from a pipe changes nothing" same_config "$dir/saved"
	echo "node add a addr 192.168.7.1" >"$dir/selfless"
	check "restore --check --no-self takes a file without self" silent \
		haadm restore --check --no-self "$dir/selfless"
	check "restore --no-self takes a file without self" silent haadm restore --no-self "$dir/selfless"
	check "save names restore --no-self for a configuration without self" prints \
		'^# No node is this machine: this is for haadm restore --no-self' haadm save
	check "status warns of a configuration without self" prints 'none of them is this machine; "self" is right' \
		haadm status
	check "status -j has no self for a configuration without self" \
		jq -e '.node == null and (.nodes | length == 1)' <(haadm -j status)
	check "a restore takes an empty file" silent haadm restore /dev/null
	check "a restore of an empty file leaves no object" silent haadm save
	check "a restore of an empty file leaves no address" has_addresses
	check "a restore after an empty one works" silent haadm restore "$dir/saved"
	check "a restore after an empty one brings all objects back" same_config "$dir/saved"
	check "a restore after an empty one brings the addresses back" has_addresses 10.0.0.100/32

	wrong_file "an unknown word is refused with its line" 1 \
		'wrong.conf:2: node add: unknown word "adr"; the nearest is "addr"' \
		$'node add a addr 192.168.0.1\nnode add b adr 192.168.0.2\n'
	wrong_file "an error of usage is refused with the right usage" 1 '^Usage: haadm node add NAME' $'node add b\n'
	wrong_file "all errors of a file are named" 1 'wrong.conf:4: vip add' $'x\ny\n\nvip add z\n'
	wrong_file "a name that is there twice is refused" 1 'wrong.conf:3: node add: there is a node a already' \
		$'# comment\nnode add a addr 192.168.0.1\nnode add a addr 192.168.0.2\n'
	wrong_file "an unknown holder is refused" 1 'wrong.conf:1: vip add: there is no node b' \
		'vip add 10.0.0.1 holder b'
	wrong_file "a command that is no configuration is refused" 1 'wrong.conf:2: "node del"' \
		$'node add a addr 192.168.0.1\nnode del a\n'
	wrong_file "an error that only the kernel knows is refused with its line" 2 \
		'wrong.conf:4: refused by the kernel: not a link-layer address of a host \(attribute lladdr\)' \
		"$(printf '%s\n' "node add a addr 192.168.0.1 self" "vip add 10.0.0.1 holder a" "" \
			"node add b addr 192.168.0.2 lladdr 01:00:00:00:00:01 dev lan0")"
	check_fails "a restore of a folder is an error" 1 "^$dir: cannot read: Is a directory" haadm restore "$dir"
	check_fails "a batch of a folder is an error" 1 "^$dir: cannot read: Is a directory" haadm -b "$dir"
	check_fails "a restore of a file that is not there is an error" 1 "cannot read $dir/no: No such file" \
		haadm restore "$dir/no"
	check_fails "a restore without privilege is an error" 2 "CAP_NET_ADMIN" as_nobody haadm restore - <"$dir/saved"
}

restore_pipe() {
	# shellcheck disable=SC2002 # a pipe is what is wanted
	cat "$dir/saved" | haadm restore -
}

batches() {
	printf '%s\n' "# a comment" "node add b1 addr 192.168.1.1" "" "node set b1 zone z  # another" "node show b1" \
		"node del b1" >"$dir/batch"
	check "a batch runs each of its commands" prints '^node b1 addr 192.168.1.1 zone z state up$' \
		haadm -b "$dir/batch"
	printf '%s\n' "node add b1 addr 192.168.1.1" "node del b2" "node del b1" >"$dir/batch"
	check_fails "a batch ends with the line that the kernel refuses" 2 \
		"^$dir/batch:2: refused by the kernel: .*ENOENT" haadm -b "$dir/batch"
	check "a batch runs no command behind the refused line" prints '^node b1' haadm node show b1
	printf '%s\n' "node add b2 addr 192.168.1.2" "nod" "node del b1" "node del b2" >"$dir/batch"
	check_fails "a batch with -force names the line of an unknown word" 1 "^$dir/batch:2: unknown word \"nod\"" \
		haadm -force -b "$dir/batch"
	check_fails "a batch with -force goes on behind an error" 2 ENOENT haadm node show b1
	check "no file commands the terminal by a message about it" foreign_text
	check "a batch from standard input prints before its input ends" batch_stdin
	check_fails "a batch together with a command is an error" 1 "no command may follow" haadm -b "$dir/batch" status
}

# plainly PATTERN COMMAND...: it fails, and what it says matches, and commands no terminal.
plainly() {
	local pattern=$1 said
	shift
	said=$("$@" 2>&1) && return 1
	printf '%q\n' "$said"
	[[ $said != *$'\e'* && $said = *"$pattern"* ]]
}

# Files of others have their words in messages of haadm and haagentd.
foreign_text() {
	printf 'n\303\266d\033[31m add\n' >"$dir/batch"
	plainly ':1: unknown word "nöd\x1b[31m"' haadm -b "$dir/batch" &&
		plainly 'nöd\x1b[31m' haadm restore "$dir/batch" &&
		plainly 'n\x0ad' haadm node add $'n\nd' addr 192.168.1.1 || return 1
	printf 'key = "/no/\033]0;\303\266\a";\n' >"$dir/agent.conf"
	plainly 'key file /no/\x1b]0;ö\x07 cannot' haagentd -f "$dir/agent.conf" --check-config &&
		plainly 'key file /no/\x1b]0;ö\x07 cannot' haagentd -f "$dir/agent.conf"
}

# What is asked is told before the pipe ends.
batch_stdin() {
	local asks code=0
	mkfifo "$dir/asks" && { haadm -b - <"$dir/asks" >"$dir/told" & } && exec {asks}>"$dir/asks" || return 1
	printf 'node add b1 addr 192.168.1.1\nnode show b1\n' >&"$asks" && wait_for 20 grep -q '^node b1' "$dir/told" ||
		code=1
	echo "node del b1" >&"$asks" && exec {asks}>&- && wait $! && return "$code"
}

namespaces() {
	ns_add ha-other
	check "-n shows another namespace's configuration" silent haadm -n ha-other node show
	check "-n adds a node in another namespace" silent haadm -n ha-other node add other addr 192.168.7.1 self
	check "-n shows the node of another namespace" prints '^node other' haadm -n ha-other node show
	check "-n leaves this namespace as it was" same_config "$dir/saved"
	check "-n adds a vip in another namespace" silent haadm -n ha-other vip add 10.7.0.1
	check "-n puts the vip on the other namespace's ha0" prints '10.7.0.1/32' ip -n ha-other addr show dev ha0
	check_fails "-n with an unknown namespace is an error" 1 'cannot open network namespace "ha-none"' \
		haadm -n ha-none status
	check_fails "-n with a path is an error" 1 'is not the name of a network namespace' haadm -n ../x status
	ns_del_all
}

local_addresses() {
	check "a vip that is only redirected has no address" has_addresses 10.0.0.100/32
	check "member del of this machine's member works" silent haadm member del 10.0.0.100:80/tcp node n1
	check "a vip without this machine as a member has no address" has_addresses
	check "vip add takes a vip without services that is everywhere" silent haadm vip add 10.0.0.110 everywhere
	check "a vip that is everywhere is an address" has_addresses 10.0.0.110/32
	check "a local vip has scope host and a label" prints 'inet 10.0.0.110/32 scope host.* ha0:vip' \
		ip addr show dev ha0
	check "vip set moves the vip to another node" silent haadm vip set 10.0.0.110 holder n2
	check "a vip of another holder is no address" has_addresses
	check "vip set moves the vip to this machine" silent haadm vip set 10.0.0.110 holder n1
	check "a vip held by this machine is an address" has_addresses 10.0.0.110/32
	check "vip add takes an IPv6 vip without services" silent haadm vip add 2001:db8::110 holder n1
	check "an IPv6 vip held by this machine is an address" has_addresses 10.0.0.110/32 2001:db8::110/128
	check "a local IPv6 vip is deprecated" prints 'inet6 2001:db8::110/128 .*deprecated.*' \
		ip addr show dev ha0
	check "service add takes a service of the IPv6 vip" silent haadm service add '[2001:db8::110]:1/tcp'
	check "a vip that this machine only redirects is no address" has_addresses 10.0.0.110/32
	check "member add takes this machine" silent haadm member add '[2001:db8::110]:1/tcp' node n1
	check "a vip whose member is this machine is an address" has_addresses 10.0.0.110/32 2001:db8::110/128
	check "service del of the IPv6 vip's service works" silent haadm service del '[2001:db8::110]:1/tcp'
	check "a held vip without services stays an address" has_addresses 10.0.0.110/32 2001:db8::110/128
	check "a ping of a local vip is answered" ping -q -c 1 -W 5 10.0.0.110
	check "vip del of an IPv6 vip works" silent haadm vip del 2001:db8::110
	check "vip del of an IPv4 vip works" silent haadm vip del 10.0.0.110
	check "vip del leaves no address on ha0" has_addresses
	check "a refused vip add leaves an address that was added by hand" keeps_address_of_others
	check "status tells of a vip whose address somebody took away" status_without_address
	check "vip heal puts back addresses that were deleted from ha0" healed
	check "400 local vips are routes" many_routes
	check "status of 400 vips shows the one that is partly served" partly_of_many
	check "a vip added to 400 is a route" one_more_route
	check "one local vip among 400 is an address" many_elsewhere
	check "local vips become routes only beyond 256" just_too_many
	check "routes of vips stay when ha0 loses its last address" last_address
	check "three local vips left of 400 are addresses" few_addresses
	check "a restore after 400 vips works" silent haadm restore "$dir/saved"
	check "a restore after 400 vips brings the addresses back" has_addresses 10.0.0.100/32
}

keeps_address_of_others() {
	ip addr add 10.0.0.112/32 dev ha0 scope host label ha0:vip &&
		refused_keeps 'no device of that name' 2 haadm vip add 10.0.0.112 on no0 holder n1 &&
		has_addresses 10.0.0.112/32 && ip addr del 10.0.0.112/32 dev ha0
}

status_without_address() {
	haadm vip add 10.0.0.111 holder n1 && ip addr del 10.0.0.111/32 dev ha0 &&
		prints '10.0.0.111 held by n1, NOT SERVED: it is not an address of this machine' haadm status &&
		haadm vip del 10.0.0.111
}

# healed: what somebody deleted is put back, and what others have put on ha0 stays.
healed() {
	local before
	haadm vip add 10.0.0.111 holder n1 && haadm vip add 2001:db8::111 holder n1 && before=$(addresses) &&
		ip addr flush dev ha0 && ip -6 addr flush dev ha0 && ip addr add 10.0.0.112/32 dev ha0 scope host \
		label ha0:vip && haadm vip heal && ip addr del 10.0.0.112/32 dev ha0 &&
		[ "$(addresses)" = "$before" ] && haadm vip heal && [ "$(addresses)" = "$before" ] &&
		haadm vip del 10.0.0.111 && haadm vip del 2001:db8::111
}

many_routes() {
	{
		echo "node add n1 addr 192.168.0.1 self"
		printf 'vip add 10.1.0.%d\n' {1..200}
		printf 'vip add 10.1.1.%d\n' {1..200}
	} >"$dir/many"
	haadm restore "$dir/many" || return 1
	[ "$(ip route show table local dev ha0 proto 72 | wc -l)" -eq 400 ] || { echo "not 400 routes" && return 1; }
	ip -j addr show dev ha0 | jq -e '[.[].addr_info[]? | select(.local and .scope != "link")] | length == 0' &&
		ping -q -c 1 -W 5 10.1.1.200
}

partly_of_many() {
	haadm service add 10.1.1.200/tcp && haadm member add 10.1.1.200/tcp node n1 &&
		haadm service add 10.1.1.200/udp &&
		prints '^  10.1.1.200 held here, without lease or holder, PARTLY SERVED$' haadm status &&
		prints '^    10.1.1.200/udp -> nobody: no members$' haadm status &&
		prints '^  and 379 more that are served; -d shows them$' haadm status &&
		prints '^1 of 400 vips only partly served$' haadm status &&
		haadm service del 10.1.1.200/udp && prints '^  and 380 more' haadm status &&
		haadm service del 10.1.1.200/tcp
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

# many_packets: a capture of as many SYNs as fill the buffer of standard output several times.
many_packets() {
	python3 -c 'import struct, sys
ip = bytes.fromhex("45000028000040004006266c0a0000010a000064" "1b580050" "00000000" "00000000" "50020000" "00000000")
record = struct.pack("<IIII", 0, 0, len(ip), len(ip)) + ip
sys.stdout.buffer.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101) + 500 * record)'
}

outputs() {
	check_fails "a full disk is an error" 1 "cannot write the output" sh -c 'haadm node show >/dev/full'
	check_fails "a full disk is an error for more than a buffer" 1 "cannot write the output: No space" \
		sh -c 'haadm -j -d event show >/dev/full'
	many_packets >"$dir/many.pcap"
	check_fails "a full disk is an error while packets are explained" 1 "cannot write the output: No space" \
		sh -c "haadm explain pcap '$dir/many.pcap' local >/dev/full"
	check_fails "a full disk ends a batch" 1 ":1: cannot write the output" \
		sh -c 'yes node show | haadm -b - >/dev/full'
	check "haadm ends when its reader goes away" wait_for 10 reader_goes
	check "completion: objects" completes "" "node vip service member"
	check "completion: objects of help" completes "help " "node restore schema"
	check "completion: verbs" completes "node " "add set replace verdict del show"
	check "completion: settings of all agents" completes "cluster adopt " "agents"
	check "completion: a file of them, or none" completes "cluster apply new.conf agents " "none"
	check "completion: keys" completes "node add n9 " "addr zone lladdr dev self state"
	check "completion: keys of vips" completes "vip add 10.0.0.9 " "on lease holder everywhere stray"
	check "completion: keys of leases" completes "lease add l9 " "prefer only failback"
	check "completion: nodes of leases" completes "lease set l9 prefer " "n1 n2 n3"
	check "completion: values" completes "node set n1 state " "up drain maintenance down"
	check "completion: keys of flows" completes "flow show " "vip client state"
	check "completion: values of a flow's state" completes "flow show state " "syn established closing"
	check "completion: verbs of the agent" completes "agent " "show"
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
need haadm jq ip setpriv ping python3 nft sysctl
completion=/usr/share/bash-completion/completions/haadm
[ -z "${HASW_REPO:-}" ] || completion=$HASW_REPO/userspace/completion/haadm
ktap_header
check "setup: the module unloads" module_unload
before_loading
check "setup: the module loads" module_load
check "setup: a device" device
usage
check "setup: a configuration" silent configure
shows
refusals
zones
replaces
flows
new_flows
saves_and_restores
batches
finds_self
owners
late_devices
fallbacks
lease_nodes
namespaces
local_addresses
client_devices
events
plugin
watched
doctor
outputs
check "the module unloads while ha0 is there" module_unload
check "unloading the module takes ha0 along" [ ! -e /sys/class/net/ha0 ]
ktap_exit
