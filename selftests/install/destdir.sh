#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `make install DESTDIR=...` makes is the list in files, whole and in working order; `make uninstall` takes all of
# it away.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$repo/selftests/lib/ktap.sh"

# shellcheck source=selftests/install/tree.sh
. "$here/tree.sh"
release=$tree_release
work=$(mktemp -d "${TMPDIR:-/tmp}/haswitch-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root

make_() { tree_make "$root" "$@"; }

# listed: every file there is, with its mode; words stand for the kernel's release and the architecture.
listed() {
	(cd "$root" && find . ! -type d -printf '%m %P\n') | sed "s|lib/modules/$release/|lib/modules/RELEASE/|
		s|lib/$(gcc -print-multiarch)/|lib/MULTIARCH/|" | LC_ALL=C sort -k2
}
as_listed() { diff <(grep -v '^#' "$here/files") <(listed); }
no_file() { [ -z "$(listed)" ] || { listed; return 1; }; }
no_own_dir() { ! (cd "$root" && find . -type d) | grep -E 'haswitch|extra|updates|rt_[a-z]*protos.d'; }

good_module() {
	local file=$root/lib/modules/$release/extra/haswitch.ko
	[ "$(modinfo -F vermagic "$file" | cut -d' ' -f1)" = "$release" ] &&
		[ "$(modinfo -F license "$file")" = GPL ] && modinfo -F alias "$file" | grep -qx rtnl-link-haswitch
}

good_man() {
	local file said
	for file in "$root"/usr/share/man/man?/*; do
		said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l "$file" 2>&1 >/dev/null)
		[ -z "$said" ] || { echo "${file##*/}: $said"; return 1; }
		man --whatis -l "$file" >/dev/null 2>&1 || lexgrog "$file" >/dev/null ||
			{ echo "${file##*/}: no name line"; return 1; }
	done
}

# Under the new root, as the units name what they start.
good_units() {
	local unit program
	for unit in "$root"/lib/systemd/system/*.service; do
		grep -E '^Exec[A-Za-z]*=' "$unit" | sed -E 's/^[A-Za-z]*=[-+@!:]*//' | while read -r program _; do
			[ -x "$root$program" ] || [ -x "$program" ] || { echo "${unit##*/}: no $program"; return 1; }
		done || return 1
	done
}

completes() {
	local name
	for name in haadm haagentd; do
		# shellcheck disable=SC1090 # installed a moment ago
		(. "$root/usr/share/bash-completion/completions/$name" && complete -p "$name") || return 1
	done
}

tools_run() { "$root/usr/sbin/haadm" -V && "$root/usr/sbin/haagentd" -V; }
only_users() { [ "$(listed)" = "644 etc/haswitch/haswitch.conf" ]; }

ktap_header
check "make install works" make_ install
check "the installed files match the list" as_listed
check "the installed module names its kernel, licence and link kind" good_module
check "man pages are free of warnings" good_man
check "units start what is installed" good_units
check "the installed completion loads" completes
check "the installed haadm and haagentd run" tools_run
check "make install works a second time" make_ install
check "a second make install leaves the same files" as_listed
check "make uninstall works" make_ uninstall
check "make uninstall leaves no file" no_file
check "make uninstall leaves no directory of haswitch" no_own_dir
make_ install PREFIX=/usr/local >/dev/null
check "make install with PREFIX puts the tools there" \
	test -x "$root/usr/local/sbin/haadm" -a -x "$root/usr/local/sbin/haagentd" -a ! -e "$root/usr/sbin/haadm"
check "units start what make install with PREFIX put there" good_units
touch "$root/etc/haswitch/haswitch.conf"
# What systemd makes for the witness.
mkdir -p "$root/var/lib/private/haswitch" && rm -rf "$root/var/lib/haswitch" &&
	ln -s private/haswitch "$root/var/lib/haswitch"
check "make uninstall works where a witness was" make_ uninstall PREFIX=/usr/local
rm "$root/var/lib/haswitch"
check "make uninstall leaves a user's file" only_users
ktap_exit
