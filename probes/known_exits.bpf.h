/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patched tier: books exits like one of the vCPU's before, which most are, for less than
 * others. Included once, behind probes/totals_sums.bpf.h and the reading of a record.
 */
#ifndef PROBES_KNOWN_EXITS_BPF_H
#define PROBES_KNOWN_EXITS_BPF_H

static __always_inline bool touches_optional(const __u64 *stamp, __u64 begin)
{
	__u32 stage = optional_stage;

	return stage < EXIT_STAGES_MAX && stamp[stage] > begin;
}

/*
 * Not 0 where the record is another exit than `known`, or took a way that not each like it
 * does. One comparison in the end: the verifier follows the outcome of each.
 */
static __always_inline __u64 differs(const struct totals_known *known,
				     const struct kvm_ws_record *rec, const __u64 expected[],
				     __u32 flags)
{
	return (known->esr ^ rec->esr) | (known->ipa ^ rec->ipa) | (known->arg ^ rec->arg) |
	       (known->expected[0] ^ expected[0]) | (known->expected[1] ^ expected[1]) |
	       (known->bits ^ totals_bits(flags, rec->kind, rec->code)) | rec->blocked |
	       rec->el2_count;
}

/*
 * What can be made of these sums later is not counted here (collector/totals_sums.c).
 * False, having booked nothing, where it is no known exit.
 */
static __always_inline bool book_known(struct totals_vcpu *to, struct totals_vcpu_sums *sums,
				       const struct kvm_ws_record *rec, const __u64 *stamp)
{
	__u64 expected[EXIT_STAGE_WORDS], begin = rec->begin, guest = rec->guest, handler = 0, end;
	__u32 flags = rec->flags, last = stage_count - 1, pattern;
	const struct totals_known *known;
	struct totals_sums *row;

	fill_expected(expected, rec);
	known = totals_known(sums, rec->esr, rec->ipa + rec->arg, expected[0], expected[1]);
	pattern = known->pattern;
	if (last >= EXIT_STAGES_MAX || differs(known, rec, expected, flags) ||
	    pattern >= TOTALS_PATTERNS)
		return false;
	row = &sums->pattern[pattern];
	end = stamp[last];
	if ((__s64)((end - begin) | (begin - guest - rec->el2_time)) < 0 ||
	    touches_optional(stamp, begin))
		return false;
	if (flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER))
		handler = totals_sums_handler(row->way, stamp);
	if (handler == ~0ULL)
		return false;
	totals_open(to);
	totals_sum_stages(row, expected[0], expected[1], stamp, begin);
	totals_book_own(to, known->reason, end - begin);
	to->part[TOTALS_GUEST].ticks += guest;
	if (flags & EXIT_FLAG_USER)
		to->through_user++;
	if (handler)
		totals_split_handler(to, flags, 0, handler);
	to->end = end;
	to->emit = rec->emit;
	to->timestamp = rec->timestamp;
	totals_close(to);
	return true;
}

#endif
