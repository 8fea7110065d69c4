/* SPDX-License-Identifier: GPL-2.0 */
/* The options of haadm, which precede the command. */

#ifndef HAADM_OPTIONS_H
#define HAADM_OPTIONS_H

#include "haadm/haadm.h"

/* Parses the options. Returns the index of the command's first word, or -1 - STATUS if haadm must exit with STATUS. */
int options_take(struct haadm *haadm, int argc, char **argv);

/* Returns whether a word is an option of haadm. */
bool options_know(const char *word);

#endif
