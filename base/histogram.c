/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/histogram.h"

#include <errno.h>
#include <stdlib.h>

/* An octave's buckets come in blocks, so that one outlier costs 768 bytes and not 16 KiB. */
enum { BLOCK_BITS = 6, BLOCK_SIZE = 1 << BLOCK_BITS };
enum { BLOCKS = HISTOGRAM_SUB_BUCKETS / BLOCK_SIZE };

struct histogram_octave {
	uint64_t *block[BLOCKS]; /* owned, NULL until needed */
};

struct bucket {
	unsigned int octave;
	unsigned int sub;
};

static struct bucket bucket_of(uint64_t value)
{
	unsigned int shift;

	if (value < HISTOGRAM_SUB_BUCKETS)
		return (struct bucket){ 0, (unsigned int)value };
	shift = 63 - __builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return (struct bucket){ shift + 1,
				(unsigned int)(value >> shift) & (HISTOGRAM_SUB_BUCKETS - 1) };
}

/* The middle of a bucket; buckets of octaves 0 and 1 hold one value each. */
static uint64_t bucket_value(struct bucket bucket)
{
	unsigned int shift = bucket.octave ? bucket.octave - 1 : 0;
	uint64_t first = bucket.sub;

	if (bucket.octave)
		first = (uint64_t)(HISTOGRAM_SUB_BUCKETS + bucket.sub) << shift;
	return first + (((uint64_t)1 << shift) - 1) / 2;
}

/* The bucket's counter, made when it is not there; NULL without memory. */
static uint64_t *bucket_counter(struct histogram *histogram, struct bucket bucket)
{
	struct histogram_octave **octave;
	uint64_t **block;

	if (!histogram->octave)
		histogram->octave = calloc(HISTOGRAM_OCTAVES, sizeof(*histogram->octave));
	if (!histogram->octave)
		return NULL;
	octave = &histogram->octave[bucket.octave];
	if (!*octave)
		*octave = calloc(1, sizeof(**octave));
	if (!*octave)
		return NULL;
	block = &(*octave)->block[bucket.sub >> BLOCK_BITS];
	if (!*block)
		*block = calloc(BLOCK_SIZE, sizeof(**block));
	return *block ? *block + (bucket.sub & (BLOCK_SIZE - 1)) : NULL;
}

static void histogram_widen(struct histogram *histogram, uint64_t min, uint64_t max)
{
	if (!histogram->count || min < histogram->min)
		histogram->min = min;
	if (!histogram->count || max > histogram->max)
		histogram->max = max;
}

int histogram_add_many(struct histogram *histogram, uint64_t value, uint64_t count)
{
	uint64_t *counter = bucket_counter(histogram, bucket_of(value));

	if (!counter)
		return -ENOMEM;
	histogram_widen(histogram, value, value);
	*counter += count;
	histogram->count += count;
	histogram->sum += (unsigned __int128)value * count;
	return 0;
}

int histogram_add(struct histogram *histogram, uint64_t value)
{
	return histogram_add_many(histogram, value, 1);
}

void histogram_add_sum(struct histogram *histogram, uint64_t count, unsigned __int128 sum)
{
	histogram->count += count;
	histogram->sum += sum;
	histogram->partial |= count > 0;
}

/*
 * Walks the blocks in order of value. *left is the rank still to go; returns
 * the sub-bucket that holds it, or -1 with what is left after this octave.
 */
static int octave_find(const struct histogram_octave *octave, uint64_t *left)
{
	for (unsigned int sub = 0; sub < HISTOGRAM_SUB_BUCKETS; sub++) {
		const uint64_t *block = octave->block[sub >> BLOCK_BITS];
		uint64_t here;

		if (!block) {
			sub |= BLOCK_SIZE - 1;
			continue;
		}
		here = block[sub & (BLOCK_SIZE - 1)];
		if (here >= *left)
			return (int)sub;
		*left -= here;
	}
	return -1;
}

static uint64_t clamp_value(const struct histogram *histogram, uint64_t value)
{
	if (value < histogram->min)
		return histogram->min;
	return value > histogram->max ? histogram->max : value;
}

uint64_t histogram_percentile(const struct histogram *histogram, unsigned int percent)
{
	uint64_t left = ((unsigned __int128)histogram->count * percent + 99) / 100;

	if (!histogram->count)
		return 0;
	if (left <= 1 || left >= histogram->count)
		return left <= 1 ? histogram->min : histogram->max;
	for (unsigned int i = 0; histogram->octave && i < HISTOGRAM_OCTAVES; i++) {
		int sub = histogram->octave[i] ? octave_find(histogram->octave[i], &left) : -1;

		if (sub >= 0)
			return clamp_value(histogram,
					   bucket_value((struct bucket){ i, (unsigned int)sub }));
	}
	return histogram->max;
}

static void octave_powers(const struct histogram_octave *octave, unsigned int number,
			  uint64_t ret_count[HISTOGRAM_POWERS])
{
	for (unsigned int sub = 0; sub < HISTOGRAM_SUB_BUCKETS; sub++) {
		const uint64_t *block = octave->block[sub >> BLOCK_BITS];
		unsigned int power = number ? number - 1 + HISTOGRAM_SUB_BITS
					    : 31 - (unsigned int)__builtin_clz(sub | 1);

		if (!block)
			sub |= BLOCK_SIZE - 1;
		else
			ret_count[power] += block[sub & (BLOCK_SIZE - 1)];
	}
}

void histogram_powers(const struct histogram *histogram, uint64_t ret_count[HISTOGRAM_POWERS])
{
	for (unsigned int i = 0; i < HISTOGRAM_POWERS; i++)
		ret_count[i] = 0;
	for (unsigned int i = 0; histogram->octave && i < HISTOGRAM_OCTAVES; i++)
		if (histogram->octave[i])
			octave_powers(histogram->octave[i], i, ret_count);
}

static int octave_merge(struct histogram *into, unsigned int octave,
			const struct histogram_octave *from)
{
	for (unsigned int sub = 0; sub < HISTOGRAM_SUB_BUCKETS; sub++) {
		const uint64_t *block = from->block[sub >> BLOCK_BITS];
		uint64_t *counter;

		if (!block)
			sub |= BLOCK_SIZE - 1;
		if (!block || !block[sub & (BLOCK_SIZE - 1)])
			continue;
		counter = bucket_counter(into, (struct bucket){ octave, sub });
		if (!counter)
			return -ENOMEM;
		*counter += block[sub & (BLOCK_SIZE - 1)];
	}
	return 0;
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (!from->count)
		return 0;
	for (unsigned int i = 0; from->octave && i < HISTOGRAM_OCTAVES; i++)
		if (from->octave[i] && octave_merge(into, i, from->octave[i]) < 0)
			return -ENOMEM;
	histogram_widen(into, from->min, from->max);
	into->count += from->count;
	into->sum += from->sum;
	into->partial |= from->partial;
	return 0;
}

void histogram_release(struct histogram *histogram)
{
	for (unsigned int i = 0; histogram->octave && i < HISTOGRAM_OCTAVES; i++) {
		struct histogram_octave *octave = histogram->octave[i];

		for (unsigned int block = 0; octave && block < BLOCKS; block++)
			free(octave->block[block]);
		free(octave);
	}
	free(histogram->octave);
	*histogram = (struct histogram){ 0 };
}
