/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/account.h"

/* A small kernel: these stages, in this order. */
enum stage {
	SAVE_GP,
	TH_EL2,
	LOOP_EXIT,
	HANDLER,
	IO_USER,
	BLOCKED,
	LOOP_ENTRY,
	MYSTERY,
	TRACING,
	RESTORE_GP
};

static const char stage_names[] = "sr_save_gp th_el2 host_run_loop__exit th_handler io_user "
				  "host_blocked host_run_loop__entry mystery_stage host_tracing "
				  "sr_restore_gp";

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
	/* 10 stages, two of one account, and three more that are no stages. */
	assert_int_equal(table->count, 12);
	assert_int_equal(table->of_stage[TRACING], table->tracing);
	assert_int_equal(table->stage_handler, HANDLER);
	/* A stage may join one of the four. */
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
	for (int i = 0; i < 64; i++)
		assert_int_equal(reader_facts_set_stages(&many, "sr_x"), 0);
	assert_int_equal(reader_facts_set_stages(&many, "one_more"), -EINVAL);
	reader_facts_release(&many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_follow_from_names),
		cmocka_unit_test(accounts_have_labels),
		cmocka_unit_test(stages_with_rules_may_be_absent),
		cmocka_unit_test(stages_must_be_named_and_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
