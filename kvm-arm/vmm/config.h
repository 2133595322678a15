/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line of hyptrace-vmm asks for. */
#ifndef VMM_CONFIG_H
#define VMM_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "kvm-arm/guest/platform.h"
#include "kvm-arm/vmm/stimulus.h"

struct config {
	unsigned int nvcpus;
	unsigned int ncpus;	       /* how many of cpus[] were given, 0 for the default */
	int cpus[PLATFORM_MOST_VCPUS]; /* the host CPU of each vCPU */
	unsigned int spin_us;	       /* of each access to a device, under one lock */
	unsigned int migrate_ms;       /* 0: the vCPUs stay where they are */
	bool counter_offset_given;
	uint64_t counter_offset;
	stimuli with;	       /* see stimulus.h */
	uint64_t rounds_32bit; /* of the 32-bit program, which has no command line */
	const char *truth;     /* a file, or NULL for standard error */
	const char *samples;   /* a file, or NULL for none */
	const char *name;      /* for tools that look at the command line, as for QEMU's -name */
	const char *guest;     /* the image */
	struct buffer words;   /* the guest's command line */
};

/* What config_parse() returns when --help was asked for and printed. */
#define CONFIG_HELP 1

/*
 * Reads argv. Returns 0, CONFIG_HELP, or -EINVAL with a sentence. The config
 * keeps pointers into argv.
 */
int config_parse(struct config *config, int argc, char **argv);

void config_release(struct config *config);

#endif
