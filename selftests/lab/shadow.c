// SPDX-License-Identifier: GPL-2.0
/* Lets a UML kernel with KASAN start processes faster: they share the shadow memory, which is never copied. */

/*
 * UML 6.1 and 6.12 clone the kernel's own process for each new address space of a guest. The host then copies the
 * page tables of all private memory, and the shadow of KASAN is an eighth of the guest's memory. The clone needs
 * none of it: it gives all memory back at once. For shared memory the host copies no page tables. This library,
 * preloaded, has the shadow mapped as shared memory.
 */
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHADOW_MIN (1UL << 40)	/* no other mapping of UML's is so large */

/* The C library's, but that a private mapping of a terabyte or more is shared. */
void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (len >= SHADOW_MIN && (flags & MAP_ANONYMOUS) && (flags & MAP_PRIVATE))
		flags = (flags & ~MAP_PRIVATE) | MAP_SHARED;
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
}
