/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One stay of a vCPU's thread in the VMM, from the return of one KVM_RUN to the
 * next call: what the preloaded library hands to the provider.
 */
#ifndef PROBES_UST_STAY_H
#define PROBES_UST_STAY_H

#include <stdint.h>

enum { STAY_NO_VCPU = -1 };

struct vmm_stay {
	uint64_t begin_ns; /* CLOCK_MONOTONIC; the event's own time is the stay's end */
	uint64_t lock_ns;  /* of it, waiting for mutexes that another thread had */
	uint64_t address;  /* physical address of an MMIO exit, else 0 */
	int32_t vcpu;	   /* KVM's id of the vCPU, STAY_NO_VCPU where not known */
	int32_t tid;
	int32_t result;	      /* of KVM_RUN: 0, or a negative errno; -EINTR is a kick */
	uint32_t exit_reason; /* KVM_EXIT_*, where the result is 0 */
	uint32_t locks;	      /* how often it waited */
};

/* A wait for a mutex within a stay; the event's own time is its end. */
struct vmm_lock {
	uint64_t begin_ns;
	uint64_t mutex; /* its address in the VMM */
	int32_t vcpu, tid;
};

/*
 * What the provider exports. `attach` waits, bounded, until events are recorded
 * for good; called once, when the process makes its first VM.
 */
#define UST_SYMBOL_ATTACH "hyptrace_ust_attach"
#define UST_SYMBOL_STAY "hyptrace_ust_stay"
#define UST_SYMBOL_LOCK "hyptrace_ust_lock"

typedef void ust_attach_function(void);
typedef void ust_stay_function(const struct vmm_stay *stay);
typedef void ust_lock_function(const struct vmm_lock *lock);

ust_attach_function hyptrace_ust_attach;
ust_stay_function hyptrace_ust_stay;
ust_lock_function hyptrace_ust_lock;

#endif
