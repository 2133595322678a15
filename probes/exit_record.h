/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exit record as BPF programs write it into a ring and the collector reads
 * it. Includes no header, so that BPF objects and C programs can share it; the
 * fixed-width types come from the includer (<linux/types.h>).
 */
#ifndef PROBES_EXIT_RECORD_H
#define PROBES_EXIT_RECORD_H

enum exit_kind { EXIT_KIND_START = 0, EXIT_KIND_EXIT = 1, EXIT_KIND_CONTINUATION = 2, EXIT_KINDS };

enum exit_flag {
	EXIT_FLAG_USER = 1,	   /* returned to user space */
	EXIT_FLAG_MMIO_KERNEL = 2, /* an access to a device that the kernel emulates */
	EXIT_FLAG_MMIO_USER = 4,   /* an access to a device that user space emulates */
	EXIT_FLAG_OPEN = 8,	   /* the vCPU left for good: no entry ends this record */
	EXIT_FLAG_NOT_ENTERED = 16 /* the run it prepared did not enter the guest */
};

/* Exception codes of a record: arch/arm64/include/asm/kvm_asm.h, ARM_EXCEPTION_*. */
enum exit_code { EXIT_CODE_IRQ = 0, EXIT_CODE_SERROR = 1, EXIT_CODE_TRAP = 2, EXIT_CODE_IL = 3 };

/* A record holds at most this many stages: one bit each in a 64-bit map. */
enum { EXIT_STAGES_MAX = 64 };

/* The fixed part: its bytes are the CTF event's bytes. */
struct exit_fixed {
#define EXIT_FIELD(bits, name, base, help) __u##bits name;
#include "events.def"
#undef EXIT_FIELD
};

enum {
	EXIT_FIXED_BYTES = 0
#define EXIT_FIELD(bits, name, base, help) +bits / 8
#include "events.def"
#undef EXIT_FIELD
};

_Static_assert(sizeof(struct exit_fixed) == EXIT_FIXED_BYTES, "padding in struct exit_fixed");

/*
 * What crosses the ring. The probe leaves `fixed.missing` and `fixed.stages`
 * to the collector, which turns stamps into stage lengths.
 */
struct ring_record {
	__u64 timestamp; /* CLOCK_MONOTONIC at emission [ns] */
	__u64 vm;	 /* identity of the VM in this boot; never stored */
	__u64 expected;	 /* bitmap of stages that this path stamps */
	__u32 pid;	 /* process that owns the VM */
	__u32 vcpu;	 /* index of the vCPU in its VM */
	struct exit_fixed fixed;
	/*
	 * Raw counter values by stage number [ticks], 0 where not touched; the
	 * stages beyond the running kernel's last one are not transferred.
	 */
	__u64 stamp[EXIT_STAGES_MAX];
};

#endif
