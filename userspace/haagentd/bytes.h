/* SPDX-License-Identifier: GPL-2.0 */
/* Writing and reading big-endian numbers, for packets and files. */
#ifndef HAAGENTD_BYTES_H
#define HAAGENTD_BYTES_H

#include <stdint.h>

static inline void bytes_put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static inline uint64_t bytes_get(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

#endif
