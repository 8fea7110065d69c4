/* SPDX-License-Identifier: GPL-2.0 */
/* The rules that decide which node may hold a lease, under which epoch, and
 * until which deadline.
 */
#ifndef HASW_RULES_DEADLINE_H
#define HASW_RULES_DEADLINE_H

/* A lease is the right to answer for a set of virtual addresses. A grant gives
 * it to one node, under an epoch, until a deadline. Epochs only grow; a burned
 * epoch is never granted again. By a claim, a machine states in its heartbeats
 * that it holds the lease under an epoch. Another machine's claim outbids a
 * grant under the claim's epoch or a lower one: the grant ends. All functions
 * here are pure: they use no clock, no lock and no allocation. The module, the
 * agent and the model of the rules (selftests/model/) share these functions.
 * All times are ns of one machine's CLOCK_BOOTTIME. Epoch 0 means that there is
 * no epoch.
 */
#include <linux/types.h>

/* The deadline of a grant or of a renewal may be at most this many ns in the
 * future.
 */
#define HASW_LEASE_MAX 10000000000ULL

/* A machine that forwards a packet transmits the packet at most this many ns
 * after it has compared the deadline with the clock.
 */
#define HASW_LEASE_MARGIN 5000000ULL

/**
 * struct hasw_right - state of one lease on one machine, as the rules see it
 * @floor: smallest epoch that may be granted; 0: the floor is not set yet, so
 *	no epoch may be granted
 * @top: largest epoch that was ever granted on this machine
 * @burned: largest burned epoch; neither it nor a lower epoch may be granted
 * @claimed: largest epoch under which another machine has claimed the lease
 * @claimant: the machine that has claimed the lease under @claimed
 * @epoch: epoch of the present grant; 0: there is no grant
 * @holder: node that has the present grant, as a number that the caller defines
 * @deadline: end of the present grant, ns
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
 * enum hasw_ruling - verdict on a request to grant, renew or release a lease
 * @HASW_RULING_GRANT: allowed: a new grant begins; its epoch differs from the
 *	present grant's
 * @HASW_RULING_RENEW: allowed: only the deadline of the present grant changes
 * @HASW_RULING_RELEASE: allowed: the present grant ends and its epoch is burned
 * @HASW_RULING_BURN: allowed: no node has a grant, so the release only burns
 *	the epoch that it names
 * @HASW_RULING_NO_FLOOR: refused: hasw_right.floor has not been set yet
 * @HASW_RULING_NO_EPOCH: refused: the request has epoch 0, which is no epoch
 * @HASW_RULING_BELOW_FLOOR: refused: the epoch is below the floor
 * @HASW_RULING_STALE: refused: a higher epoch was granted already
 * @HASW_RULING_BURNED: refused: the requested epoch was burned earlier, for
 *	example because its grant was released or has expired, or because a
 *	higher epoch was granted or claimed
 * @HASW_RULING_PAST: refused: the requested deadline has passed
 * @HASW_RULING_FAR: refused: the requested deadline is more than HASW_LEASE_MAX
 *	ns in the future
 * @HASW_RULING_HOLDER: refused: another node has the grant under this epoch
 * @HASW_RULING_CLAIMED: refused: a machine other than the requested holder has
 *	claimed the epoch
 * @HASW_RULING_EXPIRED: refused: the grant under this epoch has expired
 * @HASW_RULING_NOTHING: refused: there is no grant to release
 * @HASW_RULING_ELSEWHERE: refused: another node has the grant, and the release
 *	names no epoch to burn
 * @HASW_RULING_GOING: refused: this machine is shutting down or being suspended
 * @HASW_RULING_CUT_OFF: refused: no device on which clients reach this machine
 *	has a link
 * @HASW_RULING_BARRED: refused: the configuration allows only other nodes to
 *	hold the lease
 * @HASW_RULING_PROTODOWN: refused: users have set protodown of the lease's
 *	device, which makes this node no candidate for the lease
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
	HASW_RULING_ELSEWHERE,
	HASW_RULING_GOING,
	HASW_RULING_CUT_OFF,
	HASW_RULING_BARRED,
	HASW_RULING_PROTODOWN,
};

/**
 * hasw_deadline_valid() - whether a deadline has not passed yet
 * @now: current time, ns
 * @deadline: end of the grant, ns; 0: there is no grant
 */
static inline int hasw_deadline_valid(__u64 now, __u64 deadline)
{
	return now < deadline;
}

/**
 * hasw_right_held() - whether any node has an unexpired grant
 * @r: the lease
 * @now: current time, ns
 */
static inline int hasw_right_held(const struct hasw_right *r, __u64 now)
{
	return r->epoch && hasw_deadline_valid(now, r->deadline);
}

/**
 * hasw_right_set() - judges a grant or a renewal, without changing the lease
 * @r: the lease
 * @now: current time, ns
 * @epoch: epoch to grant
 * @holder: node that gets the grant
 * @deadline: requested end of the grant, ns
 *
 * A renewal may move the end of the grant to an earlier time, which is always
 * safe. An expired grant is never renewed.
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
 * hasw_right_release() - judges a release, without changing the lease
 * @r: the lease
 * @epoch: epoch to burn; 0: the epoch of the present grant
 * @ours: whether the present grant is this node's own
 *
 * A release without an epoch ends this node's own grant. If another node has
 * the grant, that node remains the holder, and burning its epoch here would
 * only make this node forget it.
 *
 * Return: enum hasw_ruling.
 */
static inline enum hasw_ruling hasw_right_release(const struct hasw_right *r,
						  __u64 epoch, int ours)
{
	if (!epoch && !r->epoch)
		return HASW_RULING_NOTHING;
	if (!epoch && !ours)
		return HASW_RULING_ELSEWHERE;
	if (epoch && epoch < r->epoch)
		return HASW_RULING_STALE;
	return r->epoch ? HASW_RULING_RELEASE : HASW_RULING_BURN;
}

/**
 * hasw_right_burn() - burns an epoch, so that it is never granted again
 * @r: the lease
 * @epoch: the epoch to burn; all lower epochs are burned with it
 */
static inline void hasw_right_burn(struct hasw_right *r, __u64 epoch)
{
	if (r->burned < epoch)
		r->burned = epoch;
}

/**
 * hasw_right_take() - records a grant or a renewal
 * @r: the lease
 * @epoch: epoch of the grant
 * @holder: node that gets the grant
 * @deadline: end of the grant, ns
 *
 * Context: hasw_right_set() returned HASW_RULING_GRANT or HASW_RULING_RENEW.
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
 * hasw_right_outbid() - whether another machine's claim ends a grant
 * @under: epoch of the grant; 0: there is no grant
 * @holder: node that has the grant
 * @epoch: epoch under which the other machine claims the lease
 * @claimant: the machine that claims the lease
 *
 * If two machines hold the lease under the same epoch, neither may keep it. So
 * each of them ends its grant when it receives the other's claim.
 */
static inline int hasw_right_outbid(__u64 under, __u64 holder, __u64 epoch,
				    __u64 claimant)
{
	return under && under <= epoch && holder != claimant;
}

/**
 * hasw_right_claim_new() - whether hasw_right_claim() would change the lease
 * @r: the lease; another CPU may change its fields at the same time
 * @epoch: epoch of the claim, not 0
 * @claimant: machine that claims the lease
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
 * hasw_right_claim() - records another machine's claim
 * @r: the lease; if the claim outbids the lease's grant, the caller has ended
 *	the grant
 * @epoch: epoch under which the machine claims the lease, not 0
 * @claimant: the machine that claims the lease
 *
 * All lower epochs are burned, because a request for a grant under one of them
 * may still arrive. The claimed epoch itself may be granted to its claimant
 * only. If two machines claim the same epoch, neither gets a grant under it:
 * the epoch is burned.
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
 * hasw_right_yield() - ends a grant because of another machine's claim
 * @r: the lease; hasw_right_outbid() has returned true for its grant
 *
 * The grant's epoch itself is not burned, because the claim may be under this
 * epoch; all lower epochs are burned. The caller then calls hasw_right_claim(),
 * which records the claim.
 */
static inline void hasw_right_yield(struct hasw_right *r)
{
	hasw_right_burn(r, r->epoch - 1);
	r->epoch = 0;
	r->holder = 0;
	r->deadline = 0;
}

/**
 * hasw_right_end() - ends a grant and burns its epoch
 * @r: the lease
 * @epoch: an epoch to burn as well, with all lower epochs; 0: burn only the
 *	grant's epoch and all lower ones
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
