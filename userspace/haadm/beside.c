// SPDX-License-Identifier: GPL-2.0
/* Runs other programs, and takes what they print: haagentd, which has the keys, and systemctl. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "haadm/beside.h"
#include "lib/ask.h"
#include "lib/file.h"

static void child(char *const *words, int in, int out, int errors) __attribute__((noreturn));
static void child(char *const *words, int in, int out, int errors)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = { path, NULL };

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		_exit(127);
	execvpe(words[0], words, env);
	_exit(127);
}

/* Copies what was printed, up to its first end of a line if LINE is true. */
static void take(int fd, char *to, size_t room, bool line)
{
	ssize_t n = pread(fd, to, room - 1, 0);

	to[n > 0 ? n : 0] = '\0';
	if (line)
		to[strcspn(to, "\n")] = '\0';
}

/* Waits for a process. Returns 0, or a negative errno and ERR, with what is in the memory file ERRORS. */
static int ended(pid_t pid, const char *program, int errors, struct hasw_error *err)
{
	char said[sizeof(err->text)];
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return hasw_fail(err, errno, "cannot wait for %s: %s", program, strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	take(errors, said, sizeof(said), true);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127 && !said[0])
		return hasw_fail(err, ENOENT, "%s cannot be run", program);
	return hasw_fail(err, EINVAL, "%s", said[0] ? said : "it was ended before it could say why");
}

static int run(char *const *words, const char *input, char out[BESIDE_TEXT], struct hasw_error *err)
{
	int in = input ? memfd_create("haadm", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	int to = memfd_create("haadm", MFD_CLOEXEC), errors = memfd_create("haadm", MFD_CLOEXEC), ret;
	pid_t pid = -1;

	if (in >= 0 && to >= 0 && errors >= 0 &&
	    (!input || pwrite(in, input, strlen(input), 0) == (ssize_t)strlen(input)))
		pid = fork();
	if (!pid)
		child(words, in, to, errors);
	ret = pid < 0 ? hasw_fail(err, errno ? errno : ENOMEM, "%s cannot be run: %s", words[0], strerror(errno)) :
			ended(pid, words[0], errors, err);
	out[0] = '\0';
	if (!ret)
		take(to, out, BESIDE_TEXT, false);
	if (in >= 0)
		close(in);
	if (to >= 0)
		close(to);
	if (errors >= 0)
		close(errors);
	return ret;
}

int beside_agent(const char *first, const char *second, const char *input, char out[BESIDE_TEXT], struct hasw_error *err)
{
	char program[4096];
	char *words[] = { program, (char *)first, (char *)second, NULL };
	int ret = file_beside("haagentd", program, sizeof(program));

	return ret ? hasw_fail(err, -ret, "haagentd is not found: %s", strerror(-ret)) : run(words, input, out, err);
}

int beside_agent_print(const char *option, char out[BESIDE_TEXT], struct hasw_error *err)
{
	const char *file = getenv(ASK_AGENT_ENV);
	char name[4096];

	/* "-f" without a name would take the next option for one. */
	if (!file || !*file)
		return beside_agent(option, NULL, NULL, out, err);
	if (snprintf(name, sizeof(name), "-f%s", file) >= (int)sizeof(name))
		return hasw_fail(err, ENAMETOOLONG, "the name of the agent's file is too long");
	return beside_agent(name, option, NULL, out, err);
}

int beside_committed(char path[BESIDE_TEXT], struct hasw_error *err)
{
	int ret = beside_agent_print("--committed", path, err);

	if (!ret)
		path[strcspn(path, "\n")] = '\0';
	return ret;
}

bool beside_systemd(void)
{
	return !access("/run/systemd/system", F_OK);
}

int beside_start(bool again, struct hasw_error *err)
{
	char program[] = "systemctl", enable[] = "enable", start[] = "start", restart[] = "restart";
	char module[] = "haswitch", agent[] = "haagentd";
	char *words[] = { program, enable, module, agent, NULL };
	char out[BESIDE_TEXT];
	int ret = run(words, NULL, out, err);

	words[1] = again ? restart : start;
	return ret ? ret : run(words, NULL, out, err);
}
