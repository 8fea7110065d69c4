// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes that a cluster engine lists, as corosync does. haagentd tells them, as only its process haagentd-corosync has
 * the libraries of the engine.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "haadm/beside.h"
#include "haadm/engine.h"
#include "lib/ask.h"

/* Fills TEXT with the lines that add the nodes; empty: there is no engine. Returns 0, or a negative errno and ERR. */
static int ask(char text[BESIDE_TEXT], struct hasw_error *err)
{
	const char *file = getenv(ASK_AGENT_ENV);

	text[0] = '\0';
	/* A file that is there and cannot be read may name an engine: haagentd says what is wrong with it. */
	if ((!file || !*file) && access(ASK_AGENT_FILE, F_OK) && errno == ENOENT)
		return 0;
	return beside_agent_print("--nodes", text, err);
}

/* Takes the line that adds a node out of TEXT. */
static void leave_out(char *text, const char *name)
{
	size_t size = strlen(name);
	char *line, *next;

	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (strncmp(line, "node add ", 9) || strncmp(line + 9, name, size) || line[9 + size] != ' ')
			continue;
		memmove(line, next, strlen(next) + 1);
		return;
	}
}

/* Takes the nodes that the configuration adds itself out of TEXT. Returns how many these are, or a negative errno. */
static int leave_out_all(struct lines *lines, char *text)
{
	int n, own = 0;

	while ((n = lines_next_of(lines, "node")) > 0) {
		if (n < 3 || strcmp(lines->words[1], "add"))
			continue;
		leave_out(text, lines->words[2]);
		own++;
	}
	return n < 0 ? n : own;
}

static bool copy(int from, int to)
{
	char block[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, block, sizeof(block), at)) > 0) {
		if (write(to, block, (size_t)n) != n)
			return false;
		at += n;
	}
	return !n;
}

/* Puts TEXT in front of the file, and begins it anew. Returns 0 or a negative errno. */
static int put(struct lines *lines, const char *text)
{
	int fd = memfd_create("haadm", MFD_CLOEXEC);
	size_t size = strlen(text);
	unsigned int before = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, size) != (ssize_t)size || !copy(lines->fd, fd)) {
		close(fd);
		return -ENOMEM;
	}
	for (; (text = strchr(text, '\n')); text++)
		before++;
	lines_free(lines);
	lines->fd = fd;
	lines->before = before;
	return lines_rewind(lines);
}

int engine_put_nodes(struct lines *lines, bool *known, struct hasw_error *err)
{
	char text[BESIDE_TEXT];
	int asked = ask(text, err), ret;

	*known = false;
	if (!asked && !text[0])
		return 0;
	ret = leave_out_all(lines, text);
	*known = ret > 0;
	if (ret >= 0)
		ret = !asked && text[0] ? put(lines, text) : lines_rewind(lines);
	if (ret)
		return hasw_fail(err, -ret, "cannot read it twice: %s", strerror(-ret));
	return asked;
}
