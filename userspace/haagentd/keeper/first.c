// SPDX-License-Identifier: GPL-2.0
/*
 * The first generation of a new cluster. `haadm cluster init` leaves a mark in the folder of the configurations. The keeper
 * of that node commits what its module has, once most nodes are heard and nothing is committed. The vote commits it like
 * any other one, so two first ones, or one after an operator's, are not possible.
 *
 * No operator looks at what the other nodes have then. So a node does not take it if its module has objects that are not in
 * it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"

#include "first.h"
#include "haagentd/log.h"
#include "keeper_task.h"

#define MARK	"begun-here"

static int path_of(const char *folder, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/" MARK, folder) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/**
 * first_mark - note that the cluster was begun on this node
 * @folder:	folder of the configurations, which is made if it is missing, as is the one that it is in
 *
 * Return: 0 or a negative errno
 */
int first_mark(const char *folder)
{
	char path[PATH_MAX];
	struct file_next next;
	int err = path_of(folder, path);

	if (!err)
		err = file_need_folder(folder);
	if (!err && mkdir(folder, 0700) && errno != EEXIST)
		err = -errno;
	if (!err)
		err = file_next_open(&next, path);
	return err ? err : file_next_end(&next, path, 0);
}

/**
 * first_marked - return whether the first generation is still to be committed by this node
 * @folder:	folder of the configurations
 *
 * Return: yes or no
 */
bool first_marked(const char *folder)
{
	char path[PATH_MAX];

	return !path_of(folder, path) && !access(path, F_OK);
}

/**
 * first_unmark - note that the cluster has a generation, or was not begun on this node
 * @folder:	folder of the configurations
 */
void first_unmark(const char *folder)
{
	char path[PATH_MAX];

	if (!path_of(folder, path))
		unlink(path);
}

/**
 * first_is - return whether a configuration was committed by no operator
 * @g:	the configuration
 *
 * Return: yes or no
 */
bool first_is(const struct generation *g)
{
	return g->number == 1 && !strcmp(g->label, FIRST_LABEL);
}

/**
 * first_due - return whether the first generation is to be committed now
 * @view:	what the keeper was told
 *
 * Most nodes are heard, so the vote has a chance. It decides.
 *
 * Return: yes or no
 */
bool first_due(const struct keeper_view *view)
{
	unsigned int i, heard = 1;

	if (view->witness || view->why[0] || view->committed.generation || view->stored.generation)
		return false;
	for (i = 0; i < view->n_peers; i++)
		heard += view->peers[i].heard;
	return 2 * heard > view->n_peers + 1 && first_marked(view->folder);
}

/* The words of a line that name an object: "vip add ADDR", or "member add SERVICE node NODE". Return: their length, or 0. */
static size_t name_length(const char *line)
{
	size_t words = strncmp(line, "member ", 7) ? 3 : 5, length = strcspn(line, "\n "), n;

	if (strncmp(line + length, " add ", 5))
		return 0;
	for (n = 1; n < words; n++) {
		length += strspn(line + length, " ");
		length += strcspn(line + length, "\n ");
	}
	return length;
}

static int compare(const void *a, const void *b)
{
	const char *one = *(const char *const *)a, *two = *(const char *const *)b;
	size_t n = name_length(one), m = name_length(two);
	int order = memcmp(one, two, n < m ? n : m);

	return order ? order : (n > m) - (n < m);
}

/* Makes a sorted list of the lines of a text that add objects. Return: NULL without memory. */
static const char **list_objects(const char *text, size_t *n)
{
	const char **list, *line;
	size_t most = 1;

	for (line = text; (line = strchr(line, '\n')); line++)
		most++;
	list = calloc(most, sizeof(*list));
	*n = 0;
	for (line = text; list && line && *line; line = strchr(line, '\n'), line += line ? 1 : 0)
		if (name_length(line))
			list[(*n)++] = line;
	if (list)
		qsort(list, *n, sizeof(*list), compare);
	return list;
}

/**
 * first_missing - find an object that a node has, and a text lacks
 * @has:	what the node has, as haadm save prints it
 * @text:	the text, printed by haadm save on another node
 * @line:	filled with the words that name the object; empty: there is none
 * @room:	size of @line
 *
 * Return: 0 or -ENOMEM
 */
int first_missing(const char *has, const char *text, char *line, size_t room)
{
	size_t n, m, i;
	const char **wanted = list_objects(text, &n), **present = list_objects(has, &m);
	bool whole = wanted && present;

	line[0] = '\0';
	for (i = 0; whole && i < m; i++) {
		if (bsearch(&present[i], wanted, n, sizeof(*wanted), compare))
			continue;
		snprintf(line, room, "%.*s", (int)name_length(present[i]), present[i]);
		break;
	}
	free(wanted);
	free(present);
	return whole ? 0 : -ENOMEM;
}

/**
 * first_fits - check that this node loses nothing by the first generation
 * @text:	its text, with a NUL behind it
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int first_fits(const char *text, char *why, size_t room)
{
	char *has, line[256];
	size_t size;
	int err = keeper_running(false, &has, &size, why, room);

	if (err)
		return err;
	err = first_missing(has, text, line, sizeof(line));
	free(has);
	if (err)
		snprintf(why, room, "out of memory");
	else if (line[0])
		snprintf(why, room, "the first generation, which nobody has applied, lacks what this node has (%s): say 'haadm cluster apply FILE', or 'haadm cluster adopt' on the node that has all",
			 line);
	return err ? err : line[0] ? -EINVAL : 0;
}

/**
 * first_commit - commit the first generation
 * @view:	what the keeper was told
 * @agent:	socket to the agent
 * @say:	the log is to have why it failed; it is tried again soon
 */
void first_commit(const struct keeper_view *view, int agent, bool say)
{
	struct generation g = { .number = 1, .time = (uint64_t)time(NULL), .label = FIRST_LABEL };
	char why[KEEPER_WHY], node[WIRE_NAME] = "", *text;
	int err = keeper_running(false, &text, &g.size, why, sizeof(why));

	if (!err) {
		memcpy(g.node, view->self, sizeof(g.node));
		g.hash = generation_hash(text, g.size);
		err = keeper_commit(view, agent, -1, 0, &g, text, node, why, sizeof(why));
		free(text);
	}
	if (err && say)
		log_warning("configuration: the first generation is not committed yet: %s%s%s; it is tried again every 30 s",
			    node, node[0] ? " refuses it: " : "", why);
}
