/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The writer of a trace directory (ARCHITECTURE.md, "The trace directory"):
 * ring records in, CTF 1.8 out. At every moment the directory is a trace that
 * babeltrace2 reads, whatever ends the process.
 */
#ifndef COLLECTOR_CTF_H
#define COLLECTOR_CTF_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "collector/facts.h"
#include "collector/identity.h"
#include "collector/pausers.h"
#include "collector/stages.h"

struct ctf;

/* What the files hold by now, never what still waits in memory. */
struct ctf_counts {
	uint64_t records;
	uint64_t bytes;
	uint64_t lost;	  /* never reached the writer */
	uint64_t clamped; /* got their predecessor's time */
	uint64_t torn;	  /* not written: a stamp is earlier than the one before it */
	struct stage_tear tear; /* of the first torn one; ticks 0: too short, of no kind */
	uint32_t vcpus;
};

/* Returns 0, or -EEXIST with a sentence for a directory that ctf_create() would refuse. */
int ctf_check_absent(const char *directory);

/*
 * Creates the directory, which must not exist, and in it the metadata and one
 * stream for each of `cpus` CPUs, beginning at `now_ns`. `facts` and `identities`,
 * those of the VMs that were met so far, must outlive the writer. Returns 0, or a
 * negative errno with a sentence and no directory left behind. Release with ctf_free().
 */
int ctf_create(const char *directory, const struct trace_facts *facts, unsigned int cpus,
	       struct identities *identities, uint64_t now_ns, struct ctf **ret_ctf);

/*
 * Takes one ring record of `size` bytes from the ring of `cpu`; it is copied.
 * Returns 0, or a negative errno with a sentence: nothing more can be written.
 */
int ctf_add(struct ctf *ctf, unsigned int cpu, const void *record, size_t size);

/* Says how many records of `cpu` were lost since the trace began. */
void ctf_set_lost(struct ctf *ctf, unsigned int cpu, uint64_t lost);

/*
 * Says how an interrupt's handler or an IPI is called, "" where that is not
 * known; it is asked when one is met first.
 */
typedef void pauser_name(void *context, uint32_t by, const __u64 cause[2],
			 char ret_name[PAUSER_NAME_BYTES]);

void ctf_set_pauser_name(struct ctf *ctf, pauser_name *name, void *context);

/* Says what the watch for pauses has cost in all, for the event `end`. */
void ctf_set_pause_cost(struct ctf *ctf, const struct pause_cost *cost);

/*
 * Writes what has waited in memory for 50 ms or more. Returns as ctf_add(); -ENOENT with a
 * sentence where the directory was removed.
 */
int ctf_tick(struct ctf *ctf, uint64_t now_ns);

/* Writes all records that wait. Returns as ctf_add(). */
int ctf_flush(struct ctf *ctf);

/* Writes all that waits, the event `end`, and closes the files. Returns as ctf_add(). */
int ctf_finish(struct ctf *ctf, uint64_t now_ns);

void ctf_get_counts(const struct ctf *ctf, struct ctf_counts *ret_counts);

/* Removes the trace: its files, then the directory. */
void ctf_remove(struct ctf *ctf);

/* Frees the memory and closes the files; what was not written is dropped. */
void ctf_free(struct ctf *ctf);

DEFINE_CLEANUP(struct ctf *, ctf_free)

#endif
