/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says about its own recording: what was chosen, and when. */
#ifndef ANALYZER_NOTES_H
#define ANALYZER_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/reader.h"

/* All zero is empty. */
struct notes {
	uint64_t switched_off; /* times that nothing was recorded */
	uint64_t stepped;      /* times that less was recorded from then on */
	uint32_t one_of;       /* of the last step down to samples */
	bool totals_only;      /* the last step was down to totals */
};

/* Takes an item TRACE_CHOICE. */
void notes_add_choice(struct notes *notes, const struct trace_choice *choice);

#endif
