# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced. Sets ccache to the command that goes before the compiler, or to nothing where ccache is not installed, and
# lab_cache to where the lab keeps what serves every clone on this machine.
#
# A hit is decided by content: the source with all that it includes, the options and the compiler.

lab_cache="${XDG_CACHE_HOME:-$HOME/.cache}/haswitch"
# shellcheck disable=SC2034 # it is read there
ccache=$(command -v ccache || true)
export CCACHE_DIR=$lab_cache/ccache CCACHE_MAXSIZE=2G
