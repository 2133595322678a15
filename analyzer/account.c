/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/account.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *key, *label;
	const char *word; /* first word of the stages that belong here, NULL for none */
} groups[GROUPS] = {
	[GROUP_GUEST] = { "guest", "Guest", NULL },
	[GROUP_SAVE_RESTORE] = { "save_restore", "Save and restore", "sr" },
	[GROUP_TRAP_HANDLING] = { "trap_handling", "Trap handling", "th" },
	[GROUP_IO_EMULATION] = { "io_emulation", "I/O emulation", "io" },
	[GROUP_INTERRUPT_DELIVERY] = { "interrupt_delivery", "Interrupt delivery", "id" },
	[GROUP_HOST] = { "host", "Host", "host" },
};

/* Accounts with a name of their own. */
static const struct {
	enum account_group group;
	const char *key, *label;
} labels[] = {
	{ GROUP_GUEST, "guest", "Guest executing" },
	{ GROUP_SAVE_RESTORE, "transit_out", "Transit, EL2 to the host" },
	{ GROUP_SAVE_RESTORE, "transit_in", "Transit, the host to EL2" },
	{ GROUP_SAVE_RESTORE, "vcpu_load", "vcpu_load" },
	{ GROUP_SAVE_RESTORE, "vcpu_put", "vcpu_put" },
	{ GROUP_TRAP_HANDLING, "el2_only", "Exits finished at EL2" },
	{ GROUP_TRAP_HANDLING, "el2", "At EL2, before the host" },
	{ GROUP_TRAP_HANDLING, "handler", "Handler in the host kernel" },
	{ GROUP_TRAP_HANDLING, "adjust_pc", "PC adjustment" },
	{ GROUP_IO_EMULATION, "kernel", "In the kernel" },
	{ GROUP_IO_EMULATION, "user", "In user space" },
	{ GROUP_IO_EMULATION, "complete", "Completion after user space" },
	{ GROUP_INTERRUPT_DELIVERY, "sync", "Sync of vGIC, timer, PMU" },
	{ GROUP_INTERRUPT_DELIVERY, "flush", "Flush of vGIC, timer, PMU" },
	{ GROUP_HOST, "irq", "Host interrupts" },
	{ GROUP_HOST, "tracing", "Tracing, this tool's own" },
	{ GROUP_HOST, "context_tracking", "Context tracking" },
	{ GROUP_HOST, "run_loop", "Run loop" },
	{ GROUP_HOST, "work", "Signals and rescheduling" },
	{ GROUP_HOST, "requests", "vCPU requests" },
	{ GROUP_HOST, "blocked", "Blocked" },
};

/* Accounts of save and restore are verb, class and owner: save_el1_guest. */
struct word {
	const char *key, *label;
};

static const struct word verbs[] = { { "save_", "save" }, { "restore_", "restore" } };
static const struct word owners[] = { { "_guest", ", guest" }, { "_host", ", host" } };
static const struct word classes[] = {
	{ "gp", "General purpose" },
	{ "fp", "FP/SIMD/SVE" },
	{ "el1", "EL1 system registers" },
	{ "aarch32", "AArch32" },
	{ "vgic", "vGIC" },
	{ "vgic_lr", "vGIC list registers" },
	{ "timer", "Timer" },
	{ "debug", "Debug" },
	{ "buffers", "SPE and TRBE" },
	{ "pmu", "PMU" },
	{ "traps", "EL2 traps" },
	{ "stage2", "Stage 2" },
};

/* The group of a stage; *ret_rest is what names the account. */
static enum account_group group_of_stage(const char *stage, const char **ret_rest)
{
	size_t length = strcspn(stage, "_");

	*ret_rest = stage;
	for (int group = 0; group < GROUPS; group++) {
		const char *word = groups[group].word;

		if (!word || strlen(word) != length || strncmp(word, stage, length))
			continue;
		if (stage[length] && stage[length + 1])
			*ret_rest = stage + length + 1;
		return (enum account_group)group;
	}
	return GROUP_HOST;
}

/* The number of the account, which is new where there was none. */
static uint8_t account_get(struct account_table *table, enum account_group group, const char *key,
			   size_t length)
{
	struct account wanted = { .group = group };
	uint8_t found;

	snprintf(wanted.key, sizeof(wanted.key), "%.*s", (int)length, key);
	found = account_find(table, group, wanted.key);
	if (found != ACCOUNT_NONE)
		return found;
	table->account[table->count] = wanted;
	return (uint8_t)table->count++;
}

static uint8_t account_of_stage(struct account_table *table, const char *stage)
{
	const char *rest, *place;
	enum account_group group = group_of_stage(stage, &rest);

	place = strstr(rest, "__");
	return account_get(table, group, rest, place ? (size_t)(place - rest) : strlen(rest));
}

static int find_stage(const struct reader_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->stage_count; i++)
		if (!strcmp(facts->stage_name[i], name))
			return (int)i;
	return -1;
}

void account_table_init(struct account_table *table, const struct reader_facts *facts)
{
	*table = (struct account_table){ 0 };
	table->guest = account_get(table, GROUP_GUEST, "guest", 5);
	table->el2_only = account_get(table, GROUP_TRAP_HANDLING, "el2_only", 8);
	table->io_kernel = account_get(table, GROUP_IO_EMULATION, "kernel", 6);
	for (size_t i = 0; i < facts->stage_count; i++)
		table->of_stage[i] = account_of_stage(table, facts->stage_name[i]);
	table->blocked = account_get(table, GROUP_HOST, "blocked", 7);
	table->tracing = account_find(table, GROUP_HOST, "tracing");
	table->stage_handler = find_stage(facts, "th_handler");
}

uint8_t account_find(const struct account_table *table, enum account_group group, const char *key)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->account[i].group == group && !strcmp(table->account[i].key, key))
			return (uint8_t)i;
	return ACCOUNT_NONE;
}

const char *account_group_key(enum account_group group)
{
	return groups[group].key;
}

const char *account_group_label(enum account_group group)
{
	return groups[group].label;
}

static const struct word *find_verb(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strncmp(key, verbs[i].key, strlen(verbs[i].key)))
			return &verbs[i];
	return NULL;
}

/* *length is that of the text, and of what is before the owner on return. */
static const char *cut_owner(const char *text, size_t *length)
{
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		size_t owner = strlen(owners[i].key);

		if (*length > owner && !strncmp(text + *length - owner, owners[i].key, owner)) {
			*length -= owner;
			return owners[i].label;
		}
	}
	return "";
}

/* "save_el1_guest": what, whose, which way; false where the class is not known. */
static bool save_restore_label(const char *key, char text[ACCOUNT_TEXT])
{
	const struct word *verb = find_verb(key);
	const char *class = verb ? key + strlen(verb->key) : key, *owner;
	size_t length = strlen(class);

	if (!verb)
		return false;
	owner = cut_owner(class, &length);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (strlen(classes[i].key) != length || strncmp(class, classes[i].key, length))
			continue;
		snprintf(text, ACCOUNT_TEXT, "%s%s: %s", classes[i].label, owner, verb->label);
		return true;
	}
	return false;
}

char *account_label(const struct account *account, char text[ACCOUNT_TEXT])
{
	if (account->group == GROUP_SAVE_RESTORE && save_restore_label(account->key, text))
		return text;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		if (labels[i].group == account->group && !strcmp(labels[i].key, account->key))
			return strcpy(text, labels[i].label);
	return strcpy(text, account->key);
}
