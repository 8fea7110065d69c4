#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The ip of another Debian suite, beside this machine's: downloaded and unpacked, never installed.
#
#   iproute2.sh [SUITE]      prints the folder of its program ip (default: trixie, which is Debian 13)
#
# That program brings its own C library: it is run by its own loader.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/suite.sh
. "$here/suite.sh"

suite=${1:-trixie}
dir=$suite_cache/iproute2/$suite

# closure PACKAGE: it, and all libraries that it needs.
closure() {
	local -A seen=()
	local todo=("$1") package more
	while [ ${#todo[@]} -gt 0 ]; do
		package=${todo[0]} todo=("${todo[@]:1}")
		[ -z "${seen[$package]:-}" ] || continue
		seen[$package]=yes
		mapfile -t more < <(suite_depends "$suite" "$package" '^lib')
		todo+=("${more[@]}")
	done
	printf '%s\n' "${!seen[@]}" | sort
}

build() {
	local tmp package
	mkdir -p "$dir"
	exec 9>"$dir/lock"
	flock 9
	[ ! -e "$dir/bin/ip" ] || return 0
	tmp=$(mktemp -d)
	mapfile -t packages < <(closure iproute2)
	suite_download "$suite" "$tmp" "${packages[@]}"
	rm -rf "$dir/root" && mkdir -p "$dir/root" "$dir/bin"
	for package in "$tmp"/*.deb; do dpkg -x "$package" "$dir/root"; done
	rm -rf "$tmp"
	# shellcheck disable=SC2016 # for the program
	printf '#!/bin/sh\nroot=%q\nexec "$root"/usr/lib/*/ld-linux-*.so.* --library-path "$(echo "$root"/usr/lib/*-linux-*)" "$root/usr/bin/ip" "$@"\n' \
		"$dir/root" >"$dir/bin/ip.new"
	chmod +x "$dir/bin/ip.new"
	"$dir/bin/ip.new" -V >/dev/null
	mv "$dir/bin/ip.new" "$dir/bin/ip"
}

[ -e "$dir/bin/ip" ] || build
echo "$dir/bin"
