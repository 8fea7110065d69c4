#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The jq that guests take says what jq says, and starts with less to read.
# shellcheck disable=SC2016 # what has a $ is jq's

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$lab/../lib/ktap.sh"
quick=${HASW_BUILD:-$lab/../../build/userspace}/lab
data='{"a":[3,{"b":"x y"},null],"n":"c","t":true}'

# Operators of which the parser makes calls, functions that use others, and what no jq knows.
programs=('.' '.a[1].b' '..' '[..|numbers]' '.a[0]|=.+1' '.n="d"' '.a[0]+=2' '.x//="y"' '.x?' 'del(.a[0])' '[.a[]?]'
	'.a|map(type)|any(.=="null")' '.a|length==3 and all(.!=9)' 'to_entries|map(.key)|sort|join(" ")'
	'with_entries(select(.value==true))' '.a|first,last' '[paths]' 'try error("e") catch .' '.n|error'
	'[.a[]|select(type=="number")]|add' '"\(.n|test("c")) \(.a|index(null))"' '[range(3)]|[limit(2;.[])]|max'
	'label $f|1,break $f' 'reduce .a[] as $i (0;.+1)' '.n|sub("c";"e")' '[.a[1].b|splits(" ")]' 'flatten|unique'
	'builtins|length>100' 'def map(f): 7; map(.)' '@json "\(.a)"' 'nosuch(1)' '.a[' '[.[]|strings]|min_by(.)'
	'group_by(.)' 'walk(.)' 'input' 'env|has("LD_PRELOAD")')

# answer JQ PROGRAM: what it says, and its exit code.
answer() {
	echo "$data" | "$1" -c -e --arg v 1 "$2" 2>&1
	echo "exit ${PIPESTATUS[1]}"
}

same() {
	local program code=0
	for program in "${programs[@]}"; do
		[ "$(answer /usr/bin/jq "$program")" != "$(answer "$quick/jq" "$program")" ] || continue
		echo "$program: $(answer "$quick/jq" "$program")"
		code=1
	done
	return "$code"
}

# preloaded: jq compiles its program by way of the library. If it does not, the text is not made shorter.
preloaded() { LD_DEBUG=bindings "$quick/jq" -n 1 2>&1 | grep -q "/jq .* to .*/lab/quickjq.so .*jq_compile_args"; }

[ -x /usr/bin/jq ] || ktap_skip_all "needs jq"
ktap_header
check "${#programs[@]} programs say the same" same
check "the library is in jq's way to compile a program" preloaded
ktap_exit
