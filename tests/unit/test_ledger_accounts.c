/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/account.h"
#include "tests/unit/small_kernel.h"

static void accounts_follow_from_names(void **state)
{
	struct reader_facts facts = { 0 };
	struct account_table made, *table = &made;

	(void)state;
	assert_int_equal(reader_facts_set_stages(&facts, stage_names), 0);
	account_table_init(table, &facts);
	assert_string_equal(table->account[table->of_stage[SAVE_GP]].key, "save_gp");
	assert_int_equal(table->account[table->of_stage[SAVE_GP]].group, GROUP_SAVE_RESTORE);
	assert_string_equal(table->account[table->of_stage[IO_USER]].key, "user");
	assert_int_equal(table->account[table->of_stage[IO_USER]].group, GROUP_IO_EMULATION);
	assert_int_equal(table->of_stage[LOOP_EXIT], table->of_stage[LOOP_ENTRY]);
	assert_string_equal(table->account[table->of_stage[LOOP_EXIT]].key, "run_loop");
	/* A first word that is no group belongs to the host, with its whole name. */
	assert_string_equal(table->account[table->of_stage[MYSTERY]].key, "mystery_stage");
	assert_int_equal(table->account[table->of_stage[MYSTERY]].group, GROUP_HOST);
	/* 10 stages, two of one account, and four more that are no stages. */
	assert_int_equal(table->count, 13);
	assert_int_equal(table->vector_eret, ACCOUNT_NONE);
	assert_int_equal(table->of_stage[TRACING], table->tracing);
	assert_int_equal(table->stage_handler, HANDLER);
	/* A stage may join one of those. */
	assert_int_equal(table->of_stage[BLOCKED], table->blocked);
	reader_facts_release(&facts);
}

static void accounts_have_labels(void **state)
{
	static const struct {
		enum account_group group;
		const char *key, *label;
	} rows[] = {
		{ GROUP_SAVE_RESTORE, "save_el1_guest", "EL1 system registers, guest: save" },
		{ GROUP_SAVE_RESTORE, "restore_traps_host", "EL2 traps, host: restore" },
		{ GROUP_SAVE_RESTORE, "save_gp", "General purpose: save" },
		{ GROUP_SAVE_RESTORE, "restore_quux_guest", "restore_quux_guest" },
		{ GROUP_SAVE_RESTORE, "save_guest", "save_guest" },
		{ GROUP_SAVE_RESTORE, "vcpu_put", "vcpu_put" },
		{ GROUP_SAVE_RESTORE, "load_el1", "EL1 system registers: load" },
		{ GROUP_SAVE_RESTORE, "restore_ptrauth_guest",
		  "Pointer authentication keys, guest: restore" },
		{ GROUP_SAVE_RESTORE, "switch_fp_trap", "FP/SIMD/SVE, switched by a trap" },
		{ GROUP_HOST, "preempted", "Preempted" },
		{ GROUP_TRAP_HANDLING, "el2_only", "Exits finished at EL2" },
		{ GROUP_HOST, "save_gp", "save_gp" },
		{ GROUP_HOST, "mystery_stage", "mystery_stage" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct account row = { .group = rows[i].group };
		char text[ACCOUNT_TEXT];

		strcpy(row.key, rows[i].key);
		assert_string_equal(account_label(&row, text), rows[i].label);
	}
}

static void classes_follow_from_names(void **state)
{
	static const struct {
		const char *account, *class;
		enum account_column column;
		bool is_class;
		const char *label;
	} rows[] = {
		{ "save_el1_guest", "el1", COLUMN_SAVE_GUEST, true, "EL1 system" },
		{ "save_el1_host", "el1", COLUMN_SAVE_HOST, true, "EL1 system" },
		{ "restore_el1_guest", "el1", COLUMN_RESTORE_GUEST, true, "EL1 system" },
		{ "restore_el1_host", "el1", COLUMN_RESTORE_HOST, true, "EL1 system" },
		{ "load_el1", "el1", COLUMN_LOAD, true, "EL1 system" },
		{ "put_el1", "el1", COLUMN_PUT, true, "EL1 system" },
		/* Without owner it is the guest's. */
		{ "save_vgic_lr", "vgic_lr", COLUMN_SAVE_GUEST, true, "vGIC list regs" },
		{ "restore_vgic", "vgic", COLUMN_RESTORE_GUEST, true, "vGIC" },
		/* One that this version does not know. */
		{ "save_quux_host", "quux", COLUMN_SAVE_HOST, true, "quux" },
		/* What is no class keeps its name. */
		{ "save_guest", "save_guest", COLUMN_EXIT, false, "save_guest" },
		{ "save_", "save_", COLUMN_EXIT, false, "save_" },
		{ "mystery", "mystery", COLUMN_EXIT, false, "mystery" },
		{ "transit_in", "transit_in", COLUMN_EXIT, false, "Transit to EL2" },
		{ "vcpu_load", "vcpu", COLUMN_LOAD, false, "Load/put, rest" },
		{ "vcpu_put", "vcpu", COLUMN_PUT, false, "Load/put, rest" },
		{ "switch_fp_trap", "switch_fp_trap", COLUMN_EXIT, false, "FP by a trap" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct account_class class = account_class(rows[i].account);

		assert_string_equal(class.key, rows[i].class);
		assert_int_equal(class.column, rows[i].column);
		assert_int_equal(class.is_class, rows[i].is_class);
		assert_string_equal(account_class_label(class.key), rows[i].label);
	}
}

/* Stages that were taken out of others are booked by their names like all. */
static void pseudo_stages_are_known(void **state)
{
	struct reader_facts facts = { 0 };
	struct account_table table;

	(void)state;
	assert_int_equal(reader_facts_set_stages(
				 &facts, "host_irq host_irq__other host_preempted host_irq__taken"),
			 0);
	account_table_init(&table, &facts);
	assert_int_equal(table.pseudo.word[0], 0xc);
	assert_int_equal(table.of_stage[0], table.of_stage[3]);
	assert_string_equal(table.account[table.of_stage[2]].key, "preempted");
	reader_facts_release(&facts);
}

static void sets_have_two_words(void **state)
{
	struct stage_set set = { 0 };

	(void)state;
	assert_int_equal(stage_set_next(&set, -1), -1);
	stage_set_add(&set, 3);
	stage_set_add(&set, 63);
	stage_set_add(&set, 64);
	stage_set_add(&set, 127);
	assert_int_equal(set.word[0], UINT64_C(1) << 63 | 8);
	assert_int_equal(set.word[1], UINT64_C(1) << 63 | 1);
	assert_int_equal(stage_set_count(&set), 4);
	assert_int_equal(stage_set_next(&set, -1), 3);
	assert_int_equal(stage_set_next(&set, 3), 63);
	assert_int_equal(stage_set_next(&set, 63), 64);
	assert_int_equal(stage_set_next(&set, 64), 127);
	assert_int_equal(stage_set_next(&set, 127), -1);
	assert_false(stage_set_between(&set, 64, 127));
	assert_true(stage_set_between(&set, 62, 65));
	assert_true(stage_set_between(&set, -1, 4));
	assert_false(stage_set_between(&set, -1, 3));
}

/* A kernel that stamps none of the stages with a rule of their own. */
static void stages_with_rules_may_be_absent(void **state)
{
	struct reader_facts facts = { 0 };
	struct account_table table;

	(void)state;
	assert_int_equal(reader_facts_set_stages(&facts, "  sr_save_gp   th "), 0);
	assert_int_equal(facts.stage_count, 2);
	account_table_init(&table, &facts);
	assert_int_equal(table.stage_handler, -1);
	assert_int_equal(table.tracing, ACCOUNT_NONE);
	/* A group's word alone names the account too. */
	assert_string_equal(table.account[table.of_stage[1]].key, "th");
	assert_int_equal(table.account[table.of_stage[1]].group, GROUP_TRAP_HANDLING);
	reader_facts_release(&facts);
}

static void stages_must_be_named_and_few(void **state)
{
	struct reader_facts none = { 0 }, many = { 0 };

	(void)state;
	assert_int_equal(reader_facts_set_stages(&none, "  "), -EINVAL);
	for (int i = 0; i < EXIT_STAGES_MAX; i++)
		assert_int_equal(reader_facts_set_stages(&many, "sr_x"), 0);
	assert_int_equal(reader_facts_set_stages(&many, "one_more"), -EINVAL);
	reader_facts_release(&many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_follow_from_names),
		cmocka_unit_test(accounts_have_labels),
		cmocka_unit_test(classes_follow_from_names),
		cmocka_unit_test(pseudo_stages_are_known),
		cmocka_unit_test(sets_have_two_words),
		cmocka_unit_test(stages_with_rules_may_be_absent),
		cmocka_unit_test(stages_must_be_named_and_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
