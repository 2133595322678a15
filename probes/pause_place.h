/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into which stage of a record a pause fell. Shared by BPF programs and their
 * tests; includes no header but the record's.
 */
#ifndef PROBES_PAUSE_PLACE_H
#define PROBES_PAUSE_PLACE_H

#include "probes/exit_record.h"

#define PAUSE_INLINE static inline __attribute__((always_inline))

#ifdef __clang__
#define PAUSE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define PAUSE_UNROLL
#endif

/* From here on, two records tell the counter's rate better than its nominal one; up to there. */
#define PAUSE_BASELINE_NS 1000000ULL
#define PAUSE_BASELINE_TICKS (1ULL << 33)

/* What of a record places pauses, with a copy of its stamps. */
struct pause_stamps {
	__u64 expected[EXIT_STAGE_WORDS];
	__u64 begin;
	__u64 emit, timestamp;		     /* the counter, and the clock [ns] at that moment */
	__u64 emit_before, timestamp_before; /* those of the vCPU's last record; 0 for none */
	__u64 blocked; /* part of stage `handler`, taken out of it later */
	__u32 handler, hole;
	__u64 stamp[EXIT_STAGES_MAX];
	__u64 taken[EXIT_STAGES_MAX]; /* by the pauses before [ticks] */
};

/* The search for one pause; `found` is EXIT_STAGES_MAX while there is no stage for it. */
struct pause_search {
	struct pause_stamps *of;
	__u64 begin, end;      /* of the pause [ticks] */
	__u64 before, nearest; /* the touched stamp before; how far the stage found is away */
	__u64 length;	       /* of the stage found */
	__u32 found;
};

/* Ticks of the counter in a second. */
PAUSE_INLINE __u64 pause_rate(const struct pause_stamps *of, __u64 hz)
{
	__u64 ticks = of->emit - of->emit_before, ns = of->timestamp - of->timestamp_before;

	if (!of->timestamp_before || ns < PAUSE_BASELINE_NS || ns >> 63 ||
	    ticks >= PAUSE_BASELINE_TICKS)
		return hz;
	return ticks * 1000000000 / ns;
}

PAUSE_INLINE __u64 pause_ticks(__u64 ns, __u64 rate)
{
	return ns / 1000000000 * rate + ns % 1000000000 * rate / 1000000000;
}

/* How far a pause is from lying between two stamps. */
PAUSE_INLINE __u64 pause_away(__u64 begin, __u64 end, __u64 first, __u64 last)
{
	if (begin < first)
		return first - begin;
	return end > last ? end - last : 0;
}

/* The counter at the pause's begin and end. */
PAUSE_INLINE void pause_search_begin(struct pause_search *search, struct pause_stamps *of,
				     __u64 hz, __u64 begin_ns, __u64 length_ns)
{
	__u64 rate = pause_rate(of, hz);

	search->of = of;
	search->begin = of->emit - pause_ticks(of->timestamp - begin_ns, rate);
	search->end = search->begin + pause_ticks(length_ns, rate);
	search->before = of->begin;
	search->nearest = ~0ULL;
	search->length = 0;
	search->found = EXIT_STAGES_MAX;
}

/*
 * Looks at stage `i`; to be called for each, in order. The thread itself writes
 * the stamps, so that a pause lies within one stage. But `emit` and `timestamp`
 * are read one after the other, and where an interrupt or a hypervisor came
 * between, all pauses seem early: the nearest stage that is long enough is the
 * right one. Is none (a pause to which others were added), it is the first to
 * end after the pause's begin. Returns 0, or 1 where there are no more.
 */
PAUSE_INLINE long pause_try_stage(__u32 i, struct pause_search *search)
{
	const struct pause_stamps *of = search->of;
	__u64 pause = search->end - search->begin, stamp, length, away;

	if (i >= EXIT_STAGES_MAX)
		return 1;
	stamp = of->stamp[i];
	if (!(of->expected[(i >> 6) & 1] >> (i & 63) & 1) || stamp < of->begin)
		return 0;
	away = pause_away(search->begin, search->end, search->before, stamp);
	length = stamp - search->before;
	search->before = stamp;
	if (length < pause) {
		if (search->found != EXIT_STAGES_MAX || search->begin >= stamp)
			return 0;
		away = ~0ULL - 1;
	} else if (away >= search->nearest) {
		return 0;
	}
	search->nearest = away;
	search->length = length;
	search->found = i;
	return 0;
}

/* Notes the stage and its length in `pause`: what pause_try_whole() is about. */
PAUSE_INLINE void pause_note_whole(const struct pause_search *search, const __u32 most,
				   struct ring_pause *pause)
{
	const struct pause_stamps *of = search->of;
	__u64 before = search->before;

	pause->stage = EXIT_STAGES_MAX;
	PAUSE_UNROLL
	for (__u32 first = 0; first < most; first += 8) {
		__u64 expected = of->expected[first / 64] >> first % 64;

		if (!(expected & 0xff))
			continue;
		PAUSE_UNROLL
		for (__u32 i = 0; i < 8 && first + i < most; i++) {
			__u64 stamp = of->stamp[first + i];

			if (!(expected >> i & 1) || stamp < of->begin)
				continue;
			if (stamp >= search->end) {
				pause->stage = before <= search->begin ? first + i : EXIT_STAGES_MAX;
				pause->ticks = stamp - before;
				return;
			}
			before = stamp;
		}
	}
}

/*
 * The search where the pause lies within one stage: the first one to end with it or
 * later, if that began before it. Of the first `most` stages, a constant; straight
 * through, as a search by pause_try_stage() costs ten times as much. By way of `pause`,
 * as the verifier would follow each stage found by itself.
 */
PAUSE_INLINE void pause_try_whole(struct pause_search *search, const __u32 most,
				  struct ring_pause *pause)
{
	pause_note_whole(search, most, pause);
	search->found = pause->stage;
	search->length = pause->ticks;
}

/* What the search found; no stage gives more than it has. */
PAUSE_INLINE void pause_settle(const struct pause_search *search, struct ring_pause *pause)
{
	struct pause_stamps *of = search->of;
	__u64 left = search->length, ticks = search->end - search->begin, taken;
	__u32 stage = search->found;

	pause->stage = EXIT_STAGES_MAX;
	pause->ticks = 0;
	if (stage >= EXIT_STAGES_MAX || search->end <= of->begin) /* that one: a lost record's */
		return;
	taken = of->taken[stage] + (stage == of->handler ? of->blocked : 0);
	left = left > taken ? left - taken : 0;
	pause->stage = stage;
	pause->ticks = ticks < left ? ticks : left;
	of->taken[stage] += pause->ticks;
}

#endif
