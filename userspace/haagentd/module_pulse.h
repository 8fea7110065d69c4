/* SPDX-License-Identifier: GPL-2.0 */
/* A heartbeat session of the module with one peer, as the agent asks for it. */
#ifndef HAAGENTD_MODULE_PULSE_H
#define HAAGENTD_MODULE_PULSE_H

#include <linux/haswitch.h>
#include <net/if.h>

#include "module.h"

#define PULSE_KEY	16	/* bytes of a SipHash key */

/**
 * struct pulse_path - a way between two addresses
 * @local:	this node's address
 * @remote:	the peer's
 * @device:	device by which heartbeats leave, or empty
 */
struct pulse_path {
	struct hasw_addr local;
	struct hasw_addr remote;
	char device[IF_NAMESIZE];
};

/**
 * struct module_pulse - a session
 * @node:	the peer
 * @id:		number of the session, the same at both ends
 * @interval:	between two heartbeats of this node, ns
 * @multiplier:	the peer is lost after so many of its own intervals
 * @tx:		key of this node's heartbeats
 * @rx:		key of the peer's
 * @key_id:	number of both keys
 * @key_next:	number of keys that wait for the peer to have them, or @key_id
 * @paths:	the ways
 * @n_paths:	how many
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
