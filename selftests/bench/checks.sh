#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest: what health checks take of a CPU and of memory.
#
#   checks.sh KIND N SECONDS [MOST]
#
# N checks of a KIND (http, https, icmp, udp, exec) are made once a second each, of one node with nginx. Counted by
# instructions (`lab/run -i` on a Debian kernel) a nanosecond is an instruction. Prints
#   figure checks KIND N MADE CHECKS-NS AGENT-NS ELAPSED-NS CHECKS-KB AGENT-KB
# of that time: how many requests nginx took (http, https), for how long haagentd-checks with its commands ran, and the
# agent, and the resident memory of both. Fails if haagentd-checks ran for more than MOST ns of a second.
# shellcheck disable=SC2015 # die ends it
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
kind=$1 count=$2 seconds=$3 most=${4:-1000000000}
tools=$(cd "${BASH_SOURCE[0]%/*}/../tools" && pwd)
dir=$(mktemp -d)
chmod 755 "$dir"
in_two() { ip netns exec n2 "$@"; }

network() {
	local name
	for name in n1 n2; do ip netns add $name && ip -n $name link set lo up || return 1; done
	ip -n n1 link add eth0 up type veth peer name eth0 netns n2 && ip -n n2 link set eth0 up &&
		ip -n n1 addr add 10.0.0.1/24 dev eth0 && ip -n n2 addr add 10.0.0.2/24 dev eth0
}

serve() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x \
		-keyout "$dir/key.pem" -out "$dir/cert.pem" 2>"$dir/openssl" || return 1
	cat >"$dir/nginx.conf" <<-END
		daemon off;
		master_process off;
		pid $dir/nginx.pid;
		error_log $dir/nginx.log;
		events { worker_connections 4096; }
		http {
			access_log off;
			server {
				listen 80 backlog=4096;
				listen 443 ssl backlog=4096;
				ssl_certificate $dir/cert.pem;
				ssl_certificate_key $dir/key.pem;
				location = /count { stub_status; }
				location / { return 200 "ok"; }
			}
		}
	END
	in_two nginx -c "$dir/nginx.conf" -e "$dir/nginx.log" >"$dir/nginx.out" 2>&1 &
	in_two "$tools/checked.py" udp >"$dir/udp" 2>&1 &
}

# More vips than one, as there are only so many ports.
configure() {
	local i name more='' usual='node = "n2"; interval = "1s"; timeout = "1s";'
	case $kind in
	http) more='port = 80;' ;;
	https) more='port = 443;' ;;
	udp) more='port = 7; send = "ping";' ;;
	exec) more='command = "/bin/true";' ;;
	esac
	{
		echo 'node = "n1"; leases = { vote = false; }; nodes = ( { name = "n1"; address = "10.0.0.1"; } );'
		echo "key = \"$dir/key\"; checks = ("
		for ((i = 1; i <= count; i++)); do
			[ "$i" -eq 1 ] || echo ,
			echo "{ service = \"10.0.0.100:$i/tcp\"; kind = \"$kind\"; $usual $more }"
		done
		echo ');'
	} >"$dir/n1.conf"
	{
		echo "node add n1 addr 10.0.0.1 self"
		echo "node add n2 addr 10.0.0.2"
		echo "vip add 10.0.0.100 on eth0 holder n1"
		for ((i = 1; i <= count; i++)); do
			name=10.0.0.100:$i/tcp
			printf 'service add %s\nmember add %s node n2\n' "$name" "$name"
		done
	} >"$dir/haswitch.conf"
	haagentd --genkey "$dir/key" && haadm -n n1 restore "$dir/haswitch.conf" || return 1
	ip netns exec n1 haagentd -f "$dir/n1.conf" 2>"$dir/n1.log" &
	agent=$!
}

made() { in_two curl -s http://127.0.0.1/count | awk 'NR == 3 { print $3 }'; }
up() { haadm -j -n n1 member show | jq '[.[] | select(.health == "up")] | length'; }
now() { python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'; }

# ran PID: for how long its threads ran so far, ns, and its ended children, which are counted by clock ticks.
ran() {
	python3 - "$1" <<-'END'
		import sys, time
		fields = open(f"/proc/{sys.argv[1]}/stat").read().rsplit(")", 1)[1].split()
		children = (int(fields[13]) + int(fields[14])) * 10_000_000
		print(time.clock_gettime_ns(~int(sys.argv[1]) << 3 | 2) + children)
	END
}

resident() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }

network && serve || die "no network, or no server"
module_load
configure || die "the agent can't be started"
for ((tries = 0; tries < 60; tries++)); do
	[ "$(up)" -ge "$count" ] && break
	[ $tries -lt 59 ] || { tail -n 5 "$dir"/n1.log "$dir/nginx.log" >&2; die "only $(up) of $count are up"; }
	sleep 2
done
checks=$(pgrep -P "$agent" -x haagentd-checks) || die "no haagentd-checks"
requests=$(made) checks_ran=$(ran "$checks") agent_ran=$(ran "$agent") begun=$(now)
sleep "$seconds"
requests=$(($(made) - requests))
checks_ran=$(($(ran "$checks") - checks_ran)) agent_ran=$(($(ran "$agent") - agent_ran))
span=$(($(now) - begun))
[ "$(up)" -ge "$count" ] || die "only $(up) of $count are still up"
figure checks "$kind" "$count" "$requests" "$checks_ran" "$agent_ran" "$span" \
	"$(resident "$checks")" "$(resident "$agent")"
[ "$checks_ran" -le $((most * (span / 1000000) / 1000)) ] || die "haagentd-checks took more than $most ns a second"
