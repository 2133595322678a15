/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a VM has its APICs, if the kernel has made them. Included once per object. */
#ifndef PROBES_APIC_BPF_H
#define PROBES_APIC_BPF_H

#include "probes/regions.bpf.h"

#define TOTALS_NEW_VCPU(who) regions_find((who)->vm, (who)->vcpu, (who)->pid)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/x86/kvm/ioapic.h, arch/x86/include/asm/kvm_host.h */
struct kvm_ioapic {
	__u64 base_address;
};

struct kvm_arch___apic {
	struct kvm_ioapic *vioapic;
};

struct kvm___apic {
	struct kvm_arch___apic arch;
};

struct kvm_vcpu_arch___apic {
	__u64 apic_base;
	void *apic;
};

struct kvm_vcpu___apic {
	struct kvm_vcpu_arch___apic arch;
};

#pragma clang attribute pop

/* arch/x86/kvm/ioapic.h; of a local APIC's base the rest is flags. */
enum { IOAPIC_BYTES = 0x100, LAPIC_BYTES = 0x1000 };

static __always_inline void apic_take(__u64 base, __u64 size, __u32 type, __u32 pid)
{
	struct region_key key = { .base = base, .pid = pid };
	struct region region = { .size = size, .type = type };

	bpf_map_update_elem(&regions, &key, &region, BPF_ANY);
}

__noinline int regions_find(__u64 vm, __u64 vcpu, __u32 pid)
{
	const struct kvm_vcpu___apic *of_vcpu = (const void *)vcpu;
	const struct kvm___apic *kvm = (const void *)vm;
	const struct kvm_ioapic *ioapic = NULL;

	if (bpf_core_field_exists(of_vcpu->arch.apic) && BPF_CORE_READ(of_vcpu, arch.apic))
		apic_take(BPF_CORE_READ(of_vcpu, arch.apic_base) & ~(LAPIC_BYTES - 1ULL),
			  LAPIC_BYTES, REGION_LAPIC, pid);
	if (!bpf_core_field_exists(kvm->arch.vioapic) ||
	    !bpf_core_field_exists(ioapic->base_address))
		return 0;
	ioapic = BPF_CORE_READ(kvm, arch.vioapic);
	if (ioapic)
		apic_take(BPF_CORE_READ(ioapic, base_address), IOAPIC_BYTES, REGION_IOAPIC, pid);
	return 0;
}

#endif
