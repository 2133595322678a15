/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A histogram of unsigned 64-bit values: 2,048 sub-buckets to each power of
 * two. Values below 4,096 are exact, larger ones are kept within 0.05 %.
 * Memory follows the spread of the values, never their number.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
	HISTOGRAM_SUB_BITS = 11,
	HISTOGRAM_SUB_BUCKETS = 1 << HISTOGRAM_SUB_BITS,
	/* One octave for 0..2047, then one for each power of two from 2^11 to 2^63. */
	HISTOGRAM_OCTAVES = 1 + 64 - HISTOGRAM_SUB_BITS,
};

struct histogram_octave;

/* All zero is an empty histogram. */
struct histogram {
	uint64_t count;
	uint64_t min; /* undefined while count is 0, like max */
	uint64_t max;
	unsigned __int128 sum; /* exact */
	bool partial;	       /* of some values only count and sum are known */
	struct histogram_octave **octave; /* HISTOGRAM_OCTAVES; owned, NULL until needed */
};

#define _cleanup_histogram_ _cleanup_(histogram_release)

/* Counts one value. Returns 0, or -ENOMEM with the histogram unchanged. */
int histogram_add(struct histogram *histogram, uint64_t value);

/* Counts one value `count` times, 1 or more. As histogram_add(). */
int histogram_add_many(struct histogram *histogram, uint64_t value, uint64_t count);

/*
 * Adds values of which only number and sum are known. From then on the histogram
 * is partial: percentiles, minimum and maximum are those of the other values.
 */
void histogram_add_sum(struct histogram *histogram, uint64_t count, unsigned __int128 sum);

/*
 * The value of nearest rank: the smallest one that at least `percent` per cent
 * of all values do not exceed. Exact below 4,096 and for the smallest and the
 * largest one, else the middle of its bucket, never outside min..max; 0 for an
 * empty histogram.
 *
 * percent: 0 (the minimum) to 100 (the maximum).
 */
uint64_t histogram_percentile(const struct histogram *histogram, unsigned int percent);

/*
 * How many values have their highest bit at each place: ret_count[n] of those
 * from 2^n to 2^(n+1) - 1; 0 counts with 1.
 */
enum { HISTOGRAM_POWERS = 64 };
void histogram_powers(const struct histogram *histogram, uint64_t ret_count[HISTOGRAM_POWERS]);

/*
 * Adds all values of `from`. Returns 0, or -ENOMEM with the totals of `into`
 * unchanged and its buckets not to be used any more.
 */
int histogram_merge(struct histogram *into, const struct histogram *from);

/* Frees the buckets and makes the histogram empty. */
void histogram_release(struct histogram *histogram);

#endif
