# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A cluster on a LAN of namespaces, and the traffic generator that sends packets to it: tools/traffic.py.
#
# Sourced after ktap.sh and lan.sh. client (1) asks, entry (2) holds the vips, m1 (11) and m2 (12) serve, other (20)
# is a node that does neither. All are nodes of each other but client, which has no configuration at all.

work_dir=$(mktemp -d)
cluster_nodes=(entry:2 m1:11 m2:12 other:20)

# traffic_start: the process behind traffic(); it ends with this script.
traffic_start() {
	mkfifo "$work_dir/in" "$work_dir/out"
	"$(dirname "${BASH_SOURCE[0]}")/../tools/traffic.py" "$work_dir/answer" <"$work_dir/in" >"$work_dir/out" &
	exec {traffic_in}>"$work_dir/in" {traffic_out}<"$work_dir/out"
}

# traffic WORD...: what tools/traffic.py answers to that line; fails if it is an error. The answer is in a file, since
# bash reads a pipe byte by byte.
traffic() {
	local - line answer
	set +x
	printf '%s\n' "$*" >&"$traffic_in"
	IFS= read -r -t 120 line <&"$traffic_out" || { echo "error: the traffic generator does not answer"; return 1; }
	mapfile answer <"$work_dir/answer"
	printf '%s' "${answer[@]}"
	[ "$line" = ok ]
}

# cluster_make [NAME...]: the LAN with client and the nodes, an ear on the eth0 of each.
cluster_make() {
	local node
	lan_make && traffic_start && lan_join client 1 || return 1
	for node in "${cluster_nodes[@]}"; do
		lan_join "${node%:*}" "${node#*:}" || return 1
	done
	cluster_ears
}

# cluster_ears, cluster_deaf: an ear on the eth0 of each, and none, for as long as more comes than the traffic generator
# could hear.
cluster_ears() {
	local node
	for node in client "${cluster_nodes[@]%:*}"; do
		traffic ear "$node" "$node" eth0 || return 1
	done
}
cluster_deaf() {
	local node
	for node in client "${cluster_nodes[@]%:*}"; do
		traffic deaf "$node" || return 1
	done
}

# cluster_tell NAME LINE...: haadm commands in a namespace.
cluster_tell() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$work_dir/batch"
	haadm -n "$name" -b "$work_dir/batch"
}

# entry WORD...: haadm on the one that holds the vips.
entry() {
	haadm -n entry "$@"
}

# what_happened: the last events, as the entry node knows them.
what_happened() {
	entry event show | tail -n 8
}

# node NAME FILTER: the filter of jq is true of the node, as entry knows it.
node() {
	entry -j node show "$1" | jq -e ".[0] | $2" >/dev/null && return 0
	entry -d node show "$1"
	return 1
}

# mark: what entry tells from here on comes behind the event $last.
# shellcheck disable=SC2034 # it is read there
mark() {
	last=$(entry -j event show | jq '.[-1].seq')
}

# cluster_nodes_add: every node knows all, and which it is.
cluster_nodes_add() {
	local node other line lines
	for node in "${cluster_nodes[@]%:*}"; do
		lines=()
		for other in "${cluster_nodes[@]}"; do
			line="node add ${other%:*} addr 10.0.0.${other#*:} addr 2001:db8::${other#*:}"
			[ "$node" != "${other%:*}" ] || line+=" self"
			lines+=("$line")
		done
		cluster_tell "$node" "${lines[@]}" || return 1
	done
}

# cluster_all LINE...: the same commands on every node.
cluster_all() {
	local node
	for node in "${cluster_nodes[@]%:*}"; do
		cluster_tell "$node" "$@" || return 1
	done
}

# cluster_reaches NAME NODE...: the link-layer addresses of the nodes are known there, for both families.
cluster_reaches() {
	local name=$1 node
	shift
	for node; do
		haadm -n "$name" -j node show | jq -e ".[] | select(.name == \"$node\") |
			(.reach4 == \"resolved\" and .reach6 == \"resolved\") or .self" >/dev/null || return 1
	done
}

# cluster_ready: that, everywhere.
cluster_ready() {
	local node
	for node in "${cluster_nodes[@]%:*}"; do
		wait_for 20 cluster_reaches "$node" "${cluster_nodes[@]%:*}" || return 1
	done
}

# grew NAME "COUNTER=N..." COMMAND...: the command succeeds, and exactly these counters grow by so much. What was heard
# meanwhile is in the file that heard and unheard read.
grew() {
	local name=$1 wanted=$2
	shift 2
	: >"$work_dir/heard"
	# shellcheck disable=SC2086 # a word each
	traffic count "$name" && "$@" && traffic heard >>"$work_dir/heard" && traffic grown "$name" $wanted && return 0
	cat "$work_dir/heard"
	return 1
}

# adds_up NAME: every packet seen had exactly one fate.
adds_up() {
	haadm -n "$1" -j stats show | jq -e '.seen == .redirected + .local + .passed +
		([to_entries[] | select(.key | startswith("drop_")) | .value] | add)' >/dev/null && return 0
	haadm -n "$1" stats show
	return 1
}

# shot NAME KEY=VALUE...: sends that frame; what was heard is then in the file that heard and unheard read.
shot() {
	traffic shot "$@" >"$work_dir/heard" || { cat "$work_dir/heard"; return 1; }
}

# heard PATTERN...: for each, exactly one frame was heard that has all the words of the pattern.
heard() {
	local pattern
	for pattern; do
		frames_find "$pattern"
		[ ${#found[@]} -eq 1 ] && continue
		echo "not heard once: $pattern"
		cat "$work_dir/heard"
		return 1
	done
}

# unheard PATTERN...: no frame was heard that has all the words of one of the patterns.
unheard() {
	local pattern
	for pattern; do
		frames_find "$pattern"
		[ ${#found[@]} -eq 0 ] && continue
		echo "heard: $pattern"
		cat "$work_dir/heard"
		return 1
	done
}

# frames_find PATTERN: sets found to the frames that have all its words. In bash alone, and untraced: it is called so
# often that processes would take most of a test's time.
frames_find() {
	local - line lines word
	set +x -f
	found=()
	mapfile -t lines <"$work_dir/heard"
	for line in "${lines[@]}"; do
		for word in $1; do
			[[ " $line " = *" $word "* ]] || continue 2
		done
		found+=("$line")
	done
}

# frames PATTERN: those frames, a line each.
frames() {
	frames_find "$1"
	[ ${#found[@]} -eq 0 ] || printf '%s\n' "${found[@]}"
}

# says TEXT NAME KIND ADDR PORT [KEY=VALUE...]: a real client there gets this answer.
says() {
	local wanted=$1 answer
	shift
	answer=$(traffic talk "$@") && [[ $answer = $wanted* ]] && return 0
	echo "$answer"
	return 1
}

# make_ready NAME COMMAND...: a point as check makes it, but in this shell, which keeps what the command sets; without
# it nothing else makes sense.
make_ready() {
	local name=$1 code=0
	shift
	"$@" >"$work_dir/ready" 2>&1 || code=$?
	if [ $code -eq 0 ]; then
		ktap_ok "$name"
	else
		ktap_fail "$name" "exit $code: $*" "$(cat "$work_dir/ready")"
		ktap_exit
	fi
}
