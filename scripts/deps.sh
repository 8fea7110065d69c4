#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The Debian packages that each part of the project needs: silent and quick when they are all there, else installs them.
#
#   deps.sh [GROUP...]     groups: build userspace lab check beside long demo bench (default: build userspace)
set -euo pipefail

declare -A packages
# compiling kernels and the module; generating code from the spec
packages[build]="build-essential flex bison bc libelf-dev libssl-dev rsync cpio kmod xz-utils zstd perl python3 python3-yaml \
	python3-jsonschema"
# compiling libhaswitch, haadm, haagentd and the plug-in
packages[userspace]="build-essential pkg-config libmnl-dev libevent-dev libsodium-dev libconfig-dev libjansson-dev libcmocka-dev \
	libcurl4-gnutls-dev libcmap-dev libquorum-dev"
# booting a kernel, and what a script finds inside
packages[lab]="${packages[build]} busybox-static qemu-system-x86 uml-utilities iproute2 iputils-ping iputils-arping ethtool curl jq gdb"
packages[check]="${packages[lab]} ${packages[userspace]} ccache git shellcheck sparse tcpdump nftables nginx-light man-db mmdebstrap qemu-utils \
	e2fsprogs wrk clang spin keepalived prometheus"
# what haswitch is shown with, and does not need
packages[beside]="frr corosync pacemaker pacemaker-cli-utils resource-agents"
# what only tests of make check-long need
packages[long]="${packages[check]} ${packages[beside]} chromium libxml2-utils"
packages[demo]="${packages[lab]} ${packages[userspace]} nginx-light keepalived"
packages[bench]="${packages[lab]} ${packages[userspace]} ${packages[beside]} nftables ipvsadm conntrack \
	keepalived"

die() { echo "deps.sh: $*" >&2; exit 1; }

[ $# -gt 0 ] || set -- build userspace
wanted=()
for group; do
	[ -n "${packages[$group]:-}" ] || die "no group $group; there are: build userspace lab check beside long demo bench"
	read -r -d '' -a list <<<"${packages[$group]}" || true
	wanted+=("${list[@]}")
done

mapfile -t missing < <(
	comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
		<(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort -u))
[ ${#missing[@]} -gt 0 ] || exit 0

command=(apt-get install -y --no-install-recommends "${missing[@]}")
[ "$(id -u)" -eq 0 ] || die "as root: ${command[*]}"
echo "deps.sh: installing ${missing[*]}" >&2

# Servers that come along are for the lab: they must not start on this machine, now or at its next boot.
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
made_policy=no
cleanup() {
	rm -f "$log"
	[ $made_policy = no ] || rm -f $policy
}
trap cleanup EXIT
if ! [ -e $policy ]; then
	made_policy=yes
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod +x $policy
fi

install() { DEBIAN_FRONTEND=noninteractive "${command[@]}" -o DPkg::Lock::Timeout=600 >"$log" 2>&1; }
if ! install; then
	# Lists that were never fetched, or are older than what the mirror still has.
	apt-get update -qq || die "apt-get update failed"
	install || { tail -n 20 "$log" >&2; die "failed: ${command[*]}"; }
fi
for package in "${missing[@]}"; do
	case $package in
	keepalived | corosync | pacemaker | frr) ! [ -d /run/systemd/system ] || systemctl disable --quiet "$package" 2>/dev/null || true ;;
	prometheus)
		! [ -d /run/systemd/system ] || systemctl disable --quiet prometheus prometheus-node-exporter 2>/dev/null || true ;;
	nginx-light) ! [ -d /run/systemd/system ] || systemctl disable --quiet nginx 2>/dev/null || true ;;
	esac
done
