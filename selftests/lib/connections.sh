# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2086,SC2154 # sourced; the words here have no spaces
# A client who holds connections to a service of three members, whose flows the holder tracks. Wants ktap.sh, lan.sh and
# cluster.sh.

cluster_nodes=(entry:2 m1:11 m2:12 m3:13)

family() {
	v=IPv$1 f=$1 vip=10.0.0.100 near=10.0.0.1 same=10.0.0.6 far=10.0.0.201 mask=29 limit=96
	[ "$1" = 4 ] || vip=2001:db8::100 near=2001:db8::1 same=2001:db8::6 far=2001:db8::c9 mask=125 limit=128
	at=$vip
	[ "$1" = 4 ] || at="[$vip]"
}

entry() { haadm -n entry "$@"; }

sched() { entry service set $at:80/tcp "$@"; }
weights() {
	entry member set $at:80/tcp node m1 weight $1 && entry member set $at:80/tcp node m2 weight $2 &&
		entry member set $at:80/tcp node m3 weight $3
}

configure() {
	local name member lines
	for name in "${cluster_nodes[@]%:*}"; do
		lines=("vip add $vip holder entry" "service add $at:80/tcp sched rr failback auto"
			"service add $at:80/udp sched rr failback auto"
			"service add $at:53/udp sched rr failback auto")
		for member in m1 m2 m3; do
			lines+=("member add $at:80/tcp node $member" "member add $at:80/udp node $member"
				"member add $at:53/udp node $member")
		done
		cluster_tell $name "${lines[@]}" || return 1
	done
}

# connections_make: the module, the cluster, and the services of both families, as each of these tests begins.
connections_make() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && family 4 && configure && family 6 && configure
}

# track_start [MEMBER...]: the process behind track, for the family.
track_start() {
	[ $# -gt 0 ] || set -- m1 m2 m3
	coproc TRACK { exec ./tools/connections.py $f "$work_dir/track" client "$@"; }
	track serve $vip 80
}
track_stop() {
	local pid=$TRACK_PID
	eval "exec ${TRACK[1]}>&-"
	wait $pid
}
# track WORD...: what tools/connections.py answers to that line; fails if it is an error. The answer is in a file, since
# bash reads a pipe byte by byte, with some ten system calls for each.
track() {
	local line
	printf '%s\n' "$*" >&"${TRACK[1]}"
	IFS= read -r -t 120 line <&"${TRACK[0]}" && IFS= read -r line <"$work_dir/track" || return 1
	printf '%s\n' "$line"
	[[ $line != error:* ]]
}

# tally WORDS: how many are m1's, m2's, m3's and nobody's. In bash alone, and untraced: who waits for a share asks
# often.
tally() {
	local - name
	local -A whose=([m1]=0 [m2]=0 [m3]=0 [-]=0)
	set +x -f
	for name in $1; do whose[$name]=$((${whose[$name]:-0} + 1)); done
	echo "${whose[m1]} ${whose[m2]} ${whose[m3]} ${whose[-]} "
}

# is SEEN WANTED
is() {
	[ "$1" = "$2" ] && return 0
	echo "seen: $1"
	echo "wanted: $2"
	return 1
}

# opens N "A B C D": so many of N new connections are m1's, m2's, m3's and nobody's.
opens() { is "$(tally "$(track open $1 $near)")" "$2 "; }

# stays: all connections are whose they were.
said=
stays() {
	local now
	now=$(track say)
	[ "${1:-}" = first ] || is "$now" "$said" || return 1
	said=$now
}

flows() { entry -j flow show vip $vip "$@" | jq length; }
