#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Builds haswitch.ko out of tree against one kernel, in a directory of its own, and takes no warning.
#
#   build-module.sh [-s SOURCE] KERNEL|KDIR [OUTDIR]
#
# KERNEL is a name of kernels.sh (built first if need be), KDIR a build directory as in
# /lib/modules/RELEASE/build. The module is OUTDIR/haswitch.ko; OUTDIR is build/modules/KERNEL, or
# build/modules/RELEASE. OUTDIR/.kdir names the build directory. Only what changed is compiled again. -s takes
# Kbuild, kmod and include from another tree (builds broken on purpose, which a test must catch).
#
# Without an OUTDIR the objects are in the cache, at one place for all clones on this machine: ccache hashes the paths
# that Kbuild gives the compiler, so a fresh clone compiles nothing that any other one has compiled. Each build directory
# has objects of its own: two kernels may have the same release, and headers that are older than the other's objects.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source=$repo

usage() { sed -n '5s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
die() { echo "build-module.sh: $*" >&2; exit 1; }

while getopts s: option; do
	case $option in
	s) source=$(cd "$OPTARG" && pwd) ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
case $# in 1 | 2) ;; *) usage ;; esac

if [ -e "$1/Makefile" ]; then
	kdir=$(readlink -f "$1")
	# Not include/config/kernel.release: Debian's headers have the bare version there.
	name=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$kdir/include/generated/utsrelease.h") || die "$kdir is no kernel build directory"
elif [ "${1#*/}" != "$1" ]; then
	release=${1#/lib/modules/}
	die "no kernel build directory $1 (Debian: apt-get install linux-headers-${release%/build})"
else
	"$repo/scripts/kernels.sh" build "$1"
	kdir=$("$repo/scripts/kernels.sh" kdir "$1")
	name=$1
fi
out=${2:-$repo/build/modules/$name}
mkdir -p "$out"
out=$(cd "$out" && pwd)
# shellcheck source=scripts/ccache.sh
. "$repo/scripts/ccache.sh"
work=$out
[ $# -eq 2 ] || [ -z "$lab_cache" ] || work=$lab_cache/modules/$name-$(sha256sum <<<"$kdir" | cut -c1-10)
mkdir -p "$work"

exec 9>"$work/.lock"
flock 9

parts=("$source/Kbuild" "$source/kmod")
[ ! -d "$source/include" ] || parts+=("$source/include")
# By content and with the time of copying: a file put back to an older state is compiled again too. A folder that went
# stays while objects are in it, which rsync would tell on stdout.
rsync -rlp --checksum --delete --filter='P .*' --filter='P *.o' --filter='P *.ko' --filter='P *.mod' --filter='P *.mod.c' \
	--filter='P Module.symvers' --filter='P modules.order' --filter='P /build.log' \
	--exclude='.*' --exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
	"${parts[@]}" "$work/" >/dev/null

# HASW_MAKE_FLAGS: more words for make, as C=2 for sparse.
read -r -a flags <<<"W=1 ${HASW_MAKE_FLAGS:-}"
grep -q '^CONFIG_UML=y' "$kdir/.config" && flags+=(ARCH=um)
grep -q '^CONFIG_KUNIT=[ym]' "$kdir/.config" && flags+=(HASWITCH_KUNIT=1)

[ -z "$ccache" ] || flags+=("CC=$ccache gcc")

# The warnings of a build that was killed were told to nobody, and an object that is current does not warn again.
[ ! -e "$work/.unjudged" ] || find "$work" -name '*.o' -delete
touch "$work/.unjudged"
rm -f "$work/haswitch.ko"
status=0
make -C "$kdir" "M=$work" "-j$(nproc)" "${flags[@]}" modules >"$work/build.log" 2>&1 || status=$?

# Debian's kernels come from a sibling of this gcc; that note and the one on BTF say nothing about our code.
notes='the compiler differs from the one|The kernel was built by:|You are using:|Skipping BTF generation'
if [ $status -ne 0 ]; then
	grep -vE "^(make|  [A-Z]+ )|$notes" "$work/build.log" >&2 || cat "$work/build.log" >&2
	die "the build against $name failed"
fi
if grep -vE "$notes" "$work/build.log" | grep -E -A8 'warning:|WARNING|error:|ERROR|undefined' >&2; then
	die "warnings in the build against $name"
fi
[ -e "$work/haswitch.ko" ] || die "the build against $name made no haswitch.ko"
rm -f "$work/.unjudged"
# By a new file: a guest may be reading the old one.
[ "$work" = "$out" ] || cmp -s "$work/haswitch.ko" "$out/haswitch.ko" ||
	{ cp "$work/haswitch.ko" "$out/.ko.$$" && mv "$out/.ko.$$" "$out/haswitch.ko"; }
echo "$kdir" >"$out/.kdir"
