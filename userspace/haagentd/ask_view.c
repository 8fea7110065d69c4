// SPDX-License-Identifier: GPL-2.0
/* The agent's state as JSON, which answers `haadm agent show`. */
#include <stdio.h>
#include <string.h>

#include "lib/version.h"

#include "ask_view.h"
#include "children.h"
#include "clock.h"

/* A round trip is told for so long after it was measured, ns. A node that holds no lease asks seldom. */
#define ROUND_TRIP_OLD	(60 * CLOCK_SECOND)

static void names(struct json *j, const char *key, const struct vote *v,
		  uint32_t ids)
{
	unsigned int id;

	json_list(j, key);
	for (id = 0; id < v->map.n; id++)
		if (ids & 1U << id)
			json_text(j, NULL, v->map.names[id]);
	json_list_end(j);
}

static void view_split(struct json *j, const struct vote *v, uint64_t now)
{
	bool off;
	uint64_t age;
	const char *other = vote_fence_split(v, now, &off, &age);

	if (!other)
		return;
	json_object(j, "split");
	json_text(j, "node", other);
	json_flag(j, "presumed_off", off);
	if (off)
		json_number(j, "age", age);
	json_object_end(j);
}

static void view_vote(struct json *j, const struct vote *v, uint64_t now)
{
	json_object(j, "vote");
	json_flag(j, "runs", v->begun);
	if (!v->begun && v->why[0])
		json_text(j, "reason", v->why);
	if (v->bar[0])
		json_text(j, "barred", v->bar);
	if (v->begun) {
		json_flag(j, "knows", v->seat.disk.known);
		json_number(j, "mute", hasw_seat_mute(&v->seat, now));
		json_number(j, "length", v->seat.usual);
		json_number(j, "set", v->seat.set.generation);
		if (v->sets.why[0])
			json_text(j, "change", v->sets.why);
		names(j, "nodes", v, vote_map_nodes(&v->map));
		names(j, "voters", v, v->map.voters);
		names(j, "witnesses", v, v->map.witnesses & v->map.voters);
		names(j, "heard", v, vote_heard(v));
		view_split(j, v, now);
	}
	json_object_end(j);
}

static void view_config(struct json *j, const struct vote *v, uint64_t now)
{
	uint32_t changed, behind;

	if (!v->begun || !v->config.committed.generation)
		return;
	vote_config_differs(v, now, &changed, &behind);
	json_object(j, "configuration");
	json_number(j, "generation", v->config.committed.generation);
	names(j, "changed", v, changed);
	names(j, "behind", v, behind);
	json_object_end(j);
}

/* Writes which configuration a node runs, if that is known here, and anything was ever committed. */
static void view_runs(struct json *j, const struct vote *v, unsigned int id, uint64_t now)
{
	struct hasw_vote_conf runs;
	uint8_t state;
	char hash[24];

	if (!v->begun || !v->config.committed.generation || !vote_config_of(v, id, now, &runs, &state))
		return;
	if (runs.generation) {
		snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)runs.blob);
		json_number(j, "config_generation", runs.generation);
		json_text(j, "config_hash", hash);
	}
	json_text(j, "config_state", config_state_word(state));
}

static void view_lease(struct json *j, const struct vote *v, unsigned int slot,
		       uint64_t now)
{
	struct vote_view view;

	vote_view(v, slot, now, &view);
	json_object(j, NULL);
	json_text(j, "lease", v->lease[slot].name);
	json_text(j, "holder", view.holder);
	if (view.holder) {
		json_number(j, "epoch", view.epoch);
		json_number(j, "remaining", view.remaining);
		json_text(j, "successor", view.successor);
		if (view.successor)
			json_flag(j, "planned_only", view.planned);
		else
			json_text(j, "successor_reason", view.why);
	} else {
		json_text(j, "reason", view.why);
	}
	json_flag(j, "wanted", view.wanted);
	json_object_end(j);
}

/* The packets of a sender that were refused since this agent began, by reason; nothing if there are none. */
static void view_refused(struct json *j, const char *key, const struct refused *r, uint64_t now)
{
	int why;

	if (!refused_total(r))
		return;
	json_object(j, key);
	for (why = 0; why < REFUSED_WHYS; why++)
		if (r->total[why])
			json_number(j, refused_word(why), r->total[why]);
	if (r->last)
		json_number(j, "age", now > r->last ? now - r->last : 0);
	json_object_end(j);
}

static void view_path(struct json *j, const struct cluster *c,
		      const struct peer *peer, unsigned int path, uint64_t now)
{
	const struct peer_path *p = &peer->paths[path];

	json_object(j, NULL);
	json_text(j, "path", c->paths[path].conf.name);
	json_text(j, "state", peer_way_word(p->way));
	json_number(j, "port", c->paths[path].conf.port);
	if (p->heard)
		json_number(j, "age", now > p->heard ? now - p->heard : 0);
	json_object_end(j);
}

/* What the vote knows of a peer: whether its file agrees, how long its answers take, and which configuration it runs. */
static void view_voting(struct json *j, const struct vote *v, const struct cluster_peer *peer, uint64_t now)
{
	int id = vote_map_id(&v->map, peer->conf.name);

	if (!v->begun || id < 0)
		return;
	json_flag(j, "differs", v->peer[id].told);
	if (v->peer[id].round_trip && now - v->peer[id].measured < ROUND_TRIP_OLD)
		json_number(j, "round_trip", v->peer[id].round_trip);
	view_runs(j, v, (unsigned int)id, now);
}

/* For which limits of a node's load its share is lowered. A later release may know more of them. */
static void view_reached(struct json *j, uint8_t reached)
{
	unsigned int what;

	if (!reached)
		return;
	json_list(j, "reached");
	for (what = 0; what < LOAD_WHATS; what++)
		if (reached >> what & 1)
			json_text(j, NULL, load_words[what]);
	json_list_end(j);
}

/* A peer of an earlier release, which tells none, has null. */
static void view_release(struct json *j, const struct cluster_peer *peer)
{
	if (peer->release.text[0])
		json_text(j, "release", peer->release.text);
	else if (peer->peer.state == PEER_HEARD && !(peer->capabilities & WIRE_TELLS_RELEASE))
		json_text(j, "release", NULL);
}

static void view_peer(struct json *j, const struct agent *a, const struct cluster_peer *peer, uint64_t now)
{
	const struct cluster *c = &a->cluster;
	char why[MISSED_TEXT];
	unsigned int p;

	json_object(j, NULL);
	json_text(j, "node", peer->conf.name);
	json_flag(j, "witness", peer->conf.witness);
	view_release(j, peer);
	json_text(j, "state", peer_state_word(peer->peer.state));
	if (peer->peer.heard)
		json_number(j, "age", now > peer->peer.heard ? now - peer->peer.heard : 0);
	if (peer->wall.apart && peer->peer.state == PEER_HEARD)
		json_signed(j, "clock_ahead", peer->wall.ahead);
	if (missed_still(peer))
		json_text(j, "reason", missed_text(c, peer, now, why));
	view_refused(j, "refused", &peer->refused, now);
	if (peer->waits)
		json_flag(j, "catches_up", true);
	if (peer->share)
		json_number(j, "share", peer->share);
	view_reached(j, peer->reached);
	view_voting(j, &a->vote, peer, now);
	spans_view(&a->spans, peer->conf.name, j);
	json_list(j, "paths");
	for (p = 0; p < c->n_paths; p++)
		view_path(j, c, &peer->peer, p, now);
	json_list_end(j);
	json_object_end(j);
}

static void view_check(struct json *j, const struct check *c, uint64_t now)
{
	static const char *const outcomes[] = {
		[PLAN_GOOD] = "good", [PLAN_BAD] = "bad", [PLAN_UNSURE] = "unsure",
	};
	char service[HASW_SVC_TEXT];

	json_object(j, NULL);
	json_text(j, "service", hasw_svc_format(&c->conf.service, service));
	json_text(j, "node", c->conf.node);
	if (c->conf.at)
		json_number(j, "at", c->conf.at);
	json_text(j, "kind", plan_kind_word(c->conf.kind));
	if (c->conf.vip)
		json_flag(j, "through_vip", true);
	json_text(j, "health", check_health_word(c));
	if (c->conf.share && c->share)
		json_number(j, "share", c->share);
	if (c->follows)
		json_text(j, "from", c->from);
	if (c->held)
		json_number(j, "held_for", c->held > now ? c->held - now : 0);
	if (c->floor && c->floor->open)
		json_flag(j, "health_ignored", true);
	if (c->tried) {
		json_text(j, "result", outcomes[c->outcome]);
		json_text(j, "reason", c->text);
		json_number(j, "age", now > c->since ? now - c->since : 0);
		json_number(j, "took", c->took);
	}
	json_object_end(j);
}

/*
 * Writes the checks, those first that are not good: if there is no room for all, these are the ones to see. Return:
 * whether there was room for all.
 */
static bool view_checks(struct json *j, const struct checks *all, uint64_t now)
{
	bool complete = true;
	unsigned int pass, i;

	json_list(j, "checks");
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < all->n; i++) {
			const struct check *c = &all->list[i];
			bool good = c->judge.health == JUDGE_UP && c->tried &&
				    c->outcome == PLAN_GOOD && !c->held;

			if (good != (pass == 1))
				continue;
			complete &= json_has_room(j);
			if (json_has_room(j))
				view_check(j, c, now);
		}
	json_list_end(j);
	return complete;
}

/* Writes the services whose health is ignored. */
static bool view_ignored(struct json *j, const struct checks *all)
{
	char service[HASW_SVC_TEXT];
	bool complete = true;
	unsigned int i;

	json_list(j, "ignored");
	for (i = 0; i < all->n_floors; i++) {
		const struct floor *f = &all->floors[i];

		if (!f->open)
			continue;
		complete &= json_has_room(j);
		if (!json_has_room(j))
			break;
		json_object(j, NULL);
		json_text(j, "service", hasw_svc_format(&f->service, service));
		json_number(j, "members_count", f->n);
		json_number(j, "down", f->down);
		json_number(j, "min_healthy", f->percent);
		json_object_end(j);
	}
	json_list_end(j);
	return complete;
}

static void view_load(struct json *j, const struct load *l)
{
	unsigned int what;

	if (!l->conf.on)
		return;
	json_object(j, "load");
	for (what = 0; what < LOAD_WHATS; what++)
		if (l->is[what] != LOAD_UNKNOWN)
			json_number(j, load_words[what], (uint64_t)l->is[what]);
	if (load_share(l))
		json_number(j, "share", load_share(l));
	view_reached(j, load_reached(l));
	if (l->text[0])
		json_text(j, "reason", l->text);
	json_object(j, "limits");
	for (what = 0; what < LOAD_WHATS; what++)
		if (load_limit(&l->conf, what))
			json_number(j, load_words[what], load_limit(&l->conf, what));
	json_object_end(j);
	json_object_end(j);
}

/* Which settings come from the configuration of the cluster, and from which generation of it. */
static void view_agents(struct json *j, const struct conf *conf)
{
	unsigned int i;

	if (!conf->agents.text)
		return;
	json_object(j, "agents");
	json_number(j, "generation", conf->agents.generation);
	json_list(j, "settings");
	for (i = 0; conf_shared[i]; i++)
		if (conf->shared >> i & 1)
			json_text(j, NULL, conf_shared[i]);
	json_list_end(j);
	json_object_end(j);
}

/**
 * ask_view - write the agent's state as JSON
 * @agent:	the agent
 * @j:		the JSON writer
 * @now:	the time
 *
 * The JSON member "complete" is false if not all leases, peers, conflicts and checks fit into the answer.
 */
void ask_view(void *agent, struct json *j, uint64_t now)
{
	const struct agent *a = agent;
	const struct vote *v = &a->vote;
	const char *unfit = beat_unfit(&a->beat);
	bool complete = true;
	unsigned int i;

	json_object(j, NULL);
	json_text(j, "node", a->cluster.self.name);
	json_flag(j, "witness", a->witness);
	json_text(j, "release", HASWITCH_VERSION);
	json_flag(j, "leaving", a->leaving);
	json_flag(j, "accepted", a->beat.accepted);
	if (unfit)
		json_text(j, "unfit", unfit);
	view_vote(j, v, now);
	view_config(j, v, now);
	view_runs(j, v, v->map.self, now);
	children_view(j, a, now);
	json_list(j, "leases");
	for (i = HASW_SEAT_CONFIG + 1; i < v->seat.n && json_has_room(j); i++)
		if (v->lease[i].here)
			view_lease(j, v, i, now);
	json_list_end(j);
	complete &= i >= v->seat.n;
	if (a->routes.order.table) {
		json_object(j, "routes");
		json_number(j, "table", a->routes.order.table);
		json_number(j, "n", a->routes.n);
		json_object_end(j);
	}
	if (!a->witness)
		view_agents(j, a->conf);
	view_load(j, &a->load);
	json_list(j, "peers");
	for (i = 0; i < a->cluster.n_peers && json_has_room(j); i++)
		view_peer(j, a, &a->cluster.peers[i], now);
	json_list_end(j);
	complete &= i >= a->cluster.n_peers;
	view_refused(j, "strangers", &a->cluster.strangers, now);
	complete &= conflict_share_view(&a->shared_conflicts, j, now);
	complete &= view_ignored(j, &a->checks);
	complete &= view_checks(j, &a->checks, now);
	json_flag(j, "complete", complete);
	json_object_end(j);
}
