/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest can do N times, as rows of a table. */
#ifndef GUEST_OPERATION_H
#define GUEST_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "kvm-arm/guest/text.h"

struct samples;

/* A vCPU that runs operations, and what they leave for its report. */
struct runner {
	uint64_t index;	   /* of the vCPU */
	uint64_t wfi_us;   /* how long each wfi sleeps */
	bool fp;	   /* whether rounds use an FP register */
	bool samples;	   /* whether each round is measured by itself */
	struct wfi_state { /* of this step: see wfi.h */
		uint64_t again;
		uint64_t untrapped;
		uint64_t tally; /* the host's count before the step, plus 1; 0 for none */
	} wfi;
	uint64_t gic_writes; /* of this step, before its first stamp */
};

struct operation {
	const char *name;
	void (*run)(struct runner *runner, uint64_t count); /* timed as a whole */
	const char *help;
	bool sleeps; /* only with no interrupt pending */
	void (*run_fp)(struct runner *runner,
		       uint64_t count);		 /* an FP register in each round, or NULL */
	void (*sample)(struct samples *samples); /* fills all rows, or NULL: see samples.h */
	void (*prepare)(struct runner *runner);	 /* before the first stamp, or NULL */
	void (*finish)(struct runner *runner, uint64_t count); /* after the last, or NULL */
	void (*report)(const struct runner *runner, struct text *text); /* more pairs, or NULL */
};

extern const struct operation operations[]; /* ends with a row whose name is NULL */

#endif
