/* SPDX-License-Identifier: GPL-2.0-only */
/* Every expected length here was worked out by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/stages.h"

static void length_is_stamp_less_the_stamp_before(void **state)
{
	struct ring_record record = { .fixed.begin = 1000, .stamp = { 1010, 1010, 1047 } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, 3, &stages), 0);
	assert_int_equal(stages.length[0], 10);
	assert_int_equal(stages.length[1], 0); /* touched within one tick */
	assert_int_equal(stages.length[2], 37);
	assert_int_equal(stages.touched, 0x7);
	assert_false(stages.wide);
}

static void untouched_stage_is_left_out(void **state)
{
	struct ring_record record = { .fixed.begin = 500, .stamp = { 0, 520, 0, 0, 555 } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, 5, &stages), 0);
	assert_int_equal(stages.touched, 0x12);
	assert_int_equal(stages.length[0], 0);
	assert_int_equal(stages.length[1], 20);
	assert_int_equal(stages.length[4], 35); /* since stage 1, the touched one before it */
}

static void missing_is_expected_and_not_touched(void **state)
{
	struct ring_record record = { .expected = 0x16, .fixed.begin = 1, .stamp = { 2, 3, 0, 5 } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, 4, &stages), 0);
	assert_int_equal(stages.touched, 0xb);
	assert_int_equal(stages.missing, 0x4); /* bit 1 is touched, bit 4 is no stage */
}

static void stale_stamp_tears_the_record(void **state)
{
	struct ring_record record = { .fixed.begin = 100, .stamp = { 110, 109, 130 } };
	struct stages stages = { .touched = 0x77 };

	(void)state;
	assert_int_equal(stages_measure(&record, 3, &stages), -EBADMSG);
	assert_int_equal(stages.touched, 0x77); /* left as it was */
	record.stamp[1] = 110;
	assert_int_equal(stages_measure(&record, 3, &stages), 0);
	record.stamp[0] = 99; /* before begin */
	assert_int_equal(stages_measure(&record, 3, &stages), -EBADMSG);
}

static void stale_stamp_behind_a_gap_tears_too(void **state)
{
	struct ring_record record = { .fixed.begin = 100, .stamp = { 150, 0, 0, 149 } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, 4, &stages), -EBADMSG);
}

static void wide_begins_at_33_bits(void **state)
{
	struct ring_record record = { .fixed.begin = 7, .stamp = { 7 + 0xffffffffULL } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, 1, &stages), 0);
	assert_false(stages.wide);
	assert_int_equal(stages.length[0], 0xffffffffULL);
	record.stamp[0]++;
	assert_int_equal(stages_measure(&record, 1, &stages), 0);
	assert_true(stages.wide);
	assert_int_equal(stages.length[0], 0x100000000ULL);
}

static void stages_beyond_the_count_are_not_read(void **state)
{
	struct ring_record record = { .fixed.begin = 10, .stamp = { 11, 12, 1 /* stale */ } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, 2, &stages), 0);
	assert_int_equal(stages.touched, 0x3);
}

static void all_64_stages(void **state)
{
	struct ring_record record = { .expected = UINT64_MAX, .fixed.begin = 1000 };
	struct stages stages;

	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		record.stamp[i] = 1000 + 3 * (i + 1);
	record.stamp[63] = 0;
	assert_int_equal(stages_measure(&record, 64, &stages), 0);
	assert_int_equal(stages.length[62], 3);
	assert_int_equal(stages.touched, UINT64_MAX >> 1);
	assert_int_equal(stages.missing, 1ULL << 63);
}

static void all_bits(void **state)
{
	(void)state;
	assert_int_equal(stages_all(1), 1);
	assert_int_equal(stages_all(20), 0xfffff);
	assert_int_equal(stages_all(64), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_stamp_less_the_stamp_before),
		cmocka_unit_test(untouched_stage_is_left_out),
		cmocka_unit_test(missing_is_expected_and_not_touched),
		cmocka_unit_test(stale_stamp_tears_the_record),
		cmocka_unit_test(stale_stamp_behind_a_gap_tears_too),
		cmocka_unit_test(wide_begins_at_33_bits),
		cmocka_unit_test(stages_beyond_the_count_are_not_read),
		cmocka_unit_test(all_64_stages),
		cmocka_unit_test(all_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
