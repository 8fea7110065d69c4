// SPDX-License-Identifier: GPL-2.0
/* A QEMU plugin: how often each x86-64 instruction of the guest's kernel was executed, and whether it locks the bus. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* Where the result goes: lines of address (hex), executions, 1 if it locks. */
#define COUNT_OUT "HASW_COUNT_OUT"

#define COUNT_KERNEL 0xffff800000000000ULL

/* A program that executes this instruction, which does nothing, has the count
 * begin anew; the next time it ends it. Without it all is counted.
 */
static const uint8_t count_mark[] = { 0x48, 0x87, 0xdb };	/* xchg %rbx,%rbx */

/* A run of instructions as QEMU translated it; it may do so more than once. */
struct block {
	struct block *next;
	uint64_t executed;
	size_t n;
	struct {
		uint64_t addr;
		bool locks;
	} insn[];
};

static struct block *blocks;
static bool marked, ended;

int qemu_plugin_version = 1;

static bool is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
	case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3:
		return true;
	}
	return false;
}

/* With a LOCK prefix, or xchg with memory, which needs none. */
static bool locks(const uint8_t *code, size_t size)
{
	size_t i;

	for (i = 0; i < size && is_prefix(code[i]); i++)
		if (code[i] == 0xf0)
			return true;
	if (i < size && (code[i] & 0xf0) == 0x40)
		i++;
	return i + 1 < size && (code[i] == 0x86 || code[i] == 0x87) &&
	       code[i + 1] >> 6 != 3;
}

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	block->executed += !ended;
}

static void mark(unsigned int cpu, void *data)
{
	struct block *block;

	(void)cpu;
	(void)data;
	ended = marked;
	marked = true;
	for (block = blocks; block && !ended; block = block->next)
		block->executed = 0;
}

static bool is_mark(const struct qemu_plugin_insn *insn)
{
	return qemu_plugin_insn_size(insn) == sizeof(count_mark) &&
	       !memcmp(qemu_plugin_insn_data(insn), count_mark,
		       sizeof(count_mark));
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct block *block;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_mark(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark,
				QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
	if (qemu_plugin_tb_vaddr(tb) < COUNT_KERNEL)
		return;
	block = calloc(1, sizeof(*block) + n * sizeof(block->insn[0]));
	if (!block)
		abort();
	block->n = n;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		block->insn[i].addr = qemu_plugin_insn_vaddr(insn);
		block->insn[i].locks = locks(qemu_plugin_insn_data(insn),
					     qemu_plugin_insn_size(insn));
	}
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed,
					     QEMU_PLUGIN_CB_NO_REGS, block);
}

static void write_out(uint64_t id, void *data)
{
	const struct block *block;
	FILE *out = data;
	size_t i;

	(void)id;
	for (block = blocks; block; block = block->next)
		for (i = 0; block->executed && i < block->n; i++)
			fprintf(out, "%llx %llu %d\n",
				(unsigned long long)block->insn[i].addr,
				(unsigned long long)block->executed,
				block->insn[i].locks);
	fclose(out);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc,
			char **argv)
{
	const char *path = getenv(COUNT_OUT);
	FILE *out = path ? fopen(path, "w") : NULL;

	(void)info;
	(void)argc;
	(void)argv;
	if (!out) {
		fprintf(stderr, "count: " COUNT_OUT " names no file\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, write_out, out);
	return 0;
}
