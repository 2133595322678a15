/* SPDX-License-Identifier: GPL-2.0-only */
/* One vCPU and its run loop, with the little of a PL011 that the guest uses. */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

#include "kvm-arm/vmm/truth.h"
#include "kvm-arm/vmm/vm.h"

struct vcpu {
	unsigned int index;
	const struct vm *vm; /* borrowed */
	int fd;
	size_t run_size;
	struct kvm_run *run;
	struct truth truth;
	uint64_t status; /* what the guest gave along with SYSTEM_OFF */
};

/* Makes vCPU `index` of `nvcpus`, ready to run the guest's first instruction. */
int vcpu_open(struct vcpu *vcpu, const struct vm *vm, unsigned int index, unsigned int nvcpus);

/* Makes what needs the VM's GIC to be there; before the first vcpu_run(). */
int vcpu_finish(struct vcpu *vcpu);

/* For a vCPU that vcpu_open() was called on, whatever it returned. */
void vcpu_close(struct vcpu *vcpu);

/*
 * Runs until the guest switches the machine off or vcpu_ask_to_stop() was
 * called and the thread got a signal. Counts into vcpu->truth.
 */
int vcpu_run(struct vcpu *vcpu);

/* From any thread: the next KVM_RUN returns at once. */
void vcpu_ask_to_stop(struct vcpu *vcpu);

#endif
