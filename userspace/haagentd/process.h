/* SPDX-License-Identifier: GPL-2.0 */
/* Child processes of the agent: no sockets of its own, no protection from the OOM killer. */
#ifndef HAAGENTD_PROCESS_H
#define HAAGENTD_PROCESS_H

#include <sys/types.h>

#define PROCESS_FD	3	/* descriptor that the child has beside its standard ones */

pid_t process_fork(int fd, const char *name);

#endif
