/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel that answers by netlink what a fuzzer's input has: datagrams, each behind its length in two bytes. Its
 * sockets are pairs of AF_UNIX, so that what is fuzzed reads from them as it does from the kernel.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <libmnl/libmnl.h>
#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KERNEL_LAST	0x8000	/* in a length: the answer to a request ends with this datagram */
#define KERNEL_QUEUE	64	/* so many datagrams of one answer fit into a socket */
#define KERNEL_SOCKS	4	/* so many sockets are open at once */

/**
 * struct kernel - the kernel, as the input has it
 * @at:		what is left of the input
 * @size:	its length, bytes
 * @ours:	the kernel's ends of the sockets
 * @theirs:	the other ends; 0: none
 * @rest:	what lies behind a received datagram in its buffer
 * @n_rest:	its length, bytes
 * @filler:	@rest is filled with this byte; -1: nobody may touch it
 */
static struct kernel {
	const uint8_t *at;
	size_t size;
	int ours[KERNEL_SOCKS];
	int theirs[KERNEL_SOCKS];
	void *rest;
	size_t n_rest;
	int filler;
} kernel = { .filler = -1 };

/* Finds a socket by its other end; 0 finds a place for one. */
static unsigned int kernel_find(int theirs)
{
	unsigned int i;

	for (i = 0; i < KERNEL_SOCKS && kernel.theirs[i] != theirs; i++)
		;
	return i;
}

/* Nothing is forbidden any more. */
static void kernel_allow(void)
{
	if (kernel.n_rest)
		ASAN_UNPOISON_MEMORY_REGION(kernel.rest, kernel.n_rest);
	kernel.n_rest = 0;
}

static void kernel_begin(const uint8_t *data, size_t size)
{
	kernel.at = data;
	kernel.size = size;
}

/* Takes the next datagram from the input. Returns false at the end of the input. */
static bool kernel_next(const uint8_t **datagram, size_t *size, bool *last)
{
	if (kernel.size < 2)
		return false;
	*size = kernel.at[0] | (size_t)kernel.at[1] << 8;
	*last = *size & KERNEL_LAST;
	*size &= KERNEL_LAST - 1;
	kernel.at += 2;
	kernel.size -= 2;
	if (*size > kernel.size)
		*size = kernel.size;
	*datagram = kernel.at;
	kernel.at += *size;
	kernel.size -= *size;
	return true;
}

/* Puts one answer into a socket. */
static void kernel_answer(int theirs)
{
	int ours = kernel.ours[kernel_find(theirs)];
	const uint8_t *datagram;
	bool last = false;
	unsigned int n;
	size_t size;

	for (n = 0; n < KERNEL_QUEUE && !last && kernel_next(&datagram, &size, &last); n++)
		if (size && send(ours, datagram, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			return;
}

/*
 * The kernel sends no message of 2^31 bytes and more. libmnl takes such a length for a negative one, and would go round
 * in a circle.
 */
static uint32_t kernel_length(uint32_t said)
{
	return said & INT32_MAX;
}

static void kernel_shorten(uint8_t *at, size_t left)
{
	while (left >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr head;

		memcpy(&head, at, sizeof(head));
		head.nlmsg_len = kernel_length(head.nlmsg_len);
		memcpy(at, &head, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || MNL_ALIGN((size_t)head.nlmsg_len) >= left)
			return;
		at += MNL_ALIGN(head.nlmsg_len);
		left -= MNL_ALIGN(head.nlmsg_len);
	}
}

/* What follows is called instead of the functions of libmnl and libc that have these names. */
ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	ssize_t got;

	kernel_allow();
	got = recvfrom(fd, buf, size, flags, NULL, NULL);
	if (kernel_find(fd) == KERNEL_SOCKS || got < 0)
		return got;
	kernel_shorten(buf, (size_t)got);
	if ((size_t)got >= size)
		return got;
	if (kernel.filler >= 0) {
		memset((uint8_t *)buf + got, kernel.filler, size - (size_t)got);
		return got;
	}
	kernel.rest = (uint8_t *)buf + got;
	kernel.n_rest = size - (size_t)got;
	ASAN_POISON_MEMORY_REGION(kernel.rest, kernel.n_rest);
	return got;
}

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	unsigned int i = kernel_find(0);
	int fds[2];

	(void)bus;
	(void)flags;
	if (i == KERNEL_SOCKS || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds))
		abort();
	kernel.ours[i] = fds[0];
	kernel.theirs[i] = fds[1];
	return mnl_socket_fdopen(fds[1]);
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf, socklen_t len)
{
	(void)nl;
	(void)type;
	(void)buf;
	(void)len;
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
	(void)buf;
	kernel_answer(mnl_socket_get_fd(nl));
	return (ssize_t)len;
}

/* Nobody waits: what the input does not say is an error. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	return recv(mnl_socket_get_fd(nl), buf, size, MSG_DONTWAIT);
}

int mnl_socket_close(struct mnl_socket *nl)
{
	int fd = mnl_socket_get_fd(nl);
	unsigned int i = kernel_find(fd);

	kernel_allow();
	free(nl);
	close(kernel.ours[i]);
	kernel.theirs[i] = 0;
	return close(fd);
}

#endif
