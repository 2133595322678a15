/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Books the stages of most records without a look at which of them were touched:
 * by pattern, for user space to make lengths of. Included once per object, behind
 * probes/totals.bpf.h.
 */
#ifndef PROBES_TOTALS_SUMS_BPF_H
#define PROBES_TOTALS_SUMS_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TOTALS_SLOTS);
	__type(key, __u32);
	__type(value, struct totals_vcpu_sums);
} totals_sums SEC(".maps");

static __always_inline bool totals_expects(__u64 low, __u64 high, __u32 stage)
{
	return (stage < 64 ? low : high) >> (stage & 63) & 1;
}

/* Of which exits runs of stages are, as probes/stage_runs.def has it. */
enum totals_paths { PATHS_EVERY, PATHS_SPLIT, PATHS_VHE, PATHS_SOME };

static __always_inline __u64 totals_run_bits(__u32 first, __u32 length)
{
	return ((1ULL << length) - 1) << (first & 63);
}

static __always_inline bool totals_has_runs(__u64 low, __u64 high, enum totals_paths wanted)
{
	__u64 bits[EXIT_STAGE_WORDS] = { 0 };

#define STAGE_RUN(first, length, paths)                                                            \
	if (PATHS_##paths == wanted)                                                               \
		bits[(first) / 64] |= totals_run_bits(first, length);
#include "probes/stage_runs.def"
#undef STAGE_RUN
	return low & bits[0] || high & bits[1];
}

/* What a pattern's stages allow. */
enum totals_way {
	TOTALS_WAY_KNOWN = 1,
	TOTALS_WAY_ENTERS = 2,	   /* it has the last of all stages */
	TOTALS_WAY_HANDLER = 4,	   /* it has the handler's stage, right behind another one */
	TOTALS_WAY_NO_HANDLER = 8, /* it has it not */
	TOTALS_WAY_SPLIT = 16,	   /* it has stages of these runs */
	TOTALS_WAY_VHE = 32,
	TOTALS_WAY_SOME = 64,
};

/* Not static: where it comes from, the verifier need not know. */
__noinline __u32 totals_way(__u64 low, __u64 high)
{
	__u32 handler = totals_handler, last = stage_count - 1;
	__u32 way = TOTALS_WAY_KNOWN;

	if (totals_has_runs(low, high, PATHS_SPLIT))
		way |= TOTALS_WAY_SPLIT;
	if (totals_has_runs(low, high, PATHS_VHE))
		way |= TOTALS_WAY_VHE;
	if (totals_has_runs(low, high, PATHS_SOME))
		way |= TOTALS_WAY_SOME;
	if (totals_expects(low, high, last))
		way |= TOTALS_WAY_ENTERS;
	if (handler >= stage_count || !totals_expects(low, high, handler))
		way |= TOTALS_WAY_NO_HANDLER;
	else if (handler && totals_expects(low, high, handler - 1))
		way |= TOTALS_WAY_HANDLER;
	return way;
}

/*
 * Straight on: to ask of each stage whether it was touched costs as much as its sum. What
 * hardly any path has is asked by runs. A function of its own, so that all of it stays in
 * registers.
 */
static __attribute__((noinline)) void totals_sum_stages(struct totals_sums *sums, __u64 low,
							__u64 high, const __u64 *stamp, __u64 begin)
{
	__u64 cut = (1ULL << TOTALS_SUM_BITS) - 1;
	__u32 count = stage_count, way = sums->way;

	asm volatile("" : "+r"(cut)); /* else made anew for each stage */
	sums->records++;
#define STAGE_RUN(first, length, paths)                                                            \
	if (PATHS_##paths == TOTALS_PATHS &&                                                       \
	    (TOTALS_PATHS != PATHS_SOME ||                                                         \
	     ((first) < 64 ? low : high) & totals_run_bits(first, length)))                        \
		EACH_STAGE_OF_RUN(i, first, length, count,                                         \
				  sums->ticks[i] += (stamp[i] - begin) & cut);
#define TOTALS_PATHS PATHS_EVERY
#include "probes/stage_runs.def"
#undef TOTALS_PATHS
	if (way & TOTALS_WAY_SPLIT) {
#define TOTALS_PATHS PATHS_SPLIT
#include "probes/stage_runs.def"
#undef TOTALS_PATHS
	}
	if (way & TOTALS_WAY_VHE) {
#define TOTALS_PATHS PATHS_VHE
#include "probes/stage_runs.def"
#undef TOTALS_PATHS
	}
	if (way & TOTALS_WAY_SOME) {
#define TOTALS_PATHS PATHS_SOME
#include "probes/stage_runs.def"
#undef TOTALS_PATHS
	}
#undef STAGE_RUN
}

/* How long the handler took; ~0ULL where only a look at all stages tells. */
static __always_inline __u64 totals_sums_handler(__u32 way, const __u64 *stamp)
{
	__u32 stage = totals_handler;

	if (way & TOTALS_WAY_NO_HANDLER)
		return 0;
	if (!(way & TOTALS_WAY_HANDLER) || stage < 1 || stage >= stage_count ||
	    stage >= EXIT_STAGES_MAX || stamp[stage] < stamp[stage - 1])
		return ~0ULL;
	return stamp[stage] - stamp[stage - 1];
}

static __always_inline struct totals_known *totals_known(struct totals_vcpu_sums *sums, __u64 esr,
							 __u64 number, __u64 low, __u64 high)
{
	__u64 mix = (esr + number + low + high) * 0x9e3779b9U;
	struct totals_known *row = &sums->known[mix >> 24 & (TOTALS_KNOWN - 1)];

	asm volatile("" : "+r"(row)); /* else made anew for each look */
	return row;
}

/* Where the next one like it is booked. */
static __always_inline void totals_remember(struct totals_vcpu_sums *sums,
					    const struct totals_record *rec, __u32 pattern,
					    __u32 reason)
{
	struct totals_known what = {
		.expected = { rec->expected[0], rec->expected[1] },
		.esr = rec->esr,
		.ipa = rec->ipa,
		.arg = rec->arg,
		.bits = totals_bits(rec->flags, rec->kind, rec->code),
		.pattern = pattern,
		.reason = reason,
	};

	if (rec->kind == EXIT_KIND_EXIT && reason < TOTALS_REASONS &&
	    !(rec->flags & (EXIT_FLAG_OPEN | EXIT_FLAG_NOT_ENTERED)))
		*totals_known(sums, rec->esr, rec->ipa + rec->arg, rec->expected[0],
			      rec->expected[1]) = what;
}

/*
 * Books a record of which `place` is the pattern's. Returns its end, or 0, having
 * booked nothing, where it takes another way than most.
 */
static __always_inline __u64 totals_book_sums(struct totals_vcpu *to, struct totals_vcpu_sums *sums,
					      __u32 place, const struct totals_record *rec,
					      const __u64 *stamp)
{
	__u32 last = stage_count - 1, reason;
	__u64 handler = 0, end;
	struct totals_sums *row;

	if (!sums || place >= TOTALS_PATTERNS || last >= EXIT_STAGES_MAX)
		return 0;
	row = &sums->pattern[place];
	if (!row->way)
		row->way = totals_way(rec->expected[0], rec->expected[1]);
	if (rec->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER) || rec->blocked)
		handler = totals_sums_handler(row->way, stamp);
	end = stamp[last];
	if (!(row->way & TOTALS_WAY_ENTERS) || end < rec->begin || handler == ~0ULL)
		return 0;
	totals_sum_stages(row, rec->expected[0], rec->expected[1], stamp, rec->begin);
	row->counted++;
	reason = totals_book_record(to, rec, handler, end - rec->begin);
	totals_remember(sums, rec, place, reason);
	return end;
}

#endif
