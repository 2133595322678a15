/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Joins what the VMM recorded of itself with LTTng-UST (probes/ust/) to the
 * records of a trace: by the vCPU's thread and by the clock's own values, so that
 * an offset between the two traces' clocks to the time of day does no harm.
 */
#ifndef ANALYZER_VMM_JOIN_H
#define ANALYZER_VMM_JOIN_H

#include "analyzer/reader.h"

struct vmm_join;

/*
 * Opens the LTTng-UST trace in `directory`/ust. `facts` are those of the trace and
 * must outlive the join. Returns 0; or a negative errno and a sentence where there
 * is none, where it cannot be read, or where it is of another boot.
 */
int vmm_join_open(const char *directory, const struct reader_facts *facts,
		  struct vmm_join **ret_join);

/*
 * Fills in record->user, for records in order of their time. Returns 0, -ENOMEM,
 * or another negative errno and a sentence where the VMM's trace is damaged; then
 * nothing is known of this record and those that follow.
 */
int vmm_join_record(struct vmm_join *join, struct trace_record *record);

void vmm_join_close(struct vmm_join *join);

DEFINE_CLEANUP(struct vmm_join *, vmm_join_close)

#endif
