/* SPDX-License-Identifier: GPL-2.0 */
/* The findings of haadm doctor, and the checks that make them. */

#ifndef HAADM_DOCTOR_H
#define HAADM_DOCTOR_H

#include "haadm/overview.h"

#define AGENT_PORT	6946	/* the default port of agents */

struct findings {
	json_t *list;		/* objects with "check", "what" and "mend" */
	json_t *notes;		/* texts: risks that the configuration takes, which are no trouble now */
	json_t *skipped;	/* objects with "check" and "why": what could not be looked at */
};

void findings_begin(struct findings *findings);
void findings_end(struct findings *findings);

/* Adds a finding: what is wrong, and what to do about it. WHAT and MEND are strings, which are released. */
void findings_add(struct findings *findings, const char *check, json_t *what, json_t *mend);

/* Says that a check was not made. */
void findings_skip(struct findings *findings, const char *check, const char *why);

/* Returns whether a check has found something. */
bool findings_have(const struct findings *findings, const char *check);

/* agent.c: looks at ANSWER, the agent's answer. */
void doctor_agent(struct findings *findings, const json_t *answer);

/* host.c: looks at what was read of this machine. */
void doctor_host(struct findings *findings, const struct overview *o);

/*
 * host.c: looks whether systemd starts what this machine needs; ROOT is "" but in tests. MODULE: the module is needed.
 * AGENT: the unit of the agent that is needed, or NULL.
 */
void doctor_units(struct findings *findings, const char *root, bool module, const char *agent);

/*
 * firewall.c: looks for rules of nft that drop UDP packets to a port from other machines, or to them. RULES: what `nft -j
 * list ruleset` prints. WHO: whose port it is. Unclear rules are taken for harmless.
 */
void doctor_rules(struct findings *findings, const json_t *rules, unsigned int port, const char *who);

/* firewall.c: the same of connections by TCP. */
void doctor_rules_tcp(struct findings *findings, const json_t *rules, unsigned int port, const char *who);

/* firewall.c: reads the rules of nft, and looks at the ports of agents and modules. ANSWER: the agent's, or NULL. */
void doctor_firewall(struct findings *findings, const json_t *answer);

#endif
