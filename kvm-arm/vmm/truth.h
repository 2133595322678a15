/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known to have happened to one vCPU, counted by the VMM and by KVM. */
#ifndef VMM_TRUTH_H
#define VMM_TRUTH_H

#include <stdint.h>
#include <stdio.h>

enum truth_key {
	/* The VMM's own */
	TRUTH_WALL_NS, /* CLOCK_MONOTONIC after the last KVM_RUN minus before the first */
	TRUTH_KVM_RUN_RETURNS,
	TRUTH_MMIO_READS,
	TRUTH_MMIO_WRITES,
	TRUTH_EINTR,
	TRUTH_SYSTEM_EVENT,
	/* KVM's statistics, by their names there */
	TRUTH_FROM_KVM,
	TRUTH_EXITS = TRUTH_FROM_KVM,
	TRUTH_WFI_EXIT_STAT,
	TRUTH_HVC_EXIT_STAT,
	TRUTH_MMIO_EXIT_USER,
	TRUTH_MMIO_EXIT_KERNEL,
	TRUTH_KEYS,
};

struct truth {
	uint64_t values[TRUTH_KEYS];
};

/* Fills in KVM's statistics of a vCPU. Returns 0, or a negative errno with a sentence. */
int truth_read_kvm(struct truth *truth, int vcpu_fd);

void truth_add(struct truth *sum, const struct truth *truth);

/* Prints " key=value" for each key, and ends the line. */
void truth_print(const struct truth *truth, FILE *out);

#endif
