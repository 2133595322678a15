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

/* Writes the totals of one vCPU, once. Returns as ctf_add(). */
int ctf_add_vcpu_totals(struct ctf *ctf, const struct totals_vcpu *totals);

/* Writes all totals; before ctf_finish(). Returns as ctf_add(). */
int ctf_add_totals(struct ctf *ctf, const struct totals *totals);

#endif
