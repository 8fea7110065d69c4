#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The documentation tells of what is there: each function, file, link, make target and room that it names, each block of
# it. What its haadm commands say is judged by selftests/unit/test_docs.c, which has haadm's own grammar.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$repo/selftests/lib/ktap.sh"
cd "$repo" || exit 1

# The change log tells of what was there.
mapfile -t all_pages < <("$here/readme" -l)
pages=()
for page in "${all_pages[@]}"; do
	[ "$page" = CHANGELOG.md ] || pages+=("$page")
done

tick=\`
# spans: what stands in backquotes.
spans() { grep -ho "${tick}[^${tick}]*${tick}" "$@" | tr -d "$tick"; }
# quoted PATTERN: what of that matches, once each.
quoted() { spans "${pages[@]}" | grep -E "$1" | sort -u; }

# none_missing COMMAND: reads names, prints those for which the command fails.
none_missing() {
	local name missing=0 seen=0
	while IFS= read -r name; do
		seen=$((seen + 1))
		"$@" "$name" || { echo "no $name"; missing=1; }
	done
	[ "$missing" -eq 0 ] && [ "$seen" -gt 0 ]
}

# What the kernel has is not looked for here.
is_function() {
	case $1 in ip_forward\(\) | ip_local_out\(\) | dev_queue_xmit\(\) | lockdep_assert_held\(\)) return 0 ;; esac
	grep -rqE "\b${1%()}\(" kmod userspace include/rules selftests/unit selftests/model --include='*.[ch]'
}
functions() {
	grep -ohE '\b[a-z]+_[a-z0-9_/]+\(\)' "${pages[@]}" | sed 's|4/6()|4()|' | sort -u | none_missing is_function
}

# What a reader puts his own word into.
placeholders='NAME|SUBJECT'
# A file goes without its folder where its name alone tells which one it is.
is_file() {
	[ -e "$1" ] || [ -n "$(git ls-files --cached --others --exclude-standard "*/$1" "*/${1%/}/*" | head -n 1)" ]
}
files() {
	quoted '^[A-Za-z0-9_./-]+(\.(c|h|yaml|py|sh|md|list|conf|svg|mk)|/)$' |
		grep -vE "^(/|build/)|^\\.\\.?/|$placeholders" |
		none_missing is_file
}
# A path from the root of the repository, in text or in a block, is there; what is made is below build/.
is_path() { compgen -G "$1" >/dev/null; }
paths() {
	grep -ohE '(^|[^A-Za-z0-9_./-])(kmod|userspace|selftests|scripts|include|doc|\.ci)/[A-Za-z0-9_./*-]+' \
		"${pages[@]}" |
		sed -E 's/^[^a-z.]//; s/[.-]+$//' | grep -vE "$placeholders" | sort -u | none_missing is_path
}

# slug: a heading as links name it.
slug() { sed -E 's/^#+ +//; s/`//g' | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'; }
# is_link PAGE:TARGET
is_link() {
	local page=${1%%:*} target=${1#*:} to
	case $target in http://* | https://*) return 0 ;; esac
	to=${target%%#*}
	[ -z "$to" ] && to=$page || to=$(dirname "$page")/$to
	[ -e "$to" ] || return 1
	case $target in *'#'*) grep -E '^#+ ' "$to" | slug | grep -qxF -e "${target#*#}" ;; esac
}
links() {
	grep -HoE '\]\([^) ]+\)' "${all_pages[@]}" | sed -E 's/\]\((.*)\)$/\1/' | sort -u | none_missing is_link
}
# Each page is reached from the README, by one link or two.
linked() {
	local page reached=0
	for page in "${all_pages[@]}"; do
		[ "$page" = README.md ] && continue
		grep -qF "](${page#doc/})" doc/*.md || grep -qF "]($page)" README.md CONTRIBUTING.md ||
			{ echo "nothing links to $page"; reached=1; }
	done
	[ "$reached" -eq 0 ]
}

is_target() { grep -q "^${1#make }: .*##" Makefile; }
targets() {
	{ quoted '^make [a-z]+'; blocks_of sh | grep -E '^make [a-z]'; } | grep -oE 'make [a-z-]+' | sort -u |
		none_missing is_target
}

# blocks_of TAG: the lines of all blocks whose tag is that, or begins with that word.
blocks_of() {
	awk -v tag="$1" '
		FNR == 1 { inside = 0 }
		/^ *```/ {
			sub(/^ *```/, "")
			inside = inside ? 0 : $0 == tag || index($0, tag " ") == 1 ? 1 : 2
			next
		}
		inside == 1 { sub(/^ +/, ""); print }' "${pages[@]}"
}
# is_block PAGE:LINE:TAG: guest.sh, voting.sh or vote.sh runs what is tagged `sh NAME` in a machine; `sh example` is for
# the reader alone.
is_block() {
	local tag=${1#*:*:}
	case $tag in
	'sh example' | text | c | yaml) return 0 ;;
	haswitch.conf | haagentd.conf) "$here/readme" "$tag" >/dev/null && grep -qE "readme $tag\b" "$here/guest.sh" ;;
	'sh '*) "$here/readme" "${tag#sh }" >/dev/null &&
		grep -qE "(by_readme|everywhere) ${tag#sh }( |\$|\")" "$here/guest.sh" "$here/voting.sh" \
			"$repo/selftests/vote.sh" ;;
	*) return 1 ;;
	esac
}
blocks() { "$here/readme" -t | none_missing is_block; }
commands='(haadm|haagentd|make|systemctl|modprobe|insmod|rmmod|ip|nft|curl|apt-get|git|sudo|tcpdump'
commands+='|selftests/|scripts/|build/)'
# What looks like commands has a tag: it is neither indented, nor in a block of text.
untagged() {
	awk -v looks="^(\\\\$ |# )?$commands( [^ ]|[a-z]+/|[a-z]+\$)" '
		FNR == 1 { inside = 0; blank = 1 }
		/^ *```/ { inside = inside ? 0 : ($0 ~ /```(text)?$/ ? 1 : 2); next }
		{ line = $0; sub(/^ +/, "", line) }
		inside == 1 && line ~ looks { print FILENAME ":" FNR ": " $0 }
		!inside && /^(    |\t)/ && blank && line ~ looks { print FILENAME ":" FNR ": " $0 }
		{ blank = /^$/ || (blank && /^(    |\t)/) }' "${pages[@]}" | grep . && return 1
	return 0
}
# In what is run nowhere each line begins with a command that is known; files of the repository are there (paths).
is_command() {
	case ${1%% *} in
	haadm | haagentd | make | systemctl | journalctl | ip | nft | scp | ss | tcpdump | perf | git | chmod) ;;
	sysctl | ethtool | lnstat) ;;
	cibadmin | crm_resource) ;;
	BOOTS=*) ;;
	*/*) [ -x "${1%% *}" ] ;;
	*) return 1 ;;
	esac
}
example_commands() { blocks_of "sh example" | grep -vE '^(#|$)' | none_missing is_command; }

# The map: each room is in the README, each file of a room in doc/architecture.md.
rooms() { git ls-files --cached --others --exclude-standard 'kmod/*/*' | cut -d/ -f2 | sort -u; }
is_mapped_room() { grep -q "${tick}$1/${tick}" README.md; }
all_rooms() { rooms | none_missing is_mapped_room; }
is_mapped_file() { spans doc/architecture.md | grep -qxF -e "$1"; }
all_files() {
	git ls-files --cached --others --exclude-standard 'kmod/*.c' | grep -vE '/generated/|_test\.c$|_fixture\.c$' |
		sed -E 's|.*/||; s|\.c$||' | grep -v '^netlink_' | none_missing is_mapped_file
}
# And it names no file that its room does not have.
no_mapped_missing() {
	local room names name missing=0
	while IFS='|' read -r _ room names _; do
		room=${room//[ $tick]/} room=kmod/${room#kmod/}
		for name in $(spans <<<"$names"); do
			compgen -G "$room$name" >/dev/null || compgen -G "$room$name.[ch]" >/dev/null ||
				{ echo "no $room$name"; missing=1; }
		done
	done < <(sed -n '/^## The rooms/,/^## Data/p' doc/architecture.md | grep "^| $tick")
	[ "$missing" -eq 0 ]
}

# The README shows the example of doc/install.md, and figures of doc/performance.md.
same_example() {
	local line missing=0
	while IFS= read -r line; do
		grep -qxF -e "$line" README.md || { echo "not in README.md: $line"; missing=1; }
	done < <("$here/readme" haswitch.conf)
	# And so does the example that is installed.
	diff <("$here/readme" haswitch.conf) <(grep -vE '^(#|$)' userspace/haagentd/examples/haswitch.conf) || missing=1
	[ "$missing" -eq 0 ]
}
is_figure() { grep -qE "(^|[^0-9.])${1//./\\.}0?([^0-9.]|\.?\$|\. )" doc/performance.md; }
same_figures() {
	sed -n '/^## Six figures/,/^Measured/p' README.md | grep '^| [a-z]' | cut -d'|' -f3- |
		grep -oE '\b[0-9]+(\.[0-9]+)?\b' | grep -vxE '99|0' | none_missing is_figure
}

short() { [ "$(wc -l <README.md)" -le 130 ] || { echo "README.md has $(wc -l <README.md) lines"; return 1; }; }
# Rows of tables are as long as they have to be.
narrow() { ! grep -nE '^[^|].{128}' "${all_pages[@]}"; }

ktap_header
check "functions that pages name exist" functions
check "files and folders that pages name exist" files
check "paths from the root that pages name exist" paths
check "links in pages lead somewhere" links
check "every page is linked from another" linked
check "make targets that pages name exist" targets
check "each block of commands has a tag that a script follows" blocks
check "pages have no commands without a tag" untagged
check "haadm parses the commands of examples" example_commands
check "the README names every room" all_rooms
check "the architecture names every file of the module" all_files
check "the architecture names no other file" no_mapped_missing
check "the examples of the README and of make install are that of the installation" same_example
check "the README's figures are those measured" same_figures
check "the README is no longer than a page" short
check "no line of a page is longer than 128" narrow
ktap_exit
