// SPDX-License-Identifier: GPL-2.0
/* The client of the agent's socket. It requests the state of the agent that runs in this network namespace. */

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ask_agent.h"
#include "haadm/output/print.h"
#include "lib/ask.h"

#define ANSWER_MS	1000	/* timeout for the reply, ms; a running agent replies within 1 ms */
#define TRIES		3	/* maximum number of attempts; an attempt fails if the agent serves too many clients */
#define AGAIN_MS	50

static int unanswered(struct hasw_error *err, int code)
{
	switch (code) {
	case ECONNREFUSED:
		return hasw_fail(err, code, "no agent runs here: is haagentd started, and in this network namespace?");
	case EACCES:
		return hasw_fail(err, code, "the agent answers root and its own user only");
	case EAGAIN:
		return hasw_fail(err, code, "the agent answers others; try again");
	case ETIMEDOUT:
		return hasw_fail(err, code, "an agent is there, but does not answer: it is stopped, or hangs");
	case EBADMSG:
		return hasw_fail(err, code, "what the agent answered cannot be read");
	default:
		return hasw_fail(err, code, "the agent cannot be asked: %s", strerror(code));
	}
}

/*
 * Checks the user of the listening process. Any process can bind the abstract address before the agent does. So the
 * reply of another unprivileged user's process must not be trusted.
 */
static int check_answerer(int fd, bool anybody, struct hasw_error *err)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
		return unanswered(err, errno);
	if (who.uid && who.uid != geteuid() && (geteuid() || !anybody))
		return hasw_fail(err, EPERM, "process %d of user %u listens where the agent should, and is not believed",
				 (int)who.pid, (unsigned int)who.uid);
	return 0;
}

int ask_receive(int fd, int patience, char *buf, size_t *size, struct hasw_error *err)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int ret = poll(&poll_fd, 1, patience);
	ssize_t n;

	if (ret <= 0)
		return unanswered(err, ret ? errno : ETIMEDOUT);
	n = recv(fd, buf, ASK_ANSWER, MSG_TRUNC);
	/*
	 * ECONNRESET: the agent closed the connection before it read the question. If the agent has sent a reply, the
	 * reply is still queued, so recv() is called again.
	 */
	if (n < 0 && errno == ECONNRESET)
		n = recv(fd, buf, ASK_ANSWER, MSG_TRUNC);
	if (n > ASK_ANSWER)
		return unanswered(err, EBADMSG);
	/* Length 0: the agent closed the connection without a reply, because it serves too many clients. */
	if (!n)
		return unanswered(err, EAGAIN);
	if (n < 0)
		return unanswered(err, errno);
	*size = (size_t)n;
	return 0;
}

int ask_connect(bool anybody, const char *question, struct hasw_error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const size_t name = strlen(ASK_NAME);
	int fd, ret;

	memcpy(addr.sun_path + 1, ASK_NAME, name);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return unanswered(err, errno);
	/* The socket is non-blocking, so connect() fails with EAGAIN if the backlog of the listening socket is full. */
	if (connect(fd, (struct sockaddr *)&addr, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + name)))
		ret = unanswered(err, errno);
	else
		ret = check_answerer(fd, anybody, err);
	if (!ret && send(fd, question, strlen(question), MSG_NOSIGNAL) < 0 && errno != EPIPE)
		ret = unanswered(err, errno);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

static int ask_once(bool anybody, char *buf, size_t *size, struct hasw_error *err)
{
	int fd = ask_connect(anybody, ASK_SHOW, err), ret;

	if (fd < 0)
		return fd;
	ret = ask_receive(fd, ANSWER_MS, buf, size, err);
	close(fd);
	return ret;
}

json_t *ask_parse(const char *buf, size_t size, struct hasw_error *err)
{
	json_t *answer = json_loadb(buf, size, JSON_REJECT_DUPLICATES, NULL);
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (!json_is_object(answer) || !out_json_plain(answer))
		unanswered(err, EBADMSG);
	else if (error && !strcmp(error, ASK_DENIED))
		unanswered(err, EACCES);
	else if (error)
		hasw_fail(err, EPROTO, "the agent refuses to answer: %s", error);
	else
		return answer;
	json_decref(answer);
	return NULL;
}

json_t *ask_agent(bool anybody, struct hasw_error *err)
{
	char *buf = malloc(ASK_ANSWER);
	json_t *answer = NULL;
	size_t size = 0;
	int ret;

	if (!buf) {
		hasw_fail(err, ENOMEM, "out of memory");
		return NULL;
	}
	for (int i = 0; i < TRIES; i++) {
		if (i)
			poll(NULL, 0, AGAIN_MS);
		ret = ask_once(anybody, buf, &size, err);
		if (ret != -EAGAIN)
			break;
	}
	if (!ret)
		answer = ask_parse(buf, size, err);
	free(buf);
	return answer;
}

const json_t *ask_agent_lease(const json_t *answer, const char *lease)
{
	const json_t *leases = json_object_get(answer, "leases");

	for (size_t i = 0; i < json_array_size(leases); i++) {
		const json_t *one = json_array_get(leases, i);
		const char *name = json_string_value(json_object_get(one, "lease"));

		if (name && !strcmp(name, lease))
			return one;
	}
	return NULL;
}

const char *ask_agent_why(const json_t *answer, const char *lease)
{
	const json_t *vote = json_object_get(answer, "vote"), *one = ask_agent_lease(answer, lease);

	if (one)
		return json_string_value(json_object_get(one, "reason"));
	return json_is_false(json_object_get(vote, "runs")) ?
		json_string_value(json_object_get(vote, "reason")) : NULL;
}
