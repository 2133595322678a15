/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patched tier: hands each exit record over to the ring of its CPU, or books it
 * into the totals of its vCPU where it is not wanted or does not fit.
 */
#include "probes/kernel_types.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "probes/host_facts.h"
#include "probes/rings.bpf.h"
#include "probes/processes.bpf.h"

#include "probes/pauses.bpf.h"
#include "probes/vgic.bpf.h"
#include "probes/totals.bpf.h"
#include "probes/totals_pauses.bpf.h"
#include "probes/totals_groups.bpf.h"
#include "probes/totals_sums.bpf.h"
#include "probes/choose.bpf.h"

/* arch/arm64/include/asm/kvm_wstrace.h: the record at hand is the one not handed over yet. */
static __always_inline void look_record(struct totals_open *open, const struct totals_vcpu *to,
					struct kvm_vcpu *vcpu)
{
	__u32 cur = BPF_CORE_READ(vcpu, arch.ws.cur) & 1;
	struct kvm_ws_record *rec = cur ? __builtin_preserve_access_index(&vcpu->arch.ws.rec[1])
					: __builtin_preserve_access_index(&vcpu->arch.ws.rec[0]);
	const __u64 *stamp = __builtin_preserve_access_index(&rec->stamp[0]);

	open->begin = BPF_CORE_READ(rec, begin);
	open->guest = BPF_CORE_READ(rec, guest);
	open->el2_time = BPF_CORE_READ(rec, el2_time);
	bpf_probe_read_kernel(open->stamp, (stage_count & (EXIT_STAGES_MAX - 1)) * sizeof(*stamp),
			      stamp);
}

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

static __always_inline void fill_stamps(struct ring_record *out, const struct kvm_ws_record *rec,
					__u32 count)
{
	const __u64 *stamp = rec->stamp;

	/* Relocate the array's address, not a load of its first element. */
	asm volatile("" : "+r"(stamp));
	copy_stamps(out->stamp, stamp, count);
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
	for (__u32 first = 0; first < EXIT_STAGES_MAX; first += STAGES_CHUNK)
		EACH_STAGE_OF_CHUNK(i, first, count, extra->cycles[i] = cycles[i]);
}

static __always_inline bool has_extra(const struct kvm_ws_record *rec)
{
	if (rec->flags & (EXIT_FLAG_CYCLES_EXIT | EXIT_FLAG_CYCLES_ENTRY))
		return true;
	return bpf_core_field_exists(rec->el2) && rec->el2_causes;
}

static __always_inline bool emit_small(const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				       __u32 tid)
{
	__u32 count = stage_count;
	struct ring_record *out =
		ring_reserve(bpf_get_smp_processor_id(), ring_record_bytes(count));

	if (!out)
		return false;
	fill_record(out, vcpu, rec, tid, count);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline bool emit_big(const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				     __u32 tid, const struct thread_state *state,
				     const __u32 due[PAUSE_KINDS])
{
	__u32 count = stage_count;
	struct ring_record *out = ring_reserve(bpf_get_smp_processor_id(), ring_big_bytes(count));
	struct ring_extra *extra;

	if (!out)
		return false;
	fill_record(out, vcpu, rec, tid, count);
	extra = (void *)out + ring_extra_offset(count);
	if (state)
		pauses_hand_over(state, due, extra);
	else
		pauses_none(extra);
	fill_el2(extra, rec);
	fill_cycles(extra, rec, count);
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return true;
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
	out->fp = (struct totals_part){ 0 };
	out->el2_count = rec->el2_count;
	out->flags = rec->flags;
	out->kind = rec->kind;
	out->code = rec->code;
}

/* The newest stamp that is no older than `begin`. */
static __attribute__((noinline)) __u64 newest_stamp(const __u64 *stamp, __u64 begin)
{
	__u64 newest = begin;
	__u32 count = stage_count;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < EXIT_STAGES_MAX; i++)
		if (i < count && stamp[i] > newest)
			newest = stamp[i];
	return newest;
}

/* The last stage of all is the way into the guest. */
static __always_inline __u64 last_stamp(const struct kvm_ws_record *rec, const __u64 *stamp)
{
	__u32 last = stage_count - 1;

	if (last < EXIT_STAGES_MAX && !(rec->flags & (EXIT_FLAG_NOT_ENTERED | EXIT_FLAG_OPEN)) &&
	    stamp[last] >= rec->begin)
		return stamp[last];
	return newest_stamp(stamp, rec->begin);
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

static __always_inline void book_el2(struct totals_vcpu *to, struct totals_record *in,
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
	in->fp = fp;
}

static __always_inline __u32 slot_of(struct probe_cpu *cpu, const struct kvm_vcpu *vcpu, __u32 tid,
				     __u32 left)
{
	struct totals_identity who;

	if (totals_is_cached(cpu, (__u64)vcpu, tid))
		return cpu->slot;
	who.vm = (__u64)vcpu->kvm;
	who.vcpu = (__u64)vcpu;
	who.pid = vcpu->kvm->userspace_pid;
	who.index = vcpu->vcpu_idx;
	who.left = left;
	who.hole = 0;
	return totals_slot(cpu, &who, tid);
}

/* Those that wait in `state` and belong to the record, placed; NULL where there are none. */
static __always_inline struct thread_state *
place_pauses(struct totals_vcpu *to, struct totals_record *in, const __u64 *stamp,
	     struct thread_state *state, __u32 due[PAUSE_KINDS])
{
	__u64 end_ns = totals_when(in, in->end);

	if (in->kind == EXIT_KIND_START)
		pauses_drop_before(state, totals_when(in, in->begin));
	for (__u32 kind = 0; kind < PAUSE_KINDS; kind++)
		due[kind] = pauses_due(state, kind, end_ns);
	if (!due[0] && !due[1])
		return NULL;
	totals_place_pauses(to, in, stamp, stage_count, state, due);
	return state;
}

static __always_inline bool emit(const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				 __u32 tid, const struct thread_state *state,
				 const __u32 due[PAUSE_KINDS])
{
	if (state || has_extra(rec))
		return emit_big(vcpu, rec, tid, state, due);
	return emit_small(vcpu, rec, tid);
}

static __always_inline void fill_stages(struct totals_record *in, const struct kvm_ws_record *rec,
					const __u64 *stamp)
{
	fill_expected(in->expected, rec);
	add_optional(in, stamp, stage_count);
}

#include "probes/known_exits.bpf.h"

/* Books a record, known or not. */
static __always_inline void book_any(struct totals_vcpu *to, struct totals_vcpu_sums *sums,
				     struct totals_record *in, const struct kvm_ws_record *rec,
				     const __u64 *stamp, struct thread_state *state,
				     __u32 due[PAUSE_KINDS])
{
	__u32 place;

	fill_stages(in, rec, stamp);
	place = totals_book_pattern(to, in->expected[0], in->expected[1]);
	in->end = totals_book_sums(to, sums, place, in, stamp);
	if (!in->end)
		in->end = totals_book_rest(to, in, stamp, stage_count);
	book_el2(to, in, rec);
	totals_live(to, in);
	if (state)
		state = place_pauses(to, in, stamp, state, due);
	if (state)
		totals_book_pauses(to, in, state, due);
	if (totals_by_group)
		totals_book_groups(to, in, stamp, state, due);
}

/* Hands a record over, or books it where it is not wanted or does not fit. */
static __always_inline void hand_over(struct totals_vcpu *to, struct totals_record *in,
				      const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				      const __u64 *stamp, __u32 tid, struct thread_state *state,
				      __u32 due[PAUSE_KINDS])
{
	in->end = last_stamp(rec, stamp);
	totals_live(to, in);
	if (state) {
		fill_stages(in, rec, stamp);
		state = place_pauses(to, in, stamp, state, due);
	}
	if (choose(in, vcpu->vcpu_idx, in->end - in->begin) && emit(vcpu, rec, tid, state, due))
		return;
	fill_stages(in, rec, stamp);
	totals_book_pattern(to, in->expected[0], in->expected[1]);
	totals_book_rest(to, in, stamp, stage_count);
	book_el2(to, in, rec);
	if (state)
		totals_book_pauses(to, in, state, due);
}

/* Books a record that has no ring to cross. */
static __always_inline void take_totals(struct totals_vcpu *to, __u32 slot,
					const struct kvm_ws_record *rec, const __u64 *stamp,
					struct thread_state *state)
{
	struct totals_vcpu_sums *sums = bpf_map_lookup_elem(&totals_sums, &slot);
	__u32 due[PAUSE_KINDS] = { 0 };
	struct totals_record in;

	if (!sums || (!totals_by_group && !state && book_known(to, sums, rec, stamp)))
		return;
	fill_totals(&in, rec);
	totals_open(to);
	book_any(to, sums, &in, rec, stamp, state, due);
	totals_close(to);
	if (state)
		pauses_forget(state, due);
}

/* `state`: of the pauses that wait, if any. */
static __always_inline void take_record(struct totals_vcpu *to, const struct kvm_vcpu *vcpu,
					const struct kvm_ws_record *rec, const __u64 *stamp,
					__u32 tid, struct thread_state *state)
{
	__u32 due[PAUSE_KINDS] = { 0 };
	struct totals_record in;

	fill_totals(&in, rec);
	totals_open(to);
	hand_over(to, &in, vcpu, rec, stamp, tid, state, due);
	totals_close(to);
	if (state)
		pauses_forget(state, due);
}

/* A record of a vCPU without a slot: where it does not cross the ring, nobody has it. */
static __always_inline void take_other(const struct kvm_vcpu *vcpu, const struct kvm_ws_record *rec,
				       const __u64 *stamp, __u32 tid)
{
	__u32 due[PAUSE_KINDS] = { 0 };
	struct totals_record in;

	fill_totals(&in, rec);
	if (records && !choose(&in, vcpu->vcpu_idx, last_stamp(rec, stamp) - in.begin))
		count_lost();
	else if (records && emit(vcpu, rec, tid, NULL, due))
		return;
	__sync_fetch_and_add(&totals_others.records, 1);
}

static __always_inline void take(struct probe_cpu *cpu, const struct kvm_vcpu *vcpu,
				 const struct kvm_ws_record *rec, __u32 tid,
				 struct thread_state *state)
{
	__u32 slot = slot_of(cpu, vcpu, tid, rec->flags & EXIT_FLAG_OPEN);
	struct totals_vcpu *to = bpf_map_lookup_elem(&totals, &slot);
	const __u64 *stamp = rec->stamp;

	asm volatile("" : "+r"(stamp));
	if (!to)
		take_other(vcpu, rec, stamp, tid);
	else if (records)
		take_record(to, vcpu, rec, stamp, tid, state);
	else
		take_totals(to, slot, rec, stamp, state);
}

SEC("tp_btf/kvm_world_switch")
int BPF_PROG(world_switch, struct kvm_vcpu *vcpu, struct kvm_ws_record *rec)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_state *state = NULL;
	struct probe_cpu *cpu = this_cpu();
	__u64 vm = (__u64)vcpu->kvm;

	if (!thread_goes_on(cpu, task, vm)) {
		state = thread_recorded(task, vm, vcpu->kvm->userspace_pid);
		if (!state)
			return 0;
		thread_remember(cpu, task, vm);
		if (!pauses_wait(state))
			state = NULL;
	}
	take(cpu, vcpu, rec, task->pid, state);
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
