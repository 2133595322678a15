/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of stages, by number: which of them a record touched, lacks, counts cycles of. */
#ifndef PROBES_STAGE_SET_H
#define PROBES_STAGE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/exit_record.h"

enum { STAGE_SET_BITS = 64, STAGE_SET_WORDS = EXIT_STAGE_WORDS };

/* All zero is the empty set. */
struct stage_set {
	uint64_t word[STAGE_SET_WORDS];
};

static inline void stage_set_add(struct stage_set *set, unsigned int stage)
{
	set->word[stage / STAGE_SET_BITS] |= UINT64_C(1) << stage % STAGE_SET_BITS;
}

static inline bool stage_set_has(const struct stage_set *set, unsigned int stage)
{
	return set->word[stage / STAGE_SET_BITS] >> stage % STAGE_SET_BITS & 1;
}

static inline bool stage_set_is_empty(const struct stage_set *set)
{
	for (int i = 0; i < STAGE_SET_WORDS; i++)
		if (set->word[i])
			return false;
	return true;
}

static inline size_t stage_set_count(const struct stage_set *set)
{
	size_t count = 0;

	for (int i = 0; i < STAGE_SET_WORDS; i++)
		count += (size_t)__builtin_popcountll(set->word[i]);
	return count;
}

/* -1 for the empty set. */
static inline int stage_set_last(const struct stage_set *set)
{
	int word = STAGE_SET_WORDS - 1;

	while (word >= 0 && !set->word[word])
		word--;
	return word < 0 ? -1 : (word + 1) * STAGE_SET_BITS - 1 - __builtin_clzll(set->word[word]);
}

/* The first stage after `stage`, which is -1 for the first of all; -1 where there is none. */
static inline int stage_set_next(const struct stage_set *set, int stage)
{
	unsigned int from = (unsigned int)(stage + 1), word = from / STAGE_SET_BITS;
	uint64_t left;

	if (word >= STAGE_SET_WORDS)
		return -1;
	left = set->word[word] & UINT64_MAX << from % STAGE_SET_BITS;
	while (!left && ++word < STAGE_SET_WORDS)
		left = set->word[word];
	return left ? (int)(word * STAGE_SET_BITS) + __builtin_ctzll(left) : -1;
}

/* Each stage of the set, in the order of time. */
#define for_each_stage(stage, set)                                                                 \
	for (int stage = stage_set_next(set, -1); stage >= 0; stage = stage_set_next(set, stage))

/* The stages 0 to count - 1; `count` is 0 to EXIT_STAGES_MAX. */
static inline struct stage_set stage_set_first(unsigned int count)
{
	struct stage_set set = { { 0 } };

	for (unsigned int i = 0; i < count; i++)
		stage_set_add(&set, i);
	return set;
}

static inline bool stage_set_equal(const struct stage_set *a, const struct stage_set *b)
{
	uint64_t differs = 0;

	for (int i = 0; i < STAGE_SET_WORDS; i++)
		differs |= a->word[i] ^ b->word[i];
	return !differs;
}

/* A stage of the set lies strictly between the two. */
static inline bool stage_set_between(const struct stage_set *set, int before, int stage)
{
	int next = stage_set_next(set, before);

	return next >= 0 && next < stage;
}

#endif
