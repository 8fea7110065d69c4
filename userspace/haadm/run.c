// SPDX-License-Identifier: GPL-2.0
/* Runs commands: one, or those of a batch file. */

#include <errno.h>
#include <string.h>

#include "commands.h"
#include "haadm/parse/lines.h"

const struct object *const objects[] = {
	&object_node, &object_vip, &object_service, &object_member, &object_lease, &object_flow, &object_beat,
	&object_failback, &object_pulse, &object_event, &object_stats, &object_status, &object_monitor, &object_explain, &object_save, &object_restore, NULL,
};

enum status run_command(struct haadm *haadm, int n_words, char *const *words)
{
	const struct object *object = n_words ? grammar_object(words[0]) : NULL;
	struct complaint complaint;
	struct request req;

	if (n_words && !strcmp(words[0], "help") && (n_words == 1 || !strcmp(words[1], "help"))) {
		grammar_help(stdout, NULL);
		return STATUS_OK;
	}
	/* "help OBJECT" is "OBJECT help". */
	if (n_words == 2 && !strcmp(words[0], "help"))
		return run_command(haadm, 2, (char *const[]){ words[1], words[0] });
	if (object && n_words == 2 && !strcmp(words[1], "help")) {
		grammar_help(stdout, object);
		return STATUS_OK;
	}
	if (request_parse(&req, n_words, words, &complaint))
		return complaint_show(haadm, &complaint);
	return req.verb->run(haadm, &req);
}

enum status run_batch(struct haadm *haadm, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	enum status status = STATUS_OK;
	struct lines lines;
	int n = lines_open(&lines, path);

	if (n)
		return haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(-n));
	while ((n = lines_next(&lines))) {
		enum status one;

		haadm->file = name;
		haadm->line = lines.line;
		if (n < 0 && n != -EILSEQ) {
			status = haadm_complain(haadm, STATUS_USAGE, "cannot read%s: %s", haadm->line ? " on" : "",
						strerror(-n));
			break;
		}
		if (n < 0)
			one = haadm_complain(haadm, STATUS_USAGE, "a NUL byte; this is no text");
		else
			one = run_command(haadm, n, lines.words);
		if (one > status)
			status = one;
		/* Who asks line by line waits for it. A command that failed has told why. */
		if (fflush(stdout) || ferror(stdout)) {
			status = one ? status : haadm_unwritten(haadm);
			break;
		}
		if (one && !haadm->force)
			break;
	}
	haadm->file = NULL;
	lines_free(&lines);
	return status;
}
