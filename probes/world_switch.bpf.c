/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patched tier: hands each exit record over to the ring of its CPU. Nothing is
 * computed here, so that the vCPU's thread pays for one copy only.
 */
#include "probes/kernel_types.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "probes/rings.bpf.h"

/* Filled by read_mode(). */
__u32 kvm_mode = 0;   /* 0 unknown, 1 nvhe, 2 vhe, 3 hvhe, 4 protected */
__u32 counter_hz = 0; /* CNTFRQ_EL0 */

extern const struct kvm_ws_host kvm_ws_host __ksym;

static __always_inline void fill_fixed(struct exit_fixed *fixed, const struct kvm_ws_record *rec)
{
	fixed->begin = rec->begin;
	fixed->emit = rec->emit;
	fixed->esr = rec->esr;
	fixed->ipa = rec->ipa;
	fixed->pc = rec->pc;
	fixed->arg = rec->arg;
	fixed->guest = rec->guest;
	fixed->el2_time = rec->el2_time;
	fixed->blocked = rec->blocked;
	fixed->missing = 0;
	fixed->seq = rec->seq;
	fixed->el2_count = rec->el2_count;
	fixed->tid = (__u32)bpf_get_current_pid_tgid();
	fixed->cpu_exit = rec->cpu_exit;
	fixed->cpu_entry = rec->cpu_entry;
	fixed->flags = rec->flags;
	fixed->user_reason = rec->user_reason;
	fixed->kind = rec->kind;
	fixed->code = rec->code;
	fixed->stages = 0;
}

SEC("tp_btf/kvm_world_switch")
int BPF_PROG(world_switch, struct kvm_vcpu *vcpu, struct kvm_ws_record *rec)
{
	struct ring_record *out;

	if (!wanted(vcpu->kvm->userspace_pid) && !wanted(bpf_get_current_pid_tgid() >> 32))
		return 0;
	out = ring_reserve(bpf_get_smp_processor_id());
	if (!out)
		return 0;
	out->timestamp = rec->timestamp;
	out->vm = (__u64)vcpu->kvm;
	out->expected = rec->expected;
	out->pid = vcpu->kvm->userspace_pid;
	out->vcpu = vcpu->vcpu_idx;
	fill_fixed(&out->fixed, rec);
	bpf_probe_read_kernel(out->stamp, stage_count * sizeof(out->stamp[0]), rec->stamp);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	follow_fork(parent->tgid, child->tgid);
	return 0;
}

/* Run once by user space after loading. */
SEC("syscall")
int read_mode(void *context)
{
	const struct kvm_ws_host *host = bpf_this_cpu_ptr(&kvm_ws_host);

	kvm_mode = host->mode;
	counter_hz = host->counter_hz;
	return 0;
}

char _license[] SEC("license") = "GPL";
