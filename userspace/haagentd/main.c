// SPDX-License-Identifier: GPL-2.0
/* haagentd: the command line, start and exit. */
#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/plain.h"
#include "lib/version.h"

#include "agent.h"
#include "haagentd/keeper/applied.h"
#include "haagentd/keeper/config_agents.h"
#include "haagentd/keeper/first.h"
#include "haagentd/keeper/join.h"
#include "haagentd/peer/link_watch.h"
#include "log.h"
#include "haagentd/vote/probe.h"
#include "systemd.h"
#include "haagentd/conf/conf_verify.h"

/* Exit code: the command line and the files are valid, but a request to the kernel has failed. */
#define EXIT_REFUSED	2

static const char usage[] =
	"Usage: haagentd [ -f FILE ] [ -d ] [ --witness ]\n"
	"       haagentd [ -f FILE ] [ --witness ] --check-config\n"
	"       haagentd { --genkey | --addkey | --dropkey } FILE\n"
	"       haagentd --probe NODE\n"
	"       haagentd [ -f FILE ] { --nodes | --committed | --begin }\n"
	"       haagentd --join\n"
	"       haagentd { -V | -h }\n"
	"\n"
	"  -f, --file FILE      configuration file (" CONF_FILE ")\n"
	"  -d, --debug          log everything\n"
	"      --witness        only vote on leases: without module, and without root\n"
	"      --check-config   say what is wrong with the configuration, and end\n"
	"      --genkey FILE    make a new key file, and end\n"
	"      --addkey FILE    put a second key into a key file, and end\n"
	"      --dropkey FILE   take the older key out of a key file, and end\n"
	"      --probe NODE     ask on the client links whether a node is there, and end\n"
	"      --nodes          print the nodes of corosync's nodelist, if the nodes come from there, and end\n"
	"      --committed      print the file of the committed configuration with which this node begins, and end\n"
	"      --join           read a token from standard input, and become a node with it\n"
	"      --begin          have the agent commit the first generation of a new cluster, and end\n"
	"  -V, --version        say which release this is, and end\n"
	"  -h, --help           print this, and end\n"
	"\n"
	"haagentd stays in the foreground. SIGTERM stops it without moving anything,\n"
	"SIGUSR1 leaves the cluster, SIGHUP reads the configuration again, SIGUSR2\n"
	"writes the state of all peers to the log.\n";

static void print(void *arg, const char *where, const char *what)
{
	hasw_plain_line(stderr, "%s%s: %s", arg ? (const char *)arg : "", where, what);
}

static void ignore(void *arg, const char *where, const char *what)
{
	(void)arg;
	(void)where;
	(void)what;
}

/* Checks that the file marks this node as a witness: its peers learn this from their files, not from --witness. */
static bool is_witness(const struct conf *conf, conf_report_fn report, void *arg)
{
	const struct conf_node *self = &conf->nodes[conf->self];
	char where[CONF_WHERE], what[512];

	if (self->witness)
		return true;
	snprintf(what, sizeof(what), "this node, \"%s\", is started with --witness, but its entry does not say that it is one; write { name = \"%s\"; ... witness = true; } on every node, or start haagentd without --witness",
		 self->name, self->name);
	report(arg, conf_node_where(conf, self, where), what);
	return false;
}

/* What is known of corosync, from the first reading of the file on. */
static struct corosync corosync = COROSYNC_NONE;

/* What the file alone says, and the nodes. */
static const struct conf_ask asks = { .module = module_ask_nodes, .corosync = corosync_ask, .arg = &corosync };

/* And what the newest configuration of the cluster has for all agents. */
static const struct conf_ask asks_all = {
	.module = module_ask_nodes, .corosync = corosync_ask, .arg = &corosync, .agents = config_agents_newest,
};

/* Or what was in force here. */
static const struct conf_ask asks_begin = {
	.module = module_ask_nodes, .corosync = corosync_ask, .arg = &corosync, .agents = config_agents_begin,
};

/* Or of that the nodes alone. */
static const struct conf_ask asks_nodes = {
	.module = module_ask_nodes, .corosync = corosync_ask, .arg = &corosync, .agents = config_agents_begin_nodes,
};

/*
 * Reads the file for an agent that begins. What the cluster has committed for all agents can be in the way: this node was
 * away then, or its file was edited since. The agent begins without it, because others may need its vote. Its node acquires
 * no lease until this is mended. Return: the configuration; NULL with errno
 */
static struct conf *read_to_begin(const char *file)
{
	struct conf *conf = conf_read(file, &asks_begin, agent_report, NULL);

	if (conf || errno != EINVAL)
		return conf;
	/* With the nodes that the others know. Without them this node would want another set of voters than they do. */
	conf = conf_read(file, &asks_nodes, ignore, NULL);
	if (!conf)
		conf = conf_read(file, &asks, ignore, NULL);
	if (conf)
		log_error("%s: the agent begins without the settings of all agents that the cluster has committed, and this node acquires no lease; mend what is said above, and have the agent read it again ('systemctl reload haagentd')",
			  file);
	else if (errno != EAGAIN && errno != EBUSY)
		errno = EINVAL;
	return conf;
}

/* Says which settings come from the configuration of the cluster. */
static void print_agents(const struct conf *conf)
{
	unsigned int i, n = 0;

	printf("%s: compared with generation %llu, which has for all agents:", conf->file,
	       (unsigned long long)conf->agents.generation);
	for (i = 0; conf_shared[i]; i++)
		if (conf->shared >> i & 1)
			printf("%s %s", n++ ? "," : "", conf_shared[i]);
	puts(n ? "" : " nothing");
}

static int check_config(const char *file, bool witness)
{
	static struct module module;
	struct hasw_error err;
	struct conf *conf;
	unsigned int p;
	int errors = 0;

	conf = conf_read(file, &asks_all, print, NULL);
	corosync_close(&corosync);
	if (!conf)
		return EXIT_FAILURE;
	if (witness && !is_witness(conf, print, NULL))
		errors++;
	else if (conf_witness(conf))
		printf("%s: this node is a witness, which has no module\n", file);
	else if (module_open(&module, &err)) {
		printf("%s: not compared with the module: %s\n", file, err.text);
	} else {
		errors = verify_nodes(conf, &module, print, NULL);
		if (!errors)
			verify_members(conf, &module, print, "warning: ");
		module_close(&module);
	}
	for (p = 0; p < conf->n_paths; p++)
		if (conf->paths[p].device[0] && !link_index(conf->paths[p].device))
			fprintf(stderr, "warning: path %s: there is no device %s now; the agent listens as soon as there is\n",
				conf->paths[p].name, conf->paths[p].device);
	if (!errors && conf->agents.text && !conf_witness(conf))
		print_agents(conf);
	conf_free(conf);
	if (errors)
		return errors < 0 ? EXIT_REFUSED : EXIT_FAILURE;
	printf("%s: good\n", file);
	return EXIT_SUCCESS;
}

/*
 * Prints the nodes that an engine lists as lines of haswitch.conf, for haadm. Without an engine nothing is printed. The
 * mark says that they are no part of what is saved.
 */
static int print_nodes(const char *file)
{
	char text[HASW_ADDR_TEXT];
	struct conf *conf;
	unsigned int i;
	int engine = conf_has_engine(file, print, NULL);

	/* A file that nobody can read may name an engine. Without its nodes, a restore would leave the module none. */
	if (engine <= 0)
		return engine ? EXIT_FAILURE : EXIT_SUCCESS;
	conf = conf_read(file, &asks, print, NULL);
	corosync_close(&corosync);
	if (!conf)
		return EXIT_FAILURE;
	for (i = 0; i < conf->n_nodes; i++) {
		struct hasw_addr addr4, addr6;

		conf_node_addrs(&conf->nodes[i], &addr4, &addr6);
		printf("node add %s", conf->nodes[i].name);
		if (addr4.family)
			printf(" addr %s", hasw_addr_format(&addr4, text));
		if (addr6.family)
			printf(" addr %s", hasw_addr_format(&addr6, text));
		puts(i == conf->self ? " self engine" : " engine");
	}
	conf_free(conf);
	return EXIT_SUCCESS;
}

/*
 * Prints the name of the file with the committed configuration that was in force here last, for haadm at a boot. Nothing is
 * printed where there is none.
 */
static int print_committed(const char *file)
{
	const struct generation *first = NULL;
	struct generation *list = NULL;
	char path[512], *folder;
	unsigned int n = 0;
	int err = conf_folder_of(file, &folder, print, NULL);

	if (err || !folder)
		return err ? EXIT_FAILURE : EXIT_SUCCESS;
	err = generation_list(folder, &list, &n);
	if (!err)
		first = applied_first(folder, list, n);
	if (first)
		err = generation_path(folder, first->number, first->hash, path, sizeof(path));
	if (err)
		hasw_plain_line(stderr, "the folder %s of the cluster's configurations cannot be read: %s", folder, strerror(-err));
	else if (first)
		puts(path);
	free(list);
	free(folder);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * Leaves the mark by which the keeper of this node commits the first generation, for haadm. Prints the folder that has it:
 * nothing where the file says that this node does not vote.
 */
static int begin_cluster(const char *file)
{
	char *folder = NULL;
	int err = conf_folder_of(file, &folder, print, NULL);

	if (err)
		return EXIT_FAILURE;
	if (folder)
		err = first_mark(folder);
	if (err)
		hasw_plain_line(stderr, "the folder %s of the cluster's configurations cannot be written: %s", folder,
				strerror(-err));
	else if (folder)
		puts(folder);
	free(folder);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* An operation on a key file, and the message after its success. */
struct key_task {
	int (*fn)(const char *path, char *why, size_t size);
	const char *done;
};

static const struct key_task key_tasks[] = {
	{ key_generate, "a new key; give it to every node of the cluster, and to nobody else" },
	{ key_add, "has a second key now; copy it to every node, and have each agent read it ('systemctl reload haagentd') before --dropkey" },
	{ key_drop, "has the newer key only; copy it to every node, and have each agent read it ('systemctl reload haagentd')" },
};

static int key_run(const struct key_task *task, const char *file)
{
	char why[256];

	if (task->fn(file, why, sizeof(why))) {
		hasw_plain_line(stderr, "%s %s", file, why);
		return EXIT_FAILURE;
	}
	printf("%s: %s\n", file, task->done);
	return EXIT_SUCCESS;
}

static int probe(const char *node)
{
	int code;

	log_open(false);
	code = probe_node(node);
	if (code == PROBE_AGENTLESS)
		log_notice("probe: %s: %s", node, probe_words(code));
	else if (code != PROBE_ANSWERED)
		log_notice("probe: %s", probe_words(code));
	return code;
}

static int run(const char *file, bool debug, bool witness)
{
	static struct agent agent;
	struct conf *conf;
	int err;

	log_open(debug);
	conf = read_to_begin(file);
	/*
	 * EAGAIN, EBUSY: the nodes of the module or of corosync are perhaps not loaded yet, or could not be read now. systemd
	 * restarts the agent after EXIT_REFUSED.
	 */
	if (!conf)
		return errno == EAGAIN || errno == EBUSY ? EXIT_REFUSED : EXIT_FAILURE;
	if (witness && !is_witness(conf, agent_report, NULL)) {
		conf_free(conf);
		return EXIT_FAILURE;
	}
	systemd_open();
	err = agent_open(&agent, conf, &corosync);
	if (!err)
		err = agent_run(&agent);
	agent_close(&agent);
	if (err == -EINVAL)
		return EXIT_FAILURE;
	return err ? EXIT_REFUSED : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	enum { CHECK_CONFIG = 256, WITNESS, GENKEY, ADDKEY, DROPKEY, PROBE, JOIN, NODES, COMMITTED, BEGIN };
	static const struct option options[] = {
		{ "file", required_argument, NULL, 'f' },
		{ "debug", no_argument, NULL, 'd' },
		{ "witness", no_argument, NULL, WITNESS },
		{ "check-config", no_argument, NULL, CHECK_CONFIG },
		{ "genkey", required_argument, NULL, GENKEY },
		{ "addkey", required_argument, NULL, ADDKEY },
		{ "dropkey", required_argument, NULL, DROPKEY },
		{ "probe", required_argument, NULL, PROBE },
		{ "join", no_argument, NULL, JOIN },
		{ "nodes", no_argument, NULL, NODES },
		{ "committed", no_argument, NULL, COMMITTED },
		{ "begin", no_argument, NULL, BEGIN },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *file = CONF_FILE, *key = NULL, *node = NULL;
	const struct key_task *task = NULL;
	bool check = false, debug = false, witness = false, join = false, nodes = false, committed = false, begin = false;
	int option;

	while ((option = getopt_long(argc, argv, "f:dVh", options, NULL)) >= 0) {
		switch (option) {
		case 'f':
			file = optarg;
			break;
		case 'd':
			debug = true;
			break;
		case WITNESS:
			witness = true;
			break;
		case CHECK_CONFIG:
			check = true;
			break;
		case GENKEY:
		case ADDKEY:
		case DROPKEY:
			task = &key_tasks[option - GENKEY];
			key = optarg;
			break;
		case PROBE:
			node = optarg;
			break;
		case JOIN:
			join = true;
			break;
		case NODES:
			nodes = true;
			break;
		case COMMITTED:
			committed = true;
			break;
		case BEGIN:
			begin = true;
			break;
		case 'V':
			puts("haagentd " HASWITCH_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind < argc) {
		hasw_plain_line(stderr, "haagentd: \"%s\" is one word too many", argv[optind]);
		fputs(usage, stderr);
		return EXIT_FAILURE;
	}
	if (sodium_init() < 0) {
		fputs("haagentd: libsodium cannot be used\n", stderr);
		return EXIT_FAILURE;
	}
	if (key)
		return key_run(task, key);
	if (node)
		return probe(node);
	if (join)
		return join_run();
	if (nodes)
		return print_nodes(file);
	if (committed)
		return print_committed(file);
	if (begin)
		return begin_cluster(file);
	if (check)
		return check_config(file, witness);
	return run(file, debug, witness);
}
