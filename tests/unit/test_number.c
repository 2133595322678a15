/* SPDX-License-Identifier: GPL-2.0-only */
/* Every expected text here was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/number.h"

static void divide_rounds_half_away_from_zero(void **state)
{
	(void)state;
	assert_int_equal(number_divide(0, 7), 0);
	assert_int_equal(number_divide(1, 3), 0); /* 0.33 */
	assert_int_equal(number_divide(2, 3), 1); /* 0.67 */
	assert_int_equal(number_divide(5, 2), 3); /* 2.5 */
	assert_int_equal(number_divide(-5, 2), -3);
	assert_int_equal(number_divide(-4, 3), -1); /* -1.33 */
	assert_int_equal(number_divide(7, 0), 0);
}

static void divide_keeps_to_64_bits(void **state)
{
	number_signed_wide huge = (number_signed_wide)1 << 126;

	(void)state;
	assert_int_equal(number_divide(huge, 1), INT64_MAX);
	assert_int_equal(number_divide(-huge, 1), INT64_MIN);
	assert_int_equal(number_divide(huge, (number_wide)1 << 120), 64);
}

static void thousands_are_separated(void **state)
{
	char text[NUMBER_TEXT];

	(void)state;
	assert_string_equal(number_thousands(0, text), "0");
	assert_string_equal(number_thousands(999, text), "999");
	assert_string_equal(number_thousands(1000, text), "1,000");
	assert_string_equal(number_thousands(1234567, text), "1,234,567");
	assert_string_equal(number_thousands(-12345, text), "-12,345");
	assert_string_equal(number_thousands(INT64_MIN, text), "-9,223,372,036,854,775,808");
}

static void fixed_keeps_its_zeros(void **state)
{
	char text[NUMBER_TEXT];

	(void)state;
	assert_string_equal(number_fixed(12345, 2, text), "123.45");
	assert_string_equal(number_fixed(5, 2, text), "0.05");
	assert_string_equal(number_fixed(-5, 1, text), "-0.5");
	assert_string_equal(number_fixed(123456789, 1, text), "12,345,678.9");
}

static void percent_rounds_half_up(void **state)
{
	char text[NUMBER_TEXT];

	(void)state;
	assert_string_equal(number_percent(1, 3, 2, text), "33.33");
	assert_string_equal(number_percent(2, 3, 2, text), "66.67");
	assert_string_equal(number_percent(1, 8, 1, text), "12.5");
	assert_string_equal(number_percent(1, 16, 1, text), "6.3");  /* 6.25 */
	assert_string_equal(number_percent(1, 800, 1, text), "0.1"); /* 0.125 */
	assert_string_equal(number_percent(7, 7, 1, text), "100.0");
	assert_string_equal(number_percent(-1, 4, 1, text), "-25.0");
	assert_string_equal(number_percent(1, 0, 1, text), "-");
}

/* A sum that no double holds: 2^63 of 2^64 + 2 ns is just under one half. */
static void percent_of_wide_sums(void **state)
{
	number_wide whole = ((number_wide)1 << 64) + 2;
	char text[NUMBER_TEXT];

	(void)state;
	assert_string_equal(number_percent((number_signed_wide)1 << 63, whole, 2, text), "50.00");
}

static const struct {
	int64_t sum;
	uint64_t count;
	unsigned int digits;
	const char *text;
} durations[] = {
	{ 0, 1, 4, "0 ns" },
	{ 876, 1, 4, "876 ns" },
	{ 999, 1, 3, "999 ns" },
	{ 1000, 1, 4, "1.000 us" },
	{ 1000, 1, 3, "1.00 us" },
	{ 1234, 1, 4, "1.234 us" },
	{ 1234, 1, 3, "1.23 us" },
	{ 1235, 1, 3, "1.24 us" }, /* half up */
	{ 9995, 1, 4, "9.995 us" },
	{ 9995, 1, 3, "10.0 us" },
	{ 99949, 1, 3, "99.9 us" },
	{ 99950, 1, 3, "100 us" },
	{ 123456, 1, 4, "123.5 us" },
	{ 999949, 1, 4, "999.9 us" },
	{ 999950, 1, 4, "1.000 ms" },
	{ 999499, 1, 3, "999 us" },
	{ 999500, 1, 3, "1.00 ms" },
	{ 56780000, 1, 4, "56.78 ms" },
	{ 1500000000, 1, 4, "1.500 s" },
	{ 999949999999, 1, 4, "999.9 s" },
	{ 1234567890123, 1, 4, "1,235 s" },
	{ 98765432109876, 1, 4, "98,765 s" },
	{ -1234, 1, 4, "-1.234 us" },
	/* Means: 10 / 4 = 2.5, 1 / 3 = 0.333, 3001 / 3 = 1000.33 ns. */
	{ 10, 4, 4, "2.500 ns" },
	{ 1, 3, 3, "0.33 ns" },
	{ 3001, 3, 4, "1.000 us" },
	{ 2469, 2, 4, "1.235 us" }, /* 1234.5 ns */
	{ 1999, 2, 4, "999.5 ns" },
	{ 19999, 20, 4, "1.000 us" }, /* 999.95 ns */
	{ 0, 7, 4, "0 ns" },
	{ 5, 0, 4, "-" },
};

static void durations_have_units(void **state)
{
	char text[NUMBER_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(durations); i++)
		assert_string_equal(number_duration(durations[i].sum, durations[i].count,
						    durations[i].digits, text),
				    durations[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(divide_rounds_half_away_from_zero),
		cmocka_unit_test(divide_keeps_to_64_bits),
		cmocka_unit_test(thousands_are_separated),
		cmocka_unit_test(fixed_keeps_its_zeros),
		cmocka_unit_test(percent_rounds_half_up),
		cmocka_unit_test(percent_of_wide_sums),
		cmocka_unit_test(durations_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
