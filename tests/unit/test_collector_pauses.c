/* SPDX-License-Identifier: GPL-2.0-only */
/* Pauses taken out of stages; every expected number here was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/pauses.h"
#include "probes/pause_place.h"

#define HZ UINT64_C(1000000000)

/* Stages 0 to 2 with stamps; 1 is the handler; 3 preempted, 4 interrupted. */
static const struct stage_plan plan = { .stamps = 3, .stages = 5, .handler = 1 };

/* From 1,000 to 2,000; handed over at 3,000 ticks, which is 53,000 ns. */
static const struct ring_record record = { .timestamp = 53000,
					   .fixed = { .begin = 1000, .emit = 3000 },
					   .stamp = { 1100, 1600, 2000 } };

static void add(struct ring_extra *extra, enum pause_kind kind, uint64_t begin_ns,
		uint64_t length_ns)
{
	unsigned int at = (extra->pause_first[kind] + extra->pauses[kind]++) % PAUSES_MOST;

	extra->pause[kind][at] = (struct ring_pause){ .begin_ns = begin_ns, .length_ns = length_ns };
}

/* As the probes do, with the clocks of the record before: places all pauses, and takes them out. */
static void place_after(const struct ring_record *of, uint64_t emit_before,
			uint64_t timestamp_before, uint64_t hz, struct ring_extra *extra,
			struct stages *stages)
{
	struct pause_stamps stamps = { .expected = { 0x7 },
				       .begin = of->fixed.begin,
				       .emit = of->fixed.emit,
				       .timestamp = of->timestamp,
				       .emit_before = emit_before,
				       .timestamp_before = timestamp_before,
				       .blocked = of->fixed.blocked,
				       .handler = 1 };
	struct pause_search search;

	memcpy(stamps.stamp, of->stamp, sizeof(stamps.stamp));
	for (int kind = 0; kind < PAUSE_KINDS; kind++)
		for (unsigned int i = 0; i < extra->pauses[kind]; i++) {
			unsigned int at = (extra->pause_first[kind] + i) % PAUSES_MOST;
			struct ring_pause *pause = &extra->pause[kind][at];

			pause_search_begin(&search, &stamps, hz, pause->begin_ns, pause->length_ns);
			pause_try_whole(&search, EXIT_STAGES_MAX, pause);
			if (search.found == EXIT_STAGES_MAX)
				for (uint32_t stage = 0; stage < plan.stamps; stage++)
					pause_try_stage(stage, &search);
			pause_settle(&search, pause);
		}
	pauses_take_out(extra, &plan, stages);
}

static void place(const struct ring_record *of, struct ring_extra *extra, struct stages *stages)
{
	place_after(of, 0, 0, HZ, extra, stages);
}

static uint64_t sum(const struct stages *stages)
{
	uint64_t ticks = 0;

	for (unsigned int i = 0; i < EXIT_STAGES_MAX; i++)
		ticks += stages->length[i];
	return ticks;
}

static void taken_out_of_the_stage_it_fell_into(void **state)
{
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	add(&extra, PAUSE_PREEMPTED, 51200, 150); /* at 1,200: stage 1 */
	add(&extra, PAUSE_IRQ, 51600, 40);	  /* at 1,600, the stamp: stage 2 */
	add(&extra, PAUSE_IRQ, 51700, 50);	  /* at 1,700: stage 2 */
	place(&record, &extra, &stages);
	assert_int_equal(stages.length[0], 100);
	assert_int_equal(stages.length[1], 350);
	assert_int_equal(stages.length[2], 310);
	assert_int_equal(stages.length[3], 150);
	assert_int_equal(stages.length[4], 90);
	assert_int_equal(sum(&stages), 1000);
	assert_int_equal(stages.touched.word[0], 0x1f);
}

static void without_pauses_nothing_changes(void **state)
{
	struct ring_extra extra = { .pause = { { { 51200, 150 } } } }; /* none is valid */
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	place(&record, &extra, &stages);
	assert_int_equal(stages.touched.word[0], 0x7);
	assert_int_equal(stages.length[1], 500);
}

static void places_go_round(void **state)
{
	struct ring_extra extra = { .pause_first = { 0, 3 } };
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	extra.pause[PAUSE_IRQ][1] = (struct ring_pause){ .begin_ns = 51010, .length_ns = 5 }; /* not valid */
	add(&extra, PAUSE_IRQ, 51000, 7);			     /* place 3 */
	add(&extra, PAUSE_IRQ, 51050, 8);			     /* place 0 */
	assert_int_equal(extra.pause[PAUSE_IRQ][0].length_ns, 8);
	place(&record, &extra, &stages);
	assert_int_equal(stages.length[0], 85);
	assert_int_equal(stages.length[4], 15);
}

/* The hand-over's clock was read late: what fell into stage 1 seems to be in 0, or before it. */
static void nearest_stage_that_can_hold_it(void **state)
{
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	add(&extra, PAUSE_IRQ, 51050, 170);	  /* 1,050 to 1,220: 50 from stage 1 */
	add(&extra, PAUSE_PREEMPTED, 50900, 300); /* 900 to 1,200 */
	add(&extra, PAUSE_PREEMPTED, 50950, 60);  /* 950 to 1,010: 50 from stage 0 */
	place(&record, &extra, &stages);
	assert_int_equal(stages.length[0], 40);
	assert_int_equal(stages.length[1], 30);
	assert_int_equal(stages.length[2], 400);
	assert_int_equal(stages.length[3], 360);
	assert_int_equal(stages.length[4], 170);
}

/* What is added to a pause may belong to other stages: a stage gives what it has. */
static void no_stage_gives_more_than_it_has(void **state)
{
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	add(&extra, PAUSE_IRQ, 51050, 600);
	place(&record, &extra, &stages);
	assert_int_equal(stages.length[0], 0);
	assert_int_equal(stages.length[4], 100);
	assert_int_equal(sum(&stages), 1000);
}

/* 470 of the handler's 500 are `blocked`, and are taken out by the reader. */
static void blocked_time_is_not_taken_twice(void **state)
{
	struct ring_extra extra = { 0 };
	struct ring_record blocked = record;
	struct stages stages;

	(void)state;
	blocked.fixed.blocked = 470;
	stages_measure(&blocked, &plan, &stages);
	add(&extra, PAUSE_IRQ, 51200, 20);
	add(&extra, PAUSE_IRQ, 51300, 20);
	add(&extra, PAUSE_IRQ, 51400, 20);
	place(&blocked, &extra, &stages);
	assert_int_equal(stages.length[1], 470);
	assert_int_equal(stages.length[4], 30);
}

/*
 * The clock is adjusted: 2,000,400 ticks of nominal 1 ns passed in 2,000,000 ns.
 * A pause 1,000,000 ns before the hand-over was 1,000,200 ticks before it, and
 * 500,000 ns are 500,100 ticks: from 1,003,200 to 1,503,300.
 */
static void long_distances_use_the_measured_rate(void **state)
{
	struct ring_record next = { .timestamp = 2053000,
				    .fixed = { .begin = 3100, .emit = 2003400 },
				    .stamp = { 1003150, 1503320, 2003300 } };
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&next, &plan, &stages);
	add(&extra, PAUSE_PREEMPTED, 1053000, 500000);
	place_after(&next, 3000, 53000, HZ, &extra, &stages);
	assert_int_equal(stages.length[1], 500170 - 500100);
	assert_int_equal(stages.length[3], 500100);
}

/* 62.5 MHz: 16 ns a tick. */
static void ns_become_ticks(void **state)
{
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	add(&extra, PAUSE_IRQ, 53000 - 1500 * 16, 320); /* at 1,500 */
	place_after(&record, 0, 0, 62500000, &extra, &stages);
	assert_int_equal(stages.length[1], 480);
	assert_int_equal(stages.length[4], 20);
}

static void older_than_the_record_is_dropped(void **state)
{
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&record, &plan, &stages);
	add(&extra, PAUSE_PREEMPTED, 50900, 100); /* ends at the begin */
	place(&record, &extra, &stages);
	assert_int_equal(stages.touched.word[0], 0x7);
}

static void long_pauses_are_wide(void **state)
{
	struct ring_record slow = { .timestamp = 7000000000,
				    .fixed = { .begin = 1000, .emit = 6000000000 },
				    .stamp = { 1100, 5500000000, 5500000100 } };
	struct ring_extra extra = { 0 };
	struct stages stages;

	(void)state;
	stages_measure(&slow, &plan, &stages);
	add(&extra, PAUSE_PREEMPTED, 1000000000 + 5000, 5000000000);
	place(&slow, &extra, &stages);
	assert_int_equal(stages.length[1], 499998900);
	assert_int_equal(stages.length[3], 5000000000);
}

/*
 * The short search finds what the long one does, or nothing: a record from 1,000 of
 * stages 1, 8 (whose stamp is missing), 63, 64 and 127, and every pause round it.
 */
static void both_searches_find_the_same(void **state)
{
	struct pause_stamps stamps = { .expected = { 1ULL << 1 | 1ULL << 8 | 1ULL << 63,
						     1ULL << 0 | 1ULL << 63 },
				       .begin = 1000,
				       .emit = 1100,
				       .timestamp = 1100 };
	unsigned int found = 0, whole = 0;

	(void)state;
	stamps.stamp[1] = 1010;
	stamps.stamp[2] = 1011; /* not touched */
	stamps.stamp[8] = 950;
	stamps.stamp[63] = 1010;
	stamps.stamp[64] = 1030;
	stamps.stamp[127] = 1060;
	for (uint64_t begin = 990; begin < 1070; begin++)
		for (uint64_t length = 0; begin + length <= 1070; length++) {
			struct pause_search search, brief;
			struct ring_pause pause;

			pause_search_begin(&search, &stamps, HZ, begin, length);
			brief = search;
			pause_try_whole(&brief, EXIT_STAGES_MAX, &pause);
			for (uint32_t stage = 0; stage < EXIT_STAGES_MAX; stage++)
				pause_try_stage(stage, &search);
			found += search.found != EXIT_STAGES_MAX;
			if (brief.found == EXIT_STAGES_MAX)
				continue;
			whole++;
			assert_int_equal(brief.found, search.found);
			assert_int_equal(brief.length, search.length);
		}
	/* Stage 1: 11 * 12 / 2; 63 is empty; 64: 21 * 22 / 2 and 127: 31 * 32 / 2, without
	 * the empty ones at their begin, which end with the stage before. */
	assert_int_equal(whole, 66 + 230 + 495);
	assert_true(found > whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_out_of_the_stage_it_fell_into),
		cmocka_unit_test(without_pauses_nothing_changes),
		cmocka_unit_test(places_go_round),
		cmocka_unit_test(nearest_stage_that_can_hold_it),
		cmocka_unit_test(no_stage_gives_more_than_it_has),
		cmocka_unit_test(blocked_time_is_not_taken_twice),
		cmocka_unit_test(long_distances_use_the_measured_rate),
		cmocka_unit_test(ns_become_ticks),
		cmocka_unit_test(older_than_the_record_is_dropped),
		cmocka_unit_test(long_pauses_are_wide),
		cmocka_unit_test(both_searches_find_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
