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

enum { EVENT_PATTERNS = 64 /* a kind and a bitmap each; after these, one class with all stages */ };

struct event_class {
	uint32_t id;
	enum exit_kind kind;
	uint64_t stages; /* bitmap of the stages that are its fields */
	bool wide;	 /* the fields have 64 bits, else 32 */
};

struct event_pattern {
	uint64_t stages;
	enum exit_kind kind;
	bool declared[2]; /* by width: the class is in the metadata */
};

struct event_classes {
	uint64_t all; /* bitmap of all stages */
	unsigned int count;
	unsigned int newest_hit;
	/* The patterns met, then one fallback per kind. */
	struct event_pattern pattern[EVENT_PATTERNS + EXIT_KINDS];
};

/* Starts with no class; `stage_count` is 1 to EXIT_STAGES_MAX. */
void event_classes_init(struct event_classes *classes, unsigned int stage_count);

/*
 * The class for a record of `kind` (below EXIT_KINDS) that touched `stages`.
 * Returns true when the class is new: it must be in the metadata before a
 * packet that uses it is written.
 */
bool event_classes_find(struct event_classes *classes, enum exit_kind kind, uint64_t stages,
			bool wide, struct event_class *ret_class);

#endif
