// SPDX-License-Identifier: GPL-2.0
/* Health checks of members: those by TCP, and what the results of all checks lead to. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "share.h"
#include "haagentd/clock.h"
#include "haagentd/journal/journal.h"
#include "haagentd/log.h"
#include "lib/text.h"
#include "lib/tcp.h"

#define SYNCS		32	/* most healths that are set again in a second */
#define UNANSWERED	(150 * CLOCK_MS)	/* less than tcp_ack_late() has the kernel wait */
#define STARVED_PAUSE	(60 * CLOCK_SECOND)	/* minimum time between two log lines about failures of socket() */

/**
 * check_remote - return whether haagentd-checks makes a check
 * @c:	the check
 *
 * Return: yes or no
 */
bool check_remote(const struct check *c)
{
	return c->conf.kind != PLAN_TCP || c->conf.vip;
}

/* Whether the member is to get flows: it is healthy and does not flap, or nearly all members of the service are not. */
static bool usable(const struct check *c)
{
	return (c->judge.health == JUDGE_UP && !c->held) || (c->floor && c->floor->open);
}

static void sync_health(struct check *c)
{
	bool up = usable(c);
	struct hasw_error err;
	int ret;

	if (c->judge.health == JUDGE_UNKNOWN || c->said || !c->all->module->open)
		return;
	ret = module_health(c->all->module, &c->conf.service, c->conf.node, c->conf.at, up, &err);
	if (!ret)
		c->said = true;
	c->said_up = up;
	/* finish() calls sync_health() after each attempt, so a failure with the same errno as before is not logged. */
	if (ret && c->trouble != -ret)
		log_warning("%s is %s, but the module does not take it: %s",
			    c->name, up ? "up" : "down", err.text);
	c->trouble = -ret;
}

/* Counts the members of a service that are down. If they are too many or no longer, all members are told anew. */
static void judge_floor(struct checks *all, struct floor *f)
{
	char service[HASW_SVC_TEXT];
	unsigned int i, down = 0;

	if (!f)
		return;
	for (i = 0; i < all->n; i++)
		down += all->list[i].floor == f && all->list[i].judge.health == JUDGE_DOWN;
	if (!floor_set(f, down))
		return;
	hasw_svc_format(&f->service, service);
	if (f->open)
		log_error("%u of %u member%s of %s %s down, and \"min_healthy\" is %u%%: their health is ignored, and all of them get flows",
			  down, f->n, hasw_s(f->n), service, hasw_plural(down, "is", "are"), f->percent);
	else
		log_notice("%u of %u member%s of %s %s down: their health is heeded again", down, f->n, hasw_s(f->n), service,
			   hasw_plural(down, "is", "are"));
	journal_service(all->journal, service, f->open ? "health-ignored" : "health-heeded");
	notify_run(all->notify, "service", service, f->open ? "health-ignored" : "health-heeded", NULL);
	for (i = 0; i < all->n; i++) {
		if (all->list[i].floor != f)
			continue;
		all->list[i].said = false;
		sync_health(&all->list[i]);
	}
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
	enum log_level level = resting ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING;
	char by[16] = "";
	char service[HASW_SVC_TEXT], member[CHECK_MEMBER];

	if (c->follows) {
		log_line(c->judge.health == JUDGE_UP ? LOG_LEVEL_NOTICE : level, "%s is %s, as %s says, which holds the vip",
			 c->name, check_health_word(c), c->from);
		goto notify;
	}
	if (check_remote(c))
		snprintf(by, sizeof(by), " by %s", plan_kind_word(c->conf.kind));
	if (c->judge.health == JUDGE_UP && check_remote(c))
		log_notice("%s is up: %u check%s%s in a row succeeded, the last one: %s",
			   c->name, c->judge.rise, hasw_s(c->judge.rise), by, c->text);
	else if (c->judge.health == JUDGE_UP)
		log_notice("%s is up: %u connection%s in a row %s taken",
			   c->name, c->judge.rise, hasw_s(c->judge.rise),
			   hasw_plural(c->judge.rise, "was", "were"));
	else
		log_line(level, "%s is down: %u %s%s%s in a row failed, the last one: %s",
			 c->name, c->judge.fall, check_remote(c) ? "check" : "connection", hasw_s(c->judge.fall),
			 by, c->text);
notify:
	if (resting)
		return;
	notify_run(c->all->notify, "member",
		   hasw_svc_format(&c->conf.service, service), name_member(member, &c->conf),
		   c->judge.health == JUDGE_UP ? "up" : "down");
}

/* Takes the share that a member wants. One that wants less again and again is warned of seldom. */
static void take_share(struct check *c, uint8_t share)
{
	bool known = c->share, warn = !known || c->share == 100;
	uint64_t now = clock_now();

	if (!c->conf.share || !share || c->judge.health == JUDGE_DOWN || share == c->share)
		return;
	c->share = share;
	c->all->shares_stale = true;
	/* Once, and in its time: what a server says of itself must not delay who is down. */
	if (!c->urgent)
		c->urgent = 1;
	if (share == 100 && known)
		log_notice("%s wants its whole share of new flows", c->name);
	if (share == 100)
		return;
	warn &= !c->less || now - c->less >= STARVED_PAUSE;
	if (warn)
		c->less = now;
	log_line(warn ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		 "%s has too much to do: it wants %u%% of their share of new flows for all members of its node", c->name, share);
}

static void on_release(evutil_socket_t none, short what, void *arg)
{
	struct check *c = arg;

	(void)none;
	(void)what;
	c->held = 0;
	c->said = false;
	report(c);
	sync_health(c);
}

/* Handles a new health of the member. One that went down several times in a short time is held before it is up again. */
static void changed(struct check *c, enum judge_health was)
{
	uint64_t now = clock_now(), wait = 0;
	struct timeval span;

	c->said = false;
	/* What it has said before it went down is over. */
	if (c->judge.health == JUDGE_DOWN)
		c->share = 0;
	c->all->shares_stale = true;
	if (was == JUDGE_UP && c->conf.damp && !module_resting(c->all->module, c->conf.node))
		flap_loss(&c->flap, now);
	if (c->judge.health == JUDGE_UP && c->conf.damp)
		wait = flap_wait(&c->flap, now, 0);
	c->held = wait ? now + wait : 0;
	if (wait) {
		span = clock_span(wait);
		event_add(c->release, &span);
		log_warning("%s is healthy again, but went down several times in a short time: it gets no flows for %llu s",
			    c->name, (unsigned long long)(wait / CLOCK_SECOND));
	} else {
		event_del(c->release);
		report(c);
	}
	judge_floor(c->all, c->floor);
	/* The other nodes are told at once. */
	c->urgent = CHECK_URGENT;
	c->all->share_at = 0;
}

/* Notes the last result, and since when there is no other outcome. */
static void note(struct check *c, enum plan_outcome outcome, const char *text, uint64_t took)
{
	if (!c->tried || c->outcome != outcome)
		c->since = clock_now();
	c->tried = true;
	c->outcome = outcome;
	c->took = took;
	snprintf(c->text, sizeof(c->text), "%s", text);
}

/* While the holder's results count, this node checks seldom. */
static uint64_t interval_of(const struct check *c)
{
	return c->follows ? c->conf.interval * c->conf.away : c->conf.interval;
}

/* Schedules the next attempt one interval after the start of the last attempt; at once if that time has passed. */
static void next(struct check *c)
{
	uint64_t now = clock_now(), due = c->begun + interval_of(c);
	struct timeval span = clock_span(due > now ? due - now : 0);

	event_add(c->timer, &span);
}

static void finish(struct check *c, int err)
{
	enum judge_health was;

	if (c->fd >= 0) {
		event_del(c->answer);
		if (clock_now() - c->begun < UNANSWERED)
			tcp_abort(c->fd);
		else
			tcp_close(c->fd);
		c->fd = -1;
	}
	note(c, err ? PLAN_BAD : PLAN_GOOD, err ? strerror(err) : "connected", clock_now() - c->begun);
	log_debug("check of %s: %s", c->name, err ? strerror(err) : "taken");
	was = c->judge.health;
	if (!c->follows && judge_result(&c->judge, !err))
		changed(c, was);
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
	if (c->why) {
		note(c, PLAN_UNSURE, c->why, 0);
		next(c);
		return;
	}
	if (!c->target.ss_family) {
		finish(c, EDESTADDRREQ);
		return;
	}
	c->fd = socket(c->target.ss_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		int err = errno;

		/* A failure of socket() on this host does not change the member's health. */
		note(c, PLAN_UNSURE, strerror(err), 0);
		if (!c->all->starved || c->begun - c->all->starved >= STARVED_PAUSE) {
			c->all->starved = c->begun;
			log_warning("check of %s: no socket: %s; members keep their health until there is one",
				    c->name, strerror(err));
		}
		next(c);
		return;
	}
	tcp_ack_late(c->fd);
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

static void put_word(struct plan_buf *b, const char *word)
{
	plan_put(b, word, strlen(word) + 1);
}

static void put_plan(struct plan_buf *b, const struct check *c, const char *service)
{
	const struct conf_check *conf = &c->conf;
	struct plan p;

	/* No byte between the fields may be left to chance: the bytes go to another process. */
	memset(&p, 0, sizeof(p));
	p.interval = interval_of(c);
	p.timeout = conf->timeout;
	p.rise = conf->rise;
	p.fall = conf->fall;
	p.size = (uint32_t)(strlen(conf->node) + 1 + strlen(service) + 1 + conf->words_size);
	p.n_words = (uint16_t)(PLAN_FIRST + conf->n_words);
	p.port = conf->port;
	p.from = conf->from;
	p.to = conf->to;
	p.address = c->goal;
	p.kind = (uint8_t)conf->kind;
	p.health = (uint8_t)c->judge.health;
	p.share = c->share;
	p.verify = conf->verify;
	if (conf->vip) {
		p.way = (uint8_t)c->way;
		p.vip = conf->service.vip;
		p.own = c->own;
		memcpy(p.dev, c->dev, sizeof(p.dev));
		memcpy(p.mac, c->mac, sizeof(p.mac));
	}
	plan_put(b, &p, sizeof(p));
	put_word(b, conf->node);
	put_word(b, service);
	plan_put(b, conf->words, conf->words_size);
}

/**
 * checks_tell - tell haagentd-checks which checks it makes
 * @all:	the checks; haagentd-checks starts all of them anew
 */
void checks_tell(struct checks *all)
{
	struct plan_head head = { 0 };
	struct plan_buf buf = { 0 };
	char service[HASW_SVC_TEXT];
	bool any = false;
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];

		any |= check_remote(c);
		c->index = check_remote(c) && !c->why ? head.n++ : CHECK_UNTOLD;
		if (c->why)
			note(c, PLAN_UNSURE, c->why, 0);
	}
	plan_put(&buf, &head, sizeof(head));
	for (i = 0; i < all->n; i++)
		if (all->list[i].index != CHECK_UNTOLD)
			put_plan(&buf, &all->list[i],
				 hasw_svc_format(&all->list[i].conf.service, service));
	/* A check that cannot be made now can be made soon, so the process stays. */
	checker_tell(all->checker, any ? &buf : NULL);
	free(buf.at);
	all->told = true;
	all->retell_at = 0;
}

static void on_plan_result(void *arg, const struct plan_result *result)
{
	struct checks *all = arg;
	uint64_t now = clock_now();
	enum judge_health was;
	struct check *c = NULL;
	unsigned int i;

	/* The indexes ascend, and those of checks by TCP are left out. */
	for (i = result->index; i < all->n && !c; i++)
		if (check_remote(&all->list[i]) && all->list[i].index == result->index)
			c = &all->list[i];
	if (!c)
		return;
	note(c, result->outcome, result->text, result->took);
	if (c->outcome == PLAN_UNSURE && (!c->unsure || now - c->unsure >= STARVED_PAUSE)) {
		c->unsure = now;
		log_warning("check of %s by %s says nothing: %s; the member keeps its health",
			    c->name, plan_kind_word(c->conf.kind), c->text);
	}
	if (result->wrong && (!c->wrong || now - c->wrong >= STARVED_PAUSE)) {
		c->wrong = now;
		log_warning("check of %s by %s says no share, which thus stays as it is: %s", c->name,
			    plan_kind_word(c->conf.kind), c->text);
	}
	log_debug("check of %s: %s", c->name, c->text);
	if (!c->follows && result->health != JUDGE_UNKNOWN && c->judge.health != result->health) {
		was = c->judge.health;
		c->judge.health = result->health;
		changed(c, was);
	}
	if (!c->follows)
		take_share(c, result->share);
	sync_health(c);
}

static void on_begun(void *arg)
{
	checks_tell(arg);
}

/*
 * A health that the module has not taken is set again. Checks by TCP do that after each attempt. Each is a request that
 * the loop waits for, so there are few of them in a second.
 */
static void on_second(void *arg)
{
	struct checks *all = arg;
	unsigned int i, left = SYNCS;
	struct check *c;

	for (i = 0; i < all->n && left; i++) {
		c = &all->list[all->next++ % all->n];
		if (!check_remote(c) || c->judge.health == JUDGE_UNKNOWN || c->said)
			continue;
		sync_health(c);
		left--;
	}
}

/* Callbacks of the process, whose argument is the struct checks. */
const struct checker_ops checks_ops = {
	.result = on_plan_result,
	.begun = on_begun,
	.second = on_second,
};

/**
 * check_follow - have the holder's results count, or this node's own
 * @c:		the check
 * @follows:	the holder's count
 *
 * For a check that haagentd-checks makes, the caller calls checks_tell().
 */
void check_follow(struct check *c, bool follows)
{
	struct timeval span;

	c->follows = follows;
	c->judge.row = 0;
	if (follows || check_remote(c) || c->fd >= 0)
		return;
	/* It begins anew, spread over one interval as at the start. */
	span = clock_span(c->conf.interval / c->all->n * (unsigned int)(c - c->all->list));
	event_add(c->timer, &span);
}

/**
 * check_hold - handle that this node holds the vip of a check, or another node does
 * @c:		the check
 * @holder:	this node holds it
 */
void check_hold(struct check *c, bool holder)
{
	if (c->holder == holder)
		return;
	c->holder = holder;
	/* What an earlier holder has said is over. */
	c->heard = 0;
	if (!c->follows)
		return;
	check_follow(c, false);
	/* A later call may change other checks, so the process is told once, by the next tick. */
	if (check_remote(c))
		c->all->retell_at = 1;
	c->all->share_at = 0;
}

/**
 * check_heard - take the health that the holder of the vip has found
 * @c:		the check
 * @health:	JUDGE_UP or JUDGE_DOWN
 * @share:	the share, percent; 0: the holder knows none
 */
void check_heard(struct check *c, enum judge_health health, uint8_t share)
{
	enum judge_health was = c->judge.health;

	if (!c->follows)
		return;
	if (was != health) {
		c->judge.health = health;
		changed(c, was);
		sync_health(c);
	}
	take_share(c, share);
}

/**
 * check_health_word - name the health that a check has found
 * @c:	the check
 *
 * Return: its word
 */
const char *check_health_word(const struct check *c)
{
	return c->judge.health == JUDGE_UP ? "up" : c->judge.health == JUDGE_DOWN ? "down" : "unknown";
}

/**
 * checks_look - look up at once which vips this node holds, and which members can be asked through them
 * @all:	the checks
 *
 * Call it when all of that is unknown; later, share_tick() looks up a few at a time.
 */
void checks_look(struct checks *all)
{
	all->look = true;
	if (share_look(all, all->n))
		all->retell_at = 1;
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
		c->said_up = was->said_up;
		c->trouble = was->trouble;
		aim_carry(c, was);
		c->flap = was->flap;
		c->held = was->held;
		/* What was found in another way says nothing of this one. */
		if (was->key == c->key) {
			c->heard = was->heard;
			memcpy(c->from, was->from, sizeof(c->from));
			c->share = was->share;
		}
		if (was->conf.kind == c->conf.kind && was->conf.vip == c->conf.vip && was->tried) {
			note(c, was->outcome, was->text, was->took);
			c->since = was->since;
			c->unsure = was->unsure;
			c->wrong = was->wrong;
			c->less = was->less;
		}
	}
}

/* Makes the floors of the services that have one. What was ignored before is not told again. */
static int floors_make(struct checks *all, const struct checks *old)
{
	unsigned int i, j;

	all->floors = calloc(all->n, sizeof(*all->floors));
	if (!all->floors)
		return -ENOMEM;
	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];

		if (!c->conf.min_healthy)
			continue;
		for (j = 0; j < all->n_floors; j++)
			if (!hasw_svc_compare(&all->floors[j].service, &c->conf.service))
				break;
		if (j == all->n_floors)
			all->floors[all->n_floors++].service = c->conf.service;
		c->floor = &all->floors[j];
		c->floor->percent = c->conf.min_healthy;
		c->floor->n++;
	}
	for (i = 0; i < all->n_floors; i++)
		for (j = 0; old && j < old->n_floors; j++)
			if (!hasw_svc_compare(&all->floors[i].service, &old->floors[j].service))
				all->floors[i].open = old->floors[j].open;
	return 0;
}

/**
 * checks_make - create the checks of a configuration
 * @all:	the set of checks, which is initialized here
 * @base:	the event loop
 * @module:	the module, in which the health of the members is set
 * @notify:	the notify commands
 * @checker:	the process that makes all checks but those by TCP
 * @conf:	the configuration
 * @old:	the checks of the previous configuration, whose health is kept; or NULL
 *
 * Return: 0 or -ENOMEM
 */
int checks_make(struct checks *all, struct event_base *base,
		struct module *module, struct notify *notify, struct checker *checker,
		const struct conf *conf, const struct checks *old)
{
	unsigned int i;

	memset(all, 0, sizeof(*all));
	all->base = base;
	all->module = module;
	all->notify = notify;
	all->checker = checker;
	all->journal = old ? old->journal : NULL;
	/* A witness has no module that could use the health. */
	if (!conf->n_checks || conf_witness(conf))
		return node_shares_make(all, old);
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
		c->holder = true;
		c->key = share_key(c);
		aim_begin(c);
		/* The words belong to the configuration, which lives as long as its checks. */
		carry(c, old);
		c->timer = evtimer_new(base, begin, c);
		c->release = evtimer_new(base, on_release, c);
		c->answer = event_new(base, -1, 0, answered, c);
		if (!c->timer || !c->answer || !c->release) {
			checks_free(all);
			return -ENOMEM;
		}
	}
	if (floors_make(all, old) || share_sort(all) || node_shares_make(all, old)) {
		checks_free(all);
		return -ENOMEM;
	}
	return 0;
}

/**
 * checks_start - start the checks, with their first attempts spread over one interval
 * @all:	the checks
 */
void checks_start(struct checks *all)
{
	uint64_t now = clock_now();
	unsigned int i;

	/* The caller may have copied the set to @all since checks_make(), so the pointers may be stale. */
	for (i = 0; i < all->n; i++)
		all->list[i].all = all;
	checks_aim(all);
	checks_look(all);
	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];
		struct timeval span = clock_span(c->conf.interval / all->n * i);

		if (c->held) {
			struct timeval rest = clock_span(c->held > now ? c->held - now : 0);

			event_add(c->release, &rest);
		}
		if (!check_remote(c))
			event_add(c->timer, &span);
	}
	for (i = 0; i < all->n_floors; i++)
		judge_floor(all, &all->floors[i]);
	/* A floor can be new, or gone. Only what that changes is set anew: there can be thousands of members. */
	for (i = 0; i < all->n; i++)
		if (all->list[i].said && all->list[i].said_up != usable(&all->list[i])) {
			all->list[i].said = false;
			sync_health(&all->list[i]);
		}
	checks_tell(all);
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
		if (c->release)
			event_free(c->release);
		if (c->fd >= 0)
			close(c->fd);
	}
	free(all->by_key);
	free(all->floors);
	free(all->shares);
	all->shares = NULL;
	all->n_shares = 0;
	free(all->list);
	all->by_key = NULL;
	all->floors = NULL;
	all->n_floors = 0;
	all->list = NULL;
	all->n = 0;
}
