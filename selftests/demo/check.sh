#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs the demo, asserts its exit code and what it prints; then its judges must find the faults put into this run's
# records.
#
#   check.sh [-r|-4]     -r: in real time; -4: with the fourth act
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

# act NAME: what the demo said of haswitch or of keepalived, which comes second, and its other acts.
act() {
	case $1 in
	haswitch) sed '/^The same machines and faults with/,$d' "$said" ;;
	keepalived) sed '1,/^The same machines and faults with/d; /^Second act:/,$d' "$said" ;;
	second) sed '1,/^Second act:/d; /^Third act:/,$d' "$said" ;;
	third) sed '1,/^Third act:/d; /^Fourth act:/,$d' "$said" ;;
	fourth) sed '1,/^Fourth act:/d' "$said" ;;
	esac
}

# count PATTERN: how many lines of what the demo said match.
count() { act "${of:-haswitch}" | grep -cE -- "$1"; }

# says N PATTERN: just so many lines do.
says() { [ "$(count "$2")" -eq "$1" ] || { echo "$(count "$2") lines match, wanted $1: $2"; return 1; }; }

# ordered: in each block the stamps are whole, and none is before the one above it. Four blocks are of members, three of
# the holder, and five of keepalived's.
ordered() {
	awk '
	function stamp(at) {
		n++
		if (at !~ /^[0-9]+\.[0-9]+$/ || length(at) - index(at, ".") != 9 || at + 0 < last) bad = $0
		last = at + 0
	}
	$1 == "cause" { blocks++; last = 0 }
	$1 ~ /^(cause|detected|published|granted|announced|served)$/ && $3 == "s" { stamp($2) }
	$1 == "first" || $1 == "last" { stamp($3) }
	END {
		if (bad != "") print bad
		print blocks " blocks, " n " stamps"
		exit bad != "" || blocks != 12 || n != 39
	}' "$said"
}

# same_windows: the story tells the windows of the table. Of the members, each second window is of a return, which the
# table does not have. The table has whole milliseconds, or tenths of a second.
same_windows() {
	awk '
	function ms(number, unit) { return unit == "s" ? number * 1000 : number }
	function off(told, cell, unit, most) {
		most = unit == "s" ? 51 : 0.6
		n++
		if (cell - told <= most && told - cell <= most) return
		print "the story says " told " ms, the table " cell " ms: " $0
		bad = 1
	}
	$1 == "window" && $3 == "ms," { window[++windows] = $2 }
	$2 == "web" && $3 == "server" && /power/ { at = 1 }
	$2 == "web" && $3 == "server" && /killed/ { at = 3 }
	at && match($0, /[0-9.]+ m?s +[0-9]+ +(no|YES) +[0-9.]+ m?s /) {
		split(substr($0, RSTART), cell)
		off(window[at], ms(cell[1], cell[2]), cell[2])
		off(window[8 + rows++], ms(cell[5], cell[6]), cell[6])
		at = at < 5 ? at + 2 : at + 1
	}
	END { print n + 0 " windows"; exit bad || n != 10 || windows != 12 }' "$said"
}

# bounded: traffic left each failed member in at most the time that is said to be allowed.
bounded() {
	awk '
	$1 == "moved" && /at most/ { n++; if ($3 > $7) { print; bad = 1 } }
	END { print n + 0 " moves"; exit bad || n != 2 }' "$said"
}

# same FILE: what the machines had is told, and was the same for all: no word of it says where it is read, nor tunes a
# time.
same() { grep -q . "$out/$1" && ! grep -E 'self|node = "|timings|pulses|leases =' "$out/$1"; }

# row FAULT PATTERN: its line of the table.
row() { grep -E "^$1 " "$said" | grep -E -- "$2"; }

# served: the whole run's rate, and both kinds of connection, from its closing line.
served() {
	local line='^[0-9]+ requests in [0-9.]+ s \(([0-9]+)/s; ([0-9]+) on new connections, ([0-9]+) on kept .*'
	sed -nE "s|$line|\1 \2 \3|p" "$said" |
		awk '{ print; good = $1 >= 200 && $2 > 0 && $3 > 0 } END { exit !good }'
}

# one_screen: the second act has 48 lines of 120 columns at most.
one_screen() {
	act second | awk '{ print } length > 120 { wide = 1 } END { exit wide || NR > 48 || NR < 32 }'
}

# has_status: what haadm status says of the holder comes after everything that happened to the members.
has_status() {
	sed '1,/requests in .* served/d' "$said" | grep -A 3 '^vips: 1' | grep -A 2 '10\.0\.0\.100 held by lb[12]' |
		grep -E '10\.0\.0\.100:80/tcp -> web1'
}

# spoiled JUDGE FILE PROGRAM: the records of this run, one of them rewritten by an awk program, judged.
spoiled() {
	local file=$2 copy=$HASW_OUT/spoiled
	rm -rf "$copy" && mkdir "$copy" &&
		cp "$out"/{story,events,faults}.json "$out"/{owners,requests,holder}.log "$out"/keepalived-*.log "$copy"
	awk "$3" "$out/$file" >"$copy/$file"
	! cmp -s "$out/$file" "$copy/$file" || { echo "nothing was changed"; return 99; }
	python3 -B "$here/$1.py" "$copy"
}

ktap_header
options=(-3)
[ "${1:-}" = -4 ] && options=() || options+=("$@")
check "the demo ends well" bash -c '"$1" "${@:4}" -o "$2" 2>&1 | tee "$3"; exit "${PIPESTATUS[0]}"' - \
	"$here/demo" "$out" "$said" "${options[@]}"
# Of several runs the last one counts.
sed -i '/^demo: once more$/h; //!H; $!d; x; s/^\n//' "$said"
check "all machines have the same haswitch.conf without a tuned time" same haswitch.conf
check "all machines have the same haagentd.conf without a tuned time" same haagentd.conf
check "a web server's machine and its program die" \
	says 2 '^[0-9:.]+  web1: (the machine loses its power|HTTP server alone killed)'
check "the web server comes back each time" \
	says 2 '^[0-9:.]+  web1: (power is back, the machine boots|HTTP server started again)'
check "the module's heartbeats notice the first fault" says 1 \
	'detected .* node web1 up -> lost: no heartbeat of its module'
check "the member's module notices the second fault" says 1 'detected .* member web1 refused'
check "traffic goes to web2 and back twice" says 4 'first packet .* to web[12]$'
check "the stamps of each block are in order" ordered
check "traffic leaves each failed member within the bound of detection and the allowance" bounded
check "the bound of heartbeats is that of the shipped defaults" says 1 \
	'good \(every 10 ms x 4 \+ 10 ms[^,]*, \+ 50 ms\)'
check "each return says that it waits on purpose, and who served meanwhile" \
	says 2 'moved after +(1|11) s, on purpose: .*\. web2 served meanwhile$'
check "the window of each switch is what the client saw" says 7 \
	'window +[0-9.]+ ms, the longest time in which no client'
check "the story tells the windows of the table" same_windows
check "a holder whose agent hangs serves clients for a while" says 1 \
	'last answer .* by lb[12]: its module serves clients'
check "requests are counted for each switch" says 4 \
	'requests +[0-9]+ served, [0-9]+ failed, [0-9]+ kept connections reset'
check "at least 200 requests a second, new and kept connections" served
check "the status of the holder is told" has_status
check "the story takes the power of the holder" says 1 '^[0-9:.]+  lb[12]: the holder loses its power'
check "the story stops the holder's agent" says 1 "^[0-9:.]+  lb[12]: the holder's agent stops running"
check "the story moves the lease on purpose" says 1 '^[0-9:.]+  lb[12]: haadm failover web'
check "the other balancer is granted the lease each of three times" says 3 'granted .* node lb[12] holds the lease now'
check "requests are served again after each move of the vip" says 1 '^The vip moved by itself'
of=keepalived
check "keepalived has the same five faults" says 5 \
	'^[0-9:.]+  (web1|lb1): (.* power|HTTP server alone killed.*|the holder.s keepalived .*)$'
check "keepalived's other balancer announces the vip each of three times" says 3 'announced .* lb2 has the vip now'
# Who never saw two owners might not see them at all.
check "two owners are seen only when keepalived hangs" \
	row "the holder's program hangs .SIGSTOP." ' ms +[0-9]+ +no .* YES$'
check "each of the five faults in the table has one owner of haswitch" \
	says 5 '^[a-z][a-z '"'"']*( .SIGSTOP.)?  +[0-9.]+ m?s +[0-9]+ +no +'
check "nothing is lost when haswitch's holder is moved" row "the holder is moved on purpose" ' ms +0 +no'
if [ "${1:-}" != -r ]; then
	of=third
	check "the third act types commands on each of three machines" says 18 '^[abc]# (haadm|ip|curl|cat) '
	check "the third act tells what they print" bash -c "[ $(act third | grep -c '^  [^ ]*') -ge 50 ]"
	check "a hung server is found by its health check, and a command is told" says 1 \
		'^  member 10\.0\.0\.100:80/tcp c down$'
	check "all journals have the holder's death" says 2 '[bc] lease cause granted node b .*lease web'
	check "the status page and the route of the vip are told" says 2 \
		'^  *(10\.0\.0\.100 +served +a .* 2 of 2 members|blackhole 10\.0\.0\.100 proto haswitch)'
	of=second
	check "the second act fits on one screen" one_screen
	check "the second act tells four stories, each with its columns" says 4 \
		'^     time  cause .* window     served failed$'
	check "an order is lost in none of them" says 4 \
		'^[0-9]+ requests, of which .*; [0-9]+ acknowledged orders, of which none was lost$'
	check "controller: the window of the primary's failure is told" says 1 \
		'^ +[0-9.]+ s  haadm --all node set a state down +b serves after [0-9]+ ms +[0-9]+ ms +[0-9]+ +[0-9]+$'
	check "shop: the windows of four deaths are told" says 4 \
		'(loses its power|is killed).* all know after [0-9]+ ms +[0-9]+ ms +[0-9]+ +[0-9]+$'
	check "shop: haadm is asked what is wrong, and how long nobody held the lease" says 3 \
		'haadm (doctor.* nothing found|check.* OK - 1 vip .*|availability.*, 2 outages of at most [0-9]+ ms)$'
	check "disaster: the time until it is served again is told" says 1 \
		'power is back at a and b +served after [0-9]+ ms '
	check "growth: no connection moves in six steps" says 6 \
		'(serve|runs|d, e|three nodes).*; [0-9]+ stay +[0-9]+ ms +[0-9]+ +0$'
fi
if [ "${1:-}" = -4 ]; then
	of=fourth
	check "the fourth act tells three stories" says 3 '^ +time +cause .* failed$'
	check "Pacemaker moves the lease on purpose, and when a node dies" says 2 \
		'(crm_resource .*|, which holds it, dies) +[abc] holds it after [0-9]+ ms$'
	check "corosync without quorum, and without its daemon, costs a node the lease" says 2 \
		'corosync .*, which holds it.* [abc] holds it after [0-9]+ ms$'
	check "a router follows the lease by BGP four times and once more" says 5 \
		'the router leads to [ab] after [0-9]+ ms; no answer for [0-9]+ ms$'
fi
of=haswitch
check "the judge finds the demo's records good" python3 -B "$here/judge.py" "$out"
check "the judge finds the table good" python3 -B "$here/compare.py" "$out"

begin=$(sed -nE 's/^ "begin": ([0-9]+),/\1/p' "$out/story.json" 2>/dev/null)
check_fails "the judge finds a failure when no switch was going on" 1 \
	'failed \(reset\) .* when no switch was going on' \
	spoiled judge requests.log \
	'!done && $2 > '"${begin:-0}"' && $4 == "served" { $4 = "reset"; $5 = "-"; done = 1 } { print }'
check_fails "the judge finds answers of another node" 1 'were served by web3, not by web1' \
	spoiled judge requests.log '!done && $2 > '"${begin:-0}"' && $4 == "served" { $5 = "web3"; done = 1 } { print }'
check_fails "the judge finds too little traffic" 1 'requests a second were served, fewer than 200' \
	spoiled judge requests.log 'NR % 2'
check_fails "the judge finds a switch without a first packet" 1 'no packet took a new way' \
	spoiled judge events.json '{ sub(/"first-packet"/, "\"config\"") } { print }'
check_fails "the judge finds a late first packet" 1 'from cause to first packet .* more than' \
	spoiled judge story.json '{ sub(/"bound": [0-9]+/, "\"bound\": -49999999") } { print }'
check_fails "the judge finds another cause than the story's" 1 'the switch came from node web1 \(cause admin\)' \
	spoiled judge events.json '{ sub(/"cause": "pulse"/, "\"cause\": \"admin\"") } { print }'
check_fails "the judge finds a window of the holder's that is too long" 1 \
	'haswitch, .* no answer for .* more than 0.001 ms' \
	spoiled compare faults.json '{ sub(/"bound": [0-9]+/, "\"bound\": 1000") } { print }'
check_fails "the judge finds two owners at once" 1 'haswitch, .* 2 machines answered for the vip at once' \
	spoiled compare owners.log 'NR == 10 { $2 = "lb1,lb2" } { print }'
check_fails "the judge finds another owner at the end" 1 \
	'haswitch, .* at the end lb[12] answered for the vip, not web1' \
	spoiled compare faults.json '{ sub(/"owner": "lb[12]"/, "\"owner\": \"web1\"") } { print }'
check_fails "the judge finds what a planned move has lost" 1 'haswitch, .* [0-9]+ requests were lost' \
	spoiled compare faults.json '{ sub(/"planned": false/, "\"planned\": true") } { print }'
check_fails "the judge finds a fault that is not in the table" 1 'keepalived moved: 0 records' \
	spoiled compare faults.json '/"keepalived"/ { peer = 1 } peer { sub(/"moved"/, "\"power\"") } { print }'
ktap_exit
