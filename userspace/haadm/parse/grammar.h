/* SPDX-License-Identifier: GPL-2.0 */
/* The words of haadm: objects, verbs, keys, and what a command of them asks for. */

#ifndef HAADM_GRAMMAR_H
#define HAADM_GRAMMAR_H

#include <linux/haswitch.h>

#include "haadm/haadm.h"
#include "lib/addr.h"
#include "lib/codec.h"

#define ATTR(number) (1ULL << (number))

/* How the text behind a key becomes a value. */
enum value_form {
	VALUE_NONE,		/* a flag: the key alone */
	VALUE_ADDR,		/* attribute ADDR4, or the one after it */
	VALUE_NAME,
	VALUE_LABEL,		/* a name, or "" */
	VALUE_DEV,
	VALUE_MAC,
	VALUE_ENUM,
	VALUE_NUMBER,
	VALUE_TIME,
	VALUE_AHEAD,		/* a time from now, as a stamp */
	VALUE_FAILBACK,
	VALUE_TIMEOUT,		/* how long a flow is kept; 0 if the attribute is persist */
	VALUE_SLOW_START,
	VALUE_MASK,		/* bits of an address of the subject's family */
	VALUE_PROTO,
	VALUE_PATH,		/* LOCAL REMOTE [ dev DEV ] */
	VALUE_KEY,		/* a file that holds one */
};

struct key {
	const char *word;	/* NULL: a value without a key, at this place */
	const char *meta;	/* how the value is called in messages */
	enum value_form form;
	uint16_t attr;
};

/* What stands right behind the verb. */
enum subject {
	SUBJECT_NONE,
	SUBJECT_NAME,
	SUBJECT_ADDR,
	SUBJECT_SVC,
	SUBJECT_NAMES,		/* one or more, up to the first key */
	SUBJECT_FILE,
	SUBJECT_WORDS,		/* all that follows; the command understands it */
	SUBJECT_FLOWS,		/* a service, "all", or only keys */
};

struct request;

struct verb {
	const char *word;	/* NULL: the object is the command */
	const char *syntax;	/* what may follow, in BNF */
	unsigned int cmd;
	enum subject subject;
	bool optional;		/* the subject may be left away */
	uint16_t subject_attr;	/* NAME, or ADDR4 of address or service */
	const struct key *keys;	/* ends with an entry without meta and word */
	uint64_t need[2];	/* of each mask that is not 0, one attribute must be given */
	enum status (*run)(struct haadm *haadm, const struct request *req);
};

struct object {
	const char *word;
	const char *about;	/* one line of help */
	const struct verb *verbs;	/* ends with an entry without run */
};

#define KEYS_END { NULL, NULL, VALUE_NONE, 0 }

union value {
	uint64_t number;
	const char *text;
	uint8_t bytes[16];
};

/* A way between two nodes. */
struct request_path {
	struct hasw_addr local;
	struct hasw_addr remote;
	const char *dev;			/* NULL: any */
};

/* The values of a key that may repeat. */
struct request_list {
	uint16_t attr;
	unsigned int n;
	const char *values[HASWITCH_LEASE_NODES_MAX];
};

#define REQUEST_LISTS 2

/* A command, understood. Texts belong to the words it was made of. */
struct request {
	const struct object *object;
	const struct verb *verb;
	uint64_t given;				/* mask of attributes */
	union value value[HASW_ATTR_SLOTS];
	bool subject_given;
	bool svc_given;				/* the subject names a vip */
	struct hasw_svc svc;			/* subject; of a vip only svc.vip */
	const char *name;			/* subject: node, file */
	struct request_list lists[REQUEST_LISTS];
	unsigned int n_lists;
	char *const *names;			/* SUBJECT_NAMES, SUBJECT_WORDS */
	unsigned int n_names;
	struct request_path paths[HASWITCH_PULSE_PATHS_MAX];	/* VALUE_PATH */
	unsigned int n_paths;
	bool check;				/* restore --check */
	bool selfless;				/* restore --no-self */
	bool all;				/* SUBJECT_FLOWS: "all" */
};

extern const struct object *const objects[];	/* ends with NULL */

/* What is wrong with a command. */
struct complaint {
	char text[300];
	const struct object *object;		/* as far as it was understood */
	const struct verb *verb;
};

/*
 * Understands WORDS. 0, or -1 and a complaint. The verb may be left away and
 * is then "show". "help" is not for here.
 */
int request_parse(struct request *req, int n_words, char *const *words, struct complaint *complaint);

/* Turns a request into the message for command CMD, whose attributes are those of its verb. */
void request_encode(const struct request *req, struct hasw_msg *msg, void *buf, size_t size,
		    unsigned int cmd, uint16_t flags);

static inline bool request_has(const struct request *req, uint16_t attr)
{
	return req->given & ATTR(attr);
}

/* The values of a key that may repeat; NULL: it was not given. */
const struct request_list *request_list(const struct request *req, uint16_t attr);

/* Gives a key that may repeat the value, and no other; there is room. */
void request_list_set(struct request *req, uint16_t attr, const char *value);

/* Sets an attribute that was not given. */
static inline void request_default(struct request *req, uint16_t attr, uint64_t number)
{
	if (!request_has(req, attr)) {
		req->value[attr].number = number;
		req->given |= ATTR(attr);
	}
}

/* Prints the complaint and, if so much was understood, what would be right. */
enum status complaint_show(const struct haadm *haadm, const struct complaint *complaint);

/* Prints the BNF of one object, or (NULL) of all of them and the options. */
void grammar_help(FILE *to, const struct object *object);

const struct object *grammar_object(const char *word);

#endif
