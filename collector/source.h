/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where ring records come from: the probes, behind one interface. The record
 * command knows nothing else of them.
 */
#ifndef COLLECTOR_SOURCE_H
#define COLLECTOR_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/types.h>

#include "collector/device_finder.h"
#include "collector/identity.h"
#include "collector/pausers.h"
#include "probes/exit_record.h"

struct totals;
struct chooser;
struct totals_vcpu;

struct source_facts {
	const char *tier;     /* "patched", "stock", "x86" or "generic" */
	const char *kvm_mode; /* "nvhe", "vhe", "hvhe", "protected", "svm", "vmx" or "unknown" */
	const char *counter_name; /* whose ticks the records hold */
	uint64_t counter_hz;
	unsigned int stamp_count;	/* stages that end with a stamp: the first ones */
	unsigned int stage_count;	/* of all, with those of pauses: 1 to EXIT_STAGES_MAX */
	const char *const *stage_names; /* stage_count of them, in the order of time */

	/* These are known once attached. */
	bool synchronised;	  /* a barrier before each stamp */
	bool cycles;		  /* records have cycles: of the stages up to cycles_exit, */
	unsigned int cycles_exit; /* and of those behind cycles_entry */
	unsigned int cycles_entry;
	uint32_t stamp_cost_64; /* of 64 stamps [ticks]; 0 where not known */
	/* Instructions between the first or last stamp and the guest. */
	uint32_t unstamped_eret, unstamped_irq, unstamped_trap, unstamped_hvc;
};

struct source {
	const struct source_ops *ops;
	struct source_facts facts;    /* strings are owned by the source */
	unsigned int ring_count;      /* one BPF ring per possible CPU; index = CPU number */
	const int *ring_fds;	      /* map fds, owned by the source */
	struct identities identities; /* of those that were met; owned */
	struct device_finder devices; /* of the VMs met; owned */
};

/* Functions return 0 or a negative errno with a sentence. */
struct source_ops {
	/*
	 * Begins to emit records of the VMs of `pid` and what it forks; of all
	 * where opened so. Completes the facts.
	 */
	int (*attach)(struct source *source, pid_t pid);
	/* Ends the records; the rings stay readable. Harmless when not attached. */
	void (*detach)(struct source *source);
	/*
	 * While attached: ends records and totals, and with them what they cost, or
	 * has them go on.
	 */
	int (*switch_on)(struct source *source, bool on);
	/*
	 * Records lost since attach(): by CPU (ring_count numbers) where the ring
	 * was full, and those of skipped programs, whose CPU is not known.
	 */
	int (*lost)(struct source *source, uint64_t *ret_by_cpu, uint64_t *ret_skipped);
	/* What watching for pauses has cost on all CPUs since it was opened. */
	int (*pause_cost)(struct source *source, struct pause_cost *ret_cost);
	/* The totals of all vCPUs as they are now, as totals_read(). NULL: it keeps none. */
	int (*totals)(struct source *source, struct totals *ret_totals);
	/* Of 2^32 chosen records, hand over this many, by chance; UINT32_MAX: all. */
	void (*set_below)(struct source *source, uint32_t below);
	/*
	 * As bpf_totals_meet(), bpf_totals_retire() and bpf_totals_pauser_name() say,
	 * in bpf_totals.h; NULL where there are no totals.
	 */
	int (*retire)(struct source *source,
		      int (*take)(void *context, const struct totals_vcpu *vcpu), void *context);
	void (*pauser_name)(struct source *source, uint32_t by, const __u64 cause[2],
			    char ret_name[PAUSER_NAME_BYTES]);
	/*
	 * Meets the VMs that there are for source->devices, and adds the devices that the
	 * kernel itself gives them; source_find_devices() calls it. NULL: it knows none.
	 */
	int (*devices)(struct source *source);
	/* Detaches and frees; the pointer is dead. */
	void (*close)(struct source *source);
};

struct source_options {
	size_t ring_bytes; /* of each ring: a power of two, a multiple of the page size */
	bool all;	   /* every VM, not those of one process */
	bool synchronised; /* a barrier before each stamp */
	bool cycles;	   /* count cycles too */
	bool totals_only;  /* no records */
	bool groups;	   /* totals have how long records spent in each group of accounts */
	struct chooser *chooser; /* NULL: all records; told the tier */
	const char *tier;  /* NULL: the best one that exists */
};

/* Loads probes without attaching them. Returns 0, or a negative errno with a sentence. */
typedef int source_open(const struct source_options *options, struct source **ret_source);

/*
 * Brings source->devices up to date; to be called now and then. With `all`, once at the
 * end: also waits for those who were asked. Returns 0 or -ENOMEM.
 */
int source_find_devices(struct source *source, uint64_t now_ns, bool all);

/* The probes for a kernel with the patches of kernel-patches/. */
int patched_open(const struct source_options *options, struct source **ret_source);

static inline void source_closep(struct source **source)
{
	if (*source)
		(*source)->ops->close(*source);
}

#endif
