# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # $dir is the test's
# What commands print with -j is as the schema says.
#
# Sourced after ktap.sh; the test has a folder $dir.

schema_check=$PWD/lib/py/schema_check.py

# printed NAME COMMAND...: what the command prints there is kept, a line for each value, with the command's name.
printed() {
	local name=$1 code=0
	shift
	haadm -n "$name" -j "${printed_options[@]}" "$@" >"$dir/value" || code=$?
	[ $code -eq 0 ] || [ "$1" = check ] || [ "$1" = doctor ] || return 1
	case $1 in
	status | check | top | doctor | monitor | explain) set -- "$1" ;;
	esac
	jq -cj --arg command "${1}${2:+ $2}" '"\($command)\t\(.)\n"' "$dir/value" >>"$dir/printed"
}

# value_fits COMMAND: what it has printed, which is in $dir/value, is as the schema says.
value_fits() {
	haadm -j schema >"$dir/schema" && jq -cj --arg command "$1" '"\($command)\t\(.)\n"' "$dir/value" |
		python3 "$schema_check" "$dir/schema" "$1"
}

# json_fits NAME WORDS COMMAND...: what the command prints in the namespace is as the schema says of these words of it.
json_fits() { haadm -n "$1" -j "${@:3}" >"$dir/value" && value_fits "$2"; }

# schema_fits NAME [COMMAND...]: what commands print in the namespace is as the schema says; these were among them.
schema_fits() {
	local name=$1 object
	: >"$dir/printed"
	haadm -j schema >"$dir/schema" || return 1
	# With wall times beside stamps, and without.
	printed_options=(-t)
	for object in node lease pulse event; do
		printed "$name" $object show || return 1
	done
	printed_options=()
	for object in node zone vip service member lease pulse flow event; do
		printed "$name" $object show || return 1
	done
	printed "$name" flow limits && printed "$name" stats show && printed "$name" stats switch &&
		printed "$name" check && printed "$name" doctor &&
		printed "$name" status over 100ms && printed "$name" status -w every 100ms count 2 &&
		printed "$name" top every 100ms &&
		printed "$name" explain 10.0.0.9:7 10.0.0.100:80/tcp local &&
		printed "$name" flow del vip 10.0.0.111 || return 1
	python3 "$schema_check" "$dir/schema" "${@:2}" <"$dir/printed"
}
