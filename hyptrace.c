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
	fprintf(stderr, "hyptrace: there is no command '%s'; 'hyptrace --help' lists them\n", word);
	return EXIT_USAGE;
}
