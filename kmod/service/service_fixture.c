// SPDX-License-Identifier: GPL-2.0
/* KUnit fixture: sets up and tears down the vip of service tests. */
#include "sched.h"
#include "service_fixture.h"

/**
 * hasw_service_fixture_init() - prepares a vip for services
 * @b: the fixture, zeroed
 *
 * Context: process.
 */
void hasw_service_fixture_init(struct hasw_service_fixture *b)
{
	/* No other thread uses the fixture, so no lock is needed. */
	hasw_wlock_drop(&b->cfg.wlock);
	hasw_wlock_drop(&b->vip.wlock);
}

/**
 * hasw_service_fixture_exit() - frees all services of the vip
 * @b: the fixture, as given to hasw_service_fixture_init()
 *
 * Context: process, may sleep.
 */
void hasw_service_fixture_exit(struct hasw_service_fixture *b)
{
	hasw_service_free_all(&b->cfg, &b->vip);
	hasw_maglev_free_all(&b->cfg.maglevs);
	/* Wait for RCU callbacks, which may use the nodes; the caller frees
	 * the nodes.
	 */
	rcu_barrier();
}
