// SPDX-License-Identifier: GPL-2.0
/* haadm configures haswitch and shows its state. main() parses options, and runs a command or a batch. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "haadm/parse/options.h"

#define NETNS_DIR "/run/netns"

static enum status netns_enter(const struct haadm *haadm, const char *name)
{
	char path[256];
	int fd, ret;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return haadm_complain(haadm, STATUS_USAGE, "\"%s\" is not the name of a network namespace",
				      name);
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return haadm_complain(haadm, STATUS_USAGE, "cannot open network namespace \"%s\": %s", name,
				      strerror(errno));
	ret = setns(fd, CLONE_NEWNET);
	close(fd);
	if (ret)
		return haadm_complain(haadm, STATUS_REFUSED, "cannot enter network namespace \"%s\": %s",
				      name, strerror(errno));
	return STATUS_OK;
}

/* Flushes standard output, because the command must fail if its output cannot be written. */
static enum status finish(const struct haadm *haadm, enum status status)
{
	if ((fflush(stdout) || ferror(stdout)) && !status)
		return haadm_unwritten(haadm);
	return status;
}

int main(int argc, char **argv)
{
	struct haadm haadm = { 0 };
	enum status status = STATUS_OK;
	int at;

	/* A write to a closed pipe must fail with EPIPE instead of killing haadm with SIGPIPE. */
	signal(SIGPIPE, SIG_IGN);
	at = options_take(&haadm, argc, argv);
	if (at < 0)
		return finish(&haadm, (enum status)(-1 - at));
	if (haadm.batch && at < argc)
		return haadm_complain(&haadm, STATUS_USAGE, "with -b, no command may follow: \"%s\"", argv[at]);
	if (haadm.batch && haadm.all)
		return haadm_complain(&haadm, STATUS_USAGE, "--all is for one command, and not for a batch (-b)");
	if (!haadm.batch && at == argc) {
		grammar_help(stderr, NULL);
		return STATUS_USAGE;
	}
	haadm.plugin = at < argc && grammar_object(argv[at]) == &object_check;
	if (haadm.netns)
		status = netns_enter(&haadm, haadm.netns);
	if (!status && haadm.batch)
		status = run_batch(&haadm, haadm.batch);
	else if (!status)
		status = run_command(&haadm, argc - at, argv + at);
	if (haadm.sock_open)
		hasw_sock_close(&haadm.sock);
	return finish(&haadm, status);
}
