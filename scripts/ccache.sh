# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced. Sets lab_cache to the folder that serves every clone on this machine, and ccache to the command that goes
# before the compiler. Each is empty where there is none: a home that cannot be written, ccache not installed.
#
# A hit is decided by content: the source with all that it includes, the options and the compiler.

# shellcheck disable=SC2034 # both are read there
ccache=''
lab_cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/haswitch"
if mkdir -p "$lab_cache" 2>/dev/null; then
	ccache=$(command -v ccache || true)
	export CCACHE_DIR=$lab_cache/ccache CCACHE_MAXSIZE=2G
else
	lab_cache=''
fi
