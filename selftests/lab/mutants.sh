#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Modules, and agents, broken on purpose: each must fail just those points of a test that are about what it does wrong.
#
#   mutants.sh KERNEL [NAME...]
#   mutants.sh -n [NAME...]         only whether the changes can be made: the code that they change may have moved on
set -u

lab=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$lab/../.." && pwd)
# shellcheck source=selftests/lib/ktap.sh
. "$lab/../lib/ktap.sh"
# shellcheck source=scripts/ccache.sh
. "$repo/scripts/ccache.sh"

kernel=${1:?KERNEL or -n}
shift
wanted=" $* "
out=${HASW_OUT:-$(mktemp -d)}
trees=$(mktemp -d)
trap 'rm -rf "$trees"' EXIT

# altered FILE SED TO: the file with that change, which must be one.
altered() {
	sed -E "$2" "$repo/$1" >"$3" || return 1
	! cmp -s "$repo/$1" "$3" || { echo "nothing in $1 to change by: $2"; return 1; }
}

# changed NAME FILES SED FOLDER...: a copy of what is built, with that change in each of the files; with -n no copy.
changed() {
	local file to
	[ "$kernel" = -n ] || { mkdir -p "$trees/$1" && (cd "$repo" && cp -r "${@:4}" "$trees/$1/"); } || return 1
	for file in $2; do
		to=$trees/$1/$file
		[ "$kernel" != -n ] || to=$trees/altered
		altered "$file" "$3" "$to" || return 1
	done
}

# broken NAME FILES SED: the module with that change, built.
broken() {
	changed "$1" "$2" "$3" Kbuild kmod include || return 1
	[ "$kernel" = -n ] || "$repo/scripts/build-module.sh" -s "$trees/$1" "$kernel" \
		"$repo/build/modules/mutant-$kernel"
}

# broken_agent NAME FILES SED: user space with that change, built. All but the changed files are what ccache has. The
# lab's own part of the build is as it was.
broken_agent() {
	changed "$1" "$2" "$3" include userspace || return 1
	[ "$kernel" != -n ] || return 0
	mkdir "$trees/$1/build" && ln -s "$repo/build/userspace/lab" "$trees/$1/build/lab" || return 1
	CC="${CC:-${ccache:+$ccache }gcc}" CCACHE_BASEDIR=$trees/$1 CCACHE_NOHASHDIR=1 \
		make -s -C "$trees/$1/userspace" "-j$(nproc)" "O=$trees/$1/build" \
		"$trees/$1/build/bin/"{haadm,haagentd,haagentd-checks,haagentd-corosync,haagentd-http,haagentd-later} \
		"$trees/$1/build/iproute2/link_haswitch.so"
}

# mutant NAME TITLE FILES SED SCRIPT ARGUMENTS MUST [MAY]: the points of the script that match MUST fail, every one, and
# of the others none that does not match MAY. Words before a -- in ARGUMENTS are options for lab/run. A script of host/
# boots its kernels itself, with the module that HASW_KO names.
mutant() {
	mutant_of broken "$repo/build/modules/mutant-$kernel/haswitch.ko" "$repo/build/userspace" "$@"
}

# agent_mutant: the same for an agent.
agent_mutant() {
	mutant_of broken_agent "$repo/build/modules/$kernel/haswitch.ko" "$trees/$1/build" "$@"
}

# mutant_of BUILD MODULE USERSPACE NAME...
mutant_of() {
	local build=$1 module=$2 userspace=$3 name=$4 title=$5 file=$6 change=$7 script=$8 must=${10} may=${11:-${10}} \
		printed points
	local arguments options=()
	read -ra arguments <<<"$9"
	while [[ " ${arguments[*]} " = *" -- "* ]]; do
		[ "${arguments[0]}" = -- ] || options+=("${arguments[0]}")
		arguments=("${arguments[@]:1}")
	done
	[ ${#arguments[@]} -gt 0 ] || arguments=("")
	[ "$wanted" = "  " ] || [[ $wanted = *" $name "* ]] || return 0
	if ! printed=$("$build" "$name" "$file" "$change" 2>&1); then
		ktap_fail "$title" "$printed"
		return
	fi
	if [ "$kernel" = -n ]; then
		ktap_ok "$title: can be made"
		return
	fi
	if [[ $script = host/* ]]; then
		mkdir -p "$out/$name"
		HASW_BUILD=$userspace HASW_KO=$module HASW_OUT=$out/$name "$repo/selftests/$script" "$kernel" \
			"${arguments[@]}" >"$out/$name.txt" 2>&1
	else
		HASW_BUILD=$userspace "$lab/run" -t 300 -q "${options[@]}" -o "$out/$name" -k "$module" "$kernel" \
			"$repo/selftests/$script" "${arguments[@]}" >"$out/$name.txt" 2>&1
	fi
	points=$(sed -nE 's/^ *((not )?ok [0-9]+ )/\1/p' "$out/$name.txt")
	if ! grep -qE "$must" <<<"$points"; then
		ktap_fail "$title" "no such point: $must" "$(tail -n 20 "$out/$name.txt")"
	elif grep -E "$must" <<<"$points" | grep -q '^ok'; then
		ktap_fail "$title" "not caught:" "$(grep -E "$must" <<<"$points" | grep '^ok')"
	elif grep -E '^not ok' <<<"$points" | grep -qvE "$must|$may"; then
		ktap_fail "$title" "failed as well:" "$(grep -E '^not ok' <<<"$points" | grep -vE "$must|$may")"
	else
		ktap_ok "$title: caught"
	fi
}

# explain_mutant NAME TITLE FILE SED: what the comparison of what is said and what is done tells.
explain_mutant() {
	mutant "explain-$1" "explain $2" "$3" "$4" explain.sh 30 "that explain names" \
		"packets covered|fate in words|changes nothing"
}

# fastpath_mutant NAME TITLE SED [FILE]: what only the comparison of both paths tells.
fastpath_mutant() {
	mutant "fastpath-$1" "the fast path $2" "${4:-kmod/path/fast.c}" "$3" fastpath.sh 5000 \
		"fast path and slow path do" "fate"
}

# flow_mutant NAME TITLE FILE SED MUST: what is wrong with tracked flows; flows of the wrong member may fail other
# points, too.
flow_mutant() {
	mutant "flow-$1" "$2" "kmod/$3" "$4" flow.sh 2000 "$5" "."
}

# ports_mutant NAME TITLE FILE SED MUST: what is wrong with the further ports of a service.
ports_mutant() {
	mutant "flow-ports-$1" "$2" "kmod/$3" "$4" ports.sh "" "$5" "."
}

# lease_device_mutant NAME TITLE FILE SED MUST: what is wrong with devices that show leases; a wrong state may last.
lease_device_mutant() {
	mutant "lease-device-$1" "$2" "kmod/$3" "$4" lease-devices.sh "-s -- brief" "$5" "."
}

ktap_header
mutant any-sender "a member serves packets of any sender" kmod/path/check.h \
	's/if \(likely\(hop && ether_addr_equal\(eth_hdr/if (1 || likely(hop \&\& ether_addr_equal(eth_hdr/' \
	path.sh 4 "a member drops a packet from a client"
mutant any-node "a node that is neither serves packets of the holder" kmod/path/check.h \
	's/READ_ONCE\(vip->role\) == HASWITCH_ROLE_MEMBER/1/' \
	path.sh 4 "neither drops a packet from the holder's MAC"
mutant any-owner "a node of any role acts as the holder" kmod/service/vip.h \
	's/if \(likely\(READ_ONCE\(vip->role\) == HASWITCH_ROLE_HOLDER\)\)/if (READ_ONCE(vip->role) != 255)/' \
	path.sh 4 "(member|neither) drops a packet from a client" \
	"from|a member|serve|delivered|sends nothing|ICMP|port|seen|the holder sends|members reply|martian"
mutant no-guard "a node of any role sends as a vip" kmod/path/path.c \
	's/if \(from && !hasw_vip_speaks\(from\)\)/if (0)/' \
	path.sh 4 "sends nothing as the vip"
mutant no-arp-guard "a node of any role announces a vip" kmod/announce/arp.c \
	's/if \(hasw_vip_held\(vip\) && hasw_vip_faces\(vip, state->out\)\)/if (vip)/' \
	arp.sh "" "of a member's kernel is held back" "."
change='s/^\t\thn->beat.stalled = true;/\t\tstruct hasw_node *n;\n\n\t\thn->beat.stalled = true;\n'
change+='\t\tlist_for_each_entry(n, \&rcu_dereference_protected(hn->config, 1)->nodes, list)\n'
change+='\t\t\thasw_node_set_agent(hn, n, HASWITCH_AGENT_STATE_LOST, now);/'
mutant time-alone "nodes are lost when BEATs stop" kmod/cluster/beat.c \
	"$change" \
	beat.sh "" "not the loss of a node" "."
mutant no-ttl "the TTL is not decremented" kmod/forward/xmit.h \
	's/ip_decrease_ttl\(ip_hdr\(skb\)\);/(void)ip_hdr(skb);/' \
	path.sh 4 "only its TTL changed|at its last hop"
mutant no-icmp "a dropped packet's sender is not told" kmod/forward/xmit.c \
	's/\ticmp_send\(skb, type4, code4, htonl\(info\)\);/\t(void)code4;/' \
	path.sh 4 "at its last hop is told"
mutant no-stamp "the first packet is not noticed" kmod/path/path.c \
	's/if \(m && unlikely\(hasw_times_is_first\(service, m->node\)\)\)/if (0)/' \
	switch.sh 2 "moves the node's services|health down moves|records of|histograms|moves all services" \
	"monitor|changed priority"
mutant half-switch "a state is told, but not published" kmod/core/switch.c \
	's/WRITE_ONCE\(\*word, .*/(void)word;/' \
	switch.sh 2 "moves the node's services|acknowledged switches|under traffic" "."
change='s/^(\t*)hasw_beat_event\(hn, HASWITCH_EVENT_KIND_AGENT_STALLED\);/&\n\1struct hasw_node *node;\n\n'
change+='\1rcu_read_lock();\n\1list_for_each_entry_rcu(node, \&rcu_dereference(hn->config)->nodes, list)\n'
change+='\1\tif (node->agent == HASWITCH_AGENT_STATE_ALIVE)\n'
change+='\1\t\thasw_node_set_agent(hn, node, HASWITCH_AGENT_STATE_LOST, hasw_switch_now());\n\1rcu_read_unlock();/'
mutant dead-by-time "the agent's silence takes nodes out" kmod/cluster/beat.c \
	"$change" \
	beat.sh "" "not the loss of a node" "."
mutant no-deadline "a deadline that has passed counts, and no timer ends the grant" \
	"kmod/cluster/grant.h kmod/cluster/lease.c" \
	's/return hasw_deadline_valid\(time, mine\);/return mine != 0;/
	s/if \(READ_ONCE\(hn->closing\) \|\|/if (1 || READ_ONCE(hn->closing) ||/' \
	lease.sh "" "past the deadline nobody answers|in flight is judged after the deadline" "."
mutant no-lease-timer "no timer ends a grant" kmod/cluster/lease.c \
	's/if \(READ_ONCE\(hn->closing\) \|\|/if (1 || READ_ONCE(hn->closing) ||/' \
	lease.sh "" "deadline that was moved closer|tells that a grant ran out|agent that renews is stopped" \
	"(is judged after|that node.s past) the deadline"
change='s/^\tif \(!hasw_nl_lease_same_clock\(\)\)$/\tvoid rtnl_lock(void), rtnl_unlock(void);\n\n\trtnl_lock();\n'
change+='\trtnl_unlock();\n&/'
mutant renewal-rtnl "a renewal waits for rtnl" kmod/config/netlink_lease.c \
	"$change" \
	lease.sh "" "renewals do not wait for rtnl" "."
mutant dump-mark "a dump does not tell that the configuration has changed" kmod/config/netlink.c \
	's/cb->seq = \(u32\)hn->generation \?: 1;/cb->seq = 1;/' \
	netlink.sh "" "in whose midst a vip goes"
mutant forgetful-restore "a restore forgets what another node holds" kmod/cluster/lease_config.c \
	's/holder->twin->self != holder->self/!holder->self/' \
	lease.sh "" "a restore keeps the grant" "a restore|never has both|status says why"
mutant lease-anyone "a node that may not hold a lease is granted the lease" kmod/cluster/lease.c \
	's/if \(!lease->barred \|\|/if (1 ||/' \
	haadm.sh "" "only does not name is granted no lease|taken off the list of only is not renewed" "."
mutant never-proved "a member whose node has never answered is picked like others" kmod/service/judge.h \
	's/word & hasw_judge_unreached\(READ_ONCE\(m->via\)\)/0/' \
	evidence.sh "" "a preferred member that was never there" \
	"neighbour entry is flushed|of maglev|as soon as a route|setup: the preferred member goes"
mutant held-serves "a held member that gets no flow is told as serving" kmod/service/sched.c \
	's/^\tif \(verdict == HASWITCH_NEW_FLOWS_YES\)$/\tif (1)/' \
	haadm.sh "" "counts no held member while another one serves"
mutant flows-made "flows that begin are not counted" kmod/flow/flow.c \
	's/atomic64_inc\(&m->share->made\)/(void)m/' \
	haadm.sh "" "member show counts flows|top shows rates"
mutant lease-no-guard "a node without the lease sends as the vip" kmod/path/path.c \
	's/if \(from && !hasw_vip_speaks\(from\)\)/if (0)/' \
	lease.sh "" "members send as a vip" "is judged after the deadline"
change='s/time = ktime_get_boot_fast_ns\(\);/static u64 off;\n\n\ttime = ktime_get_real_fast_ns();\n'
change+='\toff = off ?: time - ktime_get_boot_fast_ns();\n\ttime -= off;/'
mutant wall-clock "deadlines are compared with the wall clock" kmod/cluster/grant.h \
	"$change" \
	lease.sh "" "if the wall clock jumps" "."
mutant raw-clock "deadlines are compared with a clock that is not slewed" kmod/cluster/grant.h \
	's/time = ktime_get_boot_fast_ns\(\);/time = ktime_get_raw_fast_ns();/' \
	lease.sh "" "if all clocks" "."
mutant stopping-clock "deadlines are compared with a clock that stops with the machine" \
	"kmod/cluster/grant.h kmod/cluster/grant.c kmod/cluster/lease.c" \
	's/ktime_get_boot_fast_ns/ktime_get_mono_fast_ns/
	s/CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT/CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT/' \
	suspend.sh "" "was suspended counts" "."
mutant refused-forged "forged ICMP errors refuse heartbeats" kmod/heartbeat/pulse_recv.c \
	's/good = good && hasw_pulse_unpack\(wire, &beat\);/good = hasw_pulse_unpack(wire, \&beat);/' \
	unreachable.sh "" "sent since the peer was heard" "."
mutant refused-old "an ICMP error about an old heartbeat is believed" kmod/heartbeat/pulse_recv.c \
	's/beat->stamp > path->heard && beat->stamp <= now &&/1 \&\&/' \
	unreachable.sh "" "sent since the peer was heard" "."
mutant refused-heard "an ICMP error about a peer that is heard is believed" kmod/heartbeat/pulse_recv.c \
	's/now - path->heard > p->peer_interval \+ p->peer_interval \/ 2;/1;/
	s/beat->stamp > path->heard && beat->stamp <= now &&/1 \&\&/' \
	unreachable.sh "" "whatever a router says" "."
mutant refusal-any "any TCP reset is a refusal" kmod/heartbeat/refusal_parse.c \
	's/!tcp->rst \|\| !tcp->ack \|\| tcp->seq/!tcp->rst/' \
	refusal.sh "" "reset of no connection" "."
mutant refusal-filtered "a filter's reset is a refusal" kmod/heartbeat/refusal.c \
	's/if \(hasw_refusal_heard\(hn, &found\)\)/if (!hn)/' \
	refusal.sh "" "a filter that refuses" "."
mutant refusal-ever "a refusal is believed for good" kmod/heartbeat/refusal.c \
	's/now < r->due :/true :/' \
	refusal.sh "" "is not believed for long" "."
mutant refusal-starves "refusals beyond 300 are not repeated" kmod/heartbeat/refusal.c \
	's/if \(now >= r->due\)$/if (now >= r->due \&\& hn->refusal.n < 300)/' \
	refusal.sh "" "500 refusals last" "."
mutant refusal-copy "a restore copies the first refusals alone" kmod/heartbeat/refusal.c \
	's/^\treturn n == HASW_REFUSAL_LOOKS;/\treturn false;/' \
	refusal.sh "" "500 refusals last" "."
mutant refusal-ports "a refusal knows the first refused port alone" kmod/heartbeat/refusal.c \
	's/^\t\thasw_refusal_ask\(r, found.asked\[0\]\);/\t\t(void)found.asked[0];/' \
	refusal.sh "" "refused at two ports" "."
mutant refusal-device "a listener is looked for on the client's device only" kmod/heartbeat/refusal.c \
	's/if \(n\+\+ == HASW_REFUSAL_DEVICES\)/if (!n++)/' \
	refusal.sh "" "listens by another device" "."
mutant refusal-first-only "only the first of a node's members refuses" kmod/heartbeat/refusal.c \
	's/done \&= hasw_member_set/done \&= all->m[i] != hasw_refusal_member(s, node) || hasw_member_set/' \
	refusal.sh "" "members of the holder's node refuse" "."
mutant refusal-restore "a restore forgets refusals for a moment" kmod/config/restore.c \
	's/^\thasw_refusal_inherit\(hn, cfg\);//' \
	refusal.sh "" "outlasts a restore" "."
mutant refusal-unlocal "a member that lacks the vip as an address tells nobody" kmod/path/path.c \
	's/^\tif \(unlikely\(verdict == NF_DROP\)\)$/\tif (0)/' refusal.sh "" "lost the vip as an address" "."
mutant refusal-first "a heartbeat with a refusal brings no node back" kmod/heartbeat/pulse_recv.c \
	's/^\tif \(news\.told\)$/\tif (news.told \&\& !news.said)/' \
	refusal.sh "" "is back with its first heartbeat" "."
mutant claims "a claim ends no grant" include/rules/deadline.h \
	's/return under && under <= epoch && holder != claimant;/return under \&\& under > epoch;/' \
	pulse.sh "-s --" "held under a lower epoch" "."
mutant claims-same "a claim under the same epoch ends no grant" include/rules/deadline.h \
	's/return under && under <= epoch/return under \&\& under < epoch/' \
	pulse.sh "-s --" "under one epoch" "."
mutant claims-late "a claim burns no lower epoch" include/rules/deadline.h \
	's/hasw_right_burn\(r, epoch - 1\);/(void)epoch;/' \
	pulse.sh "-s --" "held under a lower epoch" "."
mutant restore-self "a restore makes another node's grant this machine's" kmod/cluster/lease_config.c \
	's/holder->twin->self != holder->self/false/' \
	lease.sh "" "names this machine anew" "."
mutant late-heartbeat "a late heartbeat keeps a node alive for good" kmod/heartbeat/pulse_recv.c \
	's/^\thasw_pulse_watch\(p, now\);/\tif (!path->received)\n\t\thasw_pulse_watch(p, now);/' \
	pulse.sh "-s --" "a heartbeat after its time" "."
change='/^int hasw_pulse_rekey/,/^\}/s/p->tx_next_id = keys->id;/\0\n\tp->tx_now = keys->tx;\n'
change+='\tp->tx_id = keys->id;/'
mutant key-at-once "a node sends with its new key before the peer has it" kmod/heartbeat/pulse.c \
	"$change" \
	pulse.sh "-s --" "leaves no gap" "."
mutant set-back "a machine that was set back begins no new life" kmod/heartbeat/pulse_recv.c \
	's/^\tp->life = \(hasw_pulse_random\(\) \^ echo\) \?: 1;/\t(void)p;/' \
	pulse.sh "-s --" "set back is heard again" "."
mutant nd-pieces "neighbour discovery in fragments is taken" kmod/path/defrag.c \
	's/if \(hasw_key_is_nd\(skb\)\)/if (false \&\& hasw_key_is_nd(skb))/' \
	path-mtu.sh "" "IPv6: neighbour discovery in fragments"
mutant hidden-pieces "fragments behind options are taken for whole packets" kmod/path/defrag.h \
	's/^\tcase NEXTHDR_DEST:/\tcase NEXTHDR_MAX:/' \
	path-mtu.sh "" "IPv6: fragments behind destination" "IPv6|adds up|sum of"
mutant hidden-auth "fragments behind an authentication header are taken for whole packets" kmod/path/defrag.h \
	's/^\tcase NEXTHDR_AUTH:/\tcase NEXTHDR_MAX:/' \
	path-mtu.sh "" "IPv6: fragments behind an authentication header" "IPv6|adds up|sum of"
mutant no-sense "malformed fragments go on as packets" kmod/path/defrag.c \
	's/err \|\| hasw_defrag_left6\(skb\)/0/' \
	path-mtu.sh "" "IPv6: a malformed first fragment" "IPv6|adds up|sum of"
mutant nat-sum "a translated packet keeps its checksum" kmod/packet/nat.c \
	's/^\t\thasw_nat_sum_addrs\(skb, sum, to, six\);/\t\t;/' \
	nat.sh 4 "a datagram and its reply|TCP" "."
mutant nat-plain "the fast path forgets the ports" kmod/packet/nat_fast.h \
	's/^\tports = hasw_nat_grown\(0, was, \&to->ports, 1\);/\tports = 0;/' \
	nat.sh 4 "TCP|fast path" "."
mutant nat-inner "the packet inside an ICMP error is not translated" kmod/packet/nat.c \
	's/^\t\thasw_nat_about\(skb, t, to\);/\t\t(void)hasw_nat_about;/' \
	nat.sh 4 "ICMP errors are translated" "."
mutant nat-anybody "a node that does not hold the vip sends replies as the vip" "kmod/path/reply.c kmod/path/reply.h" \
	's/hasw_vip_(held\(vip\)|judge\(vip, NULL, NULL\)) \&\&/vip \&\&/' \
	nat.sh 4 "a node that lost the vip" "."
mutant nat-fixed "a flow ignores a member's new port" kmod/flow/flow.h \
	's/if \(f->reply_ports\[1\] != \(port \?/if (!f->proto \&\& f->reply_ports[1] != (port ?/' \
	nat.sh 4 "new port or via" "."
change='s/^\tm = hasw_member_at\(to, node, port\);/\tm = hasw_member_find(to, node);/;'
change+='s/^\t    hasw_member_port\(to, all->m\[i\]\) == port\)/\t    !port)/'
mutant nat-restore "a restore does not tell the members of a node apart" kmod/config/restore.c "$change" \
	nat.sh 4 "flows of one of two servers on a node" "."
mutant nat-error-late "the sender of a packet too big is told of the translated packet" kmod/forward/xmit_nat.c \
	's/if \(unlikely\(!fits \&\& !hasw_xmit_may_split/if (unlikely(!skb \&\& !hasw_xmit_may_split/' \
	nat.sh 4 "packet that does not fit"
mutant spread-number "each node spreads flows by ids of its own" kmod/service/member.c \
	's/hasw_member_id\(service, all, all->m\[i\]\);/hasw_member_id(service, all, all->m[0]) + i;/' \
	maglev.sh "" "another holder gives" "weight|restore|move|back"
mutant spread-error "an ICMP error goes by its own addresses" kmod/packet/tuple.c \
	's/if \(!about\.offset\)/if (1)/' \
	maglev.sh "" "ICMP error goes to"
mutant spread-echo "all echoes of a client are one flow" kmod/packet/tuple.c \
	's/^\tt->ports\[0\] = about\.echo;/\tt->ports[0] = 0;/' \
	maglev.sh "" "the echoes of a ping"
mutant spread-held "a held node takes its flows back at once" kmod/service/sched_maglev.c \
	's/f->held = hasw_word_since\(word\);/return own;/' \
	maglev.sh "" "a node that waits as held" \
	"waits as held|check fails|any usable|weight 0|restore moves no|active-standby|ICMP error goes"
fastpath_mutant sum "takes packets with a wrong checksum" \
	's/!hasw_fast_sound4\(iph\)/0/'
fastpath_mutant hops "takes packets at their last hop" \
	's/ip(h->ttl|6->hop_limit) > 1/1/' kmod/path/fast_dev.h
fastpath_mutant padding "leaves the padding of a packet" \
	's/skb->len != len \&\& pskb_trim_rcsum/0 \&\& pskb_trim_rcsum/' kmod/forward/xmit.h
fastpath_mutant frame "takes frames for other hosts, and tagged ones" \
	's/return skb->pkt_type == PACKET_HOST \&\& !skb_vlan_tag_present\(skb\) \&\&/return/' kmod/path/fast.h
fastpath_mutant martian "takes packets with a martian source" \
	's/hasw_martian4\(iph->saddr, iph->daddr\)/0/'
fastpath_mutant piece "takes fragments" \
	's/!ip_is_fragment\(iph\) \&\& //' kmod/path/fast_dev.h
fastpath_mutant length "believes any length of a packet" \
	's/len <= room/1/' kmod/path/fast_dev.h
explain_mutant turn "takes the turn of the member that it names" kmod/service/sched_rr.c \
	's/rr_who\(service, all, (false|true), false\)/rr_who(service, all, \1, true)/'
explain_mutant ttl "says that a packet at its last hop is sent" kmod/forward/xmit.h \
	's/return hasw_xmit_expires\(p->skb, p->family\) \? HASW_STAT_DROP_TTL : -1;/return -1;/'
explain_mutant stray "says that no stray is forwarded" kmod/path/explain.c \
	's/hasw_xmit_stray_peek\(&e->p, &route\)/HASW_STAT_DROP_NOT_HOLDER/'
explain_mutant replies "overlooks a flow with the same reply key" kmod/flow/flow_reply.c \
	's/if \(f && f != had/if (0 \&\& f != had/'
explain_mutant neighbour "takes neighbour discovery for a packet to no vip" kmod/path/explain.c \
	's/ && !hasw_explain_is_nd\(e\)\) \{/) {/'
mutant reject-refuses "a rejected packet makes a member one that refuses" kmod/path/path.c \
	's/if \(likely\(!hasw_reject_is\(p\)\)\)/if (1)/' \
	on-empty.sh "" "not taken for a member" "fate|reject:|can serve|status shows"
mutant reject-others "all packets that leave beside a reset count as the reset" kmod/forward/xmit_reject.c \
	's/while \(reject \&\& !hasw_reject_same\(reject, p\)\)/while (0 \&\& !hasw_reject_same(reject, p))/' \
	on-empty.sh "" "a tunnel that carries a reset"
mutant martian "packets with a martian source are redirected" kmod/path/path.c \
	's/if \(unlikely\(hasw_check_martian\(p->skb, family\)\)\)/if (0)/' \
	path.sh "" "martian source" "adds up|sum of"
mutant tunnel-anybody "a member takes tunnel packets of any sender" kmod/forward/ipip.c \
	's/if \(!hasw_ipip_from_holder\(cfg, skb, vip\)\)/if (!hasw_ipip_from_holder(cfg, skb, vip) \&\& !cfg)/' \
	tunnel.sh brief "from another node than the holder|a new holder takes"
mutant tunnel-hops "packets by tunnel keep their TTL" kmod/forward/xmit_tunnel.c \
	's/^\thasw_xmit_forward\(p\);/\t(void)p;/' \
	tunnel.sh brief "the outer header is right|at its last hop"
mutant tunnel-overhead "the outer header's size is not counted" kmod/forward/xmit_tunnel.c \
	's/dst_mtu\(route->dst\) - hasw_encap_header\(route\)/dst_mtu(route->dst)/' \
	tunnel.sh brief "that does not fit is told|MTU that a router names" \
	"DF|large|segments|switches|fast path takes|MTU of the route"
mutant tunnel-congestion "congestion on the way to a member is not told the receiver" kmod/forward/stray_rcv.c \
	's/INET_ECN_decapsulate\(skb, outer, inner\) > 1/outer == 255 \&\& inner/' \
	tunnel.sh brief "congestion is told the receiver"
mutant tunnel-mtu "the MTU that a router names is ignored" kmod/forward/ipip.c \
	's/ipv4_update_pmtu\(skb, net, info, 0, iph->protocol\);/(void)info;/' \
	tunnel.sh brief "MTU that a router names"
mutant tunnel-whole "the outer header has no DF" kmod/forward/tunnel.h \
	's/whole \? htons\(IP_DF\) : 0/whole ? 0 : 0/' \
	tunnel.sh brief "outer header has DF|MTU that a router names"
mutant gue-apart "all flows have one outer source port" kmod/forward/xmit_tunnel.c \
	's/reciprocal_scale\(hasw_tuple_hash\(&t\), HASW_ENCAP_PORTS\)/0/' \
	tunnel.sh "gue brief" "outer source ports tell"
mutant gue-route "datagrams by gue are routed as IP in IP" kmod/forward/tunnel_route.c \
	's/return IPPROTO_UDP;/return IPPROTO_IPIP;/' \
	tunnel.sh "gue brief" "routing rules for datagrams"
mutant gue-port "UDP port 6949 stays open" kmod/config/config.c \
	's/ \&\& !cfg->n_gue\)/ \&\& !cfg->n_gue \&\& !hasw_config_vips(cfg))/' \
	tunnel.sh "gue brief" "another socket has the port"
# What only Debian's kernel has a test for: fq of 7.2 drops no packet for the time that it was received.
case $kernel in deb612 | -n)
	mutant stamps "receive timestamps stay on packets that leave" kmod/forward/xmit.h \
		's/^\tskb_clear_tstamp\(skb\);/\t(void)skb;/' \
		path-tstamp.sh "" "IPv[46]: .* without receive timestamps" "fq has dropped" ;;
esac
# What only kernels with SCTP have a test for.
case $kernel in deb612 | uml72-one | -n)
	mutant sctp-gue "SCTP's checksum is made after the outer datagram's" kmod/forward/xmit_tunnel.c \
		's/skb_csum_is_sctp\(skb\)/false/' \
		sctp.sh "" "IPv6, tx-checksum-sctp on off: associations by all vias"
	mutant sctp-stray "strays get an Internet checksum in place of SCTP's" kmod/forward/stray_send.c \
		's/skb_csum_hwoffload_help\(skb, 0\)/skb_checksum_help(skb)/' \
		sctp.sh "" "on o.*: strays" ;;
esac
mutant gue-anybody "a member takes GUE datagrams of any sender" kmod/forward/ipip.c \
	's/if \(!hasw_ipip_from_holder\(cfg, skb, vip\)\)/if (!hasw_ipip_from_holder(cfg, skb, vip) \&\& !cfg)/' \
	tunnel.sh "gue brief" "from another node than the holder|a new holder takes"
mutant early-release "a release is acknowledged at once" kmod/config/netlink.c \
	's/^\t\thasw_lease_sync\(hn\);/\t\t(void)hn;/' \
	lease.sh "" "waits for the margin"
mutant link-devtype "udev cannot tell a device of kind haswitch" kmod/config/link.c \
	's/(hasw_link_devtype = \{ \.name = )HASW_LINK_KIND/\1"ha"/' \
	link.sh "" "network managers leave"
lease_device_mutant granted "the device of a lease does not hear of grants" cluster/lease.c \
	'/^\thasw_link_schedule\(hn\);/d' "that this node holds is UP"
lease_device_mutant named "a device that gets a lease's name is not looked at" config/dev_events.c \
	's/if \(!hn->lease_links.publishing\)/if (0)/' "made when its lease is held|a renamed device|alternative name"
lease_device_mutant floor "the device of a lease does not hear of the epoch floor" config/netlink_lease.c \
	'/^\thasw_link_schedule\(/d' "that this node can be granted is DORMANT"
lease_device_mutant verdict "the device of a lease does not hear of a verdict" config/netlink_node.c \
	'/^\thasw_link_schedule\(/d' "DOWN while this node is fenced"
lease_device_mutant fenced "a fenced node can be granted a lease, its device shows" cluster/lease_config.c \
	's/self->verdict == HASWITCH_VERDICT_CLEAR/1/' "DOWN while this node is fenced"
lease_device_mutant only "a lease that excludes this node can be granted, its device shows" cluster/lease_config.c \
	's/ \&\& !lease->barred//' "excludes this node"
lease_device_mutant holder "a fenced holder's device shows no grant" config/link.c \
	's/^\tif \(hasw_grant_held\(/\tif (hasw_lease_eligible(hn, cfg, lease) \&\& hasw_grant_held(/' \
	"fenced node still holds is UP"
lease_device_mutant config "the device of a lease does not hear of the configuration" config/config.c \
	's/^\t\thasw_link_schedule\(hn\);/\t\t(void)hn;/' "excludes this node|deleted lease|a restore keeps"
lease_device_mutant early "a new device shows its lease as held" config/link.c \
	's/^\tlink->published = link->operstate;/\tlink->published = IF_OPER_UP;/' "a new device shows no lease as held"
lease_device_mutant many "only the first devices of many are changed" config/link.c \
	's/^\tif \(more\)/\tif (0 \&\& more)/' "250 devices show"
lease_device_mutant all "every device of the kind shows a lease" config/link.c \
	's/^\tif \(strncmp\(link->dev->name, HASW_LINK_LEASE, skip\)\)/\tif (0)/' "ha0 stays as it is|a renamed device"
lease_device_mutant protodown "a lease is not told that its device is protodown" config/link.c \
	's/^\thasw_link_tell\(hn\);/\t(void)hasw_link_tell;/' "protodown asks a holder"
lease_device_mutant protodown-grant "a node whose device is protodown is granted the lease" cluster/lease.c \
	's/ \&\& lease->protodown \&\& !was_held/ \&\& 0/' "protodown asks a holder"
lease_device_mutant protodown-renew "a holder whose device is protodown can not renew" cluster/lease.c \
	's/ \&\& lease->protodown \&\& !was_held/ \&\& lease->protodown/' "protodown asks a holder"
lease_device_mutant protodown-restore "a restore forgets protodown" cluster/lease_config.c \
	'/twin->protodown = lease->protodown;/d' "protodown stays by a restore"
lease_device_mutant protodown-linkwatch "the operstate of linkwatch stays" config/link.c \
	's/^\tif \(event == NETDEV_CHANGE \|\| event == NETDEV_PRE_UP\)/\tif (event == NETDEV_PRE_UP)/' \
	"protodown of a holder leaves|ip monitor sees no wrong"
lease_device_mutant quiet "nobody is told of a lease's state" config/link.c \
	'/netdev_state_change\(link->dev\);/d' "ip monitor link sees"
agent_mutant lease-device-plugin "ip tells all leases of the device of one" userspace/iproute2/link_haswitch.c \
	's/^\tif \(of\) \{$/\tif (of \&\& view->n == UINT32_MAX) {/' \
	lease-devices.sh "-s -- brief" "ip -d link show tells the lease"
flow_mutant forgets "flows of a grant that has ended steer packets" flow/flow_packet.h \
	's/ \|\| READ_ONCE\(f->epoch\) != epoch//' "grant that has ended"
flow_mutant drain "a drained node keeps no flows" flow/flow.h 's/== HASWITCH_NODE_STATE_DRAIN/== 255/' \
	"drained node keeps"
flow_mutant drain-dead "a drained node that dies keeps its flows" flow/flow.h 's/!READ_ONCE\(m->node->dead\)/1/' \
	"drained node keeps"
flow_mutant unbounded "flow set max bounds nothing" flow/flow_table.c \
	's/unlikely\(hasw_flow_crowded\(n, room->max\)\)/0/' "flow set max bounds"
flow_mutant mask "persist ignores the mask of a network" flow/flow_packet.h 's/mask > 32 \* i \? [^:]*:/mask ? 32 :/' \
	"persist keeps a client, or its network"
flow_mutant uncounted "flows that ended are counted for a member" flow/flow_table.c \
	's/f->gone = true;/f->gone = true;\n\thasw_flow_count(f, 1);/' "sched lc: a new flow"
# So many that the table grows: none fewer.
mutant flow-astray "flows get lost when the flow table grows" kmod/flow/flow_net.c \
	's/hasw_flow_key_again\(f, \&key\);/\0\n\tkey.both = 0;/' flow.sh "" "IPv4: no flow is lost" "."
ports_mutant ends "the last port of a range is not the service's" service/vip.c \
	's/range\[mid\]\.to < key/range[mid].to <= key/' "each port"
ports_mutant gap "the ports between two ranges are the service's" service/vip.c \
	's/i < further->n && further->range\[i\]\.from <= key/i < further->n/' "other services"
ports_mutant clients "persist keeps a client at each port by itself" flow/flow_packet.h \
	's/client->ports\[1\] = htons\(service->port\);//' "a client kept by persist"
ports_mutant hash "with persist, maglev selects a member for each flow of a client" flow/flow.c \
	's/choose\(p->service, p->all, &by\)/choose(p->service, p->all, \&p->tuple)/' "a client kept by persist"
ports_mutant named "explain names the service by the packet's port" config/netlink_explain.c \
	's/^\t\t\t\t    s->port\)\) \|\|/\t\t\t\t    e->key.port)) ||/' "explain"
mutant refusal-range "a port of a range refuses like the service's own port" kmod/heartbeat/refusal.c \
	's/range->from == range->to \? port : s->port/1 ? port : s->port/' \
	refusal.sh "" "at a further port refuses" "."
mutant refusal-lost "a service refuses at a further port that it has lost" kmod/heartbeat/refusal.c \
	's/!hasw_refusal_still_asks\(s, r\) \|\|/0 ||/' \
	refusal.sh "" "at a further port refuses" "."
flow_mutant made-up "an established client is kept as one that may be forged" flow/flow.c \
	's/f->state\) == HASWITCH_FLOW_STATE_SYN\)\) \{/f->state) == 255)) {/' "may be forged"
flow_mutant assured "a full table keeps flows of clients that nobody has seen twice" flow/flow_table.c \
	's/!\(READ_ONCE\(f->kind\) \& HASW_FLOW_ASSURED\)/0/' "forged acknowledgements"
flow_mutant unanswered "via nat clients that nobody answers are assured" flow/flow.c \
	's/^\t\treturn READ_ONCE\(f->begun\);/\t\treturn true;/' "forged datagrams that nobody answers"
flow_mutant answered "via nat clients that are answered are not assured" flow/flow.c \
	's/^\t\treturn READ_ONCE\(f->begun\);/\t\treturn false;/' "forged datagrams that nobody answers"
flow_mutant handshake "a full table evicts connections that have completed the handshake" flow/flow.c \
	's/else if \(hasw_flow_fits_syn/else if (!f \&\& hasw_flow_fits_syn/' "forged datagrams"
flow_mutant share "a service takes the whole table" flow/flow_room.c \
	's/return yields \&\& hasw_flow_richer/return !yields \&\& hasw_flow_richer/' \
	"forged handshakes"
flow_mutant reset "a forged reset ends a flow for good" flow/flow.c \
	's/return \(kind \& ~HASW_FLOW_ASSURED\) \| HASW_FLOW_ENDED;/return kind;/' "forged reset"
flow_mutant fin "a forged FIN ends a flow for good" flow/flow.c \
	's/return behind > \(.*;/return behind > 0xffff;/' "forged FIN"
mutant nat-source "a new flow's source is not validated" kmod/flow/client_source.c \
	's/if \(fib_lookup\(hn->net, \&fl4, \&res, 0\)\)/if (filter < 9)\n\t\treturn true;\n\t\0/' \
	nat.sh 4 "source validation" "."
mutant nat-broadcast "a reply is sent to a broadcast address" kmod/flow/client_route.c \
	's/if \(rt->rt_flags \& \(RTCF_BROADCAST \| RTCF_MULTICAST\)\)/if (0)/' \
	nat.sh 4 "reply to a broadcast address" "."
mutant nat-route-stale "a flow keeps the route of its replies when routes change" kmod/flow/flow.h \
	's/^\treturn dst_check\(dst, cookie\);$/\treturn cookie == ~0U ? NULL : dst;/' \
	nat.sh 4 "follow a new route" "."
mutant nat-route-mark "replies with a mark take the route of those without" kmod/flow/flow.h \
	's/mark != skb->mark/(0 \&\& mark != skb->mark)/' nat.sh 4 "follow the mark" "."
mutant nat-route-end "a flow that ends leaks the route of its replies" kmod/flow/flow_table.c \
	's/^\tdst_release\(dst\);$/\t(void)dst;/' nat.sh 4 "routes of replies are released"
mutant nat-route-old "a flow leaks the former route of its replies" kmod/flow/client_route.c \
	's/^\tdst_release\(useless\);$/\t(void)useless;/' nat.sh 4 "routes of replies are released"
mutant nat-route-pin "a flow holds the device by which its replies leave" kmod/flow/client_route.c \
	's/^\t\trcu_assign_pointer\(back->dst, dst\);$/&\n\t\tdev_hold(dst->dev);/' \
	nat.sh "-t 120 -- 4" "a flow.s replies leave can go" "."
mutant nat-socket "snat takes the port of a socket" kmod/flow/flow_port.c \
	's/(hasw_flow_port_has_socket\(net, key, own, port\))\)/(\1 \&\& low > high))/' \
	nat.sh 4 "a port that a socket" "."
mutant nat-conntrack "snat takes a port that conntrack knows" kmod/flow/flow_port.c \
	's/return hook->get_tuple_skb\(other, \&skb\);/return !hook->get_tuple_skb(other, \&skb) \&\& 0;/' \
	nat.sh 4 "a port that conntrack" "."
mutant nat-refusal "flows for which no port is left, or whose replies are another one's, count as too many" \
	kmod/path/check.h 's/return HASW_STAT_DROP_FLOW_(PORTS|ALIKE);/return HASW_STAT_DROP_FLOW_FULL;/' \
	nat.sh 4 "an event tells so" "."
mutant nat-refusal-told "events tell of them as too many" kmod/flow/flow.c \
	's/if \(err == -E(ADDRNOTAVAIL|EXIST)\) \{/if (err == -E\1 \&\& !hn) {/' nat.sh 4 "an event tells so" "."
mutant nat-masked "a reply to a connection to which nft gave the vip is dropped" kmod/forward/xmit_local.c \
	's/return p->family == HASW_HOP4 && hasw/return p->family != HASW_HOP4 \&\& hasw/' \
	nat.sh 4 "to which nft gave the vip" "one fate"
mutant nat-guard "what conntrack does not translate is forwarded to the vip" kmod/path/hooks.c \
	's/if \(hn->hooked \&\& !hn->guard.hooked\)/if (0)/' nat.sh 4 "to which nft gave the vip" "one fate"
mutant nat-port-gone "a flow keeps the port that its member had" kmod/flow/flow.h \
	's/\(port \? htons\(port\) : f->ports\[1\]\)/(port ? htons(port) : f->reply_ports[1])/' \
	nat.sh 4 "leaves the port"
mutant early-packets "packets reach an address that is no vip yet" kmod/core/route.c \
	's/^\t\tearly = true;$/\t\tearly = false;/; s/^\treturn true;$/\treturn false;/' \
	link.sh "" "no client reaches an (IPv6 )?address on ha0"
mutant early-vrf "an address in a VRF lets packets to a vip that is not there in" kmod/core/route.c \
	's/^\t\tif \(hasw_dev_in_vrf\(dev\) \|\|$/\t\tif (/' \
	link.sh "" "no client reaches an address on ha0" "no client reaches an IPv6"
mutant nat-vrf "what goes to another host in a VRF is dropped" kmod/path/hooks.c \
	's/hasw_dev_in_vrf\(state->in\) \|\| //' nat.sh 4 "another host with the vip"
mutant stray-container "a masqueraded container's packets are strays" kmod/path/check.h \
	's/if \(hasw_xmit_routed\(p, vip\)\)/if (0)/' stray.sh 4 "a masqueraded container"
mutant stray-member "a container of a member is served by that member" kmod/forward/xmit_local.c \
	's/ \|\| hasw_xmit_is_local\(p\)\)/ || (hasw_xmit_is_local(p) \&\& 0))/
	s/res.type == RTN_UNICAST/res.type != RTN_BROADCAST/; s/hasw_vip_faces\(vip, FIB_RES_DEV\(res\)\)/vip/' \
	stray.sh 4 "a container of a member"
mutant lladdr-listed "a member knows one MAC address of its holder only" kmod/path/check.h \
	's/hasw_lladdrs_have\(node->lladdrs, eth_hdr\(skb\)->h_source\)/!node/' \
	neighbour.sh "" "each card that the holder's heartbeats list" "."
mutant lladdr-forgotten "a member keeps to the address of a card that its holder has lost" \
	kmod/heartbeat/pulse_report.c 's/if \(n < HASW_LLADDRS\)/if (n > HASW_LLADDRS)/' \
	neighbour.sh "" "heartbeats list a card no longer" "."
mutant route-plain "packets bypass the stack on routes of IPsec and tunnels" kmod/core/route.h \
	's/^\tconst struct net_device \*dev = dst->dev;$/&\n\n\tif (dev)\n\t\treturn true;/' \
	route.sh all "(requests|replies) leave (inside ESP|by a lightweight tunnel)" "."
mutant route-police "IPsec policies are not asked about packets via nat" kmod/core/route.c \
	's/^\treturn hasw_route_policed\(net, \&fl, \&dst\) \? NULL : dst;$/\treturn dst;/' \
	route.sh all "policy blocks (requests|replies) by port" "."
mutant route-reset "IPsec policies are not asked about resets of on-failover reset" kmod/forward/flow_reset.c \
	's/^\t\t\.flowi[46]_proto = IPPROTO_TCP,$//' route.sh all "resets of on-failover reset" "."
mutant route-stray "IPsec policies are not asked about strays" kmod/forward/stray_send.c \
	's/^\t\t\.flowi[46]_proto = IPPROTO_UDP,$//' route.sh all "strays to the holder" "."
mutant lladdr-ports "heartbeats list no port of a bond" kmod/heartbeat/pulse_send.c \
	's/^\t\tif \(below\)$/\t\tif (below \&\& !node)/' neighbour.sh "" "each port of its holder's balance-" "."
mutant conflict-searches "each new sender of claims has all devices searched" kmod/announce/conflict.c \
	's/c->searches < hasw_conflict_most\(c, addr\)/c->searches < U32_MAX/' \
	announce.sh "" "crowd of claiming senders"
mutant announce-refresh "a vip that is held everywhere is refreshed" kmod/announce/announce.c \
	's/hasw_vip_held\(vip\) \&\& !vip->everywhere/hasw_vip_held(vip)/' \
	announce-refresh.sh "-s --" "held everywhere is not refreshed"
mutant hop-vlan "a VLAN device has no prebuilt header" kmod/cluster/hop.c \
	's/if \(is_vlan_dev\(dev\)\)/if (0)/' path-devices.sh "" "VLAN device takes the fast path"
mutant container-share "containers pin the whole neighbour table" kmod/cluster/hop.c \
	's/READ_ONCE\(table->gc_thresh3\) \/ HASW_NEIGH_SHARE/READ_ONCE(table->gc_thresh3)/' containers.sh "" \
	"the host resolves neighbours|containers pin their share" "a deleted node's entry"
mutant container-leak "a node that is deleted keeps the share of its entry" kmod/cluster/hop.c \
	's/^\tif \(state->charged\)$/\tif (state->charged \&\& 0)/' containers.sh "" \
	"a deleted node's entry|pin their share of the neighbour table again" "."
mutant container-tick "a container's timers expire as often as the host's" kmod/core/budget.c \
	's/HASW_BUDGET_TICK_LIMITED \(10 \* NSEC_PER_MSEC\)/HASW_BUDGET_TICK_LIMITED NSEC_PER_MSEC/' \
	containers.sh "" "every 10 ms"
mutant stray-circles "a stray that comes back is sent in a frame again" kmod/path/path.c \
	's/if \(unlikely\(hasw_stray_returns\(p\)\)\)/if (hasw_stray_returns(p) \&\& 0)/' \
	stray.sh 4 "another MAC address of the holder" "."
mutant tunnel-mss "a member offers segments that do not fit into its tunnel" kmod/forward/mss.c \
	's/if \(ntohs\(was\) <= most\)/if (was)/' tunnel.sh 4 "hears no ICMP" "."
flow_mutant fast-end "the fast path notices no end of a connection" flow/flow_fast.h \
	's/if \(hasw_flow_changes\(state, tcp\)\)/if (0)/' "flow show lists"
mutant limits-full "a full member gets new flows" kmod/service/judge.c 's/if \(hasw_share_full\(m->share\)\)/if (0)/' \
	flow-limits.sh "" "flows-max: new flows" "."
mutant limits-burst "new-max lets a larger burst through" kmod/flow/flow_packet.h \
	's/NSEC_PER_SEC - each/3 * NSEC_PER_SEC/' \
	flow-limits.sh "" "new-max: a burst" "."
change='s/return hasw_judge_serves\(hasw_judge_of\(p->service, m, \&now\)\);/'
change+='now = hasw_judge_of(p->service, m, \&now);\n'
change+='\treturn hasw_judge_serves(now) || now == HASWITCH_NEW_FLOWS_FULL;/'
mutant limits-kept "a client kept by persist stays with a full member" kmod/flow/flow_packet.h \
	"$change" \
	flow-limits.sh "" "a client kept by persist" "."
change='s/return hasw_judge_serves\(hasw_judge_of\(p->service, m, \&now\)\);/'
change+='now = hasw_judge_of(p->service, m, \&now);\n'
change+='\treturn hasw_judge_serves(now) || now == HASWITCH_NEW_FLOWS_WEIGHT_0;/'
flow_mutant quiet-kept "a client kept by persist stays with a member of weight 0" flow/flow_packet.h \
	"$change" \
	"away from a member of weight 0"
flow_mutant quiet-first "sched active-standby ignores weight 0" service/member.c \
	's/while \(i < all->n \&\& !hasw_member_weigh\(all->m\[i\]\)\)/while (i > all->n)/' \
	"active-standby: a member of weight 0"
mutant limits-moved "new-max limits flows that move" kmod/flow/flow.c \
	's/if \(\(!f \|\| hasw_flow_over\(f\)\) \&\& hasw_flow_limited/if (hasw_flow_limited/
	s/= !f \|\| hasw_flow_over\(f\);/= f || !f;/' \
	flow-limits.sh "" "a flow that moves" "."
mutant slow-never "slow-start gives the whole share at once" kmod/service/sched.c \
	's/if \(likely\(!slow\)\)/if (slow || !slow)/' slow-start.sh "-s --" "slow-start: " "."
mutant slow-health "slow-start ignores health that returns" kmod/service/sched.c \
	's/began = max\(began, READ_ONCE\(sw->publish\)\);/began += 0;/' slow-start.sh "-s --" "whose health returns"
mutant slow-forgets "a restore forgets when a member's health returned" kmod/service/member.c \
	's/began = max\(began, sw->publish\);/began += 0;/' slow-start.sh "-s --" "whose health returned"
mutant spare-never "no spare member is called" kmod/service/judge.c \
	's/called \+= !!turn\[i\].m->waits;/break;/' spares.sh "-s --" \
	"stands in|goes back|are called|becomes a spare|without and with|begins slowly|goes on with" \
	"stands in|goes back|are called|becomes a spare|without and with|begins slowly|goes on|for want|before the work"
mutant spare-always "a spare member gets new flows like all others" kmod/service/service.h \
	's/return m->waits \?/return !m->node ?/' spares.sh "-s --" \
	"no new flows while|goes back|are called" "."
mutant spare-stays "the spare member ends when the failback of the others has begun" kmod/service/judge.c \
	's/if \(due <= t->now\)/if (1)/' spares.sh "-s --" "failback of the others is over|failback is said"
mutant spare-late "nobody looks when a failback is over" kmod/service/judge.c \
	's/\*t->next = min\(\*t->next, due\);/due += t->now;/' spares.sh "-s --" "failback of the others is over"
mutant spare-unseen "a switch calls no spare member" kmod/core/switch.c \
	's/^(\t)hasw_switch_spares\(hn\);$/\1hn->spares.any |= false;/' spares.sh "-s --" "health is down" "."
mutant spare-slow "a spare member that is called has its whole weight at once" kmod/service/judge.c \
	's/if \(m->share \&\& !m->waits\)/if (m->share \&\& m->waits)/' spares.sh "-s --" "begins slowly"
mutant spare-restored "a restore ends a spare member that serves" kmod/config/restore.c \
	's/return m \&\& !m->waits;/return m \&\& !m->spare;/' spares.sh "-s --" "a restore goes on" "a restore"
mutant spare-waits "new flows wait for the work that calls spare members" kmod/service/judge.c \
	's/^\t\tfound = m;$/\t\tfound = picked;/' spares.sh "-s --" "before the work has come"
mutant spare-empty "a restore has all members wait in a service without members of the zone" kmod/config/restore.c \
	's/if \(hasw_restore_is_empty\(s\)\)/if (0 \&\& hasw_restore_is_empty(s))/' \
	spares.sh "-s --" "from the beginning"
mutant spare-added "members that are added to a service without members of the zone wait" kmod/config/netlink_member.c \
	's/if \(place.waits \&\& cfg == hasw_config_live/if (0 \&\& cfg == hasw_config_live/' \
	spares.sh "-s --" "from the beginning" "."
mutant zone-request "members that wait no more begin after the request" kmod/service/judge.c \
	's/if \(hasw_spares_apply\(hn, cfg, service\) >= 0\)/if (hn)/' spares.sh "-s --" "begins in that request"
mutant spare-times "calling a spare member hides the times of a switch" kmod/service/member.c \
	's/bool changed = in \|\| out;/bool changed = true;/' spares.sh "-s --" "stands in is timed"
mutant spare-order "spare members are called in the order of addition" kmod/service/judge.c \
	's/order = strcmp\(a->node->name, b->node->name\);/order = 0;/' \
	spares.sh "-s --" "in their order" "."
mutant spare-zones "spare members are called whatever their zones are" kmod/service/judge.c \
	's/if \(a->level != b->level\)/if (0)/' spares.sh "-s --" "by the zones"
mutant spare-lost "a zone that lacks nobody is as good as one that does" kmod/service/judge.c \
	's/if \(a->lost != b->lost\)/if (0)/' spares.sh "-s --" "by the zones"
mutant zone-alone "one of another zone gets all flows of a zone that has nobody" kmod/service/judge.c \
	's/t->zone = near \&\&/t->zone = near < U32_MAX \&\&/' spares.sh "-s --" "for want of|from the beginning"
mutant zone-restored "a restore has members of other zones serve until they are judged" kmod/config/restore.c \
	's/could_wait\(s, to->self, m->node, m->spare\)/could_wait(s, NULL, m->node, m->spare)/' \
	spares.sh "-s --" "also after a restore"
mutant zone-refused "a service with one active member prefers a zone" kmod/config/netlink_service.c \
	's/if \(!\*prefer \|\| sched != &hasw_sched_active_standby\)/if (1)/' spares.sh "-s --" "are refused where" "."
mutant share-ignored "the share of a node changes nothing" kmod/service/sched.c \
	's/HASW_SCHED_FULL - READ_ONCE\(m->node->less\);/HASW_SCHED_FULL;/' \
	slow-start.sh "-s --" "by its share|fewer flows still"
mutant share-restored "a restore gives each node its whole share" kmod/cluster/node.c \
	's/to->less = from->less;/to->less = 0;/' slow-start.sh "-s --" "by its share"
mutant failover-keep "on-failover keep lets flows move" kmod/flow/flow_packet.h \
	's/HASWITCH_ON_FAILOVER_KEEP \&\&/255 \&\&/' on-failover.sh "" "keep: flows wait" "."
mutant failover-seq "on-failover reset sends a wrong sequence number" kmod/forward/flow_reset.c \
	's/= READ_ONCE\(f->ack\);/= READ_ONCE(f->ack) + htonl(1);/' on-failover.sh "" "reset: " "."
mutant drain-end "a drain within a time has no end" kmod/cluster/node.c \
	's/^\tif \(node->drain_end > now\)$/\tif (1)/' on-failover.sh "" "drained within a time" "."
mutant via-here "the via of this machine's member counts here" kmod/service/service.h \
	's/return node->self \? HASWITCH_VIA_LOCAL : via;/return via;/' \
	same-file.sh "4" "IPv4, via .*: the holder is the member|the holder is the other member" "."
mutant via-said "the via of this machine's member is shown as local" kmod/config/netlink_member.c \
	's/A_MEMBER_VIA, o->m->said/A_MEMBER_VIA, o->m->via/' same-file.sh "4" "with one file agree|haadm explain tells"
mutant via-set "a changed via of this machine's member counts here" kmod/service/member.c \
	's/WRITE_ONCE\(m->via, hasw_via_here\(m->node, via\)\);/WRITE_ONCE(m->via, via);/' \
	same-file.sh "4" "changed via of this machine" "."
mutant via-listens "a member via gue does not open the port" kmod/service/member.c \
	's/hasw_member_count_via\(cfg, service, via, 1\);/hasw_member_count_via(cfg, service, m->via, 1);/' \
	same-file.sh "4" "by gue listens"
mutant marks-bits "a SYN with the epoch loses the other bits of its mark" kmod/path/hooks.c \
	's/\(skb->mark \& ~mask\) \| value/value/' marks.sh "-s --" "the other bits of the mark stay" "."
mutant marks-agent "epochs of an agent have the same mark" kmod/service/vip.h \
	's/epoch \^ epoch >> 24/epoch/' marks.sh "-s --" "sockets of the next epoch have another mark" "."
mutant marks-lease "a vip with a mark loses its lease" kmod/config/netlink_vip.c \
	's/^\tif \(!lease\) \{/\tif (!lease \&\& attr) {/' marks.sh "-s --" "a vip with a mark keeps its lease" "."
mutant ethtool-lease "the device of a lease counts the vips of all leases" kmod/config/link.c \
	's/^\t\t\town\[0\] = READ_ONCE\(lease->refs\);/\t\t\town[0] = hasw_config_vips(cfg);/' \
	stock-tools.sh "-s --" "ethtool -S ha-web" "."
mutant lnstat-mixed "lnstat shows counters under the names of others" kmod/core/stats.c \
	's/n\[hasw_stats_columns\[i\]\]/n[i]/' stock-tools.sh "-s --" "lnstat has the counters of haadm" "."
mutant unowned "a vip without an owner is taken with several nodes" kmod/service/vip.h \
	's/return nodes < 2 \|\|/return nodes < 2 || nodes ||/' \
	netlink.sh "" "vip-add: meaningless|vip-set: meaningless|commit of a vip that nobody owns" "."
mutant nemesis-deadline "a deadline that has passed counts, under faults" "kmod/cluster/grant.h kmod/cluster/lease.c" \
	's/return hasw_deadline_valid\(time, mine\);/return mine != 0;/
	s/if \(READ_ONCE\(hn->closing\) \|\|/if (1 || READ_ONCE(hn->closing) ||/' \
	nemesis.sh "-s -- --only alone --seconds 4 2" "never has two owners, by who answers" \
	"never has two owners|epochs|owned within"
mutant vrf-faces "vips face devices in VRFs" kmod/service/vip.c \
	's/if \(hasw_dev_in_vrf\(dev\)\)/if (0)/' path-devices.sh "" \
	"a vip whose only device is in a VRF faces no device"
mutant vrf-twice "a packet that comes by a VRF is handled as any other, twice" kmod/path/path.c \
	's/if \(unlikely\(hasw_dev_in_vrf\(p->skb->dev\)\)\)/if (0)/' \
	path-devices.sh "" "comes by a device in a VRF|such a packet" "sum of"
mutant gso-list "lists of packets are encapsulated as they are" kmod/forward/xmit_tunnel.c \
	's/^\t\thasw_xmit_is_list\(skb\) \|\|$//' path-gso.sh "few 4" "merged into a list"
mutant gso-ttl "the TTL of the first packet of a list alone is decremented" kmod/forward/xmit.c \
	's/^\tif \(list && !p->local\)$/\tif (0 \&\& list)/' path-gso.sh 4 "merged into a list"
mutant gso-hops "packets of many segments keep their TTL" kmod/forward/xmit.h \
	's/^\t\thasw_xmit_decrement\(skb, p->family\);/\t\tif (!skb_is_gso(skb))\n\t&/' \
	path-gso.sh 4 "all segments arrive"
mutant gso-linear "linear packets of many segments keep their TTL" kmod/forward/xmit.h \
	's/^\t\thasw_xmit_decrement\(skb, p->family\);/\t\tif (!skb_is_gso(skb) || skb_is_nonlinear(skb))\n\t&/' \
	path-gso.sh 4 "were made linear"
mutant lro "what a device has merged by LRO is sent on" kmod/forward/xmit.h \
	's/^\tif \(unlikely\(skb_warn_if_lro\(p->skb\)\)\)$/\tif (0)/' path-gso.sh 4 "merged by LRO are dropped"
mutant lro-fast "what a device has merged by LRO is sent on by the fast path" kmod/path/fast.h \
	's/hasw_xmit_is_lro\(skb\) \|\| //' path-gso.sh 4 "by LRO are dropped by all vias, hook ingress"
mutant lro-replies "devices by which replies of members come merge by LRO" kmod/path/fast_dev.c \
	's/^\tif \(!devs \|\| n_nat\)$/\tif (!devs)/' \
	fastpath.sh 500 "off while a service has a member via nat" "."
mutant lro-below "a device below a macvlan merges by LRO" kmod/path/fast_dev.c \
	's/if \(!hasw_fast_dev_listed\(wish, dev\)/if (!hasw_fast_dev_wanted(wish, dev)/' \
	fastpath.sh 500 "below a macvlan has large receive offload off"
# What has a configuration refused, or none in force, at boot.
mutant late-device "a restore refuses a device that is not there yet" kmod/config/netlink_vip.c \
	's/^\tif \(!dev && !hasw_nl_dev_late\(info, attr\)\) \{/\tif (!dev) {/' \
	haadm.sh "" "late: .* and takes the file|late: a device that comes is joined" \
	"late: |takes what save prints of a vip without|a vip with another device that works"
mutant late-renamed "a device that udev renames takes its first name along" kmod/service/vip_class.c \
	's/^\tif \(entry->late && /&0 \&\& /' haadm.sh "" "late: a device that is renamed before" "late: "
mutant legs-stale "the legs of deleted vips count" kmod/config/config.c \
	's/^\t\thasw_client_links_changed\(hn\);/\t\thasw_client_links_schedule(hn);/' \
	resign.sh "" "a vip is deleted, and then its device" "two subnets|unregistered"
mutant legs-round "the client links of one lease alone are searched" kmod/heartbeat/client_links.c \
	's/^\treturn lease;$/\treturn false;/' \
	resign.sh "" "when the only client link loses its carrier" "."
mutant legs "a holder keeps a lease of which one vip can not be reached" kmod/heartbeat/client_links.c \
	's/^(\treturn any_up) && .*;$/\1;/' \
	resign.sh "" "when one of its vips loses its only|when one of two subnets" \
	"without a leg|whose device has no link|resign all|keeps a lease tied"
mutant story-drain "drained nodes lose their connections while a cluster shrinks" kmod/flow/flow.h \
	's/== HASWITCH_NODE_STATE_DRAIN/== 255/' \
	stories.sh "-s --" "two that are drained keep their connections" "growth|requests fail|order"
# shellcheck source=selftests/lab/mutants_agent.sh
. "$lab/mutants_agent.sh"
# shellcheck source=selftests/lab/mutants_kunit.sh
. "$lab/mutants_kunit.sh"
# shellcheck source=selftests/lab/mutants_power.sh
. "$lab/mutants_power.sh"
mutant zone-first "zone set sets the first node of a zone alone" kmod/config/netlink_node.c \
	's/^\t\tfound = true;/\t\tif (found)\n\t\t\tcontinue;\n&/' \
	haadm.sh "" "zone set sets all nodes|status warns of a zone"
mutant dump-ends "a dump that pauses ends" kmod/config/netlink.c \
	's/^\treturn !found \&\& !walk->left \&\& !skb->len;/\treturn false;/' \
	scale.sh 5000 "the few services of very many vips" "."
# What only kernels with lockdep have a test for.
case $kernel in uml72 | uml72-debug | -n)
	mutant refusal-pace "each refused client takes the state lock" kmod/heartbeat/refusal.c \
		's/!hasw_pace\(\&s->refused_at, HASW_REFUSAL_PACE\)/0/' \
		refusal.sh "" "do not take the state lock each" ;;
esac
flow_mutant weight "sched wrr ignores weights" service/sched_rr.c \
	's/weight = weighted \? hasw_sched_configured\(m\) : 1;/weight = 1;/' "wrr"
ktap_exit
