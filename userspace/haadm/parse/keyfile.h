/* SPDX-License-Identifier: GPL-2.0 */
/* The key of one direction of heartbeats, in a file that nobody else can read. */

#ifndef HAADM_KEYFILE_H
#define HAADM_KEYFILE_H

#include <stdint.h>

#define KEYFILE_BYTES 16

/* Reads a key: 32 hexadecimal digits. NULL, or what is wrong with the file. */
const char *keyfile_read(uint8_t key[KEYFILE_BYTES], const char *path);

#endif
