/* SPDX-License-Identifier: GPL-2.0-only */
/* Every expected length here was worked out by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collector/stages.h"

static int measure(const struct ring_record *record, unsigned int stamps, struct stages *ret_stages)
{
	const struct stage_plan plan = { .stamps = stamps, .stages = stamps, .not_entered = -1 };

	return stages_measure(record, &plan, ret_stages);
}

static void length_is_stamp_less_the_stamp_before(void **state)
{
	struct ring_record record = { .fixed.begin = 1000, .stamp = { 1010, 1010, 1047 } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 3, &stages), 0);
	assert_int_equal(stages.length[0], 10);
	assert_int_equal(stages.length[1], 0); /* touched within one tick */
	assert_int_equal(stages.length[2], 37);
	assert_int_equal(stages.touched.word[0], 0x7);
}

static void untouched_stage_is_left_out(void **state)
{
	struct ring_record record = { .fixed.begin = 500, .stamp = { 0, 520, 0, 0, 555 } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 5, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0x12);
	assert_int_equal(stages.length[0], 0);
	assert_int_equal(stages.length[1], 20);
	assert_int_equal(stages.length[4], 35); /* since stage 1, the touched one before it */
}

/* Stage 3 is the last one without an entry; 4 was stamped on the way to one that was not. */
static void no_entry_has_no_stages(void **state)
{
	const struct stage_plan plan = { .stamps = 5, .stages = 5, .not_entered = 3 };
	struct ring_record record = { .fixed = { .begin = 500, .flags = EXIT_FLAG_NOT_ENTERED },
				      .stamp = { 520, 0, 0, 600, 510 } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, &plan, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0x9);
	assert_int_equal(stages.length[3], 80);
	record.fixed.flags = 0;
	assert_int_equal(stages_measure(&record, &plan, &stages), -EBADMSG);
	record.fixed.flags = EXIT_FLAG_NOT_ENTERED;
	record.stamp[3] = 519; /* before stage 0: torn all the same */
	assert_int_equal(stages_measure(&record, &plan, &stages), -EBADMSG);
	record.stamp[3] = 499; /* EL2 it was that did not enter: behind all of its stages */
	record.stamp[4] = 610;
	assert_int_equal(stages_measure(&record, &plan, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0x11);
	assert_int_equal(stages.length[4], 90);
}

/* The kernel does not clear a record: an older exit's stamps are before its begin. */
static void stale_stamp_is_not_touched(void **state)
{
	struct ring_record record = { .expected = { 0x2 },
				      .fixed.begin = 500,
				      .stamp = { 510, 499, 3, 500 + 44, 500 - 1 } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 5, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0x9);
	assert_int_equal(stages.length[0], 10);
	assert_int_equal(stages.length[1], 0);
	assert_int_equal(stages.length[3], 34);
	assert_int_equal(stages.missing.word[0], 0x2);
	record.stamp[0] = 500; /* at the begin is touched */
	assert_int_equal(measure(&record, 5, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0x9);
	assert_int_equal(stages.length[0], 0);
}

static void missing_is_expected_and_not_touched(void **state)
{
	struct ring_record record = { .expected = { 0x16 },
				      .fixed.begin = 1,
				      .stamp = { 2, 3, 0, 5 } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 4, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0xb);
	assert_int_equal(stages.missing.word[0], 0x4); /* bit 1 is touched, bit 4 is no stage */
}

static void stamp_before_its_predecessor_tears_the_record(void **state)
{
	struct ring_record record = { .fixed.begin = 100, .stamp = { 110, 109, 130 } };
	struct stages stages = { .touched.word = { 0x77 } };

	(void)state;
	assert_int_equal(measure(&record, 3, &stages), -EBADMSG);
	assert_int_equal(stages.touched.word[0], 0x77); /* left as it was */
	record.stamp[1] = 110;
	assert_int_equal(measure(&record, 3, &stages), 0);
}

static void stamp_behind_a_gap_tears_too(void **state)
{
	struct ring_record record = { .fixed.begin = 100, .stamp = { 150, 0, 99, 149 } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 4, &stages), -EBADMSG);
	assert_int_equal(stages.tear.stage, 3); /* 149; 99 is before the begin */
	assert_int_equal(stages.tear.earlier, 0);
	assert_int_equal(stages.tear.ticks, 1);
}

static void lengths_have_more_than_32_bits(void **state)
{
	struct ring_record record = { .fixed.begin = 7, .stamp = { 7 + 0xffffffffULL } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 1, &stages), 0);
	assert_int_equal(stages.length[0], 0xffffffffULL);
	record.stamp[0]++;
	assert_int_equal(measure(&record, 1, &stages), 0);
	assert_int_equal(stages.length[0], 0x100000000ULL);
}

static void stages_beyond_the_count_are_not_read(void **state)
{
	struct ring_record record = { .fixed.begin = 10, .stamp = { 11, 12, 11 /* would tear */ } };
	struct stages stages;

	(void)state;
	assert_int_equal(measure(&record, 2, &stages), 0);
	assert_int_equal(stages.touched.word[0], 0x3);
}

static void all_128_stages(void **state)
{
	struct ring_record record = { .expected = { UINT64_MAX, UINT64_MAX }, .fixed.begin = 1000 };
	struct stages stages;

	(void)state;
	for (unsigned int i = 0; i < 128; i++)
		record.stamp[i] = 1000 + 3 * (i + 1);
	record.stamp[63] = 0;
	record.stamp[127] = 0;
	assert_int_equal(measure(&record, 128, &stages), 0);
	assert_int_equal(stages.length[62], 3);
	assert_int_equal(stages.length[64], 6); /* since stage 62 */
	assert_int_equal(stages.length[126], 3);
	assert_int_equal(stages.touched.word[0], UINT64_MAX >> 1);
	assert_int_equal(stages.touched.word[1], UINT64_MAX >> 1);
	assert_int_equal(stages.missing.word[0], 1ULL << 63);
	assert_int_equal(stages.missing.word[1], 1ULL << 63);
	assert_int_equal(measure(&record, 70, &stages), 0);
	assert_int_equal(stages.missing.word[1], 0); /* stage 127 is none */
	assert_int_equal(stages.touched.word[1], 0x3f);
}

/* Stages 0 to 2 are the exit half, 3 is without, 4 is the entry half's base, 5 to 6 its stages. */
static const struct stage_plan cycles_plan = {
	.stamps = 7, .stages = 7, .cycles = true, .cycles_exit = 2, .cycles_entry = 4
};

static void cycles_of_both_halves(void **state)
{
	struct ring_record record = {
		.fixed = { .begin = 1000, .flags = EXIT_FLAG_CYCLES_EXIT | EXIT_FLAG_CYCLES_ENTRY },
		.stamp = { 1010, 999, 1020, 1100, 1200, 1210, 1230 }
	};
	struct ring_extra extra = { .begin_cycles = 0xfffffff0,
				    /* over the end; not touched; 5 + 20; nonsense; base */
				    .cycles = { 5, 77, 25, 0xdead, 5000, 5011, 5044 } };
	struct stages stages;

	(void)state;
	assert_int_equal(stages_measure(&record, &cycles_plan, &stages), 0);
	assert_true(stage_set_is_empty(&stages.cycled));
	stages_add_cycles(&stages, &record, &extra, &cycles_plan);
	assert_int_equal(stages.cycled.word[0], 0x65); /* 0, 2, 5, 6 */
	assert_int_equal(stages.cycles[0], 0x15);
	assert_int_equal(stages.cycles[2], 20);
	assert_int_equal(stages.cycles[5], 11);
	assert_int_equal(stages.cycles[6], 33);
}

static void cycles_need_their_flag_and_their_base(void **state)
{
	struct ring_record record = { .fixed = { .begin = 1000, .flags = EXIT_FLAG_CYCLES_ENTRY },
				      .stamp = { 1010, 1015, 1020, 1100, 1200, 1210, 1230 } };
	struct ring_extra extra = { .cycles = { 1, 2, 3, 4, 5, 6, 7 } };
	struct stage_plan without = cycles_plan;
	struct stages stages;

	(void)state;
	stages_measure(&record, &cycles_plan, &stages);
	stages_add_cycles(&stages, &record, &extra, &cycles_plan);
	assert_int_equal(stages.cycled.word[0], 0x60);
	record.stamp[4] = 0; /* the base is not touched */
	stages_measure(&record, &cycles_plan, &stages);
	stages_add_cycles(&stages, &record, &extra, &cycles_plan);
	assert_true(stage_set_is_empty(&stages.cycled));
	record.fixed.flags |= EXIT_FLAG_CYCLES_EXIT;
	without.cycles = false;
	stages_add_cycles(&stages, &record, &extra, &without);
	assert_true(stage_set_is_empty(&stages.cycled));
}

/* The counter's low half goes round within 2^32 cycles. */
static void long_stages_have_no_cycles(void **state)
{
	struct ring_record record = { .fixed = { .begin = 10, .flags = EXIT_FLAG_CYCLES_EXIT },
				      .stamp = { 10 + 0x80000000ULL, 10 + 2 * 0x80000000ULL + 1,
						 10 + 2 * 0x80000000ULL + 2 } };
	struct ring_extra extra = { .cycles = { 0x80000000, 0x80000001, 2 } };
	struct stages stages;

	(void)state;
	stages_measure(&record, &cycles_plan, &stages);
	stages_add_cycles(&stages, &record, &extra, &cycles_plan);
	/* 2^31 each is allowed; then 2^31 + 1 ticks; then 2^31 + 1 cycles. */
	assert_int_equal(stages.cycled.word[0], 0x1);
	assert_int_equal(stages.cycles[0], 0x80000000);
}

static void stages_that_may_have_cycles(void **state)
{
	struct stage_plan plan = cycles_plan;
	struct stage_set set = stages_with_cycles(&plan);

	(void)state;
	assert_int_equal(set.word[0], 0x67);
	plan.cycles = false;
	set = stages_with_cycles(&plan);
	assert_true(stage_set_is_empty(&set));
}

static void plan_of_a_source(void **state)
{
	static const char *const names[] = { "a", "th_handler", "b", "host_preempted",
					     "host_irq__taken" };
	struct source_facts facts = { .stamp_count = 3,
				      .stage_count = 5,
				      .stage_names = names,
				      .cycles = true,
				      .cycles_exit = 0,
				      .cycles_entry = 1 };
	struct stage_plan plan = stages_plan(&facts);

	(void)state;
	assert_int_equal(plan.stamps, 3);
	assert_int_equal(plan.stages, 5);
	assert_int_equal(plan.handler, 1);
	assert_true(plan.cycles);
	facts.cycles_entry = 3; /* not a stage with a stamp */
	assert_false(stages_plan(&facts).cycles);
	facts.stamp_count = 1;
	assert_int_equal(stages_plan(&facts).handler, -1);
}

static void sets(void **state)
{
	struct stage_set set = stage_set_first(0);
	unsigned int sum = 0, count = 0;

	(void)state;
	assert_true(stage_set_is_empty(&set));
	assert_int_equal(stage_set_next(&set, -1), -1);
	set = stage_set_first(20);
	assert_int_equal(set.word[0], 0xfffff);
	set = stage_set_first(64);
	assert_int_equal(set.word[0], UINT64_MAX);
	assert_int_equal(set.word[1], 0);
	set = stage_set_first(65);
	assert_int_equal(set.word[1], 1);
	set = stage_set_first(128);
	assert_int_equal(stage_set_count(&set), 128);
	set = (struct stage_set){ 0 };
	stage_set_add(&set, 3);
	stage_set_add(&set, 63);
	stage_set_add(&set, 64);
	stage_set_add(&set, 127);
	assert_true(stage_set_has(&set, 64));
	assert_false(stage_set_has(&set, 65));
	assert_int_equal(stage_set_next(&set, 3), 63);
	assert_int_equal(stage_set_next(&set, 64), 127);
	assert_int_equal(stage_set_next(&set, 127), -1);
	for_each_stage(i, &set) {
		sum += (unsigned int)i;
		count++;
	}
	assert_int_equal(count, 4);
	assert_true(stage_set_equal(&set, &set));
	assert_false(stage_set_equal(&set, &(struct stage_set){ 0 }));
	assert_int_equal(sum, 257);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_stamp_less_the_stamp_before),
		cmocka_unit_test(untouched_stage_is_left_out),
		cmocka_unit_test(no_entry_has_no_stages),
		cmocka_unit_test(stale_stamp_is_not_touched),
		cmocka_unit_test(missing_is_expected_and_not_touched),
		cmocka_unit_test(stamp_before_its_predecessor_tears_the_record),
		cmocka_unit_test(stamp_behind_a_gap_tears_too),
		cmocka_unit_test(lengths_have_more_than_32_bits),
		cmocka_unit_test(stages_beyond_the_count_are_not_read),
		cmocka_unit_test(all_128_stages),
		cmocka_unit_test(cycles_of_both_halves),
		cmocka_unit_test(cycles_need_their_flag_and_their_base),
		cmocka_unit_test(long_stages_have_no_cycles),
		cmocka_unit_test(stages_that_may_have_cycles),
		cmocka_unit_test(plan_of_a_source),
		cmocka_unit_test(sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
