/* SPDX-License-Identifier: GPL-2.0 */
/* Handling of the module's netlink events. */
#ifndef HAAGENTD_WATCH_H
#define HAAGENTD_WATCH_H

#include "haagentd/check/check.h"
#include "conflict.h"
#include "conflict_share.h"
#include "haagentd/journal/journal.h"
#include "haagentd/journal/spans.h"
#include "module.h"
#include "haagentd/notify/notify.h"
#include "haagentd/vote/vote.h"

bool watch_events(struct module *m, struct checks *checks,
		  struct notify *notify, struct vote *vote,
		  struct conflicts *conflicts, struct shared_conflicts *shared, struct journal *journal,
		  struct spans *spans);

#endif
