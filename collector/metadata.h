/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a trace's metadata file (TSDL, CTF 1.8). */
#ifndef COLLECTOR_METADATA_H
#define COLLECTOR_METADATA_H

#include "base/buffer.h"
#include "collector/event_class.h"
#include "collector/facts.h"

/* Ids of the events of STREAM_VCPUS. */
enum {
	EVENT_VCPU = 0,
	EVENT_END = 1,
	EVENT_TOTAL_VCPU,
	EVENT_TOTAL_STAGE,
	EVENT_TOTAL_PATTERN,
	EVENT_TOTAL_REASON,
	EVENT_CHOICE,
	EVENT_MARK,
	EVENT_TOTAL_PAUSER,
	EVENT_PAUSER,
	EVENT_DEVICE,
	EVENT_TOTALS_UNTIL
};

/*
 * Appends all that does not depend on the records: types, trace, env, clock,
 * streams, the events `el2`, `vcpu` and `end`. Returns 0, -ENOMEM, or -EINVAL with a
 * sentence for a stage name that cannot name a field.
 */
int metadata_begin(struct buffer *out, const struct trace_facts *facts);

/* Appends one event class of the exits streams. Returns 0 or -ENOMEM. */
int metadata_exit_class(struct buffer *out, const struct event_class *event,
			const char *const *stage_names);

/* Appends `text` as a quoted TSDL string. Returns 0 or -ENOMEM. */
int metadata_string(struct buffer *out, const char *text);

#endif
