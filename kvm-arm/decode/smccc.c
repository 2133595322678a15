/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/decode/smccc.h"

#include <stdlib.h>

#include "base/cleanup.h"

/*
 * Function identifiers, SMC Calling Convention (Arm DEN 0028): bit 31 fast
 * call, bit 30 64-bit form, bits 29:24 owner, bit 16 SVE hint, bits 15:0
 * number. Numbers: DEN 0028 (Arm architecture calls), DEN 0022 (PSCI), DEN 0098
 * (TRNG), DEN 0057 (paravirtualized time) and Linux's
 * Documentation/virt/kvm/arm/hypercalls.rst (KVM's vendor calls).
 */
enum { FORM_64 = 0x40000000, SVE_HINT = 0x00010000 };

struct function {
	uint32_t id; /* without FORM_64 and SVE_HINT */
	const char *name;
};

/* Sorted by id. */
static const struct function functions[] = {
	{ 0x80000000, "SMCCC_VERSION" },
	{ 0x80000001, "ARCH_FEATURES" },
	{ 0x80000002, "ARCH_SOC_ID" },
	{ 0x80003fff, "ARCH_WORKAROUND_3" },
	{ 0x80007fff, "ARCH_WORKAROUND_2" },
	{ 0x80008000, "ARCH_WORKAROUND_1" },
	{ 0x84000000, "PSCI_VERSION" },
	{ 0x84000001, "CPU_SUSPEND" },
	{ 0x84000002, "CPU_OFF" },
	{ 0x84000003, "CPU_ON" },
	{ 0x84000004, "AFFINITY_INFO" },
	{ 0x84000005, "MIGRATE" },
	{ 0x84000006, "MIGRATE_INFO_TYPE" },
	{ 0x84000007, "MIGRATE_INFO_UP_CPU" },
	{ 0x84000008, "SYSTEM_OFF" },
	{ 0x84000009, "SYSTEM_RESET" },
	{ 0x8400000a, "PSCI_FEATURES" },
	{ 0x8400000b, "CPU_FREEZE" },
	{ 0x8400000c, "CPU_DEFAULT_SUSPEND" },
	{ 0x8400000d, "NODE_HW_STATE" },
	{ 0x8400000e, "SYSTEM_SUSPEND" },
	{ 0x8400000f, "PSCI_SET_SUSPEND_MODE" },
	{ 0x84000010, "PSCI_STAT_RESIDENCY" },
	{ 0x84000011, "PSCI_STAT_COUNT" },
	{ 0x84000012, "SYSTEM_RESET2" },
	{ 0x84000013, "MEM_PROTECT" },
	{ 0x84000014, "MEM_PROTECT_CHECK_RANGE" },
	{ 0x84000015, "SYSTEM_OFF2" },
	{ 0x84000050, "TRNG_VERSION" },
	{ 0x84000051, "TRNG_FEATURES" },
	{ 0x84000052, "TRNG_GET_UUID" },
	{ 0x84000053, "TRNG_RND" },
	{ 0x85000020, "PV_TIME_FEATURES" },
	{ 0x85000021, "PV_TIME_ST" },
	{ 0x86000000, "KVM_FEATURES" },
	{ 0x86000001, "KVM_PTP" },
	{ 0x86000002, "KVM_HYP_MEMINFO" },
	{ 0x86000003, "KVM_MEM_SHARE" },
	{ 0x86000004, "KVM_MEM_UNSHARE" },
	{ 0x86000007, "KVM_MMIO_GUARD" },
	{ 0x86004d4b, "HYPTRACE_MARK" },
	{ 0x8600ff01, "VENDOR_CALL_UID" },
};

static int compare_functions(const void *left, const void *right)
{
	uint32_t a = ((const struct function *)left)->id, b = ((const struct function *)right)->id;

	return (a > b) - (a < b);
}

const char *smccc_name(uint32_t function)
{
	struct function wanted = { function & ~(uint32_t)(FORM_64 | SVE_HINT), NULL };
	const struct function *found;

	found = bsearch(&wanted, functions, ARRAY_SIZE(functions), sizeof(wanted),
			compare_functions);
	return found ? found->name : NULL;
}
