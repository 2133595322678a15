/* SPDX-License-Identifier: GPL-2.0-only */
/* Every expected number here was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/vmm_split.h"

/* A tick is 1 ns, and the counter is 40,000 behind the clock. */
static const struct vmm_way way = {
	.begin = 1000, .length = 500, .emit = 10000, .timestamp = 50000, .hz = 1000000000
};

static void check(struct vmm_split split, uint64_t leaving, uint64_t work, uint64_t lock,
		  uint64_t returning)
{
	assert_true(split.known);
	assert_int_equal(split.part[VMM_LEAVING], leaving);
	assert_int_equal(split.part[VMM_WORK], work);
	assert_int_equal(split.part[VMM_LOCK], lock);
	assert_int_equal(split.part[VMM_RETURNING], returning);
}

static void parts_add_up(void **state)
{
	const struct vmm_stay_times stay = { 41100, 41400, 50 };

	(void)state;
	check(vmm_split_make(&way, &stay), 100, 250, 50, 100);
}

/* 16 ns a tick: the stay is from tick 110 to tick 140, of which 10 are a lock's. */
static void ticks_are_not_ns(void **state)
{
	const struct vmm_way slow = {
		.begin = 100, .length = 50, .emit = 1000, .timestamp = 20000, .hz = 62500000
	};
	const struct vmm_stay_times stay = { 20000 - 890 * 16, 20000 - 860 * 16, 160 };

	(void)state;
	check(vmm_split_make(&slow, &stay), 10, 20, 10, 10);
}

static void pauses_come_out_of_the_longest_part(void **state)
{
	const struct vmm_stay_times stay = { 41100, 41600, 0 };
	struct vmm_way paused = way;

	(void)state;
	paused.paused = 200;
	check(vmm_split_make(&paused, &stay), 100, 300, 0, 100);
}

/* 750 ticks in all: 20, 410, 300 and 20; of the 700 paused ones the lock has the rest. */
static void pauses_go_on_to_the_next_part(void **state)
{
	const struct vmm_stay_times stay = { 41020, 41730, 300 };
	struct vmm_way paused = way;

	(void)state;
	paused.length = 50;
	paused.paused = 700;
	check(vmm_split_make(&paused, &stay), 20, 0, 10, 20);
}

/* The clocks were not read at one moment: 10 ticks before the way begins. */
static void small_errors_are_cut(void **state)
{
	const struct vmm_stay_times early = { 40990, 41400, 0 };
	const struct vmm_stay_times late = { 41100, 41510, 0 };
	const struct vmm_stay_times long_lock = { 41100, 41400, 5000 };

	(void)state;
	check(vmm_split_make(&way, &early), 0, 410, 0, 90);
	check(vmm_split_make(&way, &late), 90, 410, 0, 0);
	check(vmm_split_make(&way, &long_lock), 100, 0, 300, 100);
}

static void another_stay_is_not_taken(void **state)
{
	/* 5 us and a thousandth of 14,110 and 14,100 ns are allowed. */
	const struct vmm_stay_times before = { 35890, 35990, 0 }, at_limit = { 35986, 41200, 0 };
	const struct vmm_stay_times after = { 46600, 46700, 0 };
	const struct vmm_stay_times to_come = { 49000, 50001, 0 }, backwards = { 41400, 41100, 0 };

	(void)state;
	assert_false(vmm_split_make(&way, &before).known);
	check(vmm_split_make(&way, &at_limit), 0, 500, 0, 0);
	assert_false(vmm_split_make(&way, &after).known);
	assert_false(vmm_split_make(&way, &to_come).known);
	assert_false(vmm_split_make(&way, &backwards).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(ticks_are_not_ns),
		cmocka_unit_test(pauses_come_out_of_the_longest_part),
		cmocka_unit_test(pauses_go_on_to_the_next_part),
		cmocka_unit_test(small_errors_are_cut),
		cmocka_unit_test(another_stay_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
