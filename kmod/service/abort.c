// SPDX-License-Identifier: GPL-2.0
/* Aborts of this machine's TCP connections to a vip that this machine loses. */
#include <net/inet_hashtables.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "abort.h"

/* Maximum number of connections that are collected while a bucket's lock is
 * held. The connections are aborted after the lock is released.
 */
#define HASW_ABORT_BATCH 32

/**
 * typedef hasw_abort_match_t - whether to abort the connections of a vip
 * @vip: the vip
 * @arg: argument of the caller
 *
 * Context: RCU read side, softirqs off.
 */
typedef bool (*hasw_abort_match_t)(const struct hasw_vip *vip, const void *arg);

/* Returns the vip that is the local address of a connection, or NULL. */
static const struct hasw_vip *hasw_abort_bound(const struct hasw_config *cfg,
					       const struct sock *sk)
{
	const struct hasw_vip *vip;

	/* A dual-stack IPv6 socket that uses IPv4 has sk_rcv_saddr set too. */
	if (sk->sk_family == AF_INET)
		vip = hasw_vip_find4(cfg, sk->sk_rcv_saddr);
#if IS_ENABLED(CONFIG_IPV6)
	else if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
		vip = hasw_vip_find4(cfg, sk->sk_rcv_saddr);
	else
		vip = hasw_vip_find6(cfg, &sk->sk_v6_rcv_saddr);
#endif
	return vip;
}

/* Collects matching connections of a bucket, and takes a reference on each.
 * Returns their number.
 */
static u32 hasw_abort_collect(struct hasw_net *hn, struct inet_hashinfo *hash,
			      u32 bucket, hasw_abort_match_t match,
			      const void *arg, struct sock **batch)
{
	struct inet_ehash_bucket *head = &hash->ehash[bucket];
	spinlock_t *lock = inet_ehash_lockp(hash, bucket);
	const struct hlist_nulls_node *node;
	const struct hasw_config *cfg;
	const struct hasw_vip *vip;
	struct sock *sk;
	u32 n = 0;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, &head->chain) {
		if (n == HASW_ABORT_BATCH || !cfg)
			break;
		if (!net_eq(sock_net(sk), hn->net) ||
		    sk->sk_state == TCP_TIME_WAIT ||
		    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
			continue;
		vip = hasw_abort_bound(cfg, sk);
		if (!vip || !match(vip, arg) ||
		    !refcount_inc_not_zero(&sk->sk_refcnt))
			continue;
		batch[n++] = sk;
	}
	spin_unlock_bh(lock);
	rcu_read_unlock();
	return n;
}

/* Aborts the matching connections of a bucket. In older kernels, tcp_abort()
 * ignores connections that the process has already closed. These connections
 * end by themselves, but stay in the bucket for now. So the loop ends after a
 * batch in which every connection was ignored.
 */
static void hasw_abort_bucket(struct hasw_net *hn, struct inet_hashinfo *hash,
			      u32 bucket, hasw_abort_match_t match,
			      const void *arg)
{
	struct sock *batch[HASW_ABORT_BATCH];
	u32 n, i, done;

	do {
		n = hasw_abort_collect(hn, hash, bucket, match, arg, batch);
		for (done = 0, i = 0; i < n; i++) {
			tcp_abort(batch[i], ECONNABORTED);
			done += sk_unhashed(batch[i]);
			sock_gen_put(batch[i]);
		}
		cond_resched();
	} while (done && n == HASW_ABORT_BATCH);
}

static void hasw_abort_all(struct hasw_net *hn, hasw_abort_match_t match,
			   const void *arg)
{
	struct inet_hashinfo *hash = hn->net->ipv4.tcp_death_row.hashinfo;
	u32 bucket;

	might_sleep();
	for (bucket = 0; bucket <= hash->ehash_mask; bucket++) {
		if (!hlist_nulls_empty(&hash->ehash[bucket].chain))
			hasw_abort_bucket(hn, hash, bucket, match, arg);
		if (!(bucket & 1023))
			cond_resched();
	}
}

/* Matches the vip with the address @arg. The caller of hasw_abort_vip() has
 * checked that the vip's `on-loss` is `abort`.
 */
static bool hasw_abort_is_this(const struct hasw_vip *vip, const void *arg)
{
	return ipv6_addr_equal(&vip->addr, arg);
}

static bool hasw_abort_wanted(const struct hasw_vip *vip)
{
	return READ_ONCE(vip->on_loss) == HASWITCH_ON_LOSS_ABORT &&
	       READ_ONCE(vip->role) == HASWITCH_ROLE_NONE;
}

static bool hasw_abort_is_leased(const struct hasw_vip *vip, const void *arg)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);

	return lease && !strcmp(lease->name, arg) && hasw_abort_wanted(vip);
}

/* Matches vips that this node lost. The connections of a vip stay if this node
 * is a member of the vip: the new holder then sends their packets to this node.
 */
static bool hasw_abort_is_lost(const struct hasw_vip *vip, const void *arg)
{
	return hasw_abort_wanted(vip) && !hasw_vip_held(vip);
}

/* Returns whether any vip's `on-loss` is `abort`. The TCP hash table has the
 * connections of all namespaces, so it is not walked for nothing.
 */
static bool hasw_abort_possible(struct hasw_net *hn)
{
	const struct hasw_config *cfg;
	bool possible;

	rcu_read_lock();
	cfg = rcu_dereference(hn->config);
	possible = cfg && READ_ONCE(cfg->n_abort);
	rcu_read_unlock();
	return possible;
}

static void hasw_abort_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(work, struct hasw_net, abort_work);

	if (hasw_abort_possible(hn))
		hasw_abort_all(hn, hasw_abort_is_lost, NULL);
}

/**
 * hasw_abort_init() - initialises the work that aborts connections
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_abort_init(struct hasw_net *hn)
{
	INIT_WORK(&hn->abort_work, hasw_abort_work);
}

/**
 * hasw_abort_exit() - cancels the work that aborts connections
 * @hn: namespace, after hasw_config_close()
 *
 * Context: process, no lock held.
 */
void hasw_abort_exit(struct hasw_net *hn)
{
	/* The end of a grant queues the work under state_lock, unless
	 * hasw_net.closing is set. So after this lock and unlock nothing queues
	 * the work any more.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_work_sync(&hn->abort_work);
}

/**
 * hasw_abort_vip() - aborts the connections of a vip that this node gives away
 * @hn: namespace
 * @addr: address of the vip, IPv4 as v4-mapped; this node still holds the vip,
 *	so that it can send resets, and is no member of it
 *
 * The function takes longer with a larger TCP hash table, and waits for
 * processes that have locked a socket. So the caller must hold no lock that the
 * renewal of a grant waits for.
 *
 * Context: process, no lock held.
 */
void hasw_abort_vip(struct hasw_net *hn, const struct in6_addr *addr)
{
	hasw_abort_all(hn, hasw_abort_is_this, addr);
}

/**
 * hasw_abort_lease() - aborts the connections of vips whose lease is released
 * @hn: namespace
 * @name: name of the lease, which this node still holds, so that it can send
 *	resets
 *
 * Only connections to vips whose `on-loss` is `abort` are aborted, and only if
 * this node is no member of the vip. See hasw_abort_vip() for the duration.
 *
 * Context: process, no lock held.
 */
void hasw_abort_lease(struct hasw_net *hn, const char *name)
{
	if (hasw_abort_possible(hn))
		hasw_abort_all(hn, hasw_abort_is_leased, name);
}

/**
 * hasw_abort_lost() - aborts the connections of vips that this node lost
 * @hn: namespace
 *
 * Only connections to vips whose `on-loss` is `abort` are aborted, and only if
 * this node is no member of the vip.
 *
 * The packet path drops the resets, because this node is not the holder any
 * more. Clients learn of the abort from the next holder.
 *
 * Context: any; a work item aborts the connections.
 */
void hasw_abort_lost(struct hasw_net *hn)
{
	if (!READ_ONCE(hn->closing))
		queue_work(hasw_wq, &hn->abort_work);
}
