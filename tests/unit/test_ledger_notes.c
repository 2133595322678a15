/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says of its own recording, and what that does to the figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/ledger.h"

struct fixture {
	struct reader_facts facts;
	struct ledger *ledger;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .facts = { .unit = strdup("ns"), .clock_hz = 1000000000 } };
	if (reader_facts_set_stages(&fixture.facts, "sr_save_gp") < 0)
		return -1;
	*state = &fixture;
	return ledger_create(&fixture.facts, &fixture.ledger);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	ledger_destroy(fixture->ledger);
	reader_facts_release(&fixture->facts);
	return 0;
}

/* A record of slot 0 with `own` ticks. */
static void add(struct fixture *fixture, enum exit_kind kind, uint64_t begin, uint32_t seq,
		uint64_t own)
{
	struct trace_item item = {
		.kind = TRACE_RECORD,
		.record = { .fixed = { .kind = (uint8_t)kind, .begin = begin, .seq = seq },
			    .touched = stage_set_first(1),
			    .length = { own } },
	};

	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

static void choose(struct fixture *fixture, uint32_t what, uint32_t one_of)
{
	const struct trace_item item = {
		.kind = TRACE_CHOICE, .choice = { .what = what, .one_of = one_of, .why = "test" }
	};

	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

/* 100..110 and, after a time off, 500..520: 30 of 420 ticks; seq 4 to 9 never were. */
static void time_off_is_nobodys(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	choose(fixture, TRACE_OFF, 0);
	choose(fixture, TRACE_ALL, 0);
	add(fixture, EXIT_KIND_START, 500, 10, 20);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 30);
	assert_int_equal(ledger_lost(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->notes.switched_off, 1);
}

/* The same with nobody having switched: the time between passed, and records were lost. */
static void a_new_stay_is_no_time_off(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	add(fixture, EXIT_KIND_START, 500, 10, 20);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 420);
	assert_int_equal(ledger_lost(fixture->ledger), 6);
}

/* Loss is loss also where recording was off before. */
static void loss_after_time_off_counts(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	choose(fixture, TRACE_OFF, 0);
	add(fixture, EXIT_KIND_START, 500, 10, 20);
	add(fixture, EXIT_KIND_EXIT, 600, 13, 20);
	assert_int_equal(ledger_lost(fixture->ledger), 2);
}

/* Records left out on purpose leave gaps, and nothing is lost; a full ring still loses. */
static void gaps_of_chosen_records_are_no_loss(void **state)
{
	struct fixture *fixture = *state;
	const struct trace_item end = { .kind = TRACE_END, .end = { .records = 2, .lost = 1 } };

	fixture->facts.chosen = strdup("one of 10, by chance");
	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	add(fixture, EXIT_KIND_EXIT, 200, 13, 10);
	assert_int_equal(ledger_lost(fixture->ledger), 0);
	assert_int_equal(ledger_add(fixture->ledger, &end), 0);
	assert_int_equal(ledger_lost(fixture->ledger), 1);
}

/* What a vCPU's totals were at some moment: exits, of which one went through a stage. */
static void add_totals(struct fixture *fixture, uint64_t end, uint64_t exits, uint64_t off)
{
	const struct trace_item vcpu = { .kind = TRACE_TOTAL_VCPU,
					 .total_vcpu = { .begin = 95,
							 .end = end,
							 .exits = exits,
							 .guest_count = exits,
							 .guest = 2 * exits,
							 .off = off } };
	const struct trace_item pattern = { .kind = TRACE_TOTAL_PATTERN,
					    .total_pattern = { .count = exits, .low = 1 } };
	const struct trace_item stage = { .kind = TRACE_TOTAL_STAGE,
					  .total_stage = { .ticks = 3 * exits } };
	const struct trace_item reason = { .kind = TRACE_TOTAL_REASON,
					   .total_reason = { .count = exits,
							     .kind = EXIT_KIND_EXIT } };
	const struct trace_item pauser = { .kind = TRACE_TOTAL_PAUSER,
					   .total_pauser = { .count = exits, .ticks = 10 } };

	assert_int_equal(ledger_add(fixture->ledger, &vcpu), 0);
	assert_int_equal(ledger_add(fixture->ledger, &stage), 0);
	assert_int_equal(ledger_add(fixture->ledger, &pattern), 0);
	assert_int_equal(ledger_add(fixture->ledger, &reason), 0);
	assert_int_equal(ledger_add(fixture->ledger, &pauser), 0);
}

static void add_until(struct fixture *fixture, uint64_t ns)
{
	const struct trace_item until = { .kind = TRACE_TOTALS_UNTIL, .until = ns };

	assert_int_equal(ledger_add(fixture->ledger, &until), 0);
}

/*
 * Totals of 5 exits until 170, then of 8 until 300; of a third time, 11 until 400, the trace
 * does not say that they are whole. Behind them comes a record, from 350 to 360: two records
 * and 8 exits, 95 to 360, of which 8 * (2 + 3) + 2 * 10 ticks are booked.
 */
static void the_last_whole_totals_count(void **state)
{
	struct fixture *fixture = *state;
	const struct ledger *ledger = fixture->ledger;

	fixture->facts.totals_ms = 10000;
	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	add_totals(fixture, 170, 5, 0);
	add_until(fixture, 1000);
	add_totals(fixture, 300, 8, 0);
	add_until(fixture, 2000);
	add(fixture, EXIT_KIND_EXIT, 350, 20, 10);
	add_totals(fixture, 400, 11, 0);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_true(ledger->from_totals);
	assert_int_equal(ledger->totals_ns, 2000);
	assert_int_equal(ledger->counts.exits, 10);
	assert_int_equal((uint64_t)ledger_wall(ledger), 265);
	assert_int_equal(ledger->account[ledger->accounts.guest].count, 8 + 2);
	assert_int_equal((uint64_t)ledger->account[ledger->accounts.guest].sum, 16);
	assert_int_equal((uint64_t)ledger->account[ledger->accounts.of_stage[0]].sum, 24 + 20);
	assert_int_equal(ledger->pauses.row[0].count, 8);
	assert_true(ledger->pauses.row[0].ticks == 10);
}

/* A trace that was cut off within its first totals has none; an older one has them as they come. */
static void totals_that_are_not_whole(void **state)
{
	struct fixture *fixture = *state;

	fixture->facts.totals_ms = 10000;
	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	add_totals(fixture, 170, 5, 0);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_false(fixture->ledger->from_totals);
	assert_int_equal(fixture->ledger->counts.exits, 1);
}

/* Those that come again before the first ones are whole: 8 exits, of 3 ticks each. */
static void totals_that_begin_anew(void **state)
{
	struct fixture *fixture = *state;
	const struct ledger *ledger = fixture->ledger;

	fixture->facts.totals_ms = 10000;
	add_totals(fixture, 170, 5, 0);
	add_totals(fixture, 300, 8, 0);
	add_until(fixture, 2000);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_int_equal(ledger->account[ledger->accounts.of_stage[0]].count, 8);
	assert_int_equal((uint64_t)ledger->account[ledger->accounts.of_stage[0]].sum, 24);
	assert_int_equal(ledger->pauses.row[0].count, 8);
}

static void totals_of_an_older_trace(void **state)
{
	struct fixture *fixture = *state;

	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	add_totals(fixture, 170, 5, 0);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_true(fixture->ledger->from_totals);
	assert_int_equal(fixture->ledger->totals_ns, 0);
	assert_int_equal(fixture->ledger->counts.exits, 6);
}

/*
 * Off from 170 to 200, which the totals know, and from 300, the end of the last totals, to 400:
 * 95 to 410 less 30 and 100. Without the totals it is what lies between records: 110 to 200, and
 * 210 to 400 of 100 to 410.
 */
static void time_off_behind_the_totals(void **state)
{
	struct fixture *fixture = *state;

	fixture->facts.totals_ms = 10000;
	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	choose(fixture, TRACE_OFF, 0);
	add_totals(fixture, 170, 5, 0);
	add_until(fixture, 1000);
	add(fixture, EXIT_KIND_START, 200, 8, 10);
	add_totals(fixture, 300, 8, 30);
	choose(fixture, TRACE_OFF, 0);
	add_until(fixture, 2000);
	add(fixture, EXIT_KIND_START, 400, 12, 10);
	assert_int_equal(fixture->ledger->vcpu[0]->off, 90 + 190);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 315 - 30 - 100);
}

/* The record that ended the time off was on its way when the totals that lack it were read. */
static void time_off_that_totals_lack(void **state)
{
	struct fixture *fixture = *state;

	fixture->facts.totals_ms = 10000;
	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	choose(fixture, TRACE_OFF, 0);
	add_totals(fixture, 170, 5, 0);
	add_until(fixture, 1000);
	add(fixture, EXIT_KIND_START, 200, 8, 10);
	add_totals(fixture, 170, 5, 0);
	add_until(fixture, 2000);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 210 - 95 - 30);
}

/* Two exits are records; the totals have five more, one of them after the last record. */
static void totals_add_what_is_no_record(void **state)
{
	struct fixture *fixture = *state;
	const struct trace_item totals = { .kind = TRACE_TOTAL_VCPU,
					   .total_vcpu = { .begin = 95, .end = 170, .exits = 5 } };

	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	choose(fixture, TRACE_SAMPLES, 10);
	add(fixture, EXIT_KIND_EXIT, 150, 8, 10);
	assert_int_equal(ledger_add(fixture->ledger, &totals), 0);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_ALL), 0);
	assert_true(fixture->ledger->from_totals);
	assert_int_equal(fixture->ledger->counts.exits, 7);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 75); /* from 95 to 170 */
}

static void records_alone_when_asked_for(void **state)
{
	struct fixture *fixture = *state;
	const struct trace_item totals = { .kind = TRACE_TOTAL_VCPU,
					   .total_vcpu = { .begin = 100, .end = 170, .exits = 6 } };

	fixture->facts.chosen = strdup("slower than 5us");
	add(fixture, EXIT_KIND_EXIT, 100, 3, 10);
	assert_int_equal(ledger_add(fixture->ledger, &totals), 0);
	assert_int_equal(ledger_complete(fixture->ledger, LEDGER_RECORDS), 0);
	assert_false(fixture->ledger->from_totals);
	assert_int_equal(fixture->ledger->counts.exits, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(time_off_is_nobodys, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_stay_is_no_time_off, setup, teardown),
		cmocka_unit_test_setup_teardown(gaps_of_chosen_records_are_no_loss, setup,
						teardown),
		cmocka_unit_test_setup_teardown(totals_add_what_is_no_record, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_last_whole_totals_count, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_that_are_not_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_that_begin_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_of_an_older_trace, setup, teardown),
		cmocka_unit_test_setup_teardown(time_off_behind_the_totals, setup, teardown),
		cmocka_unit_test_setup_teardown(time_off_that_totals_lack, setup, teardown),
		cmocka_unit_test_setup_teardown(records_alone_when_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(loss_after_time_off_counts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
