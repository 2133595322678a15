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

static __always_inline bool totals_expects(const struct totals_record *rec, __u32 stage)
{
	return rec->expected[(stage >> 6) & 1] >> (stage & 63) & 1;
}

/*
 * Straight on: a look at each stage would cost as much as its sum. Only where none of
 * a chunk was touched, it is left out. A function of its own, so that all of it stays
 * in registers.
 */
static __attribute__((noinline)) void totals_sum_stages(struct totals_sums *sums, __u64 low,
							__u64 high, const __u64 *stamp,
							__u64 begin)
{
	__u64 cut = (1ULL << TOTALS_SUM_BITS) - 1;
	__u32 count = stage_count;

	asm volatile("" : "+r"(cut)); /* else made anew for each stage */
	sums->records++;
#pragma clang loop unroll(full)
	for (__u32 first = 0; first < EXIT_STAGES_MAX; first += STAGES_CHUNK) {
		__u64 word = first < 64 ? low : high;

		if (word & ((1ULL << STAGES_CHUNK) - 1) << (first & 63))
			EACH_STAGE_OF_CHUNK(i, first, count,
					    sums->ticks[i] += (stamp[i] - begin) & cut);
	}
}

/* What a pattern's stages allow. */
enum totals_way {
	TOTALS_WAY_KNOWN = 1,
	TOTALS_WAY_ENTERS = 2,	   /* it has the last of all stages */
	TOTALS_WAY_HANDLER = 4,	   /* it has the handler's stage, right behind another one */
	TOTALS_WAY_NO_HANDLER = 8, /* it has it not */
};

static __always_inline __u64 totals_way(const struct totals_record *rec)
{
	__u32 handler = totals_handler, last = stage_count - 1;
	__u64 way = TOTALS_WAY_KNOWN;

	if (totals_expects(rec, last))
		way |= TOTALS_WAY_ENTERS;
	if (handler >= stage_count || !totals_expects(rec, handler))
		way |= TOTALS_WAY_NO_HANDLER;
	else if (handler && totals_expects(rec, handler - 1))
		way |= TOTALS_WAY_HANDLER;
	return way;
}

/* How long the handler took; ~0ULL where only a look at all stages tells. */
static __always_inline __u64 totals_sums_handler(__u64 way, const __u64 *stamp)
{
	__u32 stage = totals_handler;

	if (way & TOTALS_WAY_NO_HANDLER)
		return 0;
	if (!(way & TOTALS_WAY_HANDLER) || stage < 1 || stage >= stage_count ||
	    stage >= EXIT_STAGES_MAX || stamp[stage] < stamp[stage - 1])
		return ~0ULL;
	return stamp[stage] - stamp[stage - 1];
}

/*
 * Books a record of which `place` is the pattern's. Returns its end, or 0, having
 * booked nothing, where it takes another way than most.
 */
static __always_inline __u64 totals_book_sums(struct totals_vcpu *to, __u32 slot, __u32 place,
					      const struct totals_record *rec, const __u64 *stamp)
{
	struct totals_vcpu_sums *sums = bpf_map_lookup_elem(&totals_sums, &slot);
	__u32 last = stage_count - 1;
	__u64 handler = 0, end;
	struct totals_sums *row;

	if (!sums || place >= TOTALS_PATTERNS || last >= EXIT_STAGES_MAX)
		return 0;
	row = &sums->pattern[place];
	if (!row->way)
		row->way = totals_way(rec);
	if (rec->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER) || rec->blocked)
		handler = totals_sums_handler(row->way, stamp);
	end = stamp[last];
	if (!(row->way & TOTALS_WAY_ENTERS) || end < rec->begin || handler == ~0ULL)
		return 0;
	totals_sum_stages(row, rec->expected[0], rec->expected[1], stamp, rec->begin);
	totals_book_record(to, rec, handler, end - rec->begin);
	return end;
}

#endif
