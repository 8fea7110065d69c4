// SPDX-License-Identifier: GPL-2.0
/*
 * Fencing: these functions decide when the command that switches the other node off is due,
 * and evaluate its result. They do no I/O, and get the time as an argument.
 *
 * Rule 20 in doc/vote-rules.md decides when a node counts as off. This file only decides when
 * to run a command, and keeps the text for the log.
 */
#include <stdio.h>
#include <string.h>

#include "haagentd/clock.h"
#include "lib/text.h"
#include "fence.h"
#include "probe.h"
#include "haagentd/words.h"

#define PAUSE		CLOCK_SECOND		/* pause after the first failure, doubled with each further failure */
#define PAUSE_MOST	(60 * CLOCK_SECOND)	/* longest pause */
#define PAUSE_SPLIT	(2 * CLOCK_SECOND)	/* longest pause with "split", short because a probe is cheap */
#define PAUSE_EARLY	(100 * CLOCK_MS)	/* pause after a failure for the leases that this node holds */
#define EARLY_SPARE	(400 * CLOCK_MS)	/* of a bridge, what neither the silence nor the probe needs */
#define STILL		(PROBE_TIME / 2)	/* a machine that stands still for less answers a probe of the other node */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/**
 * fence_bridge - compute how a holder survives the death of the other node without a gap
 * @rules:	the fence rules, whose @bridge and @early are set
 * @longest:	longest right that voters give, ns
 *
 * The other node's voter keeps its record of the right for 11/9 of the right's length, and some
 * ms. This must be over when the other node has waited for @after, and a probe of its own: then
 * the death of the holder is healed as soon as with the shortest right. Within the right the
 * holder must find out that the other node is off. So it begins to probe sooner.
 */
void fence_bridge(struct fence_rules *rules, uint64_t longest)
{
	uint64_t needs = PROBE_TIME + EARLY_SPARE;

	rules->bridge = 0;
	rules->early = rules->after;
	if (!rules->split)
		return;
	rules->bridge = (rules->after + PROBE_TIME) / 5 * 4;
	if (rules->bridge > longest)
		rules->bridge = longest;
	if (rules->early + needs > rules->bridge)
		rules->early = rules->bridge > needs ? rules->bridge - needs : 0;
}

/**
 * fence_judge - decide whether the fence command must run now
 * @f:		state of the fence
 * @rules:	the fence rules: how long to wait, and whether the command only probes the
 *		other node (@split)
 * @view:	state of the other node and of the leases
 * @now:	the time
 * @due:	receives the time at which the command is due, ns, if this node only has to
 *		wait; else receives 0
 *
 * Return: FENCE_DUE, FENCE_EARLY, or the reason why no command is due
 */
enum fence_why fence_judge(const struct fence *f, const struct fence_rules *rules,
			   const struct fence_view *view, uint64_t now,
			   uint64_t *due)
{
	bool parted = view->state == PEER_STATIC || view->state == PEER_LEFT;
	bool early = rules->split && view->held && now >= f->pause &&
		     now >= view->heard + rules->early;
	/* Of some leases the other node has replied in time, and counts as off. Now it may count for others, too. */
	bool more = rules->split && view->unmet && now >= view->lone;
	uint64_t at = view->heard + rules->after, promised;

	*due = 0;
	if (f->state == FENCE_RUNS)
		return FENCE_WORKS;
	if (f->state == FENCE_OFF && (!f->part || !view->wanted) && !more)
		return FENCE_COUNTS;
	if ((!view->wanted && !early) || view->state == PEER_HEARD ||
	    view->state == PEER_PRESUMED)
		return FENCE_NEEDLESS;
	if (!view->met && !rules->split)
		return FENCE_UNMET;
	if (!view->met)
		at = later(at, view->lone);
	/*
	 * After the other node has announced its stop, the command waits until view->until. With
	 * "split" it does not wait, because the command stops no node.
	 */
	if (parted && !rules->split)
		at = later(at, view->until);
	/*
	 * The command also waits while this node's voter has promised a lease to the other node. The
	 * promise can still run after the other node has stopped holding the lease. A probe does not
	 * wait for a node that has announced nothing: while the promise lasts, this voter acks nothing.
	 */
	promised = !rules->split || parted ? view->promised : 0;
	at = later(at, promised);
	if (!view->first)
		at += rules->delay;
	at = later(at, f->pause);
	if (view->wanted && now >= at)
		return FENCE_DUE;
	if (early)
		return FENCE_EARLY;
	*due = at;
	return now < promised || (parted && !rules->split) ? FENCE_PARTED : FENCE_WAITS;
}

/**
 * fence_begin - note that a command begins
 * @f:		the fence
 * @command:	the worker's id of the command
 * @part:	the command counts only for the leases that this node holds
 * @now:	the time
 */
void fence_begin(struct fence *f, uint64_t command, bool part, uint64_t now)
{
	f->kept = f->state == FENCE_OFF;
	f->state = FENCE_RUNS;
	f->part = part;
	f->command = command;
	f->began = now;
	f->heard = false;
	f->late = false;
}

/**
 * fence_failed - note that a command has failed or could not be started
 * @f:		the fence
 * @rules:	the fence rules; @split selects the longest pause before the next command
 * @now:	time of the failure
 * @how:	text of the failure, for the log and for fence_words()
 */
void fence_failed(struct fence *f, const struct fence_rules *rules, uint64_t now,
		  const char *how)
{
	uint64_t pause = PAUSE, most = rules->split ? PAUSE_SPLIT : PAUSE_MOST;
	bool part = f->part;
	unsigned int i;

	for (i = 0; i < f->failed && pause < most; i++)
		pause *= 2;
	/* For what this node holds, the rules go by what an earlier command has shown. */
	f->part = f->kept || f->state == FENCE_OFF;
	f->state = f->part ? FENCE_OFF : FENCE_IDLE;
	f->kept = false;
	snprintf(f->last, sizeof(f->last), "%s", how);
	/* What this node holds lasts for a while, so it is tried again soon, and nobody is told yet. */
	if (part) {
		f->pause = now + PAUSE_EARLY;
		return;
	}
	f->failed++;
	f->pause = now + (pause < most ? pause : most);
}

/**
 * fence_end - note that the command has ended
 * @f:		the fence
 * @rules:	the fence rules; @split selects the text of a failure, and the longest pause
 *		after it
 * @result:	how the command has ended
 * @now:	the time
 *
 * A probe that took much too long counts for nothing: this machine stood still meanwhile, and the
 * other node may have presumed this one off. That takes @rules->after and a probe at least, and in
 * STILL a probe asks more than once. To begin and to look at all vips takes a probe some time, too.
 *
 * A node without a running agent does not count as off if this agent stalled meanwhile: its own module may have said the same
 * of it, and each of two nodes would presume the other one off.
 *
 * Return: whether the command has succeeded, and the other node was not heard while the
 * command ran
 */
bool fence_end(struct fence *f, const struct fence_rules *rules,
	       const struct worker_result *result, uint64_t now)
{
	bool agentless = rules->split && result->end == WORKER_ENDED && result->code == PROBE_AGENTLESS;
	bool late = rules->split && now - f->began > later(rules->after / 2, STILL) + PROBE_TIME;
	char how[FENCE_TEXT] = "too many commands wait";

	late |= agentless && f->late;
	if (result->end == WORKER_ENDED && (!result->code || agentless) && !f->heard && !late) {
		f->agentless = agentless;
		f->state = FENCE_OFF;
		if (!f->kept)
			f->off = now;
		f->kept = false;
		f->failed = 0;
		return true;
	}
	switch (result->end) {
	case WORKER_ENDED:
		if (!result->code || agentless)
			snprintf(how, sizeof(how), f->heard ? "the node was heard while the command ran" :
				 "this machine stood still while it asked");
		else if (rules->split)
			snprintf(how, sizeof(how), "%s", probe_words(result->code));
		else
			snprintf(how, sizeof(how), "exit %d", result->code);
		break;
	case WORKER_KILLED:
		snprintf(how, sizeof(how), "killed by signal %d", result->code);
		break;
	case WORKER_TIMED_OUT:
		snprintf(how, sizeof(how), "it ran longer than %llu ms",
			 (unsigned long long)(result->timeout / CLOCK_MS));
		break;
	case WORKER_NOT_BEGUN:
		snprintf(how, sizeof(how), "not begun: %s", strerror(result->code));
		break;
	case WORKER_REFUSED:
		break;
	}
	fence_failed(f, rules, now, how);
	return false;
}

/**
 * fence_outlasts - check whether the command took longer than @rules->delay
 * @f:		the fence, whose command has ended
 * @rules:	the fence rules
 * @now:	the time at which the command ended
 *
 * The node with the larger voter id waits for @rules->delay before it begins its own command. If
 * the link between the nodes fails and this delay is too short, each node can switch the other
 * one off.
 *
 * Return: yes or no
 */
bool fence_outlasts(const struct fence *f, const struct fence_rules *rules,
		    uint64_t now)
{
	return !rules->split && now - f->began > rules->delay;
}

/**
 * fence_heard - note that the other node was heard
 * @f:	the fence
 *
 * Return: whether the other node counted as off until this call
 */
bool fence_heard(struct fence *f)
{
	bool counted = fence_counts(f);

	f->heard = true;
	f->failed = 0;
	f->pause = 0;
	f->kept = false;
	if (f->state == FENCE_OFF)
		f->state = FENCE_IDLE;
	return counted;
}

/**
 * fence_counts - check whether the other node counts as off, for some lease at least
 * @f:	the fence
 *
 * Return: yes or no
 */
bool fence_counts(const struct fence *f)
{
	return f->state == FENCE_OFF || f->kept;
}

/**
 * fence_lapse - note that the other node counts as off for no lease that this node holds
 * @f:	the fence
 *
 * The rules forget it with the right to the last such lease.
 */
void fence_lapse(struct fence *f)
{
	f->kept = false;
	if (f->state == FENCE_OFF && f->part)
		f->state = FENCE_IDLE;
}

static unsigned long long seconds(uint64_t ns)
{
	return (unsigned long long)((ns + CLOCK_SECOND - 1) / CLOCK_SECOND);
}

/**
 * fence_words - append the state of the fence to a text
 * @f:		the fence
 * @rules:	the fence rules; @split selects the words
 * @why:	result of fence_judge(), or of the checks that follow FENCE_DUE
 * @due:	when the command is due, if this node only has to wait
 * @name:	name of the other node
 * @now:	the time
 * @words:	text to which this function appends
 * @size:	size of @words, bytes
 */
void fence_words(const struct fence *f, const struct fence_rules *rules,
		 enum fence_why why, uint64_t due, const char *name,
		 uint64_t now, char *words, size_t size)
{
	const char *done = rules->split ? "presumed off" : "fenced";

	switch (why) {
	case FENCE_NEEDLESS:
		return;
	case FENCE_UNMET:
		words_add(words, size, "; %s cannot be %s, for it has not answered since this agent began",
		       name, done);
		break;
	case FENCE_PARTED:
		words_add(words, size, "; %s stopped in good order, and is not %s for another %llu s",
		       name, done, seconds(due > now ? due - now : 0));
		break;
	case FENCE_WAITS:
		words_add(words, size, "; %s is %s in %llu s%s", name, done,
		       seconds(due > now ? due - now : 0),
		       rules->split ? " if it does not answer" : "");
		break;
	case FENCE_WORKS:
		words_add(words, size, "; %s is being %s, for %llu s now", name,
		       rules->split ? "asked on the client links" : done,
		       seconds(now - f->began));
		break;
	case FENCE_COUNTS:
	case FENCE_DUE:
	case FENCE_EARLY:
		words_add(words, size, "; %s is %s", name, done);
		break;
	case FENCE_TOLD:
		words_add(words, size, "; %s is presumed off, but may hold it by a right that lasts for another %llu s at most",
			  name, seconds(due > now ? due - now : 0));
		break;
	case FENCE_RESTS:
		words_add(words, size, "; %s is in maintenance, so it is not %s", name, done);
		break;
	case FENCE_UNLINKED:
		words_add(words, size, "; %s is not %s, for this node itself has no link on any path",
		       name, done);
		break;
	case FENCE_MUTE:
		words_add(words, size, "; %s is not %s, for no command can be begun", name, done);
		break;
	}
	if (f->failed && rules->split)
		words_add(words, size, "; asked %u time%s, last: %s", f->failed,
		       hasw_s(f->failed), f->last);
	else if (f->failed)
		words_add(words, size, "; fencing %s failed %u time%s, last: %s", name,
		       f->failed, hasw_s(f->failed), f->last);
}
