/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes the time in which a vCPU's thread was preempted or interrupted out of
 * the stages into which it fell. No system calls.
 */
#ifndef COLLECTOR_PAUSES_H
#define COLLECTOR_PAUSES_H

#include "collector/stages.h"

/* The stage made of a kind of pause is stage plan->stamps + kind; this is its name. */
extern const char *const pause_stage_names[PAUSE_KINDS];

/* Pause `i` of a kind that came with a record, NULL beyond the last. */
const struct ring_pause *pauses_get(const struct ring_extra *extra, enum pause_kind kind,
				    unsigned int i);

/*
 * Takes out the pauses that came with the record, which the probes have placed:
 * a stage shrinks, the pause's own stage grows. The sum stays as it was.
 */
void pauses_take_out(const struct ring_extra *extra, const struct stage_plan *plan,
		     struct stages *stages);

#endif
