#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What play promises: three nodes that are ready, a client, power that can be switched, and a shell at a terminal.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

dir=${HASW_OUT:-$(mktemp -d)}
said=$dir/said.txt typed=$dir/typed
[ -n "${HASW_OUT:-}" ] || trap 'rm -rf "$dir"' EXIT

# told PATTERN: some line of what play printed matches.
told() { grep -E -- "$1" "$said" || { cat "$said" && return 1; }; }

# in_order PATTERN...: lines match, the first one first.
in_order() {
	local pattern at=0 line
	for pattern; do
		line=$(awk -v at="$at" -v pattern="$pattern" 'NR > at && $0 ~ pattern { print NR; exit }' "$said")
		[ -n "$line" ] || { echo "no $pattern behind line $at of:" && cat "$said" && return 1; }
		at=$line
	done
}

# stamped N: so many answers; times are of one day.
at='^[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9][0-9][0-9]'
stamped() {
	local answers
	answers=$(grep -E "$at  (web[12]|no answer)\$" "$said")
	LC_ALL=C sort -c <<<"$answers" && [ "$(grep -c web <<<"$answers")" -eq "$1" ]
}

# shell: what is typed at a terminal is run, and the end of the shell ends the kernel.
shell() {
	local player typing code=0
	mkfifo "$typed" || return 1
	script -qefc "$here/play" /dev/null <"$typed" >"$said" 2>&1 &
	player=$!
	exec {typing}>"$typed"
	wait_for 300 grep -q 'play# ' "$said" && echo 'ask; tty; kill -0 $(agent web2) && echo there' >&"$typing" &&
		wait_for 60 grep -q '^there' "$said" || code=1
	echo exit >&"$typing"
	exec {typing}>&-
	[ "$code" -eq 0 ] || kill "$player"
	wait "$player" && return "$code"
}

ktap_header
check "a command runs beside three nodes" bash -c '"$@" >"$0" 2>&1' "$said" "$here/play" \
	'haadm -n lb status; ask 2; power off lb; ask 9; haadm -n web1 lease show; power on lb
	until haadm -n lb lease show | grep " held "; do sleep 1; done
	haadm -n lb cluster adopt; haadm -n web1 vip set 10.0.0.100 stray drop; sleep 25; haadm -n lb status'
check "the preferred node holds the vip once all is ready" told '^the nodes are ready, and lb holds the vip 10.0.0.100$'
check "power off and on moves the vip away and back" in_order '^ +10.0.0.100 held by lb$' "$at  web1" "$at  lb: loses" \
	"$at  web1" '^lease web holder web1 ' "$at  lb: power is back" '^lease web holder lb .* held '
check "a change by hand stays, and all nodes are told" told '^WARNING: the configuration was changed by hand on web1'
check "each answer has its time, and none is before the one above it" stamped 11
check_fails "without a terminal and a command it says what it needs" 2 'needs a terminal' bash -c '"$0" </dev/null' \
	"$here/play"
check "a shell at a terminal takes commands, and its end is the end" shell
check "the shell has a terminal of its own" told '^/dev/tty1'
check "the client is answered in the shell" in_order 'web1.?$' '^/dev/tty1'
ktap_exit
