/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records with causes of EL2's own exits, pauses, cycles and prices: what the
 * accounts, the register classes and the tool's cost make of them, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/ledger.h"
#include "analyzer/summary.h"

/* A small kernel: these stages, in this order; 60 spares put the last ones in the second word. */
enum stage {
	SAVE_GP,
	SAVE_FP,
	RESTORE_HOST,
	TRACING,
	HANDLER,
	LOAD_EL1,
	SAVE_FP_SYNC,
	SPARE,
	TRANSIT_IN = SPARE + 60,
	RESTORE_GP,
	PREEMPTED,
	STAGES
};

static const char *const stage_names[STAGES] = {
	[SAVE_GP] = "sr_save_gp",
	[SAVE_FP] = "sr_save_fp_guest",
	[RESTORE_HOST] = "sr_restore_el1_host",
	[TRACING] = "host_tracing",
	[HANDLER] = "th_handler",
	[LOAD_EL1] = "sr_load_el1",
	[SAVE_FP_SYNC] = "sr_save_fp_guest__sync",
	[TRANSIT_IN] = "sr_transit_in",
	[RESTORE_GP] = "sr_restore_gp",
	[PREEMPTED] = "host_preempted",
};

struct fixture {
	struct reader_facts facts;
	char unit[16];
	struct ledger *ledger;
	struct trace_item item; /* the record to add next */
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->facts.clock_hz = 62500000;
	strcpy(fixture->unit, "ns");
	fixture->facts.unit = fixture->unit;
	for (int i = 0; i < STAGES; i++) {
		const char *name = stage_names[i] ? stage_names[i] : "host_spare";

		assert_int_equal(reader_facts_set_stages(&fixture->facts, name), 0);
	}
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->ledger)
		ledger_destroy(fixture->ledger);
	fixture->facts.unit = NULL;
	reader_facts_release(&fixture->facts);
	free(fixture);
	return 0;
}

/* A record of kind exit, code trap, that begins at `begin`. */
static struct exit_fixed *begin(struct fixture *fixture, uint64_t at)
{
	if (!fixture->ledger)
		assert_int_equal(ledger_create(&fixture->facts, &fixture->ledger), 0);
	fixture->item = (struct trace_item){ .kind = TRACE_RECORD };
	fixture->item.record.fixed.kind = EXIT_KIND_EXIT;
	fixture->item.record.fixed.code = EXIT_CODE_TRAP;
	fixture->item.record.fixed.begin = at;
	return &fixture->item.record.fixed;
}

static void stage(struct fixture *fixture, unsigned int number, uint64_t length)
{
	fixture->item.record.length[number] = length;
	stage_set_add(&fixture->item.record.touched, number);
}

static void stage_cycles(struct fixture *fixture, unsigned int number, uint64_t length,
			 uint32_t cycles)
{
	stage(fixture, number, length);
	fixture->item.record.cycles[number] = cycles;
	stage_set_add(&fixture->item.record.cycled, number);
}

static void end(struct fixture *fixture)
{
	assert_int_equal(ledger_add(fixture->ledger, &fixture->item), 0);
}

static void el2(struct fixture *fixture, uint32_t seq, uint64_t esr, uint8_t code, uint32_t count,
		uint64_t ticks)
{
	struct trace_item item = {
		.kind = TRACE_EL2,
		.el2 = { .esr = esr, .ticks = ticks, .seq = seq, .count = count, .code = code }
	};

	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

static void finish(struct fixture *fixture, uint64_t wall, uint64_t booked)
{
	uint64_t sum = 0;

	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), wall);
	for (size_t i = 0; i < fixture->ledger->accounts.count; i++)
		sum += (uint64_t)fixture->ledger->account[i].sum;
	assert_int_equal(sum, booked);
}

static void assert_account(const struct fixture *fixture, enum account_group group, const char *key,
			   uint64_t count, uint64_t sum)
{
	uint8_t found = account_find(&fixture->ledger->accounts, group, key);

	assert_int_not_equal(found, ACCOUNT_NONE);
	assert_int_equal(fixture->ledger->account[found].count, count);
	assert_int_equal((uint64_t)fixture->ledger->account[found].sum, sum);
}

static void assert_reason(const struct reason_row *row, const char *name, uint64_t count,
			  uint64_t ticks)
{
	char text[REASON_TEXT];

	assert_string_equal(reason_name(&row->reason, text), name);
	assert_int_equal(row->count, count);
	assert_int_equal((uint64_t)row->ticks, ticks);
	assert_int_equal(row->length.count, 0);
	assert_string_equal(reason_handled_key(&row->reason), "el2");
}

/* 9 exits took EL2 400: 3 FP and SVE traps 250, 2 sysregs 90, 1 interrupt 15; 3 of 45 unknown. */
static void causes_have_rows(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed *fixed = begin(fixture, 1000);
	_cleanup_free_ const struct reason_row **row = NULL;

	fixed->guest = 100;
	fixed->el2_count = 9;
	fixed->el2_time = 400;
	fixed->seq = 5;
	el2(fixture, 5, 0x1e000000, EXIT_CODE_TRAP, 2, 200);
	el2(fixture, 5, 0x66000000, EXIT_CODE_TRAP, 1, 50);
	el2(fixture, 5, 0x623a3036, EXIT_CODE_TRAP, 2, 90);
	el2(fixture, 5, 0, EXIT_CODE_IRQ, 1, 15);
	stage(fixture, SAVE_GP, 1);
	end(fixture);
	finish(fixture, 501, 501);
	assert_account(fixture, GROUP_SAVE_RESTORE, "switch_fp_trap", 1, 250);
	assert_account(fixture, GROUP_TRAP_HANDLING, "el2_only", 1, 150);
	assert_int_equal(fixture->ledger->counts.el2_only, 9);
	assert_int_equal(fixture->ledger->counts.impossible, 0);
	row = reasons_by_time(&fixture->ledger->reasons);
	assert_int_equal(fixture->ledger->reasons.table.count, 6);
	assert_reason(row[0], "FP/SIMD access", 2, 200);
	assert_reason(row[1], "ICC_SGI1R_EL1 write", 2, 90);
	assert_reason(row[2], "SVE access", 1, 50);
	assert_reason(row[3], "finished at EL2", 3, 45);
	assert_reason(row[4], "interrupt", 1, 15);
}

/* Those of record 5, which is lost, are not those of 6; more than the record's own are nobody's. */
static void causes_belong_to_their_record(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed *fixed = begin(fixture, 1000);
	_cleanup_free_ const struct reason_row **row = NULL;

	el2(fixture, 5, 0x1e000000, EXIT_CODE_TRAP, 2, 200);
	fixed->el2_count = 2;
	fixed->el2_time = 30;
	fixed->seq = 6;
	end(fixture);
	fixed = begin(fixture, 1030);
	el2(fixture, 7, 0x1e000000, EXIT_CODE_TRAP, 3, 10);
	fixed->el2_count = 2;
	fixed->el2_time = 30;
	fixed->seq = 7;
	end(fixture);
	finish(fixture, 60, 60);
	assert_account(fixture, GROUP_SAVE_RESTORE, "switch_fp_trap", 0, 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "el2_only", 2, 60);
	assert_int_equal(fixture->ledger->counts.impossible, 1);
	row = reasons_by_time(&fixture->ledger->reasons);
	assert_reason(row[0], "finished at EL2", 4, 60);
}

static void causes_are_decoded(void **state)
{
	static const struct {
		uint64_t esr;
		uint8_t code;
		const char *name, *key;
	} rows[] = {
		{ 0x5a000000, EXIT_CODE_TRAP, "HVC", "hvc" },
		{ 0x5a000012, EXIT_CODE_TRAP, "HVC #0x12", "hvc" },
		{ 0x5e000000, EXIT_CODE_TRAP, "SMC", "smc" },
		{ 0x93830045, EXIT_CODE_TRAP, "data abort write", "data-abort" },
		{ 0x93830005, EXIT_CODE_TRAP, "data abort read", "data-abort" },
		{ 0x1e000000, EXIT_CODE_TRAP, "FP/SIMD access", "fp-simd" },
		{ 0x66000000, EXIT_CODE_TRAP, "SVE access", "sve" },
		{ 0x26000000, EXIT_CODE_TRAP, "trapped pointer authentication", "pauth" },
		{ 0x623a3036, EXIT_CODE_TRAP, "ICC_SGI1R_EL1 write", "sysreg" },
		{ UINT64_MAX, EXIT_CODE_TRAP, "others at EL2", "others" },
		{ 0, EXIT_CODE_IRQ, "interrupt", "irq" },
	};
	char text[REASON_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct exit_reason reason = reason_of_el2(rows[i].esr, rows[i].code);

		assert_string_equal(reason_name(&reason, text), rows[i].name);
		assert_string_equal(reason_class_key(&reason), rows[i].key);
		assert_string_equal(reason_handled_key(&reason), "el2");
	}
}

/*
 * TRANSIT_IN, a stage of the second word, is missing: RESTORE_GP is not booked.
 * The 70 of preemption, which no stamp ends, are, and they hide nothing.
 */
static void missing_reaches_the_second_word(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 1000);
	stage_set_add(&fixture->item.record.missing, TRANSIT_IN);
	stage(fixture, SAVE_GP, 5);
	stage(fixture, HANDLER, 20);
	stage(fixture, RESTORE_GP, 9);
	stage(fixture, PREEMPTED, 70);
	end(fixture);
	finish(fixture, 104, 95);
	assert_account(fixture, GROUP_HOST, "preempted", 1, 70);
	assert_account(fixture, GROUP_SAVE_RESTORE, "restore_gp", 0, 0);
	assert_int_equal(fixture->ledger->counts.incomplete, 1);
	/* The vector's, and three that ended stages. */
	assert_int_equal(fixture->ledger->counts.stamps, 4);
}

/* An open record ends with the stamp before a pause; what is missing behind that is not between. */
static void pauses_are_booked_behind_missing_stamps(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed *fixed = begin(fixture, 1000);

	fixed->flags = EXIT_FLAG_OPEN;
	stage_set_add(&fixture->item.record.missing, HANDLER);
	stage(fixture, SAVE_GP, 5);
	stage(fixture, PREEMPTED, 70);
	end(fixture);
	finish(fixture, 75, 75);
}

/* 100 of the guest: an HVC leaves 100 - 3 - 30, an interrupt 100 - 3 - 20, 10 leave nothing. */
static void vector_and_eret_are_taken_out_of_the_guest(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed *fixed;

	strcpy(fixture->unit, "instructions");
	fixture->facts.unstamped_eret = 3;
	fixture->facts.unstamped_irq = 20;
	fixture->facts.unstamped_trap = 25;
	fixture->facts.unstamped_hvc = 30;
	fixed = begin(fixture, 1000);
	fixed->guest = 100;
	fixed->esr = 0x5a000000;
	end(fixture);
	fixed = begin(fixture, 1100);
	fixed->guest = 100;
	fixed->code = EXIT_CODE_IRQ;
	fixed->seq = 1;
	end(fixture);
	/* Before this trap, EL2 finished an HVC and two of unknown cause: 28 + 33 + 2 * 28. */
	fixed = begin(fixture, 1340);
	fixed->guest = 200;
	fixed->el2_count = 3;
	fixed->el2_time = 40;
	fixed->seq = 2;
	el2(fixture, 2, 0x5a000000, EXIT_CODE_TRAP, 1, 10);
	end(fixture);
	fixed = begin(fixture, 1350);
	fixed->guest = 10;
	fixed->seq = 3;
	end(fixture);
	finish(fixture, 450, 450);
	assert_account(fixture, GROUP_SAVE_RESTORE, "vector_eret", 4, 33 + 23 + 117 + 10);
	assert_account(fixture, GROUP_GUEST, "guest", 4, 67 + 77 + 83 + 0);
}

static const struct histogram *cell(const struct fixture *fixture, const char *class,
				    enum account_column column, enum class_measure measure)
{
	const struct classes *classes = &fixture->ledger->classes;
	const struct class_row *row =
		class ? classes_find(classes, class) : &classes->row[classes->count];

	assert_non_null(row);
	return &row->cell[column].length[measure];
}

/* `sum` in all, of `count` records. */
static void assert_cell(const struct fixture *fixture, const char *class,
			enum account_column column, enum class_measure measure, uint64_t count,
			uint64_t sum)
{
	const struct histogram *found = cell(fixture, class, column, measure);

	assert_int_equal(found->count, count);
	assert_int_equal((uint64_t)found->sum, sum);
}

/*
 * A stamp takes 96 / 64 = 1.5 ticks; two take 3, three 4.5, which is 5. FP is
 * saved in two places of one record: 20 + 6 is one length.
 */
static void places_are_summed_per_record(void **state)
{
	struct fixture *fixture = *state;

	fixture->facts.stamp_cost_64 = 96;
	begin(fixture, 1000);
	stage(fixture, SAVE_GP, 5);
	stage(fixture, SAVE_FP, 20);
	stage(fixture, RESTORE_HOST, 11);
	stage(fixture, HANDLER, 500);
	stage(fixture, LOAD_EL1, 40);
	stage(fixture, SAVE_FP_SYNC, 6);
	stage(fixture, TRANSIT_IN, 12);
	stage(fixture, RESTORE_GP, 7);
	stage(fixture, PREEMPTED, 1000);
	end(fixture);
	begin(fixture, 3000)->seq = 1;
	stage(fixture, SAVE_GP, 1);
	stage(fixture, RESTORE_GP, 9);
	end(fixture);
	assert_cell(fixture, "fp", COLUMN_SAVE_GUEST, CLASS_RAW, 1, 26);
	assert_cell(fixture, "fp", COLUMN_SAVE_GUEST, CLASS_NET, 1, 23);
	assert_cell(fixture, "fp", COLUMN_RESTORE_GUEST, CLASS_RAW, 0, 0);
	/* 5 - 2 and, of 1, nothing; 7 - 2 and 9 - 2; 12 - 3 and 10 - 3. */
	assert_cell(fixture, "gp", COLUMN_SAVE_GUEST, CLASS_NET, 2, 3);
	assert_cell(fixture, "gp", COLUMN_RESTORE_GUEST, CLASS_NET, 2, 12);
	assert_cell(fixture, "gp", COLUMN_EXIT, CLASS_RAW, 2, 22);
	assert_cell(fixture, "gp", COLUMN_EXIT, CLASS_NET, 2, 16);
	/* vcpu_load is no part of an exit. */
	assert_cell(fixture, "el1", COLUMN_LOAD, CLASS_NET, 1, 38);
	assert_cell(fixture, "el1", COLUMN_EXIT, CLASS_RAW, 1, 11);
	assert_cell(fixture, NULL, COLUMN_LOAD, CLASS_RAW, 1, 40);
	/* 5 + 26 + 11 + 12 + 7 of 6 stamps, 9 ticks; and 10 of 2 stamps. */
	assert_cell(fixture, NULL, COLUMN_EXIT, CLASS_RAW, 2, 61 + 10);
	assert_cell(fixture, NULL, COLUMN_EXIT, CLASS_NET, 2, 52 + 7);
	assert_int_equal(cell(fixture, NULL, COLUMN_EXIT, CLASS_NET)->max, 52);
}

/* What has no guest before or after it is no exit; its cells count, its sums do not. */
static void only_whole_exits_are_summed(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture, 1000)->kind = EXIT_KIND_START;
	stage(fixture, RESTORE_GP, 7);
	end(fixture);
	begin(fixture, 2000)->flags = EXIT_FLAG_NOT_ENTERED;
	stage(fixture, SAVE_GP, 5);
	end(fixture);
	begin(fixture, 3000);
	stage_set_add(&fixture->item.record.missing, TRANSIT_IN);
	stage(fixture, SAVE_GP, 6);
	end(fixture);
	assert_cell(fixture, "gp", COLUMN_SAVE_GUEST, CLASS_RAW, 2, 11);
	assert_cell(fixture, "gp", COLUMN_RESTORE_GUEST, CLASS_RAW, 1, 7);
	assert_cell(fixture, "gp", COLUMN_EXIT, CLASS_RAW, 0, 0);
	assert_cell(fixture, NULL, COLUMN_EXIT, CLASS_RAW, 0, 0);
}

/* FP has cycles in one of its two places, which says nothing; all is of what has them. */
static void cycles_are_complete_or_none(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		begin(fixture, 1000)->flags = i ? 32 : 32 | 64;
		stage_cycles(fixture, SAVE_GP, 5, 15);
		stage_cycles(fixture, SAVE_FP, 20, 61);
		stage(fixture, SAVE_FP_SYNC, 6);
		if (!i)
			stage_cycles(fixture, RESTORE_GP, 7, 22);
		else
			stage(fixture, RESTORE_GP, 7);
		end(fixture);
	}
	assert_cell(fixture, "fp", COLUMN_SAVE_GUEST, CLASS_CYCLES, 0, 0);
	assert_cell(fixture, "gp", COLUMN_SAVE_GUEST, CLASS_CYCLES, 2, 30);
	assert_cell(fixture, "gp", COLUMN_RESTORE_GUEST, CLASS_CYCLES, 1, 22);
	assert_cell(fixture, "gp", COLUMN_EXIT, CLASS_CYCLES, 1, 37);
	assert_cell(fixture, NULL, COLUMN_EXIT, CLASS_CYCLES, 1, 15 + 61 + 22);
}

/*
 * Two exits of 3 stages and one start of 1: 9 stamps, and the work of two turns,
 * of which one went through user space and had two exits at EL2 before it:
 * 2 * 50 + 70 + 2 * 26 = 222. 231 * 100 / 64 = 360.9 ticks, 5,775 ns at 16 ns a
 * tick. The event took 4 ticks twice, 128 ns; the programs that see pauses 1,000
 * ns. 6,903 ns in all.
 */
static void cost_of_the_tool_adds_up(void **state)
{
	struct fixture *fixture = *state;
	struct trace_item last = { .kind = TRACE_END,
				   .end = { .pause_runs = 3, .pause_ns = 1000 } };
	struct summary summary;
	struct tool_cost cost;

	fixture->facts.stamp_cost_64 = 100;
	begin(fixture, 1000)->kind = EXIT_KIND_START;
	stage(fixture, RESTORE_GP, 7);
	end(fixture);
	for (int i = 0; i < 2; i++) {
		begin(fixture, 2000);
		stage(fixture, SAVE_GP, 5);
		stage(fixture, TRACING, 4);
		stage(fixture, RESTORE_GP, 7);
		stage(fixture, PREEMPTED, 100);
		fixture->item.record.fixed.flags = i ? EXIT_FLAG_USER : 0;
		fixture->item.record.fixed.el2_count = i ? 2 : 0;
		end(fixture);
	}
	assert_int_equal(ledger_add(fixture->ledger, &last), 0);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->counts.stamps, 9);
	assert_int_equal(fixture->ledger->counts.work, 222);
	summary = summary_of_ledger(fixture->ledger, false, -1);
	cost = summary_tool(&summary, fixture->ledger);
	assert_true(cost.known && cost.stamps_known);
	assert_int_equal(cost.event, 128);
	assert_int_equal(cost.stamps, 5775);
	assert_int_equal(cost.pauses, 1000);
	assert_int_equal(cost.all, 6903);
	/* In ticks: 8, 360 and 62.5, which rounds up. */
	summary = summary_of_ledger(fixture->ledger, true, -1);
	assert_int_equal(summary_tool(&summary, fixture->ledger).all, 8 + 360 + 63);
	/* An older trace knows of the event only. */
	fixture->facts.stamp_cost_64 = 0;
	fixture->ledger->end.pause_ns = 0;
	cost = summary_tool(&summary, fixture->ledger);
	assert_false(cost.stamps_known);
	assert_int_equal(cost.all, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(causes_have_rows),
		TEST(causes_belong_to_their_record),
		TEST(causes_are_decoded),
		TEST(missing_reaches_the_second_word),
		TEST(pauses_are_booked_behind_missing_stamps),
		TEST(vector_and_eret_are_taken_out_of_the_guest),
		TEST(places_are_summed_per_record),
		TEST(only_whole_exits_are_summed),
		TEST(cycles_are_complete_or_none),
		TEST(cost_of_the_tool_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
