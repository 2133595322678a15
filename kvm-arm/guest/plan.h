/* SPDX-License-Identifier: GPL-2.0-only */
/* What to run: the command line, read once. */
#ifndef GUEST_PLAN_H
#define GUEST_PLAN_H

#include <stdint.h>

#include "kvm-arm/guest/operation.h"
#include "kvm-arm/guest/text.h"

enum { PLAN_MOST_STEPS = 24, PLAN_WFI_US = 500, PLAN_LEAST_WFI_US = 10, PLAN_MOST_SGIS = 16 };

struct step {
	const struct operation *operation;
	uint64_t count;
};

struct plan {
	struct step steps[PLAN_MOST_STEPS]; /* in the order of the command line */
	unsigned int nsteps;
	uint64_t wfi_us;
	uint64_t samples; /* whether each operation that can be sampled is */
	/* State set before the first operation: see stimulus.h */
	uint64_t debug;
	uint64_t sgi;
	uint64_t fp;
	uint64_t ptrauth;
	uint64_t pmu;
};

/*
 * Reads words such as "hypercall=100 wfi_us=800". Returns 0, or -1 with one
 * line about the first word that is not understood, or about words that do not
 * go together, added to `complaint`.
 */
int plan_parse(struct plan *plan, const char *words, struct text *complaint);

/* Appends a line about each word that a command line may have. */
void plan_help(struct text *text);

#endif
