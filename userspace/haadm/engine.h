/* SPDX-License-Identifier: GPL-2.0 */
/* The nodes that a cluster engine lists, as corosync does: they are no lines of a configuration, but belong to it. */

#ifndef HAADM_ENGINE_H
#define HAADM_ENGINE_H

#include "haadm/parse/lines.h"
#include "lib/sock.h"

/*
 * Puts lines in front of a configuration that add the nodes of the engine of this machine's agent, apart from those that
 * the configuration adds itself. Without an engine, LINES stays as it is. Returns 0; or a negative errno and ERR. If *KNOWN
 * is true then, the configuration adds nodes itself, and can be used nevertheless.
 */
int engine_put_nodes(struct lines *lines, bool *known, struct hasw_error *err);

#endif
