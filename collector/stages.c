/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/stages.h"

#include <errno.h>

uint64_t stages_all(unsigned int stage_count)
{
	return UINT64_MAX >> (EXIT_STAGES_MAX - stage_count);
}

int stages_measure(const struct ring_record *record, unsigned int stage_count,
		   struct stages *ret_stages)
{
	struct stages found = { 0 };
	uint64_t before = record->fixed.begin;

	for (unsigned int i = 0; i < stage_count; i++) {
		uint64_t stamp = record->stamp[i];

		if (!stamp)
			continue;
		if (stamp < before)
			return -EBADMSG;
		found.length[i] = stamp - before;
		found.touched |= UINT64_C(1) << i;
		found.wide |= found.length[i] > UINT32_MAX;
		before = stamp;
	}
	found.missing = record->expected & ~found.touched & stages_all(stage_count);
	*ret_stages = found;
	return 0;
}
