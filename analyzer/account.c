/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/account.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/merged.h"

static const struct {
	const char *key, *label;
} groups[GROUPS] = {
	[GROUP_GUEST] = { "guest", "Guest" },
	[GROUP_SAVE_RESTORE] = { "save_restore", "Save and restore" },
	[GROUP_TRAP_HANDLING] = { "trap_handling", "Trap handling" },
	[GROUP_IO_EMULATION] = { "io_emulation", "I/O emulation" },
	[GROUP_INTERRUPT_DELIVERY] = { "interrupt_delivery", "Interrupt delivery" },
	[GROUP_HOST] = { "host", "Host" },
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
	{ GROUP_SAVE_RESTORE, "switch_fp_trap", "FP/SIMD/SVE, switched by a trap" },
	{ GROUP_SAVE_RESTORE, "vector_eret", "Vector and ERET (estimated)" },
	{ GROUP_TRAP_HANDLING, "el2_only", "Exits finished at EL2" },
	{ GROUP_TRAP_HANDLING, "el2", "At EL2, before the host" },
	{ GROUP_TRAP_HANDLING, "handler", "Handler in the host kernel" },
	{ GROUP_TRAP_HANDLING, "adjust_pc", "PC adjustment" },
	{ GROUP_IO_EMULATION, "kernel", "In the kernel" },
	{ GROUP_IO_EMULATION, "user", "In user space" },
	{ GROUP_IO_EMULATION, "user_leaving", "Leaving the kernel" },
	{ GROUP_IO_EMULATION, "vmm_work", "VMM's work" },
	{ GROUP_IO_EMULATION, "vmm_lock", "VMM waiting for its locks" },
	{ GROUP_IO_EMULATION, "user_returning", "Coming back to the kernel" },
	{ GROUP_IO_EMULATION, "complete", "Completion after user space" },
	{ GROUP_INTERRUPT_DELIVERY, "sync", "Sync of vGIC, timer, PMU" },
	{ GROUP_INTERRUPT_DELIVERY, "flush", "Flush of vGIC, timer, PMU" },
	{ GROUP_HOST, "preempted", "Preempted" },
	{ GROUP_HOST, "irq", "Host interrupts" },
	{ GROUP_HOST, "preempted_guest", "Preempted between entry and exit" },
	{ GROUP_HOST, "irq_guest", "Host interrupts at the guest's exit" },
	{ GROUP_HOST, "tracing", "Tracing, this tool's own" },
	{ GROUP_HOST, "context_tracking", "Context tracking" },
	{ GROUP_HOST, "run_loop", "Run loop" },
	{ GROUP_HOST, "work", "Signals and rescheduling" },
	{ GROUP_HOST, "requests", "vCPU requests" },
	{ GROUP_HOST, "blocked", "Blocked" },
};

/*
 * Accounts of save and restore are verb, class and owner: save_el1_guest. An
 * account without owner is the guest's.
 */
static const struct verb {
	const char *key, *label;
	enum account_column guest, host;
} verbs[] = {
	{ "save_", "save", COLUMN_SAVE_GUEST, COLUMN_SAVE_HOST },
	{ "restore_", "restore", COLUMN_RESTORE_GUEST, COLUMN_RESTORE_HOST },
	{ "load_", "load", COLUMN_LOAD, COLUMN_LOAD },
	{ "put_", "put", COLUMN_PUT, COLUMN_PUT },
};

static const struct owner {
	const char *key, *label;
	bool is_host;
} no_owner = { "", "", false }, owners[] = {
	{ "_guest", ", guest", false },
	{ "_host", ", host", true },
};

static const struct class_row {
	const char *key, *label;
	const char *brief; /* for a narrow column */
} classes[] = {
	{ "gp", "General purpose", "General purpose" },
	{ "ptrauth", "Pointer authentication keys", "Pointer auth" },
	{ "mte", "Memory tagging", "Memory tagging" },
	{ "fp", "FP/SIMD/SVE", "FP/SIMD/SVE" },
	{ "el1", "EL1 system registers", "EL1 system" },
	{ "aarch32", "AArch32", "AArch32" },
	{ "vgic", "vGIC", "vGIC" },
	{ "vgic_lr", "vGIC list registers", "vGIC list regs" },
	{ "timer", "Timer", "Timer" },
	{ "debug", "Debug", "Debug" },
	{ "buffers", "SPE and TRBE", "SPE and TRBE" },
	{ "pmu", "PMU", "PMU" },
	{ "traps", "EL2 traps", "EL2 traps" },
	{ "stage2", "Stage 2", "Stage 2" },
};

/* Accounts of save and restore that are no class, and their rows in a table of classes. */
static const struct whole_row {
	const char *account, *key, *brief;
	enum account_column column;
} wholes[] = {
	{ "transit_in", "transit_in", "Transit to EL2", COLUMN_EXIT },
	{ "transit_out", "transit_out", "Transit to host", COLUMN_EXIT },
	{ "switch_fp_trap", "switch_fp_trap", "FP by a trap", COLUMN_EXIT },
	{ "vector_eret", "vector_eret", "Vector and ERET", COLUMN_EXIT },
	{ "vcpu_load", "vcpu", "Load/put, rest", COLUMN_LOAD },
	{ "vcpu_put", "vcpu", "Load/put, rest", COLUMN_PUT },
};

static const struct {
	const char *key, *label;
} column_names[ACCOUNT_COLUMNS] = {
	[COLUMN_SAVE_HOST] = { "save_host", "save host" },
	[COLUMN_RESTORE_GUEST] = { "restore_guest", "restore guest" },
	[COLUMN_SAVE_GUEST] = { "save_guest", "save guest" },
	[COLUMN_RESTORE_HOST] = { "restore_host", "restore host" },
	[COLUMN_EXIT] = { "exit", "exit" },
	[COLUMN_LOAD] = { "load", "load" },
	[COLUMN_PUT] = { "put", "put" },
};

static const struct {
	const char *account, *key;
} user_parts[VMM_PARTS] = {
	[VMM_LEAVING] = { "user_leaving", "leaving" },
	[VMM_WORK] = { "vmm_work", "work" },
	[VMM_LOCK] = { "vmm_lock", "lock" },
	[VMM_RETURNING] = { "user_returning", "returning" },
};

/* Stages that the collector takes out of those they fell into. */
static const char *const pseudo_stages[] = { "host_preempted", "host_irq__taken" };

/* The group of a stage; *ret_rest is what names the account. */
static enum account_group group_of_stage(const char *stage, const char **ret_rest)
{
	enum account_group group = GROUP_HOST;
	size_t length = stage_group_word(stage, &group);

	*ret_rest = length && stage[length] && stage[length + 1] ? stage + length + 1 : stage;
	return group;
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

/* The parts stand where the whole would. */
static void add_user_parts(struct account_table *table)
{
	for (int i = 0; i < VMM_PARTS; i++)
		table->user_part[i] = account_get(table, GROUP_IO_EMULATION, user_parts[i].account,
						  strlen(user_parts[i].account));
}

static void add_stage(struct account_table *table, const struct reader_facts *facts, size_t stage)
{
	if ((int)stage == table->stage_user && reader_facts_joined(facts))
		add_user_parts(table);
	table->of_stage[stage] = account_of_stage(table, facts->stage_name[stage]);
}

static bool counts_instructions(const struct reader_facts *facts)
{
	return facts->unit && !strcmp(facts->unit, "instructions");
}

static int find_stage(const struct reader_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->stage_count; i++)
		if (!strcmp(facts->stage_name[i], name))
			return (int)i;
	return -1;
}

struct stage_set account_pauses(const struct reader_facts *facts)
{
	struct stage_set pauses = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(pseudo_stages); i++) {
		int stage = find_stage(facts, pseudo_stages[i]);

		if (stage >= 0)
			stage_set_add(&pauses, (unsigned int)stage);
	}
	return pauses;
}

const char *account_user_part_key(enum vmm_part part)
{
	return user_parts[part].key;
}

void account_table_init(struct account_table *table, const struct reader_facts *facts)
{
	*table = (struct account_table){ .pseudo = account_pauses(facts),
					 .stage_user = find_stage(facts, "io_user") };
	memset(table->user_part, ACCOUNT_NONE, sizeof(table->user_part));
	table->guest = account_get(table, GROUP_GUEST, "guest", 5);
	table->el2_only = table->fp_trap = ACCOUNT_NONE;
	if (merged_sees_switch(facts))
		table->el2_only = account_get(table, GROUP_TRAP_HANDLING, "el2_only", 8);
	table->io_kernel = account_get(table, GROUP_IO_EMULATION, "kernel", 6);
	for (size_t i = 0; i < facts->stage_count; i++)
		add_stage(table, facts, i);
	if (merged_sees_switch(facts))
		table->fp_trap = account_get(table, GROUP_SAVE_RESTORE, "switch_fp_trap", 14);
	table->vector_eret = ACCOUNT_NONE;
	if (facts->unstamped_eret && counts_instructions(facts))
		table->vector_eret = account_get(table, GROUP_SAVE_RESTORE, "vector_eret", 11);
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

static const struct verb *find_verb(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strncmp(key, verbs[i].key, strlen(verbs[i].key)))
			return &verbs[i];
	return NULL;
}

/* *length is that of the text, and of what is before the owner on return. */
static const struct owner *cut_owner(const char *text, size_t *length)
{
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		size_t owner = strlen(owners[i].key);

		if (*length > owner && !strncmp(text + *length - owner, owners[i].key, owner)) {
			*length -= owner;
			return &owners[i];
		}
	}
	return &no_owner;
}

static const struct whole_row *find_whole(const char *account)
{
	for (size_t i = 0; i < ARRAY_SIZE(wholes); i++)
		if (!strcmp(wholes[i].account, account))
			return &wholes[i];
	return NULL;
}

/* An owner's name alone is no class: "save_guest". */
static bool names_a_class(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
		if (!strcmp(text, owners[i].key + 1))
			return false;
	return *text;
}

struct account_class account_class(const char *key)
{
	const struct whole_row *whole = find_whole(key);
	const struct verb *verb = whole ? NULL : find_verb(key);
	struct account_class class = { .column = whole ? whole->column : COLUMN_EXIT };
	const struct owner *owner;
	size_t length;

	if (!verb || !names_a_class(key + strlen(verb->key))) {
		snprintf(class.key, sizeof(class.key), "%s", whole ? whole->key : key);
		return class;
	}
	key += strlen(verb->key);
	length = strlen(key);
	owner = cut_owner(key, &length);
	class.is_class = true;
	class.column = owner->is_host ? verb->host : verb->guest;
	snprintf(class.key, sizeof(class.key), "%.*s", (int)length, key);
	return class;
}

static const struct class_row *find_class(const char *key, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (strlen(classes[i].key) == length && !strncmp(key, classes[i].key, length))
			return &classes[i];
	return NULL;
}

const char *account_class_label(const char *key)
{
	const struct class_row *class = find_class(key, strlen(key));

	for (size_t i = 0; !class && i < ARRAY_SIZE(wholes); i++)
		if (!strcmp(wholes[i].key, key))
			return wholes[i].brief;
	return class ? class->brief : key;
}

const char *account_column_label(enum account_column column)
{
	return column_names[column].label;
}

const char *account_column_key(enum account_column column)
{
	return column_names[column].key;
}

/* "save_el1_guest": what, whose, which way; false where the class is not known. */
static bool save_restore_label(const char *key, char text[ACCOUNT_TEXT])
{
	const struct verb *verb = find_verb(key);
	const char *rest = verb ? key + strlen(verb->key) : key;
	size_t length = strlen(rest);
	const struct owner *owner = cut_owner(rest, &length);
	const struct class_row *class = verb ? find_class(rest, length) : NULL;

	if (class)
		snprintf(text, ACCOUNT_TEXT, "%s%s: %s", class->label, owner->label, verb->label);
	return class;
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
