/* SPDX-License-Identifier: GPL-2.0-only */
/* The source for x86 hosts of which only the ends of KVM_RUN are seen. */
#include "collector/tiers.h"

#include <errno.h>

#include "base/cleanup.h"
#include "collector/kernel_types.h"
#include "collector/trip_source.h"
#include "probes/generic.skel.h"

/* kvm_pio is of x86 alone. */
bool generic_exists(void)
{
	const struct btf *kvm = kernel_types_module("kvm");

	return kvm && bpf_source_tracepoint(kvm, "kvm_pio") &&
	       bpf_source_tracepoint(kvm, "kvm_fpu") &&
	       bpf_source_parameters(kvm, "kvm_userspace_exit") == 2;
}

static int open_probes(struct trip_parts *ret_parts)
{
	struct generic *probes = generic__open();

	if (!probes)
		return bpf_source_error(-errno, "open the probes");
	*ret_parts = TRIP_PARTS(probes, kvm_userspace_exit);
	ret_parts->mode = x86_mode();
	return 0;
}

int generic_open(const struct source_options *options, struct source **ret_source)
{
	static const struct trip_tier tier = {
		.name = "generic",
		.stages = TRIP_RUN_LOOP,
		.open = open_probes,
	};

	return trip_source_open(&tier, options, ret_source);
}
