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

static void oracle_alone(int id, int lease)
{
	u64 own = world.node[id].module[lease].owns;

	for (int i = 0; i < world.nodes; i++) {
		u64 other = world.node[i].module[lease].owns;

		if (i != id && other > world.now && own > world.now) {
			trace("lease %d: node %d is seen until %.6f, node %d until %.6f",
			      lease, id, (double)own / 1e9, i, (double)other / 1e9);
			violation("two nodes are valid at once");
		}
	}
}

static void oracle_epoch(int lease, u64 epoch, int begins)
{
	u64 *highest = &world.highest[lease];

	/* Who was presumed off wrongly may later presume the other one off, and does not know its epochs. */
	if (epoch < *highest && world.split)
		return;
	if (epoch < *highest)
		violation("a lower epoch after a higher one");
	else if (epoch == *highest && begins)
		violation("an epoch is used for a second grant");
	else
		*highest = epoch;
}

/* A frame decided just before the deadline is on its way for a margin of true time. */
static void oracle_until(struct node *n, struct module *m)
{
	m->owns = true_time(n, m->right.deadline) + world.t.margin;
}

int module_held(int id, int lease)
{
	struct node *n = &world.node[id];

	return hasw_right_held(&n->module[lease].right, local_time(n));
}

/* A restart would wait for what has long run out. */
static void oracle_longs(int id)
{
	const struct hasw_seat *s = &world.node[id].seat;

	for (unsigned int lease = 0; !s->syncing && lease < s->n; lease++) {
		const struct hasw_voter *v = &s->lease[lease].voter;
		struct hasw_voter_long old = hasw_voter_long_of(&s->disk, v->lease);

		if (old.epoch && v->epoch && v->holder != old.holder)
			violation("a long record that ran out is still on the disk");
	}
}

/* When all is well again and has been for long enough, somebody has each lease; unless more than half of the voters
 * have lost what they knew, which only an operator can mend (rule 17).
 */
void oracle_owned(void)
{
	u32 know = 0;

	for (int i = 0; i < world.nodes; i++)
		if (world.node[i].seat.disk.known)
			know |= 1U << i;
	/* Nor can less than all of those who know nothing begin anew (rule 22). */
	if (know & world.set.voters && !hasw_vote_half(know, world.set.voters)) {
		if (!world.forgot && world.set.generation == 1 && !world.changing)
			violation("a new cluster never begins");
		return;
	}
	world.healed = 1;
	/* A set of two does not grow. */
	if (world.changing && hasw_vote_count(world.set.voters) != 2)
		violation("a change of the voter set never ends");
	for (int i = 0; i < world.nodes; i++)
		oracle_longs(i);
	for (int lease = 0; lease < world.leases; lease++) {
		int id = 0;

		while (id < world.nodes && !module_held(id, lease))
			id++;
		if (id < world.nodes)
			continue;
		trace("lease %d: nobody has it", lease);
		for (int i = 0; i < world.nodes; i++) {
			const struct hasw_seat *s = &world.node[i].seat;
			const struct hasw_proposer *p = &s->lease[lease].proposer;

			trace("node %d: set %u %x, votes in %u %x, known %d, wants %d, state %d", i, s->set.generation,
			      s->set.voters, s->disk.generation, s->disk.voters, s->disk.known, p->want, p->state);
		}
		violation("nobody has a lease, long after the last fault");
	}
}

/* All voters have lost what they knew, and begin anew: what was committed is lost, and nothing is promised of the
 * epochs that only a node knows which cannot be asked.
 */
void oracle_anew(void)
{
	for (int i = 0; i < world.nodes; i++)
		if (world.set.voters & 1U << i && world.node[i].seat.disk.known)
			return;
	trace("nobody knows anything: the cluster begins anew");
	/* A node that has no vote may come back with what it knew, under a higher epoch. */
	if (world.config_top)
		world.begun_again = 1;
	world.config_top = 0;
	for (int i = 0; i < MODEL_GENERATIONS; i++)
		world.config[i] = 0;
	for (int lease = 0; lease < world.leases; lease++)
		world.highest[lease] = 0;
}

void oracle_clock(int id)
{
	struct node *n = &world.node[id];

	for (int lease = 0; lease < world.leases; lease++)
		if (module_held(id, lease)) {
			oracle_until(n, &n->module[lease]);
			oracle_alone(id, lease);
		}
}

void oracle_config(int id, const struct hasw_vote_conf *conf)
{
	u64 *blob;

	if (conf->generation >= MODEL_GENERATIONS || world.begun_again)
		return;
	blob = &world.config[conf->generation];
	trace("node %d: configuration %llu is %llu, epoch %llx", id, (unsigned long long)conf->generation,
	      (unsigned long long)conf->blob, (unsigned long long)conf->epoch);
	if (*blob && *blob != conf->blob)
		violation("two configurations of one generation");
	/* Late news of one whose module has given up meanwhile, of which its agent has not heard. */
	if (!module_held(id, HASW_SEAT_CONFIG))
		return;
	if (conf->generation < world.config_top)
		violation("a committed configuration is lost");
	*blob = conf->blob;
	if (conf->generation > world.config_top)
		world.config_top = conf->generation;
}

/* Who holds says so to all others, as agents do in their heartbeats. */
static void module_claim(int id, int lease, u64 epoch, u64 length)
{
	struct hasw_vote_msg m = {
		.type = MODEL_CLAIM, .lease = world.node[id].seat.lease[lease].number, .epoch = epoch, .length = length,
	};

	for (int i = 0; i < world.nodes; i++)
		if (i != id)
			net_send(id, i, &m);
}

void module_set(int id, int lease, u64 epoch, u64 deadline)
{
	struct node *n = &world.node[id];
	struct module *m = &n->module[lease];
	u64 now = local_time(n);
	enum hasw_ruling ruling = n->banned ? HASW_RULING_GOING :
				  hasw_right_set(&m->right, now, epoch, id + 1, deadline);

	if (ruling != HASW_RULING_GRANT && ruling != HASW_RULING_RENEW) {
		trace("node %d: module refuses %llx, ruling %d", id, (unsigned long long)epoch, ruling);
		hasw_seat_refused(&n->seat, (unsigned int)lease, now);
		return;
	}
	/* The epoch may move on within a grant. */
	int begins = ruling == HASW_RULING_GRANT && !hasw_right_held(&m->right, now);

	trace("node %d: %s lease %d, %llx until %.6f (in %.3f ms)", id, begins ? "OWNS" : "keeps", lease,
	      (unsigned long long)epoch, (double)true_time(n, deadline) / 1e9, (double)(deadline - now) / 1e6);
	hasw_right_take(&m->right, epoch, id + 1, deadline);
	if (m->last < deadline || ruling == HASW_RULING_RENEW)
		m->last = deadline;
	oracle_epoch(lease, epoch, ruling == HASW_RULING_GRANT);
	oracle_until(n, m);
	oracle_alone(id, lease);
	if (world.claims)
		module_claim(id, lease, epoch, deadline - now);
	world.grants++;
	world.begun += begins;
	if (world.figures == FIGURES_HOLD) {
		if (world.crashed && !world.taken && deadline > now + 2 * world.t.slowest)
			world.taken = world.now;
		world.lapsed |= begins && world.crashed;
	} else if (begins && world.crashed && !world.taken && id != world.crashed_node) {
		world.taken = world.now;
	}
}

/* Stops answering at once; is done when no frame can be on its way any more. */
void module_stop(int id, int lease)
{
	struct node *n = &world.node[id];
	const struct hasw_proposer *p = &n->seat.lease[lease].proposer;
	struct module *m = &n->module[lease];
	u64 now = local_time(n), burn, done = world.now, quiet;
	int held = hasw_right_held(&m->right, now);
	struct event *e;

	burn = p->epoch > p->next ? p->epoch : p->next;
	quiet = m->last + world.t.margin + world.t.margin * world.t.rho / 1000000 + 1;
	if (held) {
		m->grace = world.now + 50 * US + chance(chance(4) ? 8 * MS : 30 * MS);
		if (m->owns > m->grace)
			m->owns = m->grace;
		if (!HASW_RULES_WRONG(EARLY_RELEASE))
			done = m->grace;
		m->last = 0;
	} else {
		if (m->grace > done && !HASW_RULES_WRONG(SECOND_STOP))
			done = m->grace;
		if (m->last && quiet > now && true_time(n, quiet) > done && !HASW_RULES_WRONG(QUIET))
			done = true_time(n, quiet);
	}
	if (HASW_RULES_WRONG(NO_BURN) || HASW_RULES_WRONG(GIVEN_UP) || HASW_RULES_WRONG(SAME_EPOCH))
		m->right.epoch = 0;
	else
		hasw_right_end(&m->right, burn);
	trace("node %d: stops lease %d, done in %.3f ms", id, lease, (double)(done - world.now) / 1e6);
	e = event_add(done, EVENT_STOPPED, id);
	e->serial = n->lives;
	e->lease = lease;
}

/* It gives up a grant by itself, and says so: after a grace period, or in a panic at once, when what was decided before
 * may still be on its way.
 */
void module_resign(int id, int lease, int panic)
{
	struct node *n = &world.node[id];
	struct module *m = &n->module[lease];
	u64 grace = panic ? world.t.margin : 50 * US + chance(8 * MS), epoch = m->right.epoch;

	if (!module_held(id, lease))
		return;
	trace("node %d: its module resigns lease %d, %llx%s", id, lease, (unsigned long long)epoch,
	      panic ? ", in a panic" : "");
	if (m->owns > world.now + grace)
		m->owns = world.now + grace;
	m->grace = world.now + grace;
	m->last = 0;
	hasw_right_end(&m->right, 0);
	event_add(world.now + chance(2 * MS), EVENT_LOST, id)->lease = lease;
	node_resign(id, lease, epoch, panic ? world.now : m->grace, panic);
}

/* Without power nothing is sent; what was known is gone. */
void module_crash(int id)
{
	struct node *n = &world.node[id];

	for (int lease = 0; lease < world.leases; lease++) {
		struct module *m = &n->module[lease];

		u64 way = m->grace > world.now ? m->grace : world.now;

		m->right = (struct hasw_right){ .floor = 1 };
		m->last = 0;
		m->grace = 0;
		m->claimed = 0;
		if (m->owns > way)
			m->owns = way;
	}
}
