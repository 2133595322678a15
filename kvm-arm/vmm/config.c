/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/config.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cmdline.h"
#include "base/error.h"
#include "kvm-arm/vmm/kvm.h"

enum { HELP_COLUMN = 27, MOST_MIGRATE_MS = 3600 * 1000, MOST_SPIN_US = 1000 * 1000 };

static int set_vcpus(struct config *config, const char *text)
{
	long long number;
	int r = cmdline_number(text, "--vcpus", 1, PLATFORM_MOST_VCPUS, &number);

	if (r < 0)
		return r;
	config->nvcpus = (unsigned int)number;
	return 0;
}

static int set_cpu(struct config *config, const char *text)
{
	_cleanup_free_ char *list = strdup(text);
	char *rest = list, *item;
	long long number;
	int r;

	if (!list)
		return -ENOMEM;
	config->ncpus = 0;
	while ((item = strsep(&rest, ","))) {
		if (config->ncpus == PLATFORM_MOST_VCPUS)
			return error_set(-EINVAL, "--cpu names more than %d CPUs",
					 PLATFORM_MOST_VCPUS);
		r = cmdline_number(item, "each CPU of --cpu", 0, CPU_SETSIZE - 1, &number);
		if (r < 0)
			return r;
		config->cpus[config->ncpus++] = (int)number;
	}
	return 0;
}

static int set_migrate(struct config *config, const char *text)
{
	long long number;
	int r = cmdline_number(text, "--migrate", 1, MOST_MIGRATE_MS, &number);

	if (r < 0)
		return r;
	config->migrate_ms = (unsigned int)number;
	return 0;
}

static int set_spin(struct config *config, const char *text)
{
	long long number;
	int r = cmdline_number(text, "--spin", 0, MOST_SPIN_US, &number);

	if (r < 0)
		return r;
	config->spin_us = (unsigned int)number;
	return 0;
}

static int set_counter_offset(struct config *config, const char *text)
{
	long long number;
	int r = cmdline_number(text, "--counter-offset", 0, LLONG_MAX, &number);

	if (r < 0)
		return r;
	config->counter_offset_given = true;
	config->counter_offset = (uint64_t)number;
	return 0;
}

static int set_with(struct config *config, const char *text)
{
	return stimuli_parse(text, &config->with);
}

static int set_samples(struct config *config, const char *text)
{
	config->samples = text;
	return 0;
}

static int set_truth(struct config *config, const char *text)
{
	config->truth = text;
	return 0;
}

static int set_name(struct config *config, const char *text)
{
	config->name = text;
	return 0;
}

static const struct option_row {
	const char *name;
	const char *argument;
	const char *help;
	int (*set)(struct config *config, const char *text); /* NULL: --help */
} option_rows[] = {
	{ "vcpus", "N", "how many vCPUs run the guest, 1 when not given", set_vcpus },
	{ "cpu", "LIST", "host CPU of each vCPU, as 0,1; vCPU i on CPU i when not given", set_cpu },
	{ "migrate", "MS", "move every vCPU to the next host CPU every MS milliseconds",
	  set_migrate },
	{ "spin", "US", "work US microseconds on each access to a device, under one lock",
	  set_spin },
	{ "counter-offset", "TICKS", "set the guest's counters back by TICKS", set_counter_offset },
	{ "with", "NAME[,NAME...]", "give the world switch more to do, by the names below",
	  set_with },
	{ "samples", "FILE", "write the guest's counter before and after each operation to FILE",
	  set_samples },
	{ "name", "NAME", "what the virtual machine is called", set_name },
	{ "truth", "FILE", "write what happened to FILE, not to standard error", set_truth },
	{ "help", NULL, "print this help", NULL },
};

static void print_help(void)
{
	char left[64];

	puts("usage: hyptrace-vmm [options] GUEST COMMANDLINE-WORDS...\n"
	     "run the benchmark guest in a KVM/ARM virtual machine and tell what happened;\n"
	     "without words the guest lists those that it knows\n");
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *row = &option_rows[i];

		snprintf(left, sizeof(left), "  --%s %s", row->name,
			 row->argument ? row->argument : "");
		printf("%-*s%s\n", HELP_COLUMN, left, row->help);
	}
	puts("\nwhat --with knows:");
	stimuli_print_help(HELP_COLUMN);
}

/* The row for "--name" or "--name=value"; NULL for none. */
static const struct option_row *option_find(const char *word)
{
	size_t length = strcspn(word + 2, "=");

	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
		if (strlen(option_rows[i].name) == length &&
		    !strncmp(option_rows[i].name, word + 2, length))
			return &option_rows[i];
	return NULL;
}

/* Handles the option at argv[*at] and steps over it and its argument. */
static int option_apply(struct config *config, char **argv, int *at)
{
	const char *word = argv[(*at)++];
	const struct option_row *row = strncmp(word, "--", 2) ? NULL : option_find(word);
	const char *text;

	if (!row)
		return error_set(-EINVAL, "there is no option '%s'; see hyptrace-vmm --help", word);
	if (!row->set) {
		print_help();
		return CONFIG_HELP;
	}
	text = strchr(word, '=');
	text = text ? text + 1 : argv[*at] ? argv[(*at)++] : NULL;
	if (!text)
		return error_set(-EINVAL, "--%s needs %s; see hyptrace-vmm --help", row->name,
				 row->argument);
	return row->set(config, text);
}

static int add_words(struct config *config, char **words)
{
	int r = 0;

	for (size_t i = 0; words[i] && r >= 0; i++)
		r = buffer_printf(&config->words, "%s%s", i ? " " : "", words[i]);
	if (r >= 0)
		r = stimuli_add_words(config->with, &config->words);
	if (r >= 0 && config->samples)
		r = buffer_printf(&config->words, " samples=1");
	if (r >= 0 && config->words.length >= PLATFORM_MOST_WORDS)
		return error_set(-E2BIG, "the guest's command line is longer than %d bytes",
				 PLATFORM_MOST_WORDS - 1);
	return r;
}

/* The 32-bit program counts rounds in a register and reads no words. */
static int set_rounds_32bit(struct config *config)
{
	static const char name[] = "hypercall=";
	const char *words = buffer_text(&config->words);
	long long number;
	int r;

	if (!(stimuli_features(config->with) & 1u << KVM_ARM_VCPU_EL1_32BIT))
		return 0;
	if (strncmp(words, name, strlen(name)) || strchr(words, ' '))
		return error_set(-EINVAL,
				 "a guest with a 32-bit EL1 takes one word, hypercall=N, and "
				 "nothing that adds words");
	r = cmdline_number(words + strlen(name), "hypercall", 0, UINT32_MAX, &number);
	if (r < 0)
		return r;
	config->rounds_32bit = (uint64_t)number;
	return 0;
}

static int config_check(const struct config *config)
{
	if (!config->guest)
		return error_set(-EINVAL, "no GUEST was named; see hyptrace-vmm --help");
	if (config->ncpus && config->ncpus != config->nvcpus)
		return error_set(-EINVAL, "--cpu names %u CPUs for %u vCPUs: name one for each",
				 config->ncpus, config->nvcpus);
	return 0;
}

int config_parse(struct config *config, int argc, char **argv)
{
	int at = 1, r;

	*config = (struct config){ .nvcpus = 1 };
	while (at < argc && argv[at][0] == '-') {
		if (!strcmp(argv[at], "--")) {
			at++;
			break;
		}
		r = option_apply(config, argv, &at);
		if (r)
			return r;
	}
	if (at < argc)
		config->guest = argv[at++];
	r = add_words(config, argv + at);
	if (r >= 0)
		r = set_rounds_32bit(config);
	return r < 0 ? r : config_check(config);
}

void config_release(struct config *config)
{
	buffer_release(&config->words);
}
