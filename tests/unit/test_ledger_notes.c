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
		cmocka_unit_test_setup_teardown(records_alone_when_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(loss_after_time_off_counts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
