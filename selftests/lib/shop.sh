# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2086 # keepers and number are the test's; the words here have no spaces
# The servers of tools/shop.py on those machines, with a store each on the machine's disk, and its customers.
#
# Sourced after machines.sh and before telling.sh. A test sets zone to the zone of each machine, and keepers to those
# whose servers get copies of the others' orders.

declare -A zone=()
vip=10.0.0.100
shop=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)/shop.py

store() { echo "$dir/disk-$1/$1.db"; }

# opens_shop NAME...: their servers.
opens_shop() {
	local name peer peers
	for name; do
		peers=()
		for peer in "${keepers[@]}"; do
			[ $peer = $name ] || peers+=("$peer/${zone[$peer]:-z-$peer}=10.0.0.${number[$peer]}")
		done
		: >"$dir/shop-$name.log"
		ip netns exec $name "$shop" serve $name ${zone[$name]:-z-$name} "$(store $name)" $vip "${peers[@]}" \
			>>"$dir/shop-$name.log" 2>&1 &
	done
	for name; do wait_for 20 grep -q serving "$dir/shop-$name.log" || return 1; done
}

# shop_text NODE...: the vip, the lease and the three services, of which these are members.
shop_text() {
	local node port
	echo "vip add $vip on eth0 lease web"
	for port in 8001 8002 8003; do
		echo "service add $vip:$port/tcp sched rr failback auto"
		for node; do echo "member add $vip:$port/tcp node $node"; done
	done
}

# customers NUMBER: they order until customers_go.
customers() {
	rm -f "$dir/asked" && : >"$dir/windows"
	ip netns exec client "$shop" customers $vip $1 "$dir/asked" >"$dir/customers.log" 2>&1 &
	echo $! >"$dir/customers.pid"
	wait_for 20 grep -qs "^order.* served " "$dir/asked"
}

customers_go() {
	kill -TERM "$(<"$dir/customers.pid")" && wait_for 60 lan_ended "$(<"$dir/customers.pid")" &&
		[ ! -s "$dir/customers.log" ] && rm "$dir/customers.pid"
}

ordering() { [ -e "$dir/customers.pid" ]; }

# goes_on: customers order for a while.
goes_on() {
	local had
	had=$(grep -c "^order.* served " "$dir/asked")
	wait_for 10 ordered $((had + 30))
}
ordered() { [ "$(grep -c "^order.* served " "$dir/asked")" -ge $1 ]; }

# is_over BEGIN WHAT [SECONDS]: what happened at BEGIN is felt no longer, and was not for longer than that.
is_over() { echo "$1 $(now) ${3:-2} $2" >>"$dir/windows"; }

# judged [STORE,STORE...]...: points: no acknowledged order is lost, and requests fail only in those windows.
judged() { ktap_judged < <("$shop" judge "$dir/asked" "$dir/windows" "$@"); }

# asks: a client is served, and by whom.
asks() {
	local said
	said=$(n client curl -sf -m 1 http://$vip:8001/) && said=${said#*\"} && echo "${said%%\"*}"
}
