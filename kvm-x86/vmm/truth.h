/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known to have happened, counted by the guest, the VMM and KVM. */
#ifndef X86_VMM_TRUTH_H
#define X86_VMM_TRUTH_H

#include <stdint.h>
#include <stdio.h>

#include "kvm-x86/guest/plan.h"

enum truth_key {
	/* The VMM's own */
	TRUTH_WALL_NS, /* CLOCK_MONOTONIC after the last KVM_RUN minus before the first */
	TRUTH_KVM_RUN_RETURNS,
	TRUTH_PIO_READS,
	TRUTH_PIO_WRITES,
	TRUTH_MMIO_READS,
	TRUTH_MMIO_WRITES,
	TRUTH_EINTR,
	/* KVM's statistics, by their names there */
	TRUTH_FROM_KVM,
	TRUTH_EXITS = TRUTH_FROM_KVM,
	TRUTH_IO_EXITS,
	TRUTH_MMIO_EXITS,
	TRUTH_HALT_EXITS,
	TRUTH_HYPERCALLS,
	TRUTH_IRQ_EXITS,
	TRUTH_SIGNAL_EXITS,
	TRUTH_KEYS,
};

struct truth {
	uint64_t values[TRUTH_KEYS];
};

/* Fills in KVM's statistics of a vCPU. Returns 0, or a negative errno with a sentence. */
int truth_read_kvm(struct truth *truth, int vcpu_fd);

/* Prints one line: what the guest has done by operation, then every key. */
void truth_print(const struct truth *truth, const struct plan *plan, FILE *out);

#endif
