/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/vmm_split.h"

#include <stddef.h>

#define NS_PER_S UINT64_C(1000000000)

enum { CLOCK_ERROR_NS = 5000, CLOCK_ERROR_SHARE = 1000 };

static uint64_t ticks_of(uint64_t ns, uint64_t hz)
{
	return (uint64_t)(((unsigned __int128)ns * hz + NS_PER_S / 2) / NS_PER_S);
}

static uint64_t smaller(uint64_t left, uint64_t right)
{
	return left < right ? left : right;
}

/* Takes `ticks` out of the parts, of the longest first. */
static void take_pauses(struct vmm_split *split, uint64_t ticks)
{
	while (ticks) {
		uint64_t *longest = &split->part[0], taken;

		for (size_t i = 1; i < VMM_PARTS; i++)
			if (split->part[i] > *longest)
				longest = &split->part[i];
		taken = smaller(*longest, ticks);
		if (!taken)
			return;
		*longest -= taken;
		ticks -= taken;
	}
}

/* Whether the stay is of this way at all. */
static bool fits(const struct vmm_way *way, const struct vmm_stay_times *stay, int64_t leaving,
		 int64_t returning)
{
	uint64_t back_ns = way->timestamp - stay->begin_ns;
	int64_t error = (int64_t)ticks_of(CLOCK_ERROR_NS + back_ns / CLOCK_ERROR_SHARE, way->hz);

	return leaving >= -error && returning >= -error;
}

struct vmm_split vmm_split_make(const struct vmm_way *way, const struct vmm_stay_times *stay)
{
	struct vmm_split split = { 0 };
	uint64_t all = way->length + way->paused, span, outside;
	int64_t leaving, returning;

	if (stay->begin_ns > stay->end_ns || stay->end_ns > way->timestamp)
		return split;
	leaving = (int64_t)(way->emit - ticks_of(way->timestamp - stay->begin_ns, way->hz) -
			    way->begin);
	span = ticks_of(stay->end_ns - stay->begin_ns, way->hz);
	returning = (int64_t)(all - span) - leaving;
	if (!fits(way, stay, leaving, returning))
		return split;
	span = smaller(span, all);
	outside = all - span;
	split.known = true;
	split.part[VMM_LEAVING] = leaving < 0 ? 0 : smaller((uint64_t)leaving, outside);
	split.part[VMM_RETURNING] = outside - split.part[VMM_LEAVING];
	split.part[VMM_LOCK] = smaller(ticks_of(stay->lock_ns, way->hz), span);
	split.part[VMM_WORK] = span - split.part[VMM_LOCK];
	take_pauses(&split, way->paused);
	return split;
}
