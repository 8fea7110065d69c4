/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses of the host names in corosync's nodelist. A resolver can take seconds, so a thread of its own asks it. */
#ifndef COROSYNC_NAMES_H
#define COROSYNC_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

#define NAMES_WAIT	UINT64_C(8000000000)	/* so long the first answer for a name is waited for, ns */
#define NAMES_RETRY	UINT64_C(60000000000)	/* after that a name without an address is looked up again, ns */

/* Finds the address of a host name, which can take seconds; family 0: none was found. */
typedef void (*names_lookup)(const char *text, struct hasw_addr *at);

void names_begin(names_lookup lookup);
bool names_find(const char *text, uint64_t now, struct hasw_addr *at);
void names_forget_others(uint64_t now);

#endif
