// SPDX-License-Identifier: GPL-2.0
/* The addresses of vips on device ha0: when some are deleted, haadm is run to put them back. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/file.h"

#include "haagentd/clock.h"
#include "heal.h"
#include "haagentd/log.h"
#include "haagentd/notify/worker.h"

#define DEVICE	"ha0"
#define TURN	256			/* maximum number of notifications read by one heal_read() */
#define WAIT	(200 * CLOCK_MS)	/* so that one run puts back all that is deleted together */
#define PAUSE	CLOCK_SECOND		/* shortest time between two runs */
#define PAUSE_MOST (60 * CLOCK_SECOND)	/* longest time from a run that failed to the next one */
#define PATIENCE (30 * CLOCK_SECOND)	/* a run takes less */

/**
 * heal_open - subscribe to the kernel's notifications of addresses
 * @h:		the subscription, which is initialized here
 * @worker:	runs haadm
 *
 * Return: 0 or a negative errno
 */
int heal_open(struct heal *h, struct worker *worker)
{
	int err;

	memset(h, 0, sizeof(*h));
	h->worker = worker;
	h->pause = PAUSE;
	h->index = link_index(DEVICE);
	err = file_beside("haadm", h->program, sizeof(h->program));
	return err ? err : link_watch_open(&h->watch, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
}

/**
 * heal_close - end the subscription
 * @h:	the subscription; may be closed already
 */
void heal_close(struct heal *h)
{
	link_watch_close(&h->watch);
}

/**
 * heal_fd - return the descriptor of the socket that receives the notifications
 * @h:	the subscription
 *
 * Return: the descriptor; -1 if the socket is not open
 */
int heal_fd(const struct heal *h)
{
	return link_watch_fd(&h->watch);
}

/* Returns whether a notification says that an address of ha0 was deleted. ha0 itself may be gone by now. */
static bool deleted(struct heal *h, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	unsigned int index;

	if (nlh->nlmsg_type != RTM_DELADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa))
		return false;
	index = link_index(DEVICE);
	if (index)
		h->index = index;
	return ifa->ifa_index == h->index;
}

static bool any_deleted(struct heal *h, const void *buf, int n)
{
	const struct nlmsghdr *nlh = buf;
	bool any = false;

	for (; mnl_nlmsg_ok(nlh, n); nlh = mnl_nlmsg_next(nlh, &n))
		any |= deleted(h, nlh);
	return any;
}

/**
 * heal_read - read the queued notifications
 * @h:		the subscription
 * @now:	current time, ns
 *
 * haadm itself deletes addresses when vips are deleted. It is run then, too, and finds nothing
 * to put back.
 */
void heal_read(struct heal *h, uint64_t now)
{
	char buf[MNL_SOCKET_BUFFER_SIZE] __attribute__((aligned(4)));
	bool any = false;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < TURN; i++) {
		n = recv(heal_fd(h), buf, sizeof(buf), 0);
		if (n >= 0)
			any |= any_deleted(h, buf, (int)n);
		else if (errno == ENOBUFS)
			any = true;	/* one of those that were lost may have said so */
		else if (errno != EINTR)
			break;
	}
	if (!any || h->due)
		return;
	h->due = now + WAIT;
	if (h->ran && h->due < h->ran + PAUSE)
		h->due = h->ran + PAUSE;
}

/**
 * heal_tick - run haadm if that is due
 * @h:		the subscription
 * @now:	current time, ns
 *
 * If ha0 itself is gone, haadm is not run: it would make ha0 again, and who deletes ha0 may be
 * about to unload the module.
 */
void heal_tick(struct heal *h, uint64_t now)
{
	const char *const words[] = { h->program, "vip", "heal", NULL };

	if (!h->due || now < h->due || h->command)
		return;
	h->ran = now;
	if (!link_index(DEVICE)) {
		h->due = 0;
		return;
	}
	h->command = worker_run(h->worker, words, PATIENCE);
	h->due = h->command ? 0 : now + PAUSE;
}

/**
 * heal_done - handle the result of a command, if the command was haadm
 * @h:		the subscription
 * @result:	the result
 *
 * Return: whether the command was this one
 */
bool heal_done(struct heal *h, const struct worker_result *result)
{
	if (!h->command || result->id != h->command)
		return false;
	h->command = 0;
	if (result->end == WORKER_REFUSED) {
		h->due = h->ran + PAUSE;
	} else if (result->end == WORKER_ENDED && !result->code) {
		h->pause = PAUSE;
	} else {
		if (result->end == WORKER_NOT_BEGUN)
			log_warning("an address of " DEVICE " was deleted, and %s was not begun, which puts it back: %s",
				    h->program, strerror(result->code));
		else
			log_warning("an address of " DEVICE " was deleted, and `haadm vip heal`, which puts it back, failed (%d)",
				    result->code);
		h->due = h->ran + h->pause;
		h->pause = h->pause < PAUSE_MOST / 2 ? h->pause * 2 : PAUSE_MOST;
	}
	return true;
}

/**
 * heal_lost - note that the worker process ended, and with it a command that ran
 * @h:		the subscription
 * @now:	current time, ns
 *
 * Return: how many commands of this subscription ran
 */
unsigned int heal_lost(struct heal *h, uint64_t now)
{
	if (!h->command)
		return 0;
	h->command = 0;
	h->due = now + PAUSE;
	return 1;
}
