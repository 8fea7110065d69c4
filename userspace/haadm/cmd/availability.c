// SPDX-License-Identifier: GPL-2.0
/* `haadm availability`: for how long vips, nodes and zones were there, from the journals. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/ask_journals.h"
#include "haadm/availability.h"
#include "haadm/commands.h"
#include "haadm/journal.h"
#include "haadm/parse/when.h"
#include "lib/text.h"

#define COLUMNS	8
#define CELL	64

/* What an object is, which is the word before its name in the command, too. */
enum what { IS_VIP, IS_LEASE, IS_NODE, IS_ZONE };

static const char *const words[] = { [IS_VIP] = "vip", [IS_LEASE] = "lease", [IS_NODE] = "node", [IS_ZONE] = "zone" };

struct row {
	enum what what;
	char name[HASW_ADDR_TEXT];
	struct hasw_addr addr;		/* of a vip */
	const char *by;			/* lease or node that a vip goes with; NULL: none */
	struct figures figures;
};

struct command {
	struct haadm *haadm;
	struct when when;
	struct availability *availability;
	json_t *answer;			/* of the agent, about the journals of other nodes; NULL: none */
	struct hasw_model model;	/* the configuration of now: which lease a vip has, and which zone a node is in */
	bool configured;
	struct row *rows;
	size_t n, room;
};

static struct row *row_add(struct command *command, enum what what, const char *name)
{
	if (command->n == command->room) {
		size_t room = command->room ? 2 * command->room : 64;
		struct row *more = reallocarray(command->rows, room, sizeof(*more));

		if (!more)
			return NULL;
		command->rows = more;
		command->room = room;
	}
	memset(&command->rows[command->n], 0, sizeof(*command->rows));
	command->rows[command->n].what = what;
	snprintf(command->rows[command->n].name, sizeof(command->rows->name), "%s", name);
	return &command->rows[command->n++];
}

static void lease_figures(struct command *command, const char *name, struct figures *figures)
{
	availability_lease(command->availability, name, command->when.since, command->when.until, figures);
}

static bool lease_row(struct command *command, const char *name)
{
	struct row *row = row_add(command, IS_LEASE, name);

	if (row)
		lease_figures(command, name, &row->figures);
	return row;
}

static void nodes_figures(struct command *command, const char *const *names, size_t n, struct figures *figures)
{
	availability_nodes(command->availability, names, n, command->when.since, command->when.until, figures);
}

static bool node_row(struct command *command, const char *name)
{
	struct row *row = row_add(command, IS_NODE, name);

	if (row)
		nodes_figures(command, &name, 1, &row->figures);
	return row;
}

/* Adds a zone; without a name all nodes, for a vip that each of them answers for. */
static bool group_figures(struct command *command, const char *zone, struct figures *figures)
{
	const struct hasw_model *model = &command->model;
	const char **names = calloc(model->n_nodes + 1, sizeof(*names));
	size_t n = 0;

	if (!names)
		return false;
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		if (!zone || !strcmp(model->nodes[i].zone, zone))
			names[n++] = model->nodes[i].name;
	}
	nodes_figures(command, names, n, figures);
	free(names);
	return true;
}

static bool zone_row(struct command *command, const char *zone)
{
	struct row *row = row_add(command, IS_ZONE, zone);

	return row && group_figures(command, zone, &row->figures);
}

/* Adds a vip. Many vips have one lease, whose figures are copied then. */
static bool vip_row(struct command *command, const struct hasw_vip *vip)
{
	const struct hasw_model *model = &command->model;
	const char *lease = vip->lease == HASW_NONE ? NULL : model->leases[vip->lease].name;
	uint32_t holder = vip->holder == HASW_NONE ? model->self : vip->holder;
	char name[HASW_ADDR_TEXT];
	struct row *row = row_add(command, IS_VIP, hasw_addr_format(&vip->addr, name));

	if (!row)
		return false;
	row->addr = vip->addr;
	if (!lease && vip->everywhere)
		return group_figures(command, NULL, &row->figures);
	row->by = lease ? lease : holder == HASW_NONE ? NULL : model->nodes[holder].name;
	for (const struct row *other = command->rows; lease && other < row; other++) {
		if (other->what == IS_VIP && other->by == lease) {
			row->figures = other->figures;
			return true;
		}
	}
	if (lease)
		lease_figures(command, lease, &row->figures);
	else
		nodes_figures(command, &row->by, row->by != NULL, &row->figures);
	return true;
}

static bool zone_known(const struct hasw_model *model, const char *zone, uint32_t before)
{
	for (uint32_t i = 0; i < before; i++) {
		if (*zone && !strcmp(model->nodes[i].zone, zone))
			return true;
	}
	return false;
}

/* Returns whether the journals or the configuration have an object of this name. */
static bool is_known(const struct command *command, enum what what, const char *name)
{
	const char *(*of)(const struct availability *a, size_t i) =
		what == IS_LEASE ? availability_lease_name : availability_node_name;
	const struct hasw_model *model = &command->model;
	const char *one;

	if (what == IS_ZONE)
		return zone_known(model, name, model->n_nodes);
	if ((what == IS_LEASE ? hasw_model_lease(model, name) : hasw_model_node(model, name)) != HASW_NONE)
		return true;
	for (size_t i = 0; (one = of(command->availability, i)); i++) {
		if (!strcmp(one, name))
			return true;
	}
	return false;
}

/* Vips, leases, nodes and zones. Vips are in the order of their addresses, IPv4 first; all others are by name. */
static int by_object(const void *left, const void *right)
{
	const struct row *x = left, *y = right;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	return x->what == IS_VIP ? hasw_addr_compare(&x->addr, &y->addr) : strcmp(x->name, y->name);
}

/* The module has objects in the order in which they were added, and journals as they were spoken of first. */
static bool all_rows(struct command *command)
{
	const struct hasw_model *model = &command->model;
	const char *name;
	bool good = true;

	for (uint32_t i = 0; i < model->n_vips; i++)
		good = good && vip_row(command, &model->vips[i]);
	for (size_t i = 0; (name = availability_lease_name(command->availability, i)); i++) {
		if (!command->configured || hasw_model_lease(model, name) != HASW_NONE)
			good = good && lease_row(command, name);
	}
	for (size_t i = 0; (name = availability_node_name(command->availability, i)); i++) {
		if (!command->configured || hasw_model_node(model, name) != HASW_NONE)
			good = good && node_row(command, name);
	}
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		if (*model->nodes[i].zone && !zone_known(model, model->nodes[i].zone, i))
			good = good && zone_row(command, model->nodes[i].zone);
	}
	if (command->n)
		qsort(command->rows, command->n, sizeof(*command->rows), by_object);
	return good;
}

static enum status no_memory(const struct command *command)
{
	return haadm_complain(command->haadm, STATUS_REFUSED, "out of memory");
}

static enum status one_vip(struct command *command, const char *name)
{
	struct hasw_addr addr;
	uint32_t vip;

	if (hasw_addr_parse(&addr, name))
		return haadm_complain(command->haadm, STATUS_USAGE, "availability: \"%s\" is not an address", name);
	vip = hasw_model_vip(&command->model, &addr);
	if (vip == HASW_NONE)
		return haadm_complain(command->haadm, STATUS_REFUSED, "availability: %s is no vip of the configuration%s", name,
				      command->configured ? "" : ", which cannot be read");
	return vip_row(command, &command->model.vips[vip]) ? STATUS_OK : no_memory(command);
}

/* Adds the object that the words name: a vip by its address, else a node, zone or lease by its name. */
static enum status one_row(struct command *command, unsigned int n, char *const *names)
{
	static bool (*const adds[])(struct command *command, const char *name) = {
		[IS_LEASE] = lease_row, [IS_NODE] = node_row, [IS_ZONE] = zone_row,
	};
	static const enum what order[] = { IS_NODE, IS_ZONE, IS_LEASE };
	struct hasw_addr addr;
	size_t i;

	for (i = 0; n == 2 && strcmp(names[0], words[i]); i++)
		;
	if (n == 2 ? i == IS_VIP : !hasw_addr_parse(&addr, names[0]))
		return one_vip(command, names[n - 1]);
	if (n == 2)
		return !is_known(command, (enum what)i, names[1]) ?
			haadm_complain(command->haadm, STATUS_REFUSED, "availability: there is no %s \"%s\"", words[i], names[1]) :
			adds[i](command, names[1]) ? STATUS_OK : no_memory(command);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (is_known(command, order[i], names[0]))
			return adds[order[i]](command, names[0]) ? STATUS_OK : no_memory(command);
	}
	return haadm_complain(command->haadm, STATUS_REFUSED, "availability: there is no vip, node, zone or lease \"%s\"", names[0]);
}

static const char *span(bool known, uint64_t ns, char buf[HASW_TIME_TEXT])
{
	return known ? hasw_span_format(ns, buf) : "-";
}

static void cells(const struct row *row, char cell[COLUMNS][CELL])
{
	const struct figures *f = &row->figures;
	char text[HASW_TIME_TEXT];
	double share, nines;
	uint64_t ns;
	bool known;

	snprintf(cell[0], CELL, "%s %s", words[row->what], row->name);
	if (figures_availability(f, &share))
		snprintf(cell[1], CELL, "%.6f%%", 100 * share);
	else
		strcpy(cell[1], "-");
	if (figures_nines(f, &nines))
		snprintf(cell[2], CELL, "%.1f", nines);
	else
		strcpy(cell[2], "-");
	known = figures_mtbf(f, &ns);
	snprintf(cell[3], CELL, "%s", span(known, ns, text));
	known = figures_mttr(f, &ns);
	snprintf(cell[4], CELL, "%s", span(known, ns, text));
	snprintf(cell[5], CELL, "%lu%s", f->outages, f->open ? ", one goes on" : "");
	snprintf(cell[6], CELL, "%s", span(f->outages, f->down, text));
	snprintf(cell[7], CELL, "%s", span(f->unseen, f->unseen, text));
}

static void print_table(const struct command *command)
{
	static const char *const titles[COLUMNS] = {
		"object", "availability", "nines", "MTBF", "MTTR", "outages", "down", "unseen",
	};
	char cell[COLUMNS][CELL], since[WHEN_TEXT], until[WHEN_TEXT];
	int width[COLUMNS];

	for (size_t c = 0; c < COLUMNS; c++)
		width[c] = (int)strlen(titles[c]);
	for (size_t i = 0; i < command->n; i++) {
		cells(&command->rows[i], cell);
		for (size_t c = 0; c < COLUMNS; c++) {
			if ((int)strlen(cell[c]) > width[c])
				width[c] = (int)strlen(cell[c]);
		}
	}
	printf("from %s to %s\n", when_format(command->when.since, since), when_format(command->when.until, until));
	for (size_t c = 0; c < COLUMNS; c++)
		printf("%-*s%s", c + 1 == COLUMNS ? 0 : width[c], titles[c], c + 1 == COLUMNS ? "\n" : "  ");
	for (size_t i = 0; i < command->n; i++) {
		cells(&command->rows[i], cell);
		for (size_t c = 0; c < COLUMNS; c++)
			printf("%-*s%s", c + 1 == COLUMNS ? 0 : width[c], cell[c], c + 1 == COLUMNS ? "\n" : "  ");
	}
}

static json_t *maybe(bool known, uint64_t ns)
{
	return known ? json_integer((json_int_t)ns) : json_null();
}

static json_t *row_json(const struct row *row)
{
	const struct figures *f = &row->figures;
	json_t *object = json_object();
	double number;
	uint64_t ns;
	bool known;

	json_object_set_new(object, "object", json_string(words[row->what]));
	json_object_set_new(object, "name", json_string(row->name));
	if (row->what == IS_VIP)
		json_object_set_new(object, "by", row->by ? json_string(row->by) : json_null());
	known = figures_availability(f, &number);
	json_object_set_new(object, "availability", known ? json_real(number) : json_null());
	known = figures_nines(f, &number);
	json_object_set_new(object, "nines", known ? json_real(number) : json_null());
	known = figures_mtbf(f, &ns);
	json_object_set_new(object, "mtbf", maybe(known, ns));
	known = figures_mttr(f, &ns);
	json_object_set_new(object, "mttr", maybe(known, ns));
	json_object_set_new(object, "outages", json_integer((json_int_t)f->outages));
	json_object_set_new(object, "open", json_boolean(f->open));
	json_object_set_new(object, "up", json_integer((json_int_t)f->up));
	json_object_set_new(object, "down", json_integer((json_int_t)f->down));
	json_object_set_new(object, "unseen", json_integer((json_int_t)f->unseen));
	json_object_set_new(object, "longest", maybe(f->outages, f->longest));
	json_object_set_new(object, "last", maybe(f->outages, f->last));
	return object;
}

static void print_json(const struct command *command, const struct journal_writers *writers,
		       const struct journal_skipped *skipped)
{
	json_t *answer = json_object(), *list = json_array();

	json_object_set_new(answer, "since", json_integer((json_int_t)command->when.since));
	json_object_set_new(answer, "until", json_integer((json_int_t)command->when.until));
	for (size_t i = 0; i < writers->n; i++)
		json_array_append_new(list, json_string(writers->list[i].name));
	json_object_set_new(answer, "journals", list);
	json_object_set_new(answer, "incomplete", ask_journals_incomplete(command->answer));
	json_object_set_new(answer, "lost", json_integer((json_int_t)availability_lost(command->availability)));
	json_object_set_new(answer, "skipped", json_integer((json_int_t)(skipped->lines + skipped->files)));
	list = json_array();
	for (size_t i = 0; i < command->n; i++)
		json_array_append_new(list, row_json(&command->rows[i]));
	json_object_set_new(answer, "objects", list);
	out_json_line(&command->haadm->out, answer);
}

static bool read_journals(struct command *command, const struct journal_writers *writers, struct journal_skipped *skipped)
{
	for (size_t i = 0; i < writers->n; i++) {
		struct journal_cursor *cursor = journal_cursor_open(command->when.folder, &writers->list[i], skipped);
		uint64_t alive;
		json_t *line;

		if (!cursor)
			return false;
		availability_writer(command->availability, writers->list[i].name);
		while ((line = journal_cursor_next(cursor))) {
			availability_line(command->availability, line);
			json_decref(line);
		}
		alive = journal_cursor_alive(cursor);
		availability_alive(command->availability, alive, command->when.now);
		journal_cursor_close(cursor);
	}
	return availability_complete(command->availability);
}

/* Reads the configuration. Without it, names of leases and nodes are still known from the journals. */
static void read_model(struct command *command)
{
	struct hasw_error err;

	if (!command->haadm->sock_open && hasw_sock_open(&command->haadm->sock, &err))
		return;
	command->haadm->sock_open = true;
	if (hasw_model_read(&command->model, &command->haadm->sock, &err)) {
		hasw_model_free(&command->model);
		hasw_model_init(&command->model);
		return;
	}
	command->configured = true;
}

/* What this node saw itself comes first. Without a configuration it is the one whose journal is no copy. */
static void prefer_own(struct command *command, const struct journal_writers *writers)
{
	const struct hasw_model *model = &command->model;
	const char *own = NULL;
	size_t n = 0;

	for (size_t i = 0; i < writers->n; i++) {
		if (!writers->list[i].copy) {
			own = writers->list[i].name;
			n++;
		}
	}
	if (model->self != HASW_NONE)
		availability_prefer(command->availability, model->nodes[model->self].name);
	else if (n == 1)
		availability_prefer(command->availability, own);
}

static enum status compute(struct command *command, unsigned int n_names, char *const *names)
{
	struct journal_skipped skipped = { 0 };
	struct journal_writers writers;
	enum status status = STATUS_OK;
	struct hasw_error err;
	uint64_t first;

	command->answer = ask_journals(command->haadm, &command->when);
	if (journal_writers(&writers, command->when.folder, command->when.by, true, &err))
		return haadm_complain(command->haadm, STATUS_REFUSED, "%s", err.text);
	if (!read_journals(command, &writers, &skipped)) {
		free(writers.list);
		return no_memory(command);
	}
	read_model(command);
	prefer_own(command, &writers);
	first = availability_first(command->availability);
	if (!command->when.since)
		command->when.since = first < command->when.until ? first : command->when.until;
	if (n_names)
		status = one_row(command, n_names, names);
	else if (!all_rows(command))
		status = no_memory(command);
	if (!status && !availability_complete(command->availability))
		status = no_memory(command);
	if (!status && command->haadm->out.json)
		print_json(command, &writers, &skipped);
	else if (!status)
		print_table(command);
	free(writers.list);
	journal_complain(command->haadm, &skipped);
	if (!status && !command->configured)
		haadm_complain(command->haadm, STATUS_OK, "the module has no configuration here, which would name vips and zones");
	if (!status && availability_lost(command->availability))
		haadm_complain(command->haadm, STATUS_OK, "%lu %s lost, as the journals say", availability_lost(command->availability),
			       hasw_plural(availability_lost(command->availability), "line or event is", "lines or events are"));
	return status;
}

/* Returns whether a word says what kind of object the next word is the name of. */
static bool is_word(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i]))
			return true;
	}
	return false;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct command command = { .haadm = haadm };
	unsigned int at = 0, n_names;
	char *const *names;
	enum status status;

	/* The object may stand before these words, or behind them. */
	when_init(&command.when);
	status = when_words(haadm, "availability", &command.when, &at, req->n_names, req->names);
	names = &req->names[at];
	n_names = at < req->n_names ? is_word(req->names[at]) && at + 1 < req->n_names ? 2 : 1 : 0;
	at += n_names;
	if (!status)
		status = when_words(haadm, "availability", &command.when, &at, req->n_names, req->names);
	if (!status && at < req->n_names)
		status = haadm_complain(haadm, STATUS_USAGE, "availability: unknown word \"%s\"; valid are \"since\", \"until\", \"by\", \"in\", and one VIP, NODE, ZONE or LEASE", req->names[at]);
	if (status)
		return status;
	command.availability = availability_new();
	if (!command.availability)
		return no_memory(&command);
	hasw_model_init(&command.model);
	status = compute(&command, n_names, names);
	hasw_model_free(&command.model);
	availability_free(command.availability);
	json_decref(command.answer);
	free(command.rows);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, "[ since WHEN ] [ until WHEN ] [ by NODE ] [ in FOLDER ]\n"
	  "                          [ [ vip ] VIP | [ node ] NODE | [ zone ] ZONE | [ lease ] LEASE ]",
	  HASWITCH_CMD_EVENT_GET, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_availability = { "availability", "for how long vips, nodes and zones were there", verbs };
