/* SPDX-License-Identifier: GPL-2.0-only */
/* What record reads on its command line and says about itself; texts worked out by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/cmdline.h"
#include "base/error.h"
#include "collector/facts.h"
#include "collector/options.h"
#include "collector/progress.h"

#define MIB ((size_t)1024 * 1024)

static void sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 KB" },
		{ 1049, "1.0 KB" },
		{ 1050, "1.1 KB" },
		{ 999949, "999.9 KB" },
		{ 999950, "1.0 MB" },
		{ 3210000, "3.2 MB" },
		{ 999950000, "1.0 GB" },
		{ 12345678901234, "12.3 TB" },
		{ 9876543210987654, "9,876.5 TB" },
	};
	char text[PROGRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(size_text(rows[i].bytes, text), rows[i].text);
}

static void progress_line(void **state)
{
	const struct ctf_counts counts = { .records = 12345, .bytes = 3210000, .lost = 1002 };
	char text[PROGRESS_TEXT];

	(void)state;
	assert_string_equal(progress_text(&counts, 12345678901, text),
			    "12,345 exits  3.2 MB  lost 1,002  12.3 s");
	assert_string_equal(progress_text(&counts, 49999999, text),
			    "12,345 exits  3.2 MB  lost 1,002  0.0 s");
	assert_string_equal(progress_text(&counts, 50000000, text),
			    "12,345 exits  3.2 MB  lost 1,002  0.1 s");
}

static void summary_line(void **state)
{
	struct ctf_counts counts = { .records = 1, .bytes = 8192, .vcpus = 1 };
	char text[PROGRESS_TEXT];

	(void)state;
	assert_string_equal(summary_text(&counts, "dir", text),
			    "1 record of 1 vCPU, 8.2 KB, lost 0, in dir");
	counts = (struct ctf_counts){ .records = 12345, .bytes = 3210000, .lost = 7, .vcpus = 2 };
	assert_string_equal(summary_text(&counts, "dir", text),
			    "12,345 records of 2 vCPUs, 3.2 MB, lost 7, in dir");
	counts.clamped = 1000;
	counts.torn = 2;
	assert_string_equal(
		summary_text(&counts, "d", text),
		"12,345 records of 2 vCPUs, 3.2 MB, lost 7, clamped 1,000, torn 2, in d");
}

static void tear_line(void **state)
{
	const char *const names[] = { "sr_save_gp_guest", "th_el2" };
	const struct source_facts facts = { .stage_names = names, .stage_count = 2 };
	struct ctf_counts counts = { .torn = 1, .tear = { 1200, 1, 0 } };
	char text[PROGRESS_TEXT];

	(void)state;
	assert_string_equal(tear_text(&counts, &facts, text),
			    "torn: in the first such record the stamp th_el2 is 1,200 ticks earlier "
			    "than sr_save_gp_guest: the kernel's stamps or its counter are out of "
			    "order");
	counts.tear.ticks = 1;
	assert_non_null(strstr(tear_text(&counts, &facts, text), " 1 tick earlier"));
}

static void default_ring(void **state)
{
	(void)state;
	assert_int_equal(ring_bytes_default(1, 4096), 16 * MIB);
	assert_int_equal(ring_bytes_default(16, 4096), 16 * MIB); /* 256 MiB in all, just so */
	assert_int_equal(ring_bytes_default(32, 4096), 8 * MIB);
	assert_int_equal(ring_bytes_default(33, 4096), 4 * MIB); /* at most 7.75 */
	assert_int_equal(ring_bytes_default(64, 65536), 4 * MIB);
	assert_int_equal(ring_bytes_default(100, 4096), 2 * MIB); /* at most 2.56 */
	assert_int_equal(ring_bytes_default(8192, 65536), 65536); /* never below a page */
}

static void refused_rings(void **state)
{
	(void)state;
	assert_int_equal(ring_bytes_check(4096, 2, 4096), 0);
	assert_int_equal(ring_bytes_check(128 * MIB, 2, 4096), 0);
	assert_int_equal(ring_bytes_check(128 * MIB, 3, 4096), -EINVAL);
	assert_string_equal(error_text(0),
			    "--mem-ring 134217728 for each of 3 CPUs exceeds 256 MiB "
			    "in all; use at most 65536K");
	error_clear();
	assert_int_equal(ring_bytes_check(2048, 2, 4096), -EINVAL);
	assert_int_equal(ring_bytes_check(12288, 2, 4096), -EINVAL); /* no power of two */
	error_clear();
}

static void parsed_sizes(void **state)
{
	static const char *const wrong[] = { "", "K", "8X", "-1", "0", "8MM", "9999999999G" };
	size_t bytes = 0;

	(void)state;
	assert_int_equal(size_parse("65536", "it", &bytes), 0);
	assert_int_equal(bytes, 65536);
	assert_int_equal(size_parse("512K", "it", &bytes), 0);
	assert_int_equal(bytes, 524288);
	assert_int_equal(size_parse("8M", "it", &bytes), 0);
	assert_int_equal(bytes, 8388608);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(size_parse(wrong[i], "it", &bytes), -EINVAL);
		error_clear();
	}
	assert_int_equal(bytes, 8388608);
}

static int parse(struct record_options *options, int argc, char **argv)
{
	error_clear();
	return record_options_parse(argc, argv, options);
}

#define PARSE(options, ...)                                                                        \
	parse(options, sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *),                         \
	      (char *[]){ __VA_ARGS__, NULL })

static void command_lines(void **state)
{
	struct record_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "record", "-a"), 0);
	assert_true(options.target.all);
	assert_string_equal(options.output.directory, "hyptrace-trace");
	assert_int_equal(PARSE(&options, "record", "-o", "d", "--", "sh", "-c", "x"), 0);
	assert_string_equal(options.output.directory, "d");
	assert_string_equal(options.target.command[0], "sh");
	assert_null(options.target.command[3]);
	assert_int_equal(PARSE(&options, "record", "--pid", "12", "--mem-ring", "1M"), 0);
	assert_int_equal(options.target.pid, 12);
	assert_int_equal(options.ring_bytes, MIB);
}

static void chosen_ways_to_stamp(void **state)
{
	struct record_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "record", "-a"), 0);
	assert_false(options.synchronised);
	assert_false(options.cycles);
	assert_int_equal(PARSE(&options, "record", "-a", "--barriers", "synchronised"), 0);
	assert_true(options.synchronised);
	assert_false(options.cycles);
	assert_int_equal(PARSE(&options, "record", "-a", "--barriers=plain", "--clock=cycles"), 0);
	assert_false(options.synchronised);
	assert_true(options.cycles);
	assert_int_equal(PARSE(&options, "record", "-a", "--clock", "fast"), -EINVAL);
	assert_string_equal(error_text(0), "--clock must be generic or cycles, not 'fast'");
	error_clear();
}

static void refused_command_lines(void **state)
{
	struct record_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "record"), -EINVAL);
	assert_int_equal(PARSE(&options, "record", "-o", "d"), -EINVAL);
	assert_int_equal(PARSE(&options, "record", "-a", "-p", "1"), -EINVAL);
	assert_int_equal(PARSE(&options, "record", "-a", "--", "sh"), -EINVAL);
	assert_int_equal(PARSE(&options, "record", "-p", "0"), -EINVAL);
	error_clear();
}

static void lab_hosts(void **state)
{
	static const struct {
		const char *cmdline, *unit;
		bool emulated;
	} rows[] = {
		{ "console=ttyAMA0 root=/dev/vda", "ns", false },
		{ "quiet hyptrace.lab=emulated panic=-1", "ns", true },
		{ "hyptrace.lab=icount", "instructions", true },
		{ "hyptrace.lab=icount root=/dev/vda\n", "instructions", true },
		{ "hyptrace.lab=icounter", "ns", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trace_facts facts = { 0 };

		facts_from_cmdline(&facts, rows[i].cmdline);
		assert_string_equal(facts.unit, rows[i].unit);
		assert_int_equal(facts.emulated, rows[i].emulated);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(progress_line),
		cmocka_unit_test(summary_line),
		cmocka_unit_test(tear_line),
		cmocka_unit_test(default_ring),
		cmocka_unit_test(refused_rings),
		cmocka_unit_test(parsed_sizes),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(refused_command_lines),
		cmocka_unit_test(chosen_ways_to_stamp),
		cmocka_unit_test(lab_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
