// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the module to grant, renew and release leases. A grant gives a lease to a
 * node under an epoch, a number that only grows. When a grant ends, its epoch is burned: it
 * is never granted again. The floor is the lowest epoch that the module grants.
 */
#include <errno.h>
#include <linux/haswitch.h>
#include <linux/haswitch_renewal.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/bytes.h"
#include "lease_sock.h"

/**
 * lease_sock_open - open the sockets for grants
 * @s:		the sockets, which are initialized here
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -ENOENT when the module is not loaded
 */
int lease_sock_open(struct lease_sock *s, struct hasw_error *err)
{
	int ret = calls_open(&s->calls, NULL, err);

	s->open = !ret;
	s->renewals = ret ? -1 : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return ret;
}

/**
 * lease_sock_close - close the sockets, which ends the grants that are tied to netlink's
 * @s:	the sockets; may be closed already
 */
void lease_sock_close(struct lease_sock *s)
{
	if (!s->open)
		return;
	calls_close(&s->calls);
	if (s->renewals >= 0)
		close(s->renewals);
	s->open = false;
}

static int set_floor(struct lease_sock *s, const char *lease, uint64_t floor,
		     struct hasw_error *err)
{
	struct hasw_msg msg;

	hasw_msg_begin(&msg, s->buf, sizeof(s->buf), HASWITCH_CMD_LEASE_SET, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, lease);
	hasw_put_u64(&msg, HASWITCH_A_LEASE_FLOOR, floor);
	return calls_call(&s->calls, &msg, err);
}

static int grant_once(struct lease_sock *s, const struct lease_grant *grant,
		      struct hasw_error *err)
{
	struct hasw_msg msg;

	hasw_msg_begin(&msg, s->buf, sizeof(s->buf), HASWITCH_CMD_LEASE_SET, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, grant->lease);
	hasw_put_u64(&msg, HASWITCH_A_LEASE_EPOCH, grant->epoch);
	hasw_put_string(&msg, HASWITCH_A_LEASE_HOLDER, grant->holder);
	hasw_put_u64(&msg, HASWITCH_A_LEASE_DEADLINE, grant->deadline);
	if (grant->tied)
		hasw_put_flag(&msg, HASWITCH_A_LEASE_TIED);
	if (grant->partly)
		hasw_put_flag(&msg, HASWITCH_A_LEASE_PARTLY);
	return calls_call(&s->calls, &msg, err);
}

/*
 * Renews by a socket option, for which no other user of generic netlink can hold this agent
 * up. Returns false if the module does not renew the lease so: netlink then tells why.
 */
static bool renew(const struct lease_sock *s, const struct lease_grant *grant)
{
	struct haswitch_renewal r = {
		.epoch = grant->epoch,
		.deadline = grant->deadline,
		.tied = grant->tied ? hasw_sock_port(&s->calls.sock) : 0,
	};

	snprintf(r.lease, sizeof(r.lease), "%s", grant->lease);
	snprintf(r.holder, sizeof(r.holder), "%s", grant->holder);
	return !setsockopt(s->renewals, IPPROTO_IP, HASWITCH_SO_RENEW, &r, sizeof(r));
}

/**
 * lease_sock_grant - grant a lease or renew it
 * @s:		the socket
 * @grant:	the grant
 * @err:	filled on failure
 *
 * A newly loaded module refuses grants of a lease (-ENODATA) until it knows the lease's
 * floor. This function then sets the floor to @grant->epoch. The floor is safe, because the
 * voters have agreed on this epoch, and no longer ack a lower one.
 *
 * Return: 0 or a negative errno, see lease-set in haswitch-netlink(7)
 */
int lease_sock_grant(struct lease_sock *s, const struct lease_grant *grant,
		     struct hasw_error *err)
{
	int ret;

	if (grant->renews && s->renewals >= 0 && renew(s, grant))
		return 0;
	ret = grant_once(s, grant, err);
	if (ret != -ENODATA)
		return ret;
	ret = set_floor(s, grant->lease, grant->epoch, err);
	return ret ? ret : grant_once(s, grant, err);
}

/**
 * lease_sock_release - end a grant and burn its epoch
 * @s:		the socket
 * @lease:	name of the lease
 * @epoch:	highest epoch that was granted
 * @to:		node that is to hold the lease next; "": none is known
 * @err:	filled on failure
 *
 * If @to is not empty, this node must hold the lease. The module replies after an RCU
 * grace period. After the reply, no packet that the module accepted under the grant is in
 * flight. This function waits for the reply, so the event loop must not call it.
 *
 * Return: 0 or a negative errno
 */
int lease_sock_release(struct lease_sock *s, const char *lease, uint64_t epoch,
		       const char *to, struct hasw_error *err)
{
	struct hasw_msg msg;

	hasw_msg_begin(&msg, s->buf, sizeof(s->buf), HASWITCH_CMD_LEASE_RELEASE, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, lease);
	hasw_put_u64(&msg, HASWITCH_A_LEASE_EPOCH, epoch);
	if (*to)
		hasw_put_string(&msg, HASWITCH_A_LEASE_SUCCESSOR, to);
	return calls_call(&s->calls, &msg, err);
}

/**
 * lease_number - compute the number that identifies a lease in messages between nodes
 * @name:	name of the lease
 *
 * The module computes the same number, and refuses a new lease whose number is in use.
 *
 * Return: the lower 32 bits of SipHash-2-4 of the name, key all zeros; 1 if they are 0
 */
uint32_t lease_number(const char *name)
{
	static const uint8_t key[crypto_shorthash_KEYBYTES];
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t number;

	crypto_shorthash(hash, (const uint8_t *)name, strlen(name), key);
	/* The bytes of the hash are a little-endian number. */
	number = (uint32_t)hash[3] << 24 | (uint32_t)hash[2] << 16 |
		 (uint32_t)hash[1] << 8 | hash[0];
	return number ? number : 1;
}
