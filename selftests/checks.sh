#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Health checks that haagentd-checks makes, by HTTP, HTTPS, commands, ICMP, UDP and DNS: of good and bad servers.
# shellcheck disable=SC2016,SC2119,SC2317,SC2086 # awk and sh have dollars; check runs functions; no word has spaces

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/schema.sh
. ./lib/schema.sh

vip=10.0.0.100
dir=$(mktemp -d)
agent='' bad='' web='' here='' from='' second='' says='' entries=''

# entry NAME SERVICE SETTINGS: a check of n2; the test calls it NAME.
declare -A service
entry() {
	local usual='rise = 1; fall = 2;'
	service[$1]=$2
	# A command takes much more of a CPU than all else.
	if [[ $3 = *exec* ]]; then usual+=' interval = "2s";'; else usual+=' interval = "500ms";'; fi
	[[ $3 = *timeout* ]] || usual+=' timeout = "2s";'
	[[ $3 = *damp* ]] || usual+=' damp = false;'
	entries+="${entries:+,}
		{ service = \"$2\"; node = \"n2\"; $usual $3 }"
}

# write_conf [NODE [NODES]]: for n1, which is alone, or for both nodes.
write_conf() {
	cat >"$dir/${1:-n1}.conf" <<-END
		node = "${1:-n1}";
		key = "$dir/key";
		nodes = ( { name = "n1"; address = "10.0.0.1"; }${2:-} );
		leases = { vote = false; };
		timings = { heartbeat = "100ms"; suspect = "1s"; time = "1s"; };
		pulses = { use = false; };
		notify = [ "$dir/notify" ];
		journal = { folder = "$dir/journal"; };
		checks = ( $entries );
	END
}

# plugin NAME BODY: a command.
plugin() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/$1"
	chmod 755 "$dir/$1"
}

# of NAME FILTER: a filter of jq holds for what the agent shows of a check.
of() {
	haadm -j -n n1 agent show |
		jq -e --arg s "${service[$1]}" "[.checks[] | select(.service == \$s)] | length == 1 and (.[0] | $2)"
}

# finds NAME HEALTH REASON: the agent shows it, and the module has that health.
finds() {
	of "$1" ".health == \"$2\" and (.reason | test(\"$3\"))" &&
		[ "$(haadm -j -n n1 member show "${service[$1]}" node n2 | jq -r '.[0].health')" = "$2" ]
}

# unsure NAME REASON: the check itself fails, and the member keeps the health that it has without any check.
unsure() { of "$1" ".health == \"unknown\" and .result == \"unsure\" and (.reason | test(\"$2\"))"; }

logged() { grep -q -- "$1" "$dir/n1.log"; }

# The process that makes the checks.
checker() { pgrep -P "$agent" -x haagentd-checks; }
checker_is_not() { local now; now=$(checker) && [ "$now" != "$1" ]; }
no_checker() { ! checker; }

nginx_conf() {
	cat >"$dir/nginx.conf" <<-END
		daemon off;
		# Without a fork: a kill in the middle of one crashes User Mode Linux.
		master_process off;
		pid $dir/nginx.pid;
		error_log $dir/nginx.log;
		events { }
		http {
			access_log off;
			server {
				listen 80 default_server;
				listen [::]:80 default_server;
				listen 443 ssl default_server;
				ssl_certificate $dir/cert.pem;
				ssl_certificate_key $dir/key.pem;
				return 404 "nothing here";
			}
			server {
				server_name shop.example;
				listen 80;
				listen [::]:80;
				listen 443 ssl;
				ssl_certificate $dir/cert.pem;
				ssl_certificate_key $dir/key.pem;
				location = /status { return ${1:-200} "the shop is open\n"; }
				location = /moved { return 302 /; }
				location = /broken { return 503 "the shop is closed\n"; }
			}
		}
	END
}

nginx_start() {
	nginx_conf "$@"
	ip netns exec n2 nginx -c "$dir/nginx.conf" -e "$dir/nginx.log" >"$dir/nginx.out" 2>&1 &
	web=$!
	wait_for 20 n n2 curl -s -o /dev/null http://127.0.0.1/
}

nginx_stop() {
	kill -TERM $web
	wait $web 2>/dev/null
}

start() {
	ip netns exec n1 haagentd -f "$dir/n1.conf" 2>>"$dir/n1.log" &
	agent=$!
}

http='kind = "http"; host = "shop.example";'
# For checks that are to leave a member unknown: a slow machine must not end them, as it would then be down.
patient='timeout = "20s";'
says_line="kind = \"agent\"; port = 8011; send = \"say\\n\"; $patient"
# Those that are good while nginx runs.
good_entries() {
	entry web $vip:80/tcp "$http path = \"/status\"; body = \"is open\";"
	entry tls $vip:443/tcp "kind = \"https\"; host = \"shop.example\"; path = \"/status\"; body = \"is open\";"
	entry ping $vip:100/tcp 'kind = "icmp";'
	entry flaps $vip:111/tcp "port = 80; damp = true;"
}

all_entries() {
	good_entries
	entry moved $vip:81/tcp "$http port = 80; path = \"/moved\";"
	# The log is to name its status: one that timed out would stand there instead.
	entry broken $vip:82/tcp "$http port = 80; path = \"/broken\"; $patient"
	entry status $vip:83/tcp "$http port = 80; path = \"/broken\"; status = \"500-503\";"
	entry body $vip:84/tcp "$http port = 80; path = \"/status\"; body = \"is closed\";"
	entry host $vip:85/tcp "kind = \"http\"; port = 80; path = \"/status\";"
	entry closed $vip:86/tcp "$http"
	entry endless $vip:8001/tcp "kind = \"http\";"
	entry silent $vip:8002/tcp "kind = \"http\"; timeout = \"300ms\";"
	entry hung $vip:8005/tcp "kind = \"http\"; timeout = \"300ms\";"
	entry hungline $vip:8006/tcp "kind = \"agent\"; port = 8005; timeout = \"300ms\";"
	entry hungtcp $vip:8007/tcp 'port = 8005;'
	entry noise $vip:8003/tcp "kind = \"http\"; timeout = \"1s\";"
	entry six "[2001:db8::100]:80/tcp" "$http path = \"/status\"; body = \"is open\";"
	entry verify $vip:444/tcp "kind = \"https\"; port = 443; host = \"shop.example\"; verify = true;"
	entry exec0 $vip:90/tcp "kind = \"exec\";
		command = [ \"$dir/exit\", \"0\", \"{address} {port} {node} {service}\" ];"
	entry exec1 $vip:91/tcp "kind = \"exec\"; command = [ \"$dir/exit\", \"1\", \"slow today\" ];"
	entry exec2 $vip:92/tcp "kind = \"exec\"; command = [ \"$dir/exit\", \"2\", \"\" ];"
	entry exec3 $vip:93/tcp "kind = \"exec\"; command = [ \"$dir/exit\", \"3\", \"no such option\" ]; $patient"
	entry exec9 $vip:94/tcp "kind = \"exec\"; command = [ \"$dir/exit\", \"9\", \"odd\" ]; $patient"
	entry much $vip:95/tcp "kind = \"exec\"; command = \"$dir/much\"; $patient"
	entry sleeps $vip:96/tcp "kind = \"exec\"; command = [ \"$dir/sleeps\" ]; timeout = \"300ms\";"
	entry gone $vip:97/tcp "kind = \"exec\"; command = [ \"$dir/gone\" ]; $patient"
	entry ping6 "[2001:db8::100]:100/tcp" "kind = \"icmp\";"
	entry noping $vip:101/tcp "kind = \"icmp\"; address = \"10.0.0.77\"; timeout = \"300ms\";"
	entry udp $vip:7/udp "kind = \"udp\"; send = \"ping\"; expect = \"pong ping\";"
	entry udpbad $vip:8/udp "kind = \"udp\"; port = 7; send = \"ping\"; expect = \"peng\";"
	entry udpno $vip:9/udp "kind = \"udp\"; send = \"ping\";"
	entry dns $vip:53/udp "kind = \"dns\"; name = \"good.example\";"
	entry dnsnone $vip:54/udp "kind = \"dns\"; port = 53; name = \"none.example\";"
	entry dnsno $vip:55/udp "kind = \"dns\"; port = 53; name = \"bad.example\";"
	entry tcp $vip:110/tcp "port = 80;"
	entry says $vip:120/tcp "$says_line"
	entry data $vip:121/tcp "kind = \"exec\"; command = [ \"$dir/exit\", \"0\", \"well|'free'=70%;;;0;100 x\" ];
		share = \"free\";"
	# Of the two members one is down, and two thirds are to be healthy.
	entry floor $vip:200/tcp 'at = 80; min_healthy = "67%";'
	entry floor $vip:200/tcp 'at = 1;'
}

setup() {
	local name
	module_load && lan_make && lan_join n1 1 && lan_join n2 2 || return 1
	haadm -n n1 -b - <<-END || return 1
		node add n1 addr 10.0.0.1 addr 2001:db8::1 self
		node add n2 addr 10.0.0.2 addr 2001:db8::2
		vip add $vip on eth0 holder n1
		vip add 2001:db8::100 on eth0 holder n1
	END
	all_entries
	for name in "${service[@]}"; do
		echo "service add $name"
		if [ "$name" = $vip:200/tcp ]; then
			printf "member add $name node n2 via nat port %s\n" 80 1
		else
			echo "member add $name node n2"
		fi
	done | haadm -n n1 -b - || return 1
	chmod 755 "$dir"
	# shellcheck disable=SC2016 # for the scripts that are written
	{
		plugin exit '[ -z "$2" ] || echo "$2|graph=1"; [ $1 -gt 0 ] || id -u >>'"$dir"'/ids; exit $1'
		plugin much 'exec dd if=/dev/zero bs=1M count=1024'
		plugin sleeps 'sleep 1234 & sleep 1234'
		plugin gone 'exit 0'
		plugin notify 'echo "$*" >>'"$dir"'/told'
	}
	touch "$dir/ids" && chmod 666 "$dir/ids"
	haagentd --genkey "$dir/key" && write_conf &&
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
			-subj /CN=shop.example -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/openssl" || return 1
	ip netns exec n2 tools/checked.py >"$dir/checked" 2>&1 &
	bad=$!
	echo "no line" >"$dir/line"
	CHECKED_LINE=$dir/line ip netns exec n2 tools/checked.py agent >"$dir/says" 2>&1 &
	says=$!
	ip netns exec n2 python3 -c "$hung_server" >"$dir/hung" 2>&1 &
	hung=$!
	# A check that comes before the server listens would find the member down, not unknown.
	wait_for 20 says_listens && wait_for 20 queue_is 0 &&
		nginx_start && n n1 haagentd -f "$dir/n1.conf" --check-config && echo '#!/no/such' >"$dir/gone"
}

# A server that accepts nothing until it gets SIGUSR1.
hung_server='import signal, socket
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
server = socket.create_server(("", 8005), backlog=100)
signal.sigwait({signal.SIGUSR1})
while True:
    connection, _ = server.accept()
    try:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    except OSError:
        pass
    connection.close()'
# queue: how many connections its kernel has for it.
queue() { n n2 ss -Htln sport = :8005 | awk '{ print $2 }'; }
queue_is() { [ "$(queue)" = "$1" ]; }

# Its three checks, two a second each, leave a few connections there, and find it up as soon as it goes on. On a slow
# machine some of those by TCP come too late to abort theirs. All would be 40 of each in this time.
hung_queue() {
	local name now most=0 i
	wait_for 20 finds hungtcp up connected || return 1
	for name in hung hungline; do wait_for 20 finds $name down "an earlier check still waits" || return 1; done
	for ((i = 0; i < 100; i++)); do
		now=$(queue) && nap 0.2 || return 1
		[ $now -le $most ] || most=$now
	done
	echo "at most $most connections wait there"
	[ $most -ge 2 ] && [ $most -le 30 ] && kill -USR1 $hung && wait_for 20 finds hung up '^status 200$' &&
		wait_for 20 queue_is 0
}

says_listens() { [ -n "$(n n2 ss -Htln sport = :8011)" ]; }

kinds() {
	check "http: status, text and host as wanted: up" wait_for 30 finds web up '^status 200$'
	check "http: a redirection is good, and not followed" wait_for 20 finds moved up '^status 302$'
	check "http: status 503: down, with both statuses" wait_for 20 finds broken down \
		'^status 503; good ones are 200 to 399$'
	check "http: status 503: up if it is the wanted one" wait_for 20 finds status up '^status 503$'
	check "http: a text that is not in the body: down" wait_for 20 finds body down \
		'^status 200, but .is closed. is not in'
	check "http: the host without a name is another site: down" wait_for 20 finds host down '^status 404'
	check "http: nobody listens: down" wait_for 20 finds closed down 'refused|connect'
	check "http: a body that does not end: up" wait_for 20 finds endless up '^status 200$'
	check "http: a server that says nothing: down" wait_for 20 finds silent down 'timed out'
	check "http: headers that do not end: down" wait_for 20 finds noise down '.'
	check "http: IPv6" wait_for 20 finds six up '^status 200$'
	check "https: a certificate of one's own: up" wait_for 20 finds tls up '^status 200$'
	check "https: a certificate of one's own, with verify: down" wait_for 20 finds verify down 'certificate'
	check "exec: code 0: up, with its placeholders filled in" wait_for 20 finds exec0 up \
		"^10.0.0.2 90 n2 $vip:90/tcp$"
	check "exec: code 1: up, with its first line" wait_for 20 finds exec1 up '^slow today$'
	check "exec: code 2: down" wait_for 20 finds exec2 down '^CRITICAL$'
	check "exec: code 3: the member keeps its health" wait_for 20 unsure exec3 '^no such option$'
	check "exec: another code: the member keeps its health" wait_for 20 unsure exec9 \
		'ended with 9; it can be 0 to 3: odd'
	check "exec: 1 GB of output: the member keeps its health" wait_for 20 unsure much 'wrote more than 64 KiB'
	check "exec: a command that hangs: down" wait_for 20 finds sleeps down 'did not end within 300 ms'
	check "exec: a command that cannot be begun: the member keeps its health" wait_for 20 unsure gone \
		'not begun: No such'
	check "exec: it runs without the rights of root" sh -c "[ -s $dir/ids ] && ! grep -qvx 65534 $dir/ids"
	check "icmp: an answer: up" wait_for 20 finds ping up answered
	check "icmp: IPv6" wait_for 20 finds ping6 up answered
	check "icmp: nobody there: down" wait_for 20 finds noping down 'no answer|No route'
	check "udp: the wanted answer: up" wait_for 20 finds udp up answered
	check "udp: another answer: down" wait_for 20 finds udpbad down 'not in the answer'
	check "udp: nobody listens: down" wait_for 20 finds udpno down 'Connection refused'
	check "dns: a record: up, whatever comes with another id" wait_for 20 finds dns up '^1 record$'
	check "dns: no record: down" wait_for 20 finds dnsnone down 'no record'
	check "dns: no such name: down" wait_for 20 finds dnsno down 'no such name'
	check "tcp: made by the agent itself: up" wait_for 20 finds tcp up '^connected$'
	check "the log tells how many checks failed, and why" logged \
		"n2 of $vip:82/tcp is down: 2 checks by http in a row failed, the last one: status 503; good ones"
	check "the log tells that a check says nothing" logged \
		"n2 of $vip:93/tcp by exec says nothing: no such option; the member keeps"
	check "notify commands are told" wait_for 10 grep -qx "member $vip:92/tcp n2 down" "$dir/told"
}

# share_is PERCENT [NODE]: the module of n1, or NODE, has that share of n2.
share_is() { [ "$(haadm -j -n "${2:-n1}" node show n2 | jq '.[0].share')" = "$1" ]; }
told_share() {
	local words="has too much to do (check of $vip:120/tcp) and gets 40% of its share of new flows"
	haadm -n n1 status | grep -qF "it $words" && shows "of $vip:120/tcp, by agent: up, share 40%; good for" &&
		haadm -j -n n1 check | jq -e --arg w "node n2 $words" \
			'(.problems | any(.text == $w)) and .figures.nodes_overloaded == 1'
}

# The share that a server without an agent of this cluster says of itself.
says() {
	check "agent: a line that is none: the member keeps its health" wait_for 20 unsure says \
		'^.no line. is no line of an agent'
	check "exec: the share in the performance data is the one of the node" wait_for 20 share_is 70
	echo "ready, 40%" >"$dir/line"
	check "agent: up, with its line" wait_for 20 finds says up '^ready, 40%$'
	check "agent: of two shares of a node the least one counts" wait_for 20 share_is 40
	check "agent: who looks learns of it, and so does monitoring" wait_for 10 told_share
	echo "up 140%" >"$dir/line"
	check "agent: what is no share is told, and changes nothing" wait_for 20 of says \
		'.health == "up" and .share == 40 and (.reason | test("its share is .140%.; it must be 0% to 100%"))'
	check "agent: the log tells that, too" wait_for 10 logged "by agent says no share, which thus stays as it is"
	echo "up" >"$dir/line"
	check "agent: a line without a share changes none" wait_for 20 of says '.share == 40 and .reason == "up"'
	echo "drain" >"$dir/line"
	check "agent: drain: down" wait_for 20 finds says down '^drain$'
	check "agent: the share of a member that is down is over" wait_for 20 share_is 70
	echo "up" >"$dir/line"
	check "agent: a server that says none any more has its whole one" wait_for 20 of says \
		'.health == "up" and .share == 100'
}

# at PORT FILTER: holds for what the agent shows of the check of that member.
at() {
	haadm -j -n n1 agent show |
		jq -e --argjson at "$1" "[.checks[] | select(.at == \$at)] | length == 1 and (.[0] | $2)"
}

health_at() { [ "$(haadm -j -n n1 member show $vip:200/tcp node n2 at "$1" | jq -r '.[0].health')" = "$2" ]; }

warned() { haadm -j -n n1 status | jq -e --arg w "$1" '[.warnings[] | select(contains($w))] | length == 1'; }

# check_warns: as a plugin of Nagios, by a line of its output; members that are down are critical there.
check_warns() {
	haadm -n n1 -d check >"$dir/nagios"
	cat "$dir/nagios"
	grep "service $vip:200/tcp: 1 of 2 members is down, .* their health is ignored" "$dir/nagios"
}

# metrics_warn: the metrics have as many warnings as haadm status, of which one is that.
metrics_warn() {
	local now
	now=$(haadm -j -n n1 status | jq '.warnings | length') && [ "$now" -ge 1 ] &&
		n n1 curl -fsS -m 20 http://127.0.0.1:9464/metrics | grep -x "haswitch_warnings $now"
}

# wrote FILTER: a line of the journal is so.
wrote() { haadm -j journal in "$dir/journal" | jq -e "any(.[]; $1)" >/dev/null; }

floors() {
	check "too few healthy members: the one that is down gets flows" wait_for 20 health_at 1 up
	check "too few healthy members: the agent shows it as down, and ignored" \
		wait_for 10 at 1 '.health == "down" and .health_ignored'
	check "too few healthy members: the log tells" logged \
		'1 of 2 members of .* is down, and "min_healthy" is 67%: their health is ignored'
	check "too few healthy members: haadm status warns" warned "service $vip:200/tcp: 1 of 2 members is down"
	check "too few healthy members: haadm check warns" check_warns
	check "too few healthy members: metrics count a warning" wait_for 10 metrics_warn
	check "too few healthy members: notify commands are told" wait_for 10 \
		grep -qx "service $vip:200/tcp health-ignored" "$dir/told"
	check "too few healthy members: the journal has it" wait_for 10 wrote \
		".kind == \"service\" and .service == \"$vip:200/tcp\" and .to == \"health-ignored\""
	sed -i 's/67%/50%/' "$dir/n1.conf"
	kill -HUP $agent
	check "a floor that is kept: the member that is down gets none" wait_for 20 health_at 1 down
	check "a floor that is kept: the other member stays up" wait_for 20 health_at 80 up
	check "a floor that is kept: the journal has it" wait_for 10 wrote \
		".kind == \"service\" and .service == \"$vip:200/tcp\" and .to == \"health-heeded\""
	check "a floor that is kept: the agent shows nothing ignored" wait_for 10 at 1 \
		'.health == "down" and (.health_ignored | not)'
}

# The agent has nothing of it in its memory, and the process that has it has no rights.
apart() {
	local pid
	pid=$(checker)
	check "the agent does not load libcurl" sh -c "! grep -q libcurl /proc/$agent/maps"
	check "haagentd-checks does" grep -q libcurl "/proc/$pid/maps"
	check "the agent locks 12 MB of memory at most" \
		awk '$1 == "VmLck:" { exit $2 > 12288 } END { if (!NR) exit 1 }' "/proc/$agent/status"
	check "haagentd-checks has neither root's id nor capabilities" \
		awk '$1 == "Uid:" { ids = $2 $3 $4 $5 } $1 == "CapEff:" || $1 == "CapPrm:" { caps = caps $2 }
			END { exit ids ~ /^(65534)+$/ && caps ~ /^0+$/ ? 0 : 1 }' "/proc/$pid/status"
	check "haagentd-checks has an ordinary priority" test "$(ps -o cls= -p "$pid")" = " TS"
	check "a server that accepts nothing has few connections of checks in its queue" hung_queue
	check "no command that hangs is left over" sh -c '[ $(pgrep -cfx "sleep 1234") -le 2 ]'
	check "by hand it tells who starts it" check_usage
	check "haadm agent show has a line of each check" wait_for 20 \
		shows "of $vip:82/tcp, by http: down; bad for .*: status 503"
	check "what haadm agent show prints of checks is as the schema says" json_fits n1 "agent show" agent show
	check "checks that are not good come first" wait_for 20 \
		sh -c "haadm -j -n n1 agent show | jq -e '[.checks[].health] | index(\"up\") > rindex(\"down\")'"
}

# In both modules: what is asked through the vip. The member must know the vip, and take its packets from the holder.
through_make() {
	local name
	{
		echo "node add n1 addr 10.0.0.1 addr 2001:db8::1"
		echo "node add n2 addr 10.0.0.2 addr 2001:db8::2 self"
		printf 'vip add %s on eth0 holder n1\n' $vip 2001:db8::100
		for name in "${service[@]}"; do
			printf '%s\n' "service add $name" "member add $name node n2"
		done
	} | haadm -n n2 -b - || return 1
	for name in "${service[@]}"; do
		haadm -n n1 service show "$name" >"$dir/show" 2>&1 ||
			printf '%s\n' "service add $name" "member add $name node n2"
	done | haadm -n n1 -b - &&
		haadm -n n1 member set "${service[vtunnel]}" node n2 via tunnel &&
		haadm -n n1 member set "${service[vgue]}" node n2 via gue &&
		haadm -n n1 member set "${service[htunnel]}" node n2 via tunnel &&
		haadm -n n1 member set "${service[hgue]}" node n2 via gue
}

# Checks of the member as clients reach it, while n1 holds the vip.
through() {
	local at='at = "vip";'
	entries='' service=()
	entry vtcp $vip:80/tcp "$at"
	entry vtcp6 "[2001:db8::100]:80/tcp" "$at"
	entry vbound $vip:8004/tcp "$at"
	entry vnobody $vip:8006/tcp "$at"
	entry vudp $vip:7/udp "$at kind = \"udp\"; send = \"ping\"; expect = \"pong ping\";"
	entry vudpno $vip:9/udp "$at kind = \"udp\"; send = \"ping\";"
	entry vdns $vip:53/udp "$at kind = \"dns\"; name = \"good.example\";"
	entry vdnsno $vip:54/udp "$at kind = \"dns\"; port = 53; name = \"bad.example\";"
	entry vping $vip:100/tcp "$at kind = \"icmp\";"
	entry vping6 "[2001:db8::100]:100/tcp" "$at kind = \"icmp\";"
	entry vtunnel $vip:443/tcp "$at"
	entry vgue $vip:444/tcp "$at port = 443;"
	entry hweb $vip:81/tcp "$at $http port = 80; path = \"/status\"; body = \"is open\";"
	entry hsix "[2001:db8::100]:81/tcp" "$at $http port = 80; path = \"/status\"; body = \"is open\";"
	entry hbroken $vip:82/tcp "$at $http port = 80; path = \"/broken\";"
	entry hbroken6 "[2001:db8::100]:82/tcp" "$at $http port = 80; path = \"/broken\";"
	entry hbody $vip:83/tcp "$at $http port = 80; path = \"/status\"; body = \"is closed\";"
	entry hname $vip:84/tcp "$at kind = \"http\"; port = 80; path = \"/status\";"
	entry hbound $vip:85/tcp "$at kind = \"http\"; port = 8004;"
	entry hendless $vip:86/tcp "$at kind = \"http\"; port = 8001; body = \"aaaa\";"
	entry hsilent $vip:87/tcp "$at kind = \"http\"; port = 8002; timeout = \"300ms\";"
	entry hnoise $vip:88/tcp "$at kind = \"http\"; port = 8003; timeout = \"300ms\";"
	entry htunnel $vip:89/tcp "$at $http port = 80; path = \"/status\";"
	entry hgue $vip:90/tcp "$at $http port = 80; path = \"/status\";"
	entry flaps $vip:111/tcp "port = 80; damp = true;"
	if ! through_make; then
		ktap_fail "through the vip: the member takes what the holder sends"
		return
	fi
	write_conf
	kill -HUP $agent
	check "another file: without the checks the node has its whole share" wait_for 20 share_is 100
	check "through the vip: tcp: up" wait_for 20 finds vtcp up '^connected$'
	check "through the vip: tcp, IPv6" wait_for 20 finds vtcp6 up '^connected$'
	check "through the vip: a server that listens at another address: down" wait_for 20 finds vbound down refused
	check "through the vip: nobody listens: down" wait_for 20 finds vnobody down refused
	check "through the vip: udp: a server that answers from another address: down" wait_for 20 finds vudp down \
		'no answer from the vip'
	ip netns exec n2 tools/checked.py at $vip udp dns >"$dir/from" 2>&1 &
	from=$!
	check "through the vip: udp: up" wait_for 20 finds vudp up answered
	check "through the vip: udp, nobody listens: down" wait_for 20 finds vudpno down refused
	check "through the vip: dns: up, whatever comes with another id" wait_for 20 finds vdns up '^1 record$'
	check "through the vip: dns, no such name: down" wait_for 20 finds vdnsno down 'no such name'
	check "through the vip: icmp: up" wait_for 20 finds vping up answered
	check "through the vip: icmp, IPv6" wait_for 20 finds vping6 up answered
	check "through the vip: via tunnel: up" wait_for 20 finds vtunnel up '^connected$'
	check "through the vip: via gue: up" wait_for 20 finds vgue up '^connected$'
	check "through the vip: haadm agent show says so" wait_for 20 shows "of $vip:80/tcp, by tcp through the vip: up"
	through_http
	ip -n n2 addr del $vip/32 dev ha0
	check "through the vip: http: the member has lost the vip: down" wait_for 20 finds hweb down \
		'no answer from the vip'
	check "through the vip: the member has lost the vip: down" wait_for 20 finds vtcp down 'no answer from the vip'
	haadm -n n2 vip heal >"$dir/heal"
	check "through the vip: the member has the vip again: up" wait_for 20 finds vtcp up '^connected$'
	kill $from
	wait $from 2>/dev/null
	through_local
	haadm -n n1 vip set $vip holder n2
	check "through the vip: another node holds it: the member keeps its health" \
		wait_for 20 of vtcp '.health == "up" and .result == "unsure" and (.reason | test("does not hold"))'
	haadm -n n1 vip set $vip holder n1
	check "through the vip: this node holds it again: it is asked" wait_for 20 finds vtcp up '^connected$'
}

# By HTTP: a whole connection that is made by hand.
through_http() {
	check "through the vip: http: status, text and host as wanted: up" wait_for 20 finds hweb up '^status 200$'
	check "through the vip: http: IPv6" wait_for 20 finds hsix up '^status 200$'
	check "through the vip: http: status 503: down" wait_for 20 finds hbroken down \
		'^status 503; good ones are 200 to 399$'
	check "through the vip: http: status 503, IPv6: down" wait_for 20 finds hbroken6 down '^status 503'
	check "through the vip: http: a text that is not in the body: down" wait_for 20 finds hbody down \
		'^status 200, but .is closed. is not in'
	check "through the vip: http: the vip without a name is another site: down" \
		wait_for 20 finds hname down '^status 404'
	check "through the vip: http: a server that listens at another address: down" \
		wait_for 20 finds hbound down refused
	check "through the vip: http: a body that does not end: up" wait_for 20 finds hendless up '^status 200$'
	check "through the vip: http: a server that says nothing: down" wait_for 20 finds hsilent down \
		'timed out: no answer'
	check "through the vip: http: headers that do not end: down" wait_for 20 finds hnoise down \
		'timed out|NUL byte'
	check "through the vip: http: via tunnel: up" wait_for 20 finds htunnel up '^status 200$'
	check "through the vip: http: via gue: up" wait_for 20 finds hgue up '^status 200$'
	check "through the vip: http: haadm agent show says so" wait_for 20 \
		shows "of $vip:81/tcp, by http through the vip: up"
	check "through the vip: http: this node's stack answers the member nothing" silent_stack
	check "through the vip: http: no connection is left at the member" wait_for 20 vip_unused
}
# What checks write by hand does not pass this hook, and what those by TCP abort has another source.
silent_stack() {
	local code=0
	n n1 nft -f - <<-END || return 1
		table inet silent {
			counter resets { }
			chain out {
				type filter hook output priority 0;
				ip saddr $vip tcp flags & rst == rst counter name resets
				ip6 saddr 2001:db8::100 tcp flags & rst == rst counter name resets
			}
		}
	END
	wait_for 20 opened $(($(tcp_count PassiveOpens) + 12)) &&
		n n1 nft -j list counter inet silent resets | jq -e '[.. | .packets? // empty] == [0]' || code=1
	n n1 nft delete table inet silent
	return $code
}
vip_unused() { [ -z "$(n n2 ss -Htan state connected src $vip; n n2 ss -Htan state connected src 2001:db8::100)" ]; }
half_open_none() { [ -z "$(n n2 ss -Htn state syn-recv)" ]; }

# Two agents: n2, which does not hold the vip, follows n1.
shared() {
	local both=', { name = "n2"; address = "10.0.0.2"; }'
	entries='' service=()
	entry web $vip:80/tcp 'away = 1000;'
	entry vtcp6 "[2001:db8::100]:80/tcp" 'at = "vip";'
	entry tls $vip:443/tcp 'kind = "https"; host = "shop.example"; path = "/status"; away = 1000;'
	echo "up 60%" >"$dir/line"
	entry says $vip:120/tcp "$says_line away = 1000;"
	write_conf n1 "$both"
	write_conf n2 "$both"
	kill -HUP $agent
	wait_for 20 finds web up connected
	ip netns exec n2 haagentd -f "$dir/n2.conf" 2>>"$dir/n2.log" &
	second=$!
	check "two agents: the one that does not hold the vip follows the holder" wait_for 30 follows web up
	check "two agents: it follows the holder in what it cannot ask itself" wait_for 20 follows vtcp6 up
	check "two agents: it follows the holder in what haagentd-checks asks" wait_for 20 follows tls up
	check "two agents: both modules have the share that the holder finds" wait_for 20 share_is 60 n2
	echo "up 30%" >"$dir/line"
	check "two agents: and the next one" wait_for 20 share_is 30 n2
	check "two agents: the holder follows nobody" of web 'has("from") | not'
	nginx_stop
	# By its own results n2 would know that in 1000 s.
	check "two agents: what the holder finds the other one has in its module" wait_for 60 both_have web down
	check "two agents: the log tells who says so" wait_for 10 \
		grep -q "n2 of $vip:80/tcp is down, as n1 says" "$dir/n2.log"
	nginx_start
	check "two agents: and that the member is up again" wait_for 60 both_have web up
	haadm -n n1 vip set $vip holder n2
	haadm -n n2 vip set $vip holder n2
	nginx_stop
	check "two agents: the next holder checks as often as the last one" wait_for 20 has_found web down refused
	check "two agents: so does what haagentd-checks asks" wait_for 20 has_found tls down 'refused|connect'
	check "two agents: the last holder follows it" wait_for 20 of web '.from == "n2" and .health == "down"'
	nginx_start
	kill $second
	wait $second 2>/dev/null
	haadm -n n1 vip set $vip holder n1
	haadm -n n2 vip set $vip holder n1
}
on_n2() {
	haadm -j -n n2 agent show |
		jq -e --arg s "${service[$1]}" "[.checks[] | select(.service == \$s)] | length == 1 and (.[0] | $2)"
}
follows() { on_n2 "$1" ".from == \"n1\" and .health == \"$2\""; }
has_found() { on_n2 "$1" "(has(\"from\") | not) and .health == \"$2\" and (.reason | test(\"$3\"))"; }
both_have() {
	local node
	for node in n1 n2; do
		[ "$(haadm -j -n $node member show "${service[$1]}" node n2 | jq -r '.[0].health')" = "$2" ] || return 1
	done
}

# The member is the holder itself. The vip is an address of it, so answers of others are martians to its stack.
through_local() {
	haadm -n n1 -b - <<-END || ktap_fail "through the vip: this node is a member, too"
		service add $vip:8010/tcp
		member add $vip:8010/tcp node n1
		service add $vip:8011/tcp
		member add $vip:8011/tcp node n1
	END
	service[here]=$vip:8010/tcp
	service[hhere]=$vip:8011/tcp
	entries+=", { service = \"$vip:8010/tcp\"; node = \"n1\"; at = \"vip\"; rise = 1; fall = 1; damp = false; }"
	entries+=", { service = \"$vip:8011/tcp\"; node = \"n1\"; at = \"vip\"; rise = 1; fall = 1; damp = false;
		kind = \"http\"; port = 8001; status = 200; }"
	write_conf
	kill -HUP $agent
	check "through the vip: nobody on this node listens: down" wait_for 20 of here \
		'.health == "down" and (.reason | test("nobody on this node listens"))'
	check "through the vip: http: nobody on this node listens: down" wait_for 20 of hhere \
		'.health == "down" and (.reason | test("nobody on this node listens"))'
	ip netns exec n1 tools/checked.py here endless >"$dir/here" 2>&1 &
	here=$!
	check "through the vip: somebody on this node listens: up" wait_for 20 of here \
		'.health == "up" and (.reason | test("a socket of this node"))'
	check "through the vip: http: this node's own page is asked for, and good: up" wait_for 20 of hhere \
		'.health == "up" and .reason == "status 200"'
	sed -i 's/status = 200;/status = 201;/' "$dir/n1.conf"
	kill -HUP $agent
	check "through the vip: http: this node's own page has another status: down" wait_for 20 of hhere \
		'.health == "down" and (.reason | test("^status 200; good"))'
	kill $here
	wait $here 2>/dev/null
	# Both answers have the vip as their source, which n1's stack drops.
	nginx_stop
	check "through the vip: others are asked where the vip is an address, too: down" wait_for 20 \
		finds vtcp down refused
	nginx_start
	check "through the vip: others are asked where the vip is an address, too: up" wait_for 20 finds vtcp up \
		'^connected$'
	# What the member sends is lost: it has the SYN, and waits for the rest.
	tc -n n2 qdisc add dev eth0 root netem loss 100%
	check "through the vip: the member's answers are lost: down" wait_for 30 finds vtcp down \
		'no answer from the vip'
	tc -n n2 qdisc del dev eth0 root
	check "through the vip: answers come again: up" wait_for 30 finds vtcp up '^connected$'
	# Those of checks that run now are there for a moment. One that nobody resets stays for a minute.
	check "through the vip: no connection is left half open" wait_for 20 half_open_none
}

is_held() {
	of flaps '.health == "up" and .held_for > 0' &&
		[ "$(haadm -j -n n1 member show "${service[flaps]}" node n2 | jq -r '.[0].health')" = down ]
}
ended_once() {
	grep -n -B3 "haagentd-checks has ended" "$dir/n1.log"
	[ "$(grep -c "haagentd-checks has ended" "$dir/n1.log")" -eq 1 ]
}
flapped() { [ "$(grep -c "n2 of $vip:111/tcp is up" "$dir/n1.log")" -ge 3 ]; }
shows() { haadm -n n1 agent show | grep -q "$1"; }
check_usage() { haagentd-checks 2>&1 | grep -q 'is started by haagentd'; }

changes() {
	local first
	# The others have been seen, and take a CPU's time.
	entries='' service=()
	good_entries
	write_conf
	kill -HUP $agent
	# Nothing is remembered of it, so that it flaps as often as it is meant to.
	wait_for 20 finds flaps up connected
	nginx_stop
	check "a server that is gone: down" wait_for 20 finds web down 'refused|connect'
	check "a server that is gone: down by tcp, too" wait_for 20 finds flaps down refused
	nginx_start 500
	check "a server that is back with status 500: still down" wait_for 20 finds web down '^status 500'
	check "a server that is back with status 500: up by tcp, at once for the first time" \
		wait_for 20 finds flaps up connected
	nginx_stop
	check "a member that flaps: down" wait_for 20 finds flaps down refused
	nginx_start
	check "a server that is back: up" wait_for 20 finds web up '^status 200$'
	check "a member that flaps: held, and down to the module" wait_for 20 is_held
	check "a member that flaps: the log tells" logged \
		"n2 of $vip:111/tcp is healthy again, but went down several times in a short time: it gets no flows"
	first=$(checker)
	kill -KILL "$first"
	check "haagentd-checks killed: another one runs" wait_for 20 checker_is_not "$first"
	check "haagentd-checks killed: the log tells" logged 'haagentd-checks has ended; members keep their health'
	check "haagentd-checks killed: the members keep their health" finds web up '^status 200$'
	nginx_stop
	check "haagentd-checks killed: the next one finds a server that is gone" wait_for 20 finds web down \
		'refused|connect'
	nginx_start
	check "haagentd-checks killed: the next one finds a server that is back" wait_for 20 finds web up '^status 200$'
	check "haagentd-checks killed: the next one sends echo requests, too" of ping '.result == "good"'
	first=$(checker)
	kill -STOP "$first"
	check "haagentd-checks stopped: the log tells" wait_for 40 logged 'haagentd-checks hangs, and was killed'
	check "haagentd-checks stopped: it is killed, and another one runs" wait_for 20 checker_is_not "$first"
	# Who asks the agent again and again for so long takes more of a CPU than all checks.
	wait_for 40 flapped
	check "a member that flaps: up in the end" wait_for 20 finds flaps up connected
}

# tcp_count NAME [NODE]: a counter of TCP in n2's kernel.
tcp_count() {
	n "${2:-n2}" awk -v name="$1" '$1 != "Tcp:" { next }
		!column { for (i = 2; i <= NF; i++) if ($i == name) column = i; next }
		{ print $column }' /proc/net/snmp
}
opened() { [ "$(tcp_count PassiveOpens)" -ge "$1" ]; }
# A process that was killed before may have left a connection that is reset now: then once more.
no_resets() { none_reset || none_reset; }
none_reset() {
	local resets
	resets=$(tcp_count EstabResets)
	wait_for 20 opened $(($(tcp_count PassiveOpens) + 8)) && echo "$resets" &&
		[ "$(tcp_count EstabResets)" = "$resets" ]
}

reloads() {
	local first changed
	check "http, https and tcp: a good check ends its connection without a reset" no_resets
	haadm -n n1 node set n2 addr 10.0.0.3 addr 2001:db8::2
	check "the node has another address: down" wait_for 20 finds web down '.'
	haadm -n n1 node set n2 addr 10.0.0.2 addr 2001:db8::2
	check "the node has its address again: up" wait_for 20 finds web up '^status 200$'
	wait_for 20 finds tls up '^status 200$'
	first=$(checker)
	entries='' service=()
	entry web $vip:80/tcp "$http path = \"/broken\";"
	entry kept $vip:443/tcp "kind = \"https\"; host = \"shop.example\"; path = \"/status\";"
	write_conf
	changed=$(grep -c "n2 of $vip:443/tcp is" "$dir/n1.log")
	kill -HUP $agent
	check "another file: the check has the other path" wait_for 20 finds web down '^status 503'
	check "another file: the same process goes on" test "$(checker)" = "$first"
	check "another file: a member whose check stays keeps its health" \
		test "$(grep -c "n2 of $vip:443/tcp is" "$dir/n1.log")" = "$changed"
	entries='' service=()
	entry web $vip:80/tcp ""
	write_conf
	kill -HUP $agent
	check "checks by tcp alone: no haagentd-checks runs" wait_for 20 no_checker
	check "checks by tcp alone: up" wait_for 20 finds web up '^connected$'
	# Those that ran when haagentd-checks was killed go on, so this one is another one.
	plugin hangs 'sleep 4321 & sleep 4321'
	entry hangs $vip:96/tcp "kind = \"exec\"; command = [ \"$dir/hangs\" ]; timeout = \"60s\";"
	write_conf
	kill -HUP $agent
	check "a command runs" wait_for 20 pgrep -fx 'sleep 4321'
	kill -TERM $agent
	wait $agent
	check "the agent ends: its commands are killed" wait_for 20 sh -c '! pgrep -fx "sleep 4321"'
	check "the agent ends: haagentd-checks ends" wait_for 20 sh -c '! pgrep -x haagentd-checks'
}

cleanup() {
	local pid
	for pid in $agent $bad $web $here $from $second $says $hung; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	ns_del_all
	module_unload
	rm -rf "$dir"
}

need_root
need haadm haagentd haagentd-checks jq curl python3 nginx openssl tc
ktap_header
if ! setup; then
	ktap_fail "setup: an agent, a member with servers"
	cleanup
	ktap_exit
fi
start
kinds
says
floors
apart
through
shared
changes
reloads
# "killed" above is the one time.
check "haagentd-checks ended only where it was killed" ended_once
[ $ktap_failed -eq 0 ] || ktap_note "log:" "$(tail -n 60 "$dir/n1.log")" "$(tail -n 5 "$dir/nginx.log" "$dir/checked")"
cleanup
ktap_exit
