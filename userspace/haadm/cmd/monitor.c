// SPDX-License-Identifier: GPL-2.0
/* `haadm monitor`: prints each event once, as it happens, and reports the sequence numbers of lost events. */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "haadm/commands.h"

struct monitor {
	struct haadm *haadm;
	struct hasw_sock sock;	/* socket that receives events; catch_up() reads lost events with haadm->sock */
	uint64_t last;		/* sequence number of the last event that was printed or skipped */
	bool silent;		/* skip events instead of printing them */
	struct hasw_error err;
};

static int print(struct monitor *monitor, const struct hasw_record *rec, uint64_t seq)
{
	if (!monitor->silent) {
		if (seq > monitor->last + 1)
			haadm_complain(monitor->haadm, STATUS_OK, "events %llu to %llu are lost",
				       (unsigned long long)monitor->last + 1, (unsigned long long)seq - 1);
		event_print(&monitor->haadm->out, rec, true);
	}
	monitor->last = seq;
	return ferror(stdout) ? -EPIPE : 0;
}

static int on_kept(const struct hasw_record *rec, void *data)
{
	struct monitor *monitor = data;
	uint64_t seq = hasw_number(rec, HASWITCH_A_EVENT_SEQ, 0);

	return seq > monitor->last ? print(monitor, rec, seq) : 0;
}

/* Prints the events after number monitor->last that the module still has, or skips them if monitor->silent is true. */
static int catch_up(struct monitor *monitor)
{
	struct hasw_sock *sock = haadm_sock(monitor->haadm);
	uint64_t wanted = monitor->last + 1;
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	int ret;

	if (!sock)
		return hasw_fail(&monitor->err, ENOTCONN, "cannot read the events that were lost");
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_EVENT_GET, NLM_F_DUMP);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, wanted);
	ret = hasw_dump(sock, &msg, on_kept, monitor, &monitor->err);
	return ret < 0 ? ret : 0;
}

static int on_event(const struct hasw_record *rec, void *data)
{
	struct monitor *monitor = data;
	uint64_t seq = hasw_number(rec, HASWITCH_A_EVENT_SEQ, 0);
	int ret = 0;

	if (seq > monitor->last + 1)
		ret = catch_up(monitor);
	return ret || seq <= monitor->last ? ret : print(monitor, rec, seq);
}

static int watch(struct monitor *monitor)
{
	struct pollfd wait[2] = {
		{ .fd = hasw_sock_fd(&monitor->sock), .events = POLLIN },
		{ .fd = 1, .events = 0 },	/* POLLERR: the reader has closed the pipe */
	};

	for (;;) {
		int ret;

		/* The output is flushed before each wait, because the reader of a pipe waits for the events. */
		if (fflush(stdout))
			return -EPIPE;
		ret = poll(wait, 2, -1);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0)
			return hasw_fail(&monitor->err, errno, "cannot wait: %s", strerror(errno));
		if (wait[1].revents & (POLLERR | POLLNVAL))
			return -EPIPE;
		ret = hasw_events(&monitor->sock, on_event, monitor, &monitor->err);
		if (ret == -ENOBUFS)
			ret = catch_up(monitor);
		if (ret)
			return ret;
	}
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct monitor monitor = { .haadm = haadm };
	int ret;

	(void)req;
	if (hasw_sock_open(&monitor.sock, &monitor.err))
		return haadm_error(haadm, &monitor.err);
	/*
	 * Events before the start are skipped. If an event happens between the first catch_up() and the subscription,
	 * the second catch_up() prints it.
	 */
	monitor.silent = true;
	ret = catch_up(&monitor);
	monitor.silent = false;
	if (!ret)
		ret = hasw_subscribe(&monitor.sock, &monitor.err);
	if (!ret)
		ret = catch_up(&monitor);
	if (!ret)
		ret = watch(&monitor);
	hasw_sock_close(&monitor.sock);
	return ret == -EPIPE ? STATUS_OK : haadm_error(haadm, &monitor.err);
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_EVENT_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_monitor = { "monitor", "prints events as they happen", verbs };
