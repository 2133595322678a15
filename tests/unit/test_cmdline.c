/* SPDX-License-Identifier: GPL-2.0-only */
/* Options as rows: parsing, its refusals, the help that comes from them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cmdline.h"
#include "base/error.h"

enum { KEY_LONG = 256 };

static const struct cmdline_option options[] = {
	{ 'o', "output", "DIR", "where to" },
	{ 'a', "all", NULL, "everything" },
	{ KEY_LONG, "long-only", "N", "no letter" },
	{ 0 },
};

static const struct cmdline_command strict = { .name = "try", .usage = "", .options = options };
static const struct cmdline_command mixed = { .name = "try", .usage = "", .options = options, .mixed = true };

struct seen {
	int keys[8];
	const char *arguments[8];
	int count;
};

static int note(void *context, int key, const char *argument)
{
	struct seen *seen = context;

	seen->keys[seen->count] = key;
	seen->arguments[seen->count++] = argument;
	return 0;
}

/* Splits `line` at blanks and parses it. */
static int parse(const struct cmdline_command *command, char *line, struct seen *seen, int *ret_rest,
		 char **argv)
{
	int argc = 0;

	error_clear();
	*seen = (struct seen){ 0 };
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return cmdline_parse(command, argc, argv, note, seen, ret_rest);
}

static void stops_at_the_command(void **state)
{
	char line[] = "try -o here --long-only=7 qemu -a", *argv[9];
	struct seen seen;
	int rest = 0;

	assert_int_equal(parse(&strict, line, &seen, &rest, argv), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.keys[0], 'o');
	assert_string_equal(seen.arguments[0], "here");
	assert_int_equal(seen.keys[1], KEY_LONG);
	assert_string_equal(seen.arguments[1], "7");
	assert_string_equal(argv[rest], "qemu");
	assert_string_equal(argv[rest + 1], "-a");
}

static void mixed_takes_options_behind_words(void **state)
{
	char line[] = "try dir -a other --output x", *argv[9];
	struct seen seen;
	int rest = 0;

	assert_int_equal(parse(&mixed, line, &seen, &rest, argv), 0);
	assert_int_equal(seen.count, 2);
	assert_string_equal(argv[rest], "dir");
	assert_string_equal(argv[rest + 1], "other");
	assert_null(argv[rest + 2]);
}

static void refuses_in_one_sentence(void **state)
{
	static const struct {
		const char *line, *names;
	} rows[] = {
		{ "try --frobnicate", "--frobnicate" },
		{ "try -x", "-x" },
		{ "try --output", "--output" },
		{ "try --all=yes", "--all=yes" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[64], *argv[9];
		struct seen seen;
		int rest = -7;

		strcpy(line, rows[i].line);
		assert_int_equal(parse(&strict, line, &seen, &rest, argv), -EINVAL);
		assert_non_null(strstr(error_text(-EINVAL), rows[i].names));
		assert_int_equal(rest, -7);
	}
}

static void help_has_every_row(void **state)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	assert_int_equal(cmdline_help(&strict, &out), 0);
	assert_non_null(strstr(buffer_text(&out), "  -o, --output DIR        where to\n"));
	assert_non_null(strstr(buffer_text(&out), "      --long-only N       no letter\n"));
	assert_non_null(strstr(buffer_text(&out), "  -h, --help"));
}

static void numbers_have_bounds(void **state)
{
	long long number = 0;

	assert_int_equal(cmdline_number("0x10", "N", 1, 16, &number), 0);
	assert_int_equal(number, 16);
	for (const char *const *bad = (const char *const[]){ "17", "0", "", "1x", "x", NULL }; *bad; bad++) {
		error_clear();
		assert_int_equal(cmdline_number(*bad, "N", 1, 16, &number), -EINVAL);
		assert_int_equal(number, 16);
	}
}

static void the_first_sentence_stays(void **state)
{
	error_clear();
	assert_int_equal(error_set(-ENOENT, "first %d", 1), -ENOENT);
	assert_int_equal(error_set(-EIO, "second"), -EIO);
	assert_string_equal(error_text(-EIO), "first 1");
	error_clear();
	assert_string_equal(error_text(-ENOENT), "No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_at_the_command),
		cmocka_unit_test(mixed_takes_options_behind_words),
		cmocka_unit_test(refuses_in_one_sentence),
		cmocka_unit_test(help_has_every_row),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test(the_first_sentence_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
