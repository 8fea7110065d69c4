# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Agents and haadm broken on purpose. Sourced by mutants.sh, whose functions and variables it uses.

agent_mutant related-first "member add warns of the service's own port alone" userspace/haadm/cmd/member.c \
	's/^\treturn sock && !hasw_get\(/\treturn 0 \&\& !hasw_get(/' haadm.sh "" \
	"member add warns of via nat" "save prints"
agent_mutant asks-anyway "a node asks for a lease that its module does not let it hold" \
	userspace/haagentd/vote/vote_move.c 's/\(to == \(int\)v->map.self \&\& !vote_may\(/(0 \&\& !vote_may(/' \
	pacemaker.sh "-s --" "is not granted it again" "."
agent_mutant corosync-ignored "a node without the quorum of corosync goes on asking for leases" \
	userspace/haagentd/vote/vote_leases.c 's/ \&\& !v->bar\[0\];/;/' corosync.sh "-s --" \
	"no quorum gives the lease up|without quorum anywhere|has ended gives|hangs gives" "."
agent_mutant corosync-deaf "nothing is made of a corosync that says nothing" userspace/haagentd/corosync/corosync.c \
	's/^\tif \(now < c->answered \+ SILENT\)$/\tif (now)/' corosync.sh "-s --" "hangs gives the lease up" "."
agent_mutant corosync-nervous "the end of the process that asks corosync is taken for its end" \
	userspace/haagentd/corosync/corosync.c 's/^\tcomplain\(c, what\);/\tc->answered = 0;\n&/' \
	corosync.sh "-s --" "the end of the process that asks corosync"
agent_mutant corosync-joining "a corosync that looks for the others is taken for one that has lost its quorum" \
	userspace/corosync/main.c 's/^\ts->joined \|= /\ts->joined = true || /' corosync.sh "-s --" \
	"is started again keeps the lease"
agent_mutant corosync-names "host names are looked up again each second, before quorum is told" \
	userspace/corosync/nodelist.c \
	's/\*settled &= names_find\(text, now, (.*)\);/nodelist_look_up(text, \1), *settled \&= now > 0;/' \
	corosync.sh "-s --" "host names that cannot be looked up"
agent_mutant corosync-all "the agent removes nodes that somebody has added by hand" \
	userspace/haagentd/module/engine_nodes.c 's/if \(!node->engine\)/if (!node)/' corosync.sh "-s --" \
	"goes from the nodelist goes"
agent_mutant corosync-saved "nodes of corosync are saved like all others" userspace/haadm/cmd/save.c \
	's/^\tif \(node->engine \&\& !node->zone/\tif (!node \&\& !node->zone/' corosync.sh "-s --" "are not saved" "."
agent_mutant dumb-failover "failover of a lease without a holder does not ask the agent" \
	userspace/haadm/cmd/failover.c \
	's/why = ask_agent_why\(agent, f->lease\)/why = NULL/' move.sh "-s --" "a lease without a holder is refused"
agent_mutant split-vote "of two nodes that ask at once, neither gives up before the other" \
	include/rules/vote_proposer.h \
	's/return m->answer == HASW_VOTE_HELD \&\& m->epoch_max/return 0 \&\& m->epoch_max/' \
	prefer.sh "-s --" "two nodes ask at once" "knows that it comes last"
agent_mutant held-untold "a node does not learn that the others hold it back" userspace/haagentd/peer/cluster.c \
	's/\(peer->held \? WIRE_HELD : 0\)/(peer->held \&\& !peer ? WIRE_HELD : 0)/' \
	prefer.sh "-s --" "knows that it comes last"
agent_mutant held-both "a node does not learn that another one is held" userspace/haagentd/vote/vote_prefer.c \
	's/^\t\tv->there\[id\]\.returned = peer->returned;$//' prefer.sh "-s --" "only the holder holds back"
agent_mutant behind-untold "a node that is behind is waited for" userspace/haagentd/vote/vote_leases.c \
	's/= !may \|\| !current \|\|/= !may ||/' replicate.sh "-s --" "a node that can not get it" "."
# lease_dev_mutant NAME TITLE FILE SED MUST: a haadm that is wrong about the devices of leases.
lease_dev_mutant() {
	agent_mutant "lease-dev-$1" "$2" "userspace/haadm/$3" "$4" lease-devices.sh "-s -- brief" "$5" "."
}
lease_dev_mutant stays "the device of a lease stays when the lease goes" change.c \
	's/^\t\tlease_dev_delete\(.*/\t\t(void)haadm;/' "takes it away with the lease"
lease_dev_mutant restore "a restore leaves the devices of other leases" lease_dev.c \
	's/hasw_model_lease\(model, name\) == HASW_NONE/0/' "takes those of other leases away"
lease_dev_mutant renamed "a device with another name is deleted with the lease" lease_dev.c \
	's/ \|\| strcmp\(name, called\)\)/ || !*called)/' "devices of others stay"
lease_dev_mutant ipv6 "a device of a lease has IPv6 addresses and routes" lease_dev.c \
	's/^#define MTU\t1279/#define MTU\t1500/' "makes the device of a lease"
agent_mutant lease-dev-alias "the alias of a device does not say what it is" userspace/haadm/lease_dev.c \
	's/"haswitch lease "/"haswitch "/' stock-tools.sh "-s --" "ip link show type haswitch" "."
agent_mutant http-spans "takeovers are not counted" userspace/haagentd/journal/spans.c \
	's/^\t\tif \(cause \&\& cause <= time\)$/\t\tif (!cause)/' \
	http.sh "-s --" "counted where the lease is now"
agent_mutant http-by-hand "no metric tells that a configuration was changed by hand" userspace/http/collect.c \
	's/\(text_of\(one, "config_state"\), "changed"\)/(text_of(one, "config_state"), "never")/' \
	replicate.sh "-s --" "a change by hand is seen" "."
agent_mutant release-untold "an agent does not tell its release" userspace/haagentd/peer/release.c \
	's/cluster_tells\(c,/0 \&\& cluster_tells(c,/' witness.sh "-s --" "agent show tells round trips" "."
agent_mutant http-slow "a client of HTTP that says nothing keeps its place" userspace/http/server.c \
	's/if \(c->until <= now\)/if (0)/' http.sh "-s --" "lose their places" "."
agent_mutant sorted-status "status looks for members in the services of another order" userspace/haadm/overview.c \
	's/^\tmembers_follow\(.*;/\t(void)members_follow;/' nat.sh 4 "what is told of two servers" "."
agent_mutant blind-status "status does not look at the carrier of a device" userspace/haadm/facing.c \
	's/device->up && device->carrier\)/device->up)/' \
	haadm.sh "" "only device has no carrier"
agent_mutant mild-check "check takes a vip that is not served for a warning" userspace/haadm/problems.c \
	's/served == SERVED_NOT \? LEVEL_CRITICAL : LEVEL_WARNING/LEVEL_WARNING/' \
	haadm.sh "" "check: a vip is not served|check: nobody holds|check: a vip is no address|check -d lists" \
	"doctor: a vip's address was deleted"
agent_mutant cut-terminal "status -w is not cut to the terminal" userspace/haadm/watch.c \
	's/ \&\& row < size.ws_row - 1U;/;/' haadm.sh "" "status -w fits the terminal|top fits the terminal"
agent_mutant doctor-lo "doctor does not look at the addresses of lo" userspace/haadm/devices.c \
	's/(devices->list\[subnet.device\].)ours\)/\1ours || \1loopback)/' \
	haadm.sh "" "also set by hand on lo"
agent_mutant doctor-trip "doctor takes round trips of two leases for usual ones" userspace/haadm/doctor/agent.c \
	's/trips\[needed - 1\] > length \/ 2/trips[needed - 1] > length * 2/' witness.sh "-s --" "too far away"
agent_mutant witness-deaf "nobody tells a witness that a module resigned" include/rules/vote_seat_state.h \
	's/if \(!l->gone \|\| to == s->id/if (to < HASW_VOTE_NODES || to == s->id/' \
	witness.sh "-s --" "holder.s agent is killed"
# What only Debian's kernel has a test for: UML's have no module that registers a family of generic netlink.
# shellcheck disable=SC2154 # mutants.sh sets kernel
case $kernel in deb612 | -n)
	agent_mutant asks-itself "the loop of the agent waits for the module" userspace/haagentd/agent_parts.c \
		's/calls_begin\(&a->module\.calls, a->vote\.t\.renew \/ 2\)/a->module.calls.running/' \
		renewal.sh "-i --" "while generic netlink stands still" "." ;;
esac
# nemesis_mutant NAME TITLE FILES SED KINDS MUST [SEED]: an agent that is wrong under faults of these kinds.
nemesis_mutant() {
	agent_mutant "nemesis-$1" "$2" "$3" "$4" nemesis.sh "-s -- --only $5 --seconds 8 ${7:-2}" "$6" \
		"never has two owners|epochs|owned within"
}
nemesis_mutant ack "a holder counts its grant from the ack" include/rules/vote_proposer.h \
	's/HASW_RULES_WRONG\(ACK_TIME\)/1/' lag "never has two owners, by what"
nemesis_mutant mute "a voter that was restarted answers at once" include/rules/vote_voter.h \
	's/HASW_RULES_WRONG\(NO_WAIT\)/1/' forget "never has two owners, by what"
# That the next holder waits until the others know of it would hide this. In seed 34 a packet takes 2 ms, for which the
# former holder hears nothing of the next one, and each holder is drained several times.
change='s/^\ttask = s->todo\[i\];$/&\n\tif (task.granted) {\n\t\ts->done[s->n_done++] = task.slot;\n'
change+='\t\tif (write(s->event, (uint64_t[]){ 1 }, 8) < 0)\n\t\t\ts->stop = true;\n\t}/; '
change+='s/^\tif \(task.granted\)$/\tif (task.granted \&\& !usleep(30000))/; '
change+='s/^\t\t\ts->done\[s->n_done\+\+\] = task->slot;$/\t\t\tif (!task->granted)\n\t&/; '
change+='s/if \(begins && vote_named\(v, slot, now\)\)/if (0)/'
nemesis_mutant early "RELEASE is sent before the module has stopped, and the next holder does not wait" \
	"userspace/haagentd/vote/lease_stop.c userspace/haagentd/vote/vote.c" \
	"$change" \
	drain "never has two owners, by what" 34
# Seed 26 has two nodes, each of which loses the lease more than once. No agent is killed: the next one would forget.
nemesis_mutant epochs "an epoch is used twice" include/rules/vote_proposer.h 's/HASW_RULES_WRONG\(SAME_EPOCH\)/1/' \
	alone "owned within" 26
# pair_mutant NAME TITLE FILE SED MUST: what is wrong when one of two nodes may presume the other one off.
pair_mutant() {
	agent_mutant "pair-$1" "$2" "userspace/haagentd/vote/$3" "$4" pair.sh "-s --" "$5" "split: "
}
pair_mutant bridge "with split, a holder keeps no longer right" vote_fence.c \
	's/^\t\t\thasw_seat_bridge\(.*/\t\t\t(void)now;/' "split: the holder.s peer dies"
pair_mutant parted "with split, a node whose agent stops is needed on" vote_fence.c \
	's/^\tif \(\(state == PEER_STATIC/\tif (0 \&\& (state == PEER_STATIC/' \
	"split: the agent of the holder.s peer is stopped"
pair_mutant deaf "a node that answers by ARP or neighbour discovery is presumed off" probe_links.c \
	's/^\t\t\treturn PROBE_ANSWERED;/\t\t\tcontinue;/' \
	"split: whoever answers by ARP"
pair_mutant agentless "what the module of a node without an agent says is not believed" probe_links.c \
	's/^\t\tagentless = p->present \&\& /\t\tagentless = 0 \&\& /' \
	"split: the agent of the holder is killed"
pair_mutant twin "an answer from a MAC that a device of another link has is an own one" probe_links.c \
	's/ \&\& is_beside\(p, \&p->links\[i\], t\)\)$/ \&\& (1 || is_beside(p, \&p->links[i], t)))/' \
	"split: whoever answers by ARP"
mutant pair-stalled "a module says nothing of an agent that stalled" kmod/cluster/beat.c \
	's/WRITE_ONCE\(hn->beat.gone, now\)/WRITE_ONCE(hn->beat.gone, 0)/' pair.sh "-s --" \
	"split: the agent of the holder.s peer stands" "split: "
agent_mutant pair-recovers "one of two voters that has lost its file needs a majority" include/rules/vote.h \
	's/\* 2 >= hasw_vote_count/* 2 > hasw_vote_count/' pair.sh "-s --" "a voter that has lost its file" "split: "
# voters_...: what is wrong when nodes come and go. What follows a point that failed begins as it should not.
agent_mutant voters-alone "a node changes the voter set against most voters" userspace/haagentd/vote/vote_sets.c \
	's/^\tif \(!hasw_vote_majority\(with, voters\)\) \{$/\tif (!with) {/' \
	voters.sh "-s --" "a configuration that one voter has" "."
agent_mutant voters-ids "a node goes on under an id that is not its own" userspace/haagentd/vote/vote_sets.c \
	's/v->sets.out \|\| id != \(int\)v->map.self \|\| !vote_map_agrees\(&v->map, &word->map\)/v->sets.out/' \
	voters.sh "-s --" "a fourth node gets a part" "."
agent_mutant repeats "voters do not repeat who holds a lease" userspace/haagentd/vote/vote_claims.c \
	's/^\tif \(!\(v->map.voters & 1U << v->map.self\)\)$/\tif (v)/' \
	vote.sh "-s --" "a node that does not hear the holder" "."
agent_mutant upgrade "an agent refuses longer votes of a later release" userspace/haagentd/vote/vote_wire.c \
	's/^\tif \(size < known\)$/\tif (size != known \&\& size != VOTE_WIRE_SET)/' \
	vote.sh "-s --" "agents are upgraded one after the other" "."
# journal_mutant NAME TITLE FILE SED MUST [MAY]: what the agents write down, and what a disk does to that.
journal_mutant() {
	agent_mutant "journal-$1" "$2" "userspace/haagentd/$3" "$4" journal.sh "-s --" "$5" "${6:-$5}"
}
journal_mutant lost "lines that the journal loses are not counted" journal/journal.c \
	's/^\tif \(j->lost \&\& !tell_lost\(j\)\) \{$/\tif (j->lost == UINT64_MAX \&\& !tell_lost(j)) {/' \
	"lines that do not fit"
journal_mutant again "a journal that could not be written is given up" journal/journal.c \
	's/^\tj->again = clock_now\(\) \+ AGAIN;$/\tj->again = UINT64_MAX;/' "a full disk stops" \
	"lines that do not|read-only|link|torn|12 MB|end say so"
journal_mutant link "a journal follows symbolic links" journal/journal_file.c \
	's/O_DIRECTORY \| O_NOFOLLOW/O_DIRECTORY/' "a symbolic link" "torn|end say so"
journal_mutant torn "a journal goes on behind a torn line" journal/journal_file.c \
	's/pread\(fd, \&last, 1, st.st_size - 1\) != 1 \|\| last != .\\n./false \&\& last/' "a torn line"
journal_mutant empty "services without a member are not told" module/served.c \
	's/^\tif \(serving \|\| \(rejects \&\& !members\)\) \{$/\tif (serving || rejects || members) {/' \
	"no member serves is told" "no member serves is told|told as drained"
journal_mutant drained "a drain is done while there are flows" module/served.c \
	's/^\ts->nodes\[i\].flows \+= flows;$/\ts->nodes[i].flows += flows \& 0;/' "told as drained"
journal_mutant input "notify commands get no JSON" notify/worker_queue.c \
	's/^\tinput = input_of\(at\);$/\tinput = input_of(at) < 0 ? -2 : -1;/' "as JSON, too" "told"
agent_mutant voters-set "a voter's file keeps the first voter set" userspace/haagentd/vote/vote_sets.c \
	's/^\timage->set = v->seat.set;$/&\n\timage->set.generation = 1;/' \
	voters.sh "-s --" "all agents are killed and started" "."
agent_mutant fallback "a file that is no good leaves nothing in force" userspace/haadm/cmd/restore.c \
	's/^\tif \(has_config\(haadm\)\)$/\tif (has_config(haadm) || 1)/' \
	haadm.sh "" "fallback: where nothing is in force" "fallback: "
agent_mutant replicate-one "a node that refuses a configuration is passed over" \
	userspace/haagentd/keeper/keeper_commit.c \
	's/^\t\terr = (keeper_request\(v, .*\);)$/\t\terr = 0 * \1/' \
	replicate.sh "-s --" "a node that can not take it|a full disk" "."
agent_mutant replicate-behind "a node without the committed configuration takes leases" \
	userspace/haagentd/vote/vote_leases.c \
	's/^\tcurrent = !vote_config_behind\(.*\);/\tcurrent = true;/' \
	replicate.sh "-s --" "a node that can not get it"
agent_mutant replicate-lost "a keeper without the text takes the agent's settings for those in force" \
	userspace/haagentd/keeper/keeper_apply.c \
	's/report->lost \? a\.agents :/report->lost ? view->agents :/' \
	replicate.sh "-s --" "a file that is torn while|so is one that is gone" "."
agent_mutant replicate-boot "a node boots with its file, whatever is committed" userspace/haadm/cmd/restore.c \
	's/^\tif \(done\)$/\tif (0 \&\& done)/' \
	replicate.sh "-s --" "a node boots with what was in force|takes nothing away" "."
agent_mutant replicate-copied "a generation of another cluster stays" userspace/haagentd/keeper/generation.c \
	's/other_number != number \|\| other_hash == hash\)$/1)/' \
	replicate.sh "-s --" "a generation of another cluster"
agent_mutant replicate-serves "a node that comes back serves before it has what is committed" \
	userspace/haagentd/module/beat.c 's/ \&\& !c->peers\[i\]\.waits//' \
	replicate.sh "-s --" "a node that comes back serves only" "."
agent_mutant join-first "no node commits the first generation" userspace/haagentd/keeper/first.c \
	's/return 2 \* heard > /return heard > 1000 + /' \
	join.sh "-s --" "first generation" "."
agent_mutant join-first-loses "a node takes a first generation that lacks what it has" \
	userspace/haagentd/keeper/keeper_stream.c 's/ \&\& first_is\(\&ask->about\)/ \&\& 0/' \
	join.sh "-s --" "a first generation that lacks" "."
agent_mutant join-left-over "a machine brings an earlier cluster's configurations" userspace/haadm/membership.c \
	's/^\tif \(no_generations\(haadm\) \|\| /\tif ((0 \&\& no_generations(haadm)) || /' \
	join.sh "-s --" "what an earlier cluster has left" "."
agent_mutant join-twice "an invitation is not used up" userspace/haagentd/keeper/keeper_join.c \
	's/state == INVITATION_OPEN \&\& invitation_take\(.*\)\)$/false)/' \
	join.sh "-s --" "an invitation is used once" "."
agent_mutant join-expired "an invitation is valid for ever" userspace/haagentd/keeper/invitation.c \
	's/now > inv->until \?/!now ?/' join.sh "-s --" "an expired invitation" "."
agent_mutant join-lost "a commit that fails uses an invitation up" userspace/haagentd/keeper/keeper_join.c \
	'/invitation_give_back/d' join.sh "-s --" "a fourth one comes" "."
agent_mutant namespace-twice "a network namespace is taken for one that has gone" \
	userspace/haagentd/keeper/applied.c \
	's/^\treturn cookie;$/\treturn cookie \& 0;/' \
	stories.sh "-s --" "after a cold start the last committed" "."
agent_mutant all-nothing "--all commits no change" userspace/haadm/change_all.c \
	's/if \(apply_request\(/if (0 \&\& apply_request(/' \
	stories.sh "-s --" "controller: fail the primary" "."
agent_mutant legs-partly "a node that some clients can not reach takes no lease" userspace/haagentd/vote/vote_leases.c \
	's/^\treturn l->lacking && /&0 \&\& /' vote.sh "-s --" "clients of one vip cannot come" "."
agent_mutant all-careless "--all undoes what was changed by hand" userspace/haadm/change_all.c \
	's/!cluster_same\(&committed, &here\)/0/' replicate.sh "-s --" "what --all can not do"
agent_mutant zone-spread "leases are not spread over zones" userspace/haagentd/vote/vote_prefer.c \
	's/^\tif \(!v->zones\)$/\tif (1)/' prefer.sh "-s --" "leases are spread over zones"
agent_mutant zone-lost "a zone that is lost as a whole is no warning" userspace/haadm/zones.c \
	's/^\treturn failed \? "lost" : /\treturn /' haadm.sh "" "status warns of a zone"
agent_mutant checks-rights "haagentd-checks keeps the rights of root" userspace/checks/main.c \
	's/^\tgive_up\(\);$/\t(void)give_up;/' checks.sh "" "(neither root.s id|without the rights of root)"
agent_mutant checks-status "a check by HTTP takes any status" userspace/checks/page.c \
	's/p->status >= plan->from && p->status <= plan->to/p->status != plan->to + 1000L/' \
	checks.sh "" "status 503(, IPv6)?: down" "."
agent_mutant checks-unsure "a plugin that does not work takes its member out" userspace/checks/job.c \
	's/outcome != PLAN_UNSURE/1/' checks.sh "" "exec: code 3" "."
agent_mutant checks-again "haagentd-checks that died is not told its checks" userspace/haagentd/check/checker.c \
	's/^\t\t\tc->ops->begun\(c->arg\);$/\t\t\t(void)c;/' checks.sh "" "the next one finds a server that is gone" "."
change='s/\.to = job->plan\.vip,/.to = job->plan.address,/; '
change+='s/\(&job->plan\.vip, &h->vip\)/(\&job->plan.address, \&h->vip)/'
agent_mutant checks-vip "a check through the vip asks the node's address" userspace/checks/through.c "$change" \
	checks.sh "" "a server that listens at another address: down" "."
agent_mutant checks-holder "a node asks members for a vip that it does not hold" userspace/haagentd/check/through.c \
	's/^\tif \(!c->holder\)$/\tif (0)/' checks.sh "" "another node holds it" "."
agent_mutant checks-reset "a check through the vip leaves the connection half open" userspace/checks/through.c \
	's/^\t\t\treset\(job\);$/\t\t\t(void)reset;/' checks.sh "" "no connection is left half open" "."
agent_mutant checks-hangs "a check by HTTP through the vip leaves its connection open" userspace/checks/through.c \
	's/^\twhile \(stream_hang_up\(&t->stream, &s\)\)$/\twhile (0)/' \
	checks.sh "" "no connection is left at the member" "."
agent_mutant checks-silent "the stack ends connections of checks through the vip" userspace/checks/end.c \
	's/^\t\tif \(listen\(end->socks\[i\], 1\)\)$/\t\tif (0)/' checks.sh "" "stack answers the member nothing" "."
agent_mutant share-last "of two shares of a node the last one counts" userspace/haagentd/check/node_share.c \
	's/c->share < node->share\)/c->share < 100)/' checks.sh "" "of two shares of a node" "."
agent_mutant share-untold "the holder does not tell which share it finds" userspace/haagentd/check/share.c \
	's/\.share = c->share,/.share = 0,/' checks.sh "" "two agents: (both modules|and the next)" "."
agent_mutant load-unsaid "the agent does not say the share of its node" userspace/haagentd/peer/cluster.c \
	's/body->share = c->share;/body->share = 100;/' load.sh "-s --" \
	"lower the share|nearly full|changes nothing until|told again" "."
agent_mutant load-nameless "heartbeats do not say which limit is reached" userspace/haagentd/peer/cluster.c \
	's/body->reached = c->reached;/body->reached = 0;/' load.sh "-s --" "lower the share|who looks learns"
agent_mutant load-unwarned "check does not warn of a lowered share" userspace/haadm/problems.c \
	's/^\tif \(share\) \{/\tif (share \&\& !node->share) {/' load.sh "-s --" "who looks learns"
agent_mutant load-forgets "the agent does not tell a module that has forgotten" userspace/haagentd/check/load.c \
	's/c->peers\[i\].share_set = 0;/c->peers[i].share_set |= 0;/' load.sh "-s --" "told again"
agent_mutant load-unknown "an agent that starts says the whole share" userspace/haagentd/check/load.c \
	's/JUDGE_UNKNOWN \? 0 :/JUDGE_UNKNOWN ? 100 :/' load.sh "-s --" "changes nothing until"
agent_mutant folder-shared "an agent uses the folder of another one" userspace/haagentd/agent_parts.c \
	's/^\treturn err == -EBUSY \? err : 0;/\treturn 0;/' replicate.sh "-s --" \
	"so is one that reads" "."
agent_mutant folder-hasty "the next agent does not wait for one that ends" userspace/haagentd/agent_parts.c \
	's/^#define FOLDER_WAIT.*/#define FOLDER_WAIT 0/' replicate.sh "-s --" "waits for one that ends" "."
agent_mutant plain-not "control characters of files go to the terminal" userspace/lib/plain.c \
	"s/ \&\& \*at >= ' '/ \&\& *at/" haadm.sh "" "no file commands the terminal"
agent_mutant keeper-users "a keeper does not tell a node from a user of its machine" \
	userspace/haagentd/keeper/keeper_stream.c 's/sin_port\) < IPPORT_RESERVED;/sin_port) < 1;/' \
	replicate.sh "-s --" "users of a node's machine" "."
agent_mutant routes-silent "nobody is told that routes are withdrawn" userspace/haagentd/routes/routes_main.c \
	's/^\treport\(k, lease, false\);$/\t(void)lease;/' routes.sh "-s --" "released when its routes are gone" "."
agent_mutant routes-last "a lease is released before its routes are withdrawn" userspace/haagentd/vote/vote.c \
	's/^\t\t\.routes = v->routes .*/\t\t.routes = false,/' routes.sh "-s --" \
	"released when its routes are gone" "."
