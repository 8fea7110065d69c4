#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A lease that is handed over by plan takes no packet with it: who releases it sends what still comes to the successor,
# which keeps what comes before its grant.
#
#   handover.sh [MOVES]      10 if not told
# shellcheck disable=SC2046,SC2048,SC2086,SC2119 # the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# a and b take turns to hold; m serves what is a service.
cluster_nodes=(a:2 b:3 m:11)
float4=10.0.0.100 float6=2001:db8::100
web4=10.0.0.101 web6=2001:db8::101
fixed=10.0.0.102

prepare() {
	local vip
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && cluster_all "lease add web" || return 1
	for vip in $float4 $float6; do cluster_all "vip add $vip lease web" || return 1; done
	for vip in $web4 $web6; do
		cluster_all "vip add $vip lease web" "service add $vip" "member add $vip node m" || return 1
	done
	cluster_all "lease set web floor 1000" && cluster_ready && grant a
}

# fresh: an epoch higher than all before it.
fresh() {
	local epoch
	epoch=$(($(cat "$work_dir/epoch" 2>/dev/null || echo 1000) + 10))
	echo $epoch | tee "$work_dir/epoch"
}

# grant HOLDER [NODE...]: every node knows, and the holder last.
grant() {
	local name epoch names=${*:2}
	epoch=$(fresh)
	for name in ${names:-a b m}; do
		[ $name = $1 ] || haadm -n $name lease set web epoch $epoch holder $1 for 9s || return 1
	done
	haadm -n $1 lease set web epoch $epoch holder $1 for 9s
}

# move FROM TO
move() {
	haadm -n $1 lease release web to $2 && grant $2
}

# losses: what the nodes have dropped of what came for the vips.
losses() {
	local name counter
	for name in a b m; do
		for counter in drop_not_holder drop_unresolved drop_no_member drop_memory stray_given_up \
			stray_refused; do
			echo "$name $counter $(stat_of $name $counter)"
		done
	done
}

# dropped: all of them.
dropped() {
	losses | awk '{ sum += $3 } END { print sum }'
}

# No packet of four flows is lost, and none comes twice. What a machine loses that stands still in the midst of a move
# is told apart, and that is just what the nodes count.
datagrams() {
	local told before sum epoch
	before=$(losses) sum=$(dropped)
	epoch=$(fresh)
	echo $((epoch + 2 * $1 + 1)) >"$work_dir/epoch"
	told=$(./tools/handover_flows.py client a,b,m 53 50 $1 web $epoch $float4 $float6 $web4 $web6) || {
		echo "$told"
		return 1
	}
	echo "$told" >&3
	jq -se "length == 5 and .[4].moves == $1 and (map(.excused) | add) == $(($(dropped) - sum)) and
		all(.[:4][]; .lost == 0 and .twice == 0 and .sent > 10 * $1)" <<<"$told" && return 0
	echo "$told"
	diff <(echo "$before") <(losses)
	return 1
}

# It was not for want of strays.
went_by_strays() {
	local name
	for name in a b; do
		[ "$(stat_of $name stray_sent)" -ge $1 ] && [ "$(stat_of $name stray_kept)" -ge $1 ] || return 1
	done
}

# One connection with bulk data each way outlasts the moves. Two of them have to lie within it, by the events' stamps:
# on a machine that starts programs slowly there is more to send the next time.
stream() {
	local try moves size=$2
	for try in 1 2 3; do
		streamed $1 $size || return 1
		moves=$(moves_within $(<"$work_dir/stream")) || return 1
		echo "# $1: $moves moves within $size bytes each way" >&3
		[ $moves -ge 2 ] && return 0
		size=$((4 * size))
	done
	return 1
}

streamed() {
	local pid code=0 from=a to=b
	grant a || return 1
	./tools/tcp_stream.py client m $1 80 $2 times="$work_dir/stream" &
	pid=$!
	while ! lan_ended $pid; do
		move $from $to || code=1
		[ $from = a ] && from=b to=a || from=a to=b
	done
	wait $pid || code=1
	[ $from = a ] || move b a || code=1
	return $code
}

# moves_within BEGIN END: grants to a or b that m was told of between those times: the one who was to hold is told last.
moves_within() {
	haadm -n m -j event show |
		jq "map(select(.kind == \"lease\" and .cause == \"granted\" and
			.publish > $1 and .publish < $2)) | length"
}

# A vip that has a fixed holder goes over to a lease which that node holds, and back, as doc/leases.md says; under a
# flow.
fixed_and_back() {
	local told i
	cluster_all "vip add $fixed holder a" "service add $fixed" "member add $fixed node m" &&
		wait_for 20 cluster_reaches a m || return 1
	for ((i = 0; i < 5; i++)); do fresh; done >"$work_dir/epochs"
	cat >"$work_dir/there-and-back" <<-EOF
		order="a b m"
		while read -r epoch; do
			for name in b m a; do
				haadm -n \$name lease set web epoch \$epoch holder a for 9s || exit 1
			done
			for name in \$order; do haadm -n \$name vip set $fixed lease web || exit 1; done
			for name in \$order; do haadm -n \$name vip set $fixed holder a || exit 1; done
			[ "\$order" = "a b m" ] && order="m b a" || order="a b m"
		done <"$work_dir/epochs"
	EOF
	told=$(./tools/udp_flow.py steady $fixed 54 1 client m -- "bash $work_dir/there-and-back") ||
		{ echo "$told"; return 1; }
	# Some 200 before it and behind it.
	jq -e '.lost == 0 and .twice == 0 and .sent > 300' <<<"$told" || { echo "$told"; return 1; }
}

# The same thousands of times where it is held, and where it is served: a packet may come between any two of the
# module's stores, if it comes by another processor, or preempts the one that does them.
often() {
	local name i try code=0
	cluster_deaf || return 1
	for ((i = 0; i < 50; i++)); do
		printf 'vip set %s lease web\nvip set %s holder a\n' $fixed $fixed
	done >"$work_dir/often"
	for name in a m; do
		# A machine may stand still until a grant has ended, but not three times.
		for try in 1 2 3; do
			code=0
			often_on $name || code=$?
			[ $code -eq 3 ] || break
			echo "# try $try: the grant had ended meanwhile" >&3
		done
		[ $code -eq 0 ] || break
	done
	cluster_ears && cluster_all "service del $fixed" "vip del $fixed" && return $code
	return 1
}

# often_on NAME: short rounds, since the grant has to outlast one, however busy the host is.
often_on() {
	local told epoch
	epoch=$(fresh)
	cat >"$work_dir/many-times" <<-EOF
		for ((round = 0; round < 40; round++)); do
			for name in b m a; do
				haadm -n \$name lease set web epoch $epoch holder a for 9s || exit 1
			done
			haadm -n $1 -b "$work_dir/often" || exit 1
		done
	EOF
	told=$(./tools/udp_flow.py steady $fixed 54 1 client m -- "bash $work_dir/many-times" 2>"$work_dir/said") || {
		cat "$work_dir/said"
		grep -q "the epoch is burned" "$work_dir/said" && return 3
		return 1
	}
	echo "# on $1: $told" >&3
	jq -e '.lost == 0 and .twice == 0 and .sent > 300' <<<"$told"
}

# From epoch to epoch of one holder, for 4 s: it is the holder all the time, where it is and where it is served.
epochs() {
	local name try code=0
	cluster_deaf || return 1
	for name in a m; do
		# A machine may stand still until a grant has ended, but not three times.
		for try in 1 2 3; do
			epochs_on $name
			code=$?
			[ $code -eq 3 ] || break
			echo "# try $try: the grant had ended meanwhile" >&3
		done
		[ $code -eq 0 ] || break
	done
	cluster_ears && grant a && return $code
	return 1
}

# epochs_on NAME: what the other one knows of the grant is renewed all the while, however long that takes.
epochs_on() {
	local name=$1 other=a renewer first last told code=0
	[ $name = m ] || other=m
	grant a || return 1
	ip netns exec $other ./tools/netlink_hold.py lease-renew web "$(cat "$work_dir/epoch")" a 9 \
		>"$work_dir/renew" 2>&1 &
	renewer=$!
	wait_for 20 grep -q held "$work_dir/renew" && first=$(fresh) || return 1
	told=$(./tools/udp_flow.py steady $web4 54 1 client m -- \
		"ip netns exec $name ./tools/lease_epochs.py web $first a 4 >$work_dir/last") ||
		code=$?
	if ! kill $renewer; then
		cat "$work_dir/renew"
		grep -q "has passed" "$work_dir/renew" && code=3 || code=1
	fi
	wait $renewer 2>/dev/null
	last=$(cat "$work_dir/last")
	echo "# on $name: $((last - first)) epochs, $told" >&3
	echo "${last:-$first}" >"$work_dir/epoch"
	[ $code -eq 0 ] || return $code
	jq -e '.lost == 0 and .twice == 0 and .sent > 300' <<<"$told"
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

refuses() {
	grant a && refused "there is no node of that name" a lease release web to nobody &&
		refused "can not be its own successor" a lease release web to a &&
		refused "does not hold the lease" b lease release web to m &&
		refused "does not hold the lease" b lease release web epoch 999999 to m &&
		refused "release it there" b lease release web && refused "a holds lease web" m lease release web &&
		haadm -n a -j lease show web | jq -e '.[0].held and .[0].successor == null'
}

# is NAME JQ
is() {
	haadm -n $1 -j lease show web | jq -e ".[0] | $2"
}

# stray VIP: the client believes in a.
stray() {
	local src=10.0.0.1
	[[ $1 != *:* ]] || src=2001:db8::1
	shot client src=$src dst=$1 to=$(lan_mac a) sport=4000
}

# Nobody keeps anything for ever, or sends on for ever.
ends() {
	local vip given
	given=$(stat_of b stray_given_up)
	grant a && haadm -n a lease release web to b && is a '.successor == "b" and .holder == null' || return 1
	for vip in $float4 $float6; do
		grew a "seen=1 redirected=1 stray_sent=1" stray $vip || return 1
	done
	wait_for 20 given_up b $((given + 2)) && wait_for 20 is a '.successor == null' || return 1
	for vip in $float4 $float6; do
		grew a "seen=1 drop_not_holder=1" stray $vip || return 1
	done
}

given_up() {
	[ "$(stat_of $1 stray_given_up)" -eq $2 ]
}

# Once a knows who has the lease, that is where strays go.
learns() {
	grant a && haadm -n a lease release web to b && is a '.successor == "b"' && grant m &&
		is a '.successor == null and .holder == "m"' &&
		grew a "seen=1 redirected=1 stray_sent=1" stray $float4 && heard "m in udp dport=6949"
}

# A restore keeps the successor, unless that is gone.
restores() {
	grant a && haadm -n a lease release web to b && haadm -n a save >"$work_dir/saved" &&
		haadm -n a restore "$work_dir/saved" &&
		is a '.successor == "b"' && grep -v '^node add b ' "$work_dir/saved" >"$work_dir/without" &&
		haadm -n a restore "$work_dir/without" && is a '.successor == null' &&
		haadm -n a restore "$work_dir/saved" && cluster_ready &&
		grant a && haadm -n a lease release web to b && haadm -n a node del b && is a '.successor == null' &&
		haadm -n a restore "$work_dir/saved" && cluster_ready
}

# There is room for so many; 4 if this kernel takes longer to send them than they are kept.
room() {
	local kept given took code=0
	kept=$(stat_of b stray_kept) given=$(stat_of b stray_given_up)
	grant a && ip -n client neigh replace $float4 lladdr $(lan_mac a) dev eth0 nud permanent &&
		haadm -n a lease release web to b || return 1
	took=$(n client python3 -c '
import socket, time
start = time.monotonic()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    for _ in range(600):
        sock.sendto(b"x", ("10.0.0.100", 53))
print(int((time.monotonic() - start) * 1000))') || code=1
	ip -n client neigh del $float4 dev eth0
	kept=$(($(stat_of b stray_kept) - kept))
	wait_for 20 given_up b $((given + 600)) || code=1
	[ $code -eq 0 ] && [ $kept -eq 512 ] && return 0
	echo "kept $kept in $took ms, given up $(($(stat_of b stray_given_up) - given))"
	[ $code -eq 0 ] && [ $kept -gt 512 ] && [ $took -gt 900 ] && return 4
	return 1
}

room_or_slow() {
	local said code=0
	said=$(room 2>&1) || code=$?
	case $code in
	0) ktap_ok "the queue of kept strays takes 512 packets" ;;
	4) ktap_skip "the queue of kept strays takes 512 packets" "$said" ;;
	*) ktap_fail "the queue of kept strays takes 512 packets" "$said" ;;
	esac
}

# gone NAME NODES COMMAND...: that command while packets wait there, with these nodes. They come all the time: each is
# kept for a second only, which is no time for a machine that stands still.
gone() {
	local name=$1 nodes=$2 pid before code=0
	shift 2
	before=$(stat_of $name stray_kept)
	grant a $nodes && haadm -n a lease release web to $name &&
		ip -n client neigh replace $float4 lladdr $(lan_mac a) dev eth0 nud permanent || return 1
	./tools/udp_flow.py flood $float4 53 client &
	pid=$!
	wait_for 20 wait_there $name $((before + 20)) && "$@" || code=1
	kill $pid
	wait $pid 2>/dev/null
	return $code
}

# wait_there NAME N: so many have come in all, and a sends it more.
wait_there() {
	[ "$(stat_of $1 stray_kept)" -ge $2 ] && is a ".successor == \"$1\""
}

b_goes() {
	traffic deaf b && ns_del b
}

moves=${1:-10}
exec 3>&2
ktap_header
make_ready "setup: a lease on three nodes" prepare
check "no datagram is lost in $moves moves" datagrams $moves
check "strays are kept until the grant" went_by_strays $moves
check "IPv4: a stream outlasts moves" stream $web4 4000000
check "IPv6: a stream outlasts moves" stream $web6 4000000
check "a vip that changes between holder and lease loses no packet" fixed_and_back
check "thousands of moves between holder and lease lose no packet" often
if [ "$(nproc)" -gt 1 ]; then
	check "thousands of new epochs of one holder lose no packet" epochs
else
	ktap_skip "thousands of new epochs of one holder lose no packet" \
		"on one processor no packet comes between stores"
fi
check "a release to a node that cannot be the successor is refused" refuses
check "strays are kept only for a limited time" ends
check "strays go to another node once its grant is known" learns
check "a restore keeps the successor" restores
room_or_slow
check "a namespace ends while strays wait in it" gone b "a b m" b_goes
check "the module unloads while strays wait" gone m "a m" rmmod haswitch
ktap_exit
