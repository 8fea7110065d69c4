/* SPDX-License-Identifier: GPL-2.0 */
/* Health checks: TCP connections to members. Their results set the members' health in the module. */
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

#define CHECK_MEMBER (WIRE_NAME + sizeof(":65535"))	/* size of a member's name: NODE or NODE:PORT */

/**
 * struct check - the health check of one member
 * @all:	the set of checks that this one belongs to
 * @conf:	this check's configuration
 * @name:	member and service, for the log
 * @target:	address to connect to; family 0 while the node has no address
 * @judge:	the counters of successes and failures, for `rise` and `fall`
 * @said:	the current health has been set in the module
 * @trouble:	errno of the last attempt to set the health in the module, or 0
 * @fd:		the socket of the current connection attempt, or -1
 * @timer:	fires when the next connection attempt is due
 * @answer:	fires when the connection is established or refused, or times out
 * @begun:	when the current or last connection attempt began, ns
 * @why:	errno of the last failed connection attempt
 */
struct check {
	struct checks *all;
	struct conf_check conf;
	char name[HASW_SVC_TEXT + CHECK_MEMBER + 8];
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
 * struct checks - all health checks
 * @base:	the event loop
 * @module:	the module, in which the health of the members is set
 * @notify:	the notify commands, which are run at a change of health
 * @list:	array of the checks
 * @n:		number of entries in @list
 * @starved:	when the last failure of socket() was logged, ns; 0 for never
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
void checks_sync(struct checks *all, const struct hasw_svc *service,
		 const char *node);

#endif
