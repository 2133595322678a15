/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ring records on any kernel: each getppid() of a target process emits one, of
 * the size and through the rings that the probes use. The counter is
 * CLOCK_MONOTONIC; touched stages change from record to record.
 */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "probes/rings.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/sched.h */
struct task_struct {
	int pid;
	int tgid;
};

#pragma clang attribute pop

#include "probes/pauses.bpf.h"

enum { RECORDS_PER_PATTERN = 512, PATTERNS = 100, RECORDS_PER_WIDE = 4096 };

const volatile long getppid_number = 0;

/* Calls so far, by thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} calls SEC(".maps");

static __always_inline __u64 count_call(__u32 tid)
{
	__u64 first = 1, *count = bpf_map_lookup_elem(&calls, &tid);

	if (count)
		return (*count)++;
	bpf_map_update_elem(&calls, &tid, &first, BPF_ANY);
	return 0;
}

static __always_inline void fill_fixed(struct exit_fixed *fixed, __u64 seq, __u32 tid, __u32 cpu)
{
	*fixed = (struct exit_fixed){
		.esr = 0x56000000 + (seq & 0xffff),
		.ipa = 0x09000000,
		.pc = 0xffff800080000000 + 4 * seq,
		.arg = 0x84000000,
		.guest = 1000 + seq % 100,
		.seq = (__u32)seq,
		.tid = tid,
		.cpu_exit = (__u16)cpu,
		.cpu_entry = (__u16)cpu,
		.kind = seq ? EXIT_KIND_EXIT : EXIT_KIND_START,
		.code = EXIT_CODE_TRAP,
	};
}

/* The last stage is touched always, the first seven by pattern. */
static __always_inline void fill_stamps(struct ring_record *out, __u64 seq)
{
	__u64 pattern = seq / RECORDS_PER_PATTERN % PATTERNS + 1;
	__u64 stamp = out->fixed.begin;

	for (__u32 i = 0; i < EXIT_STAGES_MAX && i < stage_count; i++) {
		bool touched = i + 1 == stage_count || (pattern >> i & 1);

		stamp += 10 + i;
		if (i + 1 == stage_count && seq % RECORDS_PER_WIDE == RECORDS_PER_WIDE - 1)
			stamp += 1ull << 32;
		out->stamp[i] = touched ? stamp : 0;
	}
}

static __always_inline void fill_record(struct ring_record *out, __u64 pid_tgid, __u32 cpu,
					__u64 seq)
{
	__u32 tgid = pid_tgid >> 32, tid = (__u32)pid_tgid;

	out->timestamp = bpf_ktime_get_ns();
	out->vm = tgid;
	out->expected[0] = (1ull << (stage_count - 1)) | (1ull << (stage_count - 2));
	out->expected[1] = 0;
	out->pid = tgid;
	out->vcpu = tid - tgid;
	fill_fixed(&out->fixed, seq, tid, cpu);
	out->fixed.begin = out->timestamp;
	out->fixed.emit = out->timestamp;
	fill_stamps(out, seq);
}

static __always_inline void emit_small(__u64 pid_tgid, __u32 cpu, __u64 seq)
{
	struct ring_record *out = ring_reserve(cpu, ring_record_bytes(stage_count));

	if (!out)
		return;
	fill_record(out, pid_tgid, cpu, seq);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
}

static __always_inline void emit_big(__u64 pid_tgid, __u32 cpu, __u64 seq,
				     struct thread_state *state)
{
	__u32 count = stage_count;
	struct ring_record *out = ring_reserve(cpu, ring_big_bytes(count));
	struct ring_extra *extra;
	__u32 due[PAUSE_KINDS];

	if (!out)
		return;
	fill_record(out, pid_tgid, cpu, seq);
	for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
		due[kind] = pauses_due(state, kind, out->timestamp);
	extra = (void *)out + ring_extra_offset(count);
	pauses_hand_over(state, due, extra);
	pauses_forget(state, due);
	extra->el2_causes = 0;
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(produce, void *regs, long number)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid(), seq;
	__u32 cpu = bpf_get_smp_processor_id(), tgid = pid_tgid >> 32;
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_state *state = NULL;
	struct probe_cpu *here = this_cpu();

	if (number != getppid_number)
		return 0;
	if (!thread_goes_on(here, task, tgid)) {
		state = thread_recorded(task, tgid, tgid);
		if (!state)
			return 0;
		thread_remember(here, task, tgid);
	}
	seq = count_call((__u32)pid_tgid);
	if (state && pauses_wait(state))
		emit_big(pid_tgid, cpu, seq, state);
	else
		emit_small(pid_tgid, cpu, seq);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	follow_fork(parent->tgid, child->tgid);
	return 0;
}

SEC("tp_btf/sched_process_free")
int BPF_PROG(process_free, struct task_struct *task)
{
	forget_process(task->pid, task->tgid);
	return 0;
}

char _license[] SEC("license") = "GPL";
