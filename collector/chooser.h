/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command line says about which records are wanted, as rules for the probes. */
#ifndef COLLECTOR_CHOOSER_H
#define COLLECTOR_CHOOSER_H

#include <stdint.h>
#include <linux/types.h>

#include "base/buffer.h"
#include "probes/exit_record.h"
#include "probes/choose.h"

/* All zero: every record. Release with chooser_release(). */
struct chooser {
	struct choose_rules rules;
	uint64_t slower_ns;
	const char *name[CHOOSE_REASONS]; /* of reasons; borrowed */
	unsigned int names;
	/* What the names come to; with the classes among the rules, chooser_use_tier() says. */
	struct choose_reason reason[CHOOSE_REASONS];
	unsigned int reasons;
	struct buffer text; /* the options, as they were given; empty without */
};

/*
 * Each reads one option's argument and adds to the rules. They return 0; or
 * -EINVAL, -ENOMEM or -E2BIG and a sentence.
 */
int chooser_slower_than(struct chooser *chooser, const char *argument);
int chooser_add_vcpus(struct chooser *chooser, const char *argument);
int chooser_sample(struct chooser *chooser, const char *argument);

/*
 * A class ("mmio"), or a name as the report prints it ("HVC 0x84000000 PSCI_VERSION"). It
 * must outlive the chooser; whether there is such a reason, the tier decides.
 */
int chooser_add_reason(struct chooser *chooser, const char *argument);

/*
 * Makes rules of the names, as the exits of this tier and mode of KVM have them. Returns 0;
 * or -EINVAL, -ENOMEM, -E2BIG or -EOPNOTSUPP and a sentence.
 */
int chooser_use_tier(struct chooser *chooser, const char *tier, const char *mode);

/* Of 2^32 this many, so that one of `one_of` is chosen by chance. */
uint32_t chooser_below(uint32_t one_of);

void chooser_release(struct chooser *chooser);

#endif
