/* SPDX-License-Identifier: GPL-2.0-only */
/* The totals that a trace holds, put together again. */
#ifndef ANALYZER_STORED_TOTALS_H
#define ANALYZER_STORED_TOTALS_H

#include <stddef.h>

#include "analyzer/reader.h"

/* All zero is empty. */
struct stored_totals {
	struct totals_vcpu **vcpu; /* by slot, NULL where there are none; owned */
	size_t slots;
};

/* Takes an item of a kind TRACE_TOTAL_... Returns 0; -ENOMEM; -EPROTO and a sentence. */
int stored_totals_add(struct stored_totals *totals, const struct trace_item *item);

void stored_totals_release(struct stored_totals *totals);

#endif
