// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the module about its pulse sessions, one function each. Pulses are heartbeats that two nodes' modules
 * exchange.
 */
#include <stdio.h>
#include <string.h>

#include "lib/generated/spec_gen.h"
#include "module_pulse.h"

static void begin(struct module *m, struct hasw_msg *msg, uint8_t cmd,
		  const char *node)
{
	hasw_msg_begin(msg, m->buf, sizeof(m->buf), cmd, 0);
	hasw_put_string(msg, HASWITCH_A_PULSE_NODE, node);
}

static void put_keys(struct hasw_msg *msg, const struct module_pulse *pulse)
{
	hasw_put_bytes(msg, HASWITCH_A_PULSE_TX_KEY, pulse->tx, PULSE_KEY);
	hasw_put_bytes(msg, HASWITCH_A_PULSE_RX_KEY, pulse->rx, PULSE_KEY);
	hasw_put_u8(msg, HASWITCH_A_PULSE_KEY_ID, pulse->key_id);
}

static void put_pace(struct hasw_msg *msg, const struct module_pulse *pulse)
{
	hasw_put_u64(msg, HASWITCH_A_PULSE_INTERVAL, pulse->interval);
	hasw_put_u8(msg, HASWITCH_A_PULSE_MULTIPLIER, (uint8_t)pulse->multiplier);
}

static void take_path(struct module_pulse *pulse, const struct nlattr *nest)
{
	struct pulse_path *path = &pulse->paths[pulse->n_paths];
	struct hasw_record rec;
	const char *device;

	if (pulse->n_paths == HASWITCH_PULSE_PATHS_MAX ||
	    hasw_record_nest(&rec, &hasw_set_pulse_path_state, nest))
		return;
	hasw_get_addr(&rec, HASWITCH_A_PULSE_PATH_STATE_LOCAL4, &path->local);
	hasw_get_addr(&rec, HASWITCH_A_PULSE_PATH_STATE_REMOTE4, &path->remote);
	device = hasw_string(&rec, HASWITCH_A_PULSE_PATH_STATE_DEV);
	snprintf(path->device, sizeof(path->device), "%s", device ? device : "");
	pulse->n_paths++;
}

static int take(const struct hasw_record *rec, void *data)
{
	const struct nlattr *nest = NULL;
	struct module_pulse *pulse = data;

	pulse->id = (uint32_t)hasw_number(rec, HASWITCH_A_PULSE_ID, 0);
	pulse->interval = hasw_number(rec, HASWITCH_A_PULSE_INTERVAL, 0);
	pulse->multiplier = (unsigned int)hasw_number(rec, HASWITCH_A_PULSE_MULTIPLIER, 0);
	pulse->key_id = (uint8_t)hasw_number(rec, HASWITCH_A_PULSE_KEY_ID, 0);
	pulse->key_next = (uint8_t)hasw_number(rec, HASWITCH_A_PULSE_KEY_NEXT,
					       pulse->key_id);
	while ((nest = hasw_next(rec, HASWITCH_A_PULSE_PATH_STATE, nest)))
		take_path(pulse, nest);
	return 0;
}

/**
 * module_pulse_get - get the pulse session with a node
 * @m:		the module
 * @node:	the node
 * @pulse:	filled, except the node's name and the keys
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -ENOENT if there is no session with @node
 */
int module_pulse_get(struct module *m, const char *node,
		     struct module_pulse *pulse, struct hasw_error *err)
{
	struct hasw_msg msg;

	memset(pulse, 0, sizeof(*pulse));
	begin(m, &msg, HASWITCH_CMD_PULSE_GET, node);
	return calls_get(&m->calls, &msg, take, pulse, err);
}

static int take_heard(const struct hasw_record *rec, void *data)
{
	const struct nlattr *nest = NULL;
	uint64_t *latest = data;

	while ((nest = hasw_next(rec, HASWITCH_A_PULSE_PATH_STATE, nest))) {
		struct hasw_record path;
		uint64_t heard;

		if (hasw_record_nest(&path, &hasw_set_pulse_path_state, nest))
			continue;
		heard = hasw_number(&path, HASWITCH_A_PULSE_PATH_STATE_HEARD, 0);
		if (heard > *latest)
			*latest = heard;
	}
	return 0;
}

/* Asks for the session with a node. Return: the time that TAKE_TIME has taken, or 0. */
static uint64_t ask_time(struct module *m, const char *node, int (*take_time)(const struct hasw_record *rec, void *data))
{
	struct hasw_error err;
	struct hasw_msg msg;
	uint64_t at = 0;

	begin(m, &msg, HASWITCH_CMD_PULSE_GET, node);
	return calls_get(&m->calls, &msg, take_time, &at, &err) ? 0 : at;
}

/**
 * module_pulse_heard - return when the module has heard a node last
 * @m:		the module
 * @node:	the node
 *
 * Return: the time of the last pulse, CLOCK_BOOTTIME, ns; 0: never, or there is no session
 */
uint64_t module_pulse_heard(struct module *m, const char *node)
{
	return ask_time(m, node, take_heard);
}

static int take_agentless(const struct hasw_record *rec, void *data)
{
	*(uint64_t *)data = hasw_number(rec, HASWITCH_A_PULSE_AGENTLESS, 0);
	return 0;
}

/**
 * module_pulse_agentless - return after which time a node has said that it has no running agent and holds no lease
 * @m:		the module
 * @node:	the node
 *
 * Return: the time, CLOCK_BOOTTIME, ns; 0: it has not said so, or there is no session
 */
uint64_t module_pulse_agentless(struct module *m, const char *node)
{
	return ask_time(m, node, take_agentless);
}

/**
 * module_pulse_begin - create a pulse session
 * @m:		the module
 * @pulse:	the session
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno, see pulse-set in haswitch-netlink(7)
 */
int module_pulse_begin(struct module *m, const struct module_pulse *pulse,
		       struct hasw_error *err)
{
	struct hasw_msg msg;
	unsigned int i;

	begin(m, &msg, HASWITCH_CMD_PULSE_SET, pulse->node);
	hasw_put_u32(&msg, HASWITCH_A_PULSE_ID, pulse->id);
	put_pace(&msg, pulse);
	put_keys(&msg, pulse);
	for (i = 0; i < pulse->n_paths; i++) {
		const struct pulse_path *path = &pulse->paths[i];
		struct nlattr *nest = hasw_nest_begin(&msg, HASWITCH_A_PULSE_PATH);

		hasw_put_addr(&msg, HASWITCH_A_PULSE_PATH_LOCAL4, &path->local);
		hasw_put_addr(&msg, HASWITCH_A_PULSE_PATH_REMOTE4, &path->remote);
		if (path->device[0])
			hasw_put_string(&msg, HASWITCH_A_PULSE_PATH_DEV, path->device);
		hasw_nest_end(&msg, nest);
	}
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_pulse_pace - change the interval and the multiplier of a pulse session
 * @m:		the module
 * @pulse:	the session; only its node, interval and multiplier are used
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_pulse_pace(struct module *m, const struct module_pulse *pulse,
		      struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_PULSE_SET, pulse->node);
	put_pace(&msg, pulse);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_pulse_key - set new keys of a pulse session
 * @m:		the module
 * @pulse:	the session; only its node, keys and key number are used
 * @err:	filled on failure
 *
 * The module uses the new keys as soon as the peer's module also has them.
 *
 * Return: 0 or a negative errno
 */
int module_pulse_key(struct module *m, const struct module_pulse *pulse,
		     struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_PULSE_KEY, pulse->node);
	put_keys(&msg, pulse);
	return calls_call(&m->calls, &msg, err);
}

/**
 * module_pulse_end - delete the pulse session with a node
 * @m:		the module
 * @node:	the node
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno
 */
int module_pulse_end(struct module *m, const char *node, struct hasw_error *err)
{
	struct hasw_msg msg;

	begin(m, &msg, HASWITCH_CMD_PULSE_DEL, node);
	return calls_call(&m->calls, &msg, err);
}
