# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # dir is of haadm.sh, which sources this, as are owner_refused and its like
# What haadm says of the nodes that should hold a lease, and of those that may.

# In a namespace of its own, which is gone afterwards.
lease_nodes() {
	local own=(haadm -n ha-owner) i many=()
	ns_add ha-owner
	"${own[@]}" node add a addr 192.168.9.1 self && "${own[@]}" node add b addr 192.168.9.2 &&
		"${own[@]}" node add c addr 192.168.9.3
	check "lease add takes prefer and only" silent \
		"${own[@]}" lease add l prefer c only a prefer b only b only c failback 1m
	check "lease show lists preferred and allowed nodes in the order given" prints \
		'^lease l prefer c prefer b only a only b only c failback 1m vips 0$' "${own[@]}" lease show l
	check "lease show -j has prefer, only and failback" \
		jq -e '.[0] | .prefer == ["c", "b"] and .only == ["a", "b", "c"] and .failback == "1m"' \
		<("${own[@]}" -j lease show l)
	check "lease add takes failback manual" silent "${own[@]}" lease add m prefer a failback manual
	check "lease add without prefer, only and failback works" silent "${own[@]}" lease add n
	check "lease show -j of a plain lease has empty lists and no failback" \
		jq -e 'map(select(.name == "n"))[0] | .prefer == [] and .only == [] and (has("failback") | not)' \
		<("${own[@]}" -j lease show)
	"${own[@]}" save >"$dir/nodes"
	check "save writes prefer, only and failback as given" \
		grep -qx 'lease add l prefer c prefer b only a only b only c failback 1m' "$dir/nodes"
	check "save writes no default of a lease" grep -qx 'lease add n' "$dir/nodes"
	check "lease set changes only" silent "${own[@]}" lease set l only b only c
	check "lease set of only leaves prefer as it was" prints \
		'^lease l prefer c prefer b only b only c failback 1m ' "${own[@]}" lease show l
	check_fails "failover without an agent says why nobody holds the lease, and that no agent runs" 2 \
		'nobody is known to hold lease l, so .*: its epoch floor was never set; no agent runs here: ' \
		"${own[@]}" failover l to b
	"${own[@]}" lease set l floor 1
	error=EPERM check "a node that only does not name is granted no lease" owner_refused \
		'this node may not hold the lease, .* \(attribute holder\)' lease set l epoch 1 holder a for 1s
	check "a node that only names is granted the lease" silent "${own[@]}" lease set l epoch 1 holder b for 1s
	check "a restore of the saved leases works" silent "${own[@]}" restore "$dir/nodes"
	check "a restore of the saved leases changes nothing of them" diff "$dir/nodes" <("${own[@]}" save)
	check "a node is granted the lease when only names that node" silent \
		"${own[@]}" lease set l epoch 2 holder a for 9s
	check "lease set takes the holder off the list of only" silent "${own[@]}" lease set l only b only c
	error=EPERM check "a holder that was taken off the list of only is not renewed" wait_for 5 owner_refused \
		'this node may not hold the lease, .*' lease set l epoch 2 holder a for 9s
	check "a holder that was taken off the list of only holds on" prints ' holder a epoch 2 .* held ' \
		"${own[@]}" lease show l
	error=ENOENT check "lease set refuses to prefer an unknown node" owner_refused \
		'there is no node of that name \(attribute prefer\)' lease set l prefer d
	error=ENOENT check "lease add refuses an unknown node of only" owner_refused \
		'there is no node of that name \(attribute only\)' lease add o only d
	check "lease set refuses a node twice in only" owner_refused 'node is given twice: .* \(attribute only\)' \
		lease set l only b only c only b
	check "lease set refuses to prefer a node that only does not name" owner_refused \
		'a node that is preferred is not among those that may .* \(attribute prefer\)' lease set l prefer a
	check "lease set refuses an only without a node that is preferred" owner_refused \
		'a node that is preferred is not among those that may .* \(attribute only\)' lease set l only b
	check "lease set refuses failback without prefer" owner_refused \
		'failback needs prefer: .* \(attribute failback\)' lease set n failback 5s
	check "lease set refuses an empty name beside a name in prefer" owner_refused \
		'an empty name, .* stands alone \(attribute prefer\)' lease set l prefer b prefer ''
	error=EBUSY check "node del refuses a node that a lease names" owner_refused \
		'the node is .* by a lease: delete or change those first .*' node del c
	check_fails "lease set refuses prefer together with floor" 1 \
		'"prefer", "only", "failback" and "resign" are a command of their own' \
		"${own[@]}" lease set l prefer b floor 5
	check "lease set clears prefer by an empty name" silent "${own[@]}" lease set l prefer ''
	check "lease set that clears prefer clears failback" prints '^lease l (.* )?only b only c vips 0$' \
		"${own[@]}" lease show l
	check "lease replace of a lease works" silent "${own[@]}" lease replace m only c
	check "lease replace sets to the default what is not given" prints '^lease m only c vips 0$' \
		"${own[@]}" lease show m
	check "lease replace adds a lease" silent "${own[@]}" lease replace o prefer a
	check "save leaves out the default failback of a lease" grep -qx 'lease add o prefer a' <("${own[@]}" save)
	"${own[@]}" lease set l only '' && "${own[@]}" lease replace m && "${own[@]}" lease del o
	check "node del takes a node that no lease names any more" silent "${own[@]}" node del c
	for ((i = 0; i < 33; i++)); do
		"${own[@]}" node add many$i addr 192.168.8.$((i + 1))
		[ $i -eq 32 ] || many+=(only "many$i")
	done
	check "lease set takes 32 nodes in only and 32 in prefer" silent \
		"${own[@]}" lease set n "${many[@]}" "${many[@]/#only/prefer}"
	"${own[@]}" save >"$dir/nodes"
	check "a restore takes a lease with 32 nodes" silent "${own[@]}" restore "$dir/nodes"
	check "a restore keeps all 32 nodes of a lease" diff "$dir/nodes" <("${own[@]}" save)
	ns_del_all
	printf '%s\n' "node add a addr 192.168.9.1 self" "lease add l prefer a" "lease add m prefer b" >"$dir/unknown"
	check_fails "restore --check finds an unknown node of a lease" 1 "unknown:3: lease add: there is no node b" \
		haadm restore --check "$dir/unknown"
}
