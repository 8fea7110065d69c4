# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034,SC2154 # repo is the test's, which reads tree_release
# What `make install DESTDIR=...` makes for Debian 12's own kernel.
#
# Sourced.

tree_kernel=deb61
"$repo/scripts/kernels.sh" kdir $tree_kernel >/dev/null || ktap_skip_all "needs the kernel $tree_kernel"
tree_release=$("$repo/scripts/kernels.sh" release $tree_kernel)
# The module's objects are at one place for all clones on this machine, as those of the other checks are: to compile the
# module once more would be most of what this takes.
# shellcheck source=scripts/ccache.sh
. "$repo/scripts/ccache.sh"
tree_objects=${lab_cache:-$repo/build}/modules/installed-$tree_kernel

# tree_make ROOT WORD...: make, for that root.
tree_make() { make -s -C "$repo" "${@:2}" "DESTDIR=$1" KDIR=$tree_kernel "INSTALLED=$tree_objects"; }
