/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/notes.h"

void notes_add_choice(struct notes *notes, const struct trace_choice *choice)
{
	switch (choice->what) {
	case TRACE_OFF:
		notes->switched_off++;
		break;
	case TRACE_SAMPLES:
		notes->stepped++;
		notes->one_of = choice->one_of;
		break;
	case TRACE_TOTALS_ONLY:
		notes->stepped++;
		notes->totals_only = true;
		break;
	default:
		break;
	}
}
