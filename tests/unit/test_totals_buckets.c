/* SPDX-License-Identifier: GPL-2.0-only */
/* Which bucket a length falls into, as the probes and the readers of totals have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/types.h>

#include "probes/exit_record.h"
#include "probes/totals.h"

/* Up to 15 one each; 16 and 17 share 16, 1023 = 15 * 2^6 + 63 is in the last one below 2^10. */
static void lengths_by_hand(void **state)
{
	static const struct {
		uint64_t length;
		uint32_t bucket;
	} cases[] = {
		{ 0, 0 },
		{ 7, 7 },
		{ 8, 8 },
		{ 15, 15 },
		{ 16, 16 },
		{ 17, 16 },
		{ 18, 17 },
		{ 31, 23 },
		{ 32, 24 },
		{ 127, 39 },  /* 15 * 2^3 + 7: 3 * 8 + 15 */
		{ 128, 40 },  /* 8 * 2^4 */
		{ 1023, 63 }, /* 6 * 8 + 15 */
		{ 1024, 64 },
		{ 2047, 71 },
		{ 2048, 72 },
		{ 65535, 111 },	 /* 15 * 2^12 + ...: 12 * 8 + 15 */
		{ 524287, 135 }, /* 15 * 2^15 + ... */
		{ 524288, 136 },
		{ UINT64_C(1) << 32, 240 },	  /* 8 * 2^29 */
		{ (UINT64_C(1) << 35) - 1, 263 }, /* 15 * 2^31 + ... */
		{ UINT64_C(1) << 35, 264 },
		{ UINT64_C(15) << 39, 327 },
		{ (UINT64_C(1) << 43) - 1, 327 },
		{ UINT64_C(1) << 43, 327 },
		{ UINT64_MAX, 327 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(totals_bucket(cases[i].length), cases[i].bucket);
}

/* The first length of each bucket is in it, and the one below in the bucket before. */
static void buckets_lie_side_by_side(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < TOTALS_BUCKETS; i++) {
		assert_int_equal(totals_bucket(totals_bucket_first(i)), i);
		assert_int_equal(totals_bucket(totals_bucket_first(i) - 1), i - 1);
	}
}

/* Stages that are summed up by runs: each once, none across a multiple of 64. */
static void runs_are_all_stages(void **state)
{
	uint32_t next = 0;

	(void)state;
#define STAGE_RUN(first, length, paths)                                                            \
	assert_int_equal(next, first);                                                             \
	assert_int_equal((first) / 64, ((first) + (length)-1) / 64);                               \
	next += (length);
#include "probes/stage_runs.def"
#undef STAGE_RUN
	assert_int_equal(next, EXIT_STAGES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_by_hand),
		cmocka_unit_test(buckets_lie_side_by_side),
		cmocka_unit_test(runs_are_all_stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
