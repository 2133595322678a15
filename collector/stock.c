/* SPDX-License-Identifier: GPL-2.0-only */
/* The source for arm64 kernels without patches. */
#include "collector/tiers.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/kernel_types.h"
#include "collector/trip_source.h"
#include "probes/stock.skel.h"

#define RUNNING_VCPU "kvm_running_vcpu"

bool stock_exists(void)
{
	const struct btf *kvm = kernel_types_module("kvm");

	return kvm && bpf_source_parameters(kvm, "kvm_exit") == 3 &&
	       bpf_source_tracepoint(kvm, "kvm_entry") &&
	       bpf_source_tracepoint(kvm, "kvm_userspace_exit") &&
	       btf__find_by_name_kind(kvm, RUNNING_VCPU, BTF_KIND_VAR) > 0;
}

bool stock_has_vcpu(void)
{
	_cleanup_fclose_ FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[512];

	while (symbols && fgets(line, sizeof(line), symbols))
		if (strstr(line, " " RUNNING_VCPU "\n"))
			return true;
	return !symbols;
}

static int open_probes(struct trip_parts *ret_parts)
{
	struct stock *probes = stock__open();

	if (!probes)
		return bpf_source_error(-errno, "open the probes");
	*ret_parts = TRIP_PARTS(probes, kvm_exit);
	return 0;
}

/* arch/arm64/include/asm/kvm_host.h, enum kvm_mode */
enum { KVM_MODE_PROTECTED = 1 };

static const char *kvm_mode(const struct trip_parts *parts)
{
	const struct stock *probes = parts->object;
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int r = bpf_prog_test_run_opts(bpf_program__fd(probes->progs.read_kvm), &options);

	if (r < 0 || !probes->bss->kvm_facts.known)
		return "unknown";
	if (probes->bss->kvm_facts.mode == KVM_MODE_PROTECTED)
		return "protected";
	return probes->bss->kvm_facts.split ? "nvhe" : "vhe";
}

int stock_open(const struct source_options *options, struct source **ret_source)
{
	static const struct trip_tier tier = {
		.name = "stock",
		.stages = TRIP_RUN_LOOP,
		.handler = true,
		.open = open_probes,
		.mode = kvm_mode,
	};
	int r = trip_source_open(&tier, options, ret_source);

	if (r >= 0 || r == -EPERM || stock_has_vcpu())
		return r;
	error_clear();
	return error_set(
		-ENODEV,
		"this kernel was built without KALLSYMS_ALL, so that tier stock cannot find "
		"out which vCPU runs; boot one that has it, as Debian's 6.12, or one built "
		"with kernel-patches/");
}
