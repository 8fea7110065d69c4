/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to the module about its pulse session with a peer. Pulses are heartbeats that two nodes' modules
 * exchange.
 */
#ifndef HAAGENTD_MODULE_PULSE_H
#define HAAGENTD_MODULE_PULSE_H

#include <linux/haswitch.h>
#include <net/if.h>

#include "module.h"

#define PULSE_KEY	16	/* bytes of a SipHash key */

/**
 * struct pulse_path - a path of a pulse session: one pair of addresses
 * @local:	this node's address
 * @remote:	the peer's address
 * @device:	device through which pulses are sent, or empty
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
 * @interval:	interval at which this node sends pulses, ns
 * @multiplier:	after this number of the peer's sending intervals without a pulse, the peer
 *		counts as lost
 * @tx:		key of the pulses that this node sends
 * @rx:		key of the pulses that the peer sends
 * @key_id:	number that identifies the key pair @tx and @rx
 * @key_next:	number that identifies the next key pair, which the module uses as soon as
 *		the peer also has it; equals @key_id if there is no next pair
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
uint64_t module_pulse_heard(struct module *m, const char *node);
uint64_t module_pulse_agentless(struct module *m, const char *node);
int module_pulse_begin(struct module *m, const struct module_pulse *pulse,
		       struct hasw_error *err);
int module_pulse_pace(struct module *m, const struct module_pulse *pulse,
		      struct hasw_error *err);
int module_pulse_end(struct module *m, const char *node, struct hasw_error *err);
int module_pulse_key(struct module *m, const struct module_pulse *pulse,
		     struct hasw_error *err);

#endif
