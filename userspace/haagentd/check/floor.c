// SPDX-License-Identifier: GPL-2.0
/* The least part of a service's members that must be healthy; below it, health is ignored (setting `min_healthy`). */
#include "floor.h"

/**
 * floor_set - set how many members are down
 * @f:		the floor of the service
 * @down:	number of members that are down
 *
 * When nearly all members seem to be down, the checks themselves are more likely to be wrong than all servers, and a few
 * healthy ones could not bear the load of all clients.
 *
 * Return: whether @f->open has changed
 */
bool floor_set(struct floor *f, unsigned int down)
{
	bool was = f->open;

	f->down = down;
	f->open = (f->n - down) * 100 < f->percent * f->n;
	return f->open != was;
}
