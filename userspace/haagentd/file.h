/* SPDX-License-Identifier: GPL-2.0 */
/* What files have in common: that a name, too, is on the disk. */
#ifndef HAAGENTD_FILE_H
#define HAAGENTD_FILE_H

int file_sync_folder(const char *path);

#endif
