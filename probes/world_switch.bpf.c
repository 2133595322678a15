/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patched tier: books each exit record into the totals of its vCPU and hands it
 * over to the ring of its CPU.
 */
#include "probes/kernel_types.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "probes/host_facts.h"
#include "probes/rings.bpf.h"

#include "probes/pauses.bpf.h"
#include "probes/totals.bpf.h"
#include "probes/choose.bpf.h"

#include "probes/look.bpf.h"

/* Filled by read_host(). */
struct host_facts host_facts = { 0 };

/* Set before loading: number of the stage that some exits touch and none must. */
const volatile __u32 optional_stage = EXIT_STAGES_MAX;

extern const struct kvm_ws_host kvm_ws_host __ksym;

static __always_inline void fill_fixed(struct exit_fixed *fixed, const struct kvm_ws_record *rec,
				       __u32 tid)
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
	fixed->seq = rec->seq;
	fixed->el2_count = rec->el2_count;
	fixed->tid = tid;
	fixed->cpu_exit = rec->cpu_exit;
	fixed->cpu_entry = rec->cpu_entry;
	fixed->flags = rec->flags;
	fixed->user_reason = rec->user_reason;
	fixed->kind = rec->kind;
	fixed->code = rec->code;
}

static __always_inline void fill_expected(__u64 expected[EXIT_STAGE_WORDS],
					  const struct kvm_ws_record *rec)
{
	if (bpf_core_field_exists(rec->expected)) {
		expected[0] = rec->expected.bits[0];
		expected[1] = rec->expected.bits[1];
	} else {
		expected[0] = ((const struct kvm_ws_record___one_word *)rec)->expected;
		expected[1] = 0;
	}
}

/*
 * Direct loads. The verifier drops the stages that the kernel does not have,
 * and the comparisons: `count` is a constant to it.
 */
static __always_inline void fill_stamps(struct ring_record *out, const struct kvm_ws_record *rec,
					__u32 count)
{
	const __u64 *stamp = rec->stamp;

	/* Relocate the array's address, not a load of its first element. */
	asm volatile("" : "+r"(stamp));
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < EXIT_STAGES_MAX; i++)
		if (i < count)
			out->stamp[i] = stamp[i];
}

static __always_inline void fill_record(struct ring_record *out, const struct kvm_vcpu *vcpu,
					const struct kvm_ws_record *rec, __u32 tid, __u32 count)
{
	out->timestamp = rec->timestamp;
	out->vm = (__u64)vcpu->kvm;
	fill_expected(out->expected, rec);
	out->pid = vcpu->kvm->userspace_pid;
	out->vcpu = vcpu->vcpu_idx;
	fill_fixed(&out->fixed, rec, tid);
	fill_stamps(out, rec, count);
}

#define FILL_EL2(extra, rec, i)                                                                    \
	do {                                                                                       \
		(extra)->el2[i].esr = (rec)->el2[i].esr;                                           \
		(extra)->el2[i].ticks = (rec)->el2[i].ticks;                                       \
		(extra)->el2[i].count = (rec)->el2[i].count;                                       \
		(extra)->el2[i].code = (rec)->el2[i].code;                                         \
	} while (0)

static __always_inline void fill_el2(struct ring_extra *extra, const struct kvm_ws_record *rec)
{
	extra->el2_causes = bpf_core_field_exists(rec->el2) ? rec->el2_causes : 0;
	if (!bpf_core_field_exists(rec->el2) || !rec->el2_causes)
		return;
	FILL_EL2(extra, rec, 0);
	FILL_EL2(extra, rec, 1);
	FILL_EL2(extra, rec, 2);
	FILL_EL2(extra, rec, 3);
}

static __always_inline void fill_cycles(struct ring_extra *extra, const struct kvm_ws_record *rec,
					__u32 count)
{
	const __u32 *cycles;

	if (!bpf_core_field_exists(rec->cycles) ||
	    !(rec->flags & (EXIT_FLAG_CYCLES_EXIT | EXIT_FLAG_CYCLES_ENTRY)))
		return;
	extra->begin_cycles = rec->begin_cycles;
	cycles = rec->cycles;
	asm volatile("" : "+r"(cycles));
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < EXIT_STAGES_MAX; i++)
		if (i < count)
			extra->cycles[i] = cycles[i];
}

static __always_inline bool has_extra(const struct kvm_ws_record *rec)
{
	if (rec->flags & (EXIT_FLAG_CYCLES_EXIT | EXIT_FLAG_CYCLES_ENTRY))
		return true;
	return bpf_core_field_exists(rec->el2) && rec->el2_causes;
}

static __always_inline void emit_small(const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				       __u32 tid)
{
	__u32 count = stage_count;
	struct ring_record *out =
		ring_reserve(bpf_get_smp_processor_id(), ring_record_bytes(count));

	if (!out)
		return;
	fill_record(out, vcpu, rec, tid, count);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
}

static __always_inline void emit_big(const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				     __u32 tid, const struct thread_state *state,
				     const __u32 due[PAUSE_KINDS])
{
	__u32 count = stage_count;
	struct ring_record *out = ring_reserve(bpf_get_smp_processor_id(), ring_big_bytes(count));
	struct ring_extra *extra;

	if (!out)
		return;
	fill_record(out, vcpu, rec, tid, count);
	extra = (void *)out + ring_extra_offset(count);
	if (state)
		pauses_hand_over(state, due, extra);
	else
		pauses_none(extra);
	fill_el2(extra, rec);
	fill_cycles(extra, rec, count);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
}

static __always_inline void fill_totals(struct totals_record *out, const struct kvm_ws_record *rec)
{
	out->begin = rec->begin;
	out->emit = rec->emit;
	out->timestamp = rec->timestamp;
	out->guest = rec->guest;
	out->el2_time = rec->el2_time;
	out->blocked = rec->blocked;
	out->esr = rec->esr;
	out->ipa = rec->ipa;
	out->arg = rec->arg;
	out->el2_count = rec->el2_count;
	out->flags = rec->flags;
	out->kind = rec->kind;
	out->code = rec->code;
	fill_expected(out->expected, rec);
}

/* Where no path promises a stage, its stamp tells: one that is no older than the record. */
static __always_inline void add_optional(struct totals_record *to, const __u64 *stamp, __u32 count)
{
	__u32 stage = optional_stage;

	if (stage >= count || stage >= EXIT_STAGES_MAX || stamp[stage] <= to->begin)
		return;
	if (stage < 64)
		to->expected[0] |= 1ULL << stage;
	else
		to->expected[1] |= 1ULL << (stage - 64);
}

#define BOOK_CAUSE(to, rec, i, fp)                                                                 \
	do {                                                                                       \
		struct ring_el2 cause = { .esr = (rec)->el2[i].esr,                                \
					  .ticks = (rec)->el2[i].ticks,                            \
					  .count = (rec)->el2[i].count,                            \
					  .code = (rec)->el2[i].code };                            \
                                                                                                   \
		if ((rec)->el2_causes > (i))                                                       \
			totals_book_cause(to, &cause, fp);                                         \
	} while (0)

static __always_inline void book_el2(struct totals_vcpu *to, const struct totals_record *in,
				     const struct kvm_ws_record *rec)
{
	struct totals_part fp = { 0 };

	if (!in->el2_count)
		return;
	if (bpf_core_field_exists(rec->el2)) {
		BOOK_CAUSE(to, rec, 0, &fp);
		BOOK_CAUSE(to, rec, 1, &fp);
		BOOK_CAUSE(to, rec, 2, &fp);
		BOOK_CAUSE(to, rec, 3, &fp);
	}
	totals_book_el2(to, in, &fp);
}

static __always_inline __u32 slot_of(struct probe_cpu *cpu, const struct kvm_vcpu *vcpu, __u32 tid)
{
	struct totals_identity who;

	if (cpu && cpu->vcpu == (__u64)vcpu && cpu->tid == tid)
		return cpu->slot;
	who.vm = (__u64)vcpu->kvm;
	who.vcpu = (__u64)vcpu;
	who.pid = vcpu->kvm->userspace_pid;
	who.index = vcpu->vcpu_idx;
	if (!cpu)
		return totals_find_slot(&who, tid);
	cpu->slot = totals_find_slot(&who, tid);
	cpu->tid = tid;
	cpu->vcpu = (__u64)vcpu;
	return cpu->slot;
}

/* Sets `due`, of the pauses that wait in `state`, if any; tells whether the record is wanted. */
static __always_inline bool book_totals(struct probe_cpu *cpu, const struct kvm_vcpu *vcpu,
					const struct kvm_ws_record *rec, __u32 tid,
					struct thread_state *state, __u32 due[PAUSE_KINDS])
{
	__u32 slot = slot_of(cpu, vcpu, tid);
	struct totals_vcpu *to = bpf_map_lookup_elem(&totals, &slot);
	const __u64 *stamp = rec->stamp;
	struct totals_record in;
	__u64 end_ns;

	if (!to) {
		__sync_fetch_and_add(&totals_others.records, 1);
		return true; /* nobody knows how long it was */
	}
	asm volatile("" : "+r"(stamp));
	fill_totals(&in, rec);
	add_optional(&in, stamp, stage_count);
	in.emit_before = to->emit;
	in.timestamp_before = to->timestamp;
	totals_open(to);
	totals_book(to, &in, stamp, stage_count);
	book_el2(to, &in, rec);
	if (state) {
		if (in.kind == EXIT_KIND_START)
			pauses_drop_before(state, totals_when(&in, in.begin));
		end_ns = totals_when(&in, to->end);
		for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
			due[kind] = pauses_due(state, kind, end_ns);
		if (due[0] || due[1])
			totals_book_pauses(to, &in, stamp, stage_count, state, due);
	}
	totals_close(to);
	return choose(&in, vcpu->vcpu_idx, to->end - in.begin);
}

SEC("tp_btf/kvm_world_switch")
int BPF_PROG(world_switch, struct kvm_vcpu *vcpu, struct kvm_ws_record *rec)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_state *state = NULL;
	struct probe_cpu *cpu = this_cpu();
	__u64 vm = (__u64)vcpu->kvm;
	__u32 due[PAUSE_KINDS] = { 0 };
	bool chosen;

	if (!thread_goes_on(cpu, task, vm)) {
		state = thread_recorded(task, vm, vcpu->kvm->userspace_pid);
		if (!state)
			return 0;
		thread_remember(cpu, task, vm);
		if (!pauses_wait(state))
			state = NULL;
	}
	chosen = book_totals(cpu, vcpu, rec, task->pid, state, due);
	if (!due[0] && !due[1])
		state = NULL;
	if (records && chosen && (state || has_extra(rec)))
		emit_big(vcpu, rec, task->pid, state, due);
	else if (records && chosen)
		emit_small(vcpu, rec, task->pid);
	if (state)
		pauses_forget(state, due);
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

/*
 * Markers that never fire: being attached, before world_switch is, they choose
 * how the kernel stamps.
 */
SEC("tp_btf/kvm_world_switch_sync")
int choose_sync(void *context)
{
	return 0;
}

SEC("tp_btf/kvm_world_switch_cycles")
int choose_cycles(void *context)
{
	return 0;
}

#define READ_HOST(host, field) (bpf_core_field_exists((host)->field) ? (__u32)(host)->field : 0)

/* Run by user space after loading, and again once attached. */
SEC("syscall")
int read_host(void *context)
{
	const struct kvm_ws_host *host = bpf_this_cpu_ptr(&kvm_ws_host);

	host_facts.mode = host->mode;
	host_facts.counter_hz = host->counter_hz;
	host_facts.ws_mode = READ_HOST(host, ws_mode);
	host_facts.stamp_cost = READ_HOST(host, stamp_cost);
	host_facts.cycles_exit = READ_HOST(host, cycles_exit);
	host_facts.cycles_entry = READ_HOST(host, cycles_entry);
	host_facts.unstamped_eret = READ_HOST(host, unstamped_eret);
	host_facts.unstamped_irq = READ_HOST(host, unstamped_irq);
	host_facts.unstamped_trap = READ_HOST(host, unstamped_trap);
	host_facts.unstamped_hvc = READ_HOST(host, unstamped_hvc);
	return 0;
}

char _license[] SEC("license") = "GPL";
