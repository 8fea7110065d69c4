// SPDX-License-Identifier: GPL-2.0
/* Fuzzing tokens of invitations: one that is understood is written as it was read. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/keeper/invitation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD	"haswitch1."
#define CHECK	4

/* Returns whether it was understood. */
static int parse(const char *token)
{
	char back[INVITATION_TOKEN];
	struct invitation inv;

	if (invitation_parse(token, &inv))
		return 0;
	invitation_token(&inv, back);
	if (strcmp(token, back) || !wire_name_valid(inv.node) || !wire_name_valid(inv.from) ||
	    inv.at.ss_family != inv.addr.ss_family)
		abort();
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[2 * INVITATION_TOKEN], token[2 * INVITATION_TOKEN];
	uint8_t bytes[INVITATION_TOKEN], hash[crypto_generichash_BYTES_MIN];

	if (sodium_init() < 0)
		abort();
	if (size > 200)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	parse(text);
	/* Nobody guesses the hash, so it is put behind the bytes here. */
	memcpy(bytes, data, size);
	crypto_generichash(hash, sizeof(hash), data, size, NULL, 0);
	memcpy(bytes + size, hash, CHECK);
	memcpy(token, HEAD, sizeof(HEAD));
	sodium_bin2base64(token + strlen(HEAD), sizeof(token) - strlen(HEAD), bytes, size + CHECK,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	parse(token);
	return 0;
}
