/* SPDX-License-Identifier: GPL-2.0-only */
/* The totals of the probes as events of a trace. */
#ifndef COLLECTOR_CTF_TOTALS_H
#define COLLECTOR_CTF_TOTALS_H

#include "collector/ctf.h"
#include "collector/totals.h"

/* Appends an event of `size` bytes to the stream of vCPUs. Returns as ctf_add(). */
int ctf_add_total(struct ctf *ctf, int event, const void *fields, size_t size);

/* The slot in the trace of the vCPU, which is named there when it is new. Returns as ctf_add(). */
int ctf_total_slot(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t *ret_slot);

/* Those who made pauses, by their numbers in the trace. */
struct pausers *ctf_pausers(struct ctf *ctf);

/* The number of who made pauses, who is named when new: `name` is a handler's. As ctf_add(). */
int ctf_pauser(struct ctf *ctf, uint32_t by, const __u64 cause[2], const char *name,
	       uint32_t *ret_who);

/*
 * Writes the totals of one vCPU, all of them, in place of those that were written before.
 * They count with the next ctf_add_until(). Returns as ctf_add().
 */
int ctf_add_vcpu_totals(struct ctf *ctf, const struct totals_vcpu *totals);

/* Says that what is written by now is of all that was booked up to `at_ns`. As ctf_add(). */
int ctf_add_until(struct ctf *ctf, uint64_t at_ns);

/* What the stream of vCPUs has by now, written or not. */
uint64_t ctf_vcpus_bytes(const struct ctf *ctf);

#endif
