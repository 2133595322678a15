/* SPDX-License-Identifier: GPL-2.0-only */
/* From ticks to what a report counts in. The one place where ticks become ns. */
#ifndef ANALYZER_UNITS_H
#define ANALYZER_UNITS_H

#include <stdint.h>

#include "base/number.h"

enum units_kind { UNITS_NS, UNITS_INSTRUCTIONS, UNITS_TICKS, UNITS_PERCENT };

struct units {
	enum units_kind kind;
	uint64_t hz; /* ticks per second, not 0 */
	/* UNITS_PERCENT: what sums and single lengths are a part of [ns, or instructions] */
	int64_t wall, mean;
};

/*
 * Whole ns (under icount: instructions, of which a second has 10^9 too), or
 * the ticks themselves. Cut off, not rounded; beyond 64 bits, the largest.
 */
int64_t units_whole(const struct units *units, unsigned __int128 ticks);

/* ns of another clock in these units; to the nearest, where they are ticks. */
int64_t units_from_ns(const struct units *units, uint64_t ns);

/*
 * sum / count with its unit, about `digits` (3 or 4) significant digits: "1.234
 * us"; instructions and ticks are counts, "1,558.0". "-" for a count of 0.
 */
char *units_print(const struct units *units, int64_t sum, uint64_t count, unsigned int digits,
		  char text[NUMBER_TEXT]);

/* From ns or instructions to per cent: sums of the wall, lengths of the mean exit. */
void units_in_percent(struct units *units, int64_t wall, uint64_t exits);

/* The same for a sum over many records: in per cent, of the wall. */
char *units_print_sum(const struct units *units, int64_t sum, char text[NUMBER_TEXT]);

/* "time", "instructions", "ticks", "%". Static. */
const char *units_title(const struct units *units);

#endif
