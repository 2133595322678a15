/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The totals that a trace holds, put together again. A vCPU's are stored again and again;
 * each time they are all that there is, and count once the trace says that they are whole.
 */
#ifndef ANALYZER_STORED_TOTALS_H
#define ANALYZER_STORED_TOTALS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/reader.h"

struct stored_vcpu {
	bool known; /* `totals` is; its pausers are not used */
	struct totals_vcpu totals;
	unsigned int pausers;
	struct total_pauser pauser[TOTALS_PAUSERS + PAUSE_KINDS];
};

struct stored_slot {
	struct stored_vcpu *last; /* that count, NULL where there are none yet; owned */
	struct stored_vcpu *next; /* that come in; likewise */
};

/* All zero is empty. */
struct stored_totals {
	struct stored_slot *slot; /* owned */
	size_t slots;
};

/* Takes an item of a kind TRACE_TOTAL_... Returns 0; -ENOMEM; -EPROTO and a sentence. */
int stored_totals_add(struct stored_totals *totals, const struct trace_item *item);

/* What has come in is whole: it counts, in place of what there was of the same vCPUs. */
void stored_totals_commit(struct stored_totals *totals);

void stored_totals_release(struct stored_totals *totals);

#endif
