/* SPDX-License-Identifier: GPL-2.0-only */
/* The source for x86 hosts with VMX or SVM. */
#include "collector/tiers.h"

#include <errno.h>

#include "base/cleanup.h"
#include "collector/kernel_types.h"
#include "collector/trip_source.h"
#include "probes/x86.skel.h"

/* What one kind of hardware keeps of an exit. */
static const struct {
	const char *module, *type, *mode;
} kinds[] = {
	{ "kvm_intel", "vcpu_vmx", "vmx" },
	{ "kvm_amd", "vcpu_svm", "svm" },
};

const char *x86_mode(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct btf *types = kernel_types_module(kinds[i].module);

		if (types && btf__find_by_name_kind(types, kinds[i].type, BTF_KIND_STRUCT) > 0)
			return kinds[i].mode;
	}
	return NULL;
}

bool x86_exists(void)
{
	const struct btf *kvm = kernel_types_module("kvm");

	return kvm && bpf_source_parameters(kvm, "kvm_exit") == 2 &&
	       bpf_source_tracepoint(kvm, "kvm_entry") && x86_mode();
}

static int open_probes(struct trip_parts *ret_parts)
{
	struct x86 *probes = x86__open();

	if (!probes)
		return bpf_source_error(-errno, "open the probes");
	*ret_parts = TRIP_PARTS(probes, kvm_exit);
	ret_parts->mode = x86_mode();
	return 0;
}

int x86_open(const struct source_options *options, struct source **ret_source)
{
	static const struct trip_tier tier = {
		.name = "x86",
		.stages = TRIP_STAGES,
		.handler = true,
		.open = open_probes,
	};

	return trip_source_open(&tier, options, ret_source);
}
