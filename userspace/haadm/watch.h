/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command that shows the same again and again, as it changes: on events of the module and at an interval, until a key
 * is pressed, SIGINT comes, or it was shown as often as wanted.
 */

#ifndef HAADM_WATCH_H
#define HAADM_WATCH_H

#include "haadm/overview.h"
#include "haadm/parse/grammar.h"

struct watch {
	uint64_t every;		/* interval, ns */
	uint64_t count;		/* how often it is shown; 0: until it is ended */
	uint64_t over;		/* it is shown once, with rates over this time, ns; 0: without rates */
	bool again;		/* the word -w is there */
	bool on_events;		/* shows it on events, too, and not at the interval alone */
	bool first;		/* the first reading is shown, without rates; false: it is only what rates are measured from */
	void *data;
	/* Prints an overview. BEFORE: the one that was read before it, or NULL. */
	void (*print)(struct haadm *haadm, const struct watch *watch, const struct overview *before,
		      const struct overview *now);
};

/*
 * Parses the words behind the object: "every TIME" and "count N"; and -w and "over TIME" if the command can have them (WITH_W). Returns
 * STATUS_OK, or the status of the complaint.
 */
enum status watch_parse(struct watch *watch, const struct haadm *haadm, const struct request *req, bool with_w);

/* Reads and prints as WATCH says. Returns the status of the command. */
enum status watch_run(const struct watch *watch, struct haadm *haadm);

#endif
