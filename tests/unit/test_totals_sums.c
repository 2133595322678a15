/* SPDX-License-Identifier: GPL-2.0-only */
/* Time by stage, from sums by pattern of stages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/totals_sums.h"

static struct totals_vcpu to;
static struct totals_vcpu_sums sums;

static int clear(void **state)
{
	(void)state;
	memset(&to, 0, sizeof(to));
	memset(&sums, 0, sizeof(sums));
	return 0;
}

/* As the probe does: times from the begin, a missing one negative, cut to 56 bits. */
static void record(int pattern, int count, const int stages[], const int64_t since_begin[])
{
	struct totals_sums *row = &sums.pattern[pattern];

	row->records++;
	row->counted++;
	to.pattern[pattern].count++;
	for (int i = 0; i < count; i++)
		row->ticks[stages[i]] += (uint64_t)since_begin[i] & UINT64_C(0xffffffffffffff);
}

/* Stages 1, 4 and 70 of two records: 10 + 20, 5 + 7, 100 + 1000 long. */
static void lengths_are_differences(void **state)
{
	const int stages[] = { 1, 4, 70 };

	(void)state;
	to.pattern[3].expected[0] = 0x12;
	to.pattern[3].expected[1] = 0x40;
	record(3, 3, stages, (const int64_t[]){ 10, 15, 115 });
	record(3, 3, stages, (const int64_t[]){ 20, 27, 1027 });
	sums.pattern[3].ticks[2] = UINT64_C(0xdeadbeefdeadbeef); /* not of the pattern */
	to.stage[4] = (uint64_t)-5;				 /* taken out by a pause */
	totals_add_sums(&to, &sums);
	assert_int_equal(to.stage[1], 30);
	assert_int_equal(to.stage[2], 0);
	assert_int_equal(to.stage[4], 12 - 5);
	assert_int_equal(to.stage[70], 1100);
	assert_int_equal(to.missing, 0);
	assert_int_equal(to.incomplete, 0);
}

/* Two patterns that share stage 0: 3 long in the one, 4 in the other. */
static void patterns_add_up(void **state)
{
	(void)state;
	to.pattern[0].expected[0] = 0x3;
	to.pattern[63].expected[0] = 0x1;
	record(0, 2, (const int[]){ 0, 1 }, (const int64_t[]){ 3, 9 });
	record(63, 1, (const int[]){ 0 }, (const int64_t[]){ 4 });
	totals_add_sums(&to, &sums);
	assert_int_equal(to.stage[0], 7);
	assert_int_equal(to.stage[1], 6);
}

/*
 * Stage 1 has a stamp from 1,000,000 ticks before the begin in one of three records: it
 * and stage 2 are left out of all three, as are stages 3 and 4 of a pattern that always
 * lacks 3.
 */
static void what_lacks_a_stamp_is_left_out(void **state)
{
	const int stages[] = { 0, 1, 2, 5 }, always[] = { 3, 4 };

	(void)state;
	to.pattern[1].expected[0] = 0x27;
	record(1, 4, stages, (const int64_t[]){ 10, 20, 30, 40 });
	record(1, 4, stages, (const int64_t[]){ 11, -1000000, 31, 42 });
	record(1, 4, stages, (const int64_t[]){ 12, 22, 32, 43 });
	to.pattern[2].expected[0] = 0x18;
	record(2, 2, always, (const int64_t[]){ -7, 100 });
	record(2, 2, always, (const int64_t[]){ -500, 200 });
	totals_add_sums(&to, &sums);
	assert_int_equal(to.stage[0], 33);
	assert_int_equal(to.stage[1], 0);
	assert_int_equal(to.stage[2], 0);
	assert_int_equal(to.stage[5], 10 + 11 + 11);
	assert_int_equal(to.stage[3], 0);
	assert_int_equal(to.stage[4], 0);
	assert_int_equal(to.skipped[0], 0);
	assert_int_equal(to.skipped[1], 3);
	assert_int_equal(to.skipped[2], 3);
	assert_int_equal(to.skipped[3], 2);
	assert_int_equal(to.skipped[4], 2);
	assert_int_equal(to.skipped[5], 0);
	assert_int_equal(to.missing, 3 + 2);
	assert_int_equal(to.incomplete, 3 + 2);
}

/*
 * Of three records of 30, 40 and 50 ticks two are in no other sum: exits, whose pattern
 * and guest time were not counted. A second pattern has all of its records counted.
 */
static void what_was_not_counted_is_an_exit(void **state)
{
	(void)state;
	to.pattern[5].expected[0] = 0x2;
	to.pattern[5].expected[1] = 0x80;
	to.pattern[6].expected[0] = 0x1;
	to.kinds[EXIT_KIND_EXIT] = 7;
	to.part[TOTALS_GUEST].count = 4;
	to.part[TOTALS_GUEST].ticks = 900;
	to.part[TOTALS_OWN].count = 6;
	to.part[TOTALS_OWN].ticks = 600;
	record(5, 2, (const int[]){ 1, 71 }, (const int64_t[]){ 1, 30 });
	record(5, 2, (const int[]){ 1, 71 }, (const int64_t[]){ 2, 40 });
	record(5, 2, (const int[]){ 1, 71 }, (const int64_t[]){ 3, 50 });
	to.pattern[5].count -= 2;
	sums.pattern[5].counted -= 2;
	record(6, 1, (const int[]){ 0 }, (const int64_t[]){ 8 });
	totals_add_sums(&to, &sums);
	assert_int_equal(to.pattern[5].count, 3);
	assert_int_equal(to.pattern[6].count, 1);
	assert_int_equal(to.kinds[EXIT_KIND_EXIT], 7 + 2);
	assert_int_equal(to.part[TOTALS_GUEST].count, 4 + 2);
	assert_int_equal(to.part[TOTALS_GUEST].ticks, 900);
	assert_int_equal(to.part[TOTALS_OWN].count, 6 + 3 + 1);
	assert_int_equal(to.part[TOTALS_OWN].ticks, 600 + 30 + 40 + 50 + 8);
	assert_int_equal(to.stage[71], 29 + 38 + 47);
}

/* 256 times fill the bits above: what is left is less than the stage before. */
static void a_full_count_is_seen_too(void **state)
{
	(void)state;
	to.pattern[0].expected[0] = 0x3;
	for (int i = 0; i < 256; i++)
		record(0, 2, (const int[]){ 0, 1 }, (const int64_t[]){ 10, -1 });
	totals_add_sums(&to, &sums);
	assert_int_equal(to.stage[0], 2560);
	assert_int_equal(to.stage[1], 0);
	assert_int_equal(to.skipped[1], 256);
	assert_int_equal(to.incomplete, 256);
}

/* An empty pattern's garbage is nobody's. */
static void no_record_is_nothing(void **state)
{
	(void)state;
	to.pattern[0].expected[0] = 0x1;
	sums.pattern[0].ticks[0] = 99;
	totals_add_sums(&to, &sums);
	assert_int_equal(to.stage[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lengths_are_differences, clear),
		cmocka_unit_test_setup(patterns_add_up, clear),
		cmocka_unit_test_setup(what_lacks_a_stamp_is_left_out, clear),
		cmocka_unit_test_setup(a_full_count_is_seen_too, clear),
		cmocka_unit_test_setup(what_was_not_counted_is_an_exit, clear),
		cmocka_unit_test_setup(no_record_is_nothing, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
