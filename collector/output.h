/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the records of a recording go: into one trace; into the parts of a
 * directory, one after the other; or into memory, from where the newest are
 * written when something asks for them.
 */
#ifndef COLLECTOR_OUTPUT_H
#define COLLECTOR_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/ctf.h"
#include "collector/ctf_notes.h"
#include "collector/flight.h"
#include "collector/parts.h"
#include "collector/source.h"
#include "collector/totals_log.h"

struct output_options {
	const char *directory;
	uint64_t rotate_bytes, rotate_ns; /* when a part is full; 0: by the other, or never */
	uint64_t flight_bytes;		  /* of memory; 0: none */
	uint64_t dump_ns;		  /* an exit so slow writes it; 0: none */
	unsigned int keep;		  /* parts; 0: all */
	const char *devices;		  /* a file that says where they are; NULL: none */
	uint64_t totals_ns;		  /* how often totals are stored; 0: at the end alone */
};

struct output {
	bool open;
	const struct output_options *options; /* borrowed, as the next three */
	struct source *source;
	struct trace_facts *facts;
	struct ctf *ctf; /* being written; NULL in flight */
	struct parts parts;
	struct flight flight;
	struct ctf_counts finished; /* of the parts that are closed */
	uint64_t *lost;		    /* by CPU, since the recording began */
	uint64_t *lost_before;	    /* the same, when the part began */
	struct totals_log totals;
	size_t devices_told; /* of the source's map, in this part */
	struct pause_cost pauses_before;
	uint64_t begin_ns;     /* of the part */
	uint64_t watched_ns;   /* when output_watch() last looked */
	uint64_t dumped_ns;    /* when a slow exit last wrote the memory */
	bool slow;	       /* such an exit has come */
	enum choice_what what; /* as output_choice() said last; new parts repeat it */
	uint32_t one_of;
};

/*
 * Once the source is attached: creates the directory and what is in it. Returns
 * 0, or a negative errno with a sentence and nothing left behind;
 * output_release() either way.
 */
int output_open(struct output *output, const struct output_options *options, struct source *source,
		struct trace_facts *facts, uint64_t begin_ns);

/* Takes a record. Returns 0, or a negative errno with a sentence: no more can be written. */
int output_add(struct output *output, unsigned int cpu, const void *bytes, size_t size);

/* These return as output_add(). */
int output_mark(struct output *output, const struct ctf_mark *mark);
int output_choice(struct output *output, uint64_t now_ns, enum choice_what what, uint32_t one_of,
		  const char *why);

/* Asks the source what was lost. Before records are taken. Returns as output_add(). */
int output_take_lost(struct output *output);

/*
 * Now and then, before records are taken: frees the probes' slots of vCPUs that are gone,
 * finds out which devices VMs have, and reads the totals. Returns as output_add().
 */
int output_watch(struct output *output, uint64_t now_ns);

/*
 * Writes what has waited, begins a new part where one is due; `drained`: all records that
 * there were have been taken. Returns as output_add().
 */
int output_tick(struct output *output, uint64_t now_ns, bool drained);

/* In flight: writes the memory as a trace. Returns its path, to be freed, as output_add(). */
int output_dump(struct output *output, uint64_t now_ns, char **ret_path);

/* A slow exit asks for that; not more often than once in ten seconds. */
bool output_wants_dump(struct output *output, uint64_t now_ns);

/* Once the source is detached and drained. Returns as output_add(). */
int output_finish(struct output *output, uint64_t now_ns);

void output_get_counts(const struct output *output, struct ctf_counts *ret_counts);

/* Removes all that was written. */
void output_remove(struct output *output);

void output_release(struct output *output);

#endif
