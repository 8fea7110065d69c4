#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is switched off, panics or loses the module tells its peers before it goes: two real kernels on one
# network.
#
#   reboot.sh KERNEL [panic|unload]      one that lib/two_kernels.sh can use
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/two_kernels.sh
. "$here/../lib/two_kernels.sh"

two_on 1
two_make "${1:?KERNEL}" "$here/../guest/reboot.sh"
two_on 0
two_machine goes 1 "${2:-off}"
two_on 1
two_machine stays 2
two_judge stays $! goes
code=$?
if [ -e "$two_out/stays/told" ]; then
	read -r told hertz <"$two_out/stays/told"
	ktap_note "told $(((told - $(<"$two_out/goes/goes")) * 1000000 / hertz)) us after it began to go"
fi
exit $code
