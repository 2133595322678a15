/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/merged.h"

#include <string.h>

#include "base/cleanup.h"

/* arch/arm64/kvm/arm.c: kvm_entry is before the world switch, kvm_exit after the syncs. */
static const struct merged stock[] = {
	{ "guest", "save_restore", "save and restore at each exit" },
	{ "guest", "el2", "handling at EL2" },
	{ "guest", "el2_only", "exits finished at EL2" },
	{ "guest", "context_tracking", "context tracking" },
	{ "guest", "sync", "sync of vGIC, timer, PMU" },
	{ "handler", "vcpu_put", "vcpu_put" },
	{ "handler", "run_loop", "the run loop with runs not entered" },
	{ "handler", "work", "signals and rescheduling" },
	{ "handler", "requests", "vCPU requests" },
	{ "handler", "flush", "flush of vGIC, timer, PMU" },
	{ "user", "complete", "completion of the access" },
	{ "user", "vcpu_load", "vcpu_load" },
};

/* arch/x86/kvm/x86.c: both are next to the instruction that enters, interrupts off. */
static const struct merged x86[] = {
	{ "guest", "save_restore", "the world switch" },
	{ "handler", "sync", "sync of interrupts" },
	{ "handler", "vcpu_put", "vcpu_put" },
	{ "handler", "work", "signals and rescheduling" },
	{ "handler", "requests", "vCPU requests" },
	{ "handler", "flush", "interrupt injection" },
	{ "user", "vcpu_load", "vcpu_load" },
	{ "run_loop", "complete", "completion of the access" },
};

/* arch/x86/kvm/x86.c, virt/kvm/kvm_main.c: the begin and the end of KVM_RUN, and no more. */
static const struct merged generic[] = {
	{ "guest", "save_restore", "the world switch" },
	{ "guest", "handler", "handlers in the kernel" },
	{ "guest", "kernel", "devices in the kernel" },
	{ "guest", "interrupt_delivery", "interrupt delivery" },
	{ "guest", "blocked", "blocked" },
	{ "guest", "run_loop", "the run loop" },
	{ "guest", "vcpu_put", "vcpu_put" },
	{ "user", "vcpu_load", "vcpu_load" },
};

static const struct {
	const char *tier;
	const struct merged *row;
	size_t count;
} tiers[] = {
	{ "stock", stock, ARRAY_SIZE(stock) },
	{ "x86", x86, ARRAY_SIZE(x86) },
	{ "generic", generic, ARRAY_SIZE(generic) },
};

static const struct {
	const char *into, *label;
} labels[] = {
	{ "guest", "the guest" },
	{ "handler", "the handler" },
	{ "user", "user space" },
	{ "run_loop", "the run loop" },
};

const struct merged *merged_accounts(const struct reader_facts *facts, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(tiers); i++)
		if (facts->tier && !strcmp(facts->tier, tiers[i].tier)) {
			*ret_count = tiers[i].count;
			return tiers[i].row;
		}
	return NULL;
}

bool merged_sees_switch(const struct reader_facts *facts)
{
	size_t count;

	return !merged_accounts(facts, &count);
}

const char *merged_into_label(const char *into)
{
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		if (!strcmp(labels[i].into, into))
			return labels[i].label;
	return into;
}
