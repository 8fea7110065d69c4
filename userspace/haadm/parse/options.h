/* SPDX-License-Identifier: GPL-2.0 */
/* The options of haadm, which stand before the command. */

#ifndef HAADM_OPTIONS_H
#define HAADM_OPTIONS_H

#include "haadm/haadm.h"

/* Takes the options; the index of the first word of the command, or negative: exit with -1 - it. */
int options_take(struct haadm *haadm, int argc, char **argv);

/* Is this word one of the options? */
bool options_know(const char *word);

#endif
