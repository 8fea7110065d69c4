# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the scripts share that run in a Debian machine with systemd: the page's blocks, and units.
#
# Sourced after ktap.sh, in the folder of the sources.

# by_readme BLOCK [PREFIX...]: what the documentation says, each line of one of its blocks; the first failure ends it.
by_readme() {
	local line
	selftests/install/readme "$1" >/tmp/block || return 1
	while IFS= read -r line; do
		echo "# doc: $line"
		# The log of the kernel is the one that is read when the machine does not end.
		echo "hasw-lab: doc: $line" >/dev/kmsg
		"${@:2}" bash -c "$line" </dev/null || { echo "exit $?: $line"; return 1; }
	done </tmp/block
}

property() { systemctl show -P "$2" "$1.service"; }
none_failed() {
	systemctl --failed --no-legend | tee /tmp/failed
	! [ -s /tmp/failed ]
}
own_file() { [ "$(stat -c '%U %a' "$1")" = "root $2" ]; }
active() { systemctl is-active --quiet haswitch.service && systemctl is-active --quiet haagentd.service; }
