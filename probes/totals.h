/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Totals of each vCPU as BPF programs book them and user space maps them.
 * Includes no system's header, so that both can share it; the fixed-width types come
 * from the includer (<linux/types.h>), behind probes/exit_record.h.
 */
#ifndef PROBES_TOTALS_H
#define PROBES_TOTALS_H

#include "probes/stage_group.h"

/* vCPUs, reasons, histograms and patterns of stages beyond these share one place each. */
enum {
	TOTALS_SLOTS = 64,
	TOTALS_REASONS = 512,	 /* of a vCPU; a power of two */
	TOTALS_HISTOGRAMS = 128, /* of a vCPU's reasons */
	TOTALS_PATTERNS = 64,	 /* of a vCPU; a power of two */
	TOTALS_SUM_BITS = 56,	 /* of a time in struct totals_sums */
	TOTALS_KNOWN = 64,	 /* exits of a vCPU that are found again at once; a power of two */
	TOTALS_PAUSERS = 32,	 /* of a vCPU; a power of two */
	TOTALS_PROBES = 8	 /* places that a hash may mean */
};

/*
 * Eight buckets to each power of two: below 8 exact, then within 6 %. The last
 * one holds everything from 15 * 2^39 ticks on.
 */
enum { TOTALS_SUB_BITS = 3, TOTALS_BUCKETS = 328 };

/*
 * The bits of a record's flags that tell reasons apart; that of what EL2 finished
 * alone; in a trace, that of what found no place.
 */
enum {
	TOTALS_FLAGS = EXIT_FLAG_USER | EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER,
	TOTALS_FLAG_EL2 = 0x100,
	TOTALS_FLAG_OTHERS = 0x200
};

/* Records of one reason, or exits of one cause that EL2 finished alone. */
struct totals_reason {
	__u64 count; /* 0: a free place */
	__u64 ticks;
	__u64 min, max; /* unknown where EL2 finished them */
	__u64 esr;	/* what of it tells reasons apart */
	__u64 number;	/* the function of a call, the address of an access, else 0 */
	__u16 flags;	/* TOTALS_FLAGS, TOTALS_FLAG_EL2 */
	__u8 kind;
	__u8 code;
	__u32 histogram; /* number of its histogram, TOTALS_HISTOGRAMS for none */
};

/* Records that should have touched the same stages. */
struct totals_pattern {
	__u64 count; /* 0: a free place */
	__u64 expected[EXIT_STAGE_WORDS];
};

/* Pauses that one task or interrupt made. */
struct totals_pauser {
	__u64 count; /* 0: a free place */
	__u64 ticks;
	__u64 cause[2];
	__u32 by; /* enum pause_by */
	/* Of an interrupt's handler or an IPI. */
	char name[28];
};

/* Records with a common property, and its time. */
struct totals_part {
	__u64 count;
	__u64 ticks;
};

/* Records that spent time in a group of accounts, and how long each did. */
struct totals_group {
	__u64 count;
	__u64 ticks;
	__u64 min, max;
	__u32 histogram[TOTALS_BUCKETS];
};

/* Rows of totals_vcpu.part[]. */
enum totals_part_kind {
	TOTALS_GUEST,	     /* guest executing before the record */
	TOTALS_EL2,	     /* exits before the record that EL2 finished alone: records */
	TOTALS_EL2_FP,	     /* the FP traps among them: records */
	TOTALS_BLOCKED,	     /* part of th_handler */
	TOTALS_HANDLER_MMIO, /* th_handler of an access to a device */
	TOTALS_PREEMPTED,    /* taken out of the stages */
	TOTALS_IRQ,	     /* likewise */
	TOTALS_OWN,	     /* from begin to end */
	TOTALS_PARTS
};

/* What tells vCPUs apart. Addresses come again once a VM is gone: hence the process. */
struct totals_key {
	__u64 vm;
	__u32 pid;
	__u32 index;
};

/* Written by the vCPU's thread alone; consistent while `sequence` is even and the same. */
struct totals_vcpu {
	__u64 sequence;
	__u64 vm;   /* identity of the VM in this boot */
	__u64 vcpu; /* address of the kernel's struct kvm_vcpu; 0: nobody's slot */
	__u32 pid, tid, index, hole;
	char command[16]; /* of the process */
	__u64 begin;	  /* of the first record, or of the guest before it [ticks] */
	__u64 end;	  /* of the last record; what comes after it is booked with the next one */
	__u64 off;	  /* before records that begin a new stay in the run loop: not recorded */
	__u64 trip;	  /* below tier patched: address of what its thread is about */
	__u64 ended;	  /* not 0: the vCPU is gone, and that was its last record */
	__u64 emit;	  /* of the last record: the counter at */
	__u64 timestamp;  /* this time [CLOCK_MONOTONIC, ns] */
	__u64 kinds[EXIT_KINDS + 1]; /* records by kind; the last for what is none */
	__u64 el2_count;	     /* exits that EL2 finished alone */
	__u64 never_entered;	     /* records whose run did not enter the guest */
	__u64 through_user;	     /* records that went through user space */
	__u64 incomplete;	     /* records that lack a stamp of their path */
	__u64 missing;		     /* such stamps */
	__u64 impossible;	     /* records whose numbers contradict each other */
	struct totals_part part[TOTALS_PARTS];
	__u64 stage[EXIT_STAGES_MAX];	/* time by stage, blocked and pauses taken out [ticks] */
	__u32 skipped[EXIT_STAGES_MAX]; /* times that a pattern had the stage, and it was not booked
					 */
	struct totals_pattern pattern[TOTALS_PATTERNS + 1];	   /* the last: all others */
	struct totals_reason reason[TOTALS_REASONS + 1];	   /* the last: all others */
	struct totals_pauser pauser[TOTALS_PAUSERS + PAUSE_KINDS]; /* the last ones: all others */
	__u32 histograms;					   /* in use */
	__u32 histogram[TOTALS_HISTOGRAMS][TOTALS_BUCKETS];
	__u32 grouped;			   /* not 0: there is something in what follows */
	struct totals_group group[GROUPS]; /* kept where that is asked for */
};

/*
 * Records of one pattern whose stages were not booked one by one: how many, and by
 * stage the sum of the times from a record's begin to its stamp [ticks], each cut to
 * TOTALS_SUM_BITS. So a stamp that a record lacks, which is older than its begin, adds
 * one to the bits above. Stages that the pattern has not are garbage.
 */
struct totals_sums {
	__u64 records; /* their time from begin to end is that to the last stage */
	__u32 counted; /* of them: those in totals_vcpu.pattern[] and kinds[]; the rest are exits */
	__u32 way;     /* enum totals_way, 0 before the first record */
	__u64 ticks[EXIT_STAGES_MAX];
};

/* An exit that came before, by all that tells where it is booked, and where that is. */
struct totals_known {
	__u64 expected[EXIT_STAGE_WORDS];
	__u64 esr, ipa, arg;
	__u32 bits; /* all of its flags, kind and code; 0: a free place */
	__u16 pattern, reason;
};

/* What belongs to a struct totals_vcpu, under its sequence count. */
struct totals_vcpu_sums {
	struct totals_known known[TOTALS_KNOWN];
	struct totals_sums pattern[TOTALS_PATTERNS];
};

/* What a vCPU is about. */
enum totals_state {
	TOTALS_STATE_GONE, /* there is no such vCPU any more */
	TOTALS_STATE_HOST,
	TOTALS_STATE_GUEST,
	TOTALS_STATE_BLOCKED, /* waits for an interrupt */
	TOTALS_STATE_PREEMPTED
};

/* What it has done since its last booked record, looked at when user space asks. */
struct totals_open {
	__u64 at_ns;		      /* CLOCK_MONOTONIC */
	__u64 begin;		      /* of the record at hand; 0: there is none, or it is booked */
	__u64 guest, el2_time;	      /* before it */
	__u64 stamp[EXIT_STAGES_MAX]; /* so far; those before `begin` are of older records */
	__u32 state;		      /* enum totals_state */
	__u32 hole;
};

/* Of which slot user space asks. */
struct totals_ask {
	__u32 slot;
};

/* What found no slot, and is in no ring either. */
struct totals_others {
	__u64 records;
};

/* `asm`: else each condition is made twice, once for each of the two. */
#define TOTALS_SHIFT(value, shift, by)                                                             \
	do {                                                                                       \
		(value) >>= (by);                                                                  \
		(shift) += (by);                                                                   \
		__asm__("" : "+r"(value), "+r"(shift));                                            \
	} while (0)

static inline __attribute__((always_inline)) __u32 totals_bucket(__u64 value)
{
	__u32 shift = 0; /* until 8 to 15 are left */

	if (value >> 43)
		return TOTALS_BUCKETS - 1;
	if (value >> 35)
		TOTALS_SHIFT(value, shift, 32);
	if (value >> 19)
		TOTALS_SHIFT(value, shift, 16);
	if (value >> 11)
		TOTALS_SHIFT(value, shift, 8);
	if (value >> 7)
		TOTALS_SHIFT(value, shift, 4);
	if (value >> 5)
		TOTALS_SHIFT(value, shift, 2);
	if (value >> 4)
		TOTALS_SHIFT(value, shift, 1);
	return shift * 8 + (__u32)value;
}

/* The least value of a bucket. */
static inline __attribute__((always_inline)) __u64 totals_bucket_first(__u32 bucket)
{
	if (bucket < 8)
		return bucket;
	return (8ULL + bucket % 8) << (bucket / 8 - 1);
}

#endif
