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

/* Writes all totals; before ctf_finish(). Returns as ctf_add(). */
int ctf_add_totals(struct ctf *ctf, const struct totals *totals);

#endif
