/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/cmdline.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

enum { MOST_OPTIONS = 40, HELP_KEY = 'h', HELP_COLUMN = 26 };

static size_t option_count(const struct cmdline_command *command)
{
	size_t n = 0;

	while (command->options && command->options[n].name)
		n++;
	return n;
}

/* Fills getopt's two tables from ours; `shorts` starts with "+" for POSIX order, ":" for quiet. */
static void getopt_tables(const struct cmdline_command *command, struct option *longs, char *shorts)
{
	size_t n = option_count(command);

	shorts = stpcpy(shorts, command->mixed ? ":h" : "+:h");
	for (size_t i = 0; i < n; i++) {
		const struct cmdline_option *row = &command->options[i];

		longs[i] = (struct option){ row->name, row->argument ? 1 : 0, NULL, row->key };
		if (row->key < 256) {
			*shorts++ = (char)row->key;
			if (row->argument)
				*shorts++ = ':';
		}
	}
	*shorts = '\0';
	longs[n] = (struct option){ "help", 0, NULL, HELP_KEY };
	longs[n + 1] = (struct option){ 0 };
}

static int print_help(const struct cmdline_command *command)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	if (cmdline_help(command, &out) < 0)
		return -ENOMEM;
	fputs(buffer_text(&out), stdout);
	return CMDLINE_HELP;
}

static int refuse(const struct cmdline_command *command, int found, char **argv)
{
	const char *word = argv[optind - 1];

	if (found == ':')
		return error_set(-EINVAL, "%s: option '%s' needs an argument; see 'hyptrace %s --help'",
				 command->name, word, command->name);
	if (optopt && optopt < 256 && strncmp(word, "--", 2) != 0)
		return error_set(-EINVAL, "%s: there is no option '-%c'; see 'hyptrace %s --help'",
				 command->name, optopt, command->name);
	return error_set(-EINVAL, "%s: option '%s' is unknown or misused; see 'hyptrace %s --help'",
			 command->name, word, command->name);
}

int cmdline_parse(const struct cmdline_command *command, int argc, char **argv,
		  int (*handle)(void *context, int key, const char *argument), void *context,
		  int *ret_rest)
{
	struct option longs[MOST_OPTIONS + 2];
	char shorts[2 * MOST_OPTIONS + 8];
	int found, r;

	if (option_count(command) > MOST_OPTIONS)
		return -E2BIG;
	getopt_tables(command, longs, shorts);
	optind = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (found == '?' || found == ':')
			return refuse(command, found, argv);
		if (found == HELP_KEY)
			return print_help(command);
		r = handle(context, found, optarg);
		if (r < 0)
			return r;
	}
	*ret_rest = optind;
	return 0;
}

static int help_row(const struct cmdline_option *row, struct buffer *out)
{
	char left[80];
	int length = 0;

	if (row->key < 256)
		length = snprintf(left, sizeof(left), "  -%c, ", row->key);
	else
		length = snprintf(left, sizeof(left), "      ");
	snprintf(left + length, sizeof(left) - length, "--%s%s%s", row->name,
		 row->argument ? " " : "", row->argument ? row->argument : "");
	if (strlen(left) < HELP_COLUMN)
		return buffer_printf(out, "%-*s%s\n", HELP_COLUMN, left, row->help);
	return buffer_printf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", row->help);
}

int cmdline_help(const struct cmdline_command *command, struct buffer *out)
{
	static const struct cmdline_option help_option = { HELP_KEY, "help", NULL, "print this help" };
	size_t n = option_count(command);
	int r;

	r = buffer_printf(out, "usage: hyptrace %s%s%s\n%s\n\n", command->name,
			  command->usage[0] ? " " : "", command->usage, command->help);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = help_row(&command->options[i], out);
	return r < 0 ? r : help_row(&help_option, out);
}

int cmdline_number(const char *text, const char *what, long long min, long long max,
		   long long *ret_number)
{
	char *end = NULL;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 0);
	if (errno || end == text || *end || number < min || number > max)
		return error_set(-EINVAL, "%s must be a whole number from %lld to %lld, not '%s'", what,
				 min, max, text);
	*ret_number = number;
	return 0;
}
