#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is switched off or rebooted tells its peers before it goes: two real kernels on one network.
#
#   reboot.sh KERNEL      one that has the daemon transport of UML (uml612, uml612-debug)
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
kernel=${1:?KERNEL}
out=${HASW_OUT:-$(mktemp -d)}
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

need uml_switch
uml_switch -unix "$dir/switch" </dev/null >/dev/null 2>&1 &
pids+=($!)
wait_for 10 [ -S "$dir/switch" ] || { ktap_header && ktap_fail "a network for two kernels" && ktap_exit; }
"$here/lab/run" -t 150 -o "$out/goes" -a "eth0=daemon,02:00:00:00:00:01,unix,$dir/switch" "$kernel" \
	"$here/lib-reboot.sh" goes >"$out/goes.txt" 2>&1 &
pids+=($!)
"$here/lab/run" -t 150 -o "$out/stays" -a "eth0=daemon,02:00:00:00:00:02,unix,$dir/switch" "$kernel" \
	"$here/lib-reboot.sh" stays
code=$?
[ $code -eq 0 ] || sed 's/^/# goes: /' "$out/goes.txt" | tail -n 20
exit $code
