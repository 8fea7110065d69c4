/* SPDX-License-Identifier: GPL-2.0 */
/* Runs other programs, and takes what they print. */

#ifndef HAADM_BESIDE_H
#define HAADM_BESIDE_H

#include "lib/sock.h"

#define BESIDE_TEXT	65536	/* longest text that is taken, bytes */

/*
 * Runs haagentd, which is installed beside haadm, with two words of arguments; the second one can be NULL. INPUT is its
 * standard input, or NULL. OUT is filled with what it prints. Returns 0, or a negative errno; ERR then has the first
 * line that it has printed on standard error.
 */
int beside_agent(const char *first, const char *second, const char *input, char out[BESIDE_TEXT], struct hasw_error *err);

/*
 * Runs haagentd with an option that makes it print something, and with the agent's file that the environment names, if any.
 * OUT is filled with what it prints. Returns 0, or a negative errno and ERR.
 */
int beside_agent_print(const char *option, char out[BESIDE_TEXT], struct hasw_error *err);

/*
 * Asks haagentd which committed configuration of the cluster this node has. PATH: filled with its file, or empty. Returns 0,
 * or a negative errno and ERR.
 */
int beside_committed(char path[BESIDE_TEXT], struct hasw_error *err);

/* Returns whether systemd is the init of this machine. */
bool beside_systemd(void);

/*
 * Enables the units of module and agent, and starts them. AGAIN: also those that run, so that they read new files. Returns 0,
 * or a negative errno and ERR.
 */
int beside_start(bool again, struct hasw_error *err);

#endif
