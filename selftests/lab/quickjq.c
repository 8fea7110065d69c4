// SPDX-License-Identifier: GPL-2.0
/* Lets jq start faster: of the definitions that it brings along, it reads only those that the program uses. */

/*
 * jq keeps most of its functions as text in its library, and compiles all of it at each start, before the program: in
 * jq 1.6 that is 13 of 15 ms, and the tests start thousands. This file is built twice. With JQ it is the program that a
 * guest finds as jq: it starts JQ with the other one preloaded. That one puts spaces over the definitions of which
 * neither the program nor a definition that it uses has the name. A jq without such a text is left as it is.
 */
#ifdef JQ
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argc;
	setenv("LD_PRELOAD", PRELOAD, 1);
	execv(JQ, argv);
	perror(JQ);
	return 127;
}
#else
#include <ctype.h>
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST	"def halt_error: "	/* how the text begins */
#define DEFS	512

/* What the parser itself makes calls of, by operators as `..`, `=`, `|=` and `?`. */
static const char *const unnamed[] = { "_assign", "_modify", "error", "recurse" };

/* Programs that see functions which they do not name. */
static const char *const needs_all[] = { "builtins", "import", "include" };

/* A struct jv as the calling convention has it: two words. */
struct value {
	long word[2];
};

struct def {
	char *text;
	size_t len;		/* up to the next one, with comments */
	const char *name;
	size_t name_len;
	bool used;
};

static bool of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Is the name a word of the text? */
static bool has_word(const char *text, size_t len, const char *name, size_t name_len)
{
	const char *end = text + len, *at;

	for (at = text; (at = memmem(at, end - at, name, name_len)); at++) {
		if ((at == text || !of_word(at[-1])) && (at + name_len == end || !of_word(at[name_len])))
			return true;
	}
	return false;
}

/* The library's text, which ends with a NUL. */
static int find(struct dl_phdr_info *info, size_t size, void *data)
{
	char **found = data;
	int i;

	(void)size;
	if (!strstr(info->dlpi_name, "/libjq.so"))
		return 0;
	for (i = 0; i < info->dlpi_phnum && !*found; i++) {
		const Elf64_Phdr *part = &info->dlpi_phdr[i];

		/* A part with code in it would no longer be executable. */
		if (part->p_type == PT_LOAD && (part->p_flags & PF_R) && !(part->p_flags & PF_X))
			*found = memmem((void *)(info->dlpi_addr + part->p_vaddr), part->p_filesz, FIRST,
					strlen(FIRST));
	}
	return 1;
}

/* Each definition begins a line. Returns how many there are. */
static size_t split(char *text, struct def *defs)
{
	size_t n = 0;
	char *next;

	for (; text && n < DEFS; text = next) {
		struct def *def = &defs[n++];

		next = strstr(text, "\ndef ");
		if (next)
			next++;
		def->text = text;
		def->len = next ? (size_t)(next - text) : strlen(text);
		def->name = text + strlen("def ");
		while (of_word(def->name[def->name_len]))
			def->name_len++;
	}
	return n;
}

/* What has the name of an unused definition, makes it a used one. Returns whether there was one. */
static bool use(struct def *defs, size_t n, const char *text, size_t len)
{
	bool more = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!defs[i].used && has_word(text, len, defs[i].name, defs[i].name_len))
			defs[i].used = more = true;
	}
	return more;
}

static void blank(char *text, const char *program)
{
	static struct def defs[DEFS];
	size_t page = sysconf(_SC_PAGESIZE), n, i, j;
	char *begin = (char *)((unsigned long)text & ~(page - 1));
	bool more = true;

	for (i = 0; i < sizeof(needs_all) / sizeof(*needs_all); i++) {
		if (has_word(program, strlen(program), needs_all[i], strlen(needs_all[i])))
			return;
	}
	if (mprotect(begin, text + strlen(text) - begin, PROT_READ | PROT_WRITE))
		return;
	n = split(text, defs);
	if (n == DEFS)
		return;
	use(defs, n, program, strlen(program));
	for (i = 0; i < sizeof(unnamed) / sizeof(*unnamed); i++)
		use(defs, n, unnamed[i], strlen(unnamed[i]));
	while (more) {
		more = false;
		for (i = 0; i < n; i++) {
			if (defs[i].used && use(defs, n, defs[i].text, defs[i].len))
				more = true;
		}
	}
	for (i = 0; i < n; i++) {
		for (j = 0; !defs[i].used && j < defs[i].len; j++) {
			if (defs[i].text[j] != '\n')
				defs[i].text[j] = ' ';
		}
	}
}

/* jq's own, which it calls with the program. */
int jq_compile_args(void *jq, const char *program, struct value args)
{
	int (*next)(void *jq, const char *program, struct value args) = dlsym(RTLD_NEXT, "jq_compile_args");
	char *text = NULL;

	unsetenv("LD_PRELOAD");
	dl_iterate_phdr(find, &text);
	if (text)
		blank(text, program);
	return next(jq, program, args);
}
#endif
