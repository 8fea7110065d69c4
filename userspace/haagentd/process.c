// SPDX-License-Identifier: GPL-2.0
/*
 * Child processes of the agent: they have none of its sockets, and no protection from the OOM killer. They are started
 * by fork(), which does not wait for the child. posix_spawn() waits until the child has called execve(), and on a busy
 * host this can exceed the suspect time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "process.h"

/* Resets oom_score_adj: the agent is protected from the OOM killer, but its children and commands must not be. */
static void ordinary(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		log_debug("a process of the agent stays as it is to the OOM killer: %s",
			  strerror(errno));
	close(fd);
}

/**
 * process_fork - start a child process
 * @fd:		the descriptor that the child keeps, as PROCESS_FD, with close-on-exec
 * @name:	name of the child process
 *
 * All signals are blocked in the child, because the agent's signal handlers must not run there:
 * they would write to the agent's sockets.
 *
 * Return: the child's pid; 0 in the child; -1 with errno
 */
pid_t process_fork(int fd, const char *name)
{
	sigset_t all, old;
	pid_t pid;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	err = errno;
	if (pid) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		errno = err;
		return pid;
	}
	/*
	 * The child closes its copies of the agent's sockets, because the grants that are tied to them must end with
	 * the agent.
	 */
	if (dup2(fd, PROCESS_FD) < 0)
		_exit(EXIT_FAILURE);
	closefrom(PROCESS_FD + 1);
	fcntl(PROCESS_FD, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_NAME, name);
	ordinary();
	return 0;
}

/**
 * process_exec - run another program in a child that process_fork() has started
 * @path:	file of the program
 * @name:	its argv[0]
 *
 * The program has PROCESS_FD, and no signal is blocked in it. If it cannot be run, the child exits.
 */
void process_exec(const char *path, const char *name)
{
	sigset_t none;

	fcntl(PROCESS_FD, F_SETFD, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl(path, name, (char *)NULL);
	_exit(EXIT_FAILURE);
}

/**
 * process_begin - start a child process with a socket to it
 * @name:	its name in the list of processes
 * @run:	what it runs, with all signals blocked; gets its end of the socket
 * @fd:		set to the agent's end of a SOCK_SEQPACKET socket to it
 *
 * Return: its pid, or a negative errno
 */
pid_t process_begin(const char *name, void (*run)(int fd) __attribute__((noreturn)), int *fd)
{
	int fds[2], err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = process_fork(fds[1], name);
	err = -errno;
	if (!pid)
		run(PROCESS_FD);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err;
	}
	*fd = fds[0];
	return pid;
}

/**
 * process_began - note that a child process was started
 * @p:		what is known of it
 * @pid:	its pid
 * @now:	current time, ns
 */
void process_began(struct process *p, pid_t pid, uint64_t now)
{
	p->pid = pid;
	p->began = now;
	p->starts++;
}

/**
 * process_ended - note that a child process has ended, or is to end
 * @p:	what is known of it
 */
void process_ended(struct process *p)
{
	p->pid = 0;
}

/* Only interrupts ppoll(). */
static void wake(int sig)
{
	(void)sig;
}

/**
 * process_signals - prepare the signals of a child process that has children of its own
 * @normal:	set to the mask for ppoll(), which the end of a child interrupts
 *
 * Signals that the service manager sends to all processes of the service are meant for the agent, so the process ignores
 * them. It exits after the agent has ended. The caller has blocked all signals; SIGCHLD stays blocked.
 */
void process_signals(sigset_t *normal)
{
	struct sigaction wakes = { .sa_handler = wake };
	sigset_t mask;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		if (sig != SIGCHLD)
			signal(sig, SIG_IGN);
	sigaction(SIGCHLD, &wakes, NULL);
	sigemptyset(normal);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}
