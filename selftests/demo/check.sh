#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs the demo, asserts its exit code and what it prints; then its judge must find the faults put into this run's
# records.
#
#   check.sh [-s]     -s: in simulated time
# shellcheck disable=SC2016 # what stands in single quotes is for another program
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$here/../lib/ktap.sh"

own=''
if [ -z "${HASW_OUT:-}" ]; then
	own=$(mktemp -d)
	HASW_OUT=$own
fi
out=$HASW_OUT/run
said=$HASW_OUT/said.txt
trap '[ -z "$own" ] || rm -rf "$own"' EXIT

# count PATTERN: how many lines of what the demo said match.
count() { grep -cE -- "$1" "$said"; }

# says N PATTERN: just so many lines do.
says() { [ "$(count "$2")" -eq "$1" ] || { echo "$(count "$2") lines match, wanted $1: $2"; return 1; }; }

# ordered: in each block the four stamps are whole, and none is before the one above it.
ordered() {
	awk '
	function stamp(at) { n++; if (at !~ /^[0-9]+\.[0-9]+$/ || length(at) - index(at, ".") != 9 || at < last) bad = $0; last = at }
	$1 == "cause" { blocks++; last = 0; stamp($2) }
	$1 == "detected" || $1 == "published" { stamp($2) }
	$1 == "first" { stamp($3) }
	END { if (bad != "") print bad; print blocks " blocks, " n " stamps"; exit bad != "" || blocks != 6 || n != 24 }' "$said"
}

# bounded: each window of a failure is at most what is said to be allowed.
bounded() {
	awk '
	$1 == "window" && /at most/ { n++; if ($2 > $6) { print; bad = 1 } }
	END { print n + 0 " windows"; exit bad || n != 3 }' "$said"
}

# served: the whole run's rate, and both kinds of connection, from its closing line.
served() {
	sed -nE \
		's|^[0-9]+ requests in [0-9.]+ s \(([0-9]+)/s; ([0-9]+) on new connections, ([0-9]+) on kept .*|\1 \2 \3|p' "$said" |
		awk '{ print; good = $1 >= 200 && $2 > 0 && $3 > 0 } END { exit !good }'
}

# ends_with_status: what haadm status says of the entry comes after everything that happened.
ends_with_status() {
	sed '1,/requests in .* served/d' "$said" | grep -A 3 '^vips: 1' | grep -A 2 '10\.0\.0\.100 held by entry' |
		grep -E '10\.0\.0\.100:80/tcp -> n1'
}

# spoiled FILE PROGRAM: the records of this run, one of them rewritten by an awk program, judged.
spoiled() {
	local file=$1 copy=$HASW_OUT/spoiled
	rm -rf "$copy" && mkdir "$copy" && cp "$out"/{story.json,events.json,requests.log} "$copy"
	awk "$2" "$out/$file" >"$copy/$file"
	! cmp -s "$out/$file" "$copy/$file" || { echo "nothing was changed"; return 99; }
	python3 -B "$here/judge.py" "$copy"
}

ktap_header
check "the demo ends well" bash -c '"$1" "${@:4}" -o "$2" 2>&1 | tee "$3"; exit "${PIPESTATUS[0]}"' - \
	"$here/demo" "$out" "$said" "$@"
# Of several runs the last one counts.
sed -i '/^demo: once more$/h; //!H; $!d; x; s/^\n//' "$said"
check "a node is killed in three ways" says 3 \
	'^[0-9:.]+  n1: (agent and HTTP server killed|link down|HTTP server alone killed)'
check "the node comes back each of three times" says 3 \
	'^[0-9:.]+  n1: (agent and HTTP server started|link up|HTTP server started) again'
check "heartbeats notice the first two faults" says 2 'detected .* node n1 up -> lost'
check "the health check notices the third fault" says 1 'detected .* member n1 down'
check "traffic goes to n2 and back three times" says 6 'first packet .* to n[12]$'
check "the stamps of each switch are in order" ordered
check "each window is within the bound of detection and the allowance" bounded
check "the bound of heartbeats is that of the shipped defaults" \
	says 2 'at most 120 ms: good \(suspect after 30 ms \+ T 30 ms \+ heartbeat 10 ms, \+ 50 ms\)'
check "the bound of the health check is that of the shipped defaults" \
	says 1 'at most 850 ms: good \(every 200 ms x fall 3 \+ timeout 200 ms, \+ 50 ms\)'
check "requests are counted for each switch" says 6 \
	'requests +[0-9]+ served, [0-9]+ failed, [0-9]+ kept connections reset'
check "at least 200 requests a second, new and kept connections" served
check "the demo ends with the status of the entry" ends_with_status
check "the story cuts the holder off" says 1 '^[0-9:.]+  (entry|n[123]): link down, the holder is cut off'
check "the story stops the holder's agent" says 1 "^[0-9:.]+  (entry|n[123]): the holder's agent stops running"
check "the story moves the lease on purpose" says 1 '^[0-9:.]+  (entry|n[123]): haadm failover web'
check "another node is granted the lease each of three times" says 3 \
	'granted .* node (entry|n[123]) holds the lease now'
check "requests are served again after each move of the vip" says 1 '^The vip moved by itself'
check "the judge finds the demo's records good" python3 -B "$here/judge.py" "$out"

begin=$(sed -nE 's/^ "begin": ([0-9]+),/\1/p' "$out/story.json" 2>/dev/null)
check_fails "the judge finds a failure when no switch was going on" 1 \
	'failed \(reset\) .* when no switch was going on' \
	spoiled requests.log \
	'!done && $2 > '"${begin:-0}"' && $4 == "served" { $4 = "reset"; $5 = "-"; done = 1 } { print }'
check_fails "the judge finds answers of another node" 1 'were served by n3, not by n1' \
	spoiled requests.log '!done && $2 > '"${begin:-0}"' && $4 == "served" { $5 = "n3"; done = 1 } { print }'
check_fails "the judge finds too little traffic" 1 'requests a second were served, fewer than 200' \
	spoiled requests.log 'NR % 2'
check_fails "the judge finds a switch without a first packet" 1 'no packet took a new way' \
	spoiled events.json '{ sub(/"first-packet"/, "\"config\"") } { print }'
check_fails "the judge finds a late first packet" 1 'from cause to first packet .* more than' \
	spoiled story.json '{ sub(/"bound": [0-9]+/, "\"bound\": 1") } { print }'
check_fails "the judge finds another cause than the story's" 1 'the switch came from node n1 \(cause admin\)' \
	spoiled events.json '{ sub(/"cause": "beat"/, "\"cause\": \"admin\"") } { print }'
ktap_exit
