#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# A fresh Debian 12 machine for the lab: a disk image with systemd, Debian's kernel and what a user installs to build
# haswitch, made from packages into the cache.
#
#   machine.sh build      makes it ready (at once when the cache has it)
#   machine.sh disk       the disk image; never write to it, put a qcow2 file over it
#   machine.sh kernel     its kernel             machine.sh initrd     its initramfs
#   machine.sh release    what uname -r will say
#
# The packages that haswitch needs are installed in it by the project's own deps.sh, as a user would have them
# installed. At each boot the machine mounts the 9p share `out` on /mnt/out, runs /mnt/out/job there as root once
# the machine is up, and powers off.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/suite.sh
. "$here/suite.sh"

suite=bookworm
machines="$suite_cache/machines"
# Beside minbase: the kernel and its headers, init, and what the documentation takes for granted on a server.
packages=(systemd systemd-sysv dbus udev kmod iproute2 iputils-ping procps less curl ca-certificates man-db bash-completion
	linux-image-amd64 linux-headers-amd64 git make nftables)
size=4G

die() { echo "machine.sh: $*" >&2; exit 1; }

# place: the directory of the image; what decides its content is in the name.
place() {
	local hash
	hash=$({ sed -n '/^# Beside minbase/,$p' "${BASH_SOURCE[0]}"; sed -n '/^packages\[\(build\|userspace\)\]=/,/"$/p' "$here/deps.sh"; } |
		sha256sum | cut -c1-10)
	echo "$machines/$suite-$hash"
}

# The job of the lab: not before the machine has finished booting, as a person would log in.
write_job_unit() {
	cat >"$1/etc/systemd/system/lab-job.service" <<-'UNIT'
		[Unit]
		Description=Job of the lab
		After=multi-user.target
		SuccessAction=poweroff
		FailureAction=poweroff

		[Service]
		Type=oneshot
		Environment=HOME=/root LC_ALL=C.UTF-8 TERM=dumb
		WorkingDirectory=/root
		ExecStartPre=/bin/mkdir -p /mnt/out
		ExecStartPre=/sbin/modprobe -a 9pnet_virtio 9p
		ExecStartPre=/bin/mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=262144 out /mnt/out
		ExecStart=/bin/bash -lc '. /mnt/out/job >>/mnt/out/stdout.txt 2>&1'
		TimeoutStartSec=infinity
	UNIT
	# Idle, so that it is not part of what boot waits for.
	mkdir -p "$1/etc/systemd/system/default.target.wants"
	cat >"$1/etc/systemd/system/lab-job.timer" <<-'UNIT'
		[Timer]
		OnActiveSec=1ms
		AccuracySec=1ms
	UNIT
	ln -s ../lab-job.timer "$1/etc/systemd/system/default.target.wants/lab-job.timer"
}

# customize ROOT: called by mmdebstrap inside the new root's directory.
customize() {
	local root=$1

	echo lab >"$root/etc/hostname"
	printf '127.0.0.1 localhost lab\n::1 localhost\n' >"$root/etc/hosts"
	echo '/dev/vda / ext4 defaults,noatime 0 1' >"$root/etc/fstab"
	cp "$here/deps.sh" "$root/root/deps.sh"
	chroot "$root" /root/deps.sh build userspace
	rm "$root/root/deps.sh"
	chroot "$root" systemd-machine-id-setup >/dev/null
	# Nobody logs in, and no package is fetched, by the clock.
	chroot "$root" systemctl --quiet mask getty@tty1.service serial-getty@ttyS0.service apt-daily.timer apt-daily-upgrade.timer \
		man-db.timer e2scrub_all.timer
	write_job_unit "$root"
}

build() {
	local dir tmp entry other
	dir=$(place)
	mkdir -p "$machines"
	exec 9>"$machines/lock"
	flock 9
	[ ! -e "$dir/ready" ] || return 0
	# mmdebstrap makes devices and mounts: as root only.
	[ "$(id -u)" -eq 0 ] || die "as root"
	command -v mmdebstrap >/dev/null || die "needs the package mmdebstrap"
	rm -rf "$dir"
	mkdir -p "$dir"
	tmp="$dir/root"
	entry=$(suite_source $suite)
	echo "machine: making a Debian 12 disk (log: $dir/build.log)" >&2
	{
		echo "$entry"
		for other in $suite-updates $suite-security; do suite_source "$other"; done
	} | mmdebstrap --mode=root --variant=minbase --include="${packages[*]}" \
		--aptopt='APT::Install-Recommends "false"' --aptopt='APT::Sandbox::User "root"' \
		--customize-hook="'${BASH_SOURCE[0]}' customize \"\$1\"" $suite "$tmp" - >"$dir/build.log" 2>&1 ||
		{ tail -n 30 "$dir/build.log" >&2; die "failed, see $dir/build.log"; }
	cp "$(readlink -f "$tmp/vmlinuz")" "$dir/kernel" 2>/dev/null || cp "$tmp"/boot/vmlinuz-* "$dir/kernel"
	cp "$tmp"/boot/initrd.img-* "$dir/initrd"
	basename "$tmp"/boot/vmlinuz-* | sed 's/^vmlinuz-//' >"$dir/release"
	truncate -s $size "$dir/disk"
	mke2fs -q -t ext4 -L machine -O ^has_journal -d "$tmp" "$dir/disk" 2>>"$dir/build.log"
	rm -rf "$tmp"
	touch "$dir/ready"
}

# ready: the directory of an image that must be there.
ready() {
	local dir
	dir=$(place)
	[ -e "$dir/ready" ] || die "not made yet: scripts/machine.sh build"
	echo "$dir"
}

case ${1:-help} in
build) build ;;
disk | kernel | initrd) dir=$(ready) && echo "$dir/$1" ;;
release) dir=$(ready) && cat "$dir/release" ;;
customize) customize "${2:?root}" ;;
*) sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; [ "${1:-help}" = help ] ;;
esac
