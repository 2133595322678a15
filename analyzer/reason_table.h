/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows by reason. The table is bounded, whatever a guest does. */
#ifndef ANALYZER_REASON_TABLE_H
#define ANALYZER_REASON_TABLE_H

#include <stddef.h>

#include "kvm-arm/decode/reason.h"

/* Rows up to here are apart; later ones share one row for each class. */
enum { REASONS_APART = 1000 };

struct reason_table {
	void **row; /* each begins with its struct exit_reason; sorted by it; owned */
	size_t count;
};

/* The reason's own row, or NULL. */
void *reason_table_find(const struct reason_table *table, const struct exit_reason *reason);

/*
 * The row of the reason, or the one that it shares: where it is new, `size` bytes from
 * calloc() that have their reason. Returns NULL without memory.
 */
void *reason_table_get(struct reason_table *table, const struct exit_reason *reason, size_t size);

/* Frees the table and its rows; what they own is the caller's to free before. */
void reason_table_release(struct reason_table *table);

#endif
