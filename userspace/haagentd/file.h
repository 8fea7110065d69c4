/* SPDX-License-Identifier: GPL-2.0 */
/* What files have in common: a folder, and that a name, too, is on the disk. */
#ifndef HAAGENTD_FILE_H
#define HAAGENTD_FILE_H

int file_need_folder(const char *path);
int file_sync_folder(const char *path);

#endif
