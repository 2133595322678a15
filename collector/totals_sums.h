/* SPDX-License-Identifier: GPL-2.0-only */
/* What a vCPU's sums by pattern of stages are in time by stage. */
#ifndef COLLECTOR_TOTALS_SUMS_H
#define COLLECTOR_TOTALS_SUMS_H

#include <linux/types.h>

#include "probes/exit_record.h"
#include "probes/totals.h"

/*
 * Adds to `to`, which has the patterns of these sums, the time by stage [ticks]. Where
 * a record of a pattern lacked the stamp of a stage, nobody knows how long that stage
 * and the next one took in any record of the pattern: both are counted as skipped in
 * all of them, which are incomplete.
 */
void totals_add_sums(struct totals_vcpu *to, const struct totals_vcpu_sums *sums);

#endif
