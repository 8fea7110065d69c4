// SPDX-License-Identifier: GPL-2.0
/* Reading settings of a given type with libconfig. An error is reported with its line and a valid value. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/text.h"
#include "conf_read.h"

static const struct {
	const char *unit;
	uint64_t ns;
} units[] = {
	{ "h", 3600000000000ull }, { "m", 60000000000ull },
	{ "s", 1000000000ull }, { "ms", 1000000ull }, { "us", 1000ull },
};

#define UNITS	(sizeof(units) / sizeof(units[0]))

/* Reports an error. @line is 0 for an error in the root group or in the file as a whole, which have no line. */
static void report_error(struct conf_reader *r, const char *file, unsigned int line,
			 const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

static void report_error(struct conf_reader *r, const char *file, unsigned int line,
			 const char *format, va_list args)
{
	char where[512], what[768];

	if (line)
		snprintf(where, sizeof(where), "%s:%u", file ? file : r->file, line);
	else
		snprintf(where, sizeof(where), "%s", r->file);
	vsnprintf(what, sizeof(what), format, args);
	r->errors++;
	r->report(r->arg, where, what);
}

/**
 * conf_error - report an error
 * @r:		the reader
 * @at:		the setting with the error; NULL for the file as a whole
 * @format:	as for printf: the error, and an example of a valid value
 */
void conf_error(struct conf_reader *r, const config_setting_t *at,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_error(r, at ? config_setting_source_file(at) : NULL,
		     at ? config_setting_source_line(at) : 0, format, args);
	va_end(args);
}

/* Reports what libconfig says of the syntax. Return: -EINVAL */
static int parse_failed(struct conf_reader *r, config_t *cfg)
{
	char where[512], text[256];

	snprintf(where, sizeof(where), "%s:%d", config_error_file(cfg) ? config_error_file(cfg) : r->file,
		 config_error_line(cfg));
	/* Only of the syntax libconfig does not say what is wrong. */
	snprintf(text, sizeof(text), "%s%s", config_error_text(cfg),
		 strcmp(config_error_text(cfg), "syntax error") ? "" :
		 ": a setting is written as name = value; with the semicolon, here or above");
	r->errors++;
	r->report(r->arg, where, text);
	return -EINVAL;
}

/**
 * conf_parse - read the file
 * @r:		the reader
 * @cfg:	the settings; the caller has initialized it, and destroys it
 *
 * Return: 0; -ENOENT: there is no such file, which is not reported; or -EINVAL after an error that is reported
 */
int conf_parse(struct conf_reader *r, config_t *cfg)
{
	errno = 0;
	if (config_read_file(cfg, r->file))
		return 0;
	if (config_error_type(cfg) == CONFIG_ERR_PARSE)
		return parse_failed(r, cfg);
	if (errno == ENOENT)
		return -ENOENT;
	conf_error(r, NULL, "cannot be read: %s", errno ? strerror(errno) : "it is no plain file");
	return -EINVAL;
}

/**
 * conf_parse_text - read settings that are no file, and may name none
 * @r:		the reader; its file is what errors call the text
 * @cfg:	the settings; the caller has initialized it, and destroys it
 * @text:	the text
 *
 * Return: 0, or -EINVAL after an error that is reported
 */
int conf_parse_text(struct conf_reader *r, config_t *cfg, const char *text)
{
	static const char include[] = "@include";
	unsigned int line = 1;
	const char *at;

	/* The file would be another one on each node. libconfig knows the word at the beginning of a line only. */
	for (at = text; at; at = strchr(at, '\n'), line++) {
		at += *at == '\n';
		at += strspn(at, " \t");
		if (!strncmp(at, include, strlen(include))) {
			conf_error_at(r, line, "\"@include\" names a file, which would be another one on each node; write here what it has");
			return -EINVAL;
		}
	}
	return config_read_string(cfg, text) ? 0 : parse_failed(r, cfg);
}

/**
 * conf_error_at - report an error in an entry, given the line of the entry
 * @r:		the reader
 * @line:	line of the entry
 * @format:	as for printf: the error, and an example of a valid value
 */
void conf_error_at(struct conf_reader *r, unsigned int line,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_error(r, NULL, line, format, args);
	va_end(args);
}

/**
 * conf_nearest - find the known name that is most similar to a word
 * @word:	the word in the file
 * @names:	the known names, ended by NULL
 *
 * Return: one of @names; NULL if @names is empty
 */
const char *conf_nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	unsigned int least = 0;

	for (; *names; names++) {
		unsigned int d = hasw_distance(word, *names);

		if (!best || d < least) {
			best = *names;
			least = d;
		}
	}
	return best;
}

/**
 * conf_only - report each unknown setting of a group as an error
 * @r:		the reader
 * @group:	the group
 * @where:	name of the group in the error text
 * @names:	the known settings, ended by NULL
 */
void conf_only(struct conf_reader *r, const config_setting_t *group,
	       const char *where, const char *const *names)
{
	int i, n = config_setting_length(group);

	for (i = 0; i < n; i++) {
		config_setting_t *s = config_setting_get_elem(group, (unsigned int)i);
		const char *name = config_setting_name(s);
		const char *const *known = names;

		while (*known && strcmp(*known, name))
			known++;
		if (!*known)
			conf_error(r, s, "unknown setting \"%s\" in %s; the nearest that there is is \"%s\"",
				   name, where, conf_nearest(name, names));
	}
}

/**
 * conf_list - get a setting that is a list ( ... ) or an array [ ... ]
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 * @of_what:	the expected elements, with an example, for the error text
 *
 * Return: the setting; NULL if it is missing; NULL after an error if it is neither a list nor an
 * array
 */
config_setting_t *conf_list(struct conf_reader *r, config_setting_t *group,
			    const char *name, const char *of_what)
{
	config_setting_t *s = config_setting_get_member(group, name);

	if (s && !config_setting_is_list(s) && !config_setting_is_array(s)) {
		conf_error(r, s, "\"%s\" must be a list of %s", name, of_what);
		return NULL;
	}
	return s;
}

/**
 * conf_is_group - check that a setting is a group { ... }
 * @r:		the reader
 * @s:		the setting
 * @what:	name of the setting in the error text
 *
 * Return: yes or no
 */
bool conf_is_group(struct conf_reader *r, config_setting_t *s, const char *what)
{
	if (config_setting_is_group(s))
		return true;
	conf_error(r, s, "%s must be a group: { name = value; ... }", what);
	return false;
}

/**
 * conf_group - get a setting that is a group
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 *
 * Return: the setting; NULL if it is missing; NULL after an error if it is no group
 */
config_setting_t *conf_group(struct conf_reader *r, config_setting_t *group,
			     const char *name)
{
	config_setting_t *s = config_setting_get_member(group, name);
	char what[64];

	if (!s)
		return NULL;
	snprintf(what, sizeof(what), "\"%s\"", name);
	return conf_is_group(r, s, what) ? s : NULL;
}

/**
 * conf_bool - get a setting that is true or false
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 * @otherwise:	value of a missing setting
 *
 * Return: the value; @otherwise if the setting is missing, or after an error
 */
bool conf_bool(struct conf_reader *r, config_setting_t *group,
	       const char *name, bool otherwise)
{
	config_setting_t *s = config_setting_get_member(group, name);

	if (!s)
		return otherwise;
	if (config_setting_type(s) == CONFIG_TYPE_BOOL)
		return config_setting_get_bool(s);
	conf_error(r, s, "\"%s\" must be true or false, without quotes", name);
	return otherwise;
}

/**
 * conf_string_of - get the text of a setting
 * @r:		the reader
 * @s:		the setting
 * @what:	name of the setting in the error text
 *
 * Return: the text, or NULL after an error
 */
const char *conf_string_of(struct conf_reader *r, config_setting_t *s,
			   const char *what)
{
	if (config_setting_type(s) == CONFIG_TYPE_STRING)
		return config_setting_get_string(s);
	conf_error(r, s, "%s must be a text in double quotes", what);
	return NULL;
}

/**
 * conf_string - get a setting that is a text
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 * @otherwise:	value of a missing setting; may be NULL
 *
 * Return: the text; @otherwise if the setting is missing; NULL after an error
 */
const char *conf_string(struct conf_reader *r, config_setting_t *group,
			const char *name, const char *otherwise)
{
	config_setting_t *s = config_setting_get_member(group, name);
	char what[64];

	if (!s)
		return otherwise;
	snprintf(what, sizeof(what), "\"%s\"", name);
	return conf_string_of(r, s, what);
}

/**
 * conf_number - get a setting that is a whole number
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 * @otherwise:	value of a missing setting
 * @min:	smallest valid value
 * @max:	largest valid value
 *
 * Return: the number; @otherwise if the setting is missing, or after an error
 */
uint64_t conf_number(struct conf_reader *r, config_setting_t *group,
		     const char *name, uint64_t otherwise, uint64_t min,
		     uint64_t max)
{
	config_setting_t *s = config_setting_get_member(group, name);
	int type = s ? config_setting_type(s) : CONFIG_TYPE_NONE;
	long long value;

	if (!s)
		return otherwise;
	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) {
		conf_error(r, s, "\"%s\" must be a whole number from %llu to %llu",
			   name, (unsigned long long)min, (unsigned long long)max);
		return otherwise;
	}
	value = config_setting_get_int64(s);
	if (value < 0 || (uint64_t)value < min || (uint64_t)value > max) {
		conf_error(r, s, "\"%s\" is %lld; it must be from %llu to %llu",
			   name, value, (unsigned long long)min,
			   (unsigned long long)max);
		return otherwise;
	}
	return (uint64_t)value;
}

/**
 * conf_percent - get a setting that is a percentage, as "50%"
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 * @otherwise:	value of a missing setting
 * @of_what:	what it is a part of, for the error text
 *
 * Return: 1 to 100; @otherwise if the setting is missing, or after an error
 */
unsigned int conf_percent(struct conf_reader *r, config_setting_t *group, const char *name, unsigned int otherwise,
			  const char *of_what)
{
	config_setting_t *s = config_setting_get_member(group, name);
	char quoted[64];
	const char *text;
	unsigned int is;
	size_t digits;

	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	text = s ? conf_string_of(r, s, quoted) : NULL;
	if (!text)
		return otherwise;
	digits = strspn(text, "0123456789");
	is = digits && digits <= 3 && !strcmp(text + digits, "%") ? (unsigned int)atoi(text) : 0;
	if (is && is <= 100)
		return is;
	conf_error(r, s, "\"%s\" is \"%s\"; it must be a part %s, from \"1%%\" to \"100%%\", as \"50%%\"", name, text, of_what);
	return otherwise;
}

/**
 * conf_time_format - format a time in the largest unit that gives a whole number
 * @ns:		the time, ns
 * @buf:	filled with the text
 *
 * Return: @buf
 */
const char *conf_time_format(uint64_t ns, char buf[24])
{
	size_t i;

	for (i = 0; i < UNITS; i++)
		if (ns && !(ns % units[i].ns))
			break;
	if (i < UNITS)
		snprintf(buf, 24, "%llu%s",
			 (unsigned long long)(ns / units[i].ns), units[i].unit);
	else
		snprintf(buf, 24, "%lluns", (unsigned long long)ns);
	return buf;
}

/**
 * conf_time - get a setting that is a time
 * @r:		the reader
 * @group:	the group that contains the setting
 * @name:	name of the setting
 * @otherwise:	value of a missing setting, ns
 * @min:	shortest valid time, ns
 * @max:	longest valid time, ns
 *
 * Return: the time, ns; @otherwise if the setting is missing, or after an error
 */
uint64_t conf_time(struct conf_reader *r, config_setting_t *group,
		   const char *name, uint64_t otherwise, uint64_t min,
		   uint64_t max)
{
	config_setting_t *s = config_setting_get_member(group, name);
	char low[24], high[24];
	const char *wrong;
	uint64_t ns = 0;

	if (!s)
		return otherwise;
	if (config_setting_type(s) != CONFIG_TYPE_STRING) {
		conf_error(r, s, "\"%s\" must be a time in double quotes, like \"%s\"",
			   name, conf_time_format(otherwise, low));
		return otherwise;
	}
	wrong = hasw_time_parse(&ns, config_setting_get_string(s));
	if (wrong) {
		conf_error(r, s, "\"%s\": \"%s\" %s; a good one is \"%s\"",
			   name, config_setting_get_string(s), wrong,
			   conf_time_format(otherwise, low));
		return otherwise;
	}
	if (ns < min || ns > max) {
		conf_error(r, s, "\"%s\" is \"%s\"; it must be from \"%s\" to \"%s\"",
			   name, config_setting_get_string(s),
			   conf_time_format(min, low),
			   conf_time_format(max, high));
		return otherwise;
	}
	return ns;
}

/**
 * conf_command - check that a path can be run as a command
 * @r:		the reader
 * @s:		the setting
 * @kind:	name of the setting in the error text
 * @path:	the path
 *
 * Return: yes; no after an error
 */
bool conf_command(struct conf_reader *r, const config_setting_t *s,
		  const char *kind, const char *path)
{
	struct stat st;

	if (path[0] != '/') {
		conf_error(r, s, "%s command \"%s\" must be a whole path, from / on, without arguments",
			   kind, path);
		return false;
	}
	if (stat(path, &st) || access(path, X_OK)) {
		conf_error(r, s, "%s command \"%s\" cannot be run: %s", kind,
			   path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		conf_error(r, s, "%s command \"%s\" cannot be run: it is no file",
			   kind, path);
		return false;
	}
	return true;
}
