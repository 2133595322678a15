/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/stimulus.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kvm-arm/vmm/kvm.h"

static const struct stimulus_row {
	const char *name;
	const char *help;
	const char *words;   /* of the guest's command line, or NULL */
	uint32_t features;   /* of the vCPU */
	uint32_t capability; /* that the host's KVM must have, or 0 */
	bool enable;	     /* whether the capability has to be enabled */
	bool host_counter;
} rows[] = {
	{ .name = "debug", .help = "a breakpoint enabled in the guest", .words = "debug=1" },
	{ .name = "sgi1", .help = "one interrupt pending and masked", .words = "sgi=1" },
	{ .name = "sgi4", .help = "four interrupts pending and masked", .words = "sgi=4" },
	{ .name = "fp", .help = "FP registers used in each round", .words = "fp=1" },
	{ .name = "ptrauth",
	  .help = "pointer authentication in the guest",
	  .words = "ptrauth=1",
	  .features = 1u << KVM_ARM_VCPU_PTRAUTH_ADDRESS | 1u << KVM_ARM_VCPU_PTRAUTH_GENERIC,
	  .capability = KVM_CAP_ARM_PTRAUTH_ADDRESS },
	{ .name = "mte",
	  .help = "memory tagging offered to the guest",
	  .capability = KVM_CAP_ARM_MTE,
	  .enable = true },
	{ .name = "pmu",
	  .help = "a PMU in the guest, counting cycles",
	  .words = "pmu=1",
	  .features = 1u << KVM_ARM_VCPU_PMU_V3,
	  .capability = KVM_CAP_ARM_PMU_V3 },
	{ .name = "el1_32",
	  .help = "a 32-bit EL1; the only word is hypercall=N",
	  .features = 1u << KVM_ARM_VCPU_EL1_32BIT,
	  .capability = KVM_CAP_ARM_EL1_32BIT },
	{ .name = "host_perf",
	  .help = "a perf event of the vCPU's thread, cycles outside the guest",
	  .host_counter = true },
};

static int find(const char *name, stimuli *ret_bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, name))
			continue;
		*ret_bit = 1u << i;
		return 0;
	}
	return error_set(-EINVAL, "--with does not know '%s'; see hyptrace-vmm --help", name);
}

int stimuli_parse(const char *list, stimuli *ret_set)
{
	_cleanup_free_ char *copy = strdup(list);
	char *rest = copy, *item;
	stimuli set = 0, bit = 0;

	if (!copy)
		return -ENOMEM;
	while ((item = strsep(&rest, ","))) {
		int r = find(item, &bit);

		if (r < 0)
			return r;
		set |= bit;
	}
	*ret_set = set;
	return 0;
}

void stimuli_print_help(int column)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		printf("    %-*s%s\n", column - 4, rows[i].name, rows[i].help);
}

int stimuli_add_words(stimuli set, struct buffer *words)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && r >= 0; i++)
		if (set & 1u << i && rows[i].words)
			r = buffer_printf(words, " %s", rows[i].words);
	return r;
}

static int prepare(const struct stimulus_row *row, int vm_fd)
{
	struct kvm_enable_cap enable = { .cap = row->capability };
	int r = 1;

	if (row->capability)
		r = kvm_call(vm_fd, KVM_CHECK_EXTENSION, (void *)(uintptr_t)row->capability);
	if (r <= 0)
		return error_set(
			-ENOTSUP,
			"this host's KVM does not offer what --with %s needs (%s); the CPU "
			"or the kernel lacks it",
			row->name, row->help);
	if (row->enable)
		r = kvm_call(vm_fd, KVM_ENABLE_CAP, &enable);
	if (r < 0)
		return error_set(r, "cannot enable what --with %s needs: %s", row->name,
				 strerror(-r));
	return 0;
}

int stimuli_prepare(stimuli set, int vm_fd)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && r >= 0; i++)
		if (set & 1u << i)
			r = prepare(&rows[i], vm_fd);
	return r;
}

uint32_t stimuli_features(stimuli set)
{
	uint32_t features = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (set & 1u << i)
			features |= rows[i].features;
	return features;
}

bool stimuli_count_on_host(stimuli set)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (set & 1u << i && rows[i].host_counter)
			return true;
	return false;
}

int stimulus_open_host_counter(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.size = sizeof(attr),
		.pinned = 1,
		.exclude_guest = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return error_set(-errno,
				 "cannot count the host's cycles: %s; run as root, on a host "
				 "with a PMU",
				 strerror(errno));
	return fd;
}
