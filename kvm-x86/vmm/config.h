/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line of hyptrace-vmm asks for. */
#ifndef X86_VMM_CONFIG_H
#define X86_VMM_CONFIG_H

#include "kvm-x86/guest/plan.h"

struct config {
	int cpu;	   /* the vCPU's host CPU, -1 for any */
	const char *truth; /* a file, or NULL for standard error */
	const char *guest; /* the image */
	struct plan plan;
};

/* What config_parse() returns when --help was asked for and printed. */
#define CONFIG_HELP 1

/*
 * Reads argv. Returns 0, CONFIG_HELP, or -EINVAL with a sentence. The config
 * keeps pointers into argv.
 */
int config_parse(struct config *config, int argc, char **argv);

#endif
