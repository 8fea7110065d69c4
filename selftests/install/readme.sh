#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# README.md tells of what is there: each function, file, make target and word of haadm that it names.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$repo/selftests/lib/ktap.sh"
cd "$repo" || exit 1

tick=\`
# spans: what stands in backquotes.
spans() { grep -o "${tick}[^${tick}]*${tick}" | tr -d "$tick"; }
# quoted PATTERN: what of that matches, once each.
quoted() { spans <README.md | grep -E "$1" | sort -u; }

# none_missing COMMAND: reads names, prints those for which the command fails.
none_missing() {
	local name missing=0 seen=0
	while read -r name; do
		seen=$((seen + 1))
		"$@" "$name" || { echo "no $name"; missing=1; }
	done
	[ "$missing" -eq 0 ] && [ "$seen" -gt 0 ]
}

is_function() { grep -rqE "\b${1%()}\(" kmod userspace --include='*.[ch]'; }
functions() { grep -oE '\b[a-z]+_[a-z0-9_/]+\(\)' README.md | sed 's|_in4/6()|_in4()|; s|_out4/6()|_out4()|' | sort -u | none_missing is_function; }
# In the map and the ways a file goes without its folder.
is_file() { [ -e "$1" ] || [ -n "$(git ls-files --cached --others --exclude-standard "*/$1" "*/${1%/}/*" | head -n 1)" ]; }
files() { quoted '^[A-Za-z0-9_./-]+(\.(c|h|yaml|py|sh)|/)$' | none_missing is_file; }
# The map of the module has each of its rooms.
rooms() {
	local room
	for room in kmod/*/; do
		grep -qE "^\\|.*${tick}${room#kmod/}${tick}.*\\|.*\\|" README.md || { echo "$room is not in the map"; return 1; }
	done
}
is_target() { grep -q "^${1#make }: .*##" Makefile; }
targets() { { quoted '^make [a-z]+'; grep -oE '^ {4}make [a-z]+' README.md; } | grep -oE 'make [a-z-]+' | sort -u | none_missing is_target; }

ktap_header
check "functions" functions
check "files and folders" files
check "the map has all rooms" rooms
check "make targets" targets
ktap_exit
