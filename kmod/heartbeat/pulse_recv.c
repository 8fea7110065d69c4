// SPDX-License-Identifier: GPL-2.0
/* Receives and authenticates a peer's heartbeats, and detects that the peer has
 * become silent. A path is heard while heartbeats of the peer arrive on it. A
 * life is a period in which a node's heartbeat counters only grow; a new
 * session begins a new life. A new life is accepted once it echoes the
 * receiver's challenge, a random number.
 */
#include "compat/compat_timer.h"
#include "pulse.h"
#include "core/stats.h"

/* Number of heartbeats that are sent at short intervals to a peer that is heard
 * again. The peer may have been paused with its clock stopped, so it might
 * wrongly regard its old grants as valid. These heartbeats list the leases that
 * this node holds, so the peer ends such grants.
 */
#define HASW_PULSE_RETURNS 3

/* Returns how long a path may be silent before it is taken down, ns: the
 * interval that the peer has announced, times our multiplier.
 */
static u64 hasw_pulse_patience(const struct hasw_pulse *p)
{
	return p->peer_interval * p->multiplier;
}

static bool hasw_pulse_hears(const struct hasw_pulse_path *path)
{
	return path->state == HASWITCH_PULSE_STATE_UP ||
	       path->state == HASWITCH_PULSE_STATE_ONE_WAY;
}

/* Returns the best of the states of all paths; from the best to the worst: up,
 * one-way, down, unknown. Under the session's lock.
 */
static u8 hasw_pulse_fold(const struct hasw_pulse *p)
{
	u8 state = HASWITCH_PULSE_STATE_UNKNOWN;
	u32 i;

	lockdep_assert_held(&p->lock);
	for (i = 0; i < p->n_paths; i++) {
		if (p->path[i].state == HASWITCH_PULSE_STATE_UP)
			return HASWITCH_PULSE_STATE_UP;
		if (p->path[i].state == HASWITCH_PULSE_STATE_ONE_WAY)
			state = HASWITCH_PULSE_STATE_ONE_WAY;
		else if (p->path[i].state == HASWITCH_PULSE_STATE_DOWN &&
			 state == HASWITCH_PULSE_STATE_UNKNOWN)
			state = HASWITCH_PULSE_STATE_DOWN;
	}
	return state;
}

/* Stores the state of a path. Returns whether the state has changed; if so, the
 * caller must call hasw_pulse_report(). Under the session's lock.
 */
static bool hasw_pulse_set(struct hasw_pulse *p, struct hasw_pulse_path *path,
			   u8 state, u64 now)
{
	u8 before = p->state;

	lockdep_assert_held(&p->lock);
	if (path->state == state)
		return false;
	path->state = state;
	p->state = hasw_pulse_fold(p);
	if (state == HASWITCH_PULSE_STATE_UP)
		p->hurry = HASW_PULSE_RETURNS;
	if (p->state != before)
		p->decision = now;
	if (p->state != before && p->state == HASWITCH_PULSE_STATE_DOWN)
		p->losses++;
	return true;
}

/* Returns whether any path was heard at or after @when. Under the session's
 * lock.
 */
static bool hasw_pulse_heard_since(const struct hasw_pulse *p, u64 when)
{
	u32 i;

	lockdep_assert_held(&p->lock);
	for (i = 0; i < p->n_paths; i++)
		if (p->path[i].heard >= when)
			return true;
	return false;
}

/**
 * hasw_pulse_late() - handles a timer of this machine that fired an interval or
 *	more late
 * @p: the session
 * @now: now, ns
 *
 * After a stall, heartbeats of the peer may still wait in this machine's
 * receive queues. So no path is taken down during a grace period, which lasts
 * one of our intervals. A further grace period begins only if the peer was
 * heard since the previous one began. Otherwise a machine whose timers are
 * always late would never detect a silent peer.
 *
 * Context: softirq, the session's lock held.
 */
void hasw_pulse_late(struct hasw_pulse *p, u64 now)
{
	lockdep_assert_held(&p->lock);
	if (now < p->grace)
		return;
	p->late++;
	if (!hasw_pulse_heard_since(p, p->graced))
		return;
	p->graced = now;
	p->grace = now + p->interval;
}

/* Takes down the paths that have been silent for too long. Returns the time at
 * which the next path must be taken down if it stays silent, ns; 0: no path is
 * heard. Under the session's lock.
 */
static u64 hasw_pulse_judge_paths(struct hasw_pulse *p, u64 now, bool *changed)
{
	u64 patience = hasw_pulse_patience(p), next = 0;
	struct hasw_pulse_path *path;
	u32 i;

	lockdep_assert_held(&p->lock);
	for (i = 0; i < p->n_paths; i++) {
		path = &p->path[i];
		if (!hasw_pulse_hears(path))
			continue;
		if (path->heard + patience <= now)
			*changed |= hasw_pulse_set(p, path,
						   HASWITCH_PULSE_STATE_DOWN,
						   now);
		else if (!next || path->heard + patience < next)
			next = path->heard + patience;
	}
	return next;
}

/**
 * hasw_pulse_judge() - takes down the paths that were silent for too long
 * @p: the session
 * @now: now, ns
 *
 * The paths are checked again when our next heartbeat is sent. The timer
 * hasw_pulse.judge is started only if a path might have to be taken down
 * earlier. As long as the peer is healthy, and its interval equals ours, the
 * timer is never started.
 *
 * Context: softirqs off, the session's lock held.
 * Return: whether a path was taken down; if so, the caller must call
 * hasw_pulse_report().
 */
bool hasw_pulse_judge(struct hasw_pulse *p, u64 now)
{
	bool changed = false;
	u64 next = p->grace;

	lockdep_assert_held(&p->lock);
	if (now >= p->grace)
		next = hasw_pulse_judge_paths(p, now, &changed);
	p->watching = next;
	if (next && next < p->due)
		hrtimer_start(&p->judge, ns_to_ktime(next),
			      HRTIMER_MODE_ABS_SOFT);
	return changed;
}

/* Handler of hasw_pulse.judge. Softirq. */
static enum hrtimer_restart hasw_pulse_judge_soon(struct hrtimer *timer)
{
	struct hasw_pulse *p = container_of(timer, struct hasw_pulse, judge);
	u64 now = hasw_switch_now();
	bool changed = false;

	spin_lock(&p->lock);
	if (!p->dead) {
		if (now >= ktime_to_ns(hrtimer_get_expires(timer)) +
			   p->interval)
			hasw_pulse_late(p, now);
		changed = hasw_pulse_judge(p, now);
	}
	spin_unlock(&p->lock);
	if (changed)
		hasw_pulse_report(p);
	return HRTIMER_NORESTART;
}

/**
 * hasw_pulse_hear_init() - sets up the timer that detects silent paths
 * @p: the session
 *
 * Context: process.
 */
void hasw_pulse_hear_init(struct hasw_pulse *p)
{
	hasw_hrtimer_setup(&p->judge, hasw_pulse_judge_soon, CLOCK_BOOTTIME,
			   HRTIMER_MODE_ABS_SOFT);
}

/* Makes the next rx key the current one, because the peer has used the next
 * key. The replaced key expires after the time that a path may be silent. Under
 * the session's lock.
 */
static void hasw_pulse_rotate_rx(struct hasw_pulse *p, u64 now)
{
	u64 patience = hasw_pulse_patience(p) ?: p->interval * p->multiplier;

	lockdep_assert_held(&p->lock);
	p->rx[HASW_PULSE_OLD] = p->rx[HASW_PULSE_NOW];
	p->rx[HASW_PULSE_OLD].until = now + patience;
	p->rx[HASW_PULSE_NOW] = p->rx[HASW_PULSE_NEXT];
	memzero_explicit(&p->rx[HASW_PULSE_NEXT],
			 sizeof(p->rx[HASW_PULSE_NEXT]));
}

static void hasw_pulse_rotate_tx(struct hasw_pulse *p)
{
	lockdep_assert_held(&p->lock);
	if (p->tx_id == p->tx_next_id)
		return;
	p->tx_now = p->tx_next;
	p->tx_id = p->tx_next_id;
}

/* Returns the rx key with the number @id, or NULL. A key that has expired is
 * erased and not returned. Under the session's lock.
 */
static const struct hasw_pulse_slot *hasw_pulse_slot(struct hasw_pulse *p,
						     u8 id, u64 now)
{
	struct hasw_pulse_slot *slot;
	u32 i;

	lockdep_assert_held(&p->lock);
	for (i = 0; i < HASW_PULSE_PLACES; i++) {
		slot = &p->rx[i];
		if (!slot->valid || slot->id != id)
			continue;
		if (!slot->until || now < slot->until)
			return slot;
		memzero_explicit(slot, sizeof(*slot));
	}
	return NULL;
}

/* Finds the records that follow a heartbeat's fixed part. If the flags of the
 * heartbeat announce no records, heard->n is set to 0. The caller has made the
 * packet linear, and has pulled the fixed part. Returns false if the records
 * are truncated.
 */
static bool hasw_pulse_find_records(const struct sk_buff *skb,
				    const struct hasw_pulse_wire *wire,
				    struct hasw_pulse_heard *heard)
{
	u32 least = sizeof(struct hasw_pulse_record) + sizeof(heard->mac);

	heard->n = 0;
	if (!(wire->flags & HASW_PULSE_F_RECORDS))
		return true;
	if (skb->len < least)
		return false;
	heard->n = skb->len - sizeof(heard->mac);
	heard->records = skb->data;
	memcpy(&heard->mac, skb->data + heard->n, sizeof(heard->mac));
	return true;
}

/* Verifies the MACs of a heartbeat and of its records with the key that the
 * heartbeat names. Counts a failure in @path. Returns whether both MACs are
 * correct.
 */
static bool hasw_pulse_authentic(struct hasw_pulse *p,
				 struct hasw_pulse_path *path,
				 const struct hasw_pulse_wire *wire,
				 const struct hasw_pulse_heard *heard, u64 now)
{
	const struct hasw_pulse_slot *slot;
	siphash_key_t key;
	bool good;

	spin_lock(&p->lock);
	slot = hasw_pulse_slot(p, wire->key_id, now);
	if (slot)
		key = slot->key;
	else
		path->old_key++;
	spin_unlock(&p->lock);
	if (!slot)
		return false;
	good = hasw_pulse_mac(wire, &path->remote, &path->local, &key) ==
	       be64_to_cpu(wire->mac);
	if (good && heard->n)
		good = hasw_pulse_records_mac(heard->records, heard->n, wire,
					      &key) == be64_to_cpu(heard->mac);
	memzero_explicit(&key, sizeof(key));
	if (good)
		return true;
	spin_lock(&p->lock);
	path->bad_mac++;
	spin_unlock(&p->lock);
	return false;
}

/**
 * hasw_pulse_challenged() - stores a challenge that our heartbeats must echo
 * @p: the session
 * @challenge: the peer's challenge, from a heartbeat that was not accepted
 *
 * Context: the session's lock held.
 */
void hasw_pulse_challenged(struct hasw_pulse *p, u64 challenge)
{
	u32 i;

	for (i = 0; i < HASW_PULSE_CHALLENGES; i++)
		if (p->challenges[i] == challenge)
			return;
	p->challenges[p->replaced] = challenge;
	p->replaced = (p->replaced + 1) % HASW_PULSE_CHALLENGES;
}

/**
 * hasw_pulse_response() - picks the challenge of the peer that is echoed next
 * @p: the session
 *
 * The stored challenges of all lives of the peer are echoed round-robin. An
 * attacker can replay heartbeats of earlier lives. So the challenges of other
 * lives are stored separately, and cannot displace the challenge of the
 * accepted life.
 *
 * Context: the session's lock held.
 * Return: the challenge; 0 if no challenge is stored.
 */
u64 hasw_pulse_response(struct hasw_pulse *p)
{
	u64 challenge;
	u32 i;

	for (i = 0; i <= HASW_PULSE_CHALLENGES; i++) {
		p->echoed = (p->echoed + 1) % (HASW_PULSE_CHALLENGES + 1);
		challenge = p->echoed == HASW_PULSE_CHALLENGES ?
				    p->peer_challenge :
				    p->challenges[p->echoed];
		if (challenge)
			return challenge;
	}
	return 0;
}

/* Accepts a new life of the peer if the heartbeat echoes our current challenge.
 * Returns whether the new life is accepted. Each of our challenges is a new
 * random number. So a recorded heartbeat of an earlier life cannot echo the
 * current challenge. Under the session's lock.
 */
static bool hasw_pulse_adopt(struct hasw_pulse *p,
			     const struct hasw_pulse_beat *beat)
{
	u32 i;

	lockdep_assert_held(&p->lock);
	if (beat->response != p->challenge)
		return false;
	p->peer_life = beat->life;
	p->challenge = hasw_pulse_random();
	memset(p->challenges, 0, sizeof(p->challenges));
	for (i = 0; i < p->n_paths; i++) {
		memset(&p->path[i].window, 0, sizeof(p->path[i].window));
		p->path[i].transit = 0;
		p->path[i].echo = 0;
	}
	return true;
}

/* Updates a path's jitter after its newest heartbeat was received. */
static void hasw_pulse_jitter(struct hasw_pulse_path *path,
			      const struct hasw_pulse_beat *beat, u64 now)
{
	u64 transit = now - beat->stamp;
	s64 d = transit - path->transit;

	if (path->transit)
		path->jitter += abs(d) - ((path->jitter + 8) >> 4);
	path->transit = transit;
}

/* Recomputes hasw_pulse.refused. The value is true if at least one path was
 * ever heard, and all paths that were ever heard are refused. Returns whether
 * the value has changed. Under the session's lock.
 */
static bool hasw_pulse_fold_refused(struct hasw_pulse *p, u64 now)
{
	bool refused = false;
	u32 i;

	lockdep_assert_held(&p->lock);
	for (i = 0; i < p->n_paths; i++) {
		if (!p->path[i].heard)
			continue;
		refused = p->path[i].refused;
		if (!refused)
			break;
	}
	if (p->refused == refused)
		return false;
	p->refused = refused;
	p->refusal = now;
	return true;
}

/* Begins to check for silence, and starts hasw_pulse.judge if a path could be
 * silent for too long before our next heartbeat is sent. Under the session's
 * lock.
 */
static void hasw_pulse_watch(struct hasw_pulse *p, u64 now)
{
	u64 next = now + hasw_pulse_patience(p);

	lockdep_assert_held(&p->lock);
	if (p->watching)
		return;
	p->watching = true;
	if (next < p->due)
		hrtimer_start(&p->judge, ns_to_ktime(next),
			      HRTIMER_MODE_ABS_SOFT);
}

/* Handles @echo, the highest of our counters that the peer has received. An
 * echo above path->counter is ignored until the peer has echoed a counter of
 * our current life on this path. After that, such an echo proves that this
 * machine was set back to an earlier state: by a snapshot or by hibernation.
 * The peer then rejects our heartbeats as replays, so this node begins a new
 * life. Each restore of a snapshot may yield the same random numbers. Therefore
 * the echo, which differs after each restore, is mixed into the number of the
 * new life. Under the session's lock.
 */
static void hasw_pulse_hear_echo(struct hasw_pulse *p,
				 struct hasw_pulse_path *path, u64 echo)
{
	u32 i;

	lockdep_assert_held(&p->lock);
	if (likely(echo <= path->counter)) {
		path->echo = max(path->echo, echo);
		path->echoed |= !!echo;
		return;
	}
	if (!path->echoed)
		return;
	p->life = (hasw_pulse_random() ^ echo) ?: 1;
	for (i = 0; i < p->n_paths; i++) {
		p->path[i].echo = 0;
		p->path[i].echoed = false;
		p->path[i].mark = 0;
	}
}

/**
 * hasw_pulse_hear_mark() - notes when a peer certainly had no agent
 * @p: the session
 * @path: path on which the heartbeat has arrived
 * @beat: the newest heartbeat of the path
 *
 * A heartbeat may have been on its way for any time. But if it echoes one of
 * our counters, the peer has sent it after we had sent that counter. An echo
 * that is too high is of an earlier life, see hasw_pulse_hear_echo().
 *
 * Context: the session's lock held.
 */
void hasw_pulse_hear_mark(struct hasw_pulse *p, struct hasw_pulse_path *path,
			  const struct hasw_pulse_beat *beat)
{
	if (!path->mark || beat->echo < path->mark ||
	    beat->echo > path->counter)
		return;
	if (beat->flags & HASW_PULSE_F_AGENTLESS)
		p->agentless = max(p->agentless, path->marked);
	path->mark = 0;
}

/* Updates the state of a path on which a heartbeat has arrived. Returns whether
 * hasw_pulse_report() must be called. Under the session's lock.
 */
static bool hasw_pulse_hear_path(struct hasw_pulse *p,
				 struct hasw_pulse_path *path,
				 const struct hasw_pulse_beat *beat, u64 now)
{
	u8 state = HASWITCH_PULSE_STATE_UP;
	bool changed = false;

	lockdep_assert_held(&p->lock);
	/* If the path was not heard before this heartbeat, the path counts as
	 * up for a limited time. The peer may need this time to report that it
	 * receives our heartbeats.
	 */
	if (!hasw_pulse_hears(path))
		path->hears = now + hasw_pulse_patience(p);
	if (beat->flags & HASW_PULSE_F_HEARS) {
		/* A peer forgets our link-layer addresses when it loses us. */
		if (path->hears || path->state != HASWITCH_PULSE_STATE_UP)
			p->lists = max(p->lists, 1U);
		path->hears = 0;
	} else if (now >= path->hears) {
		state = HASWITCH_PULSE_STATE_ONE_WAY;
	}
	path->heard = now;
	hasw_pulse_watch(p, now);
	path->received++;
	if (unlikely(path->refused)) {
		path->refused = false;
		changed = hasw_pulse_fold_refused(p, now);
	}
	return hasw_pulse_set(p, path, state, now) || changed;
}

/**
 * hasw_pulse_shorter() - checks the paths at once, because the time that they
 *	may be silent has become shorter
 * @p: the session, whose @peer_interval or @multiplier has become smaller
 * @now: now, ns
 *
 * The timer hasw_pulse.judge fires at once. Its handler takes down silent
 * paths, or starts the timer for the time when the next path would be taken
 * down.
 *
 * Context: process with softirqs off, or softirq; the session's lock held.
 */
void hasw_pulse_shorter(struct hasw_pulse *p, u64 now)
{
	lockdep_assert_held(&p->lock);
	if (p->watching)
		hrtimer_start(&p->judge, ns_to_ktime(now),
			      HRTIMER_MODE_ABS_SOFT);
}

/**
 * struct hasw_pulse_news - which parts of a heartbeat have to be reported
 * @told: the peer is about to stop, has returned in a new life, or has ended a
 *	grant
 * @said: the heartbeat carries a notice about a service that must be handled
 * @heard: the heartbeat is no replay, so its claims and its list of link-layer
 *	addresses are applied
 */
struct hasw_pulse_news {
	bool told;
	bool said;
	bool heard;
};

/* Handles an authentic heartbeat, and sets @news. Returns whether
 * hasw_pulse_report() must be called. Under the session's lock.
 */
static bool hasw_pulse_take(struct hasw_pulse *p, struct hasw_pulse_path *path,
			    const struct hasw_pulse_beat *beat, u64 now,
			    struct hasw_pulse_news *news)
{
	bool newest, shorter;

	lockdep_assert_held(&p->lock);
	/* A heartbeat with the new key proves that the peer has the new key, so
	 * this node changes to it in both directions.
	 */
	if (p->rx[HASW_PULSE_NEXT].valid &&
	    p->rx[HASW_PULSE_NEXT].id == beat->key_id) {
		hasw_pulse_rotate_rx(p, now);
		hasw_pulse_rotate_tx(p);
	}
	if (beat->life != p->peer_life) {
		if (!hasw_pulse_adopt(p, beat)) {
			hasw_pulse_challenged(p, beat->challenge);
			path->replayed++;
			return false;
		}
		news->told = p->gone;
		p->gone = false;
		p->heard_kind = HASWITCH_PULSE_KIND_BEAT;
		p->said = 0;
		p->lists = max(p->lists, 1U);
	}
	newest = beat->counter > path->window.top;
	if (!hasw_pulse_window_take(&path->window, beat->counter, &path->lost)) {
		/* If the path is not heard, a snapshot may have set the peer
		 * back to an earlier state. The peer then accepts our life
		 * again only if we echo its current challenge.
		 */
		if (!hasw_pulse_hears(path))
			hasw_pulse_challenged(p, beat->challenge);
		path->replayed++;
		return false;
	}
	news->heard = true;
	if (newest) {
		p->peer_challenge = beat->challenge;
		shorter = beat->interval < p->peer_interval;
		p->peer_interval = beat->interval;
		p->peer_multiplier = beat->multiplier;
		if (beat->ready == p->tx_next_id)
			hasw_pulse_rotate_tx(p);
		hasw_pulse_jitter(path, beat, now);
		hasw_pulse_hear_mark(p, path, beat);
		hasw_pulse_hear_echo(p, path, beat->echo);
		if (shorter)
			hasw_pulse_shorter(p, now);
	}
	/* Notices arrive repeatedly and on every path. A notice about a service
	 * is valid for a limited time only. So each copy of such a notice is
	 * reported, unless a newer notice about a service has already arrived
	 * on any path.
	 */
	if (hasw_pulse_of_service(beat)) {
		news->said = beat->stamp >= p->said;
		p->said = max(p->said, beat->stamp);
	} else if (beat->kind != HASWITCH_PULSE_KIND_BEAT) {
		news->told |= beat->kind != p->heard_kind ||
			      beat->about != p->heard_about ||
			      beat->value != p->heard_value;
		p->heard_kind = beat->kind;
		p->heard_about = beat->about;
		p->heard_value = beat->value;
		p->gone |= beat->kind == HASWITCH_PULSE_KIND_GOING;
	}
	return hasw_pulse_hear_path(p, path, beat, now);
}

static struct hasw_pulse_path *hasw_pulse_path(struct hasw_pulse *p,
					       const struct in6_addr *from,
					       const struct in6_addr *to)
{
	u32 i;

	for (i = 0; p && i < p->n_paths; i++)
		if (ipv6_addr_equal(&p->path[i].remote, from) &&
		    ipv6_addr_equal(&p->path[i].local, to))
			return &p->path[i];
	return NULL;
}

/**
 * hasw_pulse_hear() - handles a heartbeat that was received
 * @hn: namespace
 * @from: source address, IPv4 as v4-mapped
 * @to: destination address, IPv4 as v4-mapped
 * @skb: the packet; it is linear, and skb->data points to the end of the fixed
 *	part
 * @wire: fixed part of the heartbeat, accepted by hasw_pulse_known()
 *
 * Before the MAC is verified, the function only increments statistics, and
 * erases expired keys.
 *
 * Context: softirqs off, RCU read side.
 */
void hasw_pulse_hear(struct hasw_net *hn, const struct in6_addr *from,
		     const struct in6_addr *to, const struct sk_buff *skb,
		     const struct hasw_pulse_wire *wire)
{
	struct hasw_pulse *p = hasw_pulse_at(hn, be32_to_cpu(wire->session));
	struct hasw_pulse_path *path = hasw_pulse_path(p, from, to);
	struct hasw_pulse_news news = {};
	struct hasw_pulse_heard heard;
	bool changed = false, sound;
	u64 now = hasw_switch_now();
	struct hasw_pulse_beat beat;

	if (!path) {
		hasw_stat_inc(hn, HASW_STAT_PULSE_UNKNOWN);
		return;
	}
	if (!hasw_pulse_find_records(skb, wire, &heard)) {
		hasw_stat_inc(hn, HASW_STAT_PULSE_MALFORMED);
		return;
	}
	if (!hasw_pulse_authentic(p, path, wire, &heard, now))
		return;
	sound = hasw_pulse_unpack(wire, &beat);
	spin_lock(&p->lock);
	if (!sound)
		path->malformed++;
	else if (!p->dead)
		changed = hasw_pulse_take(p, path, &beat, now, &news);
	spin_unlock(&p->lock);
	if (changed)
		hasw_pulse_report(p);
	if (news.told)
		hasw_pulse_report_peer(p, &beat, now);
	if (news.said)
		hasw_pulse_report_service(p, &beat, now);
	if (news.heard) {
		hasw_pulse_report_claims(p, &heard, now);
		hasw_pulse_report_lladdrs(p, &beat, &heard);
	}
}

/* Returns whether an ICMP error proves that the peer is unreachable. The caller
 * has verified the MAC of the heartbeat that the error quotes, so the error is
 * not forged. An error that quotes a heartbeat sent before the peer was last
 * heard proves nothing, because the error may be replayed or outdated. At least
 * one heartbeat of the peer must be missing, because a peer that is heard is
 * reachable. The path must have been heard at least once, because a peer that
 * was never heard cannot have been lost. Under the session's lock.
 */
static bool hasw_pulse_refusal(const struct hasw_pulse *p,
			       const struct hasw_pulse_path *path,
			       const struct hasw_pulse_beat *beat, u64 now)
{
	lockdep_assert_held(&p->lock);
	return !p->dead && path->heard && beat->life == p->life &&
	       beat->stamp > path->heard && beat->stamp <= now &&
	       now - path->heard > p->peer_interval + p->peer_interval / 2;
}

/**
 * hasw_pulse_refuse() - handles an ICMP error which says that a peer is
 *	unreachable
 * @hn: namespace
 * @local: source of the quoted heartbeat, IPv4 as v4-mapped
 * @remote: destination of the quoted heartbeat, IPv4 as v4-mapped
 * @wire: the quoted heartbeat of ours, accepted by hasw_pulse_known()
 *
 * Any host may send an ICMP error (RFC 792, RFC 4443). So this function
 * verifies the MAC of the quoted heartbeat: only a host with our key can have
 * computed that MAC.
 *
 * Context: softirqs off, RCU read side.
 */
void hasw_pulse_refuse(struct hasw_net *hn, const struct in6_addr *local,
		       const struct in6_addr *remote,
		       const struct hasw_pulse_wire *wire)
{
	struct hasw_pulse *p = hasw_pulse_at(hn, be32_to_cpu(wire->session));
	struct hasw_pulse_path *path = hasw_pulse_path(p, remote, local);
	u64 now = hasw_switch_now();
	struct hasw_pulse_beat beat;
	bool changed = false, good;
	siphash_key_t key;

	if (!path) {
		hasw_stat_inc(hn, HASW_STAT_PULSE_UNKNOWN);
		return;
	}
	spin_lock(&p->lock);
	key = p->tx_now;
	spin_unlock(&p->lock);
	good = hasw_pulse_mac(wire, local, remote, &key) ==
	       be64_to_cpu(wire->mac);
	memzero_explicit(&key, sizeof(key));
	good = good && hasw_pulse_unpack(wire, &beat);
	spin_lock(&p->lock);
	if (!good) {
		path->bad_mac++;
	} else if (!path->refused && hasw_pulse_refusal(p, path, &beat, now)) {
		path->refused = true;
		changed = hasw_pulse_fold_refused(p, now);
	}
	spin_unlock(&p->lock);
	if (changed)
		hasw_pulse_report(p);
}
