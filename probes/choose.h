/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which records cross the ring: rules that BPF programs follow and user space
 * makes. Includes no header, so that both can share it; the fixed-width types
 * come from the includer (<linux/types.h>), behind probes/exit_record.h.
 */
#ifndef PROBES_CHOOSE_H
#define PROBES_CHOOSE_H

/* Classes of records: exception classes of ESR_EL2 (0 to 63), and these. */
enum choose_class {
	CHOOSE_WAIT = 64,		/* and three more: WFI, WFE, WFIT, WFET */
	CHOOSE_MMIO = CHOOSE_WAIT + 4,	/* an access to a device */
	CHOOSE_CODE,			/* and three more: exits that are no trap, by code */
	CHOOSE_START = CHOOSE_CODE + 4, /* records that begin in the run loop */
	CHOOSE_CONTINUATION,		/* that follow a run which did not enter the guest */
	CHOOSE_RUN_LOOP,		/* the same, through user space */
	CHOOSE_OTHER,
	CHOOSE_CLASSES = 128
};

enum { CHOOSE_VCPUS = 512, CHOOSE_REASONS = 64, CHOOSE_WORDS = 64 };

/*
 * What a guest puts a mark with: x0 of an HVC or SMC, its upper half being the
 * mark's number. A vendor-specific hypervisor service call (Arm DEN 0028) that
 * KVM answers NOT_SUPPORTED; bit 30 says which of the two calling conventions.
 */
enum { CHOOSE_MARK = 0x86004d4b, CHOOSE_MARK_FORM = 0x40000000 };

/* Set before loading, so that a rule that is not used costs nothing. All zero: all records. */
struct choose_rules {
	__u8 some;    /* any of the rules below is used */
	__u8 slower;  /* than choose_slower_ticks */
	__u8 vcpus;   /* of `vcpu` */
	__u8 reasons; /* of `class`, or in the map choose_reasons */
	__u8 details; /* the map has some */
	__u8 steps;   /* as choose_below says at the moment */
	__u16 hole;
	__u32 below; /* of 2^32 records this many, by chance; 0: all */
	__u64 vcpu[CHOOSE_VCPUS / 64];
	__u64 class[CHOOSE_CLASSES / 64];
};

/* A reason by its details, as the key of a totals_reason has it. */
struct choose_reason {
	__u64 esr;
	__u64 number;
};

static inline __attribute__((always_inline)) int choose_is_call(__u64 esr)
{
	__u32 class = esr >> 26 & 0x3f;

	return class == 0x12 || class == 0x13 || class == 0x16 || class == 0x17;
}

static inline __attribute__((always_inline)) int choose_is_mark(__u8 kind, __u8 code, __u64 esr,
								__u64 arg)
{
	return kind == EXIT_KIND_EXIT && code == EXIT_CODE_TRAP && choose_is_call(esr) &&
	       ((__u32)arg & ~(__u32)CHOOSE_MARK_FORM) == (__u32)CHOOSE_MARK;
}

static inline __attribute__((always_inline)) __u32 choose_class_of(__u8 kind, __u8 code,
								   __u16 flags, __u64 esr)
{
	__u32 class = esr >> 26 & 0x3f;

	if (kind == EXIT_KIND_START)
		return CHOOSE_START;
	if (kind == EXIT_KIND_CONTINUATION)
		return flags & (EXIT_FLAG_USER | EXIT_FLAG_MMIO_USER) ? CHOOSE_RUN_LOOP
								      : CHOOSE_CONTINUATION;
	if (kind != EXIT_KIND_EXIT)
		return CHOOSE_OTHER;
	if (code >= EXIT_CODE_VMX)
		return CHOOSE_OTHER;
	if (code != EXIT_CODE_TRAP)
		return CHOOSE_CODE + (code & 3);
	if (class == 0x01)
		return CHOOSE_WAIT + (esr & 3);
	if (class == 0x24 && flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER))
		return CHOOSE_MMIO;
	return class;
}

#endif
