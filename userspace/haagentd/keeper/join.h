/* SPDX-License-Identifier: GPL-2.0 */
/* The machine that becomes a node by an invitation: it asks the inviting node, and writes what it gets. */
#ifndef HAAGENTD_JOIN_H
#define HAAGENTD_JOIN_H

int join_run(void);

#endif
