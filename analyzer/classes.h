/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Save and restore by register class. What one record spends in one cell of
 * the table, in however many places, is one length.
 */
#ifndef ANALYZER_CLASSES_H
#define ANALYZER_CLASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/account.h"
#include "analyzer/booking.h"
#include "base/histogram.h"

enum class_measure {
	CLASS_NET, /* less what the stamps took, to the nearest tick */
	CLASS_RAW,
	CLASS_CYCLES, /* of the CPU, as measured; only where all places have them */
	CLASS_MEASURES
};

/* What is known of totals. */
struct class_mean {
	uint64_t count;		 /* of records */
	unsigned __int128 ticks; /* that all of them took */
	uint64_t stamps;	 /* that are in there */
	uint64_t doubt;		 /* records of which it is not known if, or how long */
	uint64_t mark;		 /* what it was last counted for */
};

struct class_cell {
	struct histogram length[CLASS_MEASURES];
	struct class_mean mean;
};

/*
 * A register class, or an account that is no class. Its column `exit` is the
 * sum of all that is done at each exit, in those records that are whole: they
 * came out of the guest, went back into it, and lack no stamp.
 */
struct class_row {
	char key[ACCOUNT_KEY];
	struct class_cell cell[ACCOUNT_COLUMNS];
};

struct class_sum;

struct classes {
	uint32_t stamp_cost_64; /* what 64 stamps take, 0 where that is not known [ticks] */
	bool means;		/* of totals: cells have a mean, and no length */
	uint64_t mark;		/* scratch of the means */
	size_t count;
	struct class_row *row;	      /* classes, then other accounts, then all at `count`; owned */
	struct class_sum *sum;	      /* scratch of one record; owned */
	uint8_t row_of[ACCOUNTS_MAX]; /* of an account of save and restore, else ACCOUNT_NONE */
	uint8_t column_of[ACCOUNTS_MAX];
};

/* Returns 0 or -ENOMEM, with `classes` to be released either way. */
int classes_init(struct classes *classes, const struct account_table *accounts,
		 uint32_t stamp_cost_64);

/* Returns 0 or -ENOMEM. */
int classes_add(struct classes *classes, const struct trace_record *record,
		const struct booking *booking);

/* The row of the class, or NULL. */
const struct class_row *classes_find(const struct classes *classes, const char *key);

void classes_release(struct classes *classes);

#endif
