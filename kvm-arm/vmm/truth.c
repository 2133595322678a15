/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/vmm/truth.h"

#include <inttypes.h>

#include "kvm-arm/vmm/stats.h"

static const char *const key_names[TRUTH_KEYS] = {
	[TRUTH_WALL_NS] = "wall_ns",
	[TRUTH_KVM_RUN_RETURNS] = "kvm_run_returns",
	[TRUTH_MMIO_READS] = "mmio_reads",
	[TRUTH_MMIO_WRITES] = "mmio_writes",
	[TRUTH_EINTR] = "eintr",
	[TRUTH_SYSTEM_EVENT] = "system_event",
	[TRUTH_EXITS] = "exits",
	[TRUTH_WFI_EXIT_STAT] = "wfi_exit_stat",
	[TRUTH_HVC_EXIT_STAT] = "hvc_exit_stat",
	[TRUTH_MMIO_EXIT_USER] = "mmio_exit_user",
	[TRUTH_MMIO_EXIT_KERNEL] = "mmio_exit_kernel",
};

int truth_read_kvm(struct truth *truth, int vcpu_fd)
{
	return stats_read(vcpu_fd, key_names + TRUTH_FROM_KVM, TRUTH_KEYS - TRUTH_FROM_KVM,
			  truth->values + TRUTH_FROM_KVM);
}

void truth_add(struct truth *sum, const struct truth *truth)
{
	for (unsigned int key = 0; key < TRUTH_KEYS; key++)
		sum->values[key] += truth->values[key];
}

void truth_print(const struct truth *truth, FILE *out)
{
	for (unsigned int key = 0; key < TRUTH_KEYS; key++)
		fprintf(out, " %s=%" PRIu64, key_names[key], truth->values[key]);
	fputc('\n', out);
}
