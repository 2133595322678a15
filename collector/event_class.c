/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/event_class.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/bits.h"

enum {
	GIVEN_CLASSES = 2, /* with lengths of 32 bits, and of 64: any record fits */
	LEARN_FIRST = 8,    /* records, then four times as many and so on; half as many more */
	LEARN_FACTOR = 4,   /* where the learned classes have missed one in */
	MISSED_ONE_IN = 64,
	GROWN_BITS = 2,	    /* room to grow for what grows all the time */
	NARROW_BITS = 16,   /* a fixed field of no more, flags and the like, may need them all */
	COUNT_ALL = 16384,  /* records; of those behind one in 16 */
	ENOUGH = 2,	    /* values that are too wide for a class, or there is no such class yet */
};

/*
 * Of a field's values one in so many may be too wide for each of the learned classes;
 * none (0) for the last two, which have bits to spare.
 */
static const struct {
	uint32_t one_in;
	unsigned int spare;
} levels[EVENT_WIDTHS - GIVEN_CLASSES] = {
	{ 12, 0 }, { 36, 0 }, { 108, 0 }, { 324, 0 }, { 0, 1 }, { 0, 4 },
};

static const uint8_t fixed_bits[EXIT_FIELDS] = {
#define EXIT_FIELD(bits, name, base, help) bits,
#include "probes/events.def"
#undef EXIT_FIELD
};

/* No learning behind this id, so that every pattern's classes find one. */
enum { LEARN_IDS = UINT16_MAX - (EVENT_PATTERNS + EXIT_KINDS) * EVENT_WIDTHS };

void event_classes_init(struct event_classes *classes, const struct stage_fields *all)
{
	*classes = (struct event_classes){ .next_id = EVENT_RECORDS };
	for (unsigned int kind = 0; kind < EXIT_KINDS; kind++)
		classes->pattern[EVENT_PATTERNS + kind] =
			(struct event_pattern){ .fields = *all, .kind = kind };
}

static bool matches(const struct event_pattern *pattern, enum exit_kind kind,
		    const struct stage_fields *fields)
{
	return pattern->kind == kind && stage_set_equal(&pattern->fields.stages, &fields->stages) &&
	       stage_set_equal(&pattern->fields.cycles, &fields->cycles);
}

static unsigned int find_pattern(struct event_classes *classes, enum exit_kind kind,
				 const struct stage_fields *fields)
{
	unsigned int i = classes->newest_hit;

	if (i < classes->count && matches(&classes->pattern[i], kind, fields))
		return i;
	for (i = 0; i < classes->count; i++)
		if (matches(&classes->pattern[i], kind, fields))
			return i;
	if (classes->count == EVENT_PATTERNS)
		return EVENT_PATTERNS + kind;
	classes->pattern[i] = (struct event_pattern){ .fields = *fields, .kind = kind };
	return classes->count++;
}

/* Where a class of the pattern keeps its fields' bits. */
static uint8_t *bits_place(const struct event_pattern *pattern, unsigned int class)
{
	uint64_t *beyond = pattern->memory;

	return (uint8_t *)(beyond + (size_t)EVENT_WIDTHS * pattern->count) +
	       (size_t)class * pattern->count;
}

static unsigned int widest(unsigned int field, unsigned int length_bits)
{
	return field < EXIT_FIELDS ? fixed_bits[field] : length_bits;
}

/* Gives the pattern one more class, whose fields' bits are in their place. */
static void add_class(struct event_pattern *pattern)
{
	const uint8_t *bits = bits_place(pattern, pattern->classes);
	uint64_t *beyond = (uint64_t *)pattern->memory + (size_t)pattern->classes * pattern->count;
	unsigned int end = 0;

	for (unsigned int i = 0; i < pattern->count; i++) {
		beyond[i] = bits[i] < 64 ? UINT64_MAX << bits[i] : 0;
		end = bits_begin(end, bits[i]) + bits[i];
	}
	pattern->class[pattern->classes++] = (struct event_class){
		.kind = pattern->kind,
		.fields = pattern->fields,
		.count = pattern->count,
		.payload_bits = end,
		.bits = bits,
		.beyond = beyond,
	};
}

static void add_given(struct event_pattern *pattern)
{
	for (unsigned int bits = 32; bits <= 64; bits *= 2) {
		uint8_t *place = bits_place(pattern, pattern->classes);

		for (unsigned int i = 0; i < pattern->count; i++)
			place[i] = (uint8_t)widest(i, bits);
		add_class(pattern);
	}
}

static int fill_pattern(struct event_pattern *pattern)
{
	pattern->count = EXIT_FIELDS + (unsigned int)stage_set_count(&pattern->fields.stages) +
			 (unsigned int)stage_set_count(&pattern->fields.cycles);
	pattern->memory =
		calloc((size_t)EVENT_WIDTHS * pattern->count, sizeof(uint64_t) + sizeof(uint8_t));
	if (!pattern->memory)
		return -1;
	add_given(pattern);
	return widths_init(&pattern->widths, pattern->count);
}

struct event_pattern *event_classes_pattern(struct event_classes *classes, enum exit_kind kind,
					    const struct stage_fields *fields)
{
	unsigned int i = find_pattern(classes, kind, fields);
	struct event_pattern *pattern = &classes->pattern[i];

	classes->newest_hit = i;
	if (!pattern->widths.seen && fill_pattern(pattern) < 0)
		return NULL;
	return pattern;
}

/* Counters and the like, of which the next record's is a little more. */
static bool grows(unsigned int field)
{
	return field == EXIT_FIELD_begin || field == EXIT_FIELD_emit || field == EXIT_FIELD_seq;
}

/* What the class of a level needs for a field where a value other than 0 was seen. */
static unsigned int needed_bits(const struct event_pattern *pattern, unsigned int field,
				size_t level)
{
	const struct widths *widths = &pattern->widths;
	unsigned int spare = levels[level].spare;

	if (grows(field))
		return widths_most(widths, field) + GROWN_BITS + spare;
	if (levels[level].one_in)
		return widths_bits(widths, field, widths->records / levels[level].one_in);
	if (widest(field, 64) <= NARROW_BITS)
		return NARROW_BITS;
	return widths_most(widths, field) ? widths_most(widths, field) + spare : 0;
}

/* A stage that was touched is in the class, be it 0 each time; so are those that grow. */
static unsigned int learned_bits(const struct event_pattern *pattern, unsigned int field,
				 size_t level)
{
	unsigned int bits = needed_bits(pattern, field, level), most = widest(field, 64);

	if (!bits && (field >= EXIT_FIELDS || grows(field)))
		bits = 1;
	return bits_wanted(bits < most ? bits : most);
}

/* Has classes that fit the records so far, in place of those learned before. */
static void learn(struct event_pattern *pattern)
{
	pattern->classes = GIVEN_CLASSES;
	for (size_t level = 0; level < ARRAY_SIZE(levels); level++) {
		uint8_t *place = bits_place(pattern, pattern->classes);

		if (pattern->widths.records < (uint64_t)levels[level].one_in * ENOUGH)
			continue;
		for (unsigned int i = 0; i < pattern->count; i++)
			place[i] = (uint8_t)learned_bits(pattern, i, level);
		if (pattern->classes == GIVEN_CLASSES ||
		    memcmp(place, place - pattern->count, pattern->count) != 0)
			add_class(pattern);
	}
	widths_age(&pattern->widths);
	pattern->learned_at = pattern->records;
	pattern->missed = 0;
}

static bool time_to_learn(const struct event_pattern *pattern)
{
	uint64_t before = pattern->learned_at, records = pattern->records;

	if (!before)
		return records == LEARN_FIRST;
	return records >= before * LEARN_FACTOR ||
	       (records >= before + before / 2 && pattern->missed * MISSED_ONE_IN > records - before);
}

static bool fits(const struct event_class *class, const uint64_t *value)
{
	uint64_t beyond = 0;

	for (unsigned int i = 0; i < class->count; i++)
		beyond |= value[i] & class->beyond[i];
	return !beyond;
}

/* Spread over the numbers so that records which come in turns are counted alike. */
static bool is_counted(uint64_t number)
{
	return number < COUNT_ALL || (uint32_t)number * UINT32_C(2654435769) >> 28 == 0;
}

/* The narrowest one; any record fits into the last of the given ones. */
static struct event_class *find_class(struct event_pattern *pattern, const uint64_t *value)
{
	for (unsigned int i = GIVEN_CLASSES; i < pattern->classes; i++)
		if (fits(&pattern->class[i], value))
			return &pattern->class[i];
	pattern->missed++;
	return &pattern->class[!fits(&pattern->class[0], value)];
}

bool event_classes_find(struct event_classes *classes, struct event_pattern *pattern,
			const uint64_t *value, const struct event_class **ret_class)
{
	struct event_class *class;
	bool new;

	if (classes->next_id < LEARN_IDS && time_to_learn(pattern))
		learn(pattern);
	class = find_class(pattern, value);
	if (is_counted(pattern->records))
		widths_count(&pattern->widths, value);
	widths_meet(&pattern->widths, value);
	pattern->records++;
	new = !class->id;
	if (new)
		class->id = classes->next_id++;
	*ret_class = class;
	return new;
}

void event_classes_release(struct event_classes *classes)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes->pattern); i++) {
		widths_release(&classes->pattern[i].widths);
		free(classes->pattern[i].memory);
	}
}
