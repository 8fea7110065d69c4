// SPDX-License-Identifier: GPL-2.0
/*
 * `haadm failover` asks the agents to move a lease to another node, and waits up to 3 s for the move. `haadm lease
 * release` without a successor asks for the same move.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "haadm/ask_agent.h"
#include "haadm/commands.h"
#include "haadm/diagnose.h"
#include "lib/generated/spec_gen.h"

#define ANSWERED_MS	1000	/* timeout for an agent's answer to the request, ms */
#define MOVED_MS	3000	/* timeout for the whole move, ms since the request */
#define NO_ANSWER	-1

struct failover {
	struct haadm *haadm;
	const char *lease;
	const char *to;			/* the node that must get the lease; NULL: the agents choose one */
	char from[HASWITCH_NAME_MAX + 1];	/* holder before the request; "": none */
	char now[HASWITCH_NAME_MAX + 1];	/* holder to which the lease was granted since the request; "": none */
	uint64_t state;			/* state of node `to`; HASWITCH_NODE_STATE_UP if the module does not know it */
	struct hasw_lease free;		/* what the module knows of a lease without a holder, for why_lease_free() */
	int answer;			/* enum haswitch_move_answer, or NO_ANSWER */
	bool held;			/* this machine held the lease before the request */
	struct hasw_sock events;
	struct hasw_error err;
};

static const struct key keys[] = {
	{ "to", "NODE", VALUE_NAME, HASWITCH_A_LEASE_SUCCESSOR },
	KEYS_END
};

static const struct field fields[] = {
	{ "lease", NULL, HASWITCH_A_LEASE_NAME, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "holder", NULL, HASWITCH_A_LEASE_HOLDER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "epoch", NULL, HASWITCH_A_LEASE_EPOCH, FORM_ATTR, WHEN_ALWAYS, 0 },
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int take_holder(const struct hasw_record *rec, void *data)
{
	const char *holder = hasw_string(rec, HASWITCH_A_LEASE_HOLDER);
	char *to = data;

	snprintf(to, HASWITCH_NAME_MAX + 1, "%s", holder ? holder : "");
	return 0;
}

/* Takes the lease as it was before the request. */
static int take_before(const struct hasw_record *rec, void *data)
{
	struct failover *f = data;

	f->free.floor = hasw_has(rec, HASWITCH_A_LEASE_FLOOR);
	if (hasw_has(rec, HASWITCH_A_LEASE_SUCCESSOR))
		snprintf(f->free.successor, sizeof(f->free.successor), "%s", hasw_string(rec, HASWITCH_A_LEASE_SUCCESSOR));
	return take_holder(rec, f->from);
}

static int take_held(const struct hasw_record *rec, void *data)
{
	struct failover *f = data;

	f->held = hasw_has(rec, HASWITCH_A_LEASE_HELD);
	return take_holder(rec, f->from);
}

static int ask_lease(struct failover *f, hasw_record_fn fn, void *data)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_LEASE_GET, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, f->lease);
	return hasw_get(&f->haadm->sock, &msg, fn, data, &f->err);
}

static int take_state(const struct hasw_record *rec, void *data)
{
	struct failover *f = data;

	f->state = hasw_number(rec, HASWITCH_A_NODE_STATE, HASWITCH_NODE_STATE_UP);
	return 0;
}

/*
 * Reads the state of node `to`. It is no error if the module does not have the node, because the agents might know it.
 */
static int ask_node(struct failover *f)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	int ret;

	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, f->to);
	ret = hasw_get(&f->haadm->sock, &msg, take_state, f, &f->err);
	return ret == -ENOENT ? 0 : ret;
}

/*
 * Refuses a move of a lease that has no holder for all that the module knows, for the reason that `haadm status` shows.
 * The agent's reason comes first, because only the agents know the vote. If no agent answers, its absence is added.
 */
static enum status refuse_unheld(struct failover *f)
{
	struct hasw_error err;
	json_t *agent = ask_agent(false, &err);
	const char *why = ask_agent_why(agent, f->lease), *mute = NULL;
	enum status status;

	if (!agent && err.code != EACCES)
		mute = err.text;
	if (!why)
		why = why_lease_free(&f->free);
	status = haadm_complain(f->haadm, STATUS_REFUSED,
				"nobody is known to hold lease %s, so nobody can hand it over: %s%s%s", f->lease, why,
				mute ? "; " : "", mute ? mute : "");
	json_decref(agent);
	return status;
}

/* Refuses a move that cannot succeed according to the module's state. The agents are then not asked. */
static enum status refuse(struct failover *f)
{
	if (!*f->from)
		return refuse_unheld(f);
	if (f->to && !strcmp(f->to, f->from))
		return haadm_complain(f->haadm, STATUS_REFUSED, "%s holds lease %s already", f->to, f->lease);
	if (f->state != HASWITCH_NODE_STATE_UP && f->state != HASWITCH_NODE_STATE_HELD)
		return haadm_complain(f->haadm, STATUS_REFUSED, "node %s is not up, but %s", f->to,
				      hasw_enum_name(&hasw_enum_node_state, f->state));
	return STATUS_OK;
}

static int ask_agents(struct failover *f)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_LEASE_MOVE, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, f->lease);
	if (f->to)
		hasw_put_string(&msg, HASWITCH_A_LEASE_SUCCESSOR, f->to);
	return hasw_call(&f->haadm->sock, &msg, &f->err);
}

static int on_event(const struct hasw_record *rec, void *data)
{
	uint64_t kind = hasw_number(rec, HASWITCH_A_EVENT_KIND, UINT64_MAX);
	const char *lease = hasw_string(rec, HASWITCH_A_EVENT_LEASE);
	const char *node = hasw_string(rec, HASWITCH_A_EVENT_NODE);
	struct failover *f = data;

	if (!lease || strcmp(lease, f->lease))
		return 0;
	if (kind == HASWITCH_EVENT_KIND_LEASE_MOVE && hasw_has(rec, HASWITCH_A_EVENT_ANSWER))
		f->answer = (int)hasw_number(rec, HASWITCH_A_EVENT_ANSWER, 0);
	/*
	 * A grant to the old holder is ignored until the move has begun. After that, it means that no other node could
	 * take the lease, so the wait ends.
	 */
	if (kind == HASWITCH_EVENT_KIND_LEASE && node &&
	    hasw_number(rec, HASWITCH_A_EVENT_CAUSE, 0) == HASWITCH_CAUSE_GRANTED &&
	    (strcmp(node, f->from) || f->answer == HASWITCH_MOVE_ANSWER_BEGUN))
		snprintf(f->now, sizeof(f->now), "%s", node);
	return 0;
}

static bool refused(const struct failover *f)
{
	return f->answer != NO_ANSWER && f->answer != HASWITCH_MOVE_ANSWER_BEGUN &&
	       f->answer != HASWITCH_MOVE_ANSWER_PASSED;
}

static int take_now(const struct hasw_record *rec, void *data)
{
	struct failover *f = data;

	take_holder(rec, f->now);
	if (!strcmp(f->now, f->from))
		*f->now = '\0';
	return 0;
}

/* Waits until the lease is granted to a node, an agent refuses the move, or the timeout expires. */
static int wait_for(struct failover *f)
{
	struct pollfd fd = { .fd = hasw_sock_fd(&f->events), .events = POLLIN };
	uint64_t begun = now_ms(), now;
	int ret;

	while (!*f->now && !refused(f)) {
		uint64_t until = begun + (f->answer == NO_ANSWER ? ANSWERED_MS : MOVED_MS);

		now = now_ms();
		if (now >= until)
			return 0;
		ret = poll(&fd, 1, (int)(until - now));
		if (ret < 0 && errno != EINTR)
			return hasw_fail(&f->err, errno, "cannot wait: %s", strerror(errno));
		ret = hasw_events(&f->events, on_event, f, &f->err);
		/* If events were lost, the lease's holder is read from the module instead. */
		if (ret == -ENOBUFS)
			ret = ask_lease(f, take_now, f);
		if (ret)
			return ret;
	}
	return 0;
}

/* Tells why no agent has answered: no agent runs here; or it does, and waits for the module. */
static enum status explain_silence(const struct failover *f)
{
	struct hasw_error err;
	json_t *agent = ask_agent(true, &err);
	bool runs = agent || err.code == EACCES;

	json_decref(agent);
	if (runs)
		return haadm_complain(f->haadm, STATUS_REFUSED,
				      "the agent of this node runs, but has not answered within 1 s, as the module answers it slowly. Lease %s may move yet: see 'haadm lease show %s', or try again",
				      f->lease, f->lease);
	return haadm_complain(f->haadm, STATUS_REFUSED, "no agent has answered: haagentd must run on this node and on %s, which holds lease %s", f->from, f->lease);
}

static enum status explain(const struct failover *f)
{
	const struct haadm *haadm = f->haadm;
	const char *to = f->to ? f->to : "another node";

	switch (f->answer) {
	case NO_ANSWER:
		return explain_silence(f);
	case HASWITCH_MOVE_ANSWER_NO_LEASE:
		return haadm_complain(haadm, STATUS_REFUSED, "the agents do not know lease %s: every node needs it ('haadm lease add %s')", f->lease, f->lease);
	case HASWITCH_MOVE_ANSWER_NO_HOLDER:
		return haadm_complain(haadm, STATUS_REFUSED, "no agent is known to hold lease %s any more", f->lease);
	case HASWITCH_MOVE_ANSWER_NO_NODE:
		return haadm_complain(haadm, STATUS_REFUSED, "the agents know no node %s", to);
	case HASWITCH_MOVE_ANSWER_HOLDS:
		return haadm_complain(haadm, STATUS_REFUSED, "%s holds lease %s already", to, f->lease);
	case HASWITCH_MOVE_ANSWER_WITNESS:
		return haadm_complain(haadm, STATUS_REFUSED, "%s is a witness, which only votes", to);
	case HASWITCH_MOVE_ANSWER_UNHEARD:
		return haadm_complain(haadm, STATUS_REFUSED, "%s, which holds lease %s, does not hear node %s", f->from, f->lease, to);
	case HASWITCH_MOVE_ANSWER_UNFIT:
		return haadm_complain(haadm, STATUS_REFUSED, "node %s is not up, may not hold lease %s ('only', or its device is protodown there), or asks for no lease ('haadm status' there tells why), so %s goes on holding it", to, f->lease, f->from);
	case HASWITCH_MOVE_ANSWER_NOBODY:
		return haadm_complain(haadm, STATUS_REFUSED, "no other node is heard and up, so nobody could hold lease %s", f->lease);
	case HASWITCH_MOVE_ANSWER_NO_VOTE:
		return haadm_complain(haadm, STATUS_REFUSED, "the agent of this node takes no part in the vote on leases");
	default:
		return haadm_complain(haadm, STATUS_REFUSED, "no node but %s is known to hold lease %s within 3 s; 'haadm lease show' and the agents' logs tell more", f->from, f->lease);
	}
}

static int print(const struct hasw_record *rec, void *data)
{
	struct out *out = data;

	out_list_begin(out);
	out_record(out, rec, fields, N_FIELDS(fields));
	out_list_end(out);
	return 0;
}

static enum status move(struct failover *f)
{
	enum status status;
	int ret = ask_lease(f, take_before, f);

	if (!ret && f->to)
		ret = ask_node(f);
	if (ret)
		return haadm_error(f->haadm, &f->err);
	status = refuse(f);
	if (status)
		return status;
	if (ask_agents(f) || wait_for(f))
		return haadm_error(f->haadm, &f->err);
	if (!*f->now)
		return explain(f);
	if (ask_lease(f, print, &f->haadm->out))
		return haadm_error(f->haadm, &f->err);
	if (!f->to && !strcmp(f->now, f->from))
		return haadm_complain(f->haadm, STATUS_REFUSED, "no other node has taken lease %s, so %s holds it again", f->lease, f->now);
	if (f->to && strcmp(f->now, f->to))
		return haadm_complain(f->haadm, STATUS_REFUSED, "node %s has not taken lease %s, but %s", f->to, f->lease, f->now);
	return STATUS_OK;
}

/* Opens the socket for events, then calls FN. The subscription comes first, so that no answer is missed. */
static enum status with_events(struct failover *f, enum status (*fn)(struct failover *f))
{
	enum status status;

	if (hasw_sock_open(&f->events, &f->err))
		return haadm_error(f->haadm, &f->err);
	status = hasw_subscribe(&f->events, &f->err) ? haadm_error(f->haadm, &f->err) : fn(f);
	hasw_sock_close(&f->events);
	return status;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct failover f = { .haadm = haadm, .lease = req->name, .answer = NO_ANSWER };

	if (request_has(req, HASWITCH_A_LEASE_SUCCESSOR))
		f.to = req->value[HASWITCH_A_LEASE_SUCCESSOR].text;
	if (!haadm_sock(haadm))
		return STATUS_REFUSED;
	return with_events(&f, move);
}

/* Has the agents move a lease that this machine holds. If no agent begins the move, tells why. */
static enum status give(struct failover *f)
{
	if (ask_agents(f) || wait_for(f))
		return haadm_error(f->haadm, &f->err);
	if (!*f->now)
		return explain(f);
	if (!strcmp(f->now, f->from))
		return haadm_complain(f->haadm, STATUS_REFUSED, "no other node has taken lease %s, so %s holds it again", f->lease, f->now);
	return STATUS_OK;
}

/* Returns whether the agent of this machine votes. If not, tells why. An agent that denies its state to this user votes. */
static bool agent_votes(const struct failover *f)
{
	struct hasw_error err;
	json_t *agent = ask_agent(false, &err), *vote = json_object_get(agent, "vote");
	const char *why = json_string_value(json_object_get(vote, "reason"));
	bool votes = agent ? json_is_true(json_object_get(vote, "runs")) : err.code == EACCES;

	if (!agent && !votes)
		haadm_complain(f->haadm, STATUS_OK, "%s", err.text);
	else if (!votes)
		haadm_complain(f->haadm, STATUS_OK, "the agent of this node takes no part in the vote on leases%s%s",
			       why ? ": " : "", why ? why : "");
	json_decref(agent);
	return votes;
}

enum status failover_release(struct haadm *haadm, const struct request *req)
{
	struct failover f = { .haadm = haadm, .lease = req->name, .answer = NO_ANSWER };
	enum status status;

	if (!haadm_sock(haadm))
		return STATUS_REFUSED;
	if (ask_lease(&f, take_held, &f))
		return haadm_error(haadm, &f.err);
	if (f.held && agent_votes(&f)) {
		status = with_events(&f, give);
		if (!status)
			return status;
		/* Whoever releases a lease wants to be rid of it. So it is released even if no other node takes it. */
		if (ask_lease(&f, take_held, &f))
			return haadm_error(haadm, &f.err);
		if (!f.held)
			return STATUS_OK;
	}
	status = change_run(haadm, req);
	if (status && !f.held && *f.from && !request_has(req, HASWITCH_A_LEASE_EPOCH))
		haadm_complain(haadm, status, "%s holds lease %s: have it moved by haadm failover %s", f.from, f.lease, f.lease);
	if (!status && f.held)
		haadm_complain(haadm, STATUS_OK, "lease %s is released by the module alone: packets are lost until a node holds it", f.lease);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, "LEASE [ to NODE ]", HASWITCH_CMD_LEASE_MOVE, SUBJECT_NAME, false, HASWITCH_A_LEASE_NAME,
	  keys, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_failover = { "failover", "has another node hold a lease", verbs };
