/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Books how long a record spent in each group of accounts, where that was asked for.
 * Included once per object, behind probes/totals_pauses.bpf.h.
 */
#ifndef PROBES_TOTALS_GROUPS_BPF_H
#define PROBES_TOTALS_GROUPS_BPF_H

#include "probes/stage_group.h"

/* Set before loading. */
const volatile bool totals_by_group = false;
const volatile __u8 totals_group_of[EXIT_STAGES_MAX] = { 0 }; /* enum account_group */

enum { GROUP_PLACES = 8 };
_Static_assert(GROUPS <= GROUP_PLACES, "a group has a place");

struct totals_spent {
	__u64 handler; /* how long the handler took */
	__u64 touched; /* bits by group */
	__u64 time[GROUP_PLACES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals_spent);
} totals_group_scratch SEC(".maps");

static __always_inline void totals_add_to_group(struct totals_spent *to, __u32 group, __u64 ticks)
{
	group &= GROUP_PLACES - 1;
	to->time[group] += ticks;
	to->touched |= 1ULL << group;
}

/*
 * As totals_book_stages(), and for the same reasons. Not static: the verifier looks at it
 * once, not with all that is known of each record.
 */
__noinline int totals_group_stages(struct totals_spent *to, struct pause_stamps *of)
{
	__u32 count = stage_count, handler = totals_handler;
	__u64 gap, last;

	if (!to || !of)
		return 0;
	last = of->begin;
	gap = last & 1ULL << 63;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < TOTALS_STAGES; i++) {
		__u64 length, bad, expected = of->expected[i / 64];

		if (i >= count || !((__u32)(expected >> (i & 32)) & 1U << (i & 31)))
			continue;
		length = of->stamp[i] - last;
		if ((__s64)(length | gap) < 0) {
			bad = length >> 63;
			last += length & (bad - 1);
			gap = bad << 63;
			continue;
		}
		last += length;
		totals_add_to_group(to, totals_group_of[i], length);
		if (i == handler)
			to->handler = length;
	}
	return 0;
}

/* What was not that group's. */
static __always_inline void totals_move(struct totals_spent *of, __u32 from, __u32 to, __u64 ticks)
{
	from &= GROUP_PLACES - 1;
	if (!ticks || ticks > of->time[from])
		return;
	of->time[from] -= ticks;
	totals_add_to_group(of, to, ticks);
}

static __always_inline void totals_move_handler(struct totals_spent *of,
						const struct totals_record *rec)
{
	__u32 from =
		totals_handler < EXIT_STAGES_MAX ? totals_group_of[totals_handler] : GROUP_HOST;
	__u64 rest = of->handler;

	if (rec->blocked && rec->blocked <= rest) {
		totals_move(of, from, GROUP_HOST, rec->blocked);
		rest -= rec->blocked;
	}
	if (rec->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER))
		totals_move(of, from, GROUP_IO_EMULATION, rest);
}

static __always_inline void totals_move_pauses(struct totals_spent *of,
					       const struct totals_record *rec,
					       struct thread_state *state, __u32 kind, __u32 due)
{
	bool mmio = rec->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);

	for (__u32 i = 0; i < PAUSES_MOST; i++) {
		struct ring_pause *pause =
			&state->pause[kind][(state->handed[kind] + i) % PAUSES_MOST];
		__u32 stage = pause->stage;

		if (i >= due)
			break;
		if (stage >= EXIT_STAGES_MAX)
			continue;
		totals_move(of,
			    stage == totals_handler && mmio ? GROUP_IO_EMULATION
							    : totals_group_of[stage],
			    GROUP_HOST, pause->ticks);
	}
}

__noinline int totals_book_group(struct totals_vcpu *to, __u32 group, __u64 ticks)
{
	struct totals_group *row;
	__u32 bucket = totals_bucket(ticks);

	if (!to || group >= GROUPS)
		return 0;
	row = &to->group[group];
	if (!row->count || ticks < row->min)
		row->min = ticks;
	if (ticks > row->max)
		row->max = ticks;
	row->count++;
	row->ticks += ticks;
	asm volatile("" : "+r"(bucket)); /* as in totals_book_own() */
	if (bucket < TOTALS_BUCKETS)
		row->histogram[bucket]++;
	to->grouped = 1;
	return 0;
}

static __always_inline void totals_group_before(struct totals_spent *of,
						const struct totals_record *rec)
{
	if (rec->kind == EXIT_KIND_START || totals_before(rec) > rec->begin)
		return;
	if (rec->kind == EXIT_KIND_EXIT || rec->guest)
		totals_add_to_group(of, GROUP_GUEST, rec->guest);
	if (rec->fp.count)
		totals_add_to_group(of, GROUP_SAVE_RESTORE, rec->fp.ticks);
	if (rec->el2_count > rec->fp.count || rec->el2_time > rec->fp.ticks)
		totals_add_to_group(of, GROUP_TRAP_HANDLING, rec->el2_time - rec->fp.ticks);
}

/*
 * `of` is a copy of the record's stamps; `due`: how many of the pauses in `state` are the
 * record's, by kind a byte. Not static, as what is above.
 */
__noinline int totals_spend(struct totals_vcpu *to, struct totals_record *rec,
			    struct pause_stamps *of, struct thread_state *state, __u32 due)
{
	__u32 zero = 0;
	struct totals_spent *by = bpf_map_lookup_elem(&totals_group_scratch, &zero);

	if (!to || !rec || !of || !by)
		return 0;
	__builtin_memset(by, 0, sizeof(*by));
	totals_group_stages(by, of);
	totals_group_before(by, rec);
	totals_move_handler(by, rec);
	if (state) {
		totals_move_pauses(by, rec, state, PAUSE_PREEMPTED, due & 0xff);
		totals_move_pauses(by, rec, state, PAUSE_IRQ, due >> 8);
	}
	for (__u32 group = 0; group < GROUPS; group++)
		if (by->touched >> group & 1)
			totals_book_group(to, group, by->time[group]);
	return 0;
}

/* `state`: of the placed pauses that are due, if any. */
static __always_inline void totals_book_groups(struct totals_vcpu *to, struct totals_record *rec,
					       const __u64 *stamp, struct thread_state *state,
					       const __u32 due[PAUSE_KINDS])
{
	__u32 zero = 0;
	struct pause_stamps *of = bpf_map_lookup_elem(&totals_scratch, &zero);

	if (!of)
		return;
	totals_copy_stamps(of, rec, stamp, stage_count);
	totals_spend(to, rec, of, state, due[PAUSE_PREEMPTED] | due[PAUSE_IRQ] << 8);
}

#endif
