#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Three machines with the files of doc/install.md as they are written there, and one key: clients are served when one of
# them dies. One of them does without haagentd.conf.
#
#   as_written.sh KERNEL      one that lib/two_kernels.sh can use
#
# SIGKILL of a kernel and all its processes is its power loss. What its voter has written is there when it boots again.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"
# shellcheck source=selftests/lib/two_kernels.sh
. "$here/../lib/two_kernels.sh"

kernel=${1:?KERNEL}
two_alone "$0" "$@"
build=${HASW_BUILD:-$here/../../build/userspace}
declare -A number=([lb]=1 [web1]=2 [web2]=3) address=([lb]=1 [web1]=11 [web2]=12)

two_make "$kernel" "$here/../guest/as_written.sh"

# The same for all three, and not one more file.
files() {
	rm -rf "${two_out:?}/etc" "$two_out"/*.disk && mkdir -p "$two_out/etc" &&
		"$here/../install/readme" haswitch.conf >"$two_out/etc/haswitch.conf" &&
		"$here/../install/readme" haagentd.conf >"$two_out/etc/haagentd.conf" &&
		"$build/bin/haagentd" --genkey "$two_out/etc/haagentd.key" 2>"$two_out/genkey.txt"
}
# A machine writes in its own folder alone, which begins empty at each boot.
boot() {
	[ ! -d "$two_out/$1/disk" ] || mv "$two_out/$1/disk" "$two_out/$1.disk"
	two_machine "$1" "${number[$1]}" "${address[$1]}"
}

files || { cat "$two_out/genkey.txt"; exit 1; }
for name in lb web1 web2; do boot $name; done
two_machine client 4 50
client=$!
# The client says what is to happen next.
while kill -0 $client 2>/dev/null; do
	for name in lb web1; do
		order=$two_out/client/$name
		if [ -e "$order.off" ]; then
			# The client takes the time from this file's end.
			kill -KILL -- "-$(<"$two_out/$name/.lab/pid")"
			mv "$order.off" "$order.dead"
		elif [ -e "$order.on" ]; then
			boot $name
			rm "$order.on"
		fi
	done
	nap 0.02
done
code=0
two_judge client $client lb || code=$?
[ $code -eq 0 ] || tail -n 20 "$two_out"/*/agent.log | sed 's/^/# /'
exit $code
