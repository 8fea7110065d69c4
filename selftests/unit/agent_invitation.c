// SPDX-License-Identifier: GPL-2.0
/* Invitations: a token is read as it was written, or refused, and its file is used up once. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/keeper/invitation.h"

static void address(struct sockaddr_storage *at, const char *text, uint16_t port)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)at;
	struct sockaddr_in *four = (struct sockaddr_in *)at;

	memset(at, 0, sizeof(*at));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		at->ss_family = AF_INET;
		four->sin_port = htons(port);
		return;
	}
	assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
	at->ss_family = AF_INET6;
	six->sin6_port = htons(port);
}

static struct invitation made(const char *node, const char *at, const char *addr)
{
	struct invitation inv = { .until = 1000 };

	snprintf(inv.node, sizeof(inv.node), "%s", node);
	strcpy(inv.from, "web1");
	address(&inv.at, at, 6946);
	address(&inv.addr, addr, 0);
	randombytes_buf(inv.secret, sizeof(inv.secret));
	return inv;
}

static void there_and_back(void **state)
{
	const struct invitation invs[] = {
		made("d", "10.0.0.1", "10.0.0.4"),
		made("a-name-that-is-as-long-as-can.b", "2001:db8::1", "2001:db8::4"),
	};
	char token[INVITATION_TOKEN];
	struct invitation got;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		invitation_token(&invs[i], token);
		assert_memory_equal(token, "haswitch1.", 10);
		assert_null(invitation_parse(token, &got));
		assert_memory_equal(&got, &invs[i], sizeof(got));
	}
}

/* Each letter that is another one, and each end that is missing. */
static void mistyped(void **state)
{
	const struct invitation inv = made("d", "10.0.0.1", "10.0.0.4");
	char token[INVITATION_TOKEN], other[INVITATION_TOKEN + 1];
	struct invitation got;
	size_t i;

	(void)state;
	invitation_token(&inv, token);
	for (i = 0; token[i]; i++) {
		strcpy(other, token);
		other[i] = other[i] == 'x' ? 'y' : 'x';
		assert_non_null(invitation_parse(other, &got));
		strcpy(other, token);
		other[i] = '\0';
		assert_non_null(invitation_parse(other, &got));
	}
	snprintf(other, sizeof(other), "%sA", token);
	assert_non_null(invitation_parse(other, &got));
	assert_non_null(invitation_parse("", &got));
}

/* A token has no node of a family that the other one cannot reach, and no name that is none. */
static void senseless(void **state)
{
	struct invitation inv = made("d", "10.0.0.1", "2001:db8::4"), got;
	char token[INVITATION_TOKEN];

	(void)state;
	invitation_token(&inv, token);
	assert_non_null(strstr(invitation_parse(token, &got), "another release"));
	inv = made("-", "10.0.0.1", "10.0.0.4");
	invitation_token(&inv, token);
	assert_non_null(invitation_parse(token, &got));
}

static void keys(void **state)
{
	struct invitation inv = made("d", "10.0.0.1", "10.0.0.4");
	struct key one, two;

	(void)state;
	invitation_key(&inv, &one);
	assert_memory_not_equal(one.bytes, inv.secret, INVITATION_SECRET);
	inv.secret[0] ^= 1;
	invitation_key(&inv, &two);
	assert_memory_not_equal(one.bytes, two.bytes, KEY_BYTES);
	assert_int_not_equal(one.id, two.id);
}

static char folder[] = "/tmp/agent_invitation.XXXXXX";

static int empty_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) && !rmdir(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static uint32_t put(const struct invitation *inv, uint64_t now)
{
	char why[256] = "";
	struct key key;

	assert_int_equal(invitation_put(folder, inv, now, why, sizeof(why)), 0);
	invitation_key(inv, &key);
	return key.id;
}

static void used_once(void **state)
{
	const struct invitation inv = made("d", "10.0.0.1", "10.0.0.4");
	uint32_t id = put(&inv, 500);
	struct sockaddr_storage from;
	struct invitation got;

	(void)state;
	assert_int_equal(invitation_find(folder, id + 1, 500, &got), INVITATION_NONE);
	assert_int_equal(invitation_find(folder, id, 1000, &got), INVITATION_OPEN);
	assert_memory_equal(&got, &inv, sizeof(got));
	assert_int_equal(invitation_find(folder, id, 1001, &got), INVITATION_EXPIRED);
	address(&from, "10.0.0.4", 4711);
	assert_true(invitation_expects(folder, &from));
	address(&from, "10.0.0.5", 4711);
	assert_false(invitation_expects(folder, &from));
	assert_int_equal(invitation_take(folder, id), 0);
	assert_int_equal(invitation_take(folder, id), -ENOENT);
	assert_int_equal(invitation_find(folder, id, 500, &got), INVITATION_OVER);
	invitation_give_back(folder, id);
	assert_int_equal(invitation_find(folder, id, 500, &got), INVITATION_OPEN);
	assert_int_equal(invitation_take(folder, id), 0);
}

static void replaced(void **state)
{
	struct invitation one = made("d", "10.0.0.1", "10.0.0.4"), two = made("d", "10.0.0.1", "10.0.0.4"), got;
	struct invitation other = made("e", "10.0.0.1", "10.0.0.5");
	uint32_t first = put(&one, 500), e = put(&other, 500), second = put(&two, 600);

	(void)state;
	assert_int_equal(invitation_find(folder, first, 600, &got), INVITATION_OVER);
	assert_int_equal(invitation_find(folder, e, 600, &got), INVITATION_OPEN);
	assert_int_equal(invitation_find(folder, second, 600, &got), INVITATION_OPEN);
	/* A day after its time nobody is told of it any more. */
	other = made("f", "10.0.0.1", "10.0.0.6");
	put(&other, 1000 + INVITATION_KEPT + 1);
	assert_int_equal(invitation_find(folder, first, 600, &got), INVITATION_NONE);
	assert_int_equal(invitation_find(folder, second, 600, &got), INVITATION_NONE);
}

static void too_many(void **state)
{
	char name[16], why[256] = "";
	struct invitation inv;
	unsigned int i;

	(void)state;
	for (i = 0; i < INVITATION_MOST; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		inv = made(name, "10.0.0.1", "10.0.0.4");
		put(&inv, 500);
	}
	inv = made("d", "10.0.0.1", "10.0.0.4");
	assert_int_equal(invitation_put(folder, &inv, 500, why, sizeof(why)), -ENOSPC);
	assert_non_null(strstr(why, "64 invitations are open"));
	/* Those whose time is over are not open. */
	inv.until = 2000;
	put(&inv, 1001);
}

/* While the new invitation cannot be written, the older one stays valid. */
static void not_written(void **state)
{
	struct invitation one = made("d", "10.0.0.1", "10.0.0.4"), two = made("d", "10.0.0.1", "10.0.0.4"), got;
	uint32_t first = put(&one, 500);
	char file[128], why[256] = "";
	struct key key;

	(void)state;
	invitation_key(&two, &key);
	snprintf(file, sizeof(file), "%s/invitation-%08x", folder, key.id);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(invitation_put(folder, &two, 500, why, sizeof(why)), -EEXIST);
	assert_int_equal(invitation_find(folder, first, 500, &got), INVITATION_OPEN);
	assert_int_equal(rmdir(file), 0);
}

/* An invitation that a newer one has replaced while it was in use stays over. */
static void replaced_in_use(void **state)
{
	struct invitation one = made("d", "10.0.0.1", "10.0.0.4"), two = made("d", "10.0.0.1", "10.0.0.4"), got;
	uint32_t first = put(&one, 500), second;

	(void)state;
	assert_int_equal(invitation_take(folder, first), 0);
	second = put(&two, 500);
	invitation_give_back(folder, first);
	assert_int_equal(invitation_find(folder, first, 500, &got), INVITATION_OVER);
	assert_int_equal(invitation_find(folder, second, 500, &got), INVITATION_OPEN);
}

/* What somebody else has put into the folder. */
static void foreign(void **state)
{
	struct invitation inv = made("d", "10.0.0.1", "10.0.0.4"), got;
	char file[128], elsewhere[128];
	uint32_t id = put(&inv, 500);
	struct stat st;
	int fd;

	(void)state;
	snprintf(file, sizeof(file), "%s/invitation-%08x", folder, id);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", folder);
	assert_int_equal(rename(file, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, file), 0);
	assert_int_equal(invitation_find(folder, id, 500, &got), INVITATION_NONE);
	assert_int_equal(unlink(file), 0);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "haswitch1.", 10), 10);
	close(fd);
	assert_int_equal(invitation_find(folder, id, 500, &got), INVITATION_NONE);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, empty_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(mistyped), cmocka_unit_test(senseless),
		cmocka_unit_test(keys), IN_FOLDER(used_once), IN_FOLDER(replaced), IN_FOLDER(too_many),
		IN_FOLDER(not_written), IN_FOLDER(replaced_in_use), IN_FOLDER(foreign),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
