/* SPDX-License-Identifier: GPL-2.0 */
/* KUnit fixture: one vip with nodes, which tests of services need. */
#ifndef HASW_SERVICE_FIXTURE_H
#define HASW_SERVICE_FIXTURE_H

#include "service.h"

/**
 * struct hasw_service_fixture - one vip with four nodes, of no namespace
 * @cfg: configuration of the vip
 * @vip: the vip
 * @node: nodes that tests add as members
 */
struct hasw_service_fixture {
	struct hasw_config cfg;
	struct hasw_vip vip;
	struct hasw_node node[4];
};

void hasw_service_fixture_init(struct hasw_service_fixture *b);
void hasw_service_fixture_exit(struct hasw_service_fixture *b);

#endif
