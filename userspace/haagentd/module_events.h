/* SPDX-License-Identifier: GPL-2.0 */
/* Handling of the module's netlink events. */
#ifndef HAAGENTD_WATCH_H
#define HAAGENTD_WATCH_H

#include "check.h"
#include "conflict.h"
#include "journal.h"
#include "module.h"
#include "notify.h"
#include "vote.h"

bool watch_events(struct module *m, struct checks *checks,
		  struct notify *notify, struct vote *vote,
		  struct conflicts *conflicts, struct journal *journal);

#endif
