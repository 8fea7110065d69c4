# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # dir is of haadm.sh, which sources this, as are silent, prints and wrong_file
# What haadm says of which node this machine is, and of who answers for a vip.

# called NAME COMMAND...: on a machine of that name.
called() {
	# shellcheck disable=SC2016 # expanded there
	unshare --uts sh -c 'hostname "$0" && "$@"' "$@"
}

# self_is NODE: of the nodes of ha-self that one is this machine, and no other.
self_is() {
	haadm -n ha-self -j node show |
		jq -e --arg node "$1" '[.[] | select(.self)] | length == 1 and .[0].name == $node' >/dev/null
}

# One file for all nodes: haadm finds the one that this machine is.
finds_self() {
	local none='no node is this machine, whose name is nowhere and which has' self=(haadm -n ha-self)
	ns_add ha-self
	printf '%s\n' "node add a addr 192.168.9.1 state up" "node add b addr 192.168.9.2 addr 2001:db8:9::2 state up" \
		"node add c.d addr 192.168.9.3 state up" "vip add 10.9.0.1 holder b stray forward" >"$dir/shared"
	check_fails "self: a file for which no node is this machine is an error" 1 \
		"^$dir/shared: $none no address; write \"self\" behind the node" called nowhere "${self[@]}" restore \
		"$dir/shared"
	check "self: a file for which no node is this machine changes nothing" silent "${self[@]}" save
	printf '%s\n' "link add d0 type dummy" "addr add 192.168.8.1/24 dev d0" | ip -n ha-self -b -
	check_fails "self: the error names the addresses that were looked at" 1 "$none the addresses 192.168.8.1; " \
		called nowhere "${self[@]}" restore "$dir/shared"
	check_fails "self: restore --check fails when no node is this machine" 1 "^$dir/shared: $none" \
		called nowhere "${self[@]}" restore --check "$dir/shared"
	check_fails "self: other errors of the file come first" 1 '^standard input:2: vip add' \
		called nowhere "${self[@]}" restore - <<<$'node add a addr 192.168.9.1\nvip add z'
	check "self: a restore finds the node by the host's name" silent \
		called b.example.org "${self[@]}" restore "$dir/shared"
	check "self: the host's domain does not count" self_is b
	check "self: a restore takes a node's name with dots" silent called c.d "${self[@]}" restore "$dir/shared"
	check "self: a name with dots counts whole" self_is c.d
	# Only this machine can be told that it is local.
	check "self: a name with dots counts whole beside a node with its first part" silent \
		called c.d "${self[@]}" restore --check - \
		<<-'END'
			node add c addr 192.168.9.1
			node add c.d addr 192.168.9.2
			vip add 10.9.0.1 everywhere
			service add 10.9.0.1
			member add 10.9.0.1 node c.d via local
		END
	check "self: save writes self for a node that no address tells" prints '^node add c.d .* self state up$' \
		"${self[@]}" save
	ip -n ha-self addr add 192.168.9.1/24 dev d0
	check "self: a restore finds the node by an IPv4 address on a device that is down" silent \
		called b "${self[@]}" restore "$dir/shared"
	check "self: an address goes before the host's name" self_is a
	check "self: save writes no self for a node that an address tells" diff "$dir/shared" <("${self[@]}" save)
	check "self: a restore from a pipe works" silent "${self[@]}" restore - < <(cat "$dir/shared")
	check "self: a restore from a pipe finds the node by its address" self_is a
	sed 's/^node add c.d.*/& self/' "$dir/shared" >"$dir/said"
	check "self: a restore takes a file that names self" silent "${self[@]}" restore "$dir/said"
	check "self: a file that names self is believed before addresses" self_is c.d
	check "self: save writes self as the file named it" prints '^node add c.d .* self' "${self[@]}" save
	ip -n ha-self addr add 2001:db8:9::2/64 dev d0 nodad
	check_fails "self: a file for which two nodes are this machine is an error" 1 \
		'shared: this machine has the address 192.168.9.1 of node a and 2001:db8:9::2 of node b; write "self"' \
		"${self[@]}" restore "$dir/shared"
	check "self: a file for which two nodes are this machine changes nothing" self_is c.d
	ip -n ha-self addr del 192.168.9.1/24 dev d0
	check "self: a restore takes a file with this machine's IPv6 address" silent \
		called a "${self[@]}" restore "$dir/shared"
	check "self: a restore finds the node by an IPv6 address" self_is b
	echo "vip add 10.9.0.1" >"$dir/nodeless"
	check "self: a file without nodes needs no self" silent called nowhere "${self[@]}" restore "$dir/nodeless"
	"${self[@]}" restore /dev/null && grep '^node' "$dir/shared" >"$dir/nodes"
	check "self: a batch takes nodes without self" silent called a "${self[@]}" -b "$dir/nodes"
	check "self: a batch finds the node by its address" self_is b
	"${self[@]}" restore /dev/null && ip -n ha-self addr add 192.168.9.1/24 dev d0
	check_fails "self: a batch for which two nodes are this machine is an error" 1 \
		'nodes: this machine has the address 192.168.9.1 of node a and' "${self[@]}" -b "$dir/nodes"
	check "self: a batch for which two nodes are this machine changes nothing" silent "${self[@]}" save
	printf '%s\n' "node add a addr 192.168.9.1 self" "node add b addr 192.168.9.2" >"$dir/nodes"
	check "self: a batch takes a line that names self" silent "${self[@]}" -b "$dir/nodes"
	check "self: a batch that names self is believed before addresses" self_is a
	ns_del_all
}

# owner_refused PATTERN COMMAND...: in namespace ha-owner it is refused so, and nothing changes.
owner_refused() {
	local pattern=$1 printed got=0 before
	shift
	before=$(haadm -n ha-owner save)
	printed=$(haadm -n ha-owner "$@" 2>&1) || got=$?
	[ "$got" -eq 2 ] || { echo "exit $got: $printed" && return 1; }
	grep -qE -- "refused by the kernel: $pattern \(${error:-EINVAL}\)" <<<"$printed" ||
		{ echo "no /$pattern/ in: $printed" && return 1; }
	diff <(echo "$before") <(haadm -n ha-owner save)
}

# Several nodes that answer for one vip are mostly a mistake: which of them does, or that each does, has to be said.
owners() {
	local own=(haadm -n ha-owner) \
		missing='neither lease nor holder, and there are several nodes: give lease, holder or everywhere'
	local write='has neither lease nor holder, and there are 2 nodes: '
	write+='write "lease LEASE", "holder NODE" or "everywhere"$'
	ns_add ha-owner
	"${own[@]}" node add a addr 192.168.9.1 self
	check "owner: a vip of a single node needs no owner" silent "${own[@]}" vip add 10.9.0.1
	check "owner: status of a single node names no holder" prints \
		'^  10.9.0.1 held here, without lease or holder$' "${own[@]}" status
	check "owner: status -j of a single node names no holder" \
		jq -e '.vips[0] | .holder == null and .everywhere == false and .role == "holder"' \
		<("${own[@]}" -j status)
	check "owner: a second node is refused while a vip has no owner" owner_refused \
		'(vip 10.9.0.1 needs lease, holder or everywhere|a vip has neither lease nor holder, .*)' node add b \
		addr 192.168.9.2
	check "owner: vip set takes everywhere" silent "${own[@]}" vip set 10.9.0.1 everywhere
	check "owner: save writes everywhere" prints '^vip add 10.9.0.1 everywhere stray forward$' "${own[@]}" save
	check "owner: vip show prints everywhere" prints '^vip 10.9.0.1 everywhere role holder' \
		"${own[@]}" vip show
	check "owner: status prints everywhere" prints '^  10.9.0.1 held everywhere$' "${own[@]}" status
	check "owner: status -j has everywhere" \
		jq -e '.vips[0].everywhere and .vips[0].holder == null' <("${own[@]}" -j status)
	check "status warns that no agent is there for the leases" leases_unheld
	check "status lists 20 held leases and counts the others" leases_held
	check "owner: a second node is taken when all vips have an owner" silent "${own[@]}" node add b addr 192.168.9.2
	check "owner: an IPv4 vip without an owner is refused" owner_refused \
		"the vip has $missing \(attribute addr4\)" vip add 10.9.0.2
	check "owner: an IPv6 vip without an owner is refused" owner_refused \
		"the vip has $missing \(attribute addr6\)" vip add 2001:db8:9::1
	check "owner: everywhere together with a holder is refused" owner_refused \
		'everywhere is given, and a lease or a holder: .* \(attribute everywhere\)' \
		vip add 10.9.0.2 holder b everywhere
	check "owner: vip add takes everywhere with two nodes" silent "${own[@]}" vip add 2001:db8:9::1 everywhere
	check "owner: vip replace that drops everywhere is refused" owner_refused \
		"the vip has $missing \(attribute addr4\)" vip replace 10.9.0.1
	check "owner: vip set puts a holder in place of everywhere" silent "${own[@]}" vip set 10.9.0.1 holder b
	check "owner: save writes the holder alone" prints '^vip add 10.9.0.1 holder b stray forward$' "${own[@]}" save
	check "owner: vip replace that drops the holder is refused" owner_refused \
		"the vip has $missing \(attribute addr4\)" vip replace 10.9.0.1
	"${own[@]}" lease add l
	check "owner: vip set puts a lease in place of the holder" silent "${own[@]}" vip set 10.9.0.1 lease l
	check "owner: lease del of a lease with vips is refused" check_code 2 "${own[@]}" lease del l
	check "owner: vip set puts everywhere in place of the lease" silent "${own[@]}" vip set 10.9.0.1 everywhere
	check "owner: save writes everywhere alone" prints '^vip add 10.9.0.1 everywhere stray forward$' \
		"${own[@]}" save
	"${own[@]}" save >"$dir/everywhere"
	check "owner: a restore takes a vip that is everywhere" silent "${own[@]}" restore "$dir/everywhere"
	check "owner: a restore keeps a vip that is everywhere" diff "$dir/everywhere" <("${own[@]}" save)
	check "owner: node del of the second node works" silent "${own[@]}" node del b
	check "owner: vip replace without an owner works with a single node" silent "${own[@]}" vip replace 10.9.0.1
	check "owner: vip replace without an owner clears the owner" prints '^vip add 10.9.0.1 stray forward$' \
		"${own[@]}" save
	ns_del_all

	printf '%s\n' "node add a addr 192.168.9.1 self" "vip add 10.9.0.1" "vip add 10.9.0.2" "vip add 2001:db8:9::1" \
		"node add b addr 192.168.9.2" "vip set 10.9.0.2 holder b" >"$dir/owners"
	wrong_file "an IPv4 vip without an owner is refused with its line" 1 \
		"wrong.conf:2: vip add: vip 10.9.0.1 $write" "$(cat "$dir/owners")"
	wrong_file "an IPv6 vip without an owner is refused with its line" 1 \
		"wrong.conf:4: vip add: vip 2001:db8:9::1 $write" "$(cat "$dir/owners")"
	check_fails "restore --check refuses a vip without an owner" 1 "^$dir/owners:2: vip add: vip 10.9.0.1 $write" \
		haadm restore --check "$dir/owners"
	check "restore --check names no vip whose owner is said later" \
		[ "$(haadm restore --check "$dir/owners" 2>&1 | wc -l)" -eq 2 ]
	sed -i 's/^vip add.*[1]$/& everywhere/' "$dir/owners"
	check "restore --check takes a vip whose owner is said everywhere" silent haadm restore --check "$dir/owners"
}

# check_code CODE COMMAND...: it ends so.
check_code() {
	local code=$1 got=0
	shift
	"$@" || got=$?
	[ "$got" -eq "$code" ]
}

# In the namespace of owners.
leases_unheld() {
	printf 'lease add l%d\n' {1..22} | haadm -n ha-owner -b - &&
		prints '^WARNING: no agent has spoken to this module: nobody holds a lease, and no node is missed$' \
			haadm -n ha-owner status &&
		prints '^  l22 +held by nobody: its epoch floor was never set$' haadm -n ha-owner status
}

leases_held() {
	printf 'lease set l%d floor 1\nlease set l%d epoch 1 holder a for 10s\n' {1..21}{,} | haadm -n ha-owner -b - &&
		prints '^  l20 +held by a, this machine, under epoch 1 for another [0-9.]+s$' haadm -n ha-owner \
			status &&
		prints '^  and 1 more that are held; -d shows them$' haadm -n ha-owner status &&
		prints '^  l22 +held by nobody: its epoch floor was never set$' haadm -n ha-owner status &&
		prints '^  l21 +held by a, ' haadm -n ha-owner -d status && ! haadm -n ha-owner status | grep WARNING &&
		printf 'lease release l%d epoch 1\n' {1..21} | haadm -n ha-owner -b - &&
		printf 'lease del l%d\n' {1..22} | haadm -n ha-owner -b -
}
