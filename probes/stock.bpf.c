/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stock tier: KVM's own tracepoints on an arm64 kernel without patches. They
 * carry neither the vCPU nor the syndrome; both come from kvm_running_vcpu.
 */
#include "probes/kernel_types.h"

#include <linux/bpf.h>
#include <linux/kvm.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "probes/rings.bpf.h"
#include "probes/processes.bpf.h"
#include "probes/trip.h"

#define TOTALS_STAGES TRIP_STAGES
#include "probes/pauses.bpf.h"
#include "probes/vgic.bpf.h"
#include "probes/totals.bpf.h"
#include "probes/totals_pauses.bpf.h"
#include "probes/totals_groups.bpf.h"
#include "probes/choose.bpf.h"
#include "probes/trip.bpf.h"

extern struct kvm_vcpu *kvm_running_vcpu __ksym;

/* Of KVM, where the kernel's symbols can be read; filled by read_kvm(). */
struct {
	__u32 known, mode, split;
} kvm_facts = { 0 };

/* Variables that have no types: only split mode fills the second. */
extern const void kvm_mode __ksym __weak;
extern const void __kvm_nvhe_kvm_arm_hyp_percpu_base __ksym __weak;

/* arch/arm64/include/asm/kvm_asm.h: ARM_EXIT_WITH_SERROR_BIT is the one on top. */
#define EXCEPTION_CODE(ret) ((ret)&0x7fffffff)

/* Arm ARM, HPFAR_EL2: FIPA, bits 43:4, is the address from bit 12 on. */
#define HPFAR_FIPA 0xffffffffff0ULL

static __always_inline const struct kvm_vcpu *running_vcpu(void)
{
	struct kvm_vcpu **place = bpf_this_cpu_ptr(&kvm_running_vcpu);

	return *place;
}

/* What the tracepoint has, and what the vCPU knows of a trap. */
static __always_inline void tell_exit(struct trip *trip, const struct kvm_vcpu *vcpu, int ret,
				      __u64 pc)
{
	const struct kvm_vcpu___arm64 *arm = (const void *)vcpu;
	struct kvm_vcpu_fault_info___arm64 fault;
	__u32 class;

	trip->pc = pc;
	trip->code = EXCEPTION_CODE(ret);
	if (trip->code != EXIT_CODE_TRAP)
		return;
	BPF_CORE_READ_INTO(&fault.esr_el2, arm, arch.fault.esr_el2);
	trip->esr = fault.esr_el2;
	class = fault.esr_el2 >> 26 & 0x3f;
	if (class == 0x20 || class == 0x24) {
		BPF_CORE_READ_INTO(&fault.far_el2, arm, arch.fault.far_el2);
		BPF_CORE_READ_INTO(&fault.hpfar_el2, arm, arch.fault.hpfar_el2);
		trip->ipa = (fault.hpfar_el2 & HPFAR_FIPA) << 8 | (fault.far_el2 & 0xfff);
	}
	if (totals_is_call(class))
		BPF_CORE_READ_INTO(&trip->arg, arm, arch.ctxt.regs.regs[0]);
}

SEC("tp_btf/kvm_exit")
int BPF_PROG(kvm_exit, int ret, unsigned int class, unsigned long pc)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	const struct kvm_vcpu *vcpu = running_vcpu();
	struct trip *trip = trip_of_vcpu(task, vcpu);

	if (!trip)
		return 0;
	trip_exit_begin(task, trip, now);
	tell_exit(trip, vcpu, ret, pc);
	trip_exit_end(trip);
	return 0;
}

SEC("tp_btf/kvm_entry")
int BPF_PROG(kvm_entry)
{
	__u64 now = bpf_ktime_get_ns();
	struct trip *trip = trip_of_vcpu(bpf_get_current_task_btf(), running_vcpu());

	if (trip)
		trip_entry(trip, now, bpf_get_smp_processor_id());
	return 0;
}

SEC("tp_btf/kvm_userspace_exit")
int BPF_PROG(kvm_userspace_exit, __u32 reason, int err)
{
	struct trip *trip = trip_of(bpf_get_current_task_btf());

	if (trip)
		trip_user(trip, bpf_ktime_get_ns(), reason, err, reason == KVM_EXIT_MMIO);
	return 0;
}

/* The access that the exit was about, before anyone has looked at it. */
SEC("tp_btf/kvm_mmio")
int BPF_PROG(kvm_mmio, int type, int length, __u64 address)
{
	struct trip *trip = trip_of(bpf_get_current_task_btf());

	if (trip && trip_device(trip))
		trip->ipa = address;
	return 0;
}

/* Run by user space after loading. */
SEC("syscall")
int read_kvm(void *context)
{
	__u64 base = 0;

	if (!&kvm_mode || !&__kvm_nvhe_kvm_arm_hyp_percpu_base)
		return 0;
	kvm_facts.known =
		!bpf_probe_read_kernel(&kvm_facts.mode, sizeof(kvm_facts.mode), &kvm_mode) &&
		!bpf_probe_read_kernel(&base, sizeof(base), &__kvm_nvhe_kvm_arm_hyp_percpu_base);
	kvm_facts.split = base != 0;
	return 0;
}

char _license[] SEC("license") = "GPL";
