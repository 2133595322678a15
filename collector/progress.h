/* SPDX-License-Identifier: GPL-2.0-only */
/* What a recording says about itself: one line while it runs, one at its end. */
#ifndef COLLECTOR_PROGRESS_H
#define COLLECTOR_PROGRESS_H

#include "collector/ctf.h"

enum { PROGRESS_TEXT = 320 };

/* "3.2 MB", in powers of ten; below 1,000 bytes "812 B". Returns `text`. */
char *size_text(uint64_t bytes, char text[PROGRESS_TEXT]);

/* "12,345 exits  3.2 MB  lost 0  12.3 s". Returns `text`. */
char *progress_text(const struct ctf_counts *counts, uint64_t elapsed_ns, char text[PROGRESS_TEXT]);

/* "12,345 records of 2 vCPUs, 3.2 MB, lost 0, in DIR". Returns `text`. */
char *summary_text(const struct ctf_counts *counts, const char *directory,
		   char text[PROGRESS_TEXT]);

/* Where the first torn record is torn; counts->tear.ticks is not 0. Returns `text`. */
char *tear_text(const struct ctf_counts *counts, const struct source_facts *facts,
		char text[PROGRESS_TEXT]);

#endif
