/* SPDX-License-Identifier: GPL-2.0-only */
/* The emulated host: QEMU's command line, the kernel's, and starting both. */
#ifndef KVM_ARM_LAB_MACHINE_H
#define KVM_ARM_LAB_MACHINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "kvm-arm/lab/arch.h"

/* A way for KVM to use EL2. */
struct kvm_mode {
	const char *name;
	const char *append;  /* what the kernel's command line needs for it */
	const char *pattern; /* matches the kernel's line that says so */
};

/* Returns 0, or -EINVAL with a sentence that lists the modes. */
int kvm_mode_find(const char *name, const struct kvm_mode **ret_mode);

struct machine {
	const struct arch *arch;
	const struct kvm_mode *mode; /* NULL where the architecture has none */
	const char *cpu;	     /* NULL for the architecture's own */
	const char *kernel;	     /* as QEMU's -kernel takes it */
	const char *rootfs;
	const char *share;
	const char *append; /* more for the kernel's command line, or "" */
	int smp;
	int memory_mb;
	int gic; /* version of the interrupt controller */
	bool mte;
	bool icount;
	bool turns;   /* one thread for all CPUs */
	bool verbose; /* let the kernel talk on its console */
};

/* QEMU as it runs. */
struct emulator {
	pid_t pid;
	int port;    /* carries frames, see frame.h */
	int console; /* what the kernel and QEMU itself have to say */
};

#define _cleanup_emulator_ _cleanup_(emulator_end)
#define EMULATOR_NONE ((struct emulator){ -1, -1, -1 })

/* Whether QEMU is installed. Returns 0, or -ENOENT with a sentence. */
int machine_check(const struct machine *machine);

/*
 * Boots the machine. initramfs: a descriptor of its initramfs. Returns 0, or a
 * negative errno with a sentence.
 */
int machine_start(const struct machine *machine, int initramfs, struct emulator *ret_emulator);

/* Stops it at once: nothing of it outlives the run. */
void emulator_end(struct emulator *emulator);

#endif
