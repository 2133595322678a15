/* SPDX-License-Identifier: GPL-2.0-only */
/* The totals that the probes keep of each vCPU, read without stopping anyone. */
#ifndef COLLECTOR_TOTALS_H
#define COLLECTOR_TOTALS_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/exit_record.h"
#include "probes/totals.h"

/* One reading; each vCPU is consistent in itself. */
struct totals {
	/*
	 * `count` of them; owned. Of their
	 * histograms, those that nobody uses are undefined.
	 */
	struct totals_vcpu *vcpu;
	struct totals_open *open; /* what each is about at that moment; owned, NULL if not known */
	unsigned int count, size; /* that are there, and that there is room for */
	struct totals_others others; /* what found no slot */
	/* What the whole host has cost and lost by then; 0 where nobody asked for that. */
	struct pause_cost pauses;
	uint64_t skipped; /* runs of the recorder that the kernel left out */
};

/* The probes' arrays, TOTALS_SLOTS long. */
struct totals_mapped {
	const struct totals_vcpu *vcpu;
	const struct totals_vcpu_sums *sums; /* NULL: all stages are booked one by one */
};

/*
 * Maps the probes' arrays; `sums_fd` is negative where there is none. Returns 0, or a
 * negative errno with a sentence.
 */
int totals_map(int vcpu_fd, int sums_fd, struct totals_mapped *ret_mapped);

/* All NULL is harmless. */
void totals_unmap(const struct totals_mapped *mapped);

/*
 * Copies a vCPU's totals, but for the histograms that nobody uses yet: they are
 * most of it, and those of `to` stay as they are.
 */
void totals_copy(struct totals_vcpu *to, const struct totals_vcpu *from);

/* Tells what the vCPU of a slot is about. Returns 0, or a negative errno with a sentence. */
typedef int totals_look(void *context, uint32_t slot, struct totals_open *ret_open);

/*
 * Copies what is somebody's of the first `used` slots; with `look`, what each vCPU is about as
 * well, at the moment that the copy is of. `ret_totals` is empty or an earlier reading, whose
 * memory is used again. Returns 0, or a negative errno with a sentence; totals_release() it
 * either way.
 */
int totals_read(const struct totals_mapped *mapped, unsigned int used,
		const struct totals_others *others, totals_look *look, void *context,
		struct totals *ret_totals);

/*
 * What was added since an earlier reading, of vCPUs of which something was booked
 * since then: what a trace stores of it. Returns 0 or -ENOMEM; totals_release()
 * what it returned.
 */
int totals_difference(const struct totals *now, const struct totals *before,
		      struct totals *ret_since);

/* Copies one slot, consistent in itself. */
void totals_read_slot(const struct totals_mapped *mapped, uint32_t slot,
		      struct totals_vcpu *ret_vcpu);

/* Copies those of `from`, which are about nothing, behind those of `to`. Returns 0 or -ENOMEM. */
int totals_append(struct totals *to, const struct totals *from);

/*
 * Adds one vCPU's totals to another's, which is nobody's from then on: it lived
 * as long as both together. Of reasons and pausers beyond its tables only the
 * sums are kept; how the lengths of `from` spread is kept of reasons that both have.
 */
void totals_add(struct totals_vcpu *to, const struct totals_vcpu *from);

/* Whether these are added-up totals of vCPUs that are gone. */
static inline bool totals_is_sum(const struct totals_vcpu *vcpu)
{
	return !vcpu->vm && !vcpu->pid;
}

/*
 * What `sum`, the added-up totals of `now`, held when `before` was read, with those of the vCPUs
 * that have been added to them since. Returns 0 or -ENOMEM; free() what it returned.
 */
int totals_sum_before(const struct totals *now, const struct totals *before,
		      const struct totals_vcpu *sum, struct totals_vcpu **ret_then);

/* The vCPU among them, or NULL. */
const struct totals_vcpu *totals_find(const struct totals *totals, const struct totals_vcpu *vcpu);

void totals_release(struct totals *totals);

#endif
