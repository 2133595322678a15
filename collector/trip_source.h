/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sources for kernels without patches share: their objects include
 * probes/trip.bpf.h, and their clock is CLOCK_MONOTONIC.
 */
#ifndef COLLECTOR_TRIP_SOURCE_H
#define COLLECTOR_TRIP_SOURCE_H

#include "collector/bpf_source.h"
#include "probes/totals.h"
#include "probes/trip.h"

/* Where a generated skeleton has what is set and read from here. */
struct trip_parts {
	void *object; /* the generated struct itself, to be freed */
	struct bpf_object_skeleton *skeleton;
	struct bpf_program *recorder; /* that of kvm_exit, which hands records over */
	struct bpf_map *totals;
	bool *target_all, *records;
	uint32_t *stage_count, *handler, *totals_used;
	bool *by_group;
	uint8_t *group_of;
	uint64_t *counter_hz;
	struct totals_others *others;
	struct choose_rules *rules;
	uint64_t *slower_ticks;
	uint32_t *below, *period;
	struct bpf_look look;
	const char *mode; /* of KVM, where opening tells; static */
};

#define TRIP_PARTS(probes, program)                                                                \
	((struct trip_parts){                                                                      \
		.object = (probes),                                                                \
		.skeleton = (probes)->skeleton,                                                    \
		.recorder = (probes)->progs.program,                                               \
		.totals = (probes)->maps.totals,                                                   \
		.target_all = &(probes)->rodata->target_all,                                       \
		.records = &(probes)->rodata->records,                                             \
		.stage_count = &(probes)->rodata->stage_count,                                     \
		.handler = &(probes)->rodata->totals_handler,                                      \
		.by_group = (bool *)&(probes)->rodata->totals_by_group,                            \
		.group_of = (uint8_t *)(probes)->rodata->totals_group_of,                          \
		.totals_used = &(probes)->bss->totals_used,                                        \
		.counter_hz = (uint64_t *)&(probes)->bss->totals_counter_hz,                       \
		.others = &(probes)->bss->totals_others,                                           \
		.rules = &(probes)->rodata->choose_rules,                                          \
		.slower_ticks = (uint64_t *)&(probes)->bss->choose_slower_ticks,                   \
		.below = &(probes)->data->choose_below,                                            \
		.period = &(probes)->bss->trip_period,                                             \
		.look = { (probes)->progs.look, &(probes)->bss->look_answer },                     \
	})

/* What tells the tiers apart. */
struct trip_tier {
	const char *name;
	unsigned int stages; /* of TRIP_STAGES, those that it can tell */
	bool handler;	     /* TRIP_HANDLER among them */
	/* Opens the skeleton: 0, or a negative errno with a sentence. */
	int (*open)(struct trip_parts *ret_parts);
	/* The mode of KVM: "vhe", "svm"; called once loaded. NULL: as opening told. */
	const char *(*mode)(const struct trip_parts *parts);
};

/*
 * A source for the tier. Returns 0, or a negative errno with a sentence, as where
 * the options ask for what only a patched kernel can do.
 */
int trip_source_open(const struct trip_tier *tier, const struct source_options *options,
		     struct source **ret_source);

#endif
