// SPDX-License-Identifier: GPL-2.0
/* The modules of all nodes, and the oracle: no two of them are ever valid at once, epochs only grow. */
#include "model.h"

/* It knows nothing of the rules: who may be seen on the wire until when, by true time. */
void violation(const char *what)
{
	if (!world.violation) {
		world.violation = what;
		trace("VIOLATION: %s", what);
	}
}

static void oracle_alone(int id)
{
	for (int i = 0; i < world.nodes; i++)
		if (i != id && world.node[i].owns > world.now && world.node[id].owns > world.now) {
			trace("node %d is seen until %.6f, node %d until %.6f", id,
			      (double)world.node[id].owns / 1e9, i, (double)world.node[i].owns / 1e9);
			violation("two nodes are valid at once");
		}
}

static void oracle_epoch(u64 epoch, int begins)
{
	if (epoch < world.highest)
		violation("a lower epoch after a higher one");
	else if (epoch == world.highest && begins)
		violation("an epoch is used for a second tenure");
	else
		world.highest = epoch;
}

/* A frame decided just before the deadline is on its way for a margin of true time. */
static void oracle_until(struct node *n)
{
	n->owns = true_time(n, n->right.deadline) + world.t.margin;
}

void oracle_clock(int id)
{
	struct node *n = &world.node[id];

	if (n->right.epoch && local_time(n) < n->right.deadline) {
		oracle_until(n);
		oracle_alone(id);
	}
}

void oracle_config(int id, const struct hasw_vote_conf *conf)
{
	u64 *blob;

	if (conf->generation >= MODEL_GENERATIONS)
		return;
	blob = &world.config[conf->generation];
	trace("node %d: configuration %llu is %llu, epoch %llx", id, (unsigned long long)conf->generation,
	      (unsigned long long)conf->blob, (unsigned long long)conf->epoch);
	if (*blob && *blob != conf->blob)
		violation("two configurations of one generation");
	if (conf->generation < world.config_top)
		violation("a committed configuration is lost");
	*blob = conf->blob;
	if (conf->generation > world.config_top)
		world.config_top = conf->generation;
}

void module_set(int id, u64 epoch, u64 deadline)
{
	struct node *n = &world.node[id];
	u64 now = local_time(n);
	enum hasw_ruling ruling = hasw_right_set(&n->right, now, epoch, id + 1, deadline);

	if (ruling != HASW_RULING_GRANT && ruling != HASW_RULING_RENEW) {
		trace("node %d: module refuses %llx, ruling %d", id, (unsigned long long)epoch, ruling);
		hasw_proposer_refused(&n->proposer, now);
		return;
	}
	/* The epoch may move on within a tenure. */
	int begins = ruling == HASW_RULING_GRANT && !hasw_right_held(&n->right, now);

	trace("node %d: %s %llx until %.6f (in %.3f ms)", id, begins ? "OWNS" : "keeps", (unsigned long long)epoch,
	      (double)true_time(n, deadline) / 1e9, (double)(deadline - now) / 1e6);
	hasw_right_take(&n->right, epoch, id + 1, deadline);
	if (n->last < deadline || ruling == HASW_RULING_RENEW)
		n->last = deadline;
	oracle_epoch(epoch, ruling == HASW_RULING_GRANT);
	oracle_until(n);
	oracle_alone(id);
	world.grants++;
	world.tenures += begins;
	if (begins && world.crashed && !world.taken && id != world.crashed_node)
		world.taken = world.now;
}

/* Stops answering at once; is done when no frame can be on its way any more. */
void module_stop(int id)
{
	struct node *n = &world.node[id];
	u64 now = local_time(n), burn, done = world.now, quiet;
	int held = hasw_right_held(&n->right, now);
	struct event *e;

	burn = n->proposer.epoch > n->proposer.next ? n->proposer.epoch : n->proposer.next;
	quiet = n->last + world.t.margin + world.t.margin * world.t.rho / 1000000 + 1;
	if (held) {
		n->grace = world.now + 50 * US + chance(chance(4) ? 8 * MS : 30 * MS);
		if (n->owns > n->grace)
			n->owns = n->grace;
		if (!HASW_RULES_WRONG(EARLY_RELEASE))
			done = n->grace;
		n->last = 0;
	} else {
		if (n->grace > done && !HASW_RULES_WRONG(SECOND_STOP))
			done = n->grace;
		if (n->last && quiet > now && true_time(n, quiet) > done && !HASW_RULES_WRONG(QUIET))
			done = true_time(n, quiet);
	}
	if (HASW_RULES_WRONG(NO_BURN) || HASW_RULES_WRONG(GIVEN_UP) || HASW_RULES_WRONG(SAME_EPOCH))
		n->right.epoch = 0;
	else
		hasw_right_end(&n->right, burn);
	trace("node %d: stops, done in %.3f ms", id, (double)(done - world.now) / 1e6);
	e = event_add(done, EVENT_STOPPED, id);
	e->serial = n->lives;
}

/* Without power nothing is sent; what was known is gone. */
void module_crash(int id)
{
	struct node *n = &world.node[id];

	n->right = (struct hasw_right){ .floor = 1 };
	n->last = 0;
	n->grace = 0;
	if (n->owns > world.now)
		n->owns = world.now;
}
