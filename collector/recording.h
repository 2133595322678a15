/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of `hyptrace record`; private to record.c and steer.c. */
#ifndef COLLECTOR_RECORDING_H
#define COLLECTOR_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/budget.h"
#include "collector/drain.h"
#include "collector/limits.h"
#include "collector/marks.h"
#include "collector/options.h"
#include "collector/output.h"
#include "collector/source.h"
#include "collector/target.h"
#include "collector/vmm_side.h"

struct recording {
	struct record_options options;
	struct target target;
	struct vmm_side vmm;
	struct source *source;
	struct trace_facts facts;
	struct output output;
	struct drain *drain;
	uint64_t begin_ns;
	uint64_t shown_ns; /* when the progress line was last shown */
	bool terminal;	   /* standard error is one: show progress */
	bool off;	   /* nothing is recorded for now */
	struct limits limits;
	struct marks marks;
	struct budget budget;
};

/* A line on standard error, in place of the progress line. */
void recording_say(const struct recording *recording, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Once the trace exists: a delay begins. Returns 0, or a negative errno with a sentence. */
int steer_begin(struct recording *recording);

/*
 * Does what the time, a signal or a limit asks for; sets *ret_over where that is
 * the end. Returns 0, or a negative errno with a sentence.
 */
int steer(struct recording *recording, const struct wakeup *wakeup, bool *ret_over);

/* Whether a record is still to be written. */
bool steer_takes(struct recording *recording, const struct ring_record *record);

#endif
