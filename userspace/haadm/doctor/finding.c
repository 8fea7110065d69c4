// SPDX-License-Identifier: GPL-2.0
/* The list of findings of haadm doctor. */

#include <string.h>

#include "haadm/doctor/doctor.h"

void findings_begin(struct findings *findings)
{
	findings->list = json_array();
	findings->notes = json_array();
	findings->skipped = json_array();
}

void findings_end(struct findings *findings)
{
	json_decref(findings->list);
	json_decref(findings->notes);
	json_decref(findings->skipped);
}

void findings_add(struct findings *findings, const char *check, json_t *what, json_t *mend)
{
	json_t *finding = json_object();

	json_object_set_new(finding, "check", json_string(check));
	json_object_set_new(finding, "what", what);
	json_object_set_new(finding, "mend", mend);
	json_array_append_new(findings->list, finding);
}

void findings_skip(struct findings *findings, const char *check, const char *why)
{
	json_t *skipped = json_object();

	json_object_set_new(skipped, "check", json_string(check));
	json_object_set_new(skipped, "why", json_string(why));
	json_array_append_new(findings->skipped, skipped);
}

bool findings_have(const struct findings *findings, const char *check)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings->list, i, finding) {
		if (!strcmp(json_string_value(json_object_get(finding, "check")), check))
			return true;
	}
	return false;
}
