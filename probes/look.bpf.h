/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vCPU is about right now, and the record that it has at hand: run by
 * user space, so that exits pay nothing for it. Included once per object,
 * behind probes/totals.bpf.h and look_record(), which tells the record that is not
 * handed over yet.
 */
#ifndef PROBES_LOOK_BPF_H
#define PROBES_LOOK_BPF_H

/* The answer of look(). */
struct totals_open look_answer = { 0 };

enum { LOOK_IN_GUEST_MODE = 1 }; /* include/linux/kvm_host.h, IN_GUEST_MODE */

/* The vCPU's memory may be another thing's by now: every read is a probing one. */
static __always_inline bool look_is_gone(const struct totals_vcpu *to, struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = BPF_CORE_READ(vcpu, kvm);

	return to->ended || (__u64)kvm != to->vm ||
	       (__u32)BPF_CORE_READ(kvm, userspace_pid) != to->pid ||
	       (__u32)BPF_CORE_READ(vcpu, vcpu_idx) != to->index;
}

static __always_inline __u32 look_state(struct kvm_vcpu *vcpu)
{
	if (BPF_CORE_READ(vcpu, mode) == LOOK_IN_GUEST_MODE)
		return TOTALS_STATE_GUEST;
	if (BPF_CORE_READ(vcpu, stat.generic.blocking))
		return TOTALS_STATE_BLOCKED;
	if (BPF_CORE_READ(vcpu, preempted))
		return TOTALS_STATE_PREEMPTED;
	return TOTALS_STATE_HOST;
}

SEC("syscall")
int look(struct totals_ask *ask)
{
	__u32 slot = ask->slot;
	struct totals_vcpu *to = bpf_map_lookup_elem(&totals, &slot);
	struct totals_open *open = &look_answer;
	struct kvm_vcpu *vcpu;

	open->at_ns = bpf_ktime_get_ns();
	open->state = TOTALS_STATE_GONE;
	open->begin = 0;
	if (!to)
		return 0;
	vcpu = (struct kvm_vcpu *)to->vcpu;
	if (look_is_gone(to, vcpu))
		return 0;
	open->state = look_state(vcpu);
	look_record(open, to, vcpu);
	return 0;
}

#endif
