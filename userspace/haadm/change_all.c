// SPDX-License-Identifier: GPL-2.0
/*
 * A change on all nodes (option --all): commits the cluster's configuration with that change. The module of each node
 * puts it in force, so a node that is away gets it when it is back.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/commands.h"

/* Complains if a node's own change would be undone by a commit. Sets *BASE to the committed generation. */
static enum status look(struct haadm *haadm, json_int_t *base)
{
	struct hasw_error err;
	json_t *shown = cluster_ask("show", NULL, NULL, NULL, &err);
	enum status status = STATUS_OK;
	const char *node;

	if (!shown)
		return haadm_error(haadm, &err);
	*base = json_integer_value(json_object_get(json_object_get(shown, "committed"), "generation"));
	if (!*base)
		status = haadm_complain(haadm, STATUS_REFUSED, "no configuration is committed yet, which --all could change: 'haadm cluster adopt' commits what this node runs");
	node = cluster_changed(shown, NULL);
	if (!status && node)
		status = haadm_complain(haadm, STATUS_REFUSED, "the configuration was changed by hand on %s, and --all would undo that: 'haadm cluster adopt' there commits it",
					node);
	json_decref(shown);
	return status;
}

/* Gives the committed configuration the states of nodes that this node has. Complains if anything else differs. */
static enum status take_states(struct haadm *haadm, struct hasw_model *model, const struct hasw_model *running)
{
	struct cluster_text committed, here = { .at = NULL };
	enum status status;

	cluster_states(model, running);
	status = cluster_print(haadm, model, &committed);
	if (!status)
		status = cluster_print(haadm, running, &here);
	if (!status && !cluster_same(&committed, &here))
		status = haadm_complain(haadm, STATUS_REFUSED, "this node does not run the committed configuration, and --all would change more than you say: see 'haadm cluster diff'");
	free(committed.at);
	free(here.at);
	return status;
}

/* Reads the committed configuration, with this node's states. The caller frees MODEL, unless there was an error. */
static enum status read_model(struct haadm *haadm, struct hasw_model *model)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct hasw_model running;
	struct cluster_text text;
	struct hasw_error err;
	enum status status;
	json_t *answer;

	if (!sock)
		return STATUS_REFUSED;
	answer = cluster_ask("get 0", NULL, &text, NULL, &err);
	if (!answer)
		return haadm_error(haadm, &err);
	json_decref(answer);
	status = cluster_model(haadm, &text, "the committed configuration", model);
	free(text.at);
	if (status)
		return status;
	if (hasw_model_read(&running, sock, &err)) {
		status = haadm_error(haadm, &err);
	} else {
		status = take_states(haadm, model, &running);
		hasw_model_free(&running);
	}
	if (status)
		hasw_model_free(model);
	return status;
}

/*
 * Puts a comment before a text: what was changed, when, and after which generation. That number makes the text differ
 * from the committed one even if the configuration does not, so that nodes whose states differ get it.
 */
static enum status put_comment(struct haadm *haadm, const struct request *req, json_int_t base, struct cluster_text *text)
{
	time_t now = time(NULL);
	struct tm tm;
	char when[32] = "", *all;
	int n;

	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%FT%T", &tm);
	n = asprintf(&all, "# haadm --all %s %s %s, %s, after generation %" JSON_INTEGER_FORMAT "\n%s", req->object->word,
		     req->verb->word, req->name, when, base, text->at);
	if (n < 0)
		return haadm_complain(haadm, STATUS_USAGE, "out of memory");
	free(text->at);
	text->at = all;
	text->size = (size_t)n;
	return STATUS_OK;
}

enum status change_all(struct haadm *haadm, const struct request *req)
{
	struct cluster_text text = { .at = NULL };
	struct hasw_model model;
	struct hasw_error err;
	enum status status;
	json_int_t base = 0;

	if (req->verb->cmd != HASWITCH_CMD_NODE_SET && req->verb->cmd != HASWITCH_CMD_ZONE_SET)
		return haadm_complain(haadm, STATUS_USAGE, "--all is for \"node set\" and \"zone set\"; 'haadm cluster apply FILE' changes all else on all nodes");
	status = look(haadm, &base);
	if (!status)
		status = read_model(haadm, &model);
	if (status)
		return status;
	if (apply_request(&model, req, req->verb->cmd, &err))
		status = haadm_error(haadm, &err);
	if (!status)
		status = cluster_print(haadm, &model, &text);
	hasw_model_free(&model);
	if (!status)
		status = put_comment(haadm, req, base, &text);
	if (!status) {
		status = cluster_commit_after(haadm, base, &(struct cluster_change){
			.text = text, .name = "the configuration" });
		if (status)
			fputs("note: without --all the same words act on the node where you say them, and need no other node\n", stderr);
	}
	free(text.at);
	return status;
}
