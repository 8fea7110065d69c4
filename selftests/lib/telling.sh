# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # dir and shop are those of agents.sh and shop.sh
# A test tells its story as a timeline: what was done when, what came of it, and what customers saw of it. Each line is
# a note that begins with |, by which `make demo` knows it (demo/demo).
#
# Sourced after agents.sh; where shop.sh is there as well, its customers are told. `check` runs its command in a
# subshell without the script's output, so a test says exec 3>&1, and when the story began is in $dir/story.

# now: CLOCK_BOOTTIME, ns, as the customers' log has it.
now() { python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'; }

# since NS: ms.
since() { echo $((($(now) - $1) / 1000000)) ms; }

# telling_line TIME CAUSE CAME [WINDOW UNIT SERVED FAILED]
telling_line() {
	local line
	printf -v line '| %9s  %-56.56s %-27s %6s %2s %7s %6s' "$@"
	ktap_note "${line%"${line##*[! ]}"}" >&3
}

# story TITLE: what is told from here on is its timeline.
story() {
	now >"$dir/story" || return 1
	ktap_note "| " "| $1" >&3
	telling_line time cause "what came of it" window '' served failed
}

# tell BEGIN CAUSE CAME: the cause was at BEGIN (now's). Where customers order, their window is the longest time from
# then until now in which none of them got an answer.
tell() {
	local at unit=ms seen=()
	at=$(($1 - $(<"$dir/story")))
	! declare -F ordering >/dev/null || ! ordering || read -r -a seen < <("$shop" window "$dir/asked" "$1" "$(now)")
	printf -v at '%d.%03d s' $((at / 1000000000)) $((at / 1000000 % 1000))
	[ "${seen[0]:--}" != - ] || unit=''
	telling_line "$at" "$2" "$3" "${seen[0]:-}" "$unit" "${seen[@]:1}"
}
