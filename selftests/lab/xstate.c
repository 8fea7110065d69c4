// SPDX-License-Identifier: GPL-2.0
/* Lets UML 6.1 and 6.12 run on a CPU whose register state is larger than UML's room for it (as with AMX). */

/*
 * These have a fixed number of bytes for what PTRACE_GETREGSET of NT_X86_XSTATE tells of a guest's process. The
 * host cuts off what does not fit, and then refuses to take the shortened state back. This library, preloaded,
 * completes it with what the process has already: the components at the end, which no guest uses.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/ptrace.h>

#define ROOM 65536	/* twice the largest state of a CPU today, and more */

static long set_whole(long pid, void *note, const struct iovec *part)
{
	static char whole[ROOM];	/* one thread of UML traces */
	struct iovec now = { whole, sizeof(whole) };

	if (syscall(SYS_ptrace, (long)PTRACE_GETREGSET, pid, note, &now))
		return -1;
	if (now.iov_len <= part->iov_len) {
		errno = EFAULT;
		return -1;
	}
	memcpy(whole, part->iov_base, part->iov_len);
	return syscall(SYS_ptrace, (long)PTRACE_SETREGSET, pid, note, &now);
}

/* The C library's, but that PTRACE_SETREGSET takes a shortened state. */
long ptrace(int request, ...)
{
	void *addr, *data;
	long ret, word;
	va_list args;
	int pid;

	va_start(args, request);
	pid = va_arg(args, int);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSR) {
		ret = syscall(SYS_ptrace, (long)request, (long)pid, addr, &word);
		if (ret < 0)
			return ret;
		errno = 0;
		return word;
	}
	ret = syscall(SYS_ptrace, (long)request, (long)pid, addr, data);
	if (ret < 0 && request == PTRACE_SETREGSET && errno == EFAULT)
		return set_whole(pid, addr, data);
	return ret;
}
