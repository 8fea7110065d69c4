/* SPDX-License-Identifier: GPL-2.0 */
/* Child processes of the agent: they have none of its sockets, and no protection from the OOM killer. */
#ifndef HAAGENTD_PROCESS_H
#define HAAGENTD_PROCESS_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_FD	3	/* descriptor that the child has beside its standard ones */

pid_t process_fork(int fd, const char *name);
void process_exec(const char *path, const char *name) __attribute__((noreturn));
pid_t process_begin(const char *name, void (*run)(int fd) __attribute__((noreturn)), int *fd);
void process_signals(sigset_t *normal);

#endif
