/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers for files: creating a file's directory, and syncing its directory entry to disk. */
#ifndef HAAGENTD_FILE_H
#define HAAGENTD_FILE_H

int file_need_folder(const char *path);
int file_sync_folder(const char *path);

#endif
