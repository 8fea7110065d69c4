// SPDX-License-Identifier: GPL-2.0
/* Health checks of members by TCP connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "log.h"

#define STARVED_PAUSE	(60 * CLOCK_SECOND)	/* minimum time between two log lines about failures of socket() */

static void sync_health(struct check *c)
{
	bool up = c->judge.health == JUDGE_UP;
	struct hasw_error err;
	int ret;

	if (c->judge.health == JUDGE_UNKNOWN || c->said || !c->all->module->open)
		return;
	ret = module_health(c->all->module, &c->conf.service, c->conf.node, c->conf.at, up, &err);
	if (!ret)
		c->said = true;
	/* finish() calls sync_health() after each attempt, so a failure with the same errno as before is not logged. */
	if (ret && c->trouble != -ret)
		log_warning("%s is %s, but the module does not take it: %s",
			    c->name, up ? "up" : "down", err.text);
	c->trouble = -ret;
}

/* Writes the name of a check's member: its node, and its port if the check tells it apart from others on the node. */
static const char *name_member(char text[CHECK_MEMBER], const struct conf_check *conf)
{
	if (conf->at)
		snprintf(text, CHECK_MEMBER, "%s:%u", conf->node, conf->at);
	else
		snprintf(text, CHECK_MEMBER, "%s", conf->node);
	return text;
}

static void report(struct check *c)
{
	bool resting = module_resting(c->all->module, c->conf.node);
	char service[HASW_SVC_TEXT], member[CHECK_MEMBER];

	if (c->judge.health == JUDGE_UP)
		log_notice("%s is up: %u connection%s in a row %s taken",
			   c->name, c->judge.rise, LOG_S(c->judge.rise),
			   c->judge.rise == 1 ? "was" : "were");
	else
		log_line(resting ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
			 "%s is down: %u connection%s in a row failed, the last one: %s",
			 c->name, c->judge.fall, LOG_S(c->judge.fall), strerror(c->why));
	if (resting)
		return;
	notify_run(c->all->notify, "member",
		   hasw_svc_format(&c->conf.service, service), name_member(member, &c->conf),
		   c->judge.health == JUDGE_UP ? "up" : "down");
}

/* Schedules the next attempt one interval after the start of the last attempt; at once if that time has passed. */
static void next(struct check *c)
{
	uint64_t now = clock_now(), due = c->begun + c->conf.interval;
	struct timeval span = clock_span(due > now ? due - now : 0);

	event_add(c->timer, &span);
}

static void finish(struct check *c, int err)
{
	if (c->fd >= 0) {
		/* SO_LINGER with time 0 makes close() send a RST, so that no socket stays in TIME_WAIT. */
		struct linger linger = { .l_onoff = 1 };

		event_del(c->answer);
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(c->fd);
		c->fd = -1;
	}
	if (err)
		c->why = err;
	log_debug("check of %s: %s", c->name, err ? strerror(err) : "taken");
	if (judge_result(&c->judge, !err)) {
		c->said = false;
		report(c);
	}
	sync_health(c);
	next(c);
}

static void answered(evutil_socket_t fd, short what, void *arg)
{
	struct check *c = arg;
	socklen_t length = sizeof(int);
	int err = 0;

	/* After a stall of this agent, EV_WRITE and EV_TIMEOUT can both be set. EV_TIMEOUT is then ignored. */
	if (!(what & EV_WRITE))
		err = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &length))
		err = errno;
	finish(c, err);
}

static void begin(evutil_socket_t none, short what, void *arg)
{
	struct check *c = arg;
	struct timeval timeout = clock_span(c->conf.timeout);

	(void)none;
	(void)what;
	c->begun = clock_now();
	if (!c->target.ss_family) {
		finish(c, EDESTADDRREQ);
		return;
	}
	c->fd = socket(c->target.ss_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		/* A failure of socket() on this host does not change the member's health. */
		if (!c->all->starved || c->begun - c->all->starved >= STARVED_PAUSE) {
			c->all->starved = c->begun;
			log_warning("check of %s: no socket: %s; members keep their health until there is one",
				    c->name, strerror(errno));
		}
		next(c);
		return;
	}
	if (connect(c->fd, (struct sockaddr *)&c->target,
		    c->target.ss_family == AF_INET6 ?
		    sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) &&
	    errno != EINPROGRESS) {
		finish(c, errno);
		return;
	}
	event_assign(c->answer, c->all->base, c->fd, EV_WRITE, answered, c);
	event_add(c->answer, &timeout);
}

static void aim(struct check *c, const struct hasw_addr *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&c->target;
	struct sockaddr_in *in = (struct sockaddr_in *)&c->target;

	memset(&c->target, 0, sizeof(c->target));
	if (addr->family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons(c->conf.port);
		memcpy(&in->sin_addr, addr->bytes, 4);
	} else if (addr->family == AF_INET6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(c->conf.port);
		memcpy(&in6->sin6_addr, addr->bytes, 16);
	}
}

/*
 * Returns the node's address of the same family as the service's vip. If the node has no such
 * address, the function returns the node's address of the other family.
 */
static const struct hasw_addr *address_of(const struct module_node *node,
					  const struct hasw_svc *service)
{
	const struct hasw_addr *same, *other;

	same = service->vip.family == AF_INET ? &node->addr4 : &node->addr6;
	other = service->vip.family == AF_INET ? &node->addr6 : &node->addr4;
	return same->family ? same : other;
}

/**
 * checks_aim - set the addresses that the checks connect to
 * @all:	the checks
 *
 * Call it when the addresses of nodes in the module may have changed.
 */
void checks_aim(struct checks *all)
{
	struct module_node *nodes = NULL;
	struct hasw_error err;
	unsigned int i, j, n = 0;

	if (all->module->open && module_nodes(all->module, &nodes, &n, &err))
		log_warning("the nodes' addresses are not known: %s", err.text);
	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];

		if (c->conf.address.family) {
			aim(c, &c->conf.address);
			continue;
		}
		for (j = 0; j < n; j++)
			if (!strcmp(nodes[j].name, c->conf.node))
				aim(c, address_of(&nodes[j], &c->conf.service));
	}
	free(nodes);
}

/**
 * checks_sync - set the members' health in the module again, because the module may
 * have lost it
 * @all:	the checks
 * @service:	service of the member; NULL for all members
 * @node:	node of the member; NULL for all members of @service
 *
 * Call it when a member was added, a restored configuration was committed, or events of
 * the module may have been lost.
 */
void checks_sync(struct checks *all, const struct hasw_svc *service,
		 const char *node)
{
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];

		if (service && (hasw_svc_compare(&c->conf.service, service) ||
				(node && strcmp(c->conf.node, node))))
			continue;
		c->said = false;
		sync_health(c);
	}
}

static void carry(struct check *c, const struct checks *old)
{
	unsigned int i;

	for (i = 0; old && i < old->n; i++) {
		const struct check *was = &old->list[i];

		if (hasw_svc_compare(&was->conf.service, &c->conf.service) ||
		    strcmp(was->conf.node, c->conf.node) ||
		    was->conf.at != c->conf.at)
			continue;
		c->judge.health = was->judge.health;
		c->said = was->said;
		c->trouble = was->trouble;
	}
}

/**
 * checks_make - create the checks of a configuration
 * @all:	the set of checks, which is initialized here
 * @base:	the event loop
 * @module:	the module, in which the health of the members is set
 * @notify:	the notify commands
 * @conf:	the configuration
 * @old:	the checks of the previous configuration, whose health is kept; or NULL
 *
 * Return: 0 or -ENOMEM
 */
int checks_make(struct checks *all, struct event_base *base,
		struct module *module, struct notify *notify,
		const struct conf *conf, const struct checks *old)
{
	unsigned int i;

	memset(all, 0, sizeof(*all));
	all->base = base;
	all->module = module;
	all->notify = notify;
	/* A witness has no module that could use the health. */
	if (!conf->n_checks || conf_witness(conf))
		return 0;
	all->list = calloc(conf->n_checks, sizeof(*all->list));
	if (!all->list)
		return -ENOMEM;
	for (i = 0; i < conf->n_checks; i++) {
		struct check *c = &all->list[all->n++];
		char service[HASW_SVC_TEXT], member[CHECK_MEMBER];

		c->all = all;
		c->fd = -1;
		c->conf = conf->checks[i];
		c->judge.rise = c->conf.rise;
		c->judge.fall = c->conf.fall;
		snprintf(c->name, sizeof(c->name), "%s of %s", name_member(member, &c->conf),
			 hasw_svc_format(&c->conf.service, service));
		carry(c, old);
		c->timer = evtimer_new(base, begin, c);
		c->answer = event_new(base, -1, 0, answered, c);
		if (!c->timer || !c->answer) {
			checks_free(all);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * checks_start - start the checks, with their first attempts spread over one interval
 * @all:	the checks
 */
void checks_start(struct checks *all)
{
	unsigned int i;

	checks_aim(all);
	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];
		struct timeval span = clock_span(c->conf.interval / all->n * i);

		/* The caller may have copied the set to @all since checks_make(), so c->all may be stale. */
		c->all = all;
		event_add(c->timer, &span);
	}
}

/**
 * checks_free - end all checks
 * @all:	the checks
 */
void checks_free(struct checks *all)
{
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];

		if (c->timer)
			event_free(c->timer);
		if (c->answer)
			event_free(c->answer);
		if (c->fd >= 0)
			close(c->fd);
	}
	free(all->list);
	all->list = NULL;
	all->n = 0;
}
