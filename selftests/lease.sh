#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Leases: who has one answers for its vips until the deadline, and nobody else ever does.
#
#   lease.sh [ROUNDS]     so many grants run out while packets are in flight (10)
# shellcheck disable=SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# a and b take turns to hold; m serves what is a service, and never holds.
cluster_nodes=(a:2 b:3 m:11)
vip4=10.0.0.100 vip6=2001:db8::100
web4=10.0.0.101 web6=2001:db8::101

prepare() {
	local name vip
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add || return 1
	cluster_all "lease add float" "lease add web" "vip add $vip4 lease float" "vip add $vip6 lease float" \
		"vip add $web4 lease web stray drop" "service add $web4" "member add $web4 node m" \
		"vip add $web6 lease web stray drop" "service add $web6" "member add $web6 node m" && cluster_ready ||
		return 1
	for vip in $vip4 $vip6; do
		for name in a b; do traffic serve $name udp $vip 53 $name || return 1; done
	done
	for vip in $web4 $web6; do traffic serve m udp $vip 53 m || return 1; done
}

now() {
	python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'
}

# fresh: an epoch higher than all before it, on every node.
fresh() {
	local epoch
	epoch=$(($(cat "$work_dir/epoch" 2>/dev/null || echo 1000) + 10))
	echo $epoch | tee "$work_dir/epoch"
}

# grant LEASE HOLDER TIME: to that node, known everywhere.
grant() {
	cluster_all "lease set $1 epoch $(fresh) holder $2 for $3"
}

# refused TEXT NAME WORD...: haadm there ends with 2 and that text, and the lease is what it was.
refused() {
	local text=$1 name=$2 before printed code=0
	shift 2
	before=$(haadm -n $name -j lease show | ageless)
	printed=$(haadm -n $name "$@" 2>&1) || code=$?
	[ $code -eq 2 ] && [[ $printed = *"$text"* ]] && [ "$(haadm -n $name -j lease show | ageless)" = "$before" ] &&
		return 0
	echo "exit $code: $printed"
	return 1
}

# answers ADDR...: whose ARP and ND answers for addresses the client gets. All in one go: no lease lasts longer than ten
# seconds, in which a slow machine starts few programs.
answers() {
	lan_ask client "$@" --fence 10.0.0.11 --fence 2001:db8::11
}

# owner NAME: its MAC, and only that, answers for both floating vips.
owner() {
	local said mac
	mac=$(lan_mac $1) && [ -n "$mac" ] || return 1
	said=$(answers $vip4 $vip6) && [ "$(wc -l <<<"$said")" -eq 2 ] && [ "$(grep -c "$mac" <<<"$said")" -eq 2 ] &&
		grep -q "sender=$vip4 " <<<"$said" && grep -q "target=$vip6 " <<<"$said" && return 0
	echo "answers: $said"
	return 1
}

nobody() {
	local said
	said=$(answers $vip4 $vip6 $web4 $web6) && [ -z "$said" ] && return 0
	echo "answers: $said"
	return 1
}

by() {
	says $1 client udp $vip4 53 && says $1 client udp $vip6 53
}

# without NAME...: no neighbour entries of these machines for vips, which would hide who answers.
forget() {
	n client ip neigh flush all
}

no_floor() {
	refused "floor was not set" a lease set float epoch 5 holder a for 1s && incomplete
}

# All that is missing is named at once, and what is complete is shown.
incomplete() {
	local printed
	! printed=$(haadm -n a lease set float epoch 5 2>&1) &&
		grep -q '^haadm: lease set: "holder", "for" missing: ' <<<"$printed" &&
		grep -q '^Example: haadm lease set web floor 1$' <<<"$printed" &&
		grep -q '^ *haadm lease set web epoch 1 holder gate for 10s$' <<<"$printed" &&
		! printed=$(haadm -n a lease set float epoch 5 holder a for 1s 2>&1) &&
		grep -q '^Example: haadm lease set web floor 1$' <<<"$printed"
}

set_floor() {
	cluster_all "lease set float floor 1000" "lease set web floor 1000" &&
		refused "only rises" a lease set float floor 999 &&
		refused "0 is no epoch" a lease set float floor 0 && cluster_all "lease set float floor 1000"
}

granted() {
	nobody && grant float a 9s && is b '.holder == "a" and .held != true' && owner a && still && forget && by a &&
		is a '.held and .holder == "a"'
}

moves() {
	local from=$1 to=$2
	cluster_tell $from "lease release float" && grant float $to 9s && owner $to && still $to && forget && by $to
}

expires() {
	local epoch
	# Who looks slowly has time for it; then it is renewed for a moment only.
	grant float a 9s && owner a && epoch=$(cat "$work_dir/epoch") &&
		cluster_all "lease set float epoch $epoch holder a for 1s" && wait_for 20 nobody_holds a float &&
		nobody && refused "take a higher one" a lease set float epoch $epoch holder a for 1s
}

# b does not hear of a for a while: the epoch is still a's, and nobody else's.
expires_elsewhere() {
	local epoch
	epoch=$(fresh) && haadm -n b lease set float epoch $epoch holder a for 200ms &&
		wait_for 20 nobody_holds b float &&
		refused "another node says that it holds the lease under this epoch" b lease set float epoch $epoch \
			holder b for 1s &&
		haadm -n b lease set float epoch $epoch holder a for 200ms && wait_for 20 nobody_holds b float
}

nobody_holds() {
	haadm -n $1 -j lease show $2 | jq -e '.[0] | .holder == null and .held != true'
}

# still [NAME [EPOCH]]: who holds (a) goes on, so that a slow machine has time for what follows. Before
# what may end a grant and not behind it: that it did would not be seen.
still() {
	local name=${1:-a}
	haadm -n $name lease set float epoch "${2:-$(cat "$work_dir/epoch")}" holder $name for 10s
}

# Each refusal by itself, with its text, and the lease as it was. $1 is held by a under $2.
refusals() {
	local epoch=$1
	still a $epoch && refused "0 is no epoch" a lease set float epoch 0 holder a for 1s &&
		refused "below the floor" a lease set float epoch 999 holder a for 1s &&
		refused "stale" a lease set float epoch $((epoch - 1)) holder a for 1s &&
		refused "belongs to another holder" a lease set float epoch $epoch holder b for 1s &&
		still a $epoch && refused "too far ahead" a lease set float epoch $epoch holder a for 20s &&
		refused "too far ahead" a lease set float epoch $epoch holder a until 18446744073709551615 &&
		refused "has passed" a lease set float epoch $epoch holder a until 1 &&
		still a $epoch && refused "no node of that name" a lease set float epoch $epoch holder nobody for 1s &&
		refused "no lease of that name" a lease set nothing epoch $epoch holder a for 1s &&
		refused "stale" a lease release float epoch $((epoch - 1)) &&
		still a $epoch && refused "vips use the lease" a lease del float &&
		refused "there is a lease" a lease add float &&
		refused "there is no lease" a vip add 10.0.0.9 lease nothing && still a $epoch &&
		refused "holds a lease" a node del a
}

held_refusals() {
	grant float a 9s && refusals "$(cat "$work_dir/epoch")" && owner a
}

# renewed: until is what was asked for last, and none of it is an event.
renewed() {
	local epoch events until
	grant float a 9s && epoch=$(cat "$work_dir/epoch") && events=$(lease_events a) && still &&
		until=$(($(now) + 9500000000))
	haadm -n a lease set float epoch $epoch holder a until $until &&
		is a ".deadline == $until and .remaining > 0 and .remaining < 9500000000" &&
		haadm -n a lease set float epoch $epoch holder a until $((until - 1000)) &&
		is a ".deadline == $until - 1000" && still && owner a && [ "$(lease_events a)" -eq "$events" ]
}

lease_events() {
	haadm -n $1 -j event show | jq 'map(select(.kind == "lease")) | length'
}

is() {
	haadm -n $1 -j lease show float | jq -e ".[0] | $2"
}

# Moved closer, a deadline counts at once: what ended was not the grant as it was.
cut_short() {
	local epoch was
	grant float a 9s && epoch=$(cat "$work_dir/epoch") && still &&
		was=$(haadm -n a -j lease show float | jq '.[0].deadline') &&
		haadm -n a lease set float epoch $epoch holder a for 500ms && wait_for 20 nobody_holds a float &&
		nobody &&
		wait_for 20 last_event a ".cause == \"expired\" and .epoch == $epoch and .decision < $was - 1000000000"
}

# last_event NAME JQ: the last event of a lease there.
last_event() {
	haadm -n $1 -j event show | jq -e "map(select(.kind == \"lease\")) | .[-1] | $2" && return 0
	haadm -n $1 event show | tail -n 5
	return 1
}

# What packets see depends on no timer; one tells of it, soon. The machine may stand still just then, but not three
# times.
expiry_told() {
	local try epoch
	for try in 1 2 3; do
		grant float a 500ms && epoch=$(cat "$work_dir/epoch") && wait_for 20 nobody_holds a float &&
			wait_for 20 last_event a "(.cause == \"expired\")" &&
			last_event a ".lease == \"float\" and .epoch == $epoch and
				.node == \"a\" and .publish >= .decision" &&
			wait_for 20 last_event b ".cause == \"expired\" and .node == \"a\"" || return 1
		last_event a "1000000000 > .publish - .decision" && return 0
		echo "try $try: told more than 1 s after the deadline"
	done
	return 1
}

# An agent that renews and is stopped: nothing of it is needed for the end, and what it says later comes too late. It
# asks for so long that a machine which stands still for a while loses nothing.
agent_stopped() {
	local agent epoch deadline result=0
	epoch=$(fresh)
	ip netns exec a ./tools/netlink_hold.py lease-renew float $epoch a 9 2>"$work_dir/renew" &
	agent=$!
	wait_for 20 is a .held && deadline=$(haadm -n a -j lease show float | jq '.[0].deadline') &&
		wait_for 20 is a ".held and .deadline > $deadline + 1000000000" && owner a || result=1
	kill -STOP $agent
	[ $result -ne 0 ] || { wait_for 30 nobody_holds a float && nobody &&
		last_event a \
			".cause == \"expired\" and .epoch == $epoch and .node == \"a\" and .publish >= .decision"; } ||
		result=1
	kill -CONT $agent
	# It ends by itself.
	! wait $agent && grep -q "take a higher one" "$work_dir/renew" && nobody || result=1
	[ $result -eq 0 ] || cat "$work_dir/renew"
	return $result
}

# renewals N: whether the agent has renewed so often.
renewals() {
	[ "$(grep -c renewed "$work_dir/renew")" -ge $1 ]
}

# Somebody holds rtnl: the kernel adds a route, and has a program look for the module of its congestion control, which
# takes as long as it is told to. Six renewals, of which each begins 50 ms after the one before, are done meanwhile.
renews_beside_rtnl() {
	local agent route link='' before usual epoch result=1
	usual=$(</proc/sys/kernel/modprobe)
	printf '%s\n' '#!/bin/sh' "touch $work_dir/asked" "until [ -e $work_dir/told ]; do sleep 0.05; done" \
		>"$work_dir/modprobe" && chmod +x "$work_dir/modprobe" || return 1
	epoch=$(fresh)
	ip netns exec a ./tools/netlink_hold.py lease-count float "$epoch" a 9 >"$work_dir/renew" 2>&1 &
	agent=$!
	if wait_for 20 renewals 1; then
		echo "$work_dir/modprobe" >/proc/sys/kernel/modprobe
		ip route add 192.0.2.0/24 dev lo congctl slow 2>/dev/null &
		route=$!
		if wait_for 20 test -e "$work_dir/asked"; then
			ip link set lo up &
			link=$!
			before=$(grep -c renewed "$work_dir/renew")
			wait_for 20 renewals $((before + 6)) && option renewed float "$epoch" a 9.5 &&
				kill -0 $link && result=0
		fi
		touch "$work_dir/told"
		wait $route
		[ -z "$link" ] || wait $link || result=1
		echo "$usual" >/proc/sys/kernel/modprobe
	fi
	kill $agent || result=1
	[ $result -eq 0 ] || tail -n 3 "$work_dir/renew"
	return $result
}

# option WANT WORD...: what renewals by a socket option give.
option() {
	local want=$1 got
	got=$(n a ./tools/lease_option.py "${@:2}") && [ "$got" = "$want" ] && return 0
	echo "$got, not $want: ${*:2}"
	return 1
}

# By a socket option, too, a renewal moves the deadline, and nothing else does. One process asks for all, as a slow
# machine takes long to start it.
renewed_by_option() {
	local epoch deadline='.[0].deadline' before
	grant float a 7s && epoch=$(cat "$work_dir/epoch") &&
		before=$(haadm -n a -j lease show float | jq "$deadline") &&
		option renewed float $epoch a 9.5 && is a ".held and .deadline > $before + 2000000000" &&
		owner a && still &&
		before=$(haadm -n a -j lease show float | jq "$deadline") &&
		option "ESTALE ESTALE ESTALE ESTALE EINVAL EINVAL EINVAL EINVAL EPERM" \
			float $((epoch - 1)) a 9.5 / float $epoch b 9.5 / \
			floor $epoch a 9.5 / float $epoch a 20 / float $epoch a 9.5 reserved=1 / \
			float $epoch a 9.5 length=87 / float $epoch a 9.5 length=89 / \
			"$(printf 'f%.0s' {1..32})" $epoch a 9.5 / float $epoch a 9.5 user=65534 &&
		is a ".held and .deadline == $before"
}

# A higher epoch for another ends the own grant at once, without a release.
superseded() {
	local epoch
	grant float a 9s && owner a && still && epoch=$(cat "$work_dir/epoch") &&
		haadm -n a lease set float epoch "$(fresh)" holder b for 9s && nobody &&
		haadm -n a -j event show |
		jq -e "map(select(.kind == \"lease\")) | .[-2:] | .[0].cause == \"superseded\" and
			.[0].epoch == $epoch and .[0].node == \"a\" and
			.[1].cause == \"granted\" and .[1].node == \"b\"" &&
		refused "stale" a lease set float epoch $epoch holder a for 1s
}

# The holder moves on to a higher epoch: no end, one event, no announcement.
moves_on() {
	local announced
	grant float a 9s && owner a && still && announced=$(quiet a) && still &&
		haadm -n a lease set float epoch "$(fresh)" holder a for 9s &&
		owner a && still && last_event a '.cause == "granted" and .node == "a"' && haadm -n a -j event show |
		jq -e 'map(select(.kind == "lease")) | .[-2].cause == "granted"' &&
		[ "$(stat_of a announced)" -eq "$announced" ]
}

# The same by a socket option, which waits for no lock: for the holder itself alone, and only while it holds.
moves_on_by_option() {
	local announced epoch
	grant float a 9s && owner a && still && announced=$(quiet a) && still && epoch=$(fresh) &&
		option "renewed ESTALE ESTALE" float $epoch a 9.5 / float $((epoch - 1)) a 9.5 / \
			float $((epoch + 1)) b 9.5 &&
		owner a && still && is a ".held and .epoch == $epoch" &&
		last_event a ".cause == \"granted\" and .node == \"a\" and .epoch == $epoch" &&
		[ "$(stat_of a announced)" -eq "$announced" ] && haadm -n a lease release float && nobody &&
		option ESTALE float "$(fresh)" a 9.5 && nobody && epoch=$(fresh) &&
		haadm -n a lease set float epoch $epoch holder b for 9s &&
		option "ESTALE renewed" float $((epoch + 1)) b 9.5 / float $epoch b 9.5
}

# quiet NAME: how many announcements were sent, once they are over.
quiet() {
	local before=-1 count
	while count=$(stat_of $1 announced) && [ "$count" -ne "$before" ]; do
		before=$count
		sleep 0.3
	done
	echo $count
}

released() {
	local epoch
	grant float a 9s && epoch=$(cat "$work_dir/epoch") && haadm -n a lease release float &&
		last_event a ".cause == \"released\" and .epoch == $epoch" &&
		nobody && refused "burned" a lease set float epoch $epoch holder a for 1s &&
		refused "nothing to release" a lease release float &&
		haadm -n a lease release float epoch $((epoch + 1)) &&
		refused "burned" a lease set float epoch $((epoch + 1)) holder a for 1s && fresh
}

# A grant that ran out was not released, and who asks hears of it no sooner than the margin later.
released_late() {
	local epoch
	epoch=$(fresh)
	# Rounds may be made again.
	echo $((epoch + 40)) >"$work_dir/epoch"
	n a ./tools/lease_expiry.py late float a $epoch 20 && last_event a '.cause == "expired"'
}

# Everything at once: each gets an answer, one of them ends the grant.
released_by_many() {
	local i epoch pids=()
	grant float a 9s && epoch=$(cat "$work_dir/epoch") || return 1
	for i in 1 2 3 4 5 6; do
		haadm -n a lease release float epoch $epoch &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait $i || return 1; done
	nobody &&
		[ "$(haadm -n a -j event show |
			jq "map(select(.kind == \"lease\" and .epoch == $epoch)) | length")" -eq 2 ]
}

# m serves what a sends it while it knows a's lease valid, and answers; not otherwise.
member() {
	local vip
	grant web a 9s && forget || return 1
	for vip in $web4 $web6; do says m client udp $vip 53 || return 1; done
}

# forgets NODE: that node burns the epoch of web, which another node holds, so that it no longer knows the holder.
forgets() { haadm -n $1 lease release web epoch "$(cat "$work_dir/epoch")"; }

# A lease that m alone does not know: it drops what a sends it.
member_does_not_know() {
	grant web a 9s && forgets m && grew m "seen=1 drop_not_holder=1" says silence client udp $web4 53 wait=0 &&
		grew m "seen=1 drop_not_holder=1" says silence client udp $web6 53 wait=0
}

# As another node's MAC, however true its lease was.
member_knows_another() {
	grant web a 9s && haadm -n m lease set web epoch "$(fresh)" holder b for 9s &&
		grew m "seen=1 drop_not_holder=1" says silence client udp $web4 53 wait=0 &&
		grew m "seen=1 drop_not_holder=1" says silence client udp $web6 53 wait=0
}

# speaks NAME ADDR...: as which of them a local program may send.
speaks() {
	local name=$1
	shift
	n $name python3 -c 'import socket, sys
spoken = []
for addr in sys.argv[1:]:
    six = ":" in addr
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((addr, 0))
        try:
            sock.sendto(b"x", ("2001:db8::1" if six else "10.0.0.1", 9))
            spoken.append(addr)
        except PermissionError:
            pass
print(*spoken)' "$@"
}

# speaks_as NAME WANTED ADDR...
speaks_as() {
	local name=$1 wanted=$2 said
	shift 2
	said=$(speaks $name "$@") && [ "$said" = "$wanted" ] && return 0
	echo "$name speaks as: $said; wanted: $wanted"
	return 1
}

member_output() {
	local name
	grant web a 9s && speaks_as m "$web4 $web6" $web4 $web6 && forgets m &&
		speaks_as m "" $web4 $web6 || return 1
	# Later points compare whole lists: it must not run out among them.
	for name in a b; do forgets $name || return 1; done
	# Neither holder nor member.
	grant float a 9s && speaks_as b "" $vip4 $vip6 && still && speaks_as a "$vip4 $vip6" $vip4 $vip6
}

# nothing_after ROUNDS [jump|slew]: packets of every kind in flight when the deadline passes, whatever the clocks do.
# The traffic generator does not listen meanwhile: it would read thousands of rounds for minutes.
nothing_after() {
	local epoch code
	epoch=$(fresh)
	# Rounds may be made again.
	echo $((epoch + 2 * $1 + 10)) >"$work_dir/epoch"
	mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
	cluster_deaf || return 1
	./tools/lease_expiry.py client a float a $epoch $1 $vip4 $vip6 ${2:-} | tee -a "$HASW_OUT/expiries.txt"
	code=${PIPESTATUS[0]}
	cluster_ears || return 1
	return $code
}

# One set moves a thousand vips.
thousand() {
	local i
	ns_add many || return 1
	{
		echo "node add a addr 10.1.0.1 self"
		echo "node add b addr 10.1.0.2"
		echo "lease add big"
		for ((i = 0; i < 1000; i++)); do echo "vip add 10.2.$((i / 250)).$((i % 250 + 1)) lease big"; done
		echo "lease set big floor 1"
		echo "lease set big epoch 1 holder a for 9s"
	} >"$work_dir/many"
	haadm -n many -b "$work_dir/many" && roles holder 1000 &&
		haadm -n many lease set big epoch 2 holder b for 9s && roles none 1000 &&
		haadm -n many lease set big epoch 3 holder a for 9s && roles holder 1000 &&
		haadm -n many lease release big && roles none 1000
}

roles() {
	local found
	found=$(haadm -n many -j vip show | jq "map(select(.role == \"$1\")) | length")
	[ "$found" -eq $2 ] && return 0
	echo "$found vips with role $1"
	return 1
}

# A restore keeps who holds what; without the lease or the holder there is none.
restores() {
	local epoch before
	grant float a 9s && before=$(haadm -n a -j lease show | ageless) && haadm -n a save >"$work_dir/saved" &&
		[ "$(head -n 8 "$work_dir/saved" | grep -c '^lease add')" -eq 2 ] &&
		! grep -q epoch "$work_dir/saved" &&
		haadm -n a restore "$work_dir/saved" && [ "$(haadm -n a -j lease show | ageless)" = "$before" ] &&
		owner a && still && by a && still || return 1
	epoch=$(cat "$work_dir/epoch")
	refused "belongs to another" a lease set float epoch $epoch holder b for 1s && still || return 1
	# Somebody else holds it: this node still knows.
	grant float b 9s && haadm -n a restore "$work_dir/saved" && is a '.holder == "b"' && still b && owner b ||
		return 1
	grant float a 9s && grep -v '^node add b ' "$work_dir/saved" >"$work_dir/without" &&
		haadm -n a restore "$work_dir/without" &&
		owner a && still && haadm -n a restore "$work_dir/saved" && owner a
}

restore_without_holder() {
	local epoch
	grant float b 9s && epoch=$(cat "$work_dir/epoch") &&
		grep -v '^node add b ' "$work_dir/saved" >"$work_dir/without" &&
		haadm -n a restore "$work_dir/without" && nobody_holds a float &&
		last_event a ".cause == \"config\" and .epoch == $epoch" &&
		haadm -n a restore "$work_dir/saved" && refused "burned" a lease set float epoch $epoch holder b for 1s
}

# By the file of another machine, or by a new name of its own, it comes to hold nothing that it was not granted.
restore_of_another() {
	local epoch
	haadm -n a save >"$work_dir/saved" &&
		sed -e '/^node add a /s/ self\b//' -e '/^node add b /s/$/ self/' "$work_dir/saved" \
			>"$work_dir/of-b" &&
		! cmp -s "$work_dir/saved" "$work_dir/of-b" || return 1
	grant float b 9s && epoch=$(cat "$work_dir/epoch") && haadm -n a restore "$work_dir/of-b" &&
		nobody_holds a float && still b && owner b &&
		refused "burned" a lease set float epoch $epoch holder b for 9s &&
		haadm -n a restore "$work_dir/saved" || return 1
	grant float a 9s && haadm -n a restore "$work_dir/of-b" && nobody_holds a float &&
		haadm -n a restore "$work_dir/saved" && nobody_holds a float
}

# Whose clock shows another time means another deadline.
other_clock() {
	local offset printed
	grant float a 5s || return 1
	for offset in 5 -1; do
		printed=$(unshare --time --fork --boottime $offset \
			haadm -n a lease set float epoch "$(cat "$work_dir/epoch")" holder a for 4s 2>&1) &&
			return 1
		[[ $printed = *"time namespace"* ]] || { echo "$printed"; return 1; }
	done
}

# Why a vip is not served; and who holds the lease, until when and who is to come next, alike in text and JSON.
reasons() {
	local lease='.leases[] | select(.lease == "float")' why="it was released or has run out"
	local held="^  float +held by a, this machine,"
	local handed="it was handed over, and its successor does not hold it yet"
	haadm -n a lease release float epoch "$(fresh)" && haadm -n a status | tee "$work_dir/status" |
		grep -qF "$vip4 held by nobody, NOT SERVED: its lease float has no holder: $why" &&
		grep -q -- "-> would be " "$work_dir/status" &&
		grep -qx "  float  *held by nobody: $why" "$work_dir/status" &&
		haadm -n a -j status | tee "$work_dir/status" |
		jq -e ".vips[] | select(.addr == \"$vip4\") |
			.served == false and .holder == null and .lease == \"float\"" &&
		jq -e "$lease | .holder == null and .reason == \"$why\" and (.epoch | not)" \
			"$work_dir/status" &&
		grant float a 9s && haadm -n a status | tee "$work_dir/status" | grep -qx "  $vip4 held by a" &&
		grep -qE "$held under epoch $(<"$work_dir/epoch") for another [0-9.]+(s|ms)$" "$work_dir/status" &&
		haadm -n b -j status | tee "$work_dir/status" |
		jq -e "$lease | .holder == \"a\" and .held == false and .epoch == $(<"$work_dir/epoch") and
			.remaining > 0 and .remaining <= 9000000000 and .deadline > .remaining" &&
		cluster_tell a "lease release float to b" && haadm -n a status | tee "$work_dir/status" |
		grep -qE "^  float +held by nobody: $handed, successor b$" &&
		haadm -n a -j status | tee "$work_dir/status" |
		jq -e "$lease | .holder == null and .successor == \"b\"" && grant float a 9s && return 0
	cat "$work_dir/status"
	return 1
}

# A vip takes a lease, or a holder, and never has both.
changes() {
	refused "a vip has one of them" b vip add 10.0.0.9 lease float holder a
	haadm -n a vip set $vip4 holder b && haadm -n a -j vip show $vip4 |
		jq -e '.[0] | .holder == "b" and .lease == null and .role == "none"' &&
		haadm -n a vip set $vip4 lease float && grant float a 9s &&
		haadm -n a -j vip show $vip4 |
		jq -e '.[0] | .holder == null and .lease == "float" and .role == "holder"' &&
		still && haadm -n a vip replace $vip4 lease float && owner a && still &&
		haadm -n a lease replace float && owner a
}

# The namespace goes while its node holds, and its timer runs.
namespace_goes() {
	grant float b 5s && ns_del b && wait_for 10 nobody_there b
}

nobody_there() {
	! ip netns pids $1
}

ktap_header
make_ready "setup: leases on three nodes" prepare
check "a lease without a floor is not granted" no_floor
check "the floor of a lease only rises" set_floor
check "only the node that is granted the lease answers" granted
check "a lease that is released goes to another node" moves a b
check "a lease that is released goes back" moves b a
check "a command that is refused changes nothing of the lease" held_refusals
check "a renewal moves the deadline without an event" renewed
check "a grant ends at a deadline that was moved closer" cut_short
check "past the deadline nobody answers under the burned epoch" expires
check "another node's epoch stays that node's past the deadline" expires_elsewhere
check "an event tells that a grant ran out" expiry_told
check "a grant ends for good when the agent that renews is stopped" agent_stopped
check "renewals do not wait for rtnl" renews_beside_rtnl
check "a renewal by a socket option moves the deadline, and nothing else does" renewed_by_option
check "a higher epoch for another node ends a grant at once" superseded
check "a higher epoch for the same node continues its grant" moves_on
check "so does one by a socket option, for the holder alone" moves_on_by_option
check "a release burns its epoch, even one that is only named" released
check "a release after the deadline waits for the margin" released_late
check "six releases at once end a grant once" released_by_many
check "a member serves while it knows the holder's grant" member
check "a member that knows no holder drops packets" member_does_not_know
check "a member that knows another holder drops packets" member_knows_another
check "only holder and members send as a vip" member_output
check "no packet in flight is judged after the deadline" nothing_after "${1:-10}"
check "no packet is judged after the deadline if the wall clock jumps" nothing_after 6 jump
check "no packet is judged after the deadline if all clocks run 10% off" nothing_after 6 slew
check "one lease set moves a thousand vips" thousand
check "a restore keeps the grant" restores
check "a restore without the holder ends the grant" restore_without_holder
check "a restore that names this machine anew begins no grant" restore_of_another
if [ -e /proc/self/ns/time ]; then
	check "a deadline by a time namespace's clock is refused" other_clock
else
	ktap_note "no time namespaces"
fi
check "status says why a vip is not served" reasons
check "a vip never has both a lease and a holder" changes
check "a namespace ends while its node holds a lease" namespace_goes
check "the module unloads while a lease is held" module_unload
ktap_exit
