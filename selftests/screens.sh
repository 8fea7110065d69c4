#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What an operator sees of a cluster of three machines that serve a web page: each command as it is typed, and what it
# prints, while a server hangs, a node is changed by hand, and the holder loses its power. It is the demo's third act.
# shellcheck disable=SC2034,SC2317,SC2086,SC2119 # others read it; check runs functions; no word has spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh
# shellcheck source=selftests/lib/machines.sh
. ./lib/machines.sh

declare -A number=([a]=1 [b]=2 [c]=3)
nodes=(a b c)
vip=10.0.0.100 here=http://127.0.0.1:9464
# Where the plug-in of ip was built; else it is installed.
export IP_LIB_DIR=${HASW_BUILD:-/usr/lib/$(uname -m)-linux-gnu/ip}
[ -z "${HASW_BUILD:-}" ] || IP_LIB_DIR+=/iproute2

# done_to WORDS...: what was done to the machines, which no command shows.
done_to() { ktap_note "| " "| -- $*" >&3; }

# typed NAME LINES COMMAND: what is typed on that machine, and the first lines of what it prints, are told. The whole is
# in $dir/seen.
typed() {
	ktap_note "| " "| $1# ${3//"$dir/"/}" >&3
	on $1 bash -c "$3" >"$dir/seen" 2>&1
	expand "$dir/seen" | sed -n "1,$2s/^/|   /p" | cut -c 1-118 >"$dir/told"
	while IFS= read -r line; do ktap_note "$line" >&3; done <"$dir/told"
	cat "$dir/seen"
}

# seen PATTERN...: each is in what was printed last.
seen() {
	local pattern
	for pattern; do grep -qE -- "$pattern" "$dir/seen" || { echo "not seen: $pattern"; return 1; }; done
}

prepare() {
	local name
	need_root
	need haadm haagentd jq python3 curl unshare
	# As it is installed, so that `ip` names the protocol.
	mkdir -p /etc/iproute2/rt_protos.d &&
		cp ../userspace/iproute2/rt_protos.d/* /etc/iproute2/rt_protos.d/ || return 1
	module_load && machines_make "${nodes[@]}" && lan_join client 50 && haagentd --genkey "$dir/key" || return 1
	# shellcheck disable=SC2016 # for the script that is written
	printf '#!/bin/sh\necho "$*" >>%s/told-$HASWITCH_NODE\n' "$dir" >"$dir/notify" && chmod 755 "$dir/notify"
	cat >"$dir/agents" <<-END
		routes = { };
		timings = { heartbeat = "50ms"; suspect = "200ms"; time = "500ms"; }; leases = { longest = "1s"; };
		pulses = { interval = "50ms"; };
		checks = ( { service = "$vip:80/tcp"; node = [ "b", "c" ]; kind = "http";
			     interval = "200ms"; timeout = "200ms"; } );
		notify = ( { command = "$dir/notify"; events = [ "gained", "lost", "member", "committed" ]; } );
	END
	for name in "${nodes[@]}"; do
		echo "node add $name addr 10.0.0.${number[$name]} zone rack-$name"
	done >"$dir/shop.conf"
	printf '%s\n' "lease add web prefer a" "vip add $vip on eth0 lease web" "service add $vip:80/tcp sched rr" \
		"member add $vip:80/tcp node b" "member add $vip:80/tcp node c" >>"$dir/shop.conf"
	for name in "${nodes[@]}"; do
		cp "$dir/key" "$(etc $name)/haagentd.key" &&
			grep ^node "$dir/shop.conf" >"$(etc $name)/haswitch.conf" &&
			cp "$dir/agents" "$(etc $name)/haagentd.conf" &&
			mkdir -p "$dir/www-$name" && echo $name >"$dir/www-$name/index.html" || return 1
	done
}

# opens NAME: its web server.
opens() {
	ip netns exec $1 python3 -m http.server -d "$dir/www-$1" 80 >/dev/null 2>&1 &
	echo $! >"$dir/www-$1.pid"
}

serves() { n client curl -sf -m 1 http://$vip/; }

applied() {
	opens b && opens c && boots "${nodes[@]}" && slowly 20 heard_all 3 &&
		typed a 9 "haadm cluster apply $dir/shop.conf && haadm snapshot list" && slowly 20 held_by a &&
		slowly 20 known && slowly 20 serves && runs_all 3 && seen '^1 .*committed'
}

all_well() {
	slowly 20 healthy 2 && typed b 20 "haadm status" && seen "^vips: 1" "$vip held by a" "-> 2 of 2 members" &&
		typed b 1 "haadm check | cut -d'|' -f1" && seen "^HASWITCH OK - 1 vip served"
}
# healthy NUMBER: so many members serve.
healthy() { haadm -n a -j member show | jq -e --argjson n $1 'map(select(.serving)) | length == $n' >/dev/null; }

# The server of c accepts connections, and answers nothing.
hung() {
	done_to "the web server of c hangs: it accepts connections, and answers nothing"
	kill -STOP "$(<"$dir/www-c.pid")" && slowly 20 healthy 1 && typed a 2 "haadm status | tail -n 2" &&
		seen "-> 1 of 2 members" && typed a 2 "haadm agent show | grep -w http | tr -s ' '" &&
		seen "c .*down" && wait_for 10 grep -q "^member .* down" "$dir/told-a" &&
		typed a 5 "cat $dir/told-a   # what the command was told that 'notify' names" &&
		seen "^committed 1 a " "^gained web [0-9]+$" "^member $vip:80/tcp c down$" &&
		kill -CONT "$(<"$dir/www-c.pid")" && slowly 20 healthy 2 && done_to "the web server of c answers again"
}

stock_tools() {
	typed a 2 "ip -d link show dev ha-web | grep -o 'lease .* last-switch [^ ]*'" &&
		seen "^lease web held holder a epoch [0-9]+ remaining " &&
		typed a 1 "ip -br link show dev ha-web" && seen "^ha-web +UP" &&
		typed c 1 "ip -br link show dev ha-web" && seen "^ha-web +DORMANT"
}

watched() {
	typed a 6 "curl -s $here/metrics | grep -E '^haswitch_(lease_held|vip_served|node_up)'" &&
		seen '^haswitch_lease_held.lease="web". 1$' '^haswitch_vip_served.* 1$' &&
		typed a 1 "curl -s $here/status.json | jq -c '.vips[0] | { addr, holder, served }'" &&
		seen '"holder":"a","served":true' &&
		typed a 13 "curl -s $here/ | sed '1,/<.style>/d; s/<[^>]*>/ /g; s/  */ /g' | grep '[a-z]'" &&
		seen "^ *b rack-b +up .* 1 of 1 +generation 1" "^ *10.0.0.100 +served +a" &&
		typed a 1 "ip route show table 72" && seen "^blackhole $vip proto haswitch"
}

by_hand() {
	done_to "somebody says on c: haadm node set b zone rack-x"
	haadm -n c node set b zone rack-x && slowly 30 typed_changed && typed c 6 "haadm cluster diff" &&
		seen '^--- the committed generation 1$' '^\+\+\+ what this node runs$' '^\+ .*zone rack-x' &&
		typed c 4 "haadm cluster adopt && haadm snapshot list" && seen '^2 .*committed' '^1 '
}
typed_changed() { haadm -n a status | grep -q "by hand"; }

holder_dies() {
	done_to "a, which holds the vip, loses its power"
	power_off a && nodes=(b c) && slowly 20 known && slowly 20 serves &&
		wait_for 10 wrote_lost b && wait_for 10 wrote_lost c &&
		typed b 6 "haadm journal all since 1m | grep -E ' (lease|node) cause' | tail -n 6" &&
		seen " b lease cause granted node b " " c lease cause granted node b " \
			" c node cause [a-z]+ node a from up to lost " &&
		typed b 12 "haadm availability" && seen "^vip $vip .* 1 " "^node a .* one goes on" &&
		typed b 3 "haadm doctor" && seen "^peer: a is not heard any more"
}

# wrote_lost NAME: that a is lost, on its disk.
wrote_lost() { cat "$dir/disk-$1/var/journal/$1"/*.jsonl | grep -q '"kind":"node".*"node":"a".*"to":"lost"'; }

exec 3>&1
ktap_header
prepare || ktap_exit
check "a configuration is applied to all nodes, and kept" applied
[ $ktap_failed -eq 0 ] || ktap_exit
check "status and check say that all is well" all_well
check "a server that hangs is found, and told" hung
check "stock ip shows the lease, and who stands by" stock_tools
check "metrics and status are read by HTTP" watched
check "a change by hand is seen, and committed" by_hand
check "the holder's death is in the journals, and in the availability" holder_dies
stop TERM b c
kill "$(<"$dir/www-b.pid")" "$(<"$dir/www-c.pid")"
ns_del_all
rm -rf "$dir"
check "the module unloads" module_unload
ktap_exit
