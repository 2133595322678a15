/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patched tier: hands each exit record over to the ring of its CPU. Nothing is
 * computed here, so that the vCPU's thread pays for one copy only.
 */
#include "kernel_types.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "exit_record.h"

/* Set before loading. */
const volatile bool target_all = false; /* every VM, not only those of `targets` */
const volatile __u32 stage_count = EXIT_STAGES_MAX;

/* Filled by read_mode(). */
__u32 kvm_mode = 0;   /* 0 unknown, 1 nvhe, 2 vhe, 3 hvhe, 4 protected */
__u32 counter_hz = 0; /* CNTFRQ_EL0 */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* one per possible CPU, set before loading */
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 4096);
		});
} rings SEC(".maps");

/* Failed reservations, per CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

/* Processes to record, by tgid; their children join. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

extern const struct kvm_ws_host kvm_ws_host __ksym;

static __always_inline bool wanted(__u32 tgid)
{
	return target_all || bpf_map_lookup_elem(&targets, &tgid);
}

/*
 * Whole cache lines with the ring's own header of 8 bytes: each copy then finds
 * the same alignment, and costs the same.
 */
static __always_inline __u64 ring_bytes(__u64 bytes)
{
	return ((bytes + 8 + 63) & ~63ULL) - 8;
}

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&lost, &zero);

	if (count)
		(*count)++;
}

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
	__u32 cpu = bpf_get_smp_processor_id();
	struct ring_record *out;
	__u64 stamp_bytes;
	void *ring;

	if (!wanted(vcpu->kvm->userspace_pid) && !wanted(bpf_get_current_pid_tgid() >> 32))
		return 0;
	ring = bpf_map_lookup_elem(&rings, &cpu);
	if (!ring)
		return 0;
	/* A constant for the verifier: read-only data is frozen before loading. */
	stamp_bytes = stage_count * sizeof(out->stamp[0]);
	out = bpf_ringbuf_reserve(ring, ring_bytes(offsetof(struct ring_record, stamp) + stamp_bytes),
				  0);
	if (!out) {
		count_lost();
		return 0;
	}
	out->timestamp = rec->timestamp;
	out->vm = (__u64)vcpu->kvm;
	out->expected = rec->expected;
	out->pid = vcpu->kvm->userspace_pid;
	out->vcpu = vcpu->vcpu_idx;
	fill_fixed(&out->fixed, rec);
	bpf_probe_read_kernel(out->stamp, stamp_bytes, rec->stamp);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 from = parent->tgid, to = child->tgid;
	__u8 one = 1;

	if (from != to && bpf_map_lookup_elem(&targets, &from))
		bpf_map_update_elem(&targets, &to, &one, BPF_ANY);
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
