// SPDX-License-Identifier: GPL-2.0
/* Notify commands: their arguments, and the log of their failures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "haagentd/clock.h"
#include "haagentd/json.h"
#include "haagentd/log.h"
#include "lib/text.h"
#include "notify.h"

/*
 * Counts a dropped command. The first dropped command is logged at once; notify_done() later logs how many were
 * dropped.
 */
static void dropped(struct notify *n)
{
	if (!n->dropped++)
		log_warning("notify commands cannot be begun: too many wait for one that does not end, or there is no worker process");
}

/**
 * notify_done - handle the result of a notify command
 * @n:		the notify commands
 * @result:	the result
 */
void notify_done(struct notify *n, const struct worker_result *result)
{
	switch (result->end) {
	case WORKER_REFUSED:
		dropped(n);
		return;
	case WORKER_NOT_BEGUN:
		log_warning("notify command %s was not begun: %s", result->program,
			    strerror(result->code));
		break;
	case WORKER_KILLED:
		log_warning("notify command %s was killed by signal %d",
			    result->program, result->code);
		break;
	case WORKER_TIMED_OUT:
		log_warning("notify command %s was ended, for it ran longer than %llu ms",
			    result->program,
			    (unsigned long long)(result->timeout / CLOCK_MS));
		break;
	case WORKER_ENDED:
		if (result->code)
			log_warning("notify command %s ended with code %d",
				    result->program, result->code);
		break;
	}
	if (n->dropped)
		log_warning("%u notify command%s not begun", n->dropped,
			    hasw_plural(n->dropped, " was", "s were"));
	n->dropped = 0;
}

/**
 * notify_lost - log how many notify commands were lost because the worker process ended
 * @n:		the notify commands
 * @lost:	number of notify commands without a result
 */
void notify_lost(struct notify *n, unsigned int lost)
{
	(void)n;
	if (lost)
		log_warning("%u notify command%s lost with it; one that ran goes on, but nobody watches it",
			    lost, hasw_plural(lost, " was", "s were"));
}

/*
 * What the words of an event are called: in JSON, whose keys are those of the journal, and in the environment as
 * HASWITCH_EVENT_KEY.
 */
static const struct {
	const char *event;
	const char *keys[3];
} words_of[] = {
	{ "node", { "node", "to", "cause" } },
	{ "lease", { "lease", "node", "cause" } },
	{ "gained", { "lease", "epoch" } },
	{ "lost", { "lease", "epoch", "cause" } },
	{ "conflict", { "addr", "lladdr", "node" } },
	{ "member", { "service", "node", "to" } },
	{ "service", { "service", "to" } },
	{ "peer", { "node", "to" } },
	{ "path", { "node", "path", "to" } },
	{ "authentication", { "node", "text" } },
	{ "config", { "generation", "changes" } },
	{ "reload", { "file", "to" } },
	{ "drained", { "node", "service" } },
	{ "committed", { "generation", "node", "to" } },
};

/* What a command gets beside its arguments. */
struct told {
	char input[1024];
	char text[1024];		/* the variables */
	const char *env[WORKER_ENV + 1];
};

static void put_variable(struct told *told, size_t *at, unsigned int *n, const char *key, const char *value)
{
	char *name = told->text + *at, *c;
	size_t room = sizeof(told->text) - *at;
	int size = snprintf(name, room, "HASWITCH_EVENT%s%s=%s", *key ? "_" : "", key, value);

	if (size < 0 || (size_t)size >= room || *n == WORKER_ENV)
		return;
	for (c = name; *c != '='; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	told->env[(*n)++] = name;
	*at += (size_t)size + 1;
}

/* Each key has one type, whatever the word looks like: a node can be called 7. */
static void put_key(struct json *json, const char *key, const char *value)
{
	if (!strcmp(key, "epoch") || !strcmp(key, "generation") || !strcmp(key, "changes"))
		json_number(json, key, strtoull(value, NULL, 10));
	else
		json_text(json, key, value);
}

static void tell(const struct notify *n, struct told *told, const char *what, const char *const *words)
{
	struct json json = { .at = told->input, .room = sizeof(told->input) - 2 };
	unsigned int i, k, n_env = 0;
	size_t at = 0;

	json_object(&json, NULL);
	json_number(&json, "wall", clock_wall());
	json_number(&json, "time", clock_now());
	json_text(&json, "by", n->worker->node);
	json_text(&json, "kind", what);
	put_variable(told, &at, &n_env, "", what);
	for (i = 0; i < sizeof(words_of) / sizeof(words_of[0]) && strcmp(words_of[i].event, what); i++)
		;
	for (k = 0; i < sizeof(words_of) / sizeof(words_of[0]) && k < 3 && words[k] && words_of[i].keys[k]; k++) {
		put_key(&json, words_of[i].keys[k], words[k]);
		put_variable(told, &at, &n_env, words_of[i].keys[k], words[k]);
	}
	json_object_end(&json);
	told->input[json.size] = '\n';
	told->input[json.size + 1] = '\0';
	if (json.cut)
		told->input[0] = '\0';
	told->env[n_env] = NULL;
}

/**
 * notify_run - run every notify command that is told of such events, with the given arguments
 * @n:		the notify commands
 * @what:	kind of the event, one of conf_events: the first argument
 * @a:		second argument: the object of the event, such as a node or lease
 * @b:		third argument, or NULL
 * @c:		fourth argument, or NULL
 */
void notify_run(struct notify *n, const char *what, const char *a,
		const char *b, const char *c)
{
	const char *const words[] = { a, b, c };
	bool ready = false;
	struct told told;
	unsigned int i;

	for (i = 0; i < n->conf->n_hooks; i++) {
		const char *const line[] = {
			n->conf->hooks[i], what, a, b, c, NULL,
		};

		if (!conf_hook_wants(&n->conf->hook[i], what, a, b))
			continue;
		if (!ready)
			tell(n, &told, what, words);
		ready = true;
		if (!worker_tell(n->worker, line, told.env, told.input, n->conf->notify_time))
			dropped(n);
	}
}

/**
 * notify_config - have commands told that the configuration of the module has changed
 * @n:		the notify commands
 * @generation:	generation of the configuration after the change
 * @now:	the time, ns
 *
 * Thousands of changes can come at once. Commands are told of all changes of a second
 * together.
 */
void notify_config(struct notify *n, uint64_t generation, uint64_t now)
{
	if (!n->changes++)
		n->config_at = now + CLOCK_SECOND;
	n->generation = generation;
}

/**
 * notify_tick - tell commands of changes of the configuration, when it is time
 * @n:		the notify commands
 * @now:	the time, ns
 */
void notify_tick(struct notify *n, uint64_t now)
{
	char generation[24], changes[16];

	if (!n->changes || now < n->config_at)
		return;
	snprintf(generation, sizeof(generation), "%llu", (unsigned long long)n->generation);
	snprintf(changes, sizeof(changes), "%u", n->changes);
	n->changes = 0;
	notify_run(n, "config", generation, changes, NULL);
}
