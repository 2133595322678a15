/* SPDX-License-Identifier: GPL-2.0-only */
/* Who made pauses, from the probes' words to rows; and sums of totals. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/pause_rows.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "collector/pausers.h"
#include "analyzer/totals.h"
#include "collector/totals.h"

static void set_task(struct totals_pauser *row, const char *name, uint64_t count, uint64_t ticks)
{
	*row = (struct totals_pauser){ .count = count, .ticks = ticks, .by = PAUSE_BY_TASK };
	memcpy(row->cause, name, strlen(name));
}

static void set_irq(struct totals_pauser *row, uint64_t number, const char *name, uint64_t count,
		    uint64_t ticks)
{
	*row = (struct totals_pauser){
		.count = count, .ticks = ticks, .by = PAUSE_BY_IRQ, .cause = { number, 0xabcd }
	};
	strcpy(row->name, name);
}

static void numbers_and_names(void **state)
{
	struct pausers pausers = { 0 };
	const __u64 timer[2] = { 27, 0x1000 }, other[2] = { 27, 0x2000 }, soft[2] = { 1, 0 };
	char text[PAUSER_NAME_BYTES];
	__u64 task[2];
	uint32_t who;
	bool new;

	(void)state;
	memcpy(task, "sixteen-bytes-ok", 16); /* no NUL */
	assert_int_equal(pausers_number(&pausers, PAUSE_BY_IRQ, timer, &who, &new), 0);
	assert_int_equal(who, 0);
	assert_true(new);
	assert_int_equal(pausers_number(&pausers, PAUSE_BY_IRQ, other, &who, &new), 0);
	assert_int_equal(who, 1);
	assert_int_equal(pausers_number(&pausers, PAUSE_BY_IRQ, timer, &who, &new), 0);
	assert_int_equal(who, 0);
	assert_false(new);
	assert_true(pausers_known(&pausers, PAUSE_BY_IRQ, other));
	assert_false(pausers_known(&pausers, PAUSE_BY_IPI, other));

	pauser_text(PAUSE_BY_TASK, task, "", text);
	assert_string_equal(text, "sixteen-bytes-ok");
	pauser_text(PAUSE_BY_SOFTIRQ, soft, "", text);
	assert_string_equal(text, "TIMER");
	pauser_text(PAUSE_BY_SOFTIRQ, timer, "", text);
	assert_string_equal(text, "");
	pauser_text(PAUSE_BY_IRQ, timer, "arch_timer", text);
	assert_string_equal(text, "arch_timer");
	assert_int_equal(pauser_number(PAUSE_BY_IRQ, timer), 27);
	assert_int_equal(pauser_number(PAUSE_BY_TASK, task), 0);
	pausers_release(&pausers);
}

static void only_so_many_apart(void **state)
{
	struct pausers pausers = { 0 };
	const __u64 late[2] = { PAUSERS_APART, 0 }, several[2] = { 0 };
	uint32_t who;
	bool new;

	(void)state;
	for (__u64 i = 0; i < PAUSERS_APART; i++)
		assert_int_equal(
			pausers_number(&pausers, PAUSE_BY_IRQ, (__u64[2]){ i, 0 }, &who, &new), 0);
	assert_true(pausers_are_full(&pausers, PAUSE_BY_IRQ, late));
	assert_false(pausers_are_full(&pausers, PAUSE_BY_IRQ, (__u64[2]){ 5, 0 }));
	assert_false(pausers_are_full(&pausers, PAUSE_BY_IRQS, several));
	pausers_release(&pausers);
}

static void rows_of_a_trace(void **state)
{
	struct pause_rows rows = { 0 };
	char text[PAUSE_ROW_TEXT];

	(void)state;
	/* A pause may come before what says whose it was. */
	assert_int_equal(pause_rows_add(&rows, 2, 100), 0);
	assert_int_equal(pause_rows_add(&rows, 0, 30), 0);
	assert_int_equal(pause_rows_add(&rows, 0, 40), 0);
	assert_int_equal(pause_rows_name(&rows, 0, PAUSE_BY_TASK, 0, "a\x1b\"b"), 0);
	assert_int_equal(pause_rows_name(&rows, 1, PAUSE_BY_TASKS, 0, ""), 0);
	assert_int_equal(pause_rows_name(&rows, 2, PAUSE_BY_IRQ, 27, "arch_timer"), 0);
	{
		_cleanup_free_ const struct pause_row **row = pause_rows_by_time(&rows, true);

		assert_string_equal(pause_row_text(row[0], text), "a?\"b");
		assert_int_equal(row[0]->count, 2);
		assert_true(row[0]->ticks == 70);
		assert_null(row[1]);
	}
	assert_int_equal(pause_rows_add_many(&rows, 1, 7, 200), 0);
	assert_int_equal(pause_rows_add_many(&rows, 0, 3, 75), 0);
	{
		_cleanup_free_ const struct pause_row **row = pause_rows_by_time(&rows, true);

		assert_string_equal(pause_row_text(row[0], text), "others");
		assert_string_equal(pause_row_key(row[0]), "several");
		assert_true(row[0]->ticks == 200);
		assert_true(row[1]->ticks == 145);
		assert_null(row[2]);
	}
	assert_string_equal(pause_row_text(&rows.row[2], text), "irq 27 arch_timer");
	assert_int_equal(pause_rows_add(&rows, PAUSE_ROWS_MAX, 1), -EPROTO);
	error_clear();
	pause_rows_release(&rows);
}

static void rows_of_running_totals(void **state)
{
	_cleanup_free_ struct totals_vcpu *vcpu = calloc(2, sizeof(*vcpu));
	struct pause_rows rows = { 0 };

	(void)state;
	set_task(&vcpu[0].pauser[3], "stress", 2, 50);
	set_irq(&vcpu[0].pauser[9], 27, "arch_timer", 1, 5);
	set_task(&vcpu[1].pauser[30], "stress", 1, 25);
	vcpu[1].pauser[TOTALS_PAUSERS + PAUSE_IRQ] =
		(struct totals_pauser){ .count = 4, .ticks = 8, .by = PAUSE_BY_IRQS };
	assert_int_equal(pause_rows_add_vcpu(&rows, &vcpu[0]), 0);
	assert_int_equal(pause_rows_add_vcpu(&rows, &vcpu[1]), 0);
	assert_int_equal(rows.count, 3);
	{
		_cleanup_free_ const struct pause_row **tasks = pause_rows_by_time(&rows, true);
		_cleanup_free_ const struct pause_row **irqs = pause_rows_by_time(&rows, false);

		assert_string_equal(tasks[0]->name, "stress");
		assert_int_equal(tasks[0]->count, 3);
		assert_true(tasks[0]->ticks == 75);
		assert_null(tasks[1]);
		assert_string_equal(pause_row_key(irqs[0]), "several");
		assert_int_equal(irqs[1]->number, 27);
		assert_null(irqs[2]);
	}
	pause_rows_release(&rows);
}

static void set_reason(struct totals_vcpu *vcpu, size_t at, uint64_t esr, uint64_t count,
		       uint64_t ticks, uint64_t min, uint64_t max)
{
	vcpu->reason[at] = (struct totals_reason){ .count = count,
						   .ticks = ticks,
						   .min = min,
						   .max = max,
						   .esr = esr,
						   .histogram = vcpu->histograms };
	vcpu->histogram[vcpu->histograms++][1] = (__u32)count;
}

static void totals_of_two_vcpus(void **state)
{
	_cleanup_free_ struct totals_vcpu *vcpu = calloc(2, sizeof(*vcpu));
	struct totals_vcpu *to = &vcpu[0], *from = &vcpu[1];

	(void)state;
	to->begin = 1000, to->end = 1500, from->begin = 9000, from->end = 9070;
	to->pid = 4, from->pid = 5;
	to->kinds[EXIT_KIND_EXIT] = 10, from->kinds[EXIT_KIND_EXIT] = 3;
	to->stage[7] = 100, from->stage[7] = 11, from->skipped[7] = 2;
	to->part[TOTALS_GUEST] = (struct totals_part){ 10, 300 };
	from->part[TOTALS_GUEST] = (struct totals_part){ 3, 40 };
	to->pattern[5] = (struct totals_pattern){ 10, { 0xf, 0 } };
	from->pattern[9] = (struct totals_pattern){ 2, { 0xf, 0 } };
	from->pattern[5] = (struct totals_pattern){ 1, { 0x3, 1 } };
	set_reason(to, 2, 0x56000000, 10, 200, 15, 30);
	set_reason(from, 8, 0x5a000000, 1, 9, 9, 9);
	set_reason(from, 3, 0x56000000, 2, 27, 13, 14);
	set_task(&to->pauser[0], "a", 1, 5);
	set_task(&from->pauser[7], "a", 2, 6);
	set_task(&from->pauser[8], "b", 3, 7);

	totals_add(to, from);
	assert_int_equal(to->begin, 1000);
	assert_int_equal(to->end, 1570); /* 500 and 70 ticks */
	assert_int_equal(to->pid, 0);
	assert_string_equal(to->command, "(finished)");
	assert_int_equal(to->kinds[EXIT_KIND_EXIT], 13);
	assert_int_equal(to->stage[7], 111);
	assert_int_equal(to->skipped[7], 2);
	assert_int_equal(to->part[TOTALS_GUEST].count, 13);
	assert_int_equal(to->part[TOTALS_GUEST].ticks, 340);
	assert_int_equal(to->pattern[5].count, 12);
	assert_int_equal(to->pattern[0].count, 1);
	assert_int_equal(to->pattern[0].expected[1], 1);
	assert_int_equal(to->reason[2].count, 12);
	assert_int_equal(to->reason[2].ticks, 227);
	assert_int_equal(to->reason[2].min, 13);
	assert_int_equal(to->reason[2].max, 30);
	assert_int_equal(to->reason[0].esr, 0x5a000000);
	assert_int_equal(to->reason[0].min, 9);
	assert_int_equal(to->histograms, 2);
	assert_int_equal(to->histogram[0][1], 12);
	assert_int_equal(to->histogram[1][1], 1);
	assert_int_equal(to->pauser[0].count, 3);
	assert_int_equal(to->pauser[0].ticks, 11);
	assert_int_equal(to->pauser[1].ticks, 7);
}

static void full_tables_share_the_last_rows(void **state)
{
	_cleanup_free_ struct totals_vcpu *vcpu = calloc(2, sizeof(*vcpu));
	char name[8];

	(void)state;
	for (int i = 0; i < TOTALS_PAUSERS; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		set_task(&vcpu[0].pauser[i], name, 1, 1);
		set_irq(&vcpu[1].pauser[i], (uint64_t)i, "x", 2, 3);
	}
	for (size_t i = 0; i < TOTALS_REASONS; i++) {
		vcpu[0].reason[i].count = 1;
		vcpu[0].reason[i].esr = i;
		vcpu[1].reason[i].count = 1;
		vcpu[1].reason[i].ticks = 4;
		vcpu[1].reason[i].esr = i + TOTALS_REASONS;
		vcpu[1].reason[i].histogram = TOTALS_HISTOGRAMS;
	}
	totals_add(&vcpu[0], &vcpu[1]);
	assert_int_equal(vcpu[0].pauser[TOTALS_PAUSERS + PAUSE_IRQ].count, 64);
	assert_int_equal(vcpu[0].pauser[TOTALS_PAUSERS + PAUSE_IRQ].ticks, 96);
	assert_int_equal(vcpu[0].pauser[TOTALS_PAUSERS + PAUSE_IRQ].by, PAUSE_BY_IRQS);
	assert_int_equal(vcpu[0].pauser[TOTALS_PAUSERS + PAUSE_PREEMPTED].count, 0);
	assert_int_equal(vcpu[0].reason[TOTALS_REASONS].count, TOTALS_REASONS);
	assert_int_equal(vcpu[0].reason[TOTALS_REASONS].ticks, 4 * TOTALS_REASONS);
}

/*
 * Of A, B and C, the last two end after the first reading, and C had more records before: what
 * was added since is C's alone, wherever its rows are.
 */
static void sums_of_an_interval(void **state)
{
	_cleanup_free_ struct totals_vcpu *before = calloc(3, sizeof(*before));
	_cleanup_free_ struct totals_vcpu *now = calloc(2, sizeof(*now));
	_cleanup_free_ struct totals_vcpu *then = NULL;
	const struct totals first = { .vcpu = before, .count = 3 };
	const struct totals second = { .vcpu = now, .count = 2 };
	struct totals_vcpu *c = &before[2];

	(void)state;
	for (__u32 i = 0; i < 3; i++) {
		before[i].vm = before[i].vcpu = before[i].pid = i + 1;
		before[i].begin = 1000 * i, before[i].end = 1000 * i + 100;
		before[i].kinds[EXIT_KIND_EXIT] = 10;
	}
	now[0] = before[0];
	set_reason(&before[1], 4, 0x56000000, 10, 200, 15, 30);
	before[1].pattern[3] = (struct totals_pattern){ 10, { 1, 0 } };
	set_reason(c, 6, 0x5a000000, 10, 90, 9, 9);
	c->pattern[3] = (struct totals_pattern){ 10, { 2, 0 } };
	now[1] = *c;
	/* C gets five more records within 30 ticks, and all of B's come behind. */
	now[1].end += 30;
	now[1].kinds[EXIT_KIND_EXIT] += 5;
	now[1].reason[6].count += 5;
	now[1].reason[6].ticks += 50;
	now[1].histogram[0][1] += 5;
	now[1].pattern[3].count += 5;
	totals_add(&now[1], &before[1]);
	assert_true(totals_is_sum(&now[1]));

	assert_int_equal(totals_sum_before(&second, &first, &now[1], &then), 0);
	assert_int_equal(then->kinds[EXIT_KIND_EXIT], 20);
	totals_since(&now[1], then);
	assert_int_equal(now[1].kinds[EXIT_KIND_EXIT], 5);
	assert_int_equal(now[1].end - now[1].begin, 30);
	for (int i = 0; i < TOTALS_REASONS; i++) {
		assert_int_equal(now[1].reason[i].count, i == 6 ? 5 : 0);
		assert_int_equal(now[1].reason[i].ticks, i == 6 ? 50 : 0);
	}
	assert_int_equal(now[1].histogram[0][1], 5);
	assert_int_equal(now[1].histogram[1][1], 0);
	for (int i = 0; i < TOTALS_PATTERNS; i++)
		assert_int_equal(now[1].pattern[i].count, i == 3 ? 5 : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_names),
		cmocka_unit_test(only_so_many_apart),
		cmocka_unit_test(rows_of_a_trace),
		cmocka_unit_test(rows_of_running_totals),
		cmocka_unit_test(totals_of_two_vcpus),
		cmocka_unit_test(full_tables_share_the_last_rows),
		cmocka_unit_test(sums_of_an_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
