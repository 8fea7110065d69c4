#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Proves lab/check: that every way in which a check goes wrong reaches the last line and the exit code.
set -u

lab=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib.sh
. "$lab/../lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# runs NAME EXIT LAST LINE...: with these lines as its list, check exits with EXIT and ends with LAST.
runs() {
	local name=$1 wanted=$2 last=$3 code=0 printed
	shift 3
	printf '%s\n' "$@" >"$dir/list"
	printed=$("$lab/check" -f "$dir/list" -o "$dir/out" 2>&1) || code=$?
	if [ $code -eq "$wanted" ] && [ "$(tail -n 1 <<<"$printed")" = "$last" ]; then
		ktap_ok "$name"
	else
		ktap_fail "$name" "exit $code, wanted $wanted" "$printed"
	fi
}

# says TEXT: a command that prints this KTAP, with \\n where lines end.
says() { printf '%s' "sh -c \"printf 'TAP version 13\\\\n$1\\\\n'\""; }

# Ended from outside, as CI does it, it must not leave what it started.
ended() {
	local pid child
	echo "a check host - 60 plain sh -c 'echo \$\$ >$dir/pid; exec sleep 1000'" >"$dir/list"
	"$lab/check" -f "$dir/list" -o "$dir/out" >/dev/null 2>&1 &
	pid=$!
	wait_for 10 test -s "$dir/pid"
	child=$(cat "$dir/pid")
	kill -TERM "$pid"
	wait "$pid"
	wait_for 5 eval "! kill -0 $child"
}

# apart: a minds company; it comes when the others are done.
apart() {
	printf '%s\n' "a check host alone 9 plain sh -c 'test -e $dir/done-b && test -e $dir/done-c'" \
		"b check host - 9 plain sh -c 'sleep 0.5; : >$dir/done-b'" \
		"c check host - 9 plain sh -c 'sleep 1; : >$dir/done-c'" >"$dir/list"
	"$lab/check" -f "$dir/list" -o "$dir/out" >"$dir/said" && tail -n 1 "$dir/said" | grep -qx "3 passed, 0 failed, 0 skipped" && return 0
	cat "$dir/said"
	return 1
}

# third: one that waits runs beside two others, and the next one of its kind after it.
third() {
	local all="until test -e $dir/began-a && test -e $dir/began-b && test -e $dir/began-c; do sleep 0.02; done"
	printf '%s\n' "a check host waits 9 plain sh -c ': >$dir/began-a; $all; sleep 0.5; : >$dir/ended-a'" \
		"d check host waits 9 plain test -e $dir/ended-a" \
		"b check host - 9 plain sh -c ': >$dir/began-b; $all'" "c check host - 9 plain sh -c ': >$dir/began-c; $all'" >"$dir/list"
	"$lab/check" -f "$dir/list" -o "$dir/out" >"$dir/said" && tail -n 1 "$dir/said" | grep -qx "4 passed, 0 failed, 0 skipped" && return 0
	cat "$dir/said"
	return 1
}

ktap_header
runs "all pass" 0 "3 passed, 0 failed, 0 skipped" \
	"a check host - 9 plain true" "b quick host - 9 ktap $(says '1..2\\nok 1 x\\nok 2 y')" "c long host - 9 plain false"
runs "a failing exit code" 1 "1 passed, 1 failed, 0 skipped" "a check host - 9 plain true" "b check host - 9 plain false"
runs "a failing point" 1 "1 passed, 1 failed, 0 skipped" "a check host - 9 ktap $(says '1..2\\nok 1 x\\nnot ok 2 y')"
runs "skipped points" 0 "1 passed, 0 failed, 2 skipped" \
	"a check host - 9 plain sh -c 'exit 4'" "b check host - 9 ktap $(says '1..2\\nok 1 x # SKIP no\\nok 2 y')"
runs "everything skipped is no success" 1 "0 passed, 0 failed, 1 skipped" "a check host - 9 plain sh -c 'exit 4'"
runs "a check that hangs" 1 "0 passed, 1 failed, 0 skipped" "a check host - 2 plain sh -c 'trap \"\" TERM; while :; do sleep 1; done'"
runs "an output that was cut off" 1 "1 passed, 1 failed, 0 skipped" "a check host - 9 ktap $(says '1..2\\nok 1 x')"
runs "an unknown build step" 1 "checks.list: no build step nothing" "a check host nothing 9 plain true"
runs "a build that fails fails what needs it" 1 "0 passed, 3 failed, 0 skipped" "a check host module:nothing 9 plain true"
runs "a line with too few fields" 1 "$dir/list:1: wanted NAME TIER KERNEL NEEDS LIMIT KIND COMMAND..." "a check host - 9"
runs "the same name twice" 1 "$dir/list: more than once: a" "a check host - 9 plain true" "a check host - 9 plain true"
check "who wants to be alone is" apart
check "one that waits runs as a third one" third
check "ended from outside, it ends what it started" ended
ktap_exit
