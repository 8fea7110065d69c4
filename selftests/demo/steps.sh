# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # me and steps are the caller's
# Sourced by demo and play: what they need is built step by step, and each step is told. `me` is the program's name.

# tick TEXT: says every 10 s that it still goes on, as long as this script does (read: a sleep would outlive it).
tick() {
	local seconds=10 never
	exec {never}<> <(:)
	while ! read -r -t 10 -u "$never" && kill -0 $$ 2>/dev/null; do
		echo "$me: $1: $seconds s ..."
		seconds=$((seconds + 10))
	done >&2
}

# step NUMBER TEXT COMMAND...: says what is being built, and how long it took.
step() {
	local text="[$1/$steps] $2" begin=$SECONDS ticker status=0
	shift 2
	echo "$me: $text" >&2
	tick "$text" &
	ticker=$!
	"$@" || status=$?
	kill $ticker
	wait $ticker 2>/dev/null
	if [ $status -ne 0 ]; then
		echo "$me: $text: FAILED" >&2
		exit 1
	fi
	[ $((SECONDS - begin)) -lt 3 ] || echo "$me: $text: $((SECONDS - begin)) s, done" >&2
}
