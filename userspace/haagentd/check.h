/* SPDX-License-Identifier: GPL-2.0 */
/* Health checks: connections tried, results judged, health told to the module. */
#ifndef HAAGENTD_CHECK_H
#define HAAGENTD_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "conf.h"
#include "rise_fall.h"
#include "module.h"
#include "notify.h"

struct event;
struct event_base;
struct checks;

/**
 * struct check - the health check of one member
 * @all:	the checks that it belongs to
 * @conf:	what the file says of it
 * @name:	service and node, for people
 * @target:	where to connect to; family 0 while the node has no address
 * @judge:	rise and fall
 * @said:	the module has the judgement
 * @trouble:	errno that telling the module failed with last
 * @fd:		the connection that is being tried, or -1
 * @timer:	fires when the next try is due
 * @answer:	fires when the connection is decided, or its time is up
 * @begun:	when the present try began
 * @why:	why the last try failed, errno
 */
struct check {
	struct checks *all;
	struct conf_check conf;
	char name[HASW_SVC_TEXT + WIRE_NAME + 8];
	struct sockaddr_storage target;
	struct judge judge;
	bool said;
	int trouble;
	int fd;
	struct event *timer;
	struct event *answer;
	uint64_t begun;
	int why;
};

/**
 * struct checks - all of them
 * @base:	the event loop
 * @module:	is told
 * @notify:	commands are run
 * @list:	the checks
 * @n:		how many
 * @starved:	when it was told last that there is no socket; 0 for never
 */
struct checks {
	struct event_base *base;
	struct module *module;
	struct notify *notify;
	struct check *list;
	unsigned int n;
	uint64_t starved;
};

int checks_make(struct checks *all, struct event_base *base,
		struct module *module, struct notify *notify,
		const struct conf *conf, const struct checks *old);
void checks_start(struct checks *all);
void checks_free(struct checks *all);
void checks_aim(struct checks *all);
void checks_say_again(struct checks *all, const struct hasw_svc *service,
		      const char *node);

#endif
