// SPDX-License-Identifier: GPL-2.0
/* The status page: names from outside stay text, what is wrong comes first, and very many vips stay readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/page.h"

/* The page of a status and an agent's answer, each as JSON or NULL; the caller frees it. */
static char *page(const char *status, const char *agent)
{
	struct collected c = { .unread.text = "no <module>" };
	struct buf to = { 0 };

	c.status = status ? json_loads(status, 0, NULL) : NULL;
	c.agent = agent ? json_loads(agent, 0, NULL) : NULL;
	assert_true(!status || c.status);
	assert_true(!agent || c.agent);
	page_write(&to, &c);
	buf_put(&to, "", 1);
	assert_false(to.failed);
	collect_free(&c);
	return to.at;
}

#define EVIL	"<script>alert(\\\"'&\\u0001</script>"

/* What is known of a service's flows and rates is behind its members, and nothing else. */
static void services_have_rates(void **state)
{
	char *text = page("{\"vips\":[{\"addr\":\"10.0.0.1\",\"services\":["
			  "{\"service\":\"10.0.0.1:80/tcp\",\"serving_count\":1,\"members_count\":2,"
			  "\"rates\":{\"tracked\":true,\"flows_per_second\":1234,"
			  "\"packets_per_second\":5,\"bytes_per_second\":0,\"flows_active\":12345,\"closing\":1}},"
			  "{\"service\":\"10.0.0.1:81/tcp\",\"active\":\"a\",\"rates\":{\"tracked\":false}}]}]}", NULL);

	(void)state;
	assert_non_null(strstr(text, "1 of 2 members, 1.2k flows/s, 5 packets/s, 0 bytes/s, 12345 active, "
			       "1 closing</li>"));
	assert_non_null(strstr(text, " &rarr; a</li>"));
	free(text);
}

/* A name that comes from another machine must not become a tag, an entity or the end of an attribute. */
static void texts_are_escaped(void **state)
{
	char *text = page("{\"node\":\"" EVIL "\",\"warnings\":[\"" EVIL "\"],\"notes\":[\"" EVIL "\"],"
			  "\"nodes\":[{\"name\":\"" EVIL "\",\"state\":\"" EVIL "\",\"reason\":\"" EVIL
			  "\",\"zone\":\"" EVIL "\",\"agent_state\":\"" EVIL "\",\"config_state\":\"" EVIL "\"}],"
			  "\"leases\":[{\"lease\":\"" EVIL "\",\"holder\":\"" EVIL "\",\"successor\":\"" EVIL "\"}],"
			  "\"vips\":[{\"addr\":\"" EVIL "\",\"holder\":\"" EVIL "\",\"lease\":\"" EVIL
			  "\",\"reason\":\"" EVIL "\",\"services\":[{\"service\":\"" EVIL
			  "\",\"reason\":\"" EVIL "\",\"on_empty\":\"" EVIL
			  "\"},{\"service\":\"" EVIL "\",\"active\":\"" EVIL "\"}]}]}",
			  "{\"peers\":[{\"node\":\"" EVIL "\",\"state\":\"" EVIL "\",\"paths\":[{\"path\":\"" EVIL
			  "\",\"state\":\"" EVIL "\"}]}]}");
	unsigned int n = 0;

	(void)state;
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "(\"'"));
	for (const char *at = text; (at = strstr(at, "&lt;script&gt;alert(&quot;&#39;&amp;")); at++)
		n++;
	assert_int_equal(n, 25);
	free(text);
	text = page(NULL, NULL);
	assert_non_null(strstr(text, "no &lt;module&gt;"));
	free(text);
}

static void wrong_comes_first(void **state)
{
	char *text = page("{\"node\":\"n1\",\"warnings\":[\"the first warning\"],\"nodes\":[],\"vips\":["
			  "{\"addr\":\"10.0.0.1\",\"served\":true},"
			  "{\"addr\":\"10.0.0.2\",\"served\":false,\"reason\":\"no members\"},"
			  "{\"addr\":\"10.0.0.3\",\"served\":true,\"partly_served\":true}]}", "{\"node\":\"n1\"}");

	(void)state;
	assert_non_null(strstr(text, "<title>(1 not served) n1</title>"));
	assert_non_null(strstr(text, "1 of 3 vips not served"));
	assert_true(strstr(text, "the first warning") < strstr(text, "id=\"vips\""));
	assert_true(strstr(text, "10.0.0.2") < strstr(text, "10.0.0.3"));
	assert_true(strstr(text, "10.0.0.3") < strstr(text, "10.0.0.1<"));
	free(text);
}

/* One of a kind is no plural. */
static void alone(void **state)
{
	char *text = page("{\"node\":\"n1\",\"nodes\":[],\"vips\":["
			  "{\"addr\":\"10.0.0.1\",\"served\":false,\"services\":["
			  "{\"service\":\"10.0.0.1:80/tcp\",\"serving_count\":1,\"members_count\":1}]}]}", NULL);

	(void)state;
	assert_non_null(strstr(text, "1 of 1 vip not served"));
	assert_non_null(strstr(text, "1 of 1 member"));
	assert_null(strstr(text, "1 of 1 members"));
	free(text);
}

/* Of very many vips those that are served are counted, and those that are not are all there. */
static void very_many(void **state)
{
	json_t *status = json_pack("{s:[],s:[]}", "nodes", "vips"), *vips = json_object_get(status, "vips");
	struct collected c = { .status = status };
	struct buf to = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 3 * PAGE_VIPS; i++)
		json_array_append_new(vips, json_pack("{s:s,s:b}", "addr", i % 3 ? "served" : "dead", "served", i % 3));
	page_write(&to, &c);
	buf_put(&to, "", 1);
	assert_non_null(strstr(to.at, "and 1000 more that are served"));
	assert_non_null(strstr(to.at, "1000 of 3000 vips not served"));
	assert_true(to.size < 400000);
	buf_free(&to);
	collect_free(&c);
}

/* A witness has no module, and that is no fault. */
static void of_a_witness(void **state)
{
	char *text = page(NULL, "{\"node\":\"w\",\"witness\":true,\"peers\":[{\"node\":\"n1\",\"state\":\"heard\"}]}");

	(void)state;
	assert_null(strstr(text, "cannot be read"));
	assert_non_null(strstr(text, "<h1>haswitch: w</h1>"));
	assert_non_null(strstr(text, "<td>n1</td>"));
	free(text);
}

/* Another release than that of the agent here stands out. */
static void of_releases(void **state)
{
	char *text = page(NULL, "{\"node\":\"n1\",\"release\":\"2\",\"peers\":[{\"node\":\"n2\",\"release\":\"2\"},"
			  "{\"node\":\"n3\",\"release\":\"1\"},{\"node\":\"n4\",\"release\":null},{\"node\":\"n5\"}]}");

	(void)state;
	assert_non_null(strstr(text, "<td>n2</td><td class=\"some\"></td><td>2</td>"));
	assert_non_null(strstr(text, "<td>n3</td><td class=\"some\"></td><td class=\"some\">1</td>"));
	assert_non_null(strstr(text, "<td>n4</td><td class=\"some\"></td><td class=\"some\">an earlier one</td>"));
	assert_non_null(strstr(text, "<td>n5</td><td class=\"some\"></td><td></td>"));
	free(text);
}

/* The row of one node, with this object. The caller frees it. */
static char *row(const char *node, const char *agent)
{
	char status[512], *text, *at, *end;

	snprintf(status, sizeof(status), "{\"nodes\":[%s]}", node);
	text = page(status, agent);
	at = strstr(text, "<tr><td>");
	assert_non_null(at);
	end = strstr(at, "</tr>");
	assert_non_null(end);
	at = strndup(at, (size_t)(end - at));
	free(text);
	return at;
}

/* A row has what a line of haadm status has, and a node that runs something else is marked. */
static void of_a_node(void **state)
{
	char *text = row("{\"name\":\"n1\",\"self\":true,\"state\":\"drain\",\"zone\":\"<z>\",\"since\":1,"
			"\"share\":40,\"flows_left\":7,"
			 "\"flows_elsewhere\":true,\"agent_state\":\"runs\",\"config_generation\":5,\"config_hash\":"
			 "\"0123456789abcdef\",\"config_state\":\"runs\",\"config_current\":true}",
			 "{\"configuration\":{\"generation\":5}}");

	(void)state;
	assert_non_null(strstr(text, "<td>n1 (this machine)</td><td>&lt;z&gt;</td><td class=\"some\">drain</td><td>"));
	assert_null(strstr(text, "drain</td><td></td>"));
	assert_non_null(strstr(text, "<td>7 here</td><td class=\"some\">40%</td><td class=\"good\">runs</td><td></td>"
			       "<td class=\"good\">generation 5 (01234567)</td><td></td>"));
	free(text);
	text = row("{\"name\":\"n2\",\"state\":\"up\",\"share\":100,\"agent_state\":\"heard\",\"paths_good\":1,"
			"\"paths_total\":2,"
		   "\"config_generation\":4,\"config_state\":\"runs\",\"config_current\":false}",
		   "{\"configuration\":{\"generation\":5}}");
	assert_non_null(strstr(text, "<td>n2</td><td></td><td class=\"good\">up</td><td></td><td></td><td>100%</td>"
			       "<td class=\"good\">heard</td><td class=\"some\">1 of 2</td>"
			       "<td class=\"bad\">generation 4 and not 5</td><td></td>"));
	free(text);
	/* Without an agent. */
	text = row("{\"name\":\"n2\",\"state\":\"lost\",\"never_heard\":true}", NULL);
	assert_non_null(strstr(text, "<td class=\"bad\">lost</td><td></td><td></td><td></td><td></td><td></td><td></td>"
			       "<td>never heard</td>"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_have_rates),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(wrong_comes_first),
		cmocka_unit_test(alone),
		cmocka_unit_test(very_many),
		cmocka_unit_test(of_a_witness),
		cmocka_unit_test(of_releases),
		cmocka_unit_test(of_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
