// SPDX-License-Identifier: GPL-2.0
/* The setting "http": what is taken, and what is refused with its line. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "haagentd/conf/conf.h"
#include "haagentd/peer/path.h"
#include "conf_folder.h"

static char told[1024];

static void report(void *arg, const char *where, const char *what)
{
	(void)arg;
	snprintf(told, sizeof(told), "%s: %s", strrchr(where, '/') + 1, what);
}

static struct conf *read_conf(const char *setting)
{
	FILE *out = fopen(file, "w");

	fprintf(out, "node = \"n1\";\nkey = \"%s\";\n", key);
	fprintf(out, "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; } );\n%s\n", setting);
	fclose(out);
	told[0] = '\0';
	return conf_read(file, NULL, report, NULL);
}

static void assert_taken(const char *setting, const char *address)
{
	struct conf *conf = read_conf(setting);
	char text[PATH_ADDRESS];

	assert_non_null(conf);
	if (address)
		assert_string_equal(path_address(&conf->http, text), address);
	else
		assert_int_equal(conf->http.ss_family, 0);
	conf_free(conf);
}

static void taken(void **state)
{
	(void)state;
	assert_taken("", "127.0.0.1:9464");
	assert_taken("http = \"off\";", NULL);
	assert_taken("http = \"0.0.0.0:1\";", "0.0.0.0:1");
	assert_taken("http = \"[::1]:65535\";", "[::1]:65535");
}

static void refused(void **state)
{
	static const char *const wrong[] = {
		"", ":", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
		"127.0.0.1:94 64",
		"localhost:9464", "::1:9464", "[::1]", "[::1:9464", "[]:9464", "[127.0.0.1]:9464", "no",
		"[2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8]:9464",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char setting[128], said[256];

		snprintf(setting, sizeof(setting), "http = \"%s\";", wrong[i]);
		snprintf(said, sizeof(said), "conf:4: \"http\" is \"%s\"; it must be an address and a port", wrong[i]);
		assert_null(read_conf(setting));
		assert_non_null(strstr(told, said));
	}
	assert_null(read_conf("http = 9464;"));
	assert_non_null(strstr(told, "must be a text in double quotes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, conf_folder_make, conf_folder_remove);
}
