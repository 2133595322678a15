/* SPDX-License-Identifier: GPL-2.0-only */
/* The slot numbers of the vCPUs met so far. */
#ifndef COLLECTOR_VCPUS_H
#define COLLECTOR_VCPUS_H

#include <stdbool.h>
#include <stdint.h>

struct vcpus_entry;

/* A table of zeros is empty. */
struct vcpus {
	struct vcpus_entry *entry; /* `size` places, a power of two; owned */
	uint32_t size;
	uint32_t count;
};

/*
 * The slot of vCPU `index` of the VM `vm` of process `pid`: 0, 1, 2... in the
 * order in which they are first asked for. *ret_new tells whether this is the
 * first time. (`vm` is an address, which another VM may have once this one is
 * gone.) Returns 0 or -ENOMEM.
 */
int vcpus_slot(struct vcpus *vcpus, uint64_t vm, uint32_t pid, uint32_t index, uint32_t *ret_slot,
	       bool *ret_new);

void vcpus_release(struct vcpus *vcpus);

#endif
