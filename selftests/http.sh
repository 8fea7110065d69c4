#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# HTTP at the agent: the metrics and what promtool says of them, the status, the process that answers, and clients that
# are slow, silent, many or wrong.
#
#   http.sh                what the agents answer
#   http.sh prometheus     a Prometheus reads three agents; it is asked each query of the dashboard, and each alert
#   http.sh browser        a headless Chromium shows the page; the picture is page.png of the results
# shellcheck disable=SC2317,SC2086,SC2119 # functions are run by check; the words here have no spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/agents.sh
. ./lib/agents.sh

nodes=(n1 n2 n3)
declare -A number=([n1]=1 [n2]=2 [n3]=3)
vip=10.0.0.100
base=http://127.0.0.1:9464

# file NAME [MORE]: the agent's configuration.
file() {
	{
		conf_head $1 "$dir/key" "$dir/voter-$1" 2s
		conf_nodes
		# The machine of n1 has too much to do, whatever it does.
		[ $1 != n1 ] ||
			echo 'load = { memory = "1%"; disk = "100%"; share = "20%"; interval = "100ms"; fall = 1; };'
		printf '%s\n' "${2:-}"
	} >"$dir/$1.conf"
}

setup() {
	local name
	module_load && lan_make && haagentd --genkey "$dir/key" >/dev/null || return 1
	for name in "${nodes[@]}"; do
		lan_join $name ${number[$name]} && nodes_add $name && file $name &&
			haadm -n $name lease add web &&
			haadm -n $name vip add $vip on eth0 lease web &&
			haadm -n $name vip add 10.0.0.101 on eth0 holder n2 &&
			haadm -n $name service add $vip:80/tcp sched rr min-active 2 &&
			haadm -n $name member add $vip:80/tcp node n1 &&
			haadm -n $name member add $vip:80/tcp node n2 &&
			haadm -n $name member add $vip:80/tcp node n3 spare || return 1
	done
	start "${nodes[@]}" && wait_for 60 known
}

get() { n $1 curl -sf -m 20 "$base$2"; }
metrics() { get ${1:-n1} /metrics >"$dir/metrics"; }

# is LINE...: each of them is a line of the metrics that were read last.
is() {
	local line
	for line; do
		grep -qxF -- "$line" "$dir/metrics" || { echo "not there: $line"; return 1; }
	done
}

# soon LINE...: the metrics have them, an answer later at most: each is kept for half a second.
soon_is() { metrics n1 && is "$@"; }
soon() { wait_for 10 soon_is "$@"; }

# process NAME: the process that answers, a child of the agent.
process() {
	grep -l "^PPid:[[:space:]]*$(<"$dir/$1.pid")\$" /proc/[0-9]*/status 2>/dev/null |
		xargs -r grep -l "^Name:[[:space:]]*haagentd-http" | cut -d / -f 3
}
no_process() { [ -z "$(process $1)" ]; }
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(process $1)/status" | cut -f 1; }
other_process() { [ -n "$(process $1)" ] && [ "$(process $1)" != "$2" ]; }

# same_load: the disk's figure, which stays as it is while nobody writes.
same_load() {
	local is
	is=$(haadm -j -n n1 agent show | jq .load.disk) && metrics n1 &&
		is "haswitch_load_ratio{resource=\"disk\"} $(printf '%d.%02d' $((is / 100)) $((is % 100)))"
}

without_cpu() { ! grep '^haswitch_load.*cpu' "$dir/metrics"; }

changes() { haadm -j -n $1 event show | jq '[.[] | select(.kind == "node" or .kind == "lease")] | length'; }

# without_times: a status without what another look has otherwise.
without_times() {
	jq 'walk(if type == "object" then del(.deadline, .epoch, .rates_over, .packets_per_second, .bytes_per_second,
		.flows_per_second) else . end)' | ageless
}
with_rates() {
	get n1 /status.json | jq -e '.rates_over >= 1000000000 and
		all(.vips[].services[].rates; .packets_per_second >= 0 and has("tracked"))'
}

same_status() {
	diff <(get n1 /status.json | without_times) <(haadm -j -n n1 status | without_times)
}

figures() {
	local holder
	check "the metrics are there, at the address that needs no setting" metrics n1
	check "promtool finds nothing wrong with them" promtool_clean
	holder=$(holder)
	check "they say what runs" is 'haswitch_module_up 1' 'haswitch_agent_up 1' \
		'haswitch_vote_running 1' 'haswitch_voters 3' 'haswitch_build_info{version="0.1"} 1'
	check "they say who holds the lease" soon 'haswitch_lease_held{lease="web"} 1' \
		"haswitch_lease_holder{lease=\"web\",node=\"$holder\"} 1"
	check "they say the state of each node" soon 'haswitch_node_up{node="n3"} 1' \
		'haswitch_node_state{node="n3",state="lost"} 0' 'haswitch_peer_heard{node="n2"} 1' \
		'haswitch_path_up{node="n2",path="net"} 1' 'haswitch_heartbeat_up{node="n2"} 1'
	check "they say what is served" soon "haswitch_vip_served{vip=\"$vip\"} 1" \
		"haswitch_service_served{service=\"$vip:80/tcp\"} 1" \
		"haswitch_service_members_serving{service=\"$vip:80/tcp\"} 2" \
		"haswitch_member_healthy{service=\"$vip:80/tcp\",node=\"n2\"} 1"
	check "they say which member is a spare one, and that it is not called" \
		soon "haswitch_service_min_active{service=\"$vip:80/tcp\"} 2" \
		"haswitch_member_spare{service=\"$vip:80/tcp\",node=\"n1\"} 0" \
		"haswitch_member_spare{service=\"$vip:80/tcp\",node=\"n3\"} 1" \
		"haswitch_member_called{service=\"$vip:80/tcp\",node=\"n3\"} 0"
	check "no member but a spare one is said to be called or not" \
		test "$(grep -c ^haswitch_member_called "$dir/metrics")" = 1
	check "they say the share of each node, and the load of their own" soon \
		'haswitch_node_share_ratio{node="n1"} 0.20' 'haswitch_node_share_ratio{node="n2"} 1.00' \
		'haswitch_load_limit_ratio{resource="memory"} 0.01'
	check "the load is that of haadm" wait_for 10 same_load
	check "without a limit there is no figure" without_cpu
	haadm -n n1 member set $vip:80/tcp node n2 health down
	check "a member that is down is told, and the spare one that is called" \
		soon "haswitch_member_healthy{service=\"$vip:80/tcp\",node=\"n2\"} 0" \
		"haswitch_member_called{service=\"$vip:80/tcp\",node=\"n3\"} 1" \
		"haswitch_service_members_serving{service=\"$vip:80/tcp\"} 2"
	haadm -n n1 member set $vip:80/tcp node n2 health up
	check "setup: a service switches" moves_service
	check "the times of its switches are told, by service" wait_for 10 same_times
	check "promtool finds nothing wrong with times by service" promtool_clean
	haadm -n "$holder" service del $vip:82/udp
	check "a counter is the one of the module" soon \
		"haswitch_switches_total $(stat_of n1 switches)" "haswitch_announcements_total $(stat_of n1 announced)"
	check "OpenMetrics is for those who ask for it" openmetrics
	check "the status is that of haadm" wait_for 10 same_status
	check "the status has rates of the time since an earlier one" wait_for 10 with_rates
	check_fails "another path is refused" 22 '404' n n1 curl -fsS -m 20 $base/x
	check_fails "a POST is refused" 22 '405' n n1 curl -fsS -m 20 -d x=1 $base/metrics
	check "the page is whole HTML, and says what haadm says" page
	check "another node's metrics are there, too" metrics n3
	cp "$dir/metrics" "${HASW_OUT:-$dir}/metrics.txt"
}

# page: the page against the status; see the tool.
page() {
	get n1 / >"$dir/page.html" && haadm -j -n n1 status >"$dir/status.json" &&
		cp "$dir/page.html" "${HASW_OUT:-$dir}/page.html"
	tools/status_page.py "$dir/page.html" "$dir/status.json"
}

# moves_service: another service, whose member goes between two packets: the second one ends its switch.
moves_service() {
	local health
	haadm -n "$holder" -b - <<-END || return 1
		service add $vip:82/udp
		member add $vip:82/udp node n2 priority 1
		member add $vip:82/udp node n3 priority 2
	END
	for health in up down; do
		haadm -n "$holder" member set $vip:82/udp node n2 health $health || return 1
		# It is dropped, and counts, if the neighbour of that member is not resolved yet.
		n "$holder" bash -c "echo x >/dev/udp/$vip/82"
	done
	[ "$(haadm -n "$holder" -j stats switch $vip:82/udp | jq .moves)" -eq 1 ]
}

# same_times: its histogram has that one. Those of a service without packets are left out.
same_times() {
	local of="service=\"$vip:82/udp\"" name=haswitch_service_switch_seconds
	metrics "$holder" && is "${name}_count{$of} 1" "${name}_bucket{$of,le=\"+Inf\"} 1" &&
		[ "$(grep -c "^${name}_count" "$dir/metrics")" -eq 1 ]
}

promtool_clean() {
	local said
	said=$(promtool check metrics <"$dir/metrics" 2>&1) || { echo "$said"; return 1; }
	[ -z "$said" ]
}

openmetrics() {
	n n1 curl -sf -m 20 -D "$dir/head" -H 'Accept: application/openmetrics-text; version=1.0.0' \
		$base/metrics >"$dir/open" &&
		grep -qi '^content-type: application/openmetrics-text; version=1.0.0' "$dir/head" &&
		[ "$(tail -n 1 "$dir/open")" = '# EOF' ] && grep -qx '# TYPE haswitch_switches counter' "$dir/open" &&
		grep -qx '# UNIT haswitch_switch_seconds seconds' "$dir/open"
}

rights() {
	check "the process has no capabilities" test "$(field n1 CapPrm)" = 0000000000000000
	check "the process is nobody's, and gets no rights again" \
		test "$(field n1 Uid):$(field n1 NoNewPrivs)" = 65534:1
	check "the process has the usual priority" test "$(cut -d ' ' -f 41 "/proc/$(process n1)/stat")" = 0
}

killed() {
	local before old
	before=$(changes n1) old=$(process n1)
	kill -KILL $old
	check "the process is killed: the agent logs that" \
		wait_for 10 logged n1 'haagentd-http has ended; another is begun'
	check "the process is killed: another answers" wait_for 10 metrics n1
	check "the process is killed: it is another one" other_process n1 $old
	check "the process is killed: nothing moves" test "$(changes n1)" = "$before"
}

# took NAME METRIC LEAST: it has counted one such time of n2, of more than so many seconds.
took() {
	metrics $1 && is "haswitch_$2_seconds_bucket{node=\"n2\",le=\"+Inf\"} 1" \
		"haswitch_$2_seconds_count{node=\"n2\"} 1" &&
		awk -v name="haswitch_$2_seconds_sum{node=\"n2\"}" -v least=$3 '$1 == name { sum = $2 }
			END { print name, sum; exit !(sum > least && sum < 10) }' "$dir/metrics"
}

# The holder dies: two find it out, and one of them takes its lease.
dies() {
	haadm -n n1 failover web to n2 && wait_for 20 held_by n2
	stop KILL n2
	check "a dead node is silent for a time, which is counted" wait_for 20 took n1 detection 0.001
	check "each node counts it" wait_for 20 took n3 detection 0.001
	wait_for 20 moved n2
	# The last words of its module can let the other one take it in less than a millisecond.
	check "the time of a takeover is counted where the lease is now" wait_for 20 took "$(holder)" takeover 0
	check "promtool finds nothing wrong with histograms of nodes" promtool_clean
}

bad_clients() {
	local before
	before=$(changes n1)
	check "clients that send nothing, garbage and halves, or never read, lose their places" \
		timeout 120 ip netns exec n1 tools/http_clients.py 127.0.0.1 9464
	check "after them the metrics are there" wait_for 20 metrics n1
	check "the agent did not notice: nothing has moved" test "$(changes n1)" = "$before"
	check "the agent did not notice: it did not log a pause" not_logged n1 'did not run for'
	check "the process is the same as before" not_logged n1 'haagentd-http has ended'
}

not_logged() { ! logged "$@"; }
refused() { ! n $1 curl -s -m 5 -o /dev/null "$2"; }

settings() {
	local wrong
	for wrong in 9464 127.0.0.1 localhost:9464 127.0.0.1:0 ::1:9464 '[127.0.0.1]:9464'; do
		file n3 "http = \"$wrong\";"
		check_fails "http = \"$wrong\" is refused" 1 \
			'n3.conf:[0-9]+: "http" is ".*"; it must be an address and a port' \
			n n3 haagentd -f "$dir/n3.conf" --check-config
	done
	file n1 'http = "[::1]:9465";'
	kill -HUP "$(<"$dir/n1.pid")"
	check "another address, which a reload takes" \
		wait_for 10 n n1 curl -sf -m 5 -o /dev/null 'http://[::1]:9465/metrics'
	check "where it was nobody answers" refused n1 $base/metrics
	ip netns exec n1 python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 9464)); print("taken", flush=True); time.sleep(1000)' >"$dir/taken" &
	taken=$!
	wait_for 10 grep -q taken "$dir/taken"
	file n1
	kill -HUP "$(<"$dir/n1.pid")"
	check "an address that another program has is told" \
		wait_for 10 logged n1 'no HTTP request is answered at 127.0.0.1:9464 .*in use'
	kill $taken
	check "when that has ended, the metrics are there" wait_for 20 metrics n1
	file n1 'http = "off";'
	kill -HUP "$(<"$dir/n1.pid")"
	check "http = \"off\": nobody answers" wait_for 10 refused n1 $base/metrics
	check "http = \"off\": there is no process" wait_for 10 no_process n1
	check "http = \"off\": the agent goes on" held_by "$(holder)"
}

ends() {
	local pid
	pid=$(process n3)
	check "another node has a process" test -n "$pid"
	stop TERM n3
	check "the process ends with its agent" wait_for 10 test ! -e "/proc/$pid"
}

# prometheus_reads: of three agents, on the LAN, with what is shipped for it.
prometheus_reads() {
	local name
	for name in "${nodes[@]}"; do
		file $name "http = \"10.0.0.${number[$name]}:9464\";"
		kill -HUP "$(<"$dir/$name.pid")"
	done
	lan_join client 9
	sed 's|10.0.0.1\([123]\):|10.0.0.\1:|g; s|scrape_interval: .*|scrape_interval: 1s|' \
		../userspace/metrics/prometheus.yml >"$dir/prometheus.yml"
	cp ../userspace/metrics/alerts.yml "$dir"
	ip netns exec client prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
		--web.listen-address=127.0.0.1:9090 >"$dir/prometheus.log" 2>&1 &
	prometheus=$!
	check "a Prometheus reads all agents" wait_for 120 all_up
	haadm -n n1 member set $vip:80/tcp node n2 health down
	haadm -n n1 member set $vip:80/tcp node n2 health up
	wait_for 120 n client tools/metrics_files.py ask http://127.0.0.1:9090
	ktap_judged < <(n client tools/metrics_files.py ask http://127.0.0.1:9090)
	check "it found nothing wrong in what it read" no_warnings
	kill -KILL $prometheus
}

all_up() {
	[ "$(n client curl -sf -m 20 'http://127.0.0.1:9090/api/v1/query?query=sum(up)' |
		jq -r '.data.result[0].value[1]')" = 3 ]
}

no_warnings() { ! grep -E 'level=(warn|error)' "$dir/prometheus.log"; }

adopted() { get n1 / >"$dir/page.html" && [ "$(grep -o "generation 1" "$dir/page.html" | wc -l)" -eq 3 ]; }

# browser_shows: in the agent's own namespace, as the page is at loopback.
browser_shows() {
	# So that the page has the generation of each node.
	check "a configuration is committed" wait_for 20 haadm -n n1 cluster adopt
	wait_for 20 adopted
	ktap_judged < <(n n1 tools/browser.py $base/ "${HASW_OUT:-$dir}/page.png" drain \
		haadm -n n1 node set n3 state drain 2>&1 || echo "not ok the browser has done what it was told")
}

cleanup() {
	local name
	for name in "${nodes[@]}"; do kill -KILL "$(<"$dir/$name.pid")" 2>/dev/null; done
	wait 2>/dev/null
	ns_del_all
	module_unload
	rm -rf "$dir"
}

need_root
need haadm haagentd jq curl python3 promtool prometheus
ktap_header
if ! setup; then
	ktap_fail "setup: three nodes, a lease" "$(what_happened)"
	cleanup
	ktap_exit
fi
if [ "${1:-}" = prometheus ]; then
	prometheus_reads
elif [ "${1:-}" = browser ]; then
	need chromium
	browser_shows
else
	figures
	rights
	bad_clients
	killed
	dies
	settings
	ends
fi
cleanup
ktap_exit
