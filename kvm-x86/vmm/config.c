/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-x86/vmm/config.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cmdline.h"
#include "base/error.h"

enum { HELP_COLUMN = 18, HLT_US = 1000, NS_PER_US = 1000, MOST_HLT_US = 4000000 };

enum { KEY_CPU = 256, KEY_TRUTH, KEY_HELP };

static const struct option options[] = {
	{ "cpu", required_argument, NULL, KEY_CPU },
	{ "truth", required_argument, NULL, KEY_TRUTH },
	{ "help", no_argument, NULL, KEY_HELP },
	{ 0 },
};

static const struct word {
	const char *name, *help;
	size_t offset; /* of a uint64_t in struct plan */
	uint64_t most;
	uint64_t scale;
} words[] = {
#define OPERATION(name, help)                                                                      \
	{ #name, help, offsetof(struct plan, count[OPERATION_##name]), UINT32_MAX, 1 },
#include "kvm-x86/guest/operations.def"
#undef OPERATION
	{ "hlt_us", "microseconds that each HLT sleeps; 1000 when not given",
	  offsetof(struct plan, hlt_ns), MOST_HLT_US, NS_PER_US },
};

static void print_help(void)
{
	puts("usage: hyptrace-vmm [--cpu N] [--truth FILE] GUEST NAME=N...\n"
	     "run the counted guest in a virtual machine on an x86 KVM host and tell what "
	     "happened\n"
	     "\n"
	     "  --cpu N         the host CPU to run on, any when not given\n"
	     "  --truth FILE    write what happened to FILE, not to standard error\n"
	     "  --help          print this help\n"
	     "\n"
	     "what the guest does N times, in this order:");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		printf("  %-*s%s\n", HELP_COLUMN - 2, words[i].name, words[i].help);
}

static int take_word(struct plan *plan, const char *text)
{
	const char *number = strchr(text, '=');
	long long value;
	int r;

	for (size_t i = 0; number && i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i].name) != (size_t)(number - text) ||
		    strncmp(words[i].name, text, number - text) != 0)
			continue;
		r = cmdline_number(number + 1, words[i].name, 0, words[i].most, &value);
		if (r >= 0)
			*(uint64_t *)((char *)plan + words[i].offset) = value * words[i].scale;
		return r;
	}
	return error_set(-EINVAL, "cannot use the word '%s'; see hyptrace-vmm --help", text);
}

static int take_option(struct config *config, int key, const char *word)
{
	long long number;
	int r;

	switch (key) {
	case KEY_CPU:
		r = cmdline_number(optarg, "--cpu", 0, CPU_SETSIZE - 1, &number);
		if (r >= 0)
			config->cpu = (int)number;
		return r;
	case KEY_TRUTH:
		config->truth = optarg;
		return 0;
	case KEY_HELP:
		print_help();
		return CONFIG_HELP;
	default:
		return error_set(-EINVAL,
				 "option '%s' is unknown or misused; see hyptrace-vmm --help",
				 word);
	}
}

int config_parse(struct config *config, int argc, char **argv)
{
	int key, r = 0;

	*config = (struct config){ .cpu = -1, .plan.hlt_ns = (uint64_t)HLT_US * NS_PER_US };
	opterr = 0;
	while (r == 0 && (key = getopt_long(argc, argv, "+", options, NULL)) != -1)
		r = take_option(config, key, argv[optind - 1]);
	if (r)
		return r;
	if (optind == argc)
		return error_set(-EINVAL, "no GUEST was named; see hyptrace-vmm --help");
	config->guest = argv[optind++];
	while (r >= 0 && optind < argc)
		r = take_word(&config->plan, argv[optind++]);
	return r;
}
