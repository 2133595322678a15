/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens a trace in a thread of its own: that takes as long as the trace is large. */
#ifndef TUI_OPENER_H
#define TUI_OPENER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "analyzer/reader.h"

enum { OPENER_TEXT = 1024 };

/* All zero has not begun. */
struct opener {
	bool begun;
	atomic_bool done;
	pthread_t thread;
	const char *path;	/* borrowed */
	struct reader *reader;	/* the result, or */
	int error;		/* a negative errno with */
	char text[OPENER_TEXT]; /* a sentence */
};

/* Begins, unless it has. Returns 0, or a negative errno with a sentence. */
int opener_begin(struct opener *opener, const char *path);

/*
 * Returns 0 while it is not done; then 1 and the reader, the caller's from then on, or a
 * negative errno with a sentence, and the opener is as if it had not begun.
 */
int opener_take(struct opener *opener, struct reader **ret_reader);

/* Waits until it is done, for so many ms at the most. */
void opener_await(const struct opener *opener, unsigned int ms);

/* Whether opener_release() would wait. */
bool opener_is_busy(const struct opener *opener);

/* Awaits its end. Harmless where it has not begun. */
void opener_release(struct opener *opener);

#endif
