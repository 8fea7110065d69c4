// SPDX-License-Identifier: GPL-2.0
/* Validation of the configuration file: each error is reported with its line. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/journal.h"
#include "lib/text.h"
#include "conf.h"
#include "conf_read.h"
#include "haagentd/lateness.h"

#define US	UINT64_C(1000)
#define MS	(1000 * US)
#define SECOND	(1000 * MS)
#define PULSES_MAX	CONF_PULSES_MAX

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

/* A path's name is also the name of a setting in "addresses", so it must be valid as a name in libconfig. */
static bool path_name_valid(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		bool letter = (name[i] >= 'a' && name[i] <= 'z') ||
			      (name[i] >= 'A' && name[i] <= 'Z');
		bool later = (name[i] >= '0' && name[i] <= '9') ||
			     name[i] == '-' || name[i] == '_';

		if (!letter && (!i || !later))
			return false;
	}
	return i > 0 && i < CONF_PATH_NAME;
}

static void read_paths(struct conf_reader *r, config_setting_t *root,
		       struct conf *conf)
{
	static const char *const known[] = { "name", "port", "device", NULL };
	config_setting_t *list = conf_list(r, root, "paths",
			"groups, like ( { name = \"front\"; }, { name = \"back\"; } )");
	int i, n = list ? config_setting_length(list) : 0;

	if (!list) {
		/* Without "paths" in the file there is one path, called "net" in all output. */
		copy(conf->paths[0].name, CONF_PATH_NAME, "net");
		conf->paths[0].port = CONF_PORT;
		conf->n_paths = 1;
		return;
	}
	if (n < 1 || n > PEER_PATHS) {
		conf_error(r, list, "\"paths\" has %d entries; it must have 1 to %d",
			   n, PEER_PATHS);
		return;
	}
	for (i = 0; i < n; i++) {
		config_setting_t *s = config_setting_get_elem(list, (unsigned int)i);
		struct conf_path *path = &conf->paths[conf->n_paths];
		const char *name, *device;
		unsigned int j;

		if (!conf_is_group(r, s, "an entry of \"paths\""))
			continue;
		conf_only(r, s, "a path", known);
		name = conf_string(r, s, "name", NULL);
		if (!name || !path_name_valid(name)) {
			conf_error(r, s, "a path needs a \"name\": letters, digits, dashes and underscores, beginning with a letter, at most %d",
				   CONF_PATH_NAME - 1);
			continue;
		}
		for (j = 0; j < conf->n_paths; j++)
			if (!strcmp(conf->paths[j].name, name))
				conf_error(r, s, "there are two paths called \"%s\"; each needs a name of its own",
					   name);
		copy(path->name, sizeof(path->name), name);
		path->port = (uint16_t)conf_number(r, s, "port", CONF_PORT, 1, 65535);
		device = conf_string(r, s, "device", "");
		if (device && strlen(device) >= sizeof(path->device))
			conf_error(r, s, "\"device\" is \"%s\"; a device's name has at most %zu characters",
				   device, sizeof(path->device) - 1);
		else if (device)
			copy(path->device, sizeof(path->device), device);
		conf->n_paths++;
	}
}

static void read_profile(struct conf_reader *r, config_setting_t *root,
			 struct conf *conf)
{
	const char *word = conf_string(r, root, "profile", "default");
	enum hasw_vote_profile found = word ? profile_find(word) : HASW_VOTE_DEFAULT;

	if (found < HASW_VOTE_PROFILES)
		conf->profile = found;
	else
		conf_error(r, config_setting_get_member(root, "profile"),
			   "\"profile\" is \"%s\"; it can be \"default\" or \"fast\"",
			   word);
}

static void read_timings(struct conf_reader *r, config_setting_t *root,
			 struct conf *conf)
{
	static const char *const known[] = {
		"heartbeat", "suspect", "time", "notify", "fence",
		"fence_after", "fence_delay", NULL
	};
	config_setting_t *s = conf_group(r, root, "timings");
	const struct profile *usual = profile_of(conf->profile);
	char was[24], least[24];

	conf->heartbeat = usual->heartbeat;
	conf->suspect = usual->suspect;
	conf->suspect_most = LATENESS_MOST;
	conf->time = usual->time;
	conf->notify_time = 30 * SECOND;
	conf->fence_time = 60 * SECOND;
	conf->fence_after = SECOND;
	conf->fence_delay = 5 * SECOND;
	if (!s)
		return;
	conf_only(r, s, "\"timings\"", known);
	conf->heartbeat = conf_time(r, s, "heartbeat", usual->heartbeat, MS,
				    SECOND);
	if (config_setting_get_member(s, "heartbeat")) {
		conf->suspect = 3 * conf->heartbeat;
		conf->time = 3 * conf->heartbeat;
	}
	conf->suspect = conf_time(r, s, "suspect", conf->suspect, 2 * MS,
				  60 * SECOND);
	/* If the file sets "suspect", which is how long a peer can be silent, lateness does not extend this time. */
	if (config_setting_get_member(s, "suspect") ||
	    conf->suspect_most < conf->suspect)
		conf->suspect_most = conf->suspect;
	conf->time = conf_time(r, s, "time", conf->time, 2 * MS, 60 * SECOND);
	conf->notify_time = conf_time(r, s, "notify", 30 * SECOND, 100 * MS,
				      3600 * SECOND);
	conf->fence_time = conf_time(r, s, "fence", 60 * SECOND, 100 * MS,
				     3600 * SECOND);
	conf->fence_after = conf_time(r, s, "fence_after",
				      conf->suspect > SECOND ? conf->suspect : SECOND,
				      50 * MS, 3600 * SECOND);
	conf->fence_delay = conf_time(r, s, "fence_delay", 5 * SECOND, 0,
				      3600 * SECOND);
	if (conf->fence_after < conf->suspect)
		conf_error(r, s, "\"fence_after\" is \"%s\"; it must be at least \"suspect\", \"%s\", for which a node may be silent and still counts as alive",
			   conf_time_format(conf->fence_after, was),
			   conf_time_format(conf->suspect, least));
	if (conf->suspect < 2 * conf->heartbeat)
		conf_error(r, s, "\"suspect\" is \"%s\"; it must be at least two heartbeats, \"%s\", or each late packet makes a node suspect",
			   conf_time_format(conf->suspect, was),
			   conf_time_format(2 * conf->heartbeat, least));
	if (conf->time < 2 * conf->heartbeat)
		conf_error(r, s, "\"time\" is \"%s\"; it must be at least two heartbeats, \"%s\", or the module takes each late BEAT for a stop",
			   conf_time_format(conf->time, was),
			   conf_time_format(2 * conf->heartbeat, least));
}

/* Returns how long pulses, the heartbeats between modules, can be missing before a module declares
 * the peer lost, ns. If the file changes the agents' heartbeat interval or suspect time, the agents'
 * suspect time also applies to pulses. So one setting is enough for a network that delays packets.
 */
static uint64_t pulse_suspect(const struct conf *conf)
{
	const struct profile *usual = profile_of(conf->profile);

	if (conf->heartbeat == usual->heartbeat &&
	    conf->suspect == usual->suspect)
		return usual->pulse_suspect;
	return conf->suspect;
}

/* The limits in this function are those of the module, see pulse-set in haswitch-netlink(7). */
static void read_pulses(struct conf_reader *r, config_setting_t *root,
			struct conf *conf)
{
	static const char *const known[] = { "use", "interval", "multiplier", NULL };
	config_setting_t *s = conf_group(r, root, "pulses");

	const struct profile *usual = profile_of(conf->profile);
	uint64_t suspect = pulse_suspect(conf);
	uint64_t interval = suspect / PULSES_MAX + 1, n;

	if (interval < usual->pulse)
		interval = usual->pulse;
	conf->pulse = true;
	if (s) {
		conf_only(r, s, "\"pulses\"", known);
		conf->pulse = conf_bool(r, s, "use", true);
		interval = conf_time(r, s, "interval", interval, MS / 2,
				     10 * SECOND);
	}
	n = (suspect + interval - 1) / interval;
	if (n < usual->pulse_least)
		n = usual->pulse_least;
	if (n > PULSES_MAX)
		n = PULSES_MAX;
	conf->pulse_adapts = !s || !config_setting_get_member(s, "multiplier");
	if (s)
		n = conf_number(r, s, "multiplier", n, 2, PULSES_MAX);
	conf->pulse_interval = interval;
	conf->pulse_multiplier = (unsigned int)n;
}

/* Returns the default path of the voter's file. The path contains the node's name, so each voter has its own file. */
static char *voter_file(const struct conf *conf)
{
	char *path;

	if (!conf->n_nodes ||
	    asprintf(&path, "%s%s", CONF_STORE, conf->nodes[conf->self].name) < 0)
		return NULL;
	return path;
}

static void read_leases(struct conf_reader *r, config_setting_t *root,
			struct conf *conf)
{
	static const char *const known[] = { "vote", "longest", "voter", NULL };
	config_setting_t *s = conf_group(r, root, "leases");
	const char *path = NULL;

	conf->vote = true;
	conf->lease_longest = 10 * SECOND;
	if (s) {
		conf_only(r, s, "\"leases\"", known);
		conf->vote = conf_bool(r, s, "vote", true);
		conf->lease_longest = conf_time(r, s, "longest", 10 * SECOND,
						SECOND, 10 * SECOND);
		path = conf_string(r, s, "voter", NULL);
		if (path && path[0] != '/')
			conf_error(r, config_setting_get_member(s, "voter"),
				   "\"voter\" is \"%s\"; it must be the whole name of a file, from / on",
				   path);
	}
	conf->voter_file = path ? strdup(path) : voter_file(conf);
	if (!conf->voter_file && conf->n_nodes)
		conf_error(r, s, "no memory");
}

/*
 * Reports an error if all nodes are witnesses, if "vote" is false on a witness, or if a check's node is a witness. CHECKS:
 * the reader of the checks.
 */
static void judge_witnesses(struct conf_reader *r, config_setting_t *root,
			    const struct conf *conf, struct conf_reader *checks)
{
	config_setting_t *leases = config_setting_get_member(root, "leases");
	config_setting_t *list = config_setting_get_member(root, "nodes");
	unsigned int i, n = 0;

	for (i = 0; i < conf->n_nodes; i++)
		n += conf->nodes[i].witness;
	if (n && n == conf->n_nodes)
		conf_error(r, list, "every node of \"nodes\" is a witness, so that none could hold a lease; a server has no \"witness\" in its entry");
	/* After an earlier error, conf->self may be invalid, so conf_witness() must not use it. */
	if (!r->errors && conf_witness(conf) && !conf->vote)
		conf_error(r, config_setting_get_member(leases, "vote"),
			   "\"vote\" is false, but this node, \"%s\", is a witness (line %u), which does nothing but vote; take one of the two out, on every node",
			   conf->nodes[conf->self].name,
			   conf->nodes[conf->self].line);
	for (i = 0; i < conf->n_checks; i++) {
		const struct conf_check *check = &conf->checks[i];

		if (conf_node_witness(conf, check->node))
			conf_error_at(checks, check->line, "the check is of node \"%s\", which is a witness and serves nothing; name a member of the service",
				      check->node);
	}
}

static bool hook_add(struct conf *conf, const char *path)
{
	char *hook = strdup(path);

	if (hook)
		conf->hooks[conf->n_hooks++] = hook;
	return hook;
}

static void read_journal(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	static const char *const known[] = { "use", "folder", "size", "days", NULL };
	config_setting_t *s = conf_group(r, root, "journal");
	const char *folder = JOURNAL_FOLDER;
	uint64_t size = 64, days = 400;

	conf->journal = true;
	if (s) {
		conf_only(r, s, "\"journal\"", known);
		conf->journal = conf_bool(r, s, "use", true);
		folder = conf_string(r, s, "folder", folder);
		size = conf_number(r, s, "size", size, 1, 65536);
		days = conf_number(r, s, "days", days, 1, 36500);
	}
	if (folder && folder[0] != '/')
		conf_error(r, config_setting_get_member(s, "folder"),
			   "\"folder\" is \"%s\"; it must be the whole name of a folder, from / on", folder);
	conf->journal_folder = folder ? strdup(folder) : NULL;
	if (folder && !conf->journal_folder)
		conf_error(r, s, "no memory");
	conf->journal_size = size << 20;
	conf->journal_age = days * 86400 * SECOND;
}

const char *const conf_events[] = {
	"node", "lease", "gained", "lost", "conflict", "member", "peer", "path", "authentication", "config", "reload",
	"service", "drained", "committed", NULL
};

/* Returns the number of an event; -1 if there is no such event. */
static int event_find(const char *word)
{
	int i;

	for (i = 0; conf_events[i]; i++)
		if (!strcmp(conf_events[i], word))
			return i;
	return -1;
}

/**
 * conf_hook_wants - check whether a notify command is to be told of an event
 * @hook:	what the command is told of
 * @event:	the event, one of conf_events
 * @object:	what the event is about
 * @other:	the second object of the event, or NULL
 *
 * Return: yes or no
 */
bool conf_hook_wants(const struct conf_hook *hook, const char *event, const char *object, const char *other)
{
	int number = event_find(event);
	unsigned int i;

	if (hook->events && (number < 0 || !(hook->events & 1U << number)))
		return false;
	for (i = 0; i < hook->n_objects; i++)
		if (!strcmp(hook->objects[i], object) || (other && !strcmp(hook->objects[i], other)))
			return true;
	return !hook->n_objects;
}

static void read_hook_events(struct conf_reader *r, config_setting_t *list, struct conf_hook *hook)
{
	int i, n = list ? config_setting_length(list) : 0;

	if (list && !n)
		conf_error(r, list, "\"events\" is empty, so that the command is told nothing; take it out for all events");
	for (i = 0; i < n; i++) {
		config_setting_t *s = config_setting_get_elem(list, (unsigned int)i);
		const char *word = conf_string_of(r, s, "an event");
		int number = word ? event_find(word) : -1;

		if (number >= 0)
			hook->events |= 1U << number;
		else if (word)
			conf_error(r, s, "unknown event \"%s\"; the nearest that there is is \"%s\"", word,
				   conf_nearest(word, conf_events));
	}
}

static void read_hook_objects(struct conf_reader *r, config_setting_t *list, struct conf_hook *hook)
{
	int i, n = list ? config_setting_length(list) : 0;

	if (list && (n < 1 || n > CONF_HOOK_OBJECTS)) {
		conf_error(r, list, "\"objects\" has %d entries; it must have 1 to %d", n, CONF_HOOK_OBJECTS);
		return;
	}
	for (i = 0; i < n; i++) {
		const char *word = conf_string_of(r, config_setting_get_elem(list, (unsigned int)i), "an object");

		if (!word)
			continue;
		hook->objects[hook->n_objects] = strdup(word);
		if (!hook->objects[hook->n_objects])
			conf_error(r, list, "no memory");
		else
			hook->n_objects++;
	}
}

/* Reads a notify command: its path, or a group that says what it is told of, too. */
static void read_hook(struct conf_reader *r, config_setting_t *s, struct conf *conf)
{
	static const char *const known[] = { "command", "events", "objects", NULL };
	struct conf_hook *hook = &conf->hook[conf->n_hooks];
	bool group = config_setting_is_group(s);
	const char *path;

	if (group) {
		conf_only(r, s, "a notify command", known);
		path = conf_string(r, s, "command", NULL);
		if (!path && !config_setting_get_member(s, "command"))
			conf_error(r, s, "a notify command needs \"command\", its absolute path");
	} else {
		path = conf_string_of(r, s, "a notify command");
	}
	if (!path || !conf_command(r, s, "notify", path))
		return;
	if (group) {
		read_hook_events(r, conf_list(r, s, "events", "events, like [ \"lease\", \"conflict\" ]"), hook);
		read_hook_objects(r, conf_list(r, s, "objects", "names, like [ \"web\" ]"), hook);
	}
	if (!hook_add(conf, path))
		conf_error(r, s, "no memory");
}

static void read_hooks(struct conf_reader *r, config_setting_t *root,
		       struct conf *conf)
{
	config_setting_t *list = conf_list(r, root, "notify",
			"commands, like [ \"/usr/local/sbin/tell-me\" ]");
	int i, n = list ? config_setting_length(list) : 0;

	if (n > CONF_HOOKS) {
		conf_error(r, list, "\"notify\" has %d entries; %d are the most",
			   n, CONF_HOOKS);
		return;
	}
	for (i = 0; i < n; i++)
		read_hook(r, config_setting_get_elem(list, (unsigned int)i), conf);
}

/*
 * Checks that "fence" or "split" is used only in a cluster of exactly two nodes that both
 * vote and can hold leases. With three voters, any two are a majority, so the third one need
 * not be switched off.
 */
static void judge_pair(struct conf_reader *r, config_setting_t *s,
		       const struct conf *conf)
{
	const char *what = config_setting_name(s);
	unsigned int i;

	/* If there are no nodes, an error in "nodes" was reported already. */
	if (conf->n_nodes && conf->n_nodes != 2) {
		conf_error(r, s, "\"%s\" is for two nodes alone, and \"nodes\" has %u: of these more than half must be there, and nothing else is needed; take \"%s\" out",
			   what, conf->n_nodes, what);
		return;
	}

	for (i = 0; i < conf->n_nodes; i++)
		if (conf->nodes[i].witness)
			conf_error(r, s, "\"%s\" is for two nodes alone, and node \"%s\" (line %u) is a witness, whose vote takes the place of it; take one of the two out",
				   what, conf->nodes[i].name, conf->nodes[i].line);
	if (!conf->vote)
		conf_error(r, s, "\"%s\" is for leases that the agents vote on, and \"vote\" is false; take one of the two out",
			   what);
}

static void read_split(struct conf_reader *r, config_setting_t *root,
		       struct conf *conf)
{
	config_setting_t *s = config_setting_get_member(root, "split");
	const char *word = s ? conf_string_of(r, s, "\"split\"") : NULL;

	if (!word)
		return;
	if (strcmp(word, "allow")) {
		conf_error(r, s, "\"split\" is \"%s\"; it can be \"allow\" only, which lets two nodes that hear nothing of each other both hold leases, and without it they never do",
			   word);
		return;
	}
	if (config_setting_get_member(root, "fence")) {
		conf_error(r, s, "there are both \"fence\" and \"split\"; with a fence no node need be presumed off, so take \"split\" out");
		return;
	}
	conf->split = true;
	judge_pair(r, s, conf);
}

static void judge_fence(struct conf_reader *r, config_setting_t *s,
			const struct conf *conf)
{
	unsigned int i;

	judge_pair(r, s, conf);
	for (i = 0; i < conf->n_hooks; i++)
		if (!strcmp(conf->hooks[i], conf->fence))
			conf_error(r, s, "\"%s\" is a notify command, too, which is run with other arguments; a fence needs a command of its own",
				   conf->fence);
}

static void read_fence(struct conf_reader *r, config_setting_t *root,
		       struct conf *conf)
{
	config_setting_t *s = config_setting_get_member(root, "fence");
	const char *path = s ? conf_string_of(r, s, "\"fence\"") : NULL;

	if (!path)
		return;
	if (!conf_command(r, s, "fence", path))
		return;
	conf->fence = strdup(path);
	if (!conf->fence)
		conf_error(r, s, "no memory");
	else
		judge_fence(r, s, conf);
}

/* Reads "ADDRESS:PORT", with an IPv6 address in brackets. Returns whether it is one. */
static bool read_endpoint(const char *word, struct sockaddr_storage *to)
{
	const char *colon = strrchr(word, ':');
	char text[HASW_ADDR_TEXT];
	struct hasw_addr addr;
	bool brackets = colon && colon - word >= 2 && word[0] == '[' && colon[-1] == ']';
	const char *from = word + brackets;
	size_t size = colon ? (size_t)(colon - brackets - from) : 0;
	uint64_t port;

	if (!size || size >= sizeof(text) || hasw_number_parse(&port, colon + 1, 65535) || !port)
		return false;
	memcpy(text, from, size);
	text[size] = '\0';
	if (hasw_addr_parse(&addr, text) || brackets != (addr.family == AF_INET6))
		return false;
	hasw_addr_to_sock(&addr, (uint16_t)port, to);
	return true;
}

static void read_http(struct conf_reader *r, config_setting_t *root,
		      struct conf *conf)
{
	const char *word = conf_string(r, root, "http", CONF_HTTP);

	if (!word || !strcmp(word, "off"))
		return;
	if (!read_endpoint(word, &conf->http))
		conf_error(r, config_setting_get_member(root, "http"),
			   "\"http\" is \"%s\"; it must be an address and a port, like \"%s\" or \"[::1]:9464\", or \"off\"",
			   word, CONF_HTTP);
}

/* A word would hide which of the kernel's tables it is: `ip` and each routing daemon have names of their own for them. */
static void read_routes(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	static const char *const known[] = { "table", NULL };
	config_setting_t *s = conf_group(r, root, "routes");

	if (!s)
		return;
	conf_only(r, s, "\"routes\"", known);
	conf->routes_table = (uint32_t)conf_number(r, s, "table", CONF_ROUTES, 1, INT32_MAX);
	if (conf->routes_table == RT_TABLE_LOCAL || conf->routes_table == RT_TABLE_DEFAULT)
		conf_error(r, config_setting_get_member(s, "table"),
			   "\"table\" is %u, which the kernel itself uses; %u is a table of its own, and %u the main table",
			   conf->routes_table, CONF_ROUTES, RT_TABLE_MAIN);
}

/* Returns the path of the key file that systemd passes as a credential when the agent does not run as root; or NULL. */
static char *handed_over(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path;

	if (!folder || asprintf(&path, "%s/%s", folder, CONF_CREDENTIAL) < 0)
		return NULL;
	if (!access(path, F_OK))
		return path;
	free(path);
	return NULL;
}

static void read_key(struct conf_reader *r, config_setting_t *root,
		     struct conf *conf)
{
	const char *path = conf_string(r, root, "key", CONF_KEY);
	char why[256];

	if (!path)
		return;
	conf->key_file = handed_over();
	if (!conf->key_file)
		conf->key_file = strdup(path);
	if (!conf->key_file)
		conf_error(r, NULL, "no memory");
	else if (key_read(&conf->keys, conf->key_file, why, sizeof(why)))
		conf_error(r, config_setting_get_member(root, "key"),
			   "key file %s %s", conf->key_file, why);
}

static void read_folder(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	const char *path = conf_string(r, root, "configurations", CONF_FOLDER);

	if (path && (path[0] != '/' || strlen(path) > CONF_FOLDER_MOST))
		conf_error(r, config_setting_get_member(root, "configurations"),
			   "\"configurations\" is \"%s\"; it must be the whole name of a folder, from / on, of at most %u bytes",
			   path, CONF_FOLDER_MOST);
	conf->config_folder = path ? strdup(path) : NULL;
	if (path && !conf->config_folder)
		conf_error(r, NULL, "no memory");
}

/* Return: false for another word, which does not tell where the nodes come from */
static bool read_engine(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	const char *word = conf_string(r, root, "engine", NULL);

	conf->corosync = word && !strcmp(word, "corosync");
	if (word && !conf->corosync)
		conf_error(r, config_setting_get_member(root, "engine"),
			   "\"engine\" is \"%s\"; it can be \"corosync\" only, which has the nodes and their addresses come from corosync, and its quorum be a condition to hold leases",
			   word);
	return conf->corosync || !config_setting_get_member(root, "engine");
}

static void read_root(struct conf_reader *r, config_setting_t *root,
		      struct conf *conf, const struct conf_ask *ask)
{
	static const char *const known[] = {
		"node", "key", "engine", "paths", "nodes", "profile", "timings", "pulses", "leases", "configurations", "fence",
		"split", "checks", "load", "notify", "journal", "http", "routes", NULL
	};
	const struct conf_source *of;
	struct conf_sources from;
	unsigned int errors;
	bool known_engine;

	conf_only(r, root, "the file", known);
	read_key(r, root, conf);
	known_engine = read_engine(r, root, conf);
	errors = r->errors;
	read_paths(r, root, conf);
	/* After an error in "paths" no address is read, so that no further errors about addresses are reported. */
	if (r->errors != errors)
		conf->n_paths = 0;
	read_folder(r, root, conf);
	conf_agents_get(r, root, conf, ask);
	if (conf->corosync)
		conf_read_corosync(r, root, conf, ask);
	else if (known_engine)
		conf_read_nodes(r, root, conf, ask ? ask->module : NULL);
	read_profile(r, root, conf);
	read_timings(r, root, conf);
	read_leases(r, root, conf);
	conf_sources_open(&from, r, root, conf);
	of = from.of;
	read_pulses(of[CONF_AGENTS_PULSES].r, of[CONF_AGENTS_PULSES].root, conf);
	conf_read_checks(of[CONF_AGENTS_CHECKS].r, of[CONF_AGENTS_CHECKS].root, conf);
	conf_read_load(of[CONF_AGENTS_LOAD].r, of[CONF_AGENTS_LOAD].root, conf);
	judge_witnesses(r, root, conf, of[CONF_AGENTS_CHECKS].r);
	read_hooks(of[CONF_AGENTS_NOTIFY].r, of[CONF_AGENTS_NOTIFY].root, conf);
	read_journal(of[CONF_AGENTS_JOURNAL].r, of[CONF_AGENTS_JOURNAL].root, conf);
	read_routes(of[CONF_AGENTS_ROUTES].r, of[CONF_AGENTS_ROUTES].root, conf);
	conf_sources_close(&from, r);
	read_fence(r, root, conf);
	read_split(r, root, conf);
	read_http(r, root, conf);
}

/**
 * conf_empty - check whether a file is missing or has no bytes
 * @file:	name of the file
 *
 * Return: yes or no
 */
bool conf_empty(const char *file)
{
	struct stat st;

	return stat(file, &st) || !st.st_size;
}

/**
 * conf_emptied - check whether a file that had settings has none any more
 * @file:	name of the file
 * @was_empty:	it had none when it was read last
 *
 * A full disk, or a tool that writes in two steps, can leave the file empty. To read it again would reset all settings.
 *
 * Return: what follows the file's name in a message; NULL: the file may be read
 */
const char *conf_emptied(const char *file, bool was_empty)
{
	return was_empty || !conf_empty(file) ? NULL :
	       "is not there any more, or is empty; if it is to have no settings, write a comment into it";
}

/**
 * conf_read - read a configuration file
 * @file:	name of the file; if CONF_FILE does not exist, it counts as empty
 * @ask:	callbacks that read the nodes for a file without "nodes", and the settings of all agents; NULL: such a
 *		file is an error, and there are no such settings
 * @report:	callback for each error
 * @arg:	passed to @report
 *
 * Return: the configuration; NULL after any error, with errno EAGAIN, EBUSY or EINVAL.
 * EAGAIN and EBUSY mean that the only error is about the nodes of the module or of corosync. With
 * EAGAIN, they are perhaps not there yet. With EBUSY, they could not be read at this moment
 */
struct conf *conf_read(const char *file, const struct conf_ask *ask,
		       conf_report_fn report, void *arg)
{
	struct conf_reader r = { .file = file, .report = report, .arg = arg };
	struct conf *conf = calloc(1, sizeof(*conf));
	config_t cfg;
	int err;

	config_init(&cfg);
	if (conf) {
		conf->file = strdup(file);
		conf->empty = conf_empty(file);
	}
	err = conf && conf->file ? conf_parse(&r, &cfg) : -ENOMEM;
	if (err == -ENOMEM)
		conf_error(&r, NULL, "no memory");
	else if (err == -ENOENT && strcmp(file, CONF_FILE))
		conf_error(&r, NULL, "cannot be read: %s", strerror(ENOENT));
	else if (!err || err == -ENOENT)
		read_root(&r, config_root_setting(&cfg), conf, ask);
	config_destroy(&cfg);
	if (r.errors) {
		conf_free(conf);
		errno = !r.later || r.errors != 1 ? EINVAL : r.busy ? EBUSY : EAGAIN;
		return NULL;
	}
	return conf;
}

/**
 * conf_witness - check whether this node is a witness
 * @conf:	the configuration
 *
 * Return: yes or no
 */
bool conf_witness(const struct conf *conf)
{
	return conf->nodes[conf->self].witness;
}

/**
 * conf_node_witness - check whether a node is a witness
 * @conf:	the configuration
 * @name:	name of the node
 *
 * Return: yes or no; no for a node that is not configured
 */
bool conf_node_witness(const struct conf *conf, const char *name)
{
	unsigned int i;

	for (i = 0; i < conf->n_nodes; i++)
		if (!strcmp(conf->nodes[i].name, name))
			return conf->nodes[i].witness;
	return false;
}

/**
 * conf_free - free a configuration
 * @conf:	the configuration; may be NULL
 */
void conf_free(struct conf *conf)
{
	unsigned int i;

	if (!conf)
		return;
	for (i = 0; i < conf->n_hooks; i++)
		free(conf->hooks[i]);
	for (i = 0; i < CONF_HOOKS; i++)
		while (conf->hook[i].n_objects)
			free(conf->hook[i].objects[--conf->hook[i].n_objects]);
	/* Keys must not remain in memory that the allocator reuses. */
	explicit_bzero(&conf->keys, sizeof(conf->keys));
	for (i = 0; i < conf->n_checks; i++)
		free(conf->checks[i].words);
	free(conf->checks);
	for (i = 0; i < conf->load.n_paths; i++)
		free(conf->load.paths[i]);
	conf_agents_free(&conf->agents);
	free(conf->nodes);
	free(conf->voter_file);
	free(conf->journal_folder);
	free(conf->config_folder);
	free(conf->fence);
	free(conf->key_file);
	free(conf->file);
	free(conf);
}
