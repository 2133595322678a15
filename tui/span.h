/* SPDX-License-Identifier: GPL-2.0-only */
/* When a trace begins and ends, by the heads of its packets alone: to tell progress. */
#ifndef TUI_SPAN_H
#define TUI_SPAN_H

#include <stdint.h>

struct span {
	uint64_t first, last; /* CLOCK_MONOTONIC [ns]; both 0 where it is not known */
};

struct span span_of_trace(const char *path);

/* How far `now` is on the way, 0 to 99. */
unsigned int span_percent(const struct span *span, uint64_t now);

#endif
