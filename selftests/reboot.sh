#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A machine that is switched off or rebooted tells its peers before it goes: two real kernels on one network.
#
#   reboot.sh KERNEL      one that lib-two.sh can use
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/lib-two.sh
. "$here/lib-two.sh"

two_make "${1:?KERNEL}" "$here/lib-reboot.sh"
two_machine goes 1
two_machine stays 2
two_judge stays $! goes
