/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From KVM's own tracepoints to records: the state machine that the tiers for
 * unpatched kernels share. A record begins at an exit from the guest and ends
 * at the next entry; it is handed over at the exit after that, when the guest
 * does not wait for it. Included once per object, behind probes/choose.bpf.h
 * and <bpf/bpf_core_read.h>; `stage_count` says how many of the stages the tier
 * can tell. An object calls trip_exit_begin()
 * and trip_exit_end() at an exit, and what probes/trip.h has at the rest.
 */
#ifndef PROBES_TRIP_BPF_H
#define PROBES_TRIP_BPF_H

#include "probes/trip.h"

/*
 * A new number each time that recording was switched on, 0 while it is off: programs
 * are attached one after another, and half of them would make up halves of records.
 */
__u32 trip_period = 0;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct trip);
} trips SEC(".maps");

/* Whose vCPU it is. */
struct trip_who {
	__u64 vcpu, vm;
	__u32 pid, index;
};

static __always_inline struct trip *trip_of(struct task_struct *task)
{
	struct trip *trip = trip_period ? bpf_task_storage_get(&trips, task, NULL, 0) : NULL;

	if (trip && trip->period != trip_period)
		trip_resume(trip, trip_period);
	return trip;
}

/*
 * The trip of a thread that has not run this vCPU before. What it had of another
 * one is lost, and counted. NULL where the VM is not to be recorded.
 */
static __always_inline struct trip *trip_adopt(struct task_struct *task, struct trip *trip,
					       const struct trip_who *who)
{
	if (!thread_recorded(task, who->vm, who->pid))
		return NULL;
	if (!trip)
		trip = bpf_task_storage_get(&trips, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!trip) {
		count_lost();
		return NULL;
	}
	if (trip->state != TRIP_NONE)
		count_lost();
	trip->vcpu = who->vcpu;
	trip->vm = who->vm;
	trip->pid = who->pid;
	trip->index = who->index;
	trip->state = TRIP_NONE;
	trip->entered = 0;
	trip->resumed = 0;
	trip->period = trip_period;
	trip->seq = 0;
	return trip;
}

/* The thread's trip with this vCPU, NULL where its VM is not to be recorded. */
static __always_inline struct trip *trip_of_vcpu(struct task_struct *task,
						 const struct kvm_vcpu *vcpu)
{
	struct trip *trip = trip_of(task);
	struct trip_who who;

	if (trip && trip->vcpu == (__u64)vcpu)
		return trip;
	if (!trip_period)
		return NULL;
	who.vcpu = (__u64)vcpu;
	who.vm = (__u64)BPF_CORE_READ(vcpu, kvm);
	who.pid = BPF_CORE_READ(vcpu, kvm, userspace_pid);
	who.index = BPF_CORE_READ(vcpu, vcpu_idx);
	return trip_adopt(task, trip, &who);
}

/* --- handing over -------------------------------------------------------------- */

static __always_inline void trip_fill_fixed(struct exit_fixed *fixed, const struct trip *trip,
					    __u64 now, __u32 tid)
{
	fixed->begin = trip->begin;
	fixed->emit = now;
	fixed->esr = trip->esr;
	fixed->ipa = trip->ipa;
	fixed->pc = trip->pc;
	fixed->arg = trip->arg;
	fixed->guest = trip->guest;
	fixed->el2_time = 0;
	fixed->blocked = trip->blocked;
	fixed->seq = trip->seq;
	fixed->el2_count = 0;
	fixed->tid = tid;
	fixed->cpu_exit = trip->cpu_exit;
	fixed->cpu_entry = trip->cpu_entry;
	fixed->flags = trip->flags;
	fixed->user_reason = trip->user_reason;
	fixed->kind = trip->kind;
	fixed->code = trip->code;
}

static __always_inline void trip_fill(struct ring_record *out, const struct trip *trip, __u64 now,
				      __u32 tid)
{
	out->timestamp = now;
	out->vm = trip->vm;
	out->expected[0] = trip_expected(trip);
	out->expected[1] = 0;
	out->pid = trip->pid;
	out->vcpu = trip->index;
	trip_fill_fixed(&out->fixed, trip, now, tid);
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < TRIP_STAGES; i++)
		if (i < stage_count)
			out->stamp[i] = trip->stamp[i];
}

static __always_inline bool trip_emit_small(const struct trip *trip, __u64 now, __u32 tid)
{
	struct ring_record *out =
		ring_reserve(bpf_get_smp_processor_id(), ring_record_bytes(stage_count));

	if (!out)
		return false;
	trip_fill(out, trip, now, tid);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline bool trip_emit_big(const struct trip *trip, __u64 now, __u32 tid,
					  const struct thread_state *state,
					  const __u32 due[PAUSE_KINDS])
{
	struct ring_record *out =
		ring_reserve(bpf_get_smp_processor_id(), ring_big_bytes(stage_count));
	struct ring_extra *extra;

	if (!out)
		return false;
	trip_fill(out, trip, now, tid);
	extra = (void *)out + ring_extra_offset(stage_count);
	pauses_hand_over(state, due, extra);
	extra->el2_causes = 0;
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline bool trip_emit(const struct trip *trip, __u64 now, __u32 tid,
				      const struct thread_state *state,
				      const __u32 due[PAUSE_KINDS])
{
	if (state)
		return trip_emit_big(trip, now, tid, state, due);
	return trip_emit_small(trip, now, tid);
}

static __always_inline void trip_fill_totals(struct totals_record *out, const struct trip *trip,
					     __u64 now)
{
	out->begin = trip->begin;
	out->end = trip_end(trip);
	out->emit = now;
	out->timestamp = now;
	out->guest = trip->guest;
	out->el2_time = 0;
	out->blocked = trip->blocked;
	out->expected[0] = trip_expected(trip);
	out->expected[1] = 0;
	out->esr = trip->esr;
	out->ipa = trip->ipa;
	out->arg = trip->arg;
	out->fp = (struct totals_part){ 0 };
	out->el2_count = 0;
	out->flags = trip->flags;
	out->kind = trip->kind;
	out->code = trip->code;
}

/* Not static: the verifier looks at it once, not behind each way to leave the ring out. */
__noinline int trip_book(struct totals_vcpu *to, struct totals_record *in, struct trip *trip)
{
	if (!to || !in || !trip)
		return 0;
	totals_book(to, in, trip->stamp);
	return 0;
}

/* Not static, for the same reason. */
__noinline int trip_chosen(struct trip *trip)
{
	struct totals_record in;

	if (!trip)
		return 0;
	trip_fill_totals(&in, trip, 0);
	return choose(&in, trip->index, in.end - in.begin);
}

/*
 * Into the ring, or into the totals where nobody will read it as a record. `due`: of
 * the pauses that wait in `state`, if any, those of this record.
 */
static __always_inline void trip_take(struct probe_cpu *cpu, struct trip *trip, __u64 now,
				      __u32 tid, struct thread_state *state,
				      const __u32 due[PAUSE_KINDS])
{
	struct totals_identity who = {
		.vm = trip->vm, .vcpu = trip->vcpu, .pid = trip->pid, .index = trip->index
	};
	__u32 slot = totals_slot(cpu, &who, tid);
	struct totals_vcpu *to = bpf_map_lookup_elem(&totals, &slot);
	bool wanted = records && (!choose_rules.some || trip_chosen(trip));
	struct totals_record in;

	if (!to) {
		if (wanted && trip_emit_small(trip, now, tid))
			return;
		if (records && !wanted)
			count_lost();
		__sync_fetch_and_add(&totals_others.records, 1);
		return;
	}
	trip_fill_totals(&in, trip, now);
	to->trip = (__u64)trip;
	totals_open(to);
	totals_live(to, &in);
	if (state)
		totals_place_pauses(to, &in, trip->stamp, stage_count, state, due);
	if (!wanted || !trip_emit(trip, now, tid, state, due)) {
		trip_book(to, &in, trip);
		if (state)
			totals_book_pauses(to, &in, state, due);
		if (totals_by_group)
			totals_book_groups(to, &in, trip->stamp, state, due);
	}
	totals_close(to);
}

/* The pauses that wait for a record of this thread; NULL without any. */
static __always_inline struct thread_state *
trip_pauses(struct probe_cpu *cpu, struct task_struct *task, const struct trip *trip)
{
	struct thread_state *state;

	if (thread_goes_on(cpu, task, trip->vm))
		return NULL;
	state = thread_recorded(task, trip->vm, trip->pid);
	if (!state)
		return NULL;
	thread_remember(cpu, task, trip->vm);
	return pauses_wait(state) ? state : NULL;
}

static __always_inline void trip_hand_over(struct probe_cpu *cpu, struct task_struct *task,
					   struct trip *trip, __u64 now, struct thread_state *state)
{
	__u32 due[PAUSE_KINDS] = { 0 };
	__u64 end_ns = trip_end(trip);

	if (state)
		for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
			due[kind] = pauses_due(state, kind, end_ns);
	trip_take(cpu, trip, now, task->pid, due[0] || due[1] ? state : NULL, due);
	if (state)
		pauses_forget(state, due);
	trip->seq++;
	trip->state = TRIP_NONE;
}

/* --- an exit ------------------------------------------------------------------- */

/* How long the pauses of a kind took that began before `now`; they are used up. */
__noinline __u64 trip_take_pauses(struct thread_state *state, __u32 kind, __u64 now)
{
	__u32 count = pauses_due(state, kind, now);
	__u64 sum = 0;

	if (!state)
		return 0;
	kind &= 1;
	for (__u32 i = 0; i < PAUSES_MOST; i++)
		if (i < count)
			sum += state->pause[kind][(state->handed[kind] + i) % PAUSES_MOST]
				       .length_ns;
	state->handed[kind] += count;
	return sum;
}

/*
 * Hands over the record before and begins one at `now`. The caller says what
 * the exit was, and then calls trip_exit_end().
 */
static __always_inline void trip_exit_begin(struct task_struct *task, struct trip *trip, __u64 now)
{
	struct probe_cpu *cpu = this_cpu();
	struct thread_state *state = trip_pauses(cpu, task, trip);
	__u64 preempted = 0, irq = 0;

	if (trip->state != TRIP_NONE)
		trip_hand_over(cpu, task, trip, now, state);
	if (state) {
		preempted = trip_take_pauses(state, PAUSE_PREEMPTED, now);
		irq = trip_take_pauses(state, PAUSE_IRQ, now);
	}
	trip_begin(trip, now, preempted, irq, bpf_get_smp_processor_id());
}

static __always_inline void trip_exit_end(struct trip *trip)
{
	trip->stamp[TRIP_TRACING] = bpf_ktime_get_ns();
	trip->state = TRIP_OUT;
}

/* --- the rest of the way --------------------------------------------------------- */

SEC("tp_btf/kvm_vcpu_wakeup")
int BPF_PROG(trip_wakeup, __u64 ns)
{
	struct trip *trip = trip_of(bpf_get_current_task_btf());

	if (trip)
		trip_slept(trip, ns);
	return 0;
}

/* The thread is gone: nothing enters the guest again, the record ends where it is. */
SEC("tp_btf/sched_process_exit")
int trip_process_exit(void *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct trip *trip = trip_of(task);
	struct probe_cpu *cpu = this_cpu();

	if (!trip || trip->state == TRIP_NONE)
		return 0;
	if (trip->state == TRIP_OUT) {
		trip->flags |= EXIT_FLAG_OPEN;
		trip->stamp[TRIP_USER] = 0;
	}
	trip_hand_over(cpu, task, trip, bpf_ktime_get_ns(), trip_pauses(cpu, task, trip));
	return 0;
}

/* --- what user space asks for -------------------------------------------------------- */

/*
 * The thread writes it meanwhile, and its memory may be another thing's by now.
 * Where only the ends of KVM_RUN are seen, sleep counts as guest.
 */
static __always_inline void look_record(struct totals_open *open, const struct totals_vcpu *to,
					struct kvm_vcpu *vcpu)
{
	struct trip trip;

	if (bpf_probe_read_kernel(&trip, sizeof(trip), (void *)to->trip) < 0 ||
	    trip.vcpu != to->vcpu || trip.vm != to->vm || trip.period != trip_period)
		return;
	if (trip.code == EXIT_CODE_RUN && open->state == TOTALS_STATE_BLOCKED)
		open->state = TOTALS_STATE_GUEST;
	if (trip.state == TRIP_NONE)
		return;
	if (trip.code == EXIT_CODE_RUN)
		trip.stamp[TRIP_HANDLER] = trip.stamp[TRIP_TRACING]; /* behind it: user space */
	open->begin = trip.begin;
	open->guest = trip.guest;
	open->el2_time = 0;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < TRIP_STAGES; i++)
		open->stamp[i] = i < stage_count ? trip.stamp[i] : 0;
}

#include "probes/look.bpf.h"

#endif
