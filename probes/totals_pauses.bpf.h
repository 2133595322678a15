/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Places the pauses of a record in its stages, where they wait, and takes them
 * out of what was booked; books what is to be booked of a copy. Included once per
 * object, behind probes/totals.bpf.h.
 */
#ifndef PROBES_TOTALS_PAUSES_BPF_H
#define PROBES_TOTALS_PAUSES_BPF_H

#include "probes/pause_place.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pause_stamps);
} totals_scratch SEC(".maps");

static __always_inline __u64 totals_ns(__u64 ticks)
{
	__u64 hz = totals_counter_hz ?: 1;

	return ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz;
}

/* CLOCK_MONOTONIC at a time before the record's emission [ns]. */
static __always_inline __u64 totals_when(const struct totals_record *rec, __u64 ticks)
{
	return rec->timestamp - totals_ns(rec->emit - ticks);
}

static long totals_try_stage(__u32 i, struct pause_search *search)
{
	return pause_try_stage(i, search);
}

/*
 * Tells the stage that the pause was in, and how much of the record it is.
 * Not static: the verifier looks at it once, not at each call.
 */
__noinline int totals_place_pause(struct pause_stamps *of, struct ring_pause *pause)
{
	struct pause_search search;

	if (!of || !pause)
		return 0;
	pause_search_begin(&search, of, totals_counter_hz, pause->begin_ns, pause->length_ns);
	pause_try_whole(&search, TOTALS_STAGES, pause);
	if (search.found >= EXIT_STAGES_MAX)
		bpf_loop(stage_count, totals_try_stage, &search, 0);
	pause_settle(&search, pause);
	return 0;
}

/* Takes a placed pause out of its stage. */
__noinline int totals_book_pause(struct totals_vcpu *to, struct ring_pause *pause, __u32 part,
				 __u32 mmio)
{
	__u32 stage;

	if (!to || !pause || !pause->ticks || part >= TOTALS_PARTS)
		return 0;
	stage = pause->stage;
	if (stage >= EXIT_STAGES_MAX)
		return 0;
	if (stage == totals_handler && mmio)
		to->part[TOTALS_HANDLER_MMIO].ticks -= pause->ticks;
	else
		to->stage[stage] -= pause->ticks;
	to->part[part].ticks += pause->ticks;
	return 1;
}

static __always_inline void totals_new_pauser(struct totals_pauser *row,
					      const struct ring_pause *pause)
{
	row->by = pause->by;
	row->cause[0] = pause->cause[0];
	row->cause[1] = pause->cause[1];
	if (pause->by == PAUSE_BY_IRQ || pause->by == PAUSE_BY_IPI)
		bpf_probe_read_kernel_str(row->name, sizeof(row->name), (void *)pause->cause[1]);
}

/*
 * The row of who made the pause, a new one with its name where there is none; NULL for
 * several, and where all places are taken. A row that nothing was booked in is free.
 */
static __always_inline struct totals_pauser *totals_pauser_row(struct totals_vcpu *to,
							       const struct ring_pause *pause)
{
	__u32 hash =
		(pause->cause[0] ^ pause->cause[1] * 31 ^ pause->by) * 0x9e3779b97f4a7c15ULL >> 40;

	for (__u32 i = 0; i < TOTALS_PROBES; i++) {
		struct totals_pauser *row = &to->pauser[(hash + i) & (TOTALS_PAUSERS - 1)];

		if (pause->by == PAUSE_BY_TASKS || pause->by == PAUSE_BY_IRQS)
			break;
		if (row->by == pause->by && row->cause[0] == pause->cause[0] &&
		    row->cause[1] == pause->cause[1])
			return row;
		if (!row->count) {
			totals_new_pauser(row, pause);
			return row;
		}
	}
	return NULL;
}

/* By whom the pause was made that has just been booked. */
__noinline int totals_book_pauser(struct totals_vcpu *to, struct ring_pause *pause, __u32 kind)
{
	struct totals_pauser *row;

	if (!to || !pause)
		return 0;
	row = totals_pauser_row(to, pause);
	if (!row) {
		row = &to->pauser[TOTALS_PAUSERS + (kind & 1)];
		row->by = kind & 1 ? PAUSE_BY_IRQS : PAUSE_BY_TASKS;
	}
	row->count++;
	row->ticks += pause->ticks;
	return 0;
}

/* For who reads the record that the pause crosses the ring with: it has an address only. */
__noinline int totals_name_pauser(struct totals_vcpu *to, struct ring_pause *pause)
{
	if (to && pause)
		totals_pauser_row(to, pause);
	return 0;
}

static __always_inline void totals_copy_stamps(struct pause_stamps *of,
					       const struct totals_record *rec, const __u64 *stamp,
					       __u32 count)
{
	of->expected[0] = rec->expected[0];
	of->expected[1] = rec->expected[1];
	of->begin = rec->begin;
	of->emit = rec->emit;
	of->timestamp = rec->timestamp;
	of->emit_before = rec->emit_before;
	of->timestamp_before = rec->timestamp_before;
	of->blocked = rec->blocked;
	of->handler = totals_handler;
	__builtin_memset(of->taken, 0, TOTALS_STAGES * sizeof(of->taken[0]));
	copy_stamps(of->stamp, stamp, count);
}

static __always_inline void totals_place_kind(struct pause_stamps *of, struct thread_state *state,
					      __u32 kind, __u32 due)
{
	for (__u32 i = 0; i < PAUSES_MOST; i++) {
		__u32 at = (state->handed[kind] + i) % PAUSES_MOST;

		if (i >= due)
			break;
		totals_place_pause(of, &state->pause[kind][at]);
	}
}

static __always_inline void totals_name_irqs(struct totals_vcpu *to, struct thread_state *state,
					     __u32 due)
{
	for (__u32 i = 0; i < PAUSES_MOST; i++) {
		__u32 at = (state->handed[PAUSE_IRQ] + i) % PAUSES_MOST;

		if (i >= due)
			break;
		totals_name_pauser(to, &state->pause[PAUSE_IRQ][at]);
	}
}

/*
 * Places the pauses that are due, where they wait. No loop over the kinds: Linux
 * 6.1 refuses the one that clang 14 makes of it ("back-edge").
 */
static __always_inline void totals_place_pauses(struct totals_vcpu *to,
						const struct totals_record *rec, const __u64 *stamp,
						__u32 count, struct thread_state *state,
						const __u32 due[PAUSE_KINDS])
{
	__u32 zero = 0;
	struct pause_stamps *of = bpf_map_lookup_elem(&totals_scratch, &zero);

	if (!of)
		return;
	totals_copy_stamps(of, rec, stamp, count);
	totals_place_kind(of, state, PAUSE_PREEMPTED, due[PAUSE_PREEMPTED]);
	totals_place_kind(of, state, PAUSE_IRQ, due[PAUSE_IRQ]);
	totals_name_irqs(to, state, due[PAUSE_IRQ]);
}

/*
 * Not static: where a record may be left out for several reasons, the verifier would
 * look at it behind each.
 */
__noinline __u64 totals_book_copy(struct totals_vcpu *to, struct totals_record *rec,
				  struct pause_stamps *of)
{
	if (!to || !rec || !of)
		return 0;
	return totals_book_apart(to, rec, of->stamp);
}

/*
 * Books a record, of which the pattern is booked, stage by stage, by a copy of its
 * stamps. Returns its end.
 */
static __always_inline __u64 totals_book_rest(struct totals_vcpu *to, struct totals_record *rec,
					      const __u64 *stamp, __u32 count)
{
	__u32 zero = 0;
	struct pause_stamps *of = bpf_map_lookup_elem(&totals_scratch, &zero);

	if (!of)
		return rec->begin;
	totals_copy_stamps(of, rec, stamp, count);
	return totals_book_copy(to, rec, of);
}

/* Placed ones of one kind; all of it is one length of the record. */
static __always_inline void totals_book_kind(struct totals_vcpu *to, struct thread_state *state,
					     __u32 kind, __u32 due, __u32 part, __u32 mmio)
{
	int booked = 0;

	for (__u32 i = 0; i < PAUSES_MOST; i++) {
		__u32 at = (state->handed[kind] + i) % PAUSES_MOST;

		if (i >= due)
			break;
		if (totals_book_pause(to, &state->pause[kind][at], part, mmio)) {
			totals_book_pauser(to, &state->pause[kind][at], kind);
			booked = 1;
		}
	}
	if (booked)
		to->part[part].count++;
}

/* Behind totals_book() and totals_place_pauses(). */
static __always_inline void totals_book_pauses(struct totals_vcpu *to,
					       const struct totals_record *rec,
					       struct thread_state *state,
					       const __u32 due[PAUSE_KINDS])
{
	__u32 mmio = rec->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);

	totals_book_kind(to, state, PAUSE_PREEMPTED, due[PAUSE_PREEMPTED], TOTALS_PREEMPTED, mmio);
	totals_book_kind(to, state, PAUSE_IRQ, due[PAUSE_IRQ], TOTALS_IRQ, mmio);
}

#endif
