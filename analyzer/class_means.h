/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Save and restore by register class, of the totals that the probes keep: what
 * single records took is not known, but their sum and their number are.
 */
#ifndef ANALYZER_CLASS_MEANS_H
#define ANALYZER_CLASS_MEANS_H

#include "analyzer/classes.h"
#include "probes/totals.h"

/*
 * Adds a vCPU's totals, of which the vector and ERET took `vector_eret` ticks in
 * all. A cell has the records whose pattern has one of its stages. Of a stage, what
 * it took on average where it was booked goes for all records that have it: the
 * column `exit` has that of the patterns of whole exits, which go from the kernel's
 * first stage to its last one.
 */
void class_means_add(struct classes *classes, const struct account_table *accounts,
		     const struct reader_facts *facts, const struct totals_vcpu *totals,
		     uint64_t vector_eret);

/* The sum of what the records took, less what their stamps took [ticks]. */
unsigned __int128 class_mean_net(const struct classes *classes, const struct class_mean *mean);

/*
 * Whether of more than one record in 20 it is not known if they touched the cell, or
 * for how long: a mean would not be worth its name.
 */
bool class_mean_is_unknown(const struct class_mean *mean);

#endif
