/* SPDX-License-Identifier: GPL-2.0-only */
/* Times on a command line, and when a recording begins and ends; worked out by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/error.h"
#include "collector/limits.h"

static void parsed_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} rows[] = {
		{ "1ns", 1 },
		{ "50us", 50000 },
		{ "2ms", 2000000 },
		{ "10s", 10000000000 },
		{ "5min", 300000000000 },
		{ "1h", 3600000000000 },
		{ "9223372036s", 9223372036000000000 },
	};
	uint64_t ns = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(duration_parse(rows[i].text, "it", &ns), 0);
		assert_int_equal(ns, rows[i].ns);
	}
}

static void refused_times(void **state)
{
	static const char *const wrong[] = { "",	   "5",	   "s",
					     "-1s",	   "0s",   "1.5s",
					     "10 s",	   "10S",  "10m",
					     "8M",	   "ss",   "0x5s",
					     "+5s",	   "10ss", "99999999999999999999s",
					     "9223372037s" };
	uint64_t ns = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(duration_parse(wrong[i], "it", &ns), -EINVAL);
		error_clear();
	}
	assert_int_equal(ns, 7);
	duration_parse("8M", "--delay", &ns);
	assert_string_equal(error_text(0),
			    "--delay must be a time like 50us, 2ms, 10s or 5min, not '8M'");
	error_clear();
}

static void times_are_told_from_sizes(void **state)
{
	(void)state;
	assert_true(duration_is("10s"));
	assert_true(duration_is("0s"));
	assert_false(duration_is("10"));
	assert_false(duration_is("10M"));
	assert_false(duration_is("s"));
}

static void without_limits_nothing_ends(void **state)
{
	const struct limits_options none = { 0 };
	struct limits limits;

	(void)state;
	limits_begin(&limits, &none, 1000);
	assert_int_equal(limits.begin_ns, 1000);
	for (int i = 0; i < 10; i++)
		assert_true(limits_take_exit(&limits));
	assert_null(limits_end(&limits, UINT64_MAX));
}

static void duration_counts_from_the_delays_end(void **state)
{
	const struct limits_options options = { .delay_ns = 50, .duration_ns = 100 };
	struct limits limits;

	(void)state;
	limits_begin(&limits, &options, 1000);
	assert_false(limits_delay_is_over(&limits, 1049));
	assert_true(limits_delay_is_over(&limits, 1050));
	assert_null(limits_end(&limits, 5000)); /* has not begun */
	limits_note_begin(&limits, 1060);
	limits_note_begin(&limits, 1070); /* switched off and on again */
	assert_null(limits_end(&limits, 1159));
	assert_string_equal(limits_end(&limits, 1160), "--duration");
}

static void no_exit_too_many_is_taken(void **state)
{
	const struct limits_options options = { .exits = 2 };
	struct limits limits;

	(void)state;
	limits_begin(&limits, &options, 1000);
	assert_true(limits_take_exit(&limits));
	assert_null(limits_end(&limits, 1001));
	assert_true(limits_take_exit(&limits));
	assert_string_equal(limits_end(&limits, 1001), "--exits");
	assert_false(limits_take_exit(&limits));
	assert_int_equal(limits.exits, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsed_times),
		cmocka_unit_test(refused_times),
		cmocka_unit_test(times_are_told_from_sizes),
		cmocka_unit_test(without_limits_nothing_ends),
		cmocka_unit_test(duration_counts_from_the_delays_end),
		cmocka_unit_test(no_exit_too_many_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
