/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/totals_sums.h"

#include <stdbool.h>

#include "probes/stage_set.h"

/* A record at least had no such stamp: a time was cut, or more than are made up for. */
static bool lacks(uint64_t sum, uint64_t before)
{
	const uint64_t half = UINT64_C(1) << (TOTALS_SUM_BITS - 1);

	return (sum + half) >> TOTALS_SUM_BITS || (int64_t)sum < (int64_t)before;
}

static void add_pattern(struct totals_vcpu *to, const struct totals_pattern *pattern,
			const struct totals_sums *sums)
{
	struct stage_set expected = { { pattern->expected[0], pattern->expected[1] } };
	bool gap = false, incomplete = false;
	uint64_t before = 0;

	for_each_stage(stage, &expected) {
		bool lacking = lacks(sums->ticks[stage], before);

		if (lacking || gap)
			to->skipped[stage] += (uint32_t)sums->records;
		else
			to->stage[stage] += sums->ticks[stage] - before;
		if (lacking)
			to->missing += sums->records;
		else
			before = sums->ticks[stage];
		gap = lacking;
		incomplete |= lacking;
	}
	if (incomplete)
		to->incomplete += sums->records;
}

/* What else can be told of them: all are exits that end with the pattern's last stage. */
static void add_uncounted(struct totals_vcpu *to, struct totals_pattern *pattern,
			  const struct totals_sums *sums)
{
	struct stage_set expected = { { pattern->expected[0], pattern->expected[1] } };
	uint64_t uncounted = sums->records - sums->counted;
	int last = stage_set_last(&expected);

	pattern->count += uncounted;
	to->kinds[EXIT_KIND_EXIT] += uncounted;
	to->part[TOTALS_GUEST].count += uncounted;
	to->part[TOTALS_OWN].count += sums->records;
	to->part[TOTALS_OWN].ticks += last < 0 ? 0 : sums->ticks[last];
}

void totals_add_sums(struct totals_vcpu *to, const struct totals_vcpu_sums *sums)
{
	for (int i = 0; i < TOTALS_PATTERNS; i++)
		if (sums->pattern[i].records) {
			add_pattern(to, &to->pattern[i], &sums->pattern[i]);
			add_uncounted(to, &to->pattern[i], &sums->pattern[i]);
		}
}
