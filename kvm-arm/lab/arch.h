/* SPDX-License-Identifier: GPL-2.0-only */
/* The architectures that the emulated host can have. */
#ifndef KVM_ARM_LAB_ARCH_H
#define KVM_ARM_LAB_ARCH_H

#include <stdbool.h>

#include "kvm-arm/lab/process.h"

struct arch {
	const char *name;     /* as --arch has it */
	const char *debian;   /* as Debian's packages have it */
	struct tool emulator; /* QEMU */
	const char *board;    /* QEMU's machine */
	const char *cpu;      /* its CPU model where none is given */
	const char *cpu_more; /* what every model needs besides */
	const char *append;   /* what the kernel's command line needs */
	const char *init;     /* the file that becomes the first process */
	const char *make;     /* what builds it */
	bool turns;	      /* its CPUs always take turns */
	bool el2;	      /* KVM has modes, the board a GIC, and we have patches */
};

/* Returns 0, or -EINVAL with a sentence that lists the architectures. */
int arch_find(const char *name, const struct arch **ret_arch);

#endif
