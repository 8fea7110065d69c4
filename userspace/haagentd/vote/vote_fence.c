// SPDX-License-Identifier: GPL-2.0
/*
 * The fence of a two-node cluster: it gathers what fence.c judges, may veto it, runs the
 * command, and passes the result to the voting rules.
 *
 * Each of the two nodes needs the vote of the other node. By rule 20, a node that is proved
 * to be off counts as if it had acked. The proof has three parts. First, the node has
 * answered this agent in the vote on that lease, or an earlier agent that has fenced it.
 * Second, a later fence command of this agent has succeeded. Third, the node was not heard
 * since that command began.
 *
 * With split = "allow" the command only asks whether the other node is there. A holder must
 * survive the death of the other node, as it does by VRRP. So it keeps its leases by longer
 * rights while it hears the other node, and asks sooner for those. If the other node says that
 * its agent stops, the holder needs no proof: nobody else can get what it holds, for that takes
 * this node's vote. A node that starts alone need not have got an answer. It waits until each right
 * has ended that the other node may have got without it, see hasw_seat_lone().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/journal/journal.h"
#include "haagentd/peer/link_watch.h"
#include "haagentd/log.h"
#include "probe.h"
#include "vote.h"

#define LOOK	CLOCK_SECOND	/* pause between two checks for obstacles to a fence */

/*
 * Return: id of the other voter if exactly two nodes vote, this node is one of them, and the cluster has no witness;
 * otherwise -1.
 */
static int other_voter(const struct vote *v)
{
	uint32_t others = v->map.voters & ~(UINT32_C(1) << v->map.self);

	if (hasw_vote_count(v->map.voters) != 2 || hasw_vote_count(others) != 1 ||
	    v->map.witnesses)
		return -1;
	return __builtin_ctz(others);
}

/**
 * vote_fence_used - return whether this node can hold leases without the other one's vote
 * @v:	the vote
 *
 * Return: yes, if a fence or split = "allow" is configured, and exactly two nodes vote
 * without a witness; otherwise no
 */
bool vote_fence_used(const struct vote *v)
{
	return (v->fence.command || v->fence.rules.split) && v->begun &&
	       other_voter(v) >= 0;
}

/*
 * Resets the state of the fence when a reload changes its settings. A node that was presumed off under the old
 * settings must not count as fenced under the new ones. The result of a command that still runs is ignored.
 */
static void forget(struct vote *v)
{
	int other = other_voter(v);

	if (v->begun && other >= 0)
		hasw_seat_alive(&v->seat, (uint8_t)other);
	if (v->fence.fence.state == FENCE_RUNS)
		v->fence.ignored = v->fence.fence.command;
	v->fence.fence = (struct fence){ 0 };
	v->fence.why = FENCE_NEEDLESS;
}

/**
 * vote_fence_spoke - note that this agent sends heartbeats again, or for the first time
 * @v:	the vote
 *
 * Until now the other node could not hear this one. It may have got a long right alone just before.
 */
void vote_fence_spoke(struct vote *v)
{
	if (v->seat.stood)
		hasw_seat_stood(&v->seat, clock_now());
	else
		v->seat.stood = clock_now();
}

/**
 * vote_fence_stalled - begin anew to judge the other node, if this node may have been presumed off
 * @v:		the vote
 * @late:	how long this agent has not run, ns
 *
 * With split = "allow" the other node may hold leases since then, without this node's vote. It ends
 * that when it hears this node, which takes a moment. If that node counts as off because no agent runs
 * there, its module may have heard the same of this one, and a shorter stall is enough.
 */
void vote_fence_stalled(struct vote *v, uint64_t late)
{
	bool counted = fence_counts(&v->fence.fence);

	if (late < FENCE_STALLED || !v->fence.rules.split || !vote_fence_used(v))
		return;
	v->fence.fence.late = true;
	if (late < v->fence.rules.after && !(counted && v->fence.fence.agentless))
		return;
	if (counted)
		log_warning("this agent did not run for %llu ms: %s is presumed off no more, until it has been silent for long enough again",
			    (unsigned long long)(late / CLOCK_MS), v->map.names[other_voter(v)]);
	forget(v);
	v->fence.since = clock_now();
	if (late < v->fence.rules.after)
		return;
	/* A node that was off before has heard nothing of this one, and waits longer than this agent has stalled. */
	if (counted)
		v->seat.stood = v->fence.since;
	else
		hasw_seat_stood(&v->seat, v->fence.since);
}

/**
 * vote_fence_unbeaten - note that the module takes no BEAT
 * @v:	the vote
 *
 * The module then says that no agent runs here, though this one does.
 */
void vote_fence_unbeaten(struct vote *v)
{
	vote_fence_stalled(v, FENCE_STALLED);
}

/**
 * vote_fence_set - set up the fence as the configuration says
 * @v:		the vote, which vote_open() has prepared
 * @conf:	the configuration, new or reloaded
 * @w:		worker that runs the commands
 *
 * Return: 0, or -ENOMEM with the fence unchanged
 */
int vote_fence_set(struct vote *v, const struct conf *conf, struct worker *w)
{
	char *command = conf->fence ? strdup(conf->fence) : NULL;

	if (conf->fence && !command)
		return -ENOMEM;
	if (v->fence.rules.split != conf->split ||
	    strcmp(v->fence.command ?: "", command ?: "") != 0)
		forget(v);
	free(v->fence.command);
	v->fence.command = command;
	v->fence.timeout = conf->fence_time;
	v->fence.rules = (struct fence_rules){
		.after = conf->fence_after, .split = conf->split,
		/*
		 * With split = "allow", no command switches a node off, so no delay is needed to keep the nodes from
		 * switching each other off.
		 */
		.delay = conf->split ? 0 : conf->fence_delay,
	};
	fence_bridge(&v->fence.rules, v->t.longest);
	v->fence.worker = w;
	return 0;
}

/**
 * vote_fence_close - delete the fence
 * @v:	the vote
 */
void vote_fence_close(struct vote *v)
{
	free(v->fence.command);
	v->fence.command = NULL;
}

/*
 * Returns whether this node wants a lease that it does not hold. A grant that an earlier agent obtained does not count
 * as held before a majority has acked a renewal: otherwise the fence would begin only when the grant ends.
 */
static bool lacks(const struct vote *v, unsigned int slot, uint64_t now)
{
	const struct hasw_proposer *p = &v->seat.lease[slot].proposer;

	return v->lease[slot].here && p->want &&
	       !(p->state == HASW_PROPOSER_OWN && now < p->deadline && p->done);
}

/*
 * Returns whether this node holds a lease by a right that the other node has acked since shortly before it was last
 * heard: so this node was heard there, too, until then. Another right can have begun long before, over a link that
 * passed nothing from here, and the other node may then be about to presume this node off. A right that ends before a
 * probe does is no reason for one, which would only delay the next.
 */
static bool holds(const struct vote *v, unsigned int slot, unsigned int other, uint64_t heard, uint64_t now)
{
	const struct hasw_proposer *p = &v->seat.lease[slot].proposer;
	uint64_t bridge = v->fence.rules.bridge;

	return bridge && v->lease[slot].here && p->want && hasw_proposer_owns(p, now) && !(p->fenced >> other & 1) &&
	       p->deadline >= heard + bridge / 4 * 3 && p->deadline > now + PROBE_TIME;
}

/* Returns whether the rules count the other node as off, for some lease at least. */
static bool counts(const struct vote *v, unsigned int other)
{
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++)
		if (v->seat.lease[slot].proposer.fenced >> other & 1)
			return true;
	return false;
}

static struct fence_view view_of(const struct vote *v, unsigned int other,
				 uint64_t now)
{
	const struct cluster_peer *peer = vote_peer_at(v, other);
	struct fence_view view = { .first = v->map.self < other };
	unsigned int slot;

	if (!peer)
		return view;
	view.state = peer->peer.state;
	/* If this agent has never heard the node, the node's silence began with this agent. */
	view.heard = peer->peer.heard > v->seat.began ? peer->peer.heard : v->seat.began;
	if (view.heard < v->fence.since)
		view.heard = v->fence.since;
	view.until = peer->peer.until;
	view.lone = hasw_seat_lone(&v->seat);
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++) {
		const struct hasw_voter *voter = &v->seat.lease[slot].voter;

		if (lacks(v, slot, now)) {
			view.wanted = v->part == VOTE_STAYS && v->seat.disk.known;
			view.met |= v->seat.lease[slot].proposer.met >> other & 1;
			view.unmet |= view.wanted && hasw_seat_unmet(&v->seat, slot, (uint8_t)other);
		}
		if (holds(v, slot, other, view.heard, now)) {
			view.held = v->part == VOTE_STAYS && v->seat.disk.known;
			view.met |= v->seat.lease[slot].proposer.met >> other & 1;
		}
		if (voter->epoch && voter->holder == other &&
		    voter->expiry > view.promised)
			view.promised = voter->expiry;
	}
	return view;
}

/*
 * Returns whether at least one path of this node has a link. If none has, the peer's silence does not prove that the
 * peer is off.
 */
static bool is_linked(const struct vote *v)
{
	unsigned int p;

	for (p = 0; p < v->cluster->n_paths; p++)
		if (link_carries(&v->cluster->paths[p].conf.local))
			return true;
	return false;
}

/* Checks for obstacles to a fence that is due. These checks are too expensive to run in each vote_fence_tick(). */
static enum fence_why look(const struct vote *v, const char *name)
{
	struct module_node node;
	struct hasw_error err;
	int ret;

	if (!v->fence.rules.split && v->module->open) {
		ret = module_node(v->module, name, &node, &err);
		if (ret == -ETIMEDOUT)
			return FENCE_WAITS;
		if (!ret && node.state == HASWITCH_NODE_STATE_MAINTENANCE)
			return FENCE_RESTS;
	}
	return is_linked(v) ? FENCE_DUE : FENCE_UNLINKED;
}

/*
 * Has the rules know that the command has ended. @off: it succeeded. If it began early, it counts only for the leases
 * that this node holds.
 */
static void seat_fence_end(struct vote *v, unsigned int other, uint64_t now, bool part, bool off)
{
	if (part)
		hasw_seat_fence_held_end(&v->seat, (uint8_t)other, now, off);
	else
		hasw_seat_fence_end(&v->seat, (uint8_t)other, off);
}

static void begin(struct vote *v, unsigned int other, bool part, uint64_t now)
{
	const char *name = v->map.names[other];
	/* /proc/self/exe still refers to this program after its file was replaced. */
	const char *const asks[] = { "/proc/self/exe", "--probe", name, NULL };
	const char *const off[] = { v->fence.command, name, NULL };
	struct vote_fence *f = &v->fence;
	bool split = f->rules.split;
	uint64_t command;

	/*
	 * If a message of the other node arrives after this call, the command's success does not prove that the other
	 * node is off (rule 20).
	 */
	if (part ? !hasw_seat_fence_held(&v->seat, (uint8_t)other, now) :
	    split ? !hasw_seat_presume(&v->seat, (uint8_t)other, now) :
		    !hasw_seat_fence(&v->seat, (uint8_t)other))
		return;
	command = worker_run(f->worker, split ? asks : off, f->timeout);
	if (!command) {
		seat_fence_end(v, other, now, part, false);
		f->fence.part = part;
		fence_failed(&f->fence, &f->rules, now, "no worker process runs it");
		f->why = FENCE_MUTE;
		if (!part)
			log_error("%s is not %s, for no command can be begun", name,
				  split ? "presumed off" : "fenced");
		return;
	}
	fence_begin(&f->fence, command, part, now);
	f->why = FENCE_WORKS;
	if (!split)
		log_warning("%s is not heard, and leases need its vote or its end: %s is to switch it off",
			    name, f->command);
	else if (!f->fence.failed && !part)
		log_warning("%s is not heard, and leases need its vote or its end: it is presumed off if it answers on no client link either",
			    name);
}

/*
 * Keeps what this node holds by rights that outlast the time until the other node's silence has been judged. The long
 * rights of an earlier run of the agent are cut first, see shorten() in vote_leases.c.
 */
static void keep_bridges(struct vote *v, uint64_t now)
{
	unsigned int slot;

	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (v->lease[slot].here && !v->lease[slot].before && v->seat.lease[slot].proposer.want)
			hasw_seat_bridge(&v->seat, slot, now, v->fence.rules.bridge);
}

/*
 * Goes on alone with what this node holds, because the other node has said that its agent stops, or that it leaves.
 * For what this node does not hold, the silence of the other node proves nothing yet.
 */
static void go_on_alone(struct vote *v, unsigned int other, uint64_t now)
{
	if (!hasw_seat_fence_held(&v->seat, (uint8_t)other, now))
		return;
	hasw_seat_fence_held_end(&v->seat, (uint8_t)other, now, 1);
	/* Its last words come several times, and each of them is a sign of life. */
	if (v->fence.alone)
		return;
	v->fence.alone = true;
	log_notice("%s has said that its agent stops: leases that this node holds need its vote no more until it is heard",
		   v->map.names[other]);
}

/* Does what split = "allow" needs beside the probes. */
static void split_tick(struct vote *v, unsigned int other, enum peer_state state, uint64_t now)
{
	/* A node that is about to hand over or to stop asks for other rights. */
	if (!v->fence.rules.split || v->part != VOTE_STAYS || !v->seat.disk.known)
		return;
	if (state == PEER_HEARD) {
		v->fence.alone = false;
		keep_bridges(v, now);
		return;
	}
	if ((state == PEER_STATIC || state == PEER_LEFT) && v->fence.fence.state != FENCE_RUNS)
		go_on_alone(v, other, now);
}

/**
 * vote_fence_tick - run the fence command if it is due
 * @v:	the vote; the caller has updated which leases this node wants
 */
void vote_fence_tick(struct vote *v)
{
	struct vote_fence *f = &v->fence;
	struct fence_view view;
	enum fence_why why;
	uint64_t now;
	bool part;
	int other;

	if (!vote_fence_used(v))
		return;
	now = clock_now();
	f->ticked = now;
	other = other_voter(v);
	view = view_of(v, (unsigned int)other, now);
	if (!counts(v, (unsigned int)other))
		fence_lapse(&f->fence);
	split_tick(v, (unsigned int)other, view.state, now);
	why = fence_judge(&f->fence, &f->rules, &view, now, &f->due);
	/*
	 * The obstacle that the last check has found stays in f->why, because the user can
	 * remove it. FENCE_WAITS would hide the obstacle from the user.
	 */
	if (why == FENCE_WAITS && (f->why == FENCE_RESTS || f->why == FENCE_UNLINKED))
		return;
	part = why == FENCE_EARLY;
	if (part || why == FENCE_DUE)
		why = look(v, v->map.names[other]);
	if (why == FENCE_RESTS || why == FENCE_UNLINKED)
		f->fence.pause = now + LOOK;
	if (why != f->why && (why == FENCE_RESTS || why == FENCE_UNLINKED))
		log_warning("%s is not heard, but %s, so it is not fenced",
			    v->map.names[other], why == FENCE_RESTS ?
			    "an operator has it in maintenance" :
			    "no path of this node has a link");
	f->why = why;
	if (why == FENCE_DUE)
		begin(v, (unsigned int)other, part, now);
}

/**
 * vote_fence_shy - return whether this node must send nothing for now
 * @v:	the vote
 *
 * If the other node has fenced this node, the other node holds leases alone until it hears
 * this node. From then on, the other node needs this node's vote. But this node was just
 * started, and must not vote yet (rule 15). So this node sends nothing until it is allowed
 * to vote.
 *
 * Return: yes or no
 */
bool vote_fence_shy(const struct vote *v)
{
	return vote_fence_used(v) && v->seat.disk.known &&
	       hasw_seat_mute(&v->seat, clock_now());
}

/**
 * vote_fence_heard - end the fence of a peer from which an authentic message arrived
 * @v:		the vote
 * @peer:	the sender; NULL if the sender is not a peer any more
 */
void vote_fence_heard(struct vote *v, const struct cluster_peer *peer)
{
	int other = other_voter(v);

	if (!v->begun || other < 0 || !peer ||
	    strcmp(v->map.names[other], peer->conf.name))
		return;
	hasw_seat_alive(&v->seat, (uint8_t)other);
	if (!fence_heard(&v->fence.fence))
		return;
	log_notice("%s is heard again: its vote is needed from now on", peer->conf.name);
	journal_fence(v->journal, peer->conf.name, "heard", NULL);
}

/* Asks at once for the leases that this node lacks, because the fenced node's vote is not needed any more. */
static void ask_at_once(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int slot;

	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (lacks(v, slot, now))
			hasw_seat_want(&v->seat, slot, now, 1);
	vote_flush(v);
}

static void report_failed(const struct vote *v, const char *name, uint64_t now)
{
	const struct fence *f = &v->fence.fence;
	unsigned long long pause = (f->pause - now) / CLOCK_SECOND;

	if (v->fence.rules.split && f->failed != 1)
		return;
	if (!v->fence.rules.split)
		log_error("%s is not fenced, and is tried again in %llu s at the earliest: %s",
			  name, pause, f->last);
	else
		log_error("%s is %spresumed off%s, and is asked again every %llu s or so: %s", name,
			  fence_counts(f) ? "" : "not ",
			  fence_counts(f) ? " for no leases but those that this node holds" : "", pause, f->last);
	journal_fence(v->journal, name, "failed", f->last);
}

static void report_off(const struct vote *v, const char *name, uint64_t now)
{
	const struct vote_fence *f = &v->fence;

	journal_fence(v->journal, name, f->rules.split ? "presumed-off" : "fenced", NULL);
	if (f->fence.agentless)
		log_warning("%s is presumed off, for it is heard on no path, and says itself that no agent runs there and that it holds no lease",
			    name);
	else if (f->rules.split)
		log_warning("%s is presumed off, for it is heard on no path and answers on no client link; if it runs, both nodes hold leases until they hear each other again",
			    name);
	else
		log_notice("%s is off, by %s, after %llu ms; leases need its vote no more until it is heard",
			   name, f->command,
			   (unsigned long long)((now - f->fence.began) / CLOCK_MS));
}

/**
 * vote_fence_done - handle the end of a command that the worker process ran
 * @v:		the vote
 * @result:	result of the command
 *
 * Return: whether the command was the fence command
 */
bool vote_fence_done(struct vote *v, const struct worker_result *result)
{
	struct fence *f = &v->fence.fence;
	uint64_t now = clock_now();
	const char *name;
	bool part, off;
	int other;

	if (v->fence.ignored && result->id == v->fence.ignored) {
		v->fence.ignored = 0;
		log_notice("the fence that ran when the configuration was read again has ended, and counts for nothing");
		return true;
	}
	if (f->state != FENCE_RUNS || result->id != f->command)
		return false;
	other = other_voter(v);
	/* Since the command began, this node can have joined a cluster that does not have exactly two voters. */
	if (other < 0)
		return true;
	name = v->map.names[other];
	if (fence_outlasts(f, &v->fence.rules, now))
		log_warning("%s ran for %llu ms, which is longer than timings.fence_delay (%llu ms): after a cut between the nodes each could switch the other one off; set fence_delay to more, the same on both nodes",
			    v->fence.command,
			    (unsigned long long)((now - f->began) / CLOCK_MS),
			    (unsigned long long)(v->fence.rules.delay / CLOCK_MS));
	/*
	 * If this agent did not run for a while, what the other node has said meanwhile waits in the sockets, and the
	 * timers have not told yet.
	 */
	cluster_drain(v->cluster, now);
	if (v->fence.ticked && now - v->fence.ticked >= FENCE_STALLED)
		f->late = true;
	now = clock_now();
	part = f->part;
	off = fence_end(f, &v->fence.rules, result, now);
	seat_fence_end(v, (unsigned int)other, now, part, off);
	if (!off && !part)
		report_failed(v, name, now);
	if (!off)
		return true;
	report_off(v, name, now);
	/* What an early command has shown does not count for leases that this node lacks. */
	if (!part)
		ask_at_once(v);
	return true;
}

/**
 * vote_fence_lost - handle the end of the worker process, whose commands are lost
 * @v:	the vote
 *
 * Return: number of lost fence commands
 */
unsigned int vote_fence_lost(struct vote *v)
{
	struct fence *f = &v->fence.fence;
	unsigned int ignored = v->fence.ignored ? 1 : 0;
	int other = other_voter(v);

	v->fence.ignored = 0;
	if (f->state != FENCE_RUNS || other < 0)
		return ignored;
	seat_fence_end(v, (unsigned int)other, clock_now(), f->part, false);
	fence_failed(f, &v->fence.rules, clock_now(), "the worker process ended");
	log_error("whether %s is fenced is not known, for the worker process ended",
		  v->map.names[other]);
	return 1 + ignored;
}

/**
 * vote_fence_split - return whether this node may hold leases beside the other one
 * @v:		the vote
 * @now:	the time
 * @off:	set to whether the other node is presumed off, so that this node needs no vote of it
 * @age:	set to how long ago the other node was presumed off, ns; 0 if @off is false
 *
 * Return: name of the other node; NULL if split = "allow" does not apply here
 */
const char *vote_fence_split(const struct vote *v, uint64_t now, bool *off, uint64_t *age)
{
	const struct fence *f = &v->fence.fence;

	*off = false;
	*age = 0;
	if (!v->fence.rules.split || !vote_fence_used(v))
		return NULL;
	*off = fence_counts(f);
	if (*off && now > f->off)
		*age = now - f->off;
	return v->map.names[other_voter(v)];
}

/**
 * vote_fence_words - append the fence's state to a text that says why no node can hold a
 * lease
 * @v:		the vote
 * @slot:	slot of the lease
 * @words:	text to which this function appends
 * @size:	size of @words, bytes
 */
void vote_fence_words(const struct vote *v, unsigned int slot, char *words,
		      size_t size)
{
	const struct hasw_proposer *p = &v->seat.lease[slot].proposer;
	enum fence_why why = v->fence.why;
	uint64_t due = v->fence.due;
	int other = other_voter(v);

	if (!vote_fence_used(v))
		return;
	/*
	 * A fence helps with this lease only if the other node had sent its highest epoch
	 * of the lease before the fence (rule 20). Otherwise the text gives FENCE_UNMET as
	 * the reason. With split = "allow" the other node counts for this lease later.
	 */
	if (why == FENCE_COUNTS && !(p->fenced >> other & 1)) {
		why = v->fence.rules.split ? FENCE_WAITS : FENCE_UNMET;
		due = hasw_seat_lone(&v->seat);
	} else if (why == FENCE_COUNTS && v->fence.rules.split && clock_now() < p->told) {
		why = FENCE_TOLD;
		due = p->told;
	}
	fence_words(&v->fence.fence, &v->fence.rules, why, due, v->map.names[other],
		    clock_now(), words, size);
}
