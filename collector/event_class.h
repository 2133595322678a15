/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event classes of the exits streams: one per kind of record and pattern
 * of touched stages, made when the pattern is first met.
 */
#ifndef COLLECTOR_EVENT_CLASS_H
#define COLLECTOR_EVENT_CLASS_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/exit_record.h"
#include "probes/stage_set.h"

enum {
	EVENT_PATTERNS = 128,			       /* after these, one class with all stages */
	EVENT_EL2 = 2 * (EVENT_PATTERNS + EXIT_KINDS), /* the ids of events `el2` */
	EVENT_PAUSE				       /* and `pause` */
};

/* What the fields of a class are, behind the fixed ones. */
struct stage_fields {
	struct stage_set stages; /* a length in ticks each */
	struct stage_set cycles; /* a length in cycles each */
};

struct event_class {
	uint32_t id;
	enum exit_kind kind;
	struct stage_fields fields;
	bool wide; /* the lengths in ticks have 64 bits, else 32 */
};

struct event_pattern {
	struct stage_fields fields;
	enum exit_kind kind;
	bool declared[2]; /* by width: the class is in the metadata */
};

struct event_classes {
	unsigned int count;
	unsigned int newest_hit;
	/* The patterns met, then one fallback per kind. */
	struct event_pattern pattern[EVENT_PATTERNS + EXIT_KINDS];
};

/* Starts with no class; `all` are the fields that a record may have. */
void event_classes_init(struct event_classes *classes, const struct stage_fields *all);

/*
 * The class for a record of `kind` (below EXIT_KINDS) with `fields`.
 * Returns true when the class is new: it must be in the metadata before a
 * packet that uses it is written.
 */
bool event_classes_find(struct event_classes *classes, enum exit_kind kind,
			const struct stage_fields *fields, bool wide,
			struct event_class *ret_class);

#endif
