/* SPDX-License-Identifier: GPL-2.0-only */
/* Every expected number here was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"

static void add_all(struct histogram *histogram, const uint64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(histogram_add(histogram, values[i]), 0);
}

static void empty_has_no_percentile(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	assert_int_equal(histogram.count, 0);
	assert_int_equal(histogram_percentile(&histogram, 50), 0);
	histogram_release(&histogram);
}

/* Ten values, sorted 1 2 3 4 5 6 7 8 9 100: p50 is rank 5, p90 rank 9, p91 rank 10. */
static void percentile_is_nearest_rank(void **state)
{
	static const uint64_t values[] = { 9, 1, 8, 2, 7, 3, 100, 4, 6, 5 };
	_cleanup_histogram_ struct histogram histogram = { 0 };

	(void)state;
	add_all(&histogram, values, 10);
	assert_int_equal(histogram.count, 10);
	assert_int_equal((uint64_t)histogram.sum, 145);
	assert_int_equal(histogram.min, 1);
	assert_int_equal(histogram.max, 100);
	assert_int_equal(histogram_percentile(&histogram, 0), 1);
	assert_int_equal(histogram_percentile(&histogram, 10), 1);
	assert_int_equal(histogram_percentile(&histogram, 11), 2);
	assert_int_equal(histogram_percentile(&histogram, 50), 5);
	assert_int_equal(histogram_percentile(&histogram, 90), 9);
	assert_int_equal(histogram_percentile(&histogram, 91), 100);
	assert_int_equal(histogram_percentile(&histogram, 100), 100);
}

/* Both octaves of width 1: 2047, 2048 and 4095 come back as they went in. */
static void below_4096_is_exact(void **state)
{
	static const uint64_t values[] = { 0, 2047, 2048, 4094, 4095 };
	_cleanup_histogram_ struct histogram histogram = { 0 };

	(void)state;
	add_all(&histogram, values, 5);
	assert_int_equal(histogram_percentile(&histogram, 20), 0);
	assert_int_equal(histogram_percentile(&histogram, 40), 2047);
	assert_int_equal(histogram_percentile(&histogram, 60), 2048);
	assert_int_equal(histogram_percentile(&histogram, 80), 4094);
	assert_int_equal(histogram_percentile(&histogram, 100), 4095);
}

/*
 * 1,000,000 lies in 2^19..2^20, where a bucket is 2^(19-11) = 256 wide. It is
 * bucket 1,000,000 / 256 = 3906.25, so 999,936..1,000,191; its middle,
 * 999,936 + 255/2 = 1,000,063, is 63 off: 0.006 %.
 */
static void above_4096_is_the_middle_of_its_bucket(void **state)
{
	static const uint64_t values[] = { 1, 1000000, 5000000 };
	_cleanup_histogram_ struct histogram histogram = { 0 };

	(void)state;
	add_all(&histogram, values, 3);
	assert_int_equal(histogram_percentile(&histogram, 50), 1000063);
}

/*
 * Both in the bucket 999,936..1,000,191 with the middle 1,000,063: three times
 * 1,000,000 cannot have a median above its maximum, nor three times 1,000,190
 * one below its minimum.
 */
static void percentile_stays_within_min_and_max(void **state)
{
	static const uint64_t low[] = { 1000000, 1000000, 1000000 };
	static const uint64_t high[] = { 1000190, 1000190, 1000190 };
	_cleanup_histogram_ struct histogram lows = { 0 }, highs = { 0 };

	(void)state;
	add_all(&lows, low, 3);
	assert_int_equal(histogram_percentile(&lows, 50), 1000000);
	add_all(&highs, high, 3);
	assert_int_equal(histogram_percentile(&highs, 50), 1000190);
}

/* Rank 1 and rank n need no bucket. */
static void smallest_and_largest_are_exact(void **state)
{
	static const uint64_t values[] = { 1000000, 1000001, 1000190 };
	_cleanup_histogram_ struct histogram histogram = { 0 };

	(void)state;
	add_all(&histogram, values, 3);
	assert_int_equal(histogram_percentile(&histogram, 33), 1000000);
	assert_int_equal(histogram_percentile(&histogram, 50), 1000063);
	assert_int_equal(histogram_percentile(&histogram, 99), 1000190);
}

/* Two times 2^64 - 1 is 2^65 - 2: high half 1, low half 2^64 - 2. */
static void sum_exceeds_64_bits(void **state)
{
	static const uint64_t values[] = { UINT64_MAX, UINT64_MAX };
	_cleanup_histogram_ struct histogram histogram = { 0 };

	(void)state;
	add_all(&histogram, values, 2);
	assert_int_equal((uint64_t)(histogram.sum >> 64), 1);
	assert_int_equal((uint64_t)histogram.sum, UINT64_MAX - 1);
	assert_int_equal(histogram_percentile(&histogram, 100), UINT64_MAX);
}

/* No value is further from its bucket's middle than 1/2048 of itself (0.0488 %). */
static void error_is_below_one_in_2048(void **state)
{
	(void)state;
	for (uint64_t value = 4096; value < (uint64_t)1 << 62; value += value / 7 + 1) {
		_cleanup_histogram_ struct histogram histogram = { 0 };
		uint64_t found, off;

		assert_int_equal(histogram_add(&histogram, 0), 0);
		assert_int_equal(histogram_add(&histogram, value), 0);
		assert_int_equal(histogram_add(&histogram, UINT64_MAX), 0);
		found = histogram_percentile(&histogram, 50);
		off = found > value ? found - value : value - found;
		assert_true(off <= value / 2048);
	}
}

/* {1, 3, 9000} and {2, 3, 70000}: sorted 1 2 3 3 9000 70000, sum 79,009. */
static void merge_adds_everything(void **state)
{
	static const uint64_t left[] = { 9000, 1, 3 }, right[] = { 2, 70000, 3 };
	_cleanup_histogram_ struct histogram into = { 0 }, from = { 0 };

	(void)state;
	add_all(&into, left, 3);
	add_all(&from, right, 3);
	assert_int_equal(histogram_merge(&into, &from), 0);
	assert_int_equal(into.count, 6);
	assert_int_equal((uint64_t)into.sum, 79009);
	assert_int_equal(into.min, 1);
	assert_int_equal(into.max, 70000);
	assert_int_equal(histogram_percentile(&into, 34), 3);
	assert_int_equal(histogram_percentile(&into, 66), 3);
	/* Rank 5 of 6: 9000 is in 2^13..2^14, 4 wide: 9000..9003, middle 9001. */
	assert_int_equal(histogram_percentile(&into, 80), 9001);
	assert_int_equal(histogram_percentile(&into, 100), 70000);
	assert_int_equal(from.count, 3);
}

static void merge_with_empty_changes_nothing(void **state)
{
	static const uint64_t values[] = { 5, 7 };
	_cleanup_histogram_ struct histogram full = { 0 }, empty = { 0 }, into = { 0 };

	(void)state;
	add_all(&full, values, 2);
	assert_int_equal(histogram_merge(&full, &empty), 0);
	assert_int_equal(full.count, 2);
	assert_int_equal(full.min, 5);
	assert_int_equal(histogram_merge(&into, &full), 0);
	assert_int_equal(into.min, 5);
	assert_int_equal(into.max, 7);
	assert_int_equal(histogram_percentile(&into, 50), 5);
}

/* 0 and 1 have their highest bit at 0; 2047 at 10, 2048 at 11; 2^40 at 40. */
static void powers_of_two(void **state)
{
	static const uint64_t values[] = { 0, 1, 2, 3, 2047, 2048, 4095, 1ull << 40 };
	_cleanup_histogram_ struct histogram histogram = { 0 };
	uint64_t count[HISTOGRAM_POWERS], sum = 0;

	(void)state;
	add_all(&histogram, values, 8);
	histogram_powers(&histogram, count);
	assert_int_equal(count[0], 2);
	assert_int_equal(count[1], 2);
	assert_int_equal(count[10], 1);
	assert_int_equal(count[11], 2);
	assert_int_equal(count[40], 1);
	for (int i = 0; i < HISTOGRAM_POWERS; i++)
		sum += count[i];
	assert_int_equal(sum, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_has_no_percentile),
		cmocka_unit_test(percentile_is_nearest_rank),
		cmocka_unit_test(below_4096_is_exact),
		cmocka_unit_test(above_4096_is_the_middle_of_its_bucket),
		cmocka_unit_test(percentile_stays_within_min_and_max),
		cmocka_unit_test(smallest_and_largest_are_exact),
		cmocka_unit_test(sum_exceeds_64_bits),
		cmocka_unit_test(error_is_below_one_in_2048),
		cmocka_unit_test(merge_adds_everything),
		cmocka_unit_test(merge_with_empty_changes_nothing),
		cmocka_unit_test(powers_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
