/* SPDX-License-Identifier: GPL-2.0 */
/* The least part of a service's members that must be healthy; below it, health is ignored (setting `min_healthy`). */
#ifndef HAAGENTD_FLOOR_H
#define HAAGENTD_FLOOR_H

#include <stdbool.h>

#include "lib/addr.h"

/**
 * struct floor - the floor of one service
 * @service:	the service
 * @percent:	the least part of the checked members that must be healthy, percent; 0: no floor
 * @n:		number of checked members
 * @down:	number of those that are down
 * @open:	too few are healthy, so that health is ignored
 */
struct floor {
	struct hasw_svc service;
	unsigned int percent;
	unsigned int n;
	unsigned int down;
	bool open;
};

bool floor_set(struct floor *f, unsigned int down);

#endif
