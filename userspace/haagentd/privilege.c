// SPDX-License-Identifier: GPL-2.0
/* What the agent itself may do: it gives up all capabilities but those that it needs. */
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
	CAP_NET_ADMIN,		/* the module, and receive buffers */
	CAP_NET_BIND_SERVICE,	/* paths that a SIGHUP brings */
	CAP_SYS_NICE,
	CAP_IPC_LOCK,
	CAP_KILL,		/* commands that ran for too long */
};

static bool needed = true;

/**
 * privilege_need_none - have privilege_drop() give up all capabilities
 *
 * A witness has no module and no device of its own to change.
 */
void privilege_need_none(void)
{
	needed = false;
}

/**
 * privilege_drop - give up what the agent does not need
 *
 * The bounding set stays as it is, for the commands that root's worker begins:
 * a fence agent may need any of it. That is why this is not left to systemd,
 * whose CapabilityBoundingSet= and NoNewPrivileges= hold for them, too.
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
