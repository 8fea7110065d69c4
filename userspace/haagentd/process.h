/* SPDX-License-Identifier: GPL-2.0 */
/* Child processes of the agent: they have none of its sockets, and no protection from the OOM killer. */
#ifndef HAAGENTD_PROCESS_H
#define HAAGENTD_PROCESS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_FD	3	/* descriptor that the child has beside its standard ones */

/**
 * struct process - what is known of a child process; all zero: none was started
 * @pid:	its pid; 0: it does not run
 * @began:	when it was started last, ns
 * @starts:	how often it was started
 */
struct process {
	pid_t pid;
	uint64_t began;
	unsigned int starts;
};

void process_began(struct process *p, pid_t pid, uint64_t now);
void process_ended(struct process *p);
pid_t process_fork(int fd, const char *name);
void process_exec(const char *path, const char *name) __attribute__((noreturn));
pid_t process_begin(const char *name, void (*run)(int fd) __attribute__((noreturn)), int *fd);
void process_signals(sigset_t *normal);

#endif
