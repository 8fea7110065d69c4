// SPDX-License-Identifier: GPL-2.0
/* haagentd-http: what the agent begins to answer HTTP requests. It has no privileges, and ends with the agent. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"

#define NOBODY		65534
#define MEMORY		(512UL << 20)	/* address space; an answer about 10,000 vips takes a tenth of that */

/*
 * Gives up all rights, because this process reads what strangers send. Where no other user can be had, as in a
 * container without user 65534, root without capabilities remains.
 */
static int give_up_rights(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	struct rlimit memory = { MEMORY, MEMORY };

	if (!geteuid()) {
		setgroups(0, NULL);
		if (setgid(NOBODY) || setuid(NOBODY))
			fprintf(stderr, "haagentd-http: runs as root without capabilities: %s\n", strerror(errno));
	}
	setrlimit(RLIMIT_AS, &memory);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_capset, &header, none)) {
		perror("haagentd-http: rights cannot be given up");
		return -1;
	}
	return 0;
}

/* The agent must live when memory is short, but this process need not. */
static void ordinary(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		perror("haagentd-http: oom_score_adj");
	close(fd);
}

static int socket_of(const char *word)
{
	struct stat st;
	char *end;
	long fd = strtol(word, &end, 10);

	if (*end || end == word || fd < 0 || fd > 1023 || fstat((int)fd, &st) || !S_ISSOCK(st.st_mode))
		return -1;
	return (int)fd;
}

int main(int argc, char **argv)
{
	static struct answers answers;
	static struct server server = { .answer = answers_make, .arg = &answers };
	sigset_t none;

	server.listen = argc == 3 ? socket_of(argv[1]) : -1;
	server.agent = argc == 3 ? socket_of(argv[2]) : -1;
	if (server.listen < 0 || server.agent < 0) {
		fputs("haagentd-http is begun by haagentd; see the setting \"http\" in haagentd.conf(5)\n", stderr);
		return EXIT_FAILURE;
	}
	/* A terminal sends SIGINT to the agent, too, which ends and takes this process with it. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	ordinary();
	if (give_up_rights())
		return EXIT_FAILURE;
	while (server_turn(&server, -1))
		;
	server_close(&server);
	return EXIT_SUCCESS;
}
