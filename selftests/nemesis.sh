#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The nemesis: agents and modules of three to five machines under random faults; whatever happens, no lease has two
# owners.
#
#   nemesis.sh [OPTION...] SEED...     7, or 1-60; 1-3 if not told; options as of tools/nemesis.py
# shellcheck disable=SC2086,SC2119 # the words here have no spaces; module_load takes none here

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh

prepare() {
	local name number=0
	module_load && lan_make && lan_join client 9 || return 1
	for name in a b c d e; do
		number=$((number + 1))
		lan_join $name $number || return 1
	done
	# A witness has no clients.
	ns_add w
}

[ $# -gt 0 ] || set -- 1-3
need_root
need haadm haagentd python3
ktap_header
check "setup: machines on three networks" prepare || ktap_exit
ktap_judged < <(tools/nemesis.py "$@" 2>&1)
[ $ktap_points -ge 8 ] || ktap_fail "every point was judged"
ns_del_all
check "the module unloads" module_unload
ktap_exit
