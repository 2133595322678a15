/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine with one vCPU, an in-kernel interrupt controller, a guest image. */
#ifndef X86_VMM_VM_H
#define X86_VMM_VM_H

#include <linux/kvm.h>
#include <stddef.h>

#include "kvm-x86/guest/plan.h"
#include "kvm-x86/vmm/truth.h"

struct vm {
	int kvm_fd, fd, vcpu_fd;
	unsigned char *ram;
	struct plan *plan; /* in ram */
	struct kvm_run *run;
	size_t run_size;
	struct truth truth;
};

/* Makes the VM, ready to run the image's first instruction, with an empty plan. */
int vm_open(struct vm *vm, const char *image);

/* Runs until the guest ends. Counts into vm->truth. */
int vm_run(struct vm *vm);

/* For a VM that vm_open() was called on, whatever it returned. */
void vm_close(struct vm *vm);

#endif
