/* SPDX-License-Identifier: GPL-2.0-only */
/* From the stamps of a ring record to the lengths of its stages. No system calls. */
#ifndef COLLECTOR_STAGES_H
#define COLLECTOR_STAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/exit_record.h"

struct stages {
	uint64_t touched; /* bitmap of the stages that were stamped */
	uint64_t missing; /* bitmap of the stages that should have been stamped and were not */
	bool wide;	  /* at least one length needs more than 32 bits */
	uint64_t length[EXIT_STAGES_MAX]; /* by stage number, 0 where not touched [ticks] */
};

/*
 * The length of a stage is its stamp less the touched stamp before it, or less
 * the record's begin. Stamps beyond `stage_count` (1 to EXIT_STAGES_MAX) are not
 * looked at.
 *
 * Returns 0, or -EBADMSG where a stamp is earlier than the one before it: the
 * record is torn. No sentence.
 */
int stages_measure(const struct ring_record *record, unsigned int stage_count,
		   struct stages *ret_stages);

/* The bitmap with one bit for each of `stage_count` stages, 1 to EXIT_STAGES_MAX. */
uint64_t stages_all(unsigned int stage_count);

#endif
