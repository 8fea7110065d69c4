#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# No memory, at any allocation of any operation: each is done or not done, never half.

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh

# points WORD...: the points that tools/fault_inject.py makes, as points here.
points() {
	local line name='' bad='' detail='' code=0 output
	output=$(./tools/fault_inject.py "$@" 2>&1) || code=$?
	[ $code -ne 4 ] || ktap_skip_all "needs fault injection by call chain"
	while IFS= read -r line; do
		case $line in
		"ok "*) name=${line#ok } bad='' ;;
		"not ok "*) name=${line#not ok } bad=yes ;;
		"# "*)
			detail=${line#\# }
			[ -n "$name" ] || continue
			if [ -n "$bad" ]; then ktap_fail "$name" "$detail"; else ktap_ok "$name: $detail"; fi
			name=''
			;;
		esac
	done <<<"$output"
	if [ $code -gt 1 ] || ! grep -q "ok " <<<"$output"; then
		ktap_fail "$1" "exit $code" "$output"
	fi
}

# Where the module's code was, and will be near.
text() {
	HASW_TEXT=$(cat /sys/module/haswitch/sections/.text)
	export HASW_TEXT
}

need_root
need haadm python3 jq
[ -e /sys/kernel/debug/failslab/require-start ] || ktap_skip_all "needs fault injection by call chain"
[ -n "${HASW_KO:-}" ] || ktap_skip_all "needs the module's file"

ktap_header
check "the module loads" module_load
text
check "the module unloads" module_unload
points load "$HASW_KO"
text
ip link add eth9 up type dummy && ip addr add 10.0.0.9/24 dev eth9
check "setup: a configuration to try failures on" haadm -b <(python3 tools/netlink_try.py setup)
points operations
points namespace
points announcements
check "the module can be unloaded" module_unload
ktap_exit
