/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generic tier: x86 hosts where KVM tells neither exits nor entries, or where the
 * types of what it keeps of them are not there, as where guests are emulated. Both
 * ends of KVM_RUN are seen: a record begins where it returns, and ends where the
 * next one begins. What it returned for is in the page shared with the VMM; the vCPU
 * is what the system call was made on.
 */
#include "probes/kernel_types.h"

#include <linux/bpf.h>
#include <linux/errno.h>
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
#include "probes/totals.bpf.h"
#include "probes/totals_pauses.bpf.h"
#include "probes/totals_groups.bpf.h"
#include "probes/choose.bpf.h"
#include "probes/trip.bpf.h"

static __always_inline void tell_device(struct trip *trip, __u64 address, __u32 width, bool write)
{
	trip->flags |= EXIT_FLAG_MMIO_USER;
	trip->arg = address;
	trip->esr |= (__u64)(width & 0xff) << EXIT_X86_WIDTH_SHIFT;
	trip->esr |= (__u64)write << EXIT_X86_WRITE_BIT;
}

static __always_inline void tell_port(struct trip *trip, const struct kvm_run *run)
{
	__u8 direction = 0, size = 0;
	__u16 port = 0;

	bpf_probe_read_kernel(&direction, sizeof(direction), &run->io.direction);
	bpf_probe_read_kernel(&size, sizeof(size), &run->io.size);
	bpf_probe_read_kernel(&port, sizeof(port), &run->io.port);
	tell_device(trip, port, size, direction == KVM_EXIT_IO_OUT);
}

static __always_inline void tell_memory(struct trip *trip, const struct kvm_run *run)
{
	__u64 address = 0;
	__u32 length = 0;
	__u8 write = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &run->mmio.phys_addr);
	bpf_probe_read_kernel(&length, sizeof(length), &run->mmio.len);
	bpf_probe_read_kernel(&write, sizeof(write), &run->mmio.is_write);
	tell_device(trip, address, length, write);
	trip->ipa = address;
}

/* Where KVM_RUN has failed, the reason is that of an earlier return. */
static __always_inline void tell_return(struct trip *trip, __u32 reason, int err)
{
	const struct kvm_vcpu *vcpu = (const void *)trip->vcpu;
	const struct kvm_run *run = BPF_CORE_READ(vcpu, run);

	if (err < 0)
		reason = err == -EINTR ? KVM_EXIT_INTR : KVM_EXIT_UNKNOWN;
	trip->flags |= EXIT_FLAG_USER;
	trip->user_reason = reason;
	trip->code = EXIT_CODE_RUN;
	trip->esr = reason;
	if (reason == KVM_EXIT_IO)
		tell_port(trip, run);
	else if (reason == KVM_EXIT_MMIO)
		tell_memory(trip, run);
}

/* The vCPU whose file the thread has called KVM_RUN on; NULL in another call. */
static __always_inline const struct kvm_vcpu *calling_vcpu(struct task_struct *task)
{
	const struct pt_regs___x86 *regs = (const void *)bpf_task_pt_regs(task);
	__u32 fd = BPF_CORE_READ(regs, di);
	struct file *file = NULL, **files;

	if ((__u32)BPF_CORE_READ(regs, si) != KVM_RUN)
		return NULL;
	files = BPF_CORE_READ(task, files, fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return BPF_CORE_READ(file, private_data);
}

/*
 * Loading the guest's FPU state is the first thing that KVM_RUN does; again in the
 * middle of it where the vCPU is reset.
 */
SEC("tp_btf/kvm_fpu")
int BPF_PROG(kvm_fpu, int load)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	const struct kvm_vcpu *vcpu = load ? calling_vcpu(task) : NULL;
	struct trip *trip = vcpu ? trip_of_vcpu(task, vcpu) : NULL;

	if (trip && !trip->entered)
		trip_entry(trip, now, bpf_get_smp_processor_id());
	return 0;
}

/* KVM_RUN returns; where its begin was not seen, only after recording was off. */
SEC("tp_btf/kvm_userspace_exit")
int BPF_PROG(kvm_userspace_exit, __u32 reason, int err)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct trip *trip = trip_of(task);

	if (!trip || !(trip->entered || trip->resumed))
		return 0;
	trip_exit_begin(task, trip, now);
	tell_return(trip, reason, err);
	trip_exit_end(trip);
	return 0;
}

char _license[] SEC("license") = "GPL";
