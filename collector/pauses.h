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

/* What is kept of a vCPU from one record to the next. All zeros at first. */
struct pause_memory {
	uint64_t emit;	    /* of the record before [ticks] */
	uint64_t timestamp; /* [ns] */
	unsigned int count;
	/* Began after that record's end: of the next one. */
	struct ring_pause waiting[PAUSE_KINDS * PAUSES_MOST];
	enum pause_kind kind[PAUSE_KINDS * PAUSES_MOST];
};

/*
 * Places the pauses that came with the record, and those that waited, by their
 * begin: stages->length of the stage that had begun shrinks, the pause's own
 * stage grows. The sum stays as it was. `extra` is NULL for a small record.
 */
void pauses_place(struct pause_memory *memory, const struct ring_record *record,
		  const struct ring_extra *extra, const struct stage_plan *plan,
		  uint64_t counter_hz, struct stages *stages);

#endif
