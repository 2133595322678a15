/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The totals of a BPF object that includes probes/totals.bpf.h: read, and kept
 * of vCPUs that are gone, whose slots are used again.
 */
#ifndef COLLECTOR_BPF_TOTALS_H
#define COLLECTOR_BPF_TOTALS_H

#include <bpf/libbpf.h>

#include "collector/identity.h"
#include "collector/pausers.h"
#include "collector/totals.h"

/* So many vCPUs that are gone are kept apart, the latest; the first place adds up all others. */
enum { FINISHED_APART = 64 };

/* probes/look.bpf.h; NULL: nobody knows what vCPUs are about. */
struct bpf_look {
	const struct bpf_program *program;
	const struct totals_open *answer; /* where it answers */
};

/* All zero has nothing. */
struct bpf_totals {
	struct totals_mapped mapped;	    /* NULL before bpf_totals_open() */
	const __u32 *used;		    /* slots that were ever used; borrowed */
	const struct totals_others *others; /* borrowed */
	int map, sums, slots, free;	    /* the maps' fds, borrowed; no sums: negative */
	struct bpf_look look;
	struct totals finished; /* of vCPUs that are gone; its `others` are not used */
	unsigned int oldest;	/* of them, once there is no place left; 0 is the first place */
};

/*
 * Maps the totals of a loaded object; `used` and `others` are its variables.
 * Returns 0, or a negative errno with a sentence.
 */
int bpf_totals_open(struct bpf_totals *totals, const struct bpf_object *object, const __u32 *used,
		    const struct totals_others *others, struct bpf_look look);

/* Of all vCPUs, those that are gone last. Returns as totals_read(). */
int bpf_totals_read(const struct bpf_totals *totals, struct totals *ret_totals);

/*
 * Empties the slots of vCPUs whose process and thread are gone, and gives what
 * was in each to `take`, which returns 0 or a negative errno; keeps it where
 * `take` is NULL. Returns 0, or a negative errno with a sentence.
 */
int bpf_totals_retire(struct bpf_totals *totals,
		      int (*take)(void *context, const struct totals_vcpu *vcpu), void *context);

/* Has the VMs named that live: later nobody knows more than a command. Returns 0 or -ENOMEM. */
int bpf_totals_meet(const struct bpf_totals *totals, struct identities *identities);

/* The name that a pause's cause has, as ctf.h wants it. */
void bpf_totals_pauser_name(const struct bpf_totals *totals, uint32_t by, const __u64 cause[2],
			    char ret_name[PAUSER_NAME_BYTES]);

void bpf_totals_close(struct bpf_totals *totals);

#endif
