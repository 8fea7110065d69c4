#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Packs the initramfs of a Debian kernel: busybox, the modules for 9p and overlay, and an init that mounts the machine's
# root.
#
#   initramfs.sh MODULES-ROOT RELEASE FILE
set -euo pipefail

root=$1 release=$2 file=$3
tree=$(mktemp -d "$file.XXXXXX")
trap 'rm -rf "$tree"' EXIT

mkdir -p "$tree"/{bin,dev,proc,sys,lower,upper,root,modules}
cp "$(command -v busybox)" "$tree/bin/busybox"
# modprobe prints them in the order in which they have to be loaded.
n=100
while read -r _ path _; do
	case $(basename "$path") in
	*.ko.xz) xz -dc "$path" >"$tree/modules/$n-$(basename "$path" .xz)" ;;
	*) cp "$path" "$tree/modules/$n-$(basename "$path")" ;;
	esac
	n=$((n + 1))
done < <(for module in virtio_pci 9pnet_virtio 9p overlay virtio_rng; do
	modprobe -d "$root" -S "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++')
ls "$tree"/modules/*-9p.ko "$tree"/modules/*-overlay.ko >/dev/null

cat >"$tree/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
for word in $($b cat /proc/cmdline); do
	case $word in hasw_lab=*) control=${word#*=} ;; esac
done
for module in /modules/*; do $b insmod $module; done
fail() { echo "lab: the root could not be made: $*"; $b poweroff -f; }
options=trans=virtio,version=9p2000.L,msize=262144
$b mount -t 9p -o ro,$options,cache=loose host /lower || fail "9p root"
$b mount -t tmpfs -o mode=755 upper /upper
$b mkdir /upper/upper /upper/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work root /root || fail overlay
. "/lower$control/job.sh"
$b mount --bind "/root$HASW_REPO" "/root$HASW_REPO"
$b mount -o remount,bind,ro "/root$HASW_REPO"
$b mount -t 9p -o $options,cache=none out "/root$HASW_OUT" || fail "9p output"
$b umount /proc
exec $b switch_root /root /bin/bash "$lab/guest" "$control"
INIT
chmod +x "$tree/init"
(cd "$tree" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0 >"$file")
