// SPDX-License-Identifier: GPL-2.0
/* The tables of haadm's grammar: they agree with the netlink spec, and each word is in the help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"

/* Each word that a value can be stands in the help of the verb; that a member refuses, only the module finds. */
static void says_all(const struct object *object, const struct verb *verb, const struct hasw_enum *values)
{
	for (unsigned int i = 0; i < values->count; i++)
		if (values->names[i] && strcmp(values->names[i], "refused") && !strstr(verb->syntax, values->names[i]))
			fail_msg("%s %s: no \"%s\" in the help", object->word, verb->word, values->names[i]);
}

/* Each key of each verb takes an attribute that the operation does. */
static void tables_agree_with_the_spec(void **state)
{
	(void)state;
	for (size_t i = 0; objects[i]; i++) {
		for (const struct verb *verb = objects[i]->verbs; verb->run; verb++) {
			const struct hasw_op *op = hasw_op(verb->cmd);

			assert_non_null(op);
			for (const struct key *key = verb->keys; key && (key->word || key->meta); key++) {
				const struct hasw_attr *desc = hasw_set_attr(op->set, key->attr);
				uint64_t takes = op->do_request | op->dump_request;

				/* It adds or sets. */
				if (verb->word && !strcmp(verb->word, "replace"))
					takes |= hasw_op(verb->cmd + 1)->do_request;
				assert_non_null(desc);
				assert_true(takes & ATTR(key->attr));
				if (key->form == VALUE_NONE && desc->values) {
					assert_string_equal(desc->values->names[true], "on");
				} else {
					assert_int_equal(key->form == VALUE_ENUM, !!desc->values);
					assert_int_equal(key->form == VALUE_NONE, desc->type == HASW_T_FLAG);
				}
				/* What can be said is in the help. */
				if (key->word && !strstr(verb->syntax, key->word))
					fail_msg("%s %s: no \"%s\" in the help", objects[i]->word, verb->word,
						 key->word);
				if (key->form == VALUE_ENUM && !strstr(verb->syntax, "sched SCHED"))
					says_all(objects[i], verb, desc->values);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_agree_with_the_spec),
	};

	return cmocka_run_group_tests_name("grammar_tables", tests, NULL, NULL);
}
