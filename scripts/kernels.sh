#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The kernels of the lab: builds or unpacks them into the cache, and tells where they are.
#
#   kernels.sh list                 every name, with its state
#   kernels.sh build NAME...        makes them ready (at once when the cache has them)
#   kernels.sh update NAME...       the same, but with the newest source or package that apt offers
#   kernels.sh kdir NAME            the build directory for external modules
#   kernels.sh image NAME           the kernel to boot
#   kernels.sh modules NAME         the root under which lib/modules is
#   kernels.sh source NAME          the source tree (UML kernels)
#   kernels.sh release NAME         what uname -r will say
#   kernels.sh arch NAME            um or x86_64
#
# One directory a kernel, NAME-VERSION-HASH: the version of Debian's package and a hash over what decides
# the build (fragments, compiler, recipe). It is complete when its `ready` file is there. A lock for each
# name keeps two callers from building the same kernel.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/suite.sh
. "$here/suite.sh"

names=(deb61 deb612 rt612 uml61 uml612 uml612-debug uml72 uml72-one uml72-debug uml72-plain)
config="$here/../selftests/lab/config"
kernels="$suite_cache/kernels"
recipe=1

die() { echo "kernels.sh: $*" >&2; exit 1; }
say() { echo "kernels: $*" >&2; }

# describe NAME: sets what a name means.
describe() {
	fragments=() suites=() patches=()
	case $1 in
	deb61) package=linux-image-amd64 wanted=6.1. suites=(bookworm-security bookworm) ;;
	deb612) package=linux-image-6.12-amd64 wanted=6.12. suites=(bookworm-security bookworm-backports) ;;
	rt612) package=linux-image-6.12-rt-amd64 wanted=6.12. suites=(bookworm-security bookworm-backports) ;;
	uml61) package=linux-source-6.1 wanted=6.1. fragments=(uml uml-switch uml-one uml-61) suites=(bookworm-security bookworm) ;;
	uml612) package=linux-source-6.12 wanted=6.12. fragments=(uml uml-switch uml-one) suites=(bookworm-security bookworm-backports) ;;
	uml612-debug) package=linux-source-6.12 wanted=6.12. fragments=(uml uml-switch uml-one uml-debug) suites=(bookworm-security bookworm-backports)
		patches=("$config/uml-debug.patch") ;;
	uml72) package=linux-source-7.2 wanted=7.2 fragments=(uml uml-smp uml-lockdep) suites=(trixie-backports sid) ;;
	uml72-one) package=linux-source-7.2 wanted=7.2 fragments=(uml uml-one uml-protocols) suites=(trixie-backports sid) ;;
	uml72-debug) package=linux-source-7.2 wanted=7.2 fragments=(uml uml-one uml-debug) suites=(trixie-backports sid)
		patches=("$config/uml-debug.patch") ;;
	uml72-plain) package=linux-source-7.2 wanted=7.2 fragments=(uml uml-smp) suites=(trixie-backports sid) ;;
	*) die "no kernel $1; there are: ${names[*]}" ;;
	esac
	files=()
	local f
	for f in "${fragments[@]}"; do
		files+=("$config/$f.config")
	done
	arch=um
	[ ${#files[@]} -gt 0 ] || arch=x86_64
}

# build_hash: what, besides the source's version, decides the result.
build_hash() {
	{
		echo "$recipe $package"
		if [ $arch = um ]; then
			gcc -dumpfullversion
			grep -hE '^(# )?CONFIG_' "${files[@]}"
			[ ${#patches[@]} -eq 0 ] || cat "${patches[@]}"
		fi
	} | sha256sum | cut -c1-10
}

# find_ready NAME: the newest complete directory of a kernel.
find_ready() {
	local hash dir
	hash=$(build_hash)
	dir=$(find "$kernels" -maxdepth 2 -path "$kernels/$1-[0-9]*-$hash/ready" 2>/dev/null | sort -V | tail -n 1)
	[ -n "$dir" ] && dirname "$dir"
}

# watched LABEL LOG COMMAND...: runs COMMAND into LOG and tells every 15 s how far it is.
watched() {
	local label=$1 log=$2 begin=$SECONDS next=15 pid
	shift 2

	"$@" >>"$log" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		if [ $((SECONDS - begin)) -ge $next ]; then
			say "$label: $next s, $(grep -c '^  CC ' "$log" || true) files compiled"
			next=$((next + 15))
		fi
	done
	wait "$pid" || { tail -n 30 "$log" >&2; die "$label failed, see $log"; }
}

# verify_config CONFIG FRAGMENT...: each line of the fragments must have survived the merge.
verify_config() {
	local merged=$1 line symbol bad=0
	shift

	while read -r line; do
		case $line in
		CONFIG_*=*) grep -qxF "$line" "$merged" || { echo "lost in the merge: $line"; bad=1; } ;;
		'# CONFIG_'*' is not set')
			symbol=${line#\# } symbol=${symbol%% *}
			! grep -q "^$symbol=" "$merged" || { echo "set after the merge: $symbol"; bad=1; } ;;
		esac
	done < <(cat "$@")
	return $bad
}

# unpack_source VERSION SUITE: the source tree, without the register tables of graphics drivers (a third of it); a tree of
# its own where the kernel has patches. Others read a tree while they build, so none is ever changed. A command
# substitution runs this, where a command that fails ends nothing by itself.
unpack_source() {
	local version=$1 suite=$2 tree="$suite_cache/source/${package}_$1" tmp="$suite_cache/source/.tmp.$$" patched patch

	exec 8>"$suite_cache/source.lock"
	flock 8
	rm -rf "$tmp"
	mkdir -p "$tmp/deb" "$tmp/tree"
	if ! [ -e "$tree/.unpacked" ]; then
		say "$package $version: fetching and unpacking the source"
		suite_download "$suite" "$tmp" "$package=$version" || return 1
		dpkg -x "$tmp"/*.deb "$tmp/deb" || return 1
		tar -xf "$tmp/deb/usr/src/$package.tar.xz" -C "$tmp/tree" --strip-components=1 \
			--exclude='*/drivers/gpu/drm/amd/include/*' --exclude='*/drivers/gpu/drm/nouveau/*/*/*' || return 1
		touch "$tmp/tree/.unpacked"
		# What stands there was never whole.
		rm -rf "$tree"
		mv "$tmp/tree" "$tree" || return 1
	fi
	if [ ${#patches[@]} -gt 0 ]; then
		patched="$tree-$(cat "${patches[@]}" | sha256sum | cut -c1-10)"
		if ! [ -e "$patched/.unpacked" ]; then
			rm -rf "$tmp/tree"
			# The files are shared; patch(1) puts a new one in the place of each that it changes.
			cp -al "$tree" "$tmp/tree" || return 1
			for patch in "${patches[@]}"; do
				patch --batch --fuzz=0 -d "$tmp/tree" -p1 <"$patch" >&2 || return 1
			done
			mv "$tmp/tree" "$patched" || return 1
		fi
		tree=$patched
	fi
	rm -rf "$tmp"
	exec 8>&-
	echo "$tree"
}

# install_modules DIR OBJ: lib/modules, so that modprobe in a guest knows what is built in.
install_modules() {
	local release root="$1/root" obj=$2

	release=$(cat "$1/release")
	make -s -C "$obj" ARCH=um "INSTALL_MOD_PATH=$root" modules_install
	rm -f "$root/lib/modules/$release/build" "$root/lib/modules/$release/source"
}

# make_um DIR TREE: configures and builds UML in DIR/obj.
make_um() {
	local dir=$1 tree=$2 obj="$1/obj"

	mkdir -p "$obj"
	make -C "$tree" ARCH=um "O=$obj" defconfig
	(cd "$tree" && ARCH=um scripts/kconfig/merge_config.sh -m -O "$obj" "$obj/.config" "${files[@]}")
	make -C "$tree" ARCH=um "O=$obj" olddefconfig
	verify_config "$obj/.config" "${files[@]}"
	make -C "$tree" ARCH=um "O=$obj" "-j$(nproc)" linux
	make -C "$tree" ARCH=um "O=$obj" "-j$(nproc)" modules
	make -s -C "$tree" ARCH=um "O=$obj" kernelrelease >"$dir/release"
	cp "$obj/linux" "$dir/image"
	install_modules "$dir" "$obj"
	# External modules need headers, scripts and Module.symvers; the objects are ten times that.
	find "$obj" -path "$obj/scripts" -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name 'vmlinux*' -o -name linux \) -type f -print0 |
		xargs -0 rm -f
}

# build_um NAME VERSION SUITE DIR
build_um() {
	local name=$1 version=$2 suite=$3 dir=$4 tree

	tree=$(unpack_source "$version" "$suite")
	ln -sfn "$tree" "$dir/source"
	say "$name: building User Mode Linux $version (log: $dir/build.log)"
	watched "$name" "$dir/build.log" make_um "$dir" "$tree"
}

# build_deb NAME VERSION SUITE DIR: image and headers unpacked, never installed.
build_deb() {
	local name=$1 version=$2 suite=$3 dir=$4 image headers common release deb makefile
	local root="$dir/root"

	image=$(suite_depends "$suite" "$package" '^linux-image-')
	headers=${image/image/headers}
	release=${image#linux-image-}
	common=$(suite_depends "$suite" "$headers" '^linux-(headers|kbuild)-')
	say "$name: fetching $image and its headers"
	# shellcheck disable=SC2086 # a list of names
	suite_download "$suite" "$dir/debs" "$image" "$headers" $common
	for deb in "$dir"/debs/*.deb; do
		dpkg -x "$deb" "$root"
	done
	rm -rf "$dir/debs"

	makefile="$root/usr/src/linux-headers-$release/Makefile"
	sed -i "s|^include /usr/src/|include $root/usr/src/|" "$makefile"
	# With a vmlinux beside it modpost makes BTF, which needs pahole.
	rm -f "$root/usr/src/linux-headers-$release/vmlinux"
	depmod -b "$root" "$release"
	ln -sfn "$root/usr/src/linux-headers-$release" "$dir/obj"
	ln -sfn "$root/boot/vmlinuz-$release" "$dir/image"
	echo "$release" >"$dir/release"
}

# build_one NAME UPDATE: makes one kernel ready.
build_one() {
	local name=$1 update=$2 suite version dir

	describe "$name"
	mkdir -p "$kernels"
	exec 9>"$kernels/$name.lock"
	if ! flock -n 9; then
		say "$name: somebody else is building it, waiting"
		flock 9
	fi
	if [ "$update" = no ] && find_ready "$name" >/dev/null; then
		exec 9>&-
		return 0
	fi
	suite=$(suite_pick "$package" "${suites[@]}")
	version=$(suite_version "$suite" "$package")
	case $version in
	"$wanted"*) ;;
	*) die "$package is $version here, the lab wants $wanted" ;;
	esac
	dir="$kernels/$name-$version-$(build_hash)"
	if ! [ -e "$dir/ready" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		if [ $arch = um ]; then
			build_um "$name" "$version" "$suite" "$dir"
		else
			build_deb "$name" "$version" "$suite" "$dir"
		fi
		touch "$dir/ready"
		say "$name: ready, $(cat "$dir/release")"
	fi
	exec 9>&-
}

# place NAME: the directory of a kernel that must be ready.
place() {
	describe "$1"
	find_ready "$1" || die "$1 is not built yet: scripts/kernels.sh build $1"
}

list() {
	local name dir
	for name in "${names[@]}"; do
		describe "$name"
		if dir=$(find_ready "$name"); then
			echo "$name ready $(cat "$dir/release")"
		else
			echo "$name absent"
		fi
	done
}

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
list) list ;;
build) for name; do build_one "$name" no; done ;;
update) for name; do build_one "$name" yes; done ;;
kdir) dir=$(place "${1:?name}") && readlink -f "$dir/obj" ;;
image) dir=$(place "${1:?name}") && readlink -f "$dir/image" ;;
modules) dir=$(place "${1:?name}") && echo "$dir/root" ;;
source) dir=$(place "${1:?name}") && readlink -f "$dir/source" ;;
release) dir=$(place "${1:?name}") && cat "$dir/release" ;;
arch) describe "${1:?name}" && echo "$arch" ;;
*) sed -n '3,17s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; [ "$verb" = help ] ;;
esac
