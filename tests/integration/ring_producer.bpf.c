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
	struct task_struct *group_leader;
	char comm[16];
};

#pragma clang attribute pop

#include "probes/processes.bpf.h"
#include "probes/pauses.bpf.h"
#include "probes/totals.bpf.h"
#include "probes/totals_pauses.bpf.h"
#include "probes/choose.bpf.h"

enum { RECORDS_PER_PATTERN = 512, PATTERNS = 100, RECORDS_PER_WIDE = 4096 };

const volatile long getppid_number = 0;

/* One record, to be booked and copied. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ring_record);
} scratch SEC(".maps");

/* Calls so far. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} calls SEC(".maps");

static __always_inline __u64 count_call(struct task_struct *task)
{
	__u64 *count = bpf_task_storage_get(&calls, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	return count ? (*count)++ : 0;
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

	out->expected[0] = pattern | 1ull << (stage_count - 1);
	out->expected[1] = 0;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < EXIT_STAGES_MAX && i < stage_count; i++) {
		stamp += 10 + i;
		if (i + 1 == stage_count && seq % RECORDS_PER_WIDE == RECORDS_PER_WIDE - 1)
			stamp += 1ull << 32;
		out->stamp[i] = stamp & -(out->expected[i / 64] >> (i % 64) & 1);
	}
}

static __always_inline void fill_record(struct ring_record *out, __u64 pid_tgid, __u32 cpu,
					__u64 seq)
{
	__u32 tgid = pid_tgid >> 32, tid = (__u32)pid_tgid;

	out->timestamp = bpf_ktime_get_ns();
	out->vm = tgid;
	out->pid = tgid;
	out->vcpu = tid - tgid;
	fill_fixed(&out->fixed, seq, tid, cpu);
	out->fixed.begin = out->timestamp;
	out->fixed.emit = out->timestamp;
	fill_stamps(out, seq);
}

static __always_inline void copy_record(struct ring_record *out, const struct ring_record *rec,
					__u32 count)
{
	__builtin_memcpy(out, rec, offsetof(struct ring_record, stamp));
	copy_stamps(out->stamp, rec->stamp, count);
}

static __always_inline bool emit_small(const struct ring_record *rec, __u32 cpu)
{
	__u32 count = stage_count;
	struct ring_record *out = ring_reserve(cpu, ring_record_bytes(count));

	if (!out)
		return false;
	copy_record(out, rec, count);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline bool emit_big(const struct ring_record *rec, __u32 cpu,
				     const struct thread_state *state, const __u32 due[PAUSE_KINDS])
{
	__u32 count = stage_count;
	struct ring_record *out = ring_reserve(cpu, ring_big_bytes(count));
	struct ring_extra *extra;

	if (!out)
		return false;
	copy_record(out, rec, count);
	extra = (void *)out + ring_extra_offset(count);
	pauses_hand_over(state, due, extra);
	extra->el2_causes = 0;
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline bool emit(const struct ring_record *rec, __u32 cpu,
				 const struct thread_state *state, const __u32 due[PAUSE_KINDS])
{
	return state ? emit_big(rec, cpu, state, due) : emit_small(rec, cpu);
}

/* `due`: of the pauses that wait in `state`, if any. */
static __always_inline void take(struct probe_cpu *here, const struct ring_record *rec, __u32 cpu,
				 struct thread_state *state, const __u32 due[PAUSE_KINDS])
{
	struct totals_identity who = {
		.vm = rec->vm, .vcpu = rec->fixed.tid, .pid = rec->pid, .index = rec->vcpu
	};
	__u32 slot = totals_slot(here, &who, rec->fixed.tid);
	struct totals_vcpu *to = bpf_map_lookup_elem(&totals, &slot);
	__u32 last = (stage_count - 1) & (EXIT_STAGES_MAX - 1);
	struct totals_record in = { .begin = rec->fixed.begin,
				    .end = rec->stamp[last],
				    .emit = rec->fixed.emit,
				    .timestamp = rec->timestamp,
				    .guest = rec->fixed.guest,
				    .expected = { rec->expected[0], rec->expected[1] },
				    .esr = rec->fixed.esr,
				    .arg = rec->fixed.arg,
				    .kind = rec->fixed.kind,
				    .code = rec->fixed.code };

	if (!to) {
		if (!records || !emit(rec, cpu, NULL, due))
			__sync_fetch_and_add(&totals_others.records, 1);
		return;
	}
	totals_open(to);
	totals_live(to, &in);
	if (state)
		totals_place_pauses(to, &in, rec->stamp, stage_count, state, due);
	if (!records || !choose(&in, rec->vcpu, in.end - in.begin) ||
	    !emit(rec, cpu, state, due)) {
		totals_book(to, &in, rec->stamp);
		if (state)
			totals_book_pauses(to, &in, state, due);
	}
	totals_close(to);
}

static __always_inline void hand_over(struct probe_cpu *here, struct ring_record *rec, __u32 cpu,
				      struct thread_state *state)
{
	__u32 due[PAUSE_KINDS] = { 0 };

	for (__u32 kind = 0; state && kind < PAUSE_KINDS; kind++)
		due[kind] = pauses_due(state, kind, rec->timestamp);
	take(here, rec, cpu, due[0] || due[1] ? state : NULL, due);
	if (state)
		pauses_forget(state, due);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(produce, void *regs, long number)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 cpu = bpf_get_smp_processor_id(), tgid = pid_tgid >> 32, zero = 0;
	struct ring_record *rec = bpf_map_lookup_elem(&scratch, &zero);
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_state *state = NULL;
	struct probe_cpu *here = this_cpu();

	if (number != getppid_number || !rec)
		return 0;
	if (!thread_goes_on(here, task, tgid)) {
		state = thread_recorded(task, tgid, tgid);
		if (!state)
			return 0;
		thread_remember(here, task, tgid);
	}
	fill_record(rec, pid_tgid, cpu, count_call(task));
	hand_over(here, rec, cpu, state && pauses_wait(state) ? state : NULL);
	return 0;
}

char _license[] SEC("license") = "GPL";
