# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # dir is of haadm.sh, which sources this, as are owner_refused and its like
# What haadm says of the nodes that should hold a lease, and of those that may.

# In a namespace of its own, which is gone afterwards.
lease_nodes() {
	local own=(haadm -n ha-owner) i many=()
	ns_add ha-owner
	"${own[@]}" node add a addr 192.168.9.1 self && "${own[@]}" node add b addr 192.168.9.2 && "${own[@]}" node add c addr 192.168.9.3
	check "lease: nodes that should and that may" silent "${own[@]}" lease add l prefer c only a prefer b only b only c failback 1m
	check "lease: shown in their order" prints '^lease l prefer c prefer b only a only b only c failback 1m vips 0$' "${own[@]}" lease show l
	check "lease: in JSON, too" jq -e '.[0] | .prefer == ["c", "b"] and .only == ["a", "b", "c"] and .failback == 60000000000' \
		<("${own[@]}" -j lease show l)
	check "lease: manual" silent "${own[@]}" lease add m prefer a failback manual
	check "lease: none of all that" silent "${own[@]}" lease add n
	check "lease: has none of it in JSON" jq -e 'map(select(.name == "n"))[0] | .prefer == [] and .only == [] and (has("failback") | not)' \
		<("${own[@]}" -j lease show)
	"${own[@]}" save >"$dir/nodes"
	check "lease: saved as it was said" grep -qx 'lease add l prefer c prefer b only a only b only c failback 1m' "$dir/nodes"
	check "lease: the default is not" grep -qx 'lease add n' "$dir/nodes"
	check "lease: one list is changed" silent "${own[@]}" lease set l only b only c
	check "lease: the other one stays" prints '^lease l prefer c prefer b only b only c failback 1m ' "${own[@]}" lease show l
	"${own[@]}" lease set l floor 1
	error=EPERM check "lease: this node may not hold it" owner_refused 'this node may not hold the lease, .* \(attribute holder\)' \
		lease set l epoch 1 holder a for 1s
	check "lease: but another one may" silent "${own[@]}" lease set l epoch 1 holder b for 1s
	check "lease: restored" silent "${own[@]}" restore "$dir/nodes"
	check "lease: and the same" diff "$dir/nodes" <("${own[@]}" save)
	check "lease: then this node may" silent "${own[@]}" lease set l epoch 2 holder a for 9s
	check "lease: it is taken out" silent "${own[@]}" lease set l only b only c
	error=EPERM check "lease: and not renewed for long" wait_for 5 owner_refused 'this node may not hold the lease, .*' lease set l epoch 2 holder a for 9s
	check "lease: what it has goes on" prints ' holder a epoch 2 .* held ' "${own[@]}" lease show l
	error=ENOENT check "lease: an unknown node" owner_refused 'there is no node of that name \(attribute prefer\)' lease set l prefer d
	error=ENOENT check "lease: an unknown node, of only" owner_refused 'there is no node of that name \(attribute only\)' lease add o only d
	check "lease: a node twice" owner_refused 'node is given twice: .* \(attribute only\)' lease set l only b only c only b
	check "lease: who is preferred may" owner_refused 'a node that is preferred is not among those that may .* \(attribute prefer\)' \
		lease set l prefer a
	check "lease: also when that changes" owner_refused 'a node that is preferred is not among those that may .* \(attribute only\)' \
		lease set l only b
	check "lease: failback to nobody" owner_refused 'failback needs prefer: .* \(attribute failback\)' lease set n failback 5s
	check "lease: nobody, and somebody" owner_refused 'an empty name, .* stands alone \(attribute prefer\)' lease set l prefer b prefer ''
	error=EBUSY check "lease: a node that it names stays" owner_refused 'the node is .* by a lease: delete or change those first .*' node del c
	check_fails "lease: with a grant" 1 '"prefer", "only" and "failback" are a command of their own' \
		"${own[@]}" lease set l prefer b floor 5
	check "lease: nobody is preferred any more" silent "${own[@]}" lease set l prefer ''
	check "lease: and failback went" prints '^lease l (.* )?only b only c vips 0$' "${own[@]}" lease show l
	check "lease: replace" silent "${own[@]}" lease replace m only c
	check "lease: replaces all of it" prints '^lease m only c vips 0$' "${own[@]}" lease show m
	check "lease: replace adds, too" silent "${own[@]}" lease replace o prefer a
	check "lease: the failback of 10 s is no word of its own" grep -qx 'lease add o prefer a' <("${own[@]}" save)
	"${own[@]}" lease set l only '' && "${own[@]}" lease replace m && "${own[@]}" lease del o
	check "lease: nothing names the node" silent "${own[@]}" node del c
	for ((i = 0; i < 33; i++)); do
		"${own[@]}" node add many$i addr 192.168.8.$((i + 1))
		[ $i -eq 32 ] || many+=(only "many$i")
	done
	check "lease: as many nodes as can be" silent "${own[@]}" lease set n "${many[@]}" "${many[@]/#only/prefer}"
	"${own[@]}" save >"$dir/nodes"
	check "lease: they are restored" silent "${own[@]}" restore "$dir/nodes"
	check "lease: all of them" diff "$dir/nodes" <("${own[@]}" save)
	ns_del_all
	printf '%s\n' "node add a addr 192.168.9.1 self" "lease add l prefer a" "lease add m prefer b" >"$dir/unknown"
	check_fails "lease: checked without a module's help" 1 "unknown:3: lease add: there is no node b" haadm restore --check "$dir/unknown"
}
