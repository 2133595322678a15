/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest is to do, and what it has done: a block in its memory. */
#ifndef X86_GUEST_PLAN_H
#define X86_GUEST_PLAN_H

#include <stdint.h>

enum operation {
#define OPERATION(name, help) OPERATION_##name,
#include "kvm-x86/guest/operations.def"
#undef OPERATION
	OPERATIONS,
};

struct plan {
	uint64_t count[OPERATIONS];
	uint64_t hlt_ns; /* how long the timer runs that ends a HLT */
	uint64_t intel;	 /* whether a hypercall is VMCALL, not VMMCALL */

	/* Written by the guest */
	uint64_t done[OPERATIONS];
	uint64_t apic_writes;
	uint64_t too_early; /* interrupts between STI and HLT: each made it try again */
};

#endif
