/* SPDX-License-Identifier: GPL-2.0-only */
/* From the totals that the probes keep to the ledger that all views print. */
#ifndef ANALYZER_TOTALS_H
#define ANALYZER_TOTALS_H

#include <linux/types.h>

#include "analyzer/ledger.h"
#include "probes/totals.h"

/*
 * Books all of a vCPU's totals at once: sums and counts of accounts are exact,
 * how they spread is known of reasons only, within 6 %. Where exits before a
 * record were shorter than what vector and ERET take by the kernel's text, that
 * is not cut, as it is record by record. Register classes are booked where the
 * ledger has means of them: in a trace they are of its records. Returns 0, or a negative errno as
 * ledger_add().
 */
int ledger_add_totals(struct ledger *ledger, uint32_t slot, const struct totals_vcpu *totals);

/* `now` less what was booked when `before` was read: the same vCPU's totals of an interval. */
void totals_since(struct totals_vcpu *now, const struct totals_vcpu *before);

#endif
