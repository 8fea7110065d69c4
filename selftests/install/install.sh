#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Installs, operates, upgrades and uninstalls haswitch on a fresh Debian 12 with systemd, by the documentation's words:
# guest.sh, in two boots.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$repo/selftests/lib/ktap.sh"

out=${HASW_OUT:-$(mktemp -d "${TMPDIR:-/tmp}/haswitch-install.XXXXXX")}
disk=$out/disk
rm -f "$disk"

# boot NAME SECONDS: the points that the machine made are this script's.
boot() {
	local name=$1 code=0 line
	"$repo/selftests/lab/machine" -t "$2" -o "$out/$name" "$disk" "$here/guest.sh" "$name" >"$out/$name.txt" 2>&1 ||
		code=$?
	while IFS= read -r line; do
		case $line in
		'ok '*'# SKIP'*) line=${line#ok * } && ktap_skip "$name: ${line%% # SKIP*}" "${line##*# SKIP }" ;;
		'ok '*) ktap_ok "$name: ${line#ok * }" ;;
		'not ok '*) ktap_fail "$name: ${line#not ok * }" ;;
		'#'*) echo "$line" ;;
		esac
	done <"$out/$name.txt"
	check "$name: the machine ended well" [ $code -eq 0 ]
}

ktap_header
boot first 4200 && boot second 1800
rm -f "$disk"
ktap_exit
