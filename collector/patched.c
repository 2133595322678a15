/* SPDX-License-Identifier: GPL-2.0-only */
/* The source for kernels with the patches of kernel-patches/. */
#include "collector/bpf_source.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/stage_names.h"
#include "probes/world_switch.skel.h"

struct patched {
	struct bpf_source base;
	struct world_switch *probes;
	struct stage_names names;
};

static void patched_close(struct source *source)
{
	struct patched *patched = (struct patched *)source;

	if (patched->probes)
		world_switch__destroy(patched->probes);
	bpf_source_release(&patched->base);
	stage_names_release(&patched->names);
	free(patched);
}

static const struct source_ops patched_ops = {
	.attach = bpf_source_attach,
	.detach = bpf_source_detach,
	.lost = bpf_source_lost,
	.close = patched_close,
};

static const char *mode_name(unsigned int mode)
{
	static const char *const names[] = { "unknown", "nvhe", "vhe", "hvhe", "protected" };

	return names[mode < ARRAY_SIZE(names) ? mode : 0];
}

/* The kernel's own account of KVM's mode and the counter, through a program run once. */
static int read_host(struct patched *patched)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	struct source_facts *facts = &patched->base.source.facts;
	int r = bpf_prog_test_run_opts(bpf_program__fd(patched->probes->progs.read_mode), &options);

	if (r < 0)
		return bpf_source_error(r, "ask the kernel for KVM's mode");
	if (!patched->probes->bss->counter_hz)
		return error_set(-ENODEV,
				 "KVM is not in use on this host, or does not tell the counter's "
				 "frequency; see 'dmesg | grep kvm'");
	facts->kvm_mode = mode_name(patched->probes->bss->kvm_mode);
	facts->counter_hz = patched->probes->bss->counter_hz;
	return 0;
}

static int load(struct patched *patched, const struct source_options *options)
{
	struct bpf_source *base = &patched->base;
	int r;

	patched->probes = world_switch__open();
	if (!patched->probes)
		return bpf_source_error(-errno, "open the probes");
	patched->probes->rodata->target_all = options->all;
	patched->probes->rodata->stage_count = patched->names.count;
	base->skeleton = patched->probes->skeleton;
	base->recorder = patched->probes->progs.world_switch;
	r = bpf_source_load(base);
	return r < 0 ? r : read_host(patched);
}

int patched_open(const struct source_options *options, struct source **ret_source)
{
	_cleanup_(source_closep) struct source *source = NULL;
	struct patched *patched = calloc(1, sizeof(*patched));
	int r;

	if (!patched)
		return -ENOMEM;
	source = &patched->base.source;
	source->ops = &patched_ops;
	bpf_source_quiet();
	r = bpf_source_create_rings(&patched->base, options);
	if (r >= 0)
		r = stage_names_read_kernel(&patched->names);
	if (r < 0)
		return r;
	source->facts = (struct source_facts){
		.tier = "patched",
		.counter_name = "CNTPCT_EL0",
		.stage_count = patched->names.count,
		.stage_names = (const char *const *)patched->names.name,
	};
	r = load(patched, options);
	if (r < 0)
		return r;
	*ret_source = TAKE_PTR(source);
	return 0;
}
