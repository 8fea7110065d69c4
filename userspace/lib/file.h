/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers for files: one replaced at once, its directory and entry there, its absolute name, programs beside; folders. */
#ifndef HASW_FILE_H
#define HASW_FILE_H

#include <stddef.h>

struct file_next {
	char path[4096];
	int fd;
};

int file_beside(const char *name, char *path, size_t size);
int file_absolute(const char *path, char *to, size_t size);
int file_need_folder(const char *path);
int file_open_folder(const char *path);
int file_sync_folder(const char *path);
int file_next_open(struct file_next *next, const char *path);
int file_next_end(struct file_next *next, const char *path, int err);

#endif
