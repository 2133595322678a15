/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine: one slot of RAM, an in-kernel GICv3, a guest image. */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kvm-arm/vmm/config.h"

struct vm {
	int kvm_fd;
	int fd;
	int gic_fd;
	size_t run_size; /* of a vCPU's shared page(s) */
	unsigned char *ram;
	uint64_t entry;	       /* guest address of the image's first instruction */
	uint64_t words;	       /* guest address of the command line */
	uint32_t features;     /* of its vCPUs, as bits */
	uint64_t rounds_32bit; /* for a 32-bit EL1 */
	unsigned int spin_us;  /* that an access to a device takes, see spin.h */
	FILE *samples;	       /* borrowed; NULL for none */
};

/* Opens /dev/kvm and makes a VM with RAM and the guest in it, but no GIC. */
int vm_open(struct vm *vm, const struct config *config);

/* Makes the GIC; to be called once all vCPUs exist. */
int vm_make_gic(struct vm *vm);

/* The `length` bytes at a guest address; NULL when not all of them are RAM. */
void *vm_memory(const struct vm *vm, uint64_t address, size_t length);

/* For a VM that vm_open() was called on, whatever it returned. */
void vm_close(struct vm *vm);

#endif
