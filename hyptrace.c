/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hyptrace: where did the time go between two guest instructions?
 *
 * Start reading here: each command is a row of the table below.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/report.h"
#include "base/buffer.h"
#include "base/cmdline.h"
#include "base/error.h"
#include "collector/check.h"
#include "collector/marks.h"
#include "collector/record.h"
#include "kvm-arm/lab/lab.h"
#include "live/stat.h"
#include "tui/tui.h"

static const struct cmdline_command *const commands[] = {
	&record_command,
	&mark_command,
	&stat_command,
	&report_command,
	&check_command,
	&live_command,
	&tui_command,
	&lab_command,
};

enum { EXIT_USAGE = 2 };

static const struct cmdline_command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

enum { MOST_LETTERS = 16, FEW_WRONG = 2 };

/*
 * How many letters to add, to leave out, to change or to swap with the next one make
 * one word of the other (Damerau and Levenshtein's distance, restricted).
 */
static unsigned int letters_wrong(const char *a, const char *b)
{
	unsigned int wrong[MOST_LETTERS + 1][MOST_LETTERS + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > MOST_LETTERS || n > MOST_LETTERS)
		return MOST_LETTERS;
	for (size_t i = 0; i <= m; i++) {
		for (size_t j = 0; j <= n; j++) {
			unsigned int least = (unsigned int)(i + j), with;

			if (i && j) {
				least = wrong[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
				with = wrong[i - 1][j] < wrong[i][j - 1] ? wrong[i - 1][j]
									 : wrong[i][j - 1];
				if (with + 1 < least)
					least = with + 1;
			}
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    wrong[i - 2][j - 2] + 1 < least)
				least = wrong[i - 2][j - 2] + 1;
			wrong[i][j] = least;
		}
	}
	return wrong[m][n];
}

/* The command that was meant, NULL where none is like it. */
static const char *command_meant(const char *word)
{
	unsigned int least = FEW_WRONG + 1, wrong;
	const char *meant = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		wrong = letters_wrong(word, commands[i]->name);
		if (wrong < least && wrong < strlen(commands[i]->name) - 1) {
			least = wrong;
			meant = commands[i]->name;
		}
	}
	return meant;
}

static void print_commands(FILE *to)
{
	fputs("usage: hyptrace COMMAND [OPTION...]\n"
	      "Where did the time go between two guest instructions?\n\n",
	      to);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-10s%s\n", commands[i]->name, commands[i]->help);
	fputs("\n'hyptrace COMMAND --help' lists a command's options; "
	      "'hyptrace --version' the version.\n",
	      to);
}

/* For the shell's completion: the commands, or one command's long options. */
static int print_words(const char *name)
{
	const struct cmdline_command *command = name ? command_find(name) : NULL;

	for (size_t i = 0; !name && i < ARRAY_SIZE(commands); i++)
		puts(commands[i]->name);
	for (const struct cmdline_option *row = command ? command->options : NULL; row && row->name;
	     row++)
		printf("--%s\n", row->name);
	return 0;
}

static int run(const struct cmdline_command *command, int argc, char **argv)
{
	int r = command->run(argc, argv);

	if (r >= 0)
		return r;
	fprintf(stderr, "hyptrace: %s\n", error_text(r));
	return r == -EINVAL ? EXIT_USAGE : 1;
}

static int refuse(const char *word)
{
	const char *meant = command_meant(word);

	if (meant)
		fprintf(stderr, "hyptrace: there is no command '%s'; did you mean '%s'?\n", word,
			meant);
	else
		fprintf(stderr, "hyptrace: there is no command '%s'; 'hyptrace --help' lists them\n",
			word);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct cmdline_command *command;
	const char *word = argc > 1 ? argv[1] : "";

	if (strcmp(word, "--version") == 0)
		return printf("hyptrace %s\n", HYPTRACE_VERSION) < 0;
	if (strcmp(word, "--words") == 0)
		return print_words(argv[2]);
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_commands(stdout);
		return 0;
	}
	if (!*word) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	command = command_find(word);
	if (command)
		return run(command, argc - 1, argv + 1);
	return refuse(word);
}
