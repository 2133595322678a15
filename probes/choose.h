/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which records cross the ring: rules that BPF programs follow and user space
 * makes. Includes no header, so that both can share it; the fixed-width types
 * come from the includer (<linux/types.h>), behind probes/exit_record.h.
 */
#ifndef PROBES_CHOOSE_H
#define PROBES_CHOOSE_H

/*
 * Classes of records: exception classes of ESR_EL2 (0 to 63), and these. Those of hosts
 * that are no Arm: accesses to devices, and exits by their number.
 */
enum choose_class {
	CHOOSE_WAIT = 64,		/* and three more: WFI, WFE, WFIT, WFET */
	CHOOSE_MMIO = CHOOSE_WAIT + 4,	/* an access to a device */
	CHOOSE_CODE,			/* and three more: exits that are no trap, by code */
	CHOOSE_START = CHOOSE_CODE + 4, /* records that begin in the run loop */
	CHOOSE_CONTINUATION,		/* that follow a run which did not enter the guest */
	CHOOSE_RUN_LOOP,		/* the same, through user space */
	CHOOSE_OTHER,
	CHOOSE_PORT,		   /* as CHOOSE_MMIO */
	CHOOSE_UNLISTED,	   /* a number that is none of these: */
	CHOOSE_NUMBER = 128,	   /* 0 to 0xbf, */
	CHOOSE_HIGH = 128 + 0xc0,  /* 0x400 to 0x41f, */
	CHOOSE_ERROR = 128 + 0xe0, /* 0xffffffe0 to 0xffffffff */
	CHOOSE_CLASSES = 512
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

/*
 * A reason by its details: as the key of a totals_reason has it, or as
 * choose_x86_reason() says.
 */
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

/* --- hosts that are no Arm -------------------------------------------------------- */

/* The number of an exit, without the flags that VMX has beside it. */
static inline __attribute__((always_inline)) __u32 choose_number(__u8 code, __u64 esr)
{
	return code == EXIT_CODE_VMX ? (__u16)esr : (__u32)esr;
}

/* Whether what it accesses is a port: VMX exit reason 30, SVM exit code 0x7b. */
static inline __attribute__((always_inline)) int choose_is_port(__u8 code, __u64 esr)
{
	__u32 port = code == EXIT_CODE_VMX ? 30 : code == EXIT_CODE_SVM ? 0x7b : EXIT_RUN_PORT;

	return choose_number(code, esr) == port;
}

static inline __attribute__((always_inline)) int choose_is_access(__u16 flags)
{
	return flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);
}

static inline __attribute__((always_inline)) __u32 choose_x86_class(__u8 kind, __u8 code,
								    __u16 flags, __u64 esr)
{
	__u32 number = choose_number(code, esr);

	if (kind == EXIT_KIND_START)
		return CHOOSE_START;
	if (kind != EXIT_KIND_EXIT)
		return CHOOSE_OTHER;
	if (choose_is_access(flags))
		return choose_is_port(code, esr) ? CHOOSE_PORT : CHOOSE_MMIO;
	if (number < 0xc0)
		return CHOOSE_NUMBER + number;
	if (number - 0x400 < 0x20)
		return CHOOSE_HIGH + (number - 0x400);
	return number >= 0xffffffe0 ? CHOOSE_ERROR + (number & 0x1f) : CHOOSE_UNLISTED;
}

/* The number that has a class from CHOOSE_NUMBER to CHOOSE_ERROR + 0x1f. */
static inline __u32 choose_number_of(__u32 class)
{
	if (class >= CHOOSE_ERROR)
		return 0xffffffe0 + (class - CHOOSE_ERROR);
	return class >= CHOOSE_HIGH ? 0x400 + (class - CHOOSE_HIGH) : class - CHOOSE_NUMBER;
}

/*
 * What the name of an exit tells. An access to a device is known by its width, as far as
 * kvm-x86/decode tells it, whatever exit it came with.
 */
static inline __attribute__((always_inline)) struct choose_reason
choose_x86_reason(__u8 code, __u16 flags, __u64 esr, __u64 arg)
{
	const __u64 write = 1ULL << EXIT_X86_WRITE_BIT, access = 1ULL << 48;
	__u64 width = esr >> EXIT_X86_WIDTH_SHIFT & 0xff;
	struct choose_reason reason = { .esr = esr & write, .number = arg };

	if (!choose_is_access(flags)) {
		reason.esr |= choose_number(code, esr);
		return reason;
	}
	if (width)
		reason.esr |= ((width | 8) & -(width | 8)) << EXIT_X86_WIDTH_SHIFT;
	reason.esr |= access | choose_is_port(code, esr);
	return reason;
}

#endif
