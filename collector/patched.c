/* SPDX-License-Identifier: GPL-2.0-only */
/* The source for kernels with the patches of kernel-patches/. */
#include "collector/bpf_source.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/kernel_types.h"
#include "collector/stage_names.h"
#include "collector/stages.h"
#include "probes/host_facts.h"
#include "probes/totals.h"
#include "collector/tiers.h"
#include "probes/world_switch.skel.h"

/* With VHE the host saves list registers where interrupts are in flight, which no path says. */
#define OPTIONAL_STAGE "sr_save_vgic_lr__sync"

/* Bits of kvm_ws_host.ws_mode. */
enum { WS_MODE_SYNC = 1, WS_MODE_CYCLES = 2 };

/* Ways to stamp that are chosen by attaching to a tracepoint which never fires. */
enum marker { MARKER_SYNC, MARKER_CYCLES, MARKERS };

static const struct {
	const char *tracepoint;
	const char *option;
} markers[MARKERS] = {
	[MARKER_SYNC] = { "kvm_world_switch_sync", "--barriers synchronised" },
	[MARKER_CYCLES] = { "kvm_world_switch_cycles", "--clock cycles" },
};

struct patched {
	struct bpf_source base;
	struct world_switch *probes;
	struct stage_names names;
	bool chosen[MARKERS];
	struct bpf_link *marker[MARKERS]; /* while attached */
};

static struct bpf_program *marker_program(const struct patched *patched, enum marker marker)
{
	return marker == MARKER_SYNC ? patched->probes->progs.choose_sync
				     : patched->probes->progs.choose_cycles;
}

static const char *mode_name(unsigned int mode)
{
	static const char *const names[] = { "unknown", "nvhe", "vhe", "hvhe", "protected" };

	return names[mode < ARRAY_SIZE(names) ? mode : 0];
}

/* The kernel's own account of KVM and of its stamps, through a program run once. */
static int read_host(struct patched *patched)
{
	const struct host_facts *host = &patched->probes->bss->host_facts;
	struct source_facts *facts = &patched->base.source.facts;
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int r = bpf_prog_test_run_opts(bpf_program__fd(patched->probes->progs.read_host), &options);

	if (r < 0)
		return bpf_source_error(r, "ask the kernel for KVM's mode");
	if (!host->counter_hz)
		return error_set(-ENODEV,
				 "KVM is not in use on this host, or does not tell the counter's "
				 "frequency; see 'dmesg | grep kvm'");
	patched->probes->bss->totals_counter_hz = host->counter_hz;
	facts->kvm_mode = mode_name(host->mode);
	facts->counter_hz = host->counter_hz;
	facts->synchronised = host->ws_mode & WS_MODE_SYNC;
	facts->cycles = host->ws_mode & WS_MODE_CYCLES;
	facts->cycles_exit = host->cycles_exit;
	facts->cycles_entry = host->cycles_entry;
	facts->stamp_cost_64 = host->stamp_cost;
	facts->unstamped_eret = host->unstamped_eret;
	facts->unstamped_irq = host->unstamped_irq;
	facts->unstamped_trap = host->unstamped_trap;
	facts->unstamped_hvc = host->unstamped_hvc;
	return 0;
}

static int choose_failed(int err, const struct patched *patched, enum marker marker)
{
	const char *option = markers[marker].option;

	switch (err) {
	case -EBUSY:
		return error_set(err,
				 "another recording runs without %s, and how the kernel stamps is "
				 "one choice for all; end that one, or leave the option out",
				 option);
	case -EOPNOTSUPP:
		return bpf_source_protected(&patched->base.source);
	case -ENODEV:
		return error_set(err,
				 "%s: no performance monitor (PMU) counts cycles on this host; "
				 "leave the option out",
				 option);
	case -ENOSPC:
		return error_set(err,
				 "%s: the cycle counter is taken, as by the NMI watchdog: 'sysctl "
				 "kernel.nmi_watchdog=0', or end the perf that has it",
				 option);
	default:
		return bpf_source_error(err, "choose how the kernel stamps");
	}
}

static void release_markers(struct patched *patched)
{
	for (enum marker i = 0; i < MARKERS; i++) {
		bpf_link__destroy(patched->marker[i]);
		patched->marker[i] = NULL;
	}
}

static int attach_markers(struct patched *patched)
{
	for (enum marker i = 0; i < MARKERS; i++) {
		if (!patched->chosen[i])
			continue;
		patched->marker[i] = bpf_program__attach(marker_program(patched, i));
		if (!patched->marker[i])
			return choose_failed(-errno, patched, i);
	}
	return 0;
}

static int patched_attach(struct source *source, pid_t pid)
{
	struct patched *patched = (struct patched *)source;
	int r = attach_markers(patched);

	if (r >= 0)
		r = bpf_source_attach(source, pid);
	return r < 0 ? r : read_host(patched);
}

static void patched_detach(struct source *source)
{
	bpf_source_detach(source);
	release_markers((struct patched *)source);
}

static void patched_set_below(struct source *source, uint32_t below)
{
	((struct patched *)source)->probes->data->choose_below = below;
}

static void patched_close(struct source *source)
{
	struct patched *patched = (struct patched *)source;

	if (patched->probes)
		bpf_source_detach(source);
	release_markers(patched);
	if (patched->probes)
		world_switch__destroy(patched->probes);
	bpf_source_release(&patched->base);
	stage_names_release(&patched->names);
	free(patched);
}

static const struct source_ops patched_ops = {
	.attach = patched_attach,
	.detach = patched_detach,
	.switch_on = bpf_source_switch,
	BPF_SOURCE_OPS,
	.set_below = patched_set_below,
	.close = patched_close,
};

/* Loads the markers that are wanted; they are attached apart, first. */
static int choose_markers(struct patched *patched, const struct btf *kernel)
{
	for (enum marker i = 0; i < MARKERS; i++) {
		struct bpf_program *program = marker_program(patched, i);

		if (patched->chosen[i] && !bpf_source_tracepoint(kernel, markers[i].tracepoint))
			return error_set(
				-ENOENT,
				"this kernel's patches are older: it lacks the tracepoint %s; "
				"build one with kernel-patches/, or leave out %s",
				markers[i].tracepoint, markers[i].option);
		bpf_program__set_autoload(program, patched->chosen[i]);
		bpf_program__set_autoattach(program, false);
	}
	return 0;
}

static unsigned int handler_stage(const struct source_facts *facts)
{
	int handler = stages_plan(facts).handler;

	return handler < 0 ? EXIT_STAGES_MAX : (unsigned int)handler;
}

static int load(struct patched *patched, const struct source_options *options,
		const struct btf *kernel)
{
	struct bpf_source *base = &patched->base;
	int r;

	patched->probes = world_switch__open();
	if (!patched->probes)
		return bpf_source_error(-errno, "open the probes");
	patched->probes->rodata->target_all = options->all;
	patched->probes->rodata->records = !options->totals_only;
	patched->probes->rodata->stage_count = base->source.facts.stamp_count;
	patched->probes->rodata->optional_stage = stages_find(&base->source.facts, OPTIONAL_STAGE);
	patched->probes->rodata->totals_handler = handler_stage(&base->source.facts);
	patched->probes->rodata->totals_by_group = options->groups;
	stages_groups(&base->source.facts, (__u8 *)patched->probes->rodata->totals_group_of);
	base->skeleton = patched->probes->skeleton;
	base->recorder = patched->probes->progs.world_switch;
	r = bpf_source_set_rules(base, options, &patched->probes->rodata->choose_rules);
	if (r >= 0)
		r = choose_markers(patched, kernel);
	if (r >= 0)
		r = bpf_source_load(base);
	if (r >= 0)
		r = bpf_totals_open(&base->totals, patched->probes->obj,
				    &patched->probes->bss->totals_used,
				    &patched->probes->bss->totals_others,
				    (struct bpf_look){ patched->probes->progs.look,
						       &patched->probes->bss->look_answer });
	if (r >= 0)
		r = read_host(patched);
	return r < 0 ? r
		     : bpf_source_set_reasons(base, options,
					      &patched->probes->bss->choose_slower_ticks);
}

bool patched_exists(void)
{
	const struct btf *kvm = kernel_types_module("kvm");

	return kvm && bpf_source_tracepoint(kvm, "kvm_world_switch");
}

static int name_stages(struct patched *patched, const struct btf *kernel)
{
	struct source_facts *facts = &patched->base.source.facts;
	int r = stage_names_read(kernel, &patched->names);

	if (r < 0)
		return r;
	facts->stamp_count = patched->names.count;
	r = stage_names_add_pauses(&patched->names);
	facts->stage_count = patched->names.count;
	facts->stage_names = (const char *const *)patched->names.name;
	return r;
}

int patched_open(const struct source_options *options, struct source **ret_source)
{
	_cleanup_(source_closep) struct source *source = NULL;
	const struct btf *kernel;
	struct patched *patched = calloc(1, sizeof(*patched));
	int r;

	if (!patched)
		return -ENOMEM;
	source = &patched->base.source;
	source->ops = &patched_ops;
	source->facts = (struct source_facts){ .tier = "patched", .counter_name = "CNTPCT_EL0" };
	patched->chosen[MARKER_SYNC] = options->synchronised;
	patched->chosen[MARKER_CYCLES] = options->cycles;
	bpf_source_quiet();
	r = bpf_source_create_rings(&patched->base, options);
	if (r >= 0)
		r = kernel_types(&kernel);
	if (r >= 0)
		r = name_stages(patched, kernel);
	if (r >= 0)
		r = load(patched, options, kernel);
	if (r < 0)
		return r;
	*ret_source = TAKE_PTR(source);
	return 0;
}
