/* SPDX-License-Identifier: GPL-2.0 */
/* The grammar of haadm: its objects, verbs and keys, and the request that a command is parsed into. */

#ifndef HAADM_GRAMMAR_H
#define HAADM_GRAMMAR_H

#include <linux/haswitch.h>

#include "haadm/haadm.h"
#include "lib/addr.h"
#include "lib/codec.h"

#define ATTR(number) (1ULL << (number))

/* The form of the value that follows a key. */
enum value_form {
	VALUE_NONE,		/* no value: the key is a flag, or stands for the value 1 of its attribute, "on" */
	VALUE_ADDR,		/* an address, stored in attribute attr (IPv4) or attr + 1 (IPv6) */
	VALUE_NAME,
	VALUE_LABEL,		/* a name, or "" */
	VALUE_DEV,
	VALUE_MAC,
	VALUE_ENUM,
	VALUE_NUMBER,
	VALUE_TIME,
	VALUE_AHEAD,		/* a duration from now, stored as a CLOCK_BOOTTIME stamp */
	VALUE_FAILBACK,
	VALUE_TIMEOUT,		/* idle timeout of flows, or time of `persist`; 0 is valid only for `persist` */
	VALUE_SLOW_START,
	VALUE_DRAIN,		/* a time from 1 ns to HASWITCH_DRAIN_MAX */
	VALUE_MASK,		/* a prefix length, from 1 to the number of bits of the subject's address */
	VALUE_MARK,		/* a mask of the packet mark, see hasw_mark_parse(); 0: none */
	VALUE_PROTO,
	VALUE_PORTS,		/* a port or a range of ports, or "none" */
	VALUE_PATH,		/* LOCAL REMOTE [ dev DEV ] */
	VALUE_KEY,		/* name of a key file (keyfile.h) */
};

struct key {
	const char *word;	/* the key; NULL: the value stands without a key, directly after the subject */
	const char *meta;	/* name of the value in error reports */
	enum value_form form;
	uint16_t attr;
};

/* The form of the subject, which follows the verb. */
enum subject {
	SUBJECT_NONE,
	SUBJECT_NAME,
	SUBJECT_ADDR,
	SUBJECT_SVC,
	SUBJECT_NAMES,		/* one or more names, up to the first key */
	SUBJECT_FILE,
	SUBJECT_WORDS,		/* all further words; the command parses them itself */
	SUBJECT_FLOWS,		/* a service, "all", or only keys */
};

struct request;

struct verb {
	const char *word;	/* the verb; NULL: the object alone is the command */
	const char *syntax;	/* BNF of the words that follow the verb, or NULL */
	unsigned int cmd;
	enum subject subject;
	bool optional;		/* the subject may be omitted */
	uint16_t subject_attr;	/* attribute of the name, or ADDR4 attribute of the address or service */
	const struct key *keys;	/* keys, ended by an entry with neither meta nor word; or NULL */
	uint64_t need[2];	/* attribute masks; a command must set at least one attribute of each nonzero mask */
	enum status (*run)(struct haadm *haadm, const struct request *req);
};

struct object {
	const char *word;
	const char *about;	/* one line of help */
	const struct verb *verbs;	/* verbs, ended by an entry without run */
};

#define KEYS_END { NULL, NULL, VALUE_NONE, 0 }

union value {
	uint64_t number;
	const char *text;
	uint8_t bytes[16];
};

/* A path of a pulse (heartbeats that the module itself sends): an address of this node and one of the peer. */
struct request_path {
	struct hasw_addr local;
	struct hasw_addr remote;
	const char *dev;			/* device; NULL: any */
};

/* The values of a repeatable key, which a command can have several times. */
struct request_list {
	uint16_t attr;
	unsigned int n;
	const char *values[HASWITCH_LEASE_NODES_MAX];	/* long enough for each repeatable key, see parse_list() */
};

#define REQUEST_LISTS 2

/* A parsed command. Its strings point into the words of the command. */
struct request {
	const struct object *object;
	const struct verb *verb;
	uint64_t given;				/* mask of the attributes that the command sets */
	union value value[HASW_ATTR_SLOTS];
	bool subject_given;
	bool svc_given;				/* the subject is a vip or a service, which is in svc */
	struct hasw_svc svc;			/* subject: a service, or a vip as svc.vip */
	const char *name;			/* subject: name of an object or file */
	struct request_list lists[REQUEST_LISTS];
	unsigned int n_lists;
	char *const *names;			/* words of SUBJECT_NAMES or SUBJECT_WORDS */
	unsigned int n_names;
	struct request_path paths[HASWITCH_PULSE_PATHS_MAX];	/* values of VALUE_PATH */
	unsigned int n_paths;
	bool check;				/* restore has the option --check */
	bool selfless;				/* restore has the option --no-self */
	bool committed;				/* restore has the option --committed */
	const char *fallback;			/* file of the option --fallback of restore, or NULL */
	bool all;				/* the subject of SUBJECT_FLOWS is "all" */
};

extern const struct object *const objects[];	/* ends with NULL */

/* An error in a command. */
struct complaint {
	char text[400];
	const struct object *object;		/* object of the command; NULL: unknown */
	const struct verb *verb;		/* verb of the command; NULL: unknown */
};

/*
 * Parses WORDS. Returns 0, or -1 and a complaint. A command without a verb gets the verb "show". The caller handles
 * "help".
 */
int request_parse(struct request *req, int n_words, char *const *words, struct complaint *complaint);

/*
 * Encodes a request as a message of operation CMD, which must have the same attributes as the operation of the
 * request's verb. FLAGS: NLM_F_DUMP for a dump, else 0.
 */
void request_encode(const struct request *req, struct hasw_msg *msg, void *buf, size_t size,
		    unsigned int cmd, uint16_t flags);

static inline bool request_has(const struct request *req, uint16_t attr)
{
	return req->given & ATTR(attr);
}

/* Returns the values of a repeatable key, or NULL if the command does not have the key. */
const struct request_list *request_list(const struct request *req, uint16_t attr);

/* Sets VALUE as the only value of a repeatable key. A verb has at most REQUEST_LISTS such keys. */
void request_list_set(struct request *req, uint16_t attr, const char *value);

/* Sets an attribute to NUMBER, unless the command already sets it. */
static inline void request_default(struct request *req, uint16_t attr, uint64_t number)
{
	if (!request_has(req, attr)) {
		req->value[attr].number = number;
		req->given |= ATTR(attr);
	}
}

/* Reports the complaint, and prints the syntax if the verb is known. Returns STATUS_USAGE. */
enum status complaint_show(const struct haadm *haadm, const struct complaint *complaint);

/*
 * Reports which attributes of NEED the request lacks, all at once, and prints the syntax and the example of its verb. WHY
 * says why they are needed. Returns STATUS_USAGE.
 */
enum status request_incomplete(const struct haadm *haadm, const struct request *req, uint64_t need, const char *why);

/*
 * Returns complete commands of a verb, one a line, without their first two words; or NULL. Errors and the man page show
 * them.
 */
const char *verb_example(const struct verb *verb);

/* Prints the example of the request's verb, if it has one, except in a file. */
void request_example(const struct haadm *haadm, const struct request *req);

/* Prints the BNF of OBJECT. If OBJECT is NULL, prints the purpose of each object, and the options. */
void grammar_help(FILE *to, const struct object *object);

const struct object *grammar_object(const char *word);

#endif
