/* SPDX-License-Identifier: GPL-2.0-only */
/* What a table of register classes makes of the totals that the probes keep, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/class_means.h"
#include "analyzer/ledger.h"
#include "analyzer/summary.h"
#include "analyzer/totals.h"
#include "analyzer/views.h"
#include "collector/totals.h"

/* A small kernel: these stages, in this order; 60 spares put the last ones in the second word. */
enum stage {
	SAVE_GP,
	SAVE_FP,
	RESTORE_HOST,
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
	[HANDLER] = "th_handler",
	[LOAD_EL1] = "sr_load_el1",
	[SAVE_FP_SYNC] = "sr_save_fp_guest__sync",
	[TRANSIT_IN] = "sr_transit_in",
	[RESTORE_GP] = "sr_restore_gp",
	[PREEMPTED] = "host_preempted",
};

struct fixture {
	struct reader_facts facts;
	struct ledger *ledger;
	struct totals_vcpu *totals; /* of the only vCPU */
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->facts.clock_hz = 62500000;
	fixture->facts.unit = strdup("ns");
	fixture->totals = calloc(1, sizeof(*fixture->totals));
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
	reader_facts_release(&fixture->facts);
	free(fixture->totals);
	free(fixture);
	return 0;
}

#define BIT(stage) (UINT64_C(1) << (stage))
#define HIGH(stage) (UINT64_C(1) << ((stage)-STAGE_SET_BITS))

static void pattern(struct totals_vcpu *totals, int row, uint64_t count, uint64_t low,
		    uint64_t high)
{
	totals->pattern[row] = (struct totals_pattern){ count, { low, high } };
}

static void book_totals(struct fixture *fixture, bool means)
{
	assert_int_equal(ledger_create(&fixture->facts, &fixture->ledger), 0);
	fixture->ledger->classes.means = means;
	assert_int_equal(ledger_add_totals(fixture->ledger, 0, fixture->totals), 0);
}

static const struct class_cell *cell_at(const struct fixture *fixture, const char *class,
					enum account_column column)
{
	const struct classes *classes = &fixture->ledger->classes;
	const struct class_row *row =
		class ? classes_find(classes, class) : &classes->row[classes->count];

	assert_non_null(row);
	return &row->cell[column];
}

/* `ticks` in all, `net` without the stamps, of `count` records. */
static void assert_mean(const struct fixture *fixture, const char *class,
			enum account_column column, uint64_t count, uint64_t ticks, uint64_t net)
{
	const struct class_mean *mean = &cell_at(fixture, class, column)->mean;

	assert_int_equal(mean->count, count);
	assert_int_equal((uint64_t)mean->ticks, ticks);
	assert_int_equal((uint64_t)class_mean_net(&fixture->ledger->classes, mean), net);
}

/* As a report in ticks, less the stamps' cost, has it. */
static void assert_text(const struct fixture *fixture, const char *class,
			enum account_column column, const char *text)
{
	const struct report report = { .ledger = fixture->ledger,
				       .summary = summary_of_ledger(fixture->ledger, true, -1) };
	char found[NUMBER_TEXT];

	assert_string_equal(report_cell_text(&report, cell_at(fixture, class, column), found),
			    text);
}

/*
 * A stamp takes 1.5 ticks. 10 exits save FP in two places, 5 do not; 2 starts have no guest
 * before them, and their RESTORE_GP, 10 each as those of exits, is no part of an exit.
 */
static void totals_have_means(void **state)
{
	struct fixture *fixture = *state;
	struct totals_vcpu *totals = fixture->totals;

	fixture->facts.stamp_cost_64 = 96;
	totals->kinds[EXIT_KIND_EXIT] = 15;
	totals->kinds[EXIT_KIND_START] = 2;
	pattern(totals, 3, 10,
		BIT(SAVE_GP) | BIT(SAVE_FP) | BIT(RESTORE_HOST) | BIT(HANDLER) | BIT(SAVE_FP_SYNC),
		HIGH(TRANSIT_IN) | HIGH(RESTORE_GP));
	pattern(totals, 7, 5, BIT(SAVE_GP), HIGH(RESTORE_GP));
	pattern(totals, 9, 2, BIT(LOAD_EL1), HIGH(RESTORE_GP));
	totals->stage[SAVE_GP] = 150;
	totals->stage[SAVE_FP] = 200;
	totals->stage[SAVE_FP_SYNC] = 60;
	totals->stage[RESTORE_HOST] = 110;
	totals->stage[HANDLER] = 5000;
	totals->stage[LOAD_EL1] = 80;
	totals->stage[TRANSIT_IN] = 12;
	totals->stage[RESTORE_GP] = 170;
	totals->part[TOTALS_EL2_FP] = (struct totals_part){ 3, 45 };
	book_totals(fixture, true);
	/* 260 of 20 stamps, 30 ticks; 150 of 15, 22.5, which is 23; 170 of 17, 25.5. */
	assert_mean(fixture, "fp", COLUMN_SAVE_GUEST, 10, 260, 230);
	assert_mean(fixture, "gp", COLUMN_SAVE_GUEST, 15, 150, 127);
	assert_mean(fixture, "gp", COLUMN_RESTORE_GUEST, 17, 170, 144);
	/* 150 and 15 of the 17. */
	assert_mean(fixture, "gp", COLUMN_EXIT, 15, 300, 255);
	assert_mean(fixture, "el1", COLUMN_LOAD, 2, 80, 77);
	assert_mean(fixture, "el1", COLUMN_EXIT, 10, 110, 95);
	assert_mean(fixture, "transit_in", COLUMN_EXIT, 10, 12, 0);
	/* FP traps have no stamps. */
	assert_mean(fixture, "switch_fp_trap", COLUMN_EXIT, 3, 45, 45);
	assert_mean(fixture, NULL, COLUMN_SAVE_GUEST, 15, 150 + 260, 357);
	assert_mean(fixture, NULL, COLUMN_LOAD, 2, 80, 77);
	/* 70 stamps, 105 ticks. */
	assert_mean(fixture, NULL, COLUMN_EXIT, 15, 300 + 260 + 110 + 12 + 45, 727 - 105);
	assert_text(fixture, "fp", COLUMN_SAVE_GUEST, "23");
	assert_text(fixture, "gp", COLUMN_EXIT, "17");
	assert_text(fixture, "transit_in", COLUMN_EXIT, "< stamp");
	assert_text(fixture, NULL, COLUMN_EXIT, "41");
	/* What no record touched is not what took no time. */
	assert_text(fixture, "fp", COLUMN_RESTORE_GUEST, "-");
	assert_text(fixture, "el1", COLUMN_PUT, "-");
}

static void no_time_is_not_untouched(void **state)
{
	struct fixture *fixture = *state;

	pattern(fixture->totals, 0, 40, BIT(SAVE_GP), HIGH(RESTORE_GP));
	fixture->totals->stage[RESTORE_GP] = 400;
	book_totals(fixture, true);
	assert_text(fixture, "gp", COLUMN_SAVE_GUEST, "0");
	assert_text(fixture, "gp", COLUMN_RESTORE_GUEST, "10");
	assert_text(fixture, "fp", COLUMN_SAVE_GUEST, "-");
}

/* Two records of 42 make a mean 5 % too high at the most; FP only they can have saved. */
static void patterns_without_a_place_are_unknown(void **state)
{
	struct fixture *fixture = *state;

	pattern(fixture->totals, 0, 40, BIT(SAVE_GP), HIGH(RESTORE_GP));
	pattern(fixture->totals, TOTALS_PATTERNS, 2, 0, 0);
	fixture->totals->stage[SAVE_GP] = 420;
	fixture->totals->stage[SAVE_FP] = 9;
	fixture->totals->stage[RESTORE_GP] = 420;
	book_totals(fixture, true);
	assert_text(fixture, "gp", COLUMN_SAVE_GUEST, "11");
	assert_text(fixture, "gp", COLUMN_EXIT, "21");
	assert_text(fixture, "fp", COLUMN_SAVE_GUEST, "?");
	assert_text(fixture, "fp", COLUMN_RESTORE_GUEST, "-");
	assert_text(fixture, "el1", COLUMN_LOAD, "-");
	ledger_destroy(fixture->ledger);
	fixture->totals->pattern[TOTALS_PATTERNS].count = 3;
	book_totals(fixture, true);
	assert_text(fixture, "gp", COLUMN_SAVE_GUEST, "?");
	assert_text(fixture, NULL, COLUMN_EXIT, "?");
	assert_text(fixture, "el1", COLUMN_LOAD, "-");
}

/* 380 ticks of 38 records are 400 of 40. */
static void skipped_stages_are_no_time(void **state)
{
	struct fixture *fixture = *state;

	pattern(fixture->totals, 0, 40, BIT(SAVE_GP), HIGH(RESTORE_GP));
	fixture->totals->stage[SAVE_GP] = 200;
	fixture->totals->stage[RESTORE_GP] = 380;
	fixture->totals->skipped[RESTORE_GP] = 2;
	book_totals(fixture, true);
	assert_mean(fixture, "gp", COLUMN_RESTORE_GUEST, 40, 400, 400);
	assert_mean(fixture, "gp", COLUMN_EXIT, 40, 600, 600);
	assert_text(fixture, "gp", COLUMN_EXIT, "15");
	ledger_destroy(fixture->ledger);
	/* More than there are, as in the interval that a stamp has first been missing in. */
	fixture->totals->stage[RESTORE_GP] = 0;
	fixture->totals->skipped[RESTORE_GP] = 90;
	book_totals(fixture, true);
	assert_text(fixture, "gp", COLUMN_SAVE_GUEST, "5");
	assert_text(fixture, "gp", COLUMN_RESTORE_GUEST, "?");
	assert_text(fixture, "gp", COLUMN_EXIT, "?");
}

/* Two places of one account, and no record has a stamp of either. */
static void accounts_lack_a_record_once(void **state)
{
	struct fixture *fixture = *state;
	uint8_t account;

	pattern(fixture->totals, 0, 40, BIT(SAVE_GP) | BIT(SAVE_FP) | BIT(SAVE_FP_SYNC), 0);
	fixture->totals->stage[SAVE_GP] = 200;
	fixture->totals->skipped[SAVE_FP] = fixture->totals->skipped[SAVE_FP_SYNC] = 40;
	book_totals(fixture, true);
	account = fixture->ledger->accounts.of_stage[SAVE_FP];
	assert_int_equal(fixture->ledger->accounts.of_stage[SAVE_FP_SYNC], account);
	assert_int_equal(fixture->ledger->vcpu[0]->account[account].count, 0);
}

/* Of 40 records 30 are new, and 5 that save FP; of those without a place there are no new ones. */
static void intervals_have_means_of_their_own(void **state)
{
	struct fixture *fixture = *state;
	struct totals_vcpu *before = calloc(1, sizeof(*before));
	struct totals now = { .count = 1 }, then = { .vcpu = before, .count = 1 }, since;

	assert_non_null(before);
	pattern(before, 5, 10, BIT(SAVE_GP), HIGH(RESTORE_GP));
	pattern(before, TOTALS_PATTERNS, 7, 0, 0);
	before->stage[SAVE_GP] = 900;
	before->stage[RESTORE_GP] = 900;
	before->kinds[EXIT_KIND_EXIT] = 17;
	/* Where several were added up, a row may have been elsewhere. */
	pattern(fixture->totals, 5, 40, BIT(SAVE_GP), HIGH(RESTORE_GP));
	pattern(fixture->totals, 6, 5, BIT(SAVE_GP) | BIT(SAVE_FP), HIGH(RESTORE_GP));
	pattern(fixture->totals, TOTALS_PATTERNS, 7, 0, 0);
	fixture->totals->stage[SAVE_GP] = 900 + 350;
	fixture->totals->stage[SAVE_FP] = 100;
	fixture->totals->stage[RESTORE_GP] = 900 + 70;
	fixture->totals->kinds[EXIT_KIND_EXIT] = 17 + 35;
	now.vcpu = fixture->totals;
	assert_int_equal(totals_difference(&now, &then, &since), 0);
	assert_int_equal(since.vcpu[0].pattern[5].count, 30);
	assert_int_equal(since.vcpu[0].pattern[6].count, 5);
	assert_int_equal(since.vcpu[0].pattern[TOTALS_PATTERNS].count, 0);
	totals_release(&since);
	before->pattern[8] = before->pattern[5];
	before->pattern[5].count = 0;
	totals_since(fixture->totals, before);
	book_totals(fixture, true);
	assert_mean(fixture, "gp", COLUMN_SAVE_GUEST, 35, 350, 350);
	assert_mean(fixture, "fp", COLUMN_SAVE_GUEST, 5, 100, 100);
	assert_mean(fixture, NULL, COLUMN_EXIT, 35, 520, 520);
	assert_text(fixture, NULL, COLUMN_SAVE_GUEST, "13");
	free(before);
}

/* Of a trace whose other records are totals, the classes are of the records that are there. */
static void records_are_not_mixed_with_totals(void **state)
{
	struct fixture *fixture = *state;
	struct trace_item record = { .kind = TRACE_RECORD };

	record.record.fixed.kind = EXIT_KIND_EXIT;
	record.record.fixed.begin = 1000;
	pattern(fixture->totals, 0, 40, BIT(SAVE_GP), HIGH(RESTORE_GP));
	fixture->totals->stage[SAVE_GP] = 4000;
	book_totals(fixture, false);
	record.record.length[SAVE_GP] = 5;
	stage_set_add(&record.record.touched, SAVE_GP);
	assert_int_equal(ledger_add(fixture->ledger, &record), 0);
	assert_mean(fixture, "gp", COLUMN_SAVE_GUEST, 0, 0, 0);
	assert_int_equal(cell_at(fixture, "gp", COLUMN_SAVE_GUEST)->length[CLASS_RAW].count, 1);
	assert_text(fixture, "gp", COLUMN_SAVE_GUEST, "5");
	assert_text(fixture, "gp", COLUMN_RESTORE_GUEST, "-");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(totals_have_means),
		TEST(no_time_is_not_untouched),
		TEST(patterns_without_a_place_are_unknown),
		TEST(skipped_stages_are_no_time),
		TEST(accounts_lack_a_record_once),
		TEST(intervals_have_means_of_their_own),
		TEST(records_are_not_mixed_with_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
