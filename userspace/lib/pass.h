/* SPDX-License-Identifier: GPL-2.0 */
/* A message between two processes of one program, and a descriptor that it passes. */
#ifndef LIB_PASS_H
#define LIB_PASS_H

#include <stddef.h>
#include <sys/types.h>

int pass_send(int to, const void *data, size_t size, int fd);
ssize_t pass_receive(int from, void *data, size_t room, int *fd);

#endif
