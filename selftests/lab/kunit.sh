#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the module's KUnit suites, which start when it is loaded, and hands on their KTAP. For a guest with KUnit.
set -u

# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/../lib/ktap.sh"

results=/sys/kernel/debug/kunit
[ -d $results ] || ktap_skip_all "this kernel has no KUnit"
# shellcheck disable=SC2119 # no parameters
module_load || { ktap_header; ktap_fail "the module loads"; ktap_exit; }
suites=("$results"/*/results)
if ! [ -e "${suites[0]}" ]; then
	ktap_header
	ktap_fail "the module has KUnit suites"
	ktap_exit
fi
cat "${suites[@]}"
! grep -q 'not ok' "${suites[@]}"
