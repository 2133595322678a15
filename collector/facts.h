/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says about the host it was taken on. */
#ifndef COLLECTOR_FACTS_H
#define COLLECTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "collector/packet.h"
#include "collector/source.h"

enum { BOOT_ID_LENGTH = 36 };

/* What a trace is of a recording: what is left of that when it cannot be written. */
enum trace_share { TRACE_IS_ALL, TRACE_IS_PART, TRACE_IS_DUMP };

struct trace_facts {
	const struct source_facts *source; /* borrowed */
	const char *version;		   /* of hyptrace */
	const char *arch;		   /* "arm64", or what uname says */
	const char *unit;		   /* "ns", or "instructions" under icount */
	const char *chosen;		   /* which records are wanted; NULL or "": all */
	const char *vmm_side;		   /* as vmm_side_text() */
	enum trace_share share;
	uint32_t totals_ms; /* how often totals are stored; 0: at the end */
	bool emulated; /* a host of `hyptrace lab` */
	char kernel[65];
	char boot_id[BOOT_ID_LENGTH + 1];
	uint8_t uuid[TRACE_UUID_BYTES]; /* of the trace */
	int64_t clock_offset_ns;	/* CLOCK_REALTIME less CLOCK_MONOTONIC */
};

/*
 * Asks the running system. `source` must outlive the facts. Returns 0, or a
 * negative errno with a sentence.
 */
int facts_collect(const struct source_facts *source, struct trace_facts *ret_facts);

/* Gives the facts another uuid, for another trace. Returns as facts_collect(). */
int facts_new_uuid(struct trace_facts *facts);

/* Reads `hyptrace.lab=` out of a kernel command line: facts->unit and facts->emulated. */
void facts_from_cmdline(struct trace_facts *facts, const char *cmdline);

/* Whether this is a host of `hyptrace lab`, where everything takes longer. */
bool facts_emulated(void);

/* CLOCK_MONOTONIC [ns]. */
uint64_t clock_now_ns(void);

#endif
