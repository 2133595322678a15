/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all BPF sources share: their objects have the maps `rings` (one ring per
 * CPU), `lost` (per-CPU count of failed reservations), `targets` (the tgids to
 * record), `cpus` (per-CPU struct probe_cpu), and programs `pause_...`
 * on tracepoints that not every kernel has, and `process_...` that follow
 * processes; all other tracing programs record, or add to totals.
 */
#ifndef COLLECTOR_BPF_SOURCE_H
#define COLLECTOR_BPF_SOURCE_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdint.h>

#include "collector/bpf_totals.h"
#include "collector/source.h"
#include "probes/choose.h"

/* Embedded in a source as its first member. */
struct bpf_source {
	struct source source;
	struct bpf_object_skeleton *skeleton; /* owned by the generated skeleton */
	struct bpf_program *recorder;	      /* the program that emits records */
	int *ring_fds;			      /* owned */
	uint64_t *lost;			      /* room for one reading; owned */
	struct probe_cpu *cpus;		      /* the same */
	bool no_module;			      /* attaches to none, so that KVM may be one */
	struct bpf_totals totals;	      /* where the object keeps any */
};

/* Takes libbpf's messages: they become parts of sentences. Call first. */
void bpf_source_quiet(void);

/* The number of possible CPUs, or a negative errno with a sentence. */
int bpf_source_cpus(void);

/*
 * Creates the rings, where the process has the privileges for all that follows. Returns
 * 0, or a negative errno with a sentence; bpf_source_release() either way.
 */
int bpf_source_create_rings(struct bpf_source *base, const struct source_options *options);

/* Whether there is a tracepoint, by the types of the kernel or of its module. */
bool bpf_source_tracepoint(const struct btf *types, const char *name);

/* How many arguments the tracepoint has, by its types; negative where there is none. */
int bpf_source_parameters(const struct btf *types, const char *name);

/*
 * Loads the object, whose read-only data must be filled in before; `base` has
 * its rings, skeleton and recorder. The kernel's types are forgotten (see
 * kernel_types_forget()). Returns 0, or a negative errno with a sentence.
 */
int bpf_source_load(struct bpf_source *base);

/*
 * Has the loaded programs choose: `to_rules` and `to_slower` are where the object
 * keeps choose_rules, which is filled in before loading, and choose_slower_ticks. The
 * facts have the tier, and KVM's mode where it has several. Both return 0, or a negative
 * errno with a sentence.
 */
int bpf_source_set_rules(const struct bpf_source *base, const struct source_options *options,
			 struct choose_rules *to_rules);
int bpf_source_set_reasons(struct bpf_source *base, const struct source_options *options,
			   __u64 *to_slower);

/* As struct source_ops says. */
int bpf_source_attach(struct source *source, pid_t pid);
void bpf_source_detach(struct source *source);
int bpf_source_switch(struct source *source, bool on);
int bpf_source_lost(struct source *source, uint64_t *ret_by_cpu, uint64_t *ret_skipped);
int bpf_source_pause_cost(struct source *source, struct pause_cost *ret_cost);

/* Likewise, where bpf_totals_open() has opened the totals. */
int bpf_source_totals(struct source *source, struct totals *ret_totals);
int bpf_source_retire(struct source *source,
		      int (*take)(void *context, const struct totals_vcpu *vcpu), void *context);
void bpf_source_pauser_name(struct source *source, uint32_t by, const __u64 cause[2],
			    char ret_name[PAUSER_NAME_BYTES]);

int bpf_source_devices(struct source *source);

/* What all sources with an object have in their struct source_ops. */
#define BPF_SOURCE_OPS                                                                             \
	.lost = bpf_source_lost, .pause_cost = bpf_source_pause_cost, .totals = bpf_source_totals, \
	.retire = bpf_source_retire, .pauser_name = bpf_source_pauser_name,                        \
	.devices = bpf_source_devices

/* The sentence for a kernel that refuses with -EOPNOTSUPP, which it returns. */
int bpf_source_protected(const struct source *source);

/* Closes the rings; the skeleton is left to its owner. */
void bpf_source_release(struct bpf_source *base);

/* The sentence for a failed BPF call: `what` completes "cannot ...". Returns err. */
int bpf_source_error(int err, const char *what);

#endif
