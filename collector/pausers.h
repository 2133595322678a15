/* SPDX-License-Identifier: GPL-2.0-only */
/* Who or what made pauses: tasks that preempted, interrupts; their numbers in a trace. */
#ifndef COLLECTOR_PAUSERS_H
#define COLLECTOR_PAUSERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/pauser.h"

/* Those beyond the first so many are to be taken for "several". */
enum { PAUSERS_APART = 1000 };

struct pauser_entry;

/* Those met so far; all zero is empty. */
struct pausers {
	struct pauser_entry *entry; /* owned */
	uint32_t count;
};

/*
 * The number of what a ring_pause or a totals_pauser has as `by` and `cause`:
 * 0, 1, 2... in the order in which they are first asked for. *ret_new tells
 * whether this is the first time. Returns 0 or -ENOMEM.
 */
int pausers_number(struct pausers *pausers, uint32_t by, const __u64 cause[2], uint32_t *ret_who,
		   bool *ret_new);

bool pausers_known(const struct pausers *pausers, uint32_t by, const __u64 cause[2]);

/* Whether this one is new, and too many are known already. */
bool pausers_are_full(const struct pausers *pausers, uint32_t by, const __u64 cause[2]);

void pausers_release(struct pausers *pausers);

#endif
