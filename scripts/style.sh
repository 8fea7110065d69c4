#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The house rules that a machine can check, one KTAP point each: checkpatch, sparse, shellcheck, size, licence, words.
#
# checkpatch, sparse and shellcheck take minutes, so what they found clean is not looked at again: the cache has a stamp
# for each clean file, named by its content, its path, the rules and the tool.
set -u

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$repo/selftests/lib/ktap.sh"
# shellcheck source=scripts/ccache.sh
. "$repo/scripts/ccache.sh"
cd "$repo" || exit 1
stamps=$lab_cache/style
mkdir -p "$stamps"

# Its tree brings checkpatch, its headers serve sparse.
kernel=uml72-debug
"$repo/scripts/kernels.sh" build $kernel || exit 1

# files PATTERN...: what git has (or would add), but nothing generated.
files() { git ls-files --cached --others --exclude-standard -- "$@" | grep -v '/generated/' | while read -r f; do [ ! -f "$f" ] || echo "$f"; done; }

# none COMMAND...: succeeds when the command prints nothing; prints the first lines otherwise.
none() {
	local printed
	printed=$("$@" 2>&1)
	[ -z "$printed" ] || { head -n 40 <<<"$printed"; return 1; }
}

# stamp_of TOOL RULES FILE
stamp_of() { echo "$stamps/$1-$({ echo "$2 $3"; cat "$3"; } | sha256sum | cut -c1-32)"; }

# each_unproved TOOL RULES COMMAND FILE...: runs the command, with the files that have no stamp behind it. Those that it
# does not name get theirs, unless it failed without a word, or they were edited meanwhile. RULES is all besides the files
# that decides the result.
each_unproved() {
	local tool=$1 rules="$2 $3" file stamp printed code=0 at todo=() fresh=()
	local -a command
	read -r -a command <<<"$3"
	shift 3
	for file; do
		stamp=$(stamp_of "$tool" "$rules" "$file")
		if [ -e "$stamp" ]; then
			touch "$stamp"
		else
			todo+=("$file") fresh+=("$stamp")
		fi
	done
	[ ${#todo[@]} -gt 0 ] || return 0
	printed=$("${command[@]}" "${todo[@]}" 2>&1) || code=$?
	if [ "$code" -gt 100 ] || { [ "$code" -ne 0 ] && [ -z "$printed" ]; }; then
		echo "$printed"
		echo "${command[0]} ended with $code"
		return
	fi
	[ -z "$printed" ] || echo "$printed"
	for at in "${!todo[@]}"; do
		[[ $printed = *"${todo[at]}"* ]] || [ "$(stamp_of "$tool" "$rules" "${todo[at]}")" != "${fresh[at]}" ] || touch "${fresh[at]}"
	done
}

# checkpatch OPTIONS FILE...
checkpatch() {
	local source options=$1
	shift
	source=$("$repo/scripts/kernels.sh" source "$kernel") || { echo "no source of $kernel"; return; }
	each_unproved checkpatch "$(sha256sum <"$source/scripts/checkpatch.pl")" \
		"$source/scripts/checkpatch.pl --no-tree --no-summary --terse -q $options -f" "$@"
}

checkpatch_kernel() {
	# Kernels before 7.0 have no kzalloc_obj().
	local ignored=ALLOC_WITH_SIZEOF

	mapfile -t list < <(files 'kmod/*.[ch]' 'include/uapi/*.h' | grep -v '^kmod/compat/')
	checkpatch "--ignore $ignored" "${list[@]}"
	# The one place where the kernel's version may be asked for.
	mapfile -t list < <(files 'kmod/compat/*.h')
	checkpatch "--ignore $ignored,LINUX_VERSION_CODE,CONSTANT_COMPARISON,NEW_TYPEDEFS" "${list[@]}"
	! grep -rnE --include='*.[ch]' --exclude-dir=compat 'LINUX_VERSION_CODE|KERNEL_VERSION' kmod
}

# What follows from kernel macros that user space does not have is left out.
checkpatch_user() {
	local ignored=PREFER_KERNEL_TYPES,ARRAY_SIZE,STRCPY,STRNCPY,STRLCPY,EMBEDDED_FUNCTION_NAME
	ignored+=,PREFER_DEFINED_ATTRIBUTE_MACRO,STATIC_CONST_CHAR_ARRAY,REPEATED_WORD,CONSTANT_COMPARISON
	mapfile -t list < <(files 'userspace/*.[ch]')
	checkpatch "--ignore $ignored" "${list[@]}"
	# Tests are narrower than what their strings quote.
	mapfile -t list < <(files 'selftests/*.[ch]')
	checkpatch "--ignore $ignored,SPLIT_STRING" "${list[@]}"
}

# sparse_stamp KDIR: of all that the module is made of.
sparse_stamp() {
	echo "$stamps/sparse-$({ echo "$1 $(sparse --version)"; cat scripts/style.sh scripts/build-module.sh Kbuild
		files 'kmod/*' 'include/*' | while read -r f; do echo "$f"; cat "$f"; done; cat kmod/generated/*; } | sha256sum | cut -c1-32)"
}

sparse_module() {
	local kdir stamp printed out="$repo/build/modules/sparse"
	kdir=$("$repo/scripts/kernels.sh" kdir "$kernel") || { echo "no $kernel"; return; }
	stamp=$(sparse_stamp "$kdir")
	[ ! -e "$stamp" ] || return 0
	rm -f "$out/haswitch.ko"
	HASW_MAKE_FLAGS="C=2" "$repo/scripts/build-module.sh" "$kdir" "$out" >/dev/null 2>&1
	[ -e "$out/haswitch.ko" ] || { echo "it does not build, see $out/build.log"; return; }
	# Only what is said about our own files: the kernel's headers have warnings of their own, and count as a failure above.
	# Sparse takes one spin_trylock() for two on a kernel for one CPU, so this one user of it is believed.
	printed=$(grep -E "^(\./)?($out/)?(kmod|include)/[^ ]*: (warning|error)" "$out/build.log" |
		grep -v "context imbalance in 'hasw_pulse_compose_last'")
	if [ -n "$printed" ]; then echo "$printed"; elif [ "$(sparse_stamp "$kdir")" = "$stamp" ]; then touch "$stamp"; fi
}

# What any script sources decides about the others, too.
shells() {
	local sourced
	mapfile -t list < <(files .ci selftests scripts userspace | while read -r f; do
		case $f in *.sh) echo "$f" ;; *) ! head -n 1 "$f" | grep -qE '^#! ?/(usr/)?bin/(env )?(ba|da)?sh' || echo "$f" ;; esac
	done)
	mapfile -t sourced < <(sed -n 's/^[[:space:]]*# shellcheck source=//p' "${list[@]}" | sort -u)
	each_unproved shellcheck "$(cat .shellcheckrc "${sourced[@]}" | sha256sum) $(shellcheck --version | sed -n 2p)" shellcheck "${list[@]}"
}

no_licence() {
	files 'kmod/*' 'include/*' 'userspace/*' 'selftests/*' 'scripts/*' .ci Kbuild Makefile | while read -r f; do
		case $f in *.config | *config | *.patch | *settings | */README | */expected/* | */seeds/* | *.seeds/* | *.json | *.service | *.conf) continue ;; esac
		head -n 5 "$f" | grep -q 'SPDX-License-Identifier: ' || echo "$f: no SPDX line"
	done
}

too_long() {
	files '*.c' '*.h' '*.sh' '*.py' | grep -v '^include/uapi/' | while read -r f; do
		n=$(wc -l <"$f")
		[ "$n" -le 800 ] || echo "$f: $n lines"
	done
}

# A test is read beside its output. A tab reaches the next of the columns 8, 16, and so on. Left out: what tests expect,
# tables, and what the fuzzers have found.
too_wide() {
	files selftests | grep -vE '/expected/|/seeds/|\.seeds/|\.(list|config|patch)$' | while read -r f; do
		expand -t 8 "$f" | grep -nE '^.{121}' | sed "s|^\([0-9]*\):.*|$f:\1: more than 120 columns|"
	done
}

# A machine's own paths, a mirror's name, a kill by name: none of that may be in what we ship.
foreign_words() {
	mapfile -t list < <(files | grep -v '^scripts/style.sh$')
	grep -nE '(/work/|/root/\.|deb\.debian\.org|snapshot\.debian\.org|\b(pkill|killall)\b)' "${list[@]}"
}

# Scripts that build have pipefail: what writes into a pipe fails when its reader ends before it. Whether it does depends on
# how much it has to write, and on how busy the machine is.
early_ends() {
	files 'scripts/*.sh' | grep -v '^scripts/style.sh$' |
		xargs grep -nE '\| *(head |grep -[a-zA-Z]*q|awk .*\<exit\>|sed .*[0-9;]q)'
}

# A test that no tier runs proves nothing. Those in host/ boot their own kernels.
unlisted() {
	files 'selftests/*.sh' | grep -E '^selftests/(host/)?[^/]*$' | while read -r f; do
		grep -qE "(^|[[:space:]])$f([[:space:]]|$)" selftests/lab/checks.list || echo "$f is not in selftests/lab/checks.list"
	done
}

# Where a newcomer looks first: a room of the module tells all its files, and none that is not there.
rooms() {
	local room
	for room in kmod/*/; do
		[ -e "${room}README" ] || { echo "${room}README is missing"; continue; }
		# name.[ch] is two files; what has a folder before it is in another room.
		diff <(grep -oP '(?<![\w/.])\w+\.(c|h|\[ch\])(?!\w)' "${room}README" | sed -E 's/(.*)\[ch\]$/\1c\n\1h/' | sort -u) \
			<(basename -a "$room"*.[ch] | sort) |
			sed -n "s|^< \(.*\)|${room}README names \1, which is not there|p; s|^> \(.*\)|$room\1 is not in ${room}README|p"
	done
	files '*/README' | while read -r f; do
		[ "$(wc -l <"$f")" -le 20 ] || echo "$f: more than 20 lines"
	done
}

find "$stamps" -mtime +30 -delete
ktap_header
check "checkpatch: module and uapi" none checkpatch_kernel
check "checkpatch: user space" none checkpatch_user
check "sparse: module" none sparse_module
check "shellcheck: every script" none shells
check "an SPDX line in every file" none no_licence
check "no file over 800 lines" none too_long
check "no line of a test over 120 columns" none too_wide
check "a room's README has its files" none rooms
check "every test is in the list of checks" none unlisted
check "no reader of a pipe ends early where things are built" none early_ends
check "no path, mirror or kill by name" none foreign_words
ktap_exit
