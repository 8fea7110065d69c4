#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The ip, lnstat, ss and genl of another Debian suite, beside this machine's: downloaded and unpacked, never installed.
#
#   iproute2.sh [SUITE]      prints the folder of these programs (default: trixie, which is Debian 13)
#
# They bring their own C library: each is run by its own loader.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/suite.sh
. "$here/suite.sh"

suite=${1:-trixie}
dir=$suite_cache/iproute2/$suite
tools=(ip lnstat ss genl)

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
	local tmp package tool path printed
	mkdir -p "$dir"
	exec 9>"$dir/lock"
	flock 9
	! complete || return 0
	tmp=$(mktemp -d)
	mapfile -t packages < <(closure iproute2)
	suite_download "$suite" "$tmp" "${packages[@]}"
	rm -rf "$dir/root" && mkdir -p "$dir/root" "$dir/bin"
	for package in "$tmp"/*.deb; do dpkg -x "$package" "$dir/root"; done
	rm -rf "$tmp"
	for tool in "${tools[@]}"; do
		# Not the link in another folder that some have.
		path=$(cd "$dir/root" && find usr -path "*bin/$tool" -type f)
		: "${path:?no $tool there}"
		cat >"$dir/bin/$tool.new" <<-END
			#!/bin/sh
			root=$(printf %q "$dir/root")
			exec "\$root"/usr/lib/*/ld-linux-*.so.* --library-path "\$(echo "\$root"/usr/lib/*-linux-*)" \\
				"\$root/$path" "\$@"
		END
		chmod +x "$dir/bin/$tool.new"
		# lnstat prints its version and exits with 1.
		printed=$("$dir/bin/$tool.new" -V 2>&1) || :
		grep -qE '(iproute2-|Version )[0-9]' <<<"$printed" || {
			echo "iproute2.sh: $tool of $suite does not run here: $printed" >&2
			return 1
		}
		mv "$dir/bin/$tool.new" "$dir/bin/$tool"
	done
}

# complete: all of them are there; an earlier release of this script unpacked ip alone.
complete() {
	local tool
	for tool in "${tools[@]}"; do [ -e "$dir/bin/$tool" ] || return 1; done
}

complete || build
echo "$dir/bin"
