/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/trip_source.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/pauses.h"
#include "collector/stages.h"
#include "collector/totals.h"

enum { NS_PER_S = 1000000000 };

struct trip_source {
	struct bpf_source base;
	struct trip_parts parts; /* object is NULL before it is opened */
	uint32_t periods;	 /* so far, in which recording was on */
	const char *stage[TRIP_STAGES + PAUSE_KINDS];
};

static const char *const stage_names[TRIP_STAGES] = {
#define TRIP_STAGE(id, name, help) [TRIP_##id] = #name,
#include "probes/trip_stages.def"
#undef TRIP_STAGE
};

/* The stages that end with a stamp, then those of pauses. */
static void name_stages(struct trip_source *trip, const struct trip_tier *tier)
{
	struct source_facts *facts = &trip->base.source.facts;

	for (unsigned int i = 0; i < tier->stages; i++)
		trip->stage[i] = stage_names[i];
	for (unsigned int i = 0; i < PAUSE_KINDS; i++)
		trip->stage[tier->stages + i] = pause_stage_names[i];
	facts->stamp_count = tier->stages;
	facts->stage_count = tier->stages + PAUSE_KINDS;
	facts->stage_names = trip->stage;
}

/* Trips of an earlier period are known to have a gap. */
static void begin_period(struct trip_source *trip)
{
	*trip->parts.period = ++trip->periods;
}

static int trip_attach(struct source *source, pid_t pid)
{
	int r = bpf_source_attach(source, pid);

	if (r >= 0)
		begin_period((struct trip_source *)source);
	return r;
}

static int trip_switch(struct source *source, bool on)
{
	struct trip_source *trip = (struct trip_source *)source;
	int r;

	*trip->parts.period = 0;
	r = bpf_source_switch(source, on);
	if (r >= 0 && on)
		begin_period(trip);
	return r;
}

static void trip_set_below(struct source *source, uint32_t below)
{
	*((struct trip_source *)source)->parts.below = below;
}

static void trip_close(struct source *source)
{
	struct trip_source *trip = (struct trip_source *)source;

	if (trip->parts.object) {
		bpf_source_detach(source);
		bpf_object__destroy_skeleton(trip->parts.skeleton);
		free(trip->parts.object);
	}
	bpf_source_release(&trip->base);
	free(trip);
}

static const struct source_ops trip_ops = {
	.attach = trip_attach,
	.detach = bpf_source_detach,
	.switch_on = trip_switch,
	BPF_SOURCE_OPS,
	.set_below = trip_set_below,
	.close = trip_close,
};

static int load(struct trip_source *trip, const struct trip_tier *tier,
		const struct source_options *options)
{
	const struct trip_parts *parts = &trip->parts;
	int r;

	*parts->target_all = options->all;
	*parts->records = !options->totals_only;
	*parts->stage_count = trip->base.source.facts.stamp_count;
	*parts->by_group = options->groups;
	stages_groups(&trip->base.source.facts, parts->group_of);
	*parts->handler = tier->handler ? TRIP_HANDLER : EXIT_STAGES_MAX;
	trip->base.skeleton = parts->skeleton;
	trip->base.recorder = parts->recorder;
	r = bpf_source_set_rules(&trip->base, options, parts->rules);
	if (r >= 0)
		r = bpf_source_load(&trip->base);
	if (r >= 0)
		r = bpf_totals_open(&trip->base.totals, *parts->skeleton->obj, parts->totals_used,
				    parts->others, parts->look);
	if (r >= 0)
		*parts->counter_hz = NS_PER_S;
	return r < 0 ? r
		     : bpf_source_set_reasons(&trip->base, options, (__u64 *)parts->slower_ticks);
}

static int refuse_stamps(const struct trip_tier *tier, const struct source_options *options)
{
	if (!options->synchronised && !options->cycles)
		return 0;
	return error_set(-EOPNOTSUPP,
			 "%s needs the stamps of a patched kernel, and this is tier %s; leave it "
			 "out, or build a kernel with kernel-patches/",
			 options->cycles ? "--clock cycles" : "--barriers synchronised",
			 tier->name);
}

static int open_all(struct trip_source *trip, const struct trip_tier *tier,
		    const struct source_options *options)
{
	int r;

	bpf_source_quiet();
	r = bpf_source_create_rings(&trip->base, options);
	if (r >= 0)
		r = tier->open(&trip->parts);
	if (r >= 0 && trip->parts.mode)
		trip->base.source.facts.kvm_mode = trip->parts.mode;
	if (r >= 0)
		r = load(trip, tier, options);
	return r;
}

int trip_source_open(const struct trip_tier *tier, const struct source_options *options,
		     struct source **ret_source)
{
	_cleanup_(source_closep) struct source *source = NULL;
	struct trip_source *trip;
	int r = refuse_stamps(tier, options);

	if (r < 0)
		return r;
	trip = calloc(1, sizeof(*trip));
	if (!trip)
		return -ENOMEM;
	source = &trip->base.source;
	source->ops = &trip_ops;
	source->facts = (struct source_facts){
		.tier = tier->name,
		.kvm_mode = "unknown",
		.counter_name = "CLOCK_MONOTONIC",
		.counter_hz = NS_PER_S,
	};
	name_stages(trip, tier);
	r = open_all(trip, tier, options);
	if (r < 0)
		return r;
	if (tier->mode)
		source->facts.kvm_mode = tier->mode(&trip->parts);
	*ret_source = TAKE_PTR(source);
	return 0;
}
