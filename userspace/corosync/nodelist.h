/* SPDX-License-Identifier: GPL-2.0 */
/* Corosync's nodelist, read from the keys of its map (libcmap). */
#ifndef COROSYNC_NODELIST_H
#define COROSYNC_NODELIST_H

#include <corosync/cmap.h>

#include "corosync/report.h"

void nodelist_look_up(const char *text, struct hasw_addr *at);
cs_error_t nodelist_read(cmap_handle_t map, struct corosync_report *report, uint64_t now, bool *settled);

#endif
