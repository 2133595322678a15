/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86 tier: KVM's own tracepoints, which carry the vCPU; the reason is read out
 * of what kvm-amd or kvm-intel keeps of it. Device, direction and width come from
 * the tracepoints of the emulation, as VMX tells them only to who asks the CPU.
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
#define CHOOSE_X86 1
#include "probes/pauses.bpf.h"
#include "probes/apic.bpf.h"
#include "probes/totals.bpf.h"
#include "probes/totals_pauses.bpf.h"
#include "probes/totals_groups.bpf.h"
#include "probes/choose.bpf.h"
#include "probes/trip.bpf.h"

/* arch/x86/include/asm/kvm_host.h: KVM_ISA_*, and places of registers. */
enum { ISA_VMX = 1 };
enum { REGISTER_RAX = 0, REGISTER_RCX = 1 };

/* Numbers of the exits that have a detail. */
enum { VMX_VMCALL = 18, VMX_RDMSR = 31, VMX_WRMSR = 32 };
enum { SVM_MSR = 0x7c, SVM_VMMCALL = 0x81 };

/* include/trace/events/kvm.h: type of kvm_mmio; arch/x86/kvm/trace.h: rw of kvm_pio. */
enum { MMIO_WRITE = 2, PIO_OUT = 1 };

static __always_inline __u64 read_register(const struct kvm_vcpu *vcpu, __u32 which)
{
	const struct kvm_vcpu___x86 *x86 = (const void *)vcpu;
	__u64 value = 0;

	BPF_CORE_READ_INTO(&value, x86, arch.regs[which]);
	return value;
}

static __always_inline __u32 vmx_reason(const struct kvm_vcpu *vcpu)
{
	const struct vcpu_vmx *vmx = (const void *)vcpu;
	const struct vcpu_vmx___vt *vt = (const void *)vcpu;
	__u32 reason = 0;

	if (bpf_core_field_exists(vmx->exit_reason))
		BPF_CORE_READ_INTO(&reason, vmx, exit_reason.full);
	else if (bpf_core_field_exists(vt->vt))
		BPF_CORE_READ_INTO(&reason, vt, vt.exit_reason.full);
	return reason;
}

static __always_inline void tell_vmx(struct trip *trip, const struct kvm_vcpu *vcpu)
{
	__u32 reason = vmx_reason(vcpu), basic = (__u16)reason;

	trip->code = EXIT_CODE_VMX;
	trip->esr = reason;
	if (basic == VMX_RDMSR || basic == VMX_WRMSR)
		trip->arg = (__u32)read_register(vcpu, REGISTER_RCX);
	else if (basic == VMX_VMCALL)
		trip->arg = read_register(vcpu, REGISTER_RAX);
	if (basic == VMX_WRMSR)
		trip->esr |= 1ULL << EXIT_X86_WRITE_BIT;
}

/* AMD64 APM, volume 2, "MSR Intercepts": bit 0 of EXITINFO1 is a write. */
static __always_inline void tell_svm(struct trip *trip, const struct kvm_vcpu *vcpu)
{
	const struct vcpu_svm *svm = (const void *)vcpu;
	__u32 code = 0;
	__u64 info = 0;

	BPF_CORE_READ_INTO(&code, svm, vmcb, control.exit_code);
	trip->code = EXIT_CODE_SVM;
	trip->esr = code;
	if (code == SVM_MSR) {
		BPF_CORE_READ_INTO(&info, svm, vmcb, control.exit_info_1);
		trip->esr |= (info & 1) << EXIT_X86_WRITE_BIT;
		trip->arg = (__u32)read_register(vcpu, REGISTER_RCX);
	} else if (code == SVM_VMMCALL) {
		trip->arg = read_register(vcpu, REGISTER_RAX);
	}
}

static __always_inline void tell_exit(struct trip *trip, const struct kvm_vcpu *vcpu, __u32 isa)
{
	if (isa == ISA_VMX && bpf_core_type_exists(struct vcpu_vmx))
		tell_vmx(trip, vcpu);
	else if (isa != ISA_VMX && bpf_core_type_exists(struct vcpu_svm))
		tell_svm(trip, vcpu);
}

/*
 * The trip that a device's tracepoint is about, NULL where it is known already. An
 * IN from a port is told when user space has answered.
 */
static __always_inline struct trip *device_trip(void)
{
	const __u16 device = EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER;
	struct trip *trip = trip_of(bpf_get_current_task_btf());

	if (!trip || trip_device(trip))
		return trip;
	if (trip->state != TRIP_OUT || trip->user_reason != KVM_EXIT_IO || trip->flags & device)
		return NULL;
	trip->flags |= EXIT_FLAG_MMIO_USER;
	return trip;
}

static __always_inline struct trip *tell_device(__u64 address, __u32 width, bool write)
{
	struct trip *trip = device_trip();

	if (!trip)
		return NULL;
	trip->arg = address;
	trip->esr |= (__u64)(width & 0xff) << EXIT_X86_WIDTH_SHIFT;
	trip->esr |= (__u64)write << EXIT_X86_WRITE_BIT;
	return trip;
}

/* There always is a vCPU, but newer verifiers want to see it looked at. */
SEC("tp_btf/kvm_exit")
int BPF_PROG(kvm_exit, struct kvm_vcpu *vcpu, __u32 isa)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct trip *trip = vcpu ? trip_of_vcpu(task, vcpu) : NULL;

	if (!trip)
		return 0;
	trip_exit_begin(task, trip, now);
	tell_exit(trip, vcpu, isa);
	trip_exit_end(trip);
	return 0;
}

/* Kernels from 6.9 on pass one argument more. */
SEC("tp_btf/kvm_entry")
int BPF_PROG(kvm_entry, struct kvm_vcpu *vcpu)
{
	__u64 now = bpf_ktime_get_ns();
	struct trip *trip = vcpu ? trip_of_vcpu(bpf_get_current_task_btf(), vcpu) : NULL;

	if (trip)
		trip_entry(trip, now, bpf_get_smp_processor_id());
	return 0;
}

SEC("tp_btf/kvm_userspace_exit")
int BPF_PROG(kvm_userspace_exit, __u32 reason, int err)
{
	struct trip *trip = trip_of(bpf_get_current_task_btf());

	if (trip)
		trip_user(trip, bpf_ktime_get_ns(), reason, err,
			  reason == KVM_EXIT_MMIO || reason == KVM_EXIT_IO);
	return 0;
}

/* Loading the guest's FPU state is the first thing that KVM_RUN does. */
SEC("tp_btf/kvm_fpu")
int BPF_PROG(kvm_fpu, int load)
{
	struct trip *trip = load ? trip_of(bpf_get_current_task_btf()) : NULL;

	if (trip)
		trip_run(trip, bpf_ktime_get_ns());
	return 0;
}

SEC("tp_btf/kvm_mmio")
int BPF_PROG(kvm_mmio, int type, int length, __u64 address)
{
	struct trip *trip = tell_device(address, length, type == MMIO_WRITE);

	if (trip)
		trip->ipa = address;
	return 0;
}

SEC("tp_btf/kvm_pio")
int BPF_PROG(kvm_pio, unsigned int rw, unsigned int port, unsigned int size)
{
	tell_device(port, size, rw == PIO_OUT);
	return 0;
}

/* A write that an eventfd took; the exit does not say how wide it was. */
SEC("tp_btf/kvm_fast_mmio")
int BPF_PROG(kvm_fast_mmio, __u64 address)
{
	tell_device(address, 0, true);
	return 0;
}

char _license[] SEC("license") = "GPL";
