/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event classes of the exits streams. A pattern is a kind of record and the
 * stages that it touches; its classes have the same fields, each with as few bits as
 * the pattern's values need: the narrowest for most of them, wider ones for the rest.
 * Which widths do is learned from the records as they come, a new class each time.
 */
#ifndef COLLECTOR_EVENT_CLASS_H
#define COLLECTOR_EVENT_CLASS_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "collector/widths.h"
#include "probes/exit_record.h"
#include "probes/stage_set.h"

/* The fixed fields' numbers; those of stages and of cycles follow in a pattern. */
enum exit_field {
#define EXIT_FIELD(bits, name, base, help) EXIT_FIELD_##name,
#include "probes/events.def"
#undef EXIT_FIELD
	EXIT_FIELDS
};

enum {
	EVENT_PATTERNS = 128, /* after these, one pattern a kind, with all stages */
	EVENT_FIELDS_MAX = EXIT_FIELDS + 2 * EXIT_STAGES_MAX,
	EVENT_WIDTHS = 8 /* classes that a pattern has at a time */
};

/* Ids of the events of STREAM_EXITS; those of records follow. */
enum { EVENT_EL2, EVENT_PAUSE, EVENT_RECORDS };

/* What the fields of a class are, behind the fixed ones. */
struct stage_fields {
	struct stage_set stages; /* a length in ticks each */
	struct stage_set cycles; /* a length in cycles each */
};

struct event_class {
	uint16_t id; /* 0: never used */
	enum exit_kind kind;
	struct stage_fields fields;
	unsigned int count;	/* of all fields */
	unsigned int payload_bits;
	const uint8_t *bits;	/* of each field, as bits_put() takes them; one of 0 is left out. Of the pattern */
	const uint64_t *beyond; /* of each field, the bits that find no room. Of the pattern */
};

struct event_pattern {
	struct stage_fields fields;
	enum exit_kind kind;
	unsigned int count; /* of fields */
	unsigned int classes;
	struct event_class class[EVENT_WIDTHS]; /* two given ones; the learned, narrowest first */
	void *memory;				/* for what they point to; owned */
	struct widths widths;
	uint64_t records;
	uint64_t learned_at; /* so many records; 0: never */
	uint64_t missed; /* since then, records that none of the learned classes took */
};

struct event_classes {
	unsigned int count;
	unsigned int newest_hit;
	uint16_t next_id;
	/* The patterns met, then one fallback per kind. */
	struct event_pattern pattern[EVENT_PATTERNS + EXIT_KINDS];
};

/* Starts with no class; `all` are the fields that a record may have. */
void event_classes_init(struct event_classes *classes, const struct stage_fields *all);

/*
 * The pattern for a record of `kind` (below EXIT_KINDS) with `fields`; it may have more
 * fields than these. NULL without memory.
 */
struct event_pattern *event_classes_pattern(struct event_classes *classes, enum exit_kind kind,
					    const struct stage_fields *fields);

/*
 * The narrowest class of the pattern that the record with these values fits into: of
 * each fixed field, then of each of the pattern's stages, then its cycles. Valid until
 * the next call. Returns true when the class is new: it must be in the metadata before
 * a packet that uses it is written.
 */
bool event_classes_find(struct event_classes *classes, struct event_pattern *pattern,
			const uint64_t *value, const struct event_class **ret_class);

void event_classes_release(struct event_classes *classes);

#endif
