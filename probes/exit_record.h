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
	EXIT_FLAG_USER = 1,	    /* returned to user space */
	EXIT_FLAG_MMIO_KERNEL = 2,  /* an access to a device that the kernel emulates */
	EXIT_FLAG_MMIO_USER = 4,    /* an access to a device that user space emulates */
	EXIT_FLAG_OPEN = 8,	    /* the vCPU left for good: no entry ends this record */
	EXIT_FLAG_NOT_ENTERED = 16, /* the run it prepared did not enter the guest */
	EXIT_FLAG_CYCLES_EXIT = 32, /* the exit half has cycles */
	EXIT_FLAG_CYCLES_ENTRY = 64 /* the entry half has cycles */
};

/* Exception codes of a record: arch/arm64/include/asm/kvm_asm.h, ARM_EXCEPTION_*. */
enum exit_code { EXIT_CODE_IRQ = 0, EXIT_CODE_SERROR = 1, EXIT_CODE_TRAP = 2, EXIT_CODE_IL = 3 };

/*
 * Of hosts that are no Arm: what the low half of a record's esr is, a VMX exit
 * reason, an SVM exit code, or KVM_EXIT_* where only the ends of KVM_RUN are
 * seen. In the high half, for accesses to devices: their width in bytes, and
 * whether they write (of an MSR too). Its arg is the address, port, MSR, or the
 * number of the call.
 */
enum { EXIT_CODE_VMX = 16, EXIT_CODE_SVM = 17, EXIT_CODE_RUN = 18 };
enum { EXIT_X86_WIDTH_SHIFT = 32, EXIT_X86_WRITE_BIT = 40 };
enum { EXIT_RUN_PORT = 2, EXIT_RUN_MMIO = 6 }; /* KVM_EXIT_IO, KVM_EXIT_MMIO */

/* A record holds at most this many stages: one bit each in a map of two words. */
enum { EXIT_STAGES_MAX = 128, EXIT_STAGE_WORDS = EXIT_STAGES_MAX / 64 };

/* The fixed part. */
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
 * What crosses the ring. The probe leaves `fixed.missing`, `fixed.missing_high`
 * and `fixed.stages` to the collector, which turns stamps into stage lengths.
 */
struct ring_record {
	__u64 timestamp;		  /* CLOCK_MONOTONIC at emission [ns] */
	__u64 vm;			  /* identity of the VM in this boot; never stored */
	__u64 expected[EXIT_STAGE_WORDS]; /* bitmap of stages that this path stamps */
	__u32 pid;			  /* process that owns the VM */
	__u32 vcpu;			  /* index of the vCPU in its VM */
	struct exit_fixed fixed;
	/*
	 * Raw counter values by stage number [ticks]; what is older than
	 * fixed.begin is not touched. The stages beyond the running kernel's
	 * last one are not transferred.
	 */
	__u64 stamp[EXIT_STAGES_MAX];
};

/* Exits of one cause that EL2 finished alone, before a record's begin. */
struct ring_el2 {
	__u64 esr; /* ~0: what found no place of its own */
	__u64 ticks;
	__u32 count;
	__u32 code;
};

/* Who or what made a pause; the two with an S: several, whose time was added up. */
enum pause_by {
	PAUSE_BY_TASK,
	PAUSE_BY_TASKS,
	PAUSE_BY_IRQ,
	PAUSE_BY_SOFTIRQ,
	PAUSE_BY_IPI,
	PAUSE_BY_IRQS
};

/* While the record's thread did not go on with what it was about. */
struct ring_pause {
	__u64 begin_ns; /* CLOCK_MONOTONIC */
	__u64 length_ns;
	/* Where it was, as probes/pause_place.h says. */
	__u64 ticks;
	__u32 stage; /* EXIT_STAGES_MAX: none */
	__u32 by;    /* enum pause_by */
	/*
	 * A task: its name, as the kernel has it. Else the number of the interrupt
	 * or softirq, and the address of the name that its handler or the IPI has.
	 */
	__u64 cause[2];
};

enum pause_kind { PAUSE_PREEMPTED, PAUSE_IRQ, PAUSE_KINDS };

/* Of each kind; the time of more is added to the last one. */
enum { PAUSES_MOST = 4 };

enum { EL2_CAUSES_MOST = 4 };

/* What the programs that watch for pauses have cost on one CPU. */
struct pause_cost {
	__u64 runs;
	__u64 ns; /* from the runs that measured themselves, for all */
};

/* What the probes keep of a CPU. */
struct probe_cpu {
	struct pause_cost cost;
	/*
	 * The thread recorded last, and its VM: while `task` stays, it is to be
	 * recorded and has had no pause since. 0: look it up.
	 */
	__u64 task;
	__u64 vm;
	/* The vCPU whose totals were booked last, and their slot; 0: look it up. */
	__u64 vcpu;
	__u32 slot;
	__u32 tid; /* the thread that ran it: another VM's may come to the same address */
};

/* Behind the last stamp of a record that has any of it. */
struct ring_extra {
	struct ring_el2 el2[EL2_CAUSES_MOST];
	struct ring_pause pause[PAUSE_KINDS][PAUSES_MOST];
	__u8 pause_first[PAUSE_KINDS]; /* place of the first; place 0 follows the last place */
	__u8 pauses[PAUSE_KINDS];      /* how many of each kind */
	__u32 begin_cycles;	       /* at fixed.begin */
	__u64 el2_causes;	       /* how many of el2[] are in use */
	/* Low half of the cycle counter by stage number; valid as fixed.flags tells. */
	__u32 cycles[EXIT_STAGES_MAX];
};

#endif
