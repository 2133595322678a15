/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says about its own recording: what was chosen, and when. */
#ifndef ANALYZER_NOTES_H
#define ANALYZER_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/reader.h"

enum { NOTES_MARKS_MAX = 10000 /* further ones are counted and not kept */ };

struct note_mark {
	uint64_t ns; /* CLOCK_MONOTONIC */
	uint64_t number;
	uint32_t slot; /* or TRACE_MARK_BY_HOST */
	char *text;    /* owned */
};

/* All zero is empty. */
struct notes {
	struct note_mark *mark; /* in the order of the trace; owned */
	size_t marks;
	uint64_t marks_left_out;
	uint64_t begin_ns;     /* of the first record that was emitted, 0 without one */
	uint64_t end_ns;       /* of the last one */
	uint64_t switched_off; /* times that nothing was recorded */
	uint64_t stepped;      /* times that less was recorded from then on */
	uint32_t one_of;       /* of the last step down to samples */
	bool totals_only;      /* the last step was down to totals */
};

/* Takes an item TRACE_CHOICE. */
void notes_add_choice(struct notes *notes, const struct trace_choice *choice);

/* Takes an item TRACE_MARK. Returns 0 or -ENOMEM. */
int notes_add_mark(struct notes *notes, const struct trace_mark *mark);

void notes_release(struct notes *notes);

#endif
