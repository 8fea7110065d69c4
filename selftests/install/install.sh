#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Installs, operates, upgrades and uninstalls haswitch on a fresh Debian 12 with systemd, by the documentation's words:
# guest.sh, in two boots. And has the installed units vote there: voting.sh.
#
#   install.sh [one | voting]      all of it, that on one machine, or the voters
#   install.sh voting PHASE...     only these phases of voting.sh
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$repo/selftests/lib/ktap.sh"

out=${HASW_OUT:-$(mktemp -d "${TMPDIR:-/tmp}/haswitch-install.XXXXXX")}
disk=$out/disk
phases=("${@:2}")

# boot NAME OPTIONS SCRIPT [ARGS...]: the points that the machine made are this script's.
boot() {
	local name=$1 code=0 line options
	read -ra options <<<"$2"
	"$repo/selftests/lab/machine" "${options[@]}" -o "$out/$name" "$disk" "$here/$3" "${@:4}" \
		>"$out/$name.txt" 2>&1 || code=$?
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

one() {
	rm -f "$disk"
	boot first "-t 4200" guest.sh first && boot second "-t 1800" guest.sh second
}

# tree: what is installed there is built here, as that takes the emulated machine most of an hour.
tree() {
	local root=$out/voting/root
	rm -rf "$out/voting" && mkdir -p "$out/voting" && tree_make "$root" install &&
		tar -C "$root" -cf "$out/voting/installed.tar" . && rm -rf "$root"
}

left() { grep -F "lb1: leaves the cluster" "$out/voting/lb2.log"; }
# In this order.
followed() {
	cat "$out/voting/going"
	[ "$(sed -nE 's/.* held .*/held/p; s/^the LAN .*/down/p' "$out/voting/going" | tr '\n' ' ')" = "held down " ]
}

voting() {
	local release
	# shellcheck source=selftests/install/tree.sh
	. "$here/tree.sh"
	"$repo/scripts/machine.sh" build && release=$("$repo/scripts/machine.sh" release)
	if [ "$release" != "$tree_release" ]; then
		ktap_skip "voting" "the machine has kernel $release, $tree_kernel has $tree_release: kernels.sh update"
		return 0
	fi
	check "setup: what is installed is built" tree || return 1
	rm -f "$disk"
	# With -i: the machine votes as fast as others do, however slow it is.
	boot voting "-i -t 2400" voting.sh "${phases[@]}"
	[ ${#phases[@]} -eq 0 ] || return 0
	check "voting: lb1 left the cluster when its machine was switched off" left
	check "voting: lb2 held the lease before the LAN of that machine went down" followed
}

ktap_header
case ${1-} in
'') voting; one ;;
*) "$1" ;;
esac
rm -f "$disk"
ktap_exit
