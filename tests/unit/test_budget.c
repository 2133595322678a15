/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tool takes of the vCPUs' time, worked out by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/budget.h"

static const char *const stage_names[] = { "sr_save_gp", "host_tracing", "th_handler" };

static const struct source_facts facts = { .counter_hz = 1000000000,
					   .stamp_count = 3,
					   .stage_count = 3,
					   .stage_names = stage_names,
					   .stamp_cost_64 = 128 /* two ticks each */ };

static void shares_are_parsed(void **state)
{
	static const char *const wrong[] = { "",   "0",	 "0.00",  "100", "-1", ".5",
					     "1.", "2%", "0.001", "1,5", "x",  "1e1" };
	uint32_t hundredths = 0;

	(void)state;
	assert_int_equal(budget_parse("2", &hundredths), 0);
	assert_int_equal(hundredths, 200);
	assert_int_equal(budget_parse("0.5", &hundredths), 0);
	assert_int_equal(hundredths, 50);
	assert_int_equal(budget_parse("12.34", &hundredths), 0);
	assert_int_equal(hundredths, 1234);
	assert_int_equal(budget_parse("0.05", &hundredths), 0);
	assert_int_equal(hundredths, 5);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(budget_parse(wrong[i], &hundredths), -EINVAL);
		error_clear();
	}
}

/*
 * 10 exits of 3 stamps, 2 of them through user space, and 4 at EL2: 10 + 30
 * stamps; work 10 * 50 + 2 * 70 + 4 * 26 = 744. 784 in all.
 */
static void a_reading_adds_up(void **state)
{
	const struct pause_cost pauses = { .runs = 9, .ns = 5000 };
	_cleanup_free_ struct totals_vcpu *vcpu = calloc(2, sizeof(*vcpu));
	const struct totals totals = { .vcpu = vcpu, .count = 2 };
	struct budget_reading reading;

	(void)state;
	vcpu[0].begin = 1000;
	vcpu[0].end = 21000;
	vcpu[0].off = 5000;
	vcpu[0].kinds[EXIT_KIND_EXIT] = 10;
	vcpu[0].through_user = 2;
	vcpu[0].el2_count = 4;
	vcpu[0].pattern[7].count = 10;
	vcpu[0].pattern[7].expected[0] = 0x7;
	vcpu[0].stage[1] = 3000;
	vcpu[1].begin = 1000;
	vcpu[1].end = 2000;
	vcpu[1].stage[1] = 4;
	budget_read(&facts, &totals, &pauses, &reading);
	assert_int_equal(reading.event_ticks, 3004);
	assert_int_equal(reading.stamps, 784);
	assert_int_equal(reading.pause_ns, 5000);
	assert_int_equal(reading.life_ticks, 16000);
}

/* Of 20 ms: event 100,000, stamps 40,000 of two ticks, pauses 20,000: 200,000 ticks, 1 %. */
static void a_share_is_of_the_time_between(void **state)
{
	const struct budget_reading before = { 1000, 2000, 3000, 4000 };
	const struct budget_reading now = { 101000, 42000, 23000, 20004000 };

	(void)state;
	assert_int_equal(budget_share(&facts, &before, &now), 100);
	assert_int_equal(budget_share(&facts, &now, &now), -1); /* no time has passed */
}

static void steps_go_down_to_totals(void **state)
{
	(void)state;
	assert_int_equal(budget_at(0).what, CHOICE_ALL);
	assert_int_equal(budget_at(1).what, CHOICE_SAMPLES);
	assert_int_equal(budget_at(1).one_of, 10);
	assert_int_equal(budget_at(2).one_of, 100);
	assert_int_equal(budget_at(3).what, CHOICE_TOTALS);
	assert_false(budget_is_last(2));
	assert_true(budget_is_last(3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_parsed),
		cmocka_unit_test(a_reading_adds_up),
		cmocka_unit_test(a_share_is_of_the_time_between),
		cmocka_unit_test(steps_go_down_to_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
