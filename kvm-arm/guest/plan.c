/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct word {
	const char *name;
	size_t name_length;
	const char *number;
	size_t number_length;
};

static size_t length_until(const char *string, char stop)
{
	size_t length = 0;

	while (string[length] && string[length] != ' ' && string[length] != stop)
		length++;
	return length;
}

/* Splits the NAME=NUMBER at `string`; a word without '=' has no number. */
static struct word word_split(const char *string)
{
	struct word word = { .name = string, .name_length = length_until(string, '=') };

	if (string[word.name_length] != '=')
		return word;
	word.number = string + word.name_length + 1;
	word.number_length = length_until(word.number, ' ');
	return word;
}

static const struct setting {
	const char *name;
	size_t offset; /* of a uint64_t in struct plan */
	uint64_t least, most;
	const char *help;
} settings[] = {
	{ "wfi_us", offsetof(struct plan, wfi_us), PLAN_LEAST_WFI_US, UINT32_MAX,
	  "microseconds that each wfi sleeps, 10 or more; 500 when not given" },
	{ "samples", offsetof(struct plan, samples), 0, 1,
	  "with 1, hand the counter before and after each operation to hyptrace-vmm" },
	{ "debug", offsetof(struct plan, debug), 0, 1,
	  "with 1, enable a breakpoint that is never hit (MDSCR_EL1.MDE)" },
	{ "sgi", offsetof(struct plan, sgi), 0, PLAN_MOST_SGIS,
	  "leave N software generated interrupts pending, 16 at most; without wfi" },
	{ "fp", offsetof(struct plan, fp), 0, 1, "with 1, use an FP register in each round" },
	{ "ptrauth", offsetof(struct plan, ptrauth), 0, 1,
	  "with 1, enable and use pointer authentication" },
	{ "pmu", offsetof(struct plan, pmu), 0, 1, "with 1, count cycles with the guest's PMU" },
	{ 0 },
};

static uint64_t *setting_of(struct plan *plan, const struct setting *row)
{
	return (uint64_t *)((char *)plan + row->offset);
}

static bool apply_setting(struct plan *plan, const struct word *word, uint64_t number)
{
	for (const struct setting *row = settings; row->name; row++) {
		if (!text_equal(word->name, word->name_length, row->name))
			continue;
		if (number < row->least || number > row->most)
			return false;
		*setting_of(plan, row) = number;
		return true;
	}
	return false;
}

static bool add_step(struct plan *plan, const struct operation *operation, uint64_t count)
{
	if (plan->nsteps == PLAN_MOST_STEPS)
		return false;
	plan->steps[plan->nsteps].operation = operation;
	plan->steps[plan->nsteps].count = count;
	plan->nsteps++;
	return true;
}

static bool apply(struct plan *plan, const struct word *word)
{
	uint64_t number;

	if (!word->number || !text_number(word->number, word->number_length, &number))
		return false;
	for (const struct operation *row = operations; row->name; row++)
		if (text_equal(word->name, word->name_length, row->name))
			return add_step(plan, row, number);
	return apply_setting(plan, word, number);
}

static void complain(struct text *complaint, const char *word)
{
	text_add(complaint, "error: cannot use the word '");
	text_add_bytes(complaint, word, length_until(word, ' '));
	text_add(complaint, "'; each word is NAME=NUMBER, at most 24 operations:\n");
}

/* A pending interrupt would end every sleep before it begins. */
static bool never_sleeps(const struct plan *plan)
{
	for (unsigned int i = 0; plan->sgi && i < plan->nsteps; i++)
		if (plan->steps[i].operation->sleeps)
			return true;
	return false;
}

int plan_parse(struct plan *plan, const char *words, struct text *complaint)
{
	plan->nsteps = 0;
	for (const struct setting *row = settings; row->name; row++)
		*setting_of(plan, row) = 0;
	plan->wfi_us = PLAN_WFI_US;
	while (*words) {
		struct word word = word_split(words);

		if (*words != ' ' && !apply(plan, &word)) {
			complain(complaint, words);
			return -1;
		}
		words += length_until(words, ' ');
		words += *words == ' ';
	}
	if (never_sleeps(plan)) {
		text_add(complaint,
			 "error: an operation that sleeps needs sgi=0; those without:\n");
		return -1;
	}
	return 0;
}

static void help_row(struct text *text, const char *name, const char *help)
{
	text_add(text, "  ");
	text_add(text, name);
	text_add(text, "=N: ");
	text_add(text, help);
	text_add(text, "\n");
}

void plan_help(struct text *text)
{
	for (const struct operation *row = operations; row->name; row++)
		help_row(text, row->name, row->help);
	for (const struct setting *row = settings; row->name; row++)
		help_row(text, row->name, row->help);
}
