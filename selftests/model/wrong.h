/* SPDX-License-Identifier: GPL-2.0 */
/* The readings of the rules that are wrong, one number each, and what a rule is counted by. */
#ifndef MODEL_WRONG_H
#define MODEL_WRONG_H

#define MODEL_RULES 24

/* Few, for the sake of speed; that they do not disturb each other shows with two. */
#define MODEL_LEASES 3
#define HASW_VOTE_NODES 8
#define HASW_VOTE_LEASES MODEL_LEASES

enum model_wrong {
	MODEL_WRONG_NONE,
#define WRONG(name, ...) MODEL_WRONG_##name,
#include "wrong.list"
#undef WRONG
	MODEL_WRONG_COUNT
};

extern enum model_wrong model_wrong;
extern unsigned long model_seen[MODEL_RULES + 1];

#define HASW_RULES_WRONG(what) (model_wrong == MODEL_WRONG_##what)
#define HASW_RULES_SEEN(rule) ((void)model_seen[rule]++)

#endif
