/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits by reason. */
#ifndef ANALYZER_REASONS_H
#define ANALYZER_REASONS_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/reason_table.h"
#include "base/histogram.h"

struct reason_row {
	struct exit_reason reason;
	uint64_t count;
	unsigned __int128 ticks;
	struct histogram length; /* of each record; empty where only the sum is known [ticks] */
};

struct reasons {
	struct reason_table table; /* of struct reason_row */
};

/* Books one record. Returns 0 or -ENOMEM. */
int reasons_add(struct reasons *reasons, const struct exit_reason *reason, uint64_t ticks);

/* Books several at once of which only the sum is known. Returns 0 or -ENOMEM. */
int reasons_add_sum(struct reasons *reasons, const struct exit_reason *reason, uint64_t count,
		    uint64_t ticks);

/*
 * Books several at once, all but how they spread: that is to be added to the reason's histogram,
 * which it returns. NULL without memory.
 */
struct histogram *reasons_add_apart(struct reasons *reasons, const struct exit_reason *reason,
				    uint64_t count, uint64_t ticks);

/* The reason's own row, or NULL. */
const struct reason_row *reasons_find(const struct reasons *reasons,
				      const struct exit_reason *reason);

/*
 * The rows with most time first, names deciding between equals; the array is
 * the caller's, the rows are not. Returns NULL without memory.
 */
const struct reason_row **reasons_by_time(const struct reasons *reasons);

void reasons_release(struct reasons *reasons);

#endif
