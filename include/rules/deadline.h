/* SPDX-License-Identifier: GPL-2.0 */
/* The deadline rules of a lease: who may hold it, under which epoch, and until when. */
#ifndef HASW_RULES_DEADLINE_H
#define HASW_RULES_DEADLINE_H

/* Pure functions of their arguments, the same for the module, the agent and the
 * model of the rules: no clock, no lock, no allocation. All times are ns of
 * one CLOCK_BOOTTIME; an epoch of 0 is none.
 */
#include <linux/types.h>

/* The longest that a tenure may still last when it is granted or renewed. */
#define HASW_LEASE_MAX 10000000000ULL

/* What a machine that forwards may need for a packet that it has decided. */
#define HASW_LEASE_MARGIN 5000000ULL

/**
 * struct hasw_right - what the rules know of one lease on one machine
 * @floor: smallest epoch that may be granted; 0: not set since the lease is
 *	there, then nothing may
 * @top: largest epoch that was ever granted here
 * @burned: largest epoch that must not be granted any more
 * @claimed: largest epoch that another machine was heard to hold the lease under
 * @claimant: that machine, to which @claimed belongs
 * @epoch: of the tenure, 0 without one
 * @holder: who has the tenure, a number that the caller understands
 * @deadline: end of the tenure
 */
struct hasw_right {
	__u64 floor;
	__u64 top;
	__u64 burned;
	__u64 claimed;
	__u64 claimant;
	__u64 epoch;
	__u64 holder;
	__u64 deadline;
};

/**
 * enum hasw_ruling - what becomes of a request
 * @HASW_RULING_GRANT: a tenure of another epoch begins
 * @HASW_RULING_RENEW: the tenure goes on with another deadline
 * @HASW_RULING_RELEASE: the tenure ends, its epoch is burned
 * @HASW_RULING_BURN: no tenure ends, but the epoch is burned
 * @HASW_RULING_NO_FLOOR: refused: the floor was not set since a load
 * @HASW_RULING_NO_EPOCH: refused: 0 is no epoch
 * @HASW_RULING_BELOW_FLOOR: refused: below the floor
 * @HASW_RULING_STALE: refused: a higher epoch was granted
 * @HASW_RULING_BURNED: refused: released, expired or superseded
 * @HASW_RULING_PAST: refused: the deadline has passed
 * @HASW_RULING_FAR: refused: the deadline is more than HASW_LEASE_MAX ahead
 * @HASW_RULING_HOLDER: refused: the epoch belongs to another holder
 * @HASW_RULING_CLAIMED: refused: another machine holds the lease under the epoch
 * @HASW_RULING_EXPIRED: refused: the tenure of this epoch has run out
 * @HASW_RULING_NOTHING: refused: there is no tenure to release
 * @HASW_RULING_GOING: refused: this machine goes down or is suspended
 * @HASW_RULING_CUT_OFF: refused: no client could reach this machine
 * @HASW_RULING_BARRED: refused: only other nodes may hold the lease
 */
enum hasw_ruling {
	HASW_RULING_GRANT,
	HASW_RULING_RENEW,
	HASW_RULING_RELEASE,
	HASW_RULING_BURN,
	HASW_RULING_NO_FLOOR,
	HASW_RULING_NO_EPOCH,
	HASW_RULING_BELOW_FLOOR,
	HASW_RULING_STALE,
	HASW_RULING_BURNED,
	HASW_RULING_PAST,
	HASW_RULING_FAR,
	HASW_RULING_HOLDER,
	HASW_RULING_CLAIMED,
	HASW_RULING_EXPIRED,
	HASW_RULING_NOTHING,
	HASW_RULING_GOING,
	HASW_RULING_CUT_OFF,
	HASW_RULING_BARRED,
};

/**
 * hasw_deadline_valid() - whether a right lasts
 * @now: the time
 * @deadline: its end; 0 is no right
 */
static inline int hasw_deadline_valid(__u64 now, __u64 deadline)
{
	return now < deadline;
}

/**
 * hasw_right_held() - whether somebody has a tenure that lasts
 * @r: the lease
 * @now: the time
 */
static inline int hasw_right_held(const struct hasw_right *r, __u64 now)
{
	return r->epoch && hasw_deadline_valid(now, r->deadline);
}

/**
 * hasw_right_set() - judges a grant or a renewal; changes nothing
 * @r: the lease
 * @now: the time
 * @epoch: under which
 * @holder: for whom
 * @deadline: until when
 *
 * A renewal may end the tenure sooner, which is always safe; what has run out
 * is never revived.
 *
 * Return: enum hasw_ruling.
 */
static inline enum hasw_ruling hasw_right_set(const struct hasw_right *r,
					      __u64 now, __u64 epoch,
					      __u64 holder, __u64 deadline)
{
	if (!epoch)
		return HASW_RULING_NO_EPOCH;
	if (!r->floor)
		return HASW_RULING_NO_FLOOR;
	if (epoch < r->floor)
		return HASW_RULING_BELOW_FLOOR;
	if (epoch < r->top)
		return HASW_RULING_STALE;
	if (epoch <= r->burned)
		return HASW_RULING_BURNED;
	if (epoch == r->claimed && holder != r->claimant)
		return HASW_RULING_CLAIMED;
	if (epoch == r->epoch) {
		if (holder != r->holder)
			return HASW_RULING_HOLDER;
		if (!hasw_deadline_valid(now, r->deadline))
			return HASW_RULING_EXPIRED;
	}
	if (!hasw_deadline_valid(now, deadline))
		return HASW_RULING_PAST;
	if (deadline - now > HASW_LEASE_MAX)
		return HASW_RULING_FAR;
	return epoch == r->epoch ? HASW_RULING_RENEW : HASW_RULING_GRANT;
}

/**
 * hasw_right_release() - judges a release; changes nothing
 * @r: the lease
 * @epoch: which epoch to burn; 0: that of the tenure
 *
 * Return: enum hasw_ruling.
 */
static inline enum hasw_ruling hasw_right_release(const struct hasw_right *r,
						  __u64 epoch)
{
	if (!epoch && !r->epoch)
		return HASW_RULING_NOTHING;
	if (epoch && epoch < r->epoch)
		return HASW_RULING_STALE;
	return r->epoch ? HASW_RULING_RELEASE : HASW_RULING_BURN;
}

/**
 * hasw_right_burn() - an epoch is over, whoever had it
 * @r: the lease
 * @epoch: it, and all below it, are not granted any more
 */
static inline void hasw_right_burn(struct hasw_right *r, __u64 epoch)
{
	if (r->burned < epoch)
		r->burned = epoch;
}

/**
 * hasw_right_take() - what a grant or renewal leaves behind
 * @r: the lease
 * @epoch: under which
 * @holder: for whom
 * @deadline: until when
 *
 * Only after hasw_right_set() said HASW_RULING_GRANT or HASW_RULING_RENEW.
 */
static inline void hasw_right_take(struct hasw_right *r, __u64 epoch,
				   __u64 holder, __u64 deadline)
{
	if (r->epoch && r->epoch != epoch)
		hasw_right_burn(r, r->epoch);
	r->top = epoch;
	r->epoch = epoch;
	r->holder = holder;
	r->deadline = deadline;
}

/**
 * hasw_right_outbid() - whether the claim of another machine ends a tenure
 * @under: the epoch of the tenure
 * @holder: who has the tenure
 * @epoch: under which the other machine says that it has the lease
 * @claimant: that machine
 *
 * Two machines with one epoch are two too many: whoever hears of the other one
 * gives up.
 */
static inline int hasw_right_outbid(__u64 under, __u64 holder, __u64 epoch,
				    __u64 claimant)
{
	return under && under <= epoch && holder != claimant;
}

/**
 * hasw_right_claim_new() - whether a claim forbids something that was allowed
 * @r: the lease; each word may be read while it changes
 * @epoch: of the claim, not 0
 * @claimant: whose it is
 */
static inline int hasw_right_claim_new(const struct hasw_right *r, __u64 epoch,
				       __u64 claimant)
{
	if (r->burned < epoch - 1 || r->claimed < epoch)
		return 1;
	return r->claimed == epoch && r->claimant != claimant &&
	       r->burned < epoch;
}

/**
 * hasw_right_claim() - what the tenure of another machine leaves behind
 * @r: the lease; a tenure that is outbid has ended
 * @epoch: under which that machine has it, not 0
 * @claimant: that machine
 *
 * What was granted before must not begin here any more, however late it is
 * heard of. That epoch itself is for its claimant only; if two claim it, for
 * nobody.
 */
static inline void hasw_right_claim(struct hasw_right *r, __u64 epoch,
				    __u64 claimant)
{
	hasw_right_burn(r, epoch - 1);
	if (r->claimed < epoch) {
		r->claimed = epoch;
		r->claimant = claimant;
	} else if (r->claimed == epoch && r->claimant != claimant) {
		hasw_right_burn(r, epoch);
	}
}

/**
 * hasw_right_yield() - what the end of a tenure by a claim leaves behind
 * @r: the lease, whose tenure is outbid
 *
 * Its epoch may be the claimant's, so it is not burned; hasw_right_claim()
 * follows, and says whose it is.
 */
static inline void hasw_right_yield(struct hasw_right *r)
{
	hasw_right_burn(r, r->epoch - 1);
	r->epoch = 0;
	r->holder = 0;
	r->deadline = 0;
}

/**
 * hasw_right_end() - what the end of a tenure leaves behind
 * @r: the lease
 * @epoch: also burned, if it is higher than that of the tenure; or 0
 */
static inline void hasw_right_end(struct hasw_right *r, __u64 epoch)
{
	if (epoch < r->epoch)
		epoch = r->epoch;
	hasw_right_burn(r, epoch);
	r->epoch = 0;
	r->holder = 0;
	r->deadline = 0;
}

#endif
