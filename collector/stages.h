/* SPDX-License-Identifier: GPL-2.0-only */
/* From the stamps of a ring record to the lengths of its stages. No system calls. */
#ifndef COLLECTOR_STAGES_H
#define COLLECTOR_STAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "collector/source.h"
#include "probes/exit_record.h"
#include "probes/stage_set.h"

/* What the numbers of the stages mean on one kernel. */
struct stage_plan {
	unsigned int stamps; /* stages 0 to stamps - 1 end with a stamp; those of pauses follow */
	unsigned int stages; /* with those of pauses, stamps + PAUSE_KINDS, or without */
	int handler;	     /* th_handler, which has `blocked` in it; or -1 */
	int not_entered;     /* the last stage of a record whose run the host gave up; or -1 */
	bool cycles;	     /* the records have cycles */
	unsigned int cycles_exit;  /* the last stage of the exit half that has cycles */
	unsigned int cycles_entry; /* those of the entry half count from this one's stamp */
};

/* The number of the stage of that name that ends with a stamp; EXIT_STAGES_MAX: none. */
unsigned int stages_find(const struct source_facts *facts, const char *name);

struct stage_plan stages_plan(const struct source_facts *facts);

/* The stamp that makes a record torn. */
struct stage_tear {
	uint64_t ticks;	       /* how much too early it is; 0: nothing is torn */
	unsigned int stage;    /* whose stamp it is */
	unsigned int earlier;  /* the stage whose stamp it should follow */
};

struct stages {
	struct stage_set touched; /* the stages that were stamped, or made of pauses */
	struct stage_set missing; /* the stages that should have been stamped and were not */
	struct stage_set cycled;  /* the stages whose length in cycles is known */
	struct stage_tear tear;   /* where the record is torn */
	uint64_t length[EXIT_STAGES_MAX]; /* by stage number, 0 where not touched [ticks] */
	uint32_t cycles[EXIT_STAGES_MAX]; /* by stage number, undefined where not `cycled` */
};

/*
 * The length of a stage is its stamp less the touched stamp before it, or less
 * the record's begin. A stamp older than the begin is not touched. Stamps
 * beyond plan->stamps are not looked at, nor those behind plan->not_entered in a record
 * that ends with it: where EL2 has finished an exit alone and an interrupt keeps it from
 * entering again, what it stamped on that way is no older than the begin.
 *
 * Returns 0, or -EBADMSG where a stamp is earlier than the touched one before
 * it: the record is torn, and ret_stages->tear alone is valid. No sentence.
 */
int stages_measure(const struct ring_record *record, const struct stage_plan *plan,
		   struct stages *ret_stages);

/*
 * Adds the lengths in cycles that the record's flags call valid. A stage longer
 * than 2^31 ticks or cycles has none: the counter's low half may have gone round.
 */
void stages_add_cycles(struct stages *stages, const struct ring_record *record,
		       const struct ring_extra *extra, const struct stage_plan *plan);

/* The stages that may have cycles; none where the records have none. */
struct stage_set stages_with_cycles(const struct stage_plan *plan);

/* The group of each stage, for the probes: enum account_group, the host's for other names. */
void stages_groups(const struct source_facts *facts, __u8 ret_group[EXIT_STAGES_MAX]);

#endif
