/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command and its options are rows of tables; parsing, --help, the usage
 * line and the shell completion all read the same rows.
 */
#ifndef BASE_CMDLINE_H
#define BASE_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

struct cmdline_option {
	int key;	      /* a letter for the short form, or a number from 256 up */
	const char *name;     /* long form without the dashes */
	const char *argument; /* its argument's name in capitals, NULL for a switch */
	const char *help;     /* one line */
};

struct cmdline_command {
	const char *name;
	const char *usage; /* what follows the name in the man page's SYNOPSIS, or "" */
	const char *help;  /* one line for the list of commands */
	const struct cmdline_option *options; /* ends with a row whose name is NULL; may be NULL */
	bool mixed; /* options may stand behind other words: no COMMAND with options of its own */
	/* Returns the exit status, or a negative errno whose sentence main() prints. */
	int (*run)(int argc, char **argv);
};

/* What cmdline_parse() returns when --help was asked for and printed. */
#define CMDLINE_HELP 1

/*
 * Walks argv[1..] over the command's options; each option found is given to
 * `handle` with its key and argument (NULL for a switch), which returns 0 or a
 * negative errno. Stops at "--" or at the first word that is no option; where
 * the command takes them mixed, argv is put in order, options first.
 *
 * Returns 0 and the index of the first word left over in *ret_rest;
 * CMDLINE_HELP after printing --help on standard output; -EINVAL with a
 * sentence for an unknown option or a missing argument.
 */
int cmdline_parse(const struct cmdline_command *command, int argc, char **argv,
		  int (*handle)(void *context, int key, const char *argument), void *context,
		  int *ret_rest);

/* Appends the command's --help. Returns 0 or -ENOMEM. */
int cmdline_help(const struct cmdline_command *command, struct buffer *out);

/*
 * A whole number between min and max. Returns 0, or -EINVAL with a sentence
 * that names `what`.
 */
int cmdline_number(const char *text, const char *what, long long min, long long max,
		   long long *ret_number);

#endif
