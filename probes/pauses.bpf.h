/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pauses: when a thread that runs vCPUs was preempted, and when an interrupt or
 * a softirq was taken on top of it. Kept by thread, handed over with the next
 * record of that thread. Included once per object, behind probes/rings.bpf.h
 * and <bpf/bpf_tracing.h>; `struct task_struct` is the includer's.
 */
#ifndef PROBES_PAUSES_BPF_H
#define PROBES_PAUSES_BPF_H

/* include/linux/interrupt.h */
struct irqaction {
	const char *name;
} __attribute__((preserve_access_index));

/* A thread that has run a recorded vCPU. All of it is written on the thread's own CPU. */
struct thread_state {
	__u64 vm; /* whose vCPU it ran last */
	__u64 begin_ns;
	__u32 depth; /* of what it is paused by, one inside the other; the outermost counts */
	__u32 kind;  /* of the outermost */
	__u32 preempted;
	__u32 by; /* of the outermost, as the next one */
	__u64 cause[2];
	__u32 added[PAUSE_KINDS];			   /* pauses since the beginning */
	__u32 handed[PAUSE_KINDS];			   /* of them, handed over */
	struct ring_pause pause[PAUSE_KINDS][PAUSES_MOST]; /* number n in place n % PAUSES_MOST */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread_state);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_cpu);
} cpus SEC(".maps");

enum { PAUSE_COST_SAMPLE = 64 }; /* every so many runs, one measures itself */

struct pause_run {
	struct probe_cpu *cpu;
	__u64 begin_ns; /* 0 in a run that is not measured */
};

static __always_inline struct probe_cpu *this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

static __always_inline struct pause_run pause_run_begin(void)
{
	struct pause_run run = { .cpu = this_cpu() };

	if (!run.cpu)
		return run;
	run.cpu->task = 0;
	if (++run.cpu->cost.runs % PAUSE_COST_SAMPLE == 0)
		run.begin_ns = bpf_ktime_get_ns();
	return run;
}

static __always_inline void pause_run_end(const struct pause_run *run)
{
	if (run->cpu && run->begin_ns)
		run->cpu->cost.ns += (bpf_ktime_get_ns() - run->begin_ns) * PAUSE_COST_SAMPLE;
}

static __always_inline void pause_add(struct thread_state *state, __u64 length_ns)
{
	__u32 kind = state->kind & 1;
	__u32 n = state->added[kind];
	struct ring_pause *pause;

	_Static_assert(PAUSE_KINDS == 2, "a kind is one bit");
	if (n - state->handed[kind] >= PAUSES_MOST) {
		pause = &state->pause[kind][(n - 1) % PAUSES_MOST];
		pause->length_ns += length_ns;
		pause->by = kind == PAUSE_PREEMPTED ? PAUSE_BY_TASKS : PAUSE_BY_IRQS;
		pause->cause[0] = pause->cause[1] = 0;
		return;
	}
	pause = &state->pause[kind][n % PAUSES_MOST];
	pause->begin_ns = state->begin_ns;
	pause->length_ns = length_ns;
	pause->by = state->by;
	pause->cause[0] = state->cause[0];
	pause->cause[1] = state->cause[1];
	state->added[kind] = n + 1;
}

static __always_inline void pause_begin(struct thread_state *state, enum pause_by by, __u64 first,
					__u64 second)
{
	if (state->depth++)
		return;
	state->kind = by == PAUSE_BY_TASK ? PAUSE_PREEMPTED : PAUSE_IRQ;
	state->by = by;
	state->cause[0] = first;
	state->cause[1] = second;
	state->begin_ns = bpf_ktime_get_ns();
}

/* What began before the thread was known has no begin. */
static __always_inline void pause_end(struct thread_state *state)
{
	if (state->depth && --state->depth == 0)
		pause_add(state, bpf_ktime_get_ns() - state->begin_ns);
}

static __always_inline bool pauses_wait(const struct thread_state *state)
{
	return state->added[0] != state->handed[0] || state->added[1] != state->handed[1];
}

static __always_inline void pauses_none(struct ring_extra *extra)
{
	for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
		extra->pauses[kind] = 0;
}

/* How many pauses of a kind began before the record's end; later ones are of the next. */
__noinline __u32 pauses_due(struct thread_state *state, __u32 kind, __u64 end_ns)
{
	__u32 waiting, due = 0;

	if (!state)
		return 0;
	kind &= 1;
	/* An interrupt may add one meanwhile: it goes with the next record. */
	waiting = *(volatile __u32 *)&state->added[kind] - state->handed[kind];
	for (__u32 i = 0; i < PAUSES_MOST; i++)
		if (i < waiting && due == i &&
		    state->pause[kind][(state->handed[kind] + i) % PAUSES_MOST].begin_ns < end_ns)
			due = i + 1;
	return due;
}

/* Forgets what began before a thread came (back) into the run loop: no record has it. */
static __always_inline void pauses_drop_before(struct thread_state *state, __u64 begin_ns)
{
	for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
		for (__u32 i = 0; i < PAUSES_MOST; i++) {
			__u32 at = state->handed[kind];

			if (at != state->added[kind] &&
			    state->pause[kind][at % PAUSES_MOST].begin_ns < begin_ns)
				state->handed[kind] = at + 1;
		}
}

static __always_inline void pauses_hand_over(const struct thread_state *state,
					     const __u32 due[PAUSE_KINDS], struct ring_extra *extra)
{
	for (__u32 kind = 0; kind < PAUSE_KINDS; kind++) {
		extra->pause_first[kind] = state->handed[kind] % PAUSES_MOST;
		extra->pauses[kind] = due[kind];
		for (__u32 i = 0; i < PAUSES_MOST; i++)
			extra->pause[kind][i] = state->pause[kind][i];
	}
}

/* They are booked, and in the ring where records go there. */
static __always_inline void pauses_forget(struct thread_state *state, const __u32 due[PAUSE_KINDS])
{
	for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
		state->handed[kind] += due[kind];
}

/*
 * The state of `task`, the current thread, which runs a vCPU of the VM `vm` of
 * process `owner`; made at the first record. NULL where it is not to be recorded.
 */
static __always_inline struct thread_state *thread_recorded(struct task_struct *task, __u64 vm,
							    __u32 owner)
{
	struct thread_state *state = bpf_task_storage_get(&threads, task, NULL, 0);

	if (state && state->depth) {
		state->depth = 0; /* it runs: an end was missed */
		state->preempted = 0;
	}
	if (state && state->vm == vm)
		return state;
	if (!wanted(owner) && !wanted(task->tgid))
		return NULL;
	state = bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (state)
		state->vm = vm;
	else
		count_lost();
	return state;
}

/* Whether the last record of this CPU was of the same thread and VM, and no pause came since. */
static __always_inline bool thread_goes_on(const struct probe_cpu *cpu, struct task_struct *task,
					   __u64 vm)
{
	return cpu && cpu->task == (__u64)task && cpu->vm == vm;
}

/* Before its pauses are looked at: one that comes meanwhile sets `task` to 0 again. */
static __always_inline void thread_remember(struct probe_cpu *cpu, struct task_struct *task,
					    __u64 vm)
{
	if (!cpu)
		return;
	cpu->vm = vm;
	*(volatile __u64 *)&cpu->task = (__u64)task;
}

static __always_inline struct thread_state *thread_of(struct task_struct *task)
{
	return bpf_task_storage_get(&threads, task, NULL, 0);
}

static __always_inline int pause_current_begins(enum pause_by by, __u64 number, __u64 name)
{
	struct pause_run run = pause_run_begin();
	struct thread_state *state = thread_of(bpf_get_current_task_btf());

	if (state)
		pause_begin(state, by, number, name);
	pause_run_end(&run);
	return 0;
}

static __always_inline int pause_current_ends(void)
{
	struct pause_run run = pause_run_begin();
	struct thread_state *state = thread_of(bpf_get_current_task_btf());

	if (state)
		pause_end(state);
	pause_run_end(&run);
	return 0;
}

static __always_inline void pause_preempted(struct thread_state *state,
					    const struct task_struct *next)
{
	const __u64 *name = (const __u64 *)next->comm;

	/* Relocate the array's address, not a load of its first element. */
	asm volatile("" : "+r"(name));
	pause_begin(state, PAUSE_BY_TASK, name[0], name[1]);
}

/* Only what was running when it was switched out is preempted: else it sleeps. */
SEC("tp_btf/sched_switch")
int BPF_PROG(pause_sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	struct pause_run run = pause_run_begin();
	struct thread_state *state = thread_of(prev);

	if (state && (preempt || !prev_state)) {
		state->preempted = 1;
		pause_preempted(state, next);
	}
	state = thread_of(next);
	if (state && state->preempted) {
		state->preempted = 0;
		pause_end(state);
	}
	pause_run_end(&run);
	return 0;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(pause_irq_handler_entry, int irq, struct irqaction *action)
{
	return pause_current_begins(PAUSE_BY_IRQ, (__u32)irq, (__u64)action->name);
}

SEC("tp_btf/irq_handler_exit")
int pause_irq_handler_exit(void *context)
{
	return pause_current_ends();
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(pause_softirq_entry, unsigned int number)
{
	return pause_current_begins(PAUSE_BY_SOFTIRQ, number, 0);
}

SEC("tp_btf/softirq_exit")
int pause_softirq_exit(void *context)
{
	return pause_current_ends();
}

/* Not every kernel has these two. */
SEC("tp_btf/ipi_entry")
int BPF_PROG(pause_ipi_entry, const char *name)
{
	return pause_current_begins(PAUSE_BY_IPI, 0, (__u64)name);
}

SEC("tp_btf/ipi_exit")
int pause_ipi_exit(void *context)
{
	return pause_current_ends();
}

#endif
