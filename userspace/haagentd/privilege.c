// SPDX-License-Identifier: GPL-2.0
/* The agent's capabilities: dropping those that the agent does not need. */
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "privilege.h"

#define WORDS	_LINUX_CAPABILITY_U32S_3

static const unsigned int kept[] = {
	CAP_NET_ADMIN,		/* requests to the module, and SO_RCVBUFFORCE */
	CAP_NET_BIND_SERVICE,	/* binding the sockets of paths that a reload adds */
	CAP_SYS_NICE,
	CAP_IPC_LOCK,
	CAP_KILL,		/* killing commands whose time is over */
};

static bool needed = true;

/**
 * privilege_need_none - make privilege_drop() drop all capabilities
 *
 * This is for a witness, which configures neither a module nor a device.
 */
void privilege_need_none(void)
{
	needed = false;
}

/**
 * privilege_drop - drop the capabilities that the agent does not need
 *
 * The bounding set is not reduced, because a worker that runs as root starts fence
 * commands, which might need any capability. For this reason systemd cannot drop the
 * capabilities instead: its CapabilityBoundingSet= and NoNewPrivileges= would also
 * restrict these commands.
 */
void privilege_drop(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[WORDS];
	__u32 mask[WORDS] = { 0 };
	unsigned int i;

	for (i = 0; needed && i < sizeof(kept) / sizeof(kept[0]); i++)
		mask[CAP_TO_INDEX(kept[i])] |= CAP_TO_MASK(kept[i]);
	if (syscall(SYS_capget, &header, data))
		goto fail;
	for (i = 0; i < WORDS; i++) {
		data[i].permitted &= mask[i];
		data[i].effective &= mask[i];
		data[i].inheritable = 0;
	}
	if (!syscall(SYS_capset, &header, data))
		return;
fail:
	log_warning("capabilities that are not needed cannot be given up: %s",
		    strerror(errno));
}
