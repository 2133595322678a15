/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The totals of a source as a trace has them: stored again and again, so that what ends
 * the recording takes little of them with it. They are of the records that are not in the
 * trace, so that a record is in one or the other, whenever they are read.
 */
#ifndef COLLECTOR_TOTALS_LOG_H
#define COLLECTOR_TOTALS_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/ctf.h"
#include "collector/source.h"
#include "collector/totals.h"

#define TOTALS_LOG_EVERY_NS UINT64_C(10000000000)

enum {
	TOTALS_LOG_MOST = 6,	  /* times that, for a VM that hardly exits */
	TOTALS_LOG_EXITS_A_BYTE = 2 /* to be stored earlier */
};

/* All zero is empty. */
struct totals_log {
	uint64_t every_ns;	/* 0: at the end alone */
	struct totals before;	/* when the trace began; owned, as the next two */
	struct totals reading;	/* that is not stored yet, where `reading_ns` is set */
	struct totals stored;	/* last, less those before */
	uint64_t reading_ns;	/* when it was read, or 0 */
	uint64_t looked_ns;	/* when one was read last */
	uint64_t until_ns;	/* what is stored is as of then */
	uint64_t records, bytes; /* that the last ones stored were of, and took */
	bool any;		/* have been stored */
	bool wanted;		/* now, whatever that costs: to be read, */
	bool forced;		/* and read */
};

/* A trace begins: what was booked by then is not in it. */
void totals_log_begin(struct totals_log *log, uint64_t every_ns, uint64_t now_ns);

/*
 * Reads the totals where that is due. Before the rings are drained: a record that is not in
 * this reading is then in the trace before it. Returns 0, or a negative errno with a sentence.
 */
int totals_log_look(struct totals_log *log, struct source *source, uint64_t now_ns);

/* Once the rings are drained, or after a second: stores what was read. As ctf_add(). */
int totals_log_store(struct totals_log *log, struct ctf *ctf, uint64_t now_ns, bool drained);

/* Stores the last ones of a vCPU that is gone; not while others are read. As ctf_add(). */
int totals_log_add_gone(struct totals_log *log, struct ctf *ctf, const struct totals_vcpu *vcpu);

/* Whether there are some that are read and not stored. */
bool totals_log_waits(const struct totals_log *log);

/* Stores them all; the next trace begins behind. As ctf_add(). */
int totals_log_finish(struct totals_log *log, struct source *source, struct ctf *ctf,
		      uint64_t now_ns);

/*
 * Whether to store totals of `records` records read at `at_ns`: what is stored should cost
 * little more than nothing for each exit.
 */
bool totals_log_is_worth(const struct totals_log *log, uint64_t records, uint64_t at_ns);

void totals_log_release(struct totals_log *log);

#endif
