#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is told of switches: tracepoints, the times of each service, the records with their cause.
# shellcheck disable=SC2016,SC2086,SC2119 # $ is jq's; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

cluster_nodes=(entry:2 m1:11 m2:12)
vip=10.0.0.100 service=10.0.0.100:53/udp
vip6=2001:db8::100 service6="[2001:db8::100]:53/udp"
still=10.0.0.101 still_service=10.0.0.101:53/udp
tracing=/sys/kernel/tracing events=$tracing/events/haswitch

# A vip that moves, of each family; one that does not; one that is a floating address.
prepare() {
	local name
	need_root
	need haadm jq python3
	module_load "" && cluster_make && cluster_nodes_add || return 1
	cluster_all "vip add $vip holder entry" "vip add $vip6 holder entry" "vip add $still holder entry" \
		"vip add 10.0.0.102 holder entry" "service add $service failback auto" \
		"service add $service6 failback auto" "service add $still_service failback auto" \
		"member add $service node m1 priority 10" "member add $service node m2 priority 20" \
		"member add $service6 node m1 priority 10" "member add $service6 node m2 priority 20" \
		"member add $still_service node m2" &&
		cluster_ready || return 1
	for name in m1 m2; do
		traffic serve $name udp $vip 53 $name && traffic serve $name udp $vip6 53 $name || return 1
	done
	traffic serve m2 udp $still 53 m2 && wait_for 20 by m1 && says m2 client udp $still 53
}

# by NODE: both vips that move are served by it, now.
by() {
	says "$1" client udp $vip 53 && says "$1" client udp $vip6 53
}

# m1 goes and comes, N times.
moves() {
	local i
	for ((i = 0; i < $1; i++)); do
		entry node set m1 state down && by m2 && says m2 client udp $still 53 && entry node set m1 state up &&
			by m1 || return 1
	done
}

# counts [SERVICE]: [moves, sums of the three histograms].
counts() {
	entry -j stats switch "$@" |
		jq -c '[.moves, ([.decision_publish, .publish_first, .decision_first][] | map(.count) | add // 0)]'
}

# grown BEFORE AFTER WANTED
grown() {
	jq -en --argjson b "$1" --argjson a "$2" --argjson w "$3" '[range(4) | $a[.] - $b[.]] == $w' >/dev/null &&
		return 0
	echo "before $1 after $2, wanted $3 more"
	return 1
}

# Seven moves are more than a service notes before it has memory to count them.
each_counts_its_own() {
	local all one six quiet
	all=$(counts) one=$(counts $service) six=$(counts "$service6") quiet=$(counts $still_service)
	moves 7 || return 1
	grown "$one" "$(counts $service)" '[14, 14, 14, 14]' &&
		grown "$six" "$(counts "$service6")" '[14, 14, 14, 14]' &&
		grown "$quiet" "$(counts $still_service)" '[0, 0, 0, 0]' && grown "$all" "$(counts)" '[28, 14, 28, 28]'
}

# A member of one service alone.
health_counts() {
	local one six
	one=$(counts $service) six=$(counts "$service6")
	entry member set $service node m1 health down && says m2 client udp $vip 53 && says m1 client udp $vip6 53 &&
		entry member set $service node m1 health up && by m1 || return 1
	grown "$one" "$(counts $service)" '[2, 2, 2, 2]' && grown "$six" "$(counts "$service6")" '[0, 0, 0, 0]'
}

# state STATE: m1 gets it. Sets longest, ns: no decision was published later than the longest command took.
state() {
	local begun=${EPOCHREALTIME/./} took
	entry node set m1 state $1 || return 1
	took=$(((${EPOCHREALTIME/./} - begun) * 1000))
	[ $took -le $longest ] || longest=$took
}

# A longer time is in a higher bucket: the first packet comes a quarter of a second after.
late_counts_late() {
	local longest=125000000
	entry service del $service && entry service add $service failback auto &&
		entry member add $service node m1 priority 10 &&
		entry member add $service node m2 priority 20 && by m1 && [ "$(counts $service)" = "[0,0,0,0]" ] ||
		return 1
	state down && sleep 0.3 && by m2 && state up && sleep 0.3 && by m1 || return 1
	[ "$(counts $service)" = "[2,2,2,2]" ] &&
		entry -j stats switch $service |
		jq -e --argjson most $((2 * longest)) '
			all(.publish_first[], .decision_first[]; .below == 0 or .below > 250e6) and
			all(.decision_publish[]; .below > 0 and .below <= $most)' >/dev/null && return 0
	entry stats switch $service
	return 1
}

same_in_stats() {
	jq -en --argjson a "$(entry -j stats show)" --argjson b "$(entry -j stats switch)" \
		'["decision_publish", "publish_first", "decision_first"] |
		all(.[]; $a[.] == $b[.] and ($a[.] | length > 0))' >/dev/null
}

# A restore keeps what is known of a service that is there before and after.
restore_keeps() {
	local one
	one=$(counts $service)
	[ "$one" != "[0,0,0,0]" ] && entry save >"$work_dir/saved" && entry restore "$work_dir/saved" && by m1 ||
		return 1
	grown "$one" "$(counts $service)" '[0, 0, 0, 0]' && moves 1 && grown "$one" "$(counts $service)" '[2, 2, 2, 2]'
}

text() {
	entry stats switch $service >"$work_dir/text" && grep -qx "service            $service" "$work_dir/text" &&
		grep -qE '^moves              [0-9]+$' "$work_dir/text" &&
		grep -qE '^    below [0-9.]+[mu]?s +[0-9]+$' "$work_dir/text" &&
		grep -qx decision-first "$work_dir/text" && ! entry stats switch | grep -q '^service' && return 0
	cat "$work_dir/text"
	return 1
}

# Each record of a switch and of its first packets has cause and stamps.
records_are_whole() {
	local last
	last=$(entry -j event show | jq '.[-1].seq')
	entry node verdict m1 fenced && by m2 && entry node verdict m1 clear && by m1 || return 1
	entry -j event show from $((last + 1)) >"$work_dir/events"
	jq -e 'map(.kind) == ["node", "first-packet", "first-packet", "node", "first-packet", "first-packet"] and
		all(.[]; .cause == "verdict" and .decision > 0 and .publish >= .decision) and
		all(.[] | select(.kind == "first-packet"); .first_packet >= .publish)' "$work_dir/events" >/dev/null &&
		entry event show from $((last + 1)) |
		grep -qE '^[0-9]+ [0-9.]+ first-packet .* cause verdict decision [0-9.]+ publish \+' &&
		entry -t event show from $((last + 1)) | grep -qE 'decision [0-9.]+ \([0-9]{4}-' && return 0
	cat "$work_dir/events"
	return 1
}

# traced EVENT PATTERN N: so many lines of the trace are of that event and match.
traced() {
	[ "$(grep -E " $1: " $tracing/trace | grep -cE -- "$2")" -eq "$3" ] && return 0
	echo "not $3 times: $1: $2"
	cat $tracing/trace
	return 1
}

# trace EVENT COMMAND...: with that event alone switched on.
trace() {
	local event=$1 code=0
	shift
	echo >$tracing/trace
	echo 1 >$events/$event/enable && "$@" || code=1
	echo 0 >$events/$event/enable
	return $code
}

fenced() {
	entry node verdict m1 fenced && entry node verdict m1 clear
}

# The stamps are those of the event.
trace_switch() {
	local last
	last=$(entry -j event show | jq '.[-1].seq')
	trace switch fenced || return 1
	traced switch "node=m1 vip=0.0.0.0:0 proto=0 from=(up|held) to=fenced cause=verdict evidence= " 1 &&
		traced switch "node=m1 vip=0.0.0.0:0 proto=0 from=fenced to=(up|held) cause=verdict " 1 &&
		traced switch "" 2 || return 1
	entry -j event show from $((last + 1)) |
		jq -r '.[] | select(.kind == "node") | "decision=\(.decision) publish=\(.publish)"' >"$work_dir/stamps"
	[ "$(wc -l <"$work_dir/stamps")" -eq 2 ] && [ "$(grep -cf "$work_dir/stamps" $tracing/trace)" -eq 2 ]
}

ill() {
	entry member set "$service6" node m2 health down && entry member set "$service6" node m2 health up
}

trace_member() {
	trace switch ill && traced switch "node=m2 vip=\[$vip6\]:53 proto=17 from=up to=down cause=health " 1 &&
		traced switch "node=m2 vip=\[$vip6\]:53 proto=17 from=down to=up cause=health " 1 && traced switch "" 2
}

packets() {
	by m1 && entry node set m1 state down && by m2 && entry node set m1 state up &&
		shot client src=10.0.0.1 proto=99 dst=10.0.0.102 to="$(lan_mac entry)" &&
		entry node set m2 state down && says silence client udp $still 53 wait=0 && entry node set m2 state up
}

# One line a packet, with the way it took; what is no packet to a vip is none.
trace_redirect() {
	trace redirect packets || return 1
	traced redirect "vip=$vip:53 proto=17 node=m1 via=direct decision=[1-9][0-9]* deadline=0 verdict=sent" 1 &&
		traced redirect "vip=$vip:53 proto=17 node=m2 via=direct decision=[1-9][0-9]* deadline=0 verdict=sent" \
			1 &&
		traced redirect \
			"vip=\[$vip6\]:53 proto=17 node=m1 via=direct decision=[1-9][0-9]* deadline=0 verdict=sent" 1 &&
		traced redirect \
			"vip=\[$vip6\]:53 proto=17 node=m2 via=direct decision=[1-9][0-9]* deadline=0 verdict=sent" 1 &&
		traced redirect \
			"vip=10.0.0.102:0 proto=99 node= via=local decision=[1-9][0-9]* deadline=0 verdict=local" 1 &&
		traced redirect "vip=$still:53 proto=17 node= via=local decision=[1-9][0-9]* deadline=0 verdict=drop" 1
}

# On a member, what the holder sends is delivered; the namespaces share the tracepoint.
trace_member_delivers() {
	traced redirect "vip=$vip:53 proto=17 node= via=local decision=[1-9][0-9]* deadline=0 verdict=local" 2 &&
		traced redirect "" 10
}

# Switched off, nothing is told, and packets go their way.
trace_off() {
	echo >$tracing/trace
	by m1 && traced redirect "" 0
}

# Traced packets have the same fate and the same counters.
same_fate() {
	trace redirect grew entry "seen=1 redirected=1" says m1 client udp $vip 53
}

leased=10.0.0.103 leased_service=10.0.0.103:53/udp

# grant EPOCH TIME
grant() {
	cluster_all "lease set l1 epoch $1 holder entry for $2"
}

leased_ready() {
	local name
	cluster_all "lease add l1" "lease set l1 floor 5" "vip add $leased lease l1" \
		"service add $leased_service failback auto" \
		"member add $leased_service node m1 priority 10" "member add $leased_service node m2 priority 20" &&
		grant 7 9s || return 1
	for name in m1 m2; do traffic serve $name udp $leased 53 $name || return 1; done
	wait_for 10 says m1 client udp $leased 53
}

# What moves under a lease is told with its epoch; what has none, with 0.
epochs() {
	local last
	last=$(entry -j event show | jq '.[-1].seq')
	grant 8 9s && entry node set m1 state down && says m2 client udp $leased 53 && by m2 &&
		entry node set m1 state up && by m1 &&
		entry member set $leased_service node m2 health down &&
		entry member set $leased_service node m2 health up || return 1
	entry -j event show from $((last + 1)) >"$work_dir/events"
	jq -e --arg leased $leased_service '[.[] | select(.kind == "first-packet" or .kind == "member")] |
		(map(select(.service == $leased)) |
		map(.kind) == ["first-packet", "member", "member"] and all(.[]; .epoch == 8)) and
		(map(select(.service != $leased)) | length == 4 and all(.[]; .epoch == 0))' \
		"$work_dir/events" >/dev/null && return 0
	cat "$work_dir/events"
	return 1
}

ended() {
	entry -j lease show l1 | jq -e '.[0].holder == null' >/dev/null
}

# On all three, each of which was granted it a moment after the one before.
ended_for_all() {
	local name
	for name in entry m1 m2; do
		haadm -n $name -j lease show l1 | jq -e '.[0].holder == null' >/dev/null || return 1
	done
}

grant_and_wait() {
	grant 9 700ms && wait_for 10 ended_for_all
}

# The stamps are those of the events.
trace_lease() {
	local last
	last=$(entry -j event show | jq '.[-1].seq')
	trace lease grant_and_wait || return 1
	traced lease "lease=l1 epoch=9 holder=entry cause=granted " 3 &&
		traced lease "lease=l1 epoch=9 holder=entry cause=expired " 3 || return 1
	entry -j event show from $((last + 1)) |
		jq -r '.[] | select(.kind == "lease") | "decision=\(.decision) publish=\(.publish)$"' \
		>"$work_dir/stamps"
	[ "$(wc -l <"$work_dir/stamps")" -eq 2 ] && [ "$(grep -cf "$work_dir/stamps" $tracing/trace)" -eq 2 ]
}

# Packets to the vip while its lease is held, while it runs out, and after. A slow machine needs longer than that to
# tell all nodes and to ask once.
until_the_end() {
	local epoch=10 time
	for time in 800ms 3s 9s; do
		grant $((epoch++)) $time || return 1
		if says m1 client udp $leased 53; then
			wait_for 20 runs_out
			return
		fi
		ended || return 1
	done
	return 1
}

runs_out() {
	traffic talk client udp $leased 53 wait=0 >/dev/null
	ended
}

# What was sent shows the deadline that allowed it, and a decision before that. (That packets compare it even when the
# timer is late is for lease.sh.)
trace_deadline() {
	trace redirect until_the_end && says silence client udp $leased 53 wait=0 || return 1
	grep ' redirect: ' $tracing/trace |
		sed -nE "s/.*vip=$leased:53 .* node=(.*) via.* decision=(.*) deadline=(.*) verdict=(.*)/\4 \2 \3 \1/p" \
		>"$work_dir/judged"
	awk '$1 == "sent" && $4 == "m1" { sent++; if ($2 >= $3) wrong++ } $1 == "sent" && $4 != "m1" { wrong++ }
		END { exit !(sent && !wrong) }' "$work_dir/judged" && return 0
	cat "$work_dir/judged"
	return 1
}

ktap_header
make_ready "setup: a holder, two members" prepare
check "each service counts its own switches" each_counts_its_own
check "a service counts the switch when one of its members is down" health_counts
check "stats show has the same histograms" same_in_stats
check "a restore keeps the histograms of a service" restore_keeps
check "stats switch prints histograms as text" text
check "a late first packet is counted in a high bucket" late_counts_late
check_fails "stats switch refuses an unknown vip" 2 "there is no vip of that address" \
	entry stats switch 10.0.0.109:53/udp
check_fails "stats switch refuses an unknown service" 2 "no service of that protocol and port" \
	entry stats switch $vip:54/udp
check_fails "stats switch refuses a word that is no service" 1 'stats switch \[ SERVICE \]' \
	entry stats switch 10.0.0.300
check_fails "stats switch refuses a word too many" 1 'nothing may follow' entry stats switch $service now
check "records of a switch have their cause and stamps" records_are_whole
check "setup: a vip with a lease" leased_ready
check "a switch under a lease is recorded with the lease's epoch" epochs
if [ -d $events ]; then
	check "tracepoint lease shows grants and their ends" trace_lease
	check "tracepoint redirect shows a deadline after the decision" trace_deadline
	check "tracepoint switch shows a switch of a node" trace_switch
	check "tracepoint switch shows a switch of a member" trace_member
	check "tracepoint redirect shows each packet with via and verdict" trace_redirect
	check "tracepoint redirect shows only delivered packets at the member" trace_member_delivers
	check "a traced packet counts as any other" same_fate
	check "tracepoints that are off show nothing" trace_off
else
	ktap_skip "tracepoints" "this kernel has none"
fi
check "counter seen is the sum of the packets' fates" adds_up entry
ktap_exit
