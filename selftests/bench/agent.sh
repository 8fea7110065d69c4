#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Runs in a guest that counts instructions: what an agent takes of a CPU and of memory in a cluster where nothing
# happens.
#
#   agent.sh NODES LEASES SECONDS [MOST [MOST-KB [all | alone]]]
#
# Counted by instructions (`lab/run -i` on a Debian kernel) a nanosecond is an instruction. The nodes are namespaces on
# one bridge, with the shipped settings. Each lease has a vip, and the nodes share them. With `all` each vip is a
# service that is checked by HTTP, each node measures its load, keeps a journal and has its metrics read once. With
# `alone` the modules exchange no heartbeats: the kernel counts the time of their timers for whichever process runs just
# then, and with intervals that are alike this is the same agent each time. Prints
#   figure agent NODE HELD CPU-NS ELAPSED-NS KB KB KB
# of each agent, with its other processes: how many leases it held, the time that they ran, in how long, and their
# resident memory: what is their own, all of it with file pages counted once, and the sum over the processes. Fails if
# an agent ran for more than MOST ns of a second, or has more than MOST-KB KB, file pages counted once.
# shellcheck disable=SC2015 # die ends it
set -u

# shellcheck source=selftests/bench/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
count=$1 leases=$2 seconds=$3 most=${4:-1000000000} most_kb=${5:-1000000} all=${6:-}
dir=$(mktemp -d)
names=()
for ((i = 1; i <= count; i++)); do names+=("n$i"); done

network() {
	local i
	ip netns add lan && ip -n lan link add br0 up type bridge mcast_snooping 0 || return 1
	for ((i = 1; i <= count; i++)); do
		ip netns add "n$i" && ip -n lan link add "n$i" up type veth peer name eth0 netns "n$i" &&
			ip -n lan link set "n$i" master br0 && ip -n "n$i" link set lo up &&
			ip -n "n$i" link set eth0 up &&
			ip -n "n$i" addr add "10.0.0.$i/24" dev eth0 || return 1
	done
}

# serve NODE: answers to the checks.
serve() {
	mkdir -p "$dir/www" && ip netns exec "$1" python3 -m http.server -d "$dir/www" 80 >"$dir/$1.www" 2>&1 &
}

# more NODE: what is on beside the shipped settings, if all is.
more() {
	local i
	[ "$all" != alone ] || echo "pulses = { use = false; };"
	[ "$all" = all ] || return 0
	echo "journal = { folder = \"$dir/journal-$1\"; }; load = { cpu = \"99%\"; memory = \"99%\"; disk = \"99%\"; };"
	echo "checks = ("
	for ((i = 1; i <= leases; i++)); do
		echo ", { service = \"10.0.1.$i:80/tcp\"; node = [ \"n1\", \"n2\" ]; kind = \"http\"; }"
	done | sed '1s/^,//'
	echo ");"
}

# One file for all nodes, and no other one than the agents' key.
configure() {
	local i
	haagentd --genkey "$dir/key" || return 1
	{
		for ((i = 1; i <= count; i++)); do echo "node add n$i addr 10.0.0.$i"; done
		for ((i = 1; i <= leases; i++)); do echo "lease add l$i"; done
		for ((i = 1; i <= leases; i++)); do echo "vip add 10.0.1.$i on eth0 lease l$i"; done
		[ "$all" != all ] || for ((i = 1; i <= leases; i++)); do
			echo "service add 10.0.1.$i:80/tcp"
			echo "member add 10.0.1.$i:80/tcp node n1"
			echo "member add 10.0.1.$i:80/tcp node n2"
		done
	} >"$dir/haswitch.conf"
	[ "$all" != all ] || { serve n1 && serve n2; }
	for i in "${names[@]}"; do
		haadm -n "$i" restore "$dir/haswitch.conf" || return 1
		printf '%s\n' "key = \"$dir/key\";" "leases = { longest = \"1s\"; voter = \"$dir/voter-$i\"; };" \
			"configurations = \"$dir/config-$i\";" "$(more "$i")" \
			>"$dir/$i.conf"
		ip netns exec "$i" haagentd -f "$dir/$i.conf" >"$dir/$i.log" 2>&1 &
		echo $! >"$dir/$i.pid"
	done
}

# Each question takes a guest that counts instructions seconds, so one node is asked for all.
settled() {
	haadm -n n1 -j agent show >"$dir/seen" &&
		jq -e --argjson n "$count" --argjson leases "$leases" '.vote.mute == 0 and
		([.peers[] | select(.state == "heard")] | length) == $n - 1 and
		([.leases[] | select(.holder != null)] | length) == $leases and
		all(.checks[]; .health == "up")' "$dir/seen" >/dev/null
}

# held NODE: how many leases it held at the end.
held() { jq --arg node "$1" '[.leases[] | select(.holder == $node)] | length' "$dir/seen"; }

# processes NODE: the agent, and its worker process.
processes() { echo "$(<"$dir/$1.pid")" && pgrep -P "$(<"$dir/$1.pid")"; }

# ran NODE: for how long these ran so far, all their threads, ns, by the clock that the kernel has for each process.
ran() {
	# shellcheck disable=SC2046 # a word each
	python3 -c 'import sys, time; print(sum(time.clock_gettime_ns(~int(pid) << 3 | 2) for pid in sys.argv[1:]))' \
		$(processes "$1")
}

# memory_of NODE: see above. Of a file each process has other pages: those of the one with the most count.
memory_of() {
	local pid
	for pid in $(processes "$1"); do echo "of $pid" && cat "/proc/$pid/smaps"; done | awk '
		$1 == "of" { delete mine }
		/^[0-9a-f]+-[0-9a-f]+ / { file = $6 }
		$1 == "Rss:" { sum += rss = $2 }
		$1 == "Anonymous:" {
			own += $2
			mine[file] += rss - $2
			if (mine[file] > most[file])
				most[file] = mine[file]
		}
		END { for (file in most) shared += most[file]; print own, own + shared, sum }'
}

network || die "no network"
module_load
configure || die "the agents can't be started"
for ((tries = 0; tries < 40; tries++)); do
	settled && break
	[ $tries -lt 39 ] || { tail -n 5 "$dir"/*.log >&2; cat "$dir/seen" >&2; die "the cluster never settled"; }
	sleep 2
done
# What they have just been asked is over.
sleep 1
declare -A before
begun=$(python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))')
for name in "${names[@]}"; do before[$name]=$(ran "$name"); done
[ "$all" != all ] || for name in "${names[@]}"; do
	ip netns exec "$name" curl -sf -m 60 http://127.0.0.1:9464/metrics >"$dir/metrics" || die "$name has no metrics"
done
sleep "$seconds"
for name in "${names[@]}"; do before[$name]=$(($(ran "$name") - ${before[$name]})); done
ended=$(python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))')
span=$(((ended - begun) / 1000000))
settled || die "the cluster is not as it was"
for name in "${names[@]}"; do
	read -r own once sum < <(memory_of "$name")
	figure agent "$name" "$(held "$name")" "${before[$name]}" $((ended - begun)) "$own" "$once" "$sum"
	[ "${before[$name]}" -le $((most * span / 1000)) ] || over=$name
	[ "$once" -le "$most_kb" ] || large=$name
done
[ -z "${over:-}" ] || die "the agent of $over took more than $most ns a second"
[ -z "${large:-}" ] || die "the agent of $large has more than $most_kb kB"
