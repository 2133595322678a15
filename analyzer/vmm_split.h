/* SPDX-License-Identifier: GPL-2.0-only */
/* What a vCPU's way through user space, the stage io_user, is made of. */
#ifndef ANALYZER_VMM_SPLIT_H
#define ANALYZER_VMM_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

enum vmm_part {
	VMM_LEAVING,   /* from the kernel's last stamp to the return of KVM_RUN in the VMM */
	VMM_WORK,      /* from there to the next call, less the locks */
	VMM_LOCK,      /* of it, waiting for a mutex that another thread had */
	VMM_RETURNING, /* from the call to the kernel's next stamp */
	VMM_PARTS
};

struct vmm_split {
	bool known;
	uint64_t part[VMM_PARTS]; /* they add up to the stage [ticks] */
};

/* A record's way through user space, and where its counter stood at an instant of the clock. */
struct vmm_way {
	uint64_t begin;	    /* counter at the stage's begin [ticks] */
	uint64_t length;    /* of the stage, without pauses [ticks] */
	uint64_t paused;    /* of the record, anywhere in it: preempted, interrupts [ticks] */
	uint64_t emit;	    /* counter [ticks] */
	uint64_t timestamp; /* CLOCK_MONOTONIC at the same moment [ns] */
	uint64_t hz;	    /* of the counter */
};

/* What the VMM's thread says of it. */
struct vmm_stay_times {
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t lock_ns;	   /* of it */
};

/*
 * Splits the way. Where the record has pauses, nobody knows in which part they
 * were: they come out of the longest one, then of the next. So the parts add up
 * to `length` in any case. Unknown where the stay is not within the way, but for
 * the error of two clocks: 5 us, and a thousandth of the time up to `timestamp`.
 */
struct vmm_split vmm_split_make(const struct vmm_way *way, const struct vmm_stay_times *stay);

#endif
