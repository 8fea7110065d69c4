/* SPDX-License-Identifier: GPL-2.0 */
/* Requests about a pulse session of the module with one peer. */
#ifndef HAAGENTD_MODULE_PULSE_H
#define HAAGENTD_MODULE_PULSE_H

#include <linux/haswitch.h>
#include <net/if.h>

#include "module.h"

#define PULSE_KEY	16	/* bytes of a SipHash key */

/**
 * struct pulse_path - a path of a session: one pair of addresses
 * @local:	this node's address
 * @remote:	the peer's address
 * @device:	device that the heartbeats are sent through, or empty
 */
struct pulse_path {
	struct hasw_addr local;
	struct hasw_addr remote;
	char device[IF_NAMESIZE];
};

/**
 * struct module_pulse - a pulse session with one peer
 * @node:	the peer
 * @id:		id of the session, the same at both ends
 * @interval:	interval of this node's heartbeats, ns
 * @multiplier:	the peer is lost after so many of the peer's own intervals without a
 *		heartbeat
 * @tx:		key of this node's heartbeats
 * @rx:		key of the peer's heartbeats
 * @key_id:	number of @tx and @rx
 * @key_next:	number of keys that are used once the peer has them; else equal to
 *		@key_id
 * @paths:	the paths
 * @n_paths:	number of entries in @paths
 */
struct module_pulse {
	const char *node;
	uint32_t id;
	uint64_t interval;
	unsigned int multiplier;
	uint8_t tx[PULSE_KEY];
	uint8_t rx[PULSE_KEY];
	uint8_t key_id;
	uint8_t key_next;
	struct pulse_path paths[HASWITCH_PULSE_PATHS_MAX];
	unsigned int n_paths;
};

int module_pulse_get(struct module *m, const char *node,
		     struct module_pulse *pulse, struct hasw_error *err);
int module_pulse_begin(struct module *m, const struct module_pulse *pulse,
		       struct hasw_error *err);
int module_pulse_pace(struct module *m, const struct module_pulse *pulse,
		      struct hasw_error *err);
int module_pulse_end(struct module *m, const char *node, struct hasw_error *err);
int module_pulse_key(struct module *m, const struct module_pulse *pulse,
		     struct hasw_error *err);

#endif
