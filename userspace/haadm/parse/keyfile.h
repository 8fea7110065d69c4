/* SPDX-License-Identifier: GPL-2.0 */
/* A key file holds the secret key for heartbeats in one direction. Other users must not have access to it. */

#ifndef HAADM_KEYFILE_H
#define HAADM_KEYFILE_H

#include <stdint.h>

#define KEYFILE_BYTES 16

/* Reads a key of 32 hexadecimal digits. Returns NULL, or the error as a phrase that follows the file's name. */
const char *keyfile_read(uint8_t key[KEYFILE_BYTES], const char *path);

#endif
