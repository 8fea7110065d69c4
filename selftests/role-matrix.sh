#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who does what with a packet to a vip: each cell of the table expected/matrix.
#
#   role-matrix.sh [ROLE...]      all roles if not told
# shellcheck disable=SC2046,SC2048,SC2053,SC2086,SC2119,SC2206 # no word has spaces; those of the table are patterns

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=selftests/lib/ktap.sh
. ./lib/ktap.sh
# shellcheck source=selftests/lib/lan.sh
. ./lib/lan.sh
# shellcheck source=selftests/lib/cluster.sh
. ./lib/cluster.sh

# m1 is tried; entry is whom it takes for the holder, where it is not, and m2 whom it picks.
roles=${*:-holder lease member member-lease neither neither-lease expired}

# cells: ROLE VIA STRAY, with a number each, which is that of its vips.
cells() {
	local role via stray number=100
	for role in $roles; do
		for via in local direct tunnel gue nat; do
			# A member is one by serving itself.
			[[ $role-$via != member*-[!l]* ]] || continue
			for stray in forward drop; do echo "$role $via $stray $((number++))"; done
		done
	done
}

# setup ROLE VIA STRAY ADDR: the commands.
setup() {
	local whose="holder entry" members=m2
	case $1 in
	holder) whose="holder m1" ;;
	lease) whose="lease mine" ;;
	*-lease) whose="lease theirs" ;;
	expired) whose="lease gone" ;;
	esac
	echo "vip add $4 $whose stray $3"
	[[ $1 != member* ]] || members=m1
	if [ $members = m1 ] || [ $2 != local ]; then
		echo "service add $4"
		echo "member add $4 node $members via $2"
	fi
}

configure() {
	local role via stray number
	{
		for role in mine theirs gone; do
			echo "lease add $role"
			echo "lease set $role floor 1"
		done
		while read -r role via stray number; do
			setup $role $via $stray 10.0.0.$number
			setup $role $via $stray 2001:db8::$number
		done < <(cells)
		echo "lease set gone epoch 1 holder m1 for 100ms"
	} >"$work_dir/matrix"
	haadm -n m1 -b "$work_dir/matrix" && wait_for 10 nobody_has gone
}

nobody_has() {
	haadm -n m1 -j lease show $1 | jq -e '.[0].holder == null'
}

prepare() {
	need_root
	need haadm jq python3
	module_load && cluster_make && cluster_nodes_add && configure && cluster_ready || return 1
	# What gets there by its own address is not to be answered.
	traffic serve m2 udp 10.0.0.12 53 - && traffic serve m2 udp 2001:db8::12 53 - || return 1
	mac_m1=$(lan_mac m1) mac_m2=$(lan_mac m2) mac_entry=$(lan_mac entry) mac_client=$(lan_mac client)
	# A client that pretends to be another machine must not make the bridge believe it.
	bridge -n lan link set dev client-eth0 learning off &&
		bridge -n lan fdb replace "$mac_client" dev client-eth0 master static
}

# verdict ROLE VIA STRAY SOURCE: sets wanted to what the table says.
mapfile -t table < <(grep -v '^#' expected/matrix)
verdict() {
	local - line row
	set +x -f
	wanted="nothing: the table does not tell of $*"
	for line in "${table[@]}"; do
		row=($line)
		[[ $1 = ${row[0]} && $2 = ${row[1]} && $3 = ${row[2]} && $4 = ${row[3]} ]] && wanted=${row[*]:4} &&
			return 0
	done
	return 1
}

# picked VIA PROTOCOL: what m1 sends the member.
picked() {
	case $1 in
	direct) echo "udp dport=53 dst=$vip to=$mac_m2" ;;
	tunnel) echo "proto=$2 src=$own dst=$other to=$mac_m2 inner:dst=$vip inner:dport=53" ;;
	gue) echo "gue src=$own dst=$other to=$mac_m2 inner:dst=$vip inner:dport=53" ;;
	nat) echo "udp dport=53 dst=$other to=$mac_m2" ;;
	esac
}

# try SOURCE VERDICT NET NUMBER VIA
try() {
	local vip=$3$4 client=${3}1 counted how own=${3}11 other=${3}12 proto=4 outer=${3}2,${3}11
	[ $3 = 10.0.0. ] || proto=41
	local inside=("m1 out gue" "m1 out proto=$proto")
	case $1 in
	client) how="shot client src=$client dst=$vip to=$mac_m1 sport=4000" ;;
	holder) how="shot client src=$client dst=$vip to=$mac_m1 from=$mac_entry sport=4000" ;;
	tunnel) how="shot entry src=$client dst=$vip to=$mac_m1 sport=4000 outer=$outer" ;;
	gue) how="shot entry src=$client dst=$vip to=$mac_m1 sport=4000 outer=$outer gue=50000" ;;
	marked) how="traffic send entry $own 6949 stray=$client,$vip" ;;
	process) how="traffic send m1 $vip 53 from=$own sport=4000" ;;
	esac
	case $2 in
	serve) counted="seen=1 local=1" ;;
	pick | redirect) counted="seen=1 redirected=1" ;;
	forward) counted="seen=1 redirected=1 stray_sent=1" ;;
	drop) counted="seen=1 drop_not_holder=1" ;;
	refuse) counted="tunnel_refused=1" ;;
	esac
	case $2-$5 in
	pick-tunnel | pick-gue) counted+=" tunnel_sent=1" ;;
	pick-nat) counted+=" flow_made=1" ;;
	esac
	case $1-$2 in
	*-refuse) ;;
	tunnel-* | gue-*) counted+=" tunnel_received=1" ;;
	esac
	# It comes by the loopback device then.
	[ $1-$2 != process-serve ] || counted="seen=2 local=1 passed=1"
	[ $1 != marked ] || counted+=" stray_received=1"
	grew m1 "$counted" $how || return 1
	case $2 in
	pick) heard "m1 out $(picked $5 $proto)" && unheard "m1 out udp dport=6949" ;;
	redirect) heard "m1 out udp dport=53 src=$own dst=$vip to=$mac_entry" &&
		unheard "m1 out udp dport=6949" "${inside[@]}" ;;
	forward) heard "m1 out udp dport=6949 dst=${3}2 to=$mac_entry" &&
		unheard "m1 out udp dport=53" "${inside[@]}" ;;
	*) unheard "m1 out udp dport=53" "m1 out udp dport=6949" "${inside[@]}" ;;
	esac
}

# cell ROLE VIA STRAY NUMBER SOURCE
cell() {
	local epoch wanted
	verdict $1 $2 $3 $5 || { echo "$wanted"; return 1; }
	# To the member the client is the same, whatever the vip: it knows one flow of them at a time.
	haadm -n m1 flow del all >/dev/null || return 1
	epoch=1
	[ ! -e "$work_dir/epoch" ] || read -r epoch <"$work_dir/epoch"
	epoch=$((epoch + 1))
	echo $epoch >"$work_dir/epoch"
	case $1 in
	lease) haadm -n m1 lease set mine epoch $epoch holder m1 for 10s || return 1 ;;
	*-lease) haadm -n m1 lease set theirs epoch $epoch holder entry for 10s || return 1 ;;
	esac
	try $5 $wanted 10.0.0. $4 $2 && try $5 $wanted 2001:db8:: $4 $2 && return 0
	echo "wanted: $wanted"
	return 1
}

ktap_header
make_ready "setup: vips of every kind on one node" prepare
while read -r role via stray number; do
	for source in client holder tunnel gue marked process; do
		verdict $role $via $stray $source
		check "$role, via $via, stray $stray, from $source: $wanted" cell $role $via $stray $number $source
	done
done < <(cells)
ktap_exit
