/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-x86/vmm/truth.h"

#include <inttypes.h>

#include "kvm-arm/vmm/stats.h"

static const char *const key_names[TRUTH_KEYS] = {
	[TRUTH_WALL_NS] = "wall_ns",	   [TRUTH_KVM_RUN_RETURNS] = "kvm_run_returns",
	[TRUTH_PIO_READS] = "pio_reads",   [TRUTH_PIO_WRITES] = "pio_writes",
	[TRUTH_MMIO_READS] = "mmio_reads", [TRUTH_MMIO_WRITES] = "mmio_writes",
	[TRUTH_EINTR] = "eintr",	   [TRUTH_EXITS] = "exits",
	[TRUTH_IO_EXITS] = "io_exits",	   [TRUTH_MMIO_EXITS] = "mmio_exits",
	[TRUTH_HALT_EXITS] = "halt_exits", [TRUTH_HYPERCALLS] = "hypercalls",
	[TRUTH_IRQ_EXITS] = "irq_exits",   [TRUTH_SIGNAL_EXITS] = "signal_exits",
};

static const char *const operation_names[OPERATIONS] = {
#define OPERATION(name, help) [OPERATION_##name] = #name,
#include "kvm-x86/guest/operations.def"
#undef OPERATION
};

int truth_read_kvm(struct truth *truth, int vcpu_fd)
{
	return stats_read(vcpu_fd, key_names + TRUTH_FROM_KVM, TRUTH_KEYS - TRUTH_FROM_KVM,
			  truth->values + TRUTH_FROM_KVM);
}

void truth_print(const struct truth *truth, const struct plan *plan, FILE *out)
{
	fputs("vcpu=all", out);
	for (unsigned int i = 0; i < OPERATIONS; i++)
		fprintf(out, " %s=%" PRIu64, operation_names[i], plan->done[i]);
	fprintf(out, " apic_writes=%" PRIu64 " too_early=%" PRIu64, plan->apic_writes,
		plan->too_early);
	for (unsigned int key = 0; key < TRUTH_KEYS; key++)
		fprintf(out, " %s=%" PRIu64, key_names[key], truth->values[key]);
	fputc('\n', out);
}
