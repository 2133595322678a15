/* SPDX-License-Identifier: GPL-2.0-only */
/* Ledgers of readings made by hand: an interval has what came since the one before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/summary.h"
#include "live/snapshot.h"

enum { CPUS = 2, HZ = 1000000000, PID = 4194303 };

/* What the source answers next; one vCPU. */
static struct {
	struct totals_vcpu vcpu;
	struct totals_others others;
	struct pause_cost pauses;
	uint64_t skipped;
} kernel;

static struct reader_facts facts;
static struct totals before, now;
static struct ledger *ledger;

static int tell_totals(struct source *source, struct totals *ret_totals)
{
	const struct totals_mapped mapped = { .vcpu = &kernel.vcpu };

	(void)source;
	return totals_read(&mapped, 1, &kernel.others, NULL, NULL, ret_totals);
}

static int tell_lost(struct source *source, uint64_t *ret_by_cpu, uint64_t *ret_skipped)
{
	memset(ret_by_cpu, 0, source->ring_count * sizeof(*ret_by_cpu));
	*ret_skipped = kernel.skipped;
	return 0;
}

static int tell_cost(struct source *source, struct pause_cost *ret_cost)
{
	(void)source;
	*ret_cost = kernel.pauses;
	return 0;
}

static const struct source_ops ops = {
	.totals = tell_totals,
	.lost = tell_lost,
	.pause_cost = tell_cost,
};

static struct source source = { .ops = &ops, .ring_count = CPUS };

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.vcpu =
		(struct totals_vcpu){ .vm = 1, .vcpu = 2, .pid = PID, .begin = 100, .end = 100 };
	facts.clock_hz = HZ;
	facts.unit = strdup("ns");
	assert_non_null(facts.unit);
	return reader_facts_set_stages(&facts, "th_handler host_tracing host_preempted");
}

static int teardown(void **state)
{
	(void)state;
	if (ledger)
		ledger_destroy(ledger);
	ledger = NULL;
	totals_release(&before);
	totals_release(&now);
	identities_release(&source.identities);
	device_finder_release(&source.devices);
	reader_facts_release(&facts);
	return 0;
}

/* So many exits of 10 ticks each, so many runs of 7 ns each, and what was not seen. */
static void happen(uint64_t exits, uint64_t runs, uint64_t others, uint64_t skipped)
{
	kernel.vcpu.kinds[EXIT_KIND_EXIT] += exits;
	kernel.vcpu.end += 10 * exits;
	kernel.pauses.runs += runs;
	kernel.pauses.ns += 7 * runs;
	kernel.others.records += others;
	kernel.skipped += skipped;
}

static void read_since(const struct totals *then)
{
	if (ledger)
		ledger_destroy(ledger);
	ledger = NULL;
	assert_int_equal(snapshot_read(&source, &now), 0);
	assert_int_equal(snapshot_ledger(&source, &facts, &now, then, NULL, &ledger), 0);
}

static void expect(uint64_t exits, uint64_t runs, uint64_t lost)
{
	assert_int_equal(ledger->counts.exits, exits);
	assert_int_equal(ledger->end.pause_runs, runs);
	assert_int_equal(ledger->end.pause_ns, 7 * runs);
	assert_int_equal(ledger->end.lost, lost);
	assert_int_equal(ledger_wall(ledger), 10 * exits);
}

static void keep_reading(void)
{
	totals_release(&before);
	before = now;
	now = (struct totals){ 0 };
}

/* The first of `stat -I` has an empty reading before it. */
static void intervals_sum_to_the_whole(void **state)
{
	(void)state;
	happen(5, 3, 2, 1);
	read_since(&before);
	expect(5, 3, 3);
	keep_reading();
	happen(4, 6, 0, 0);
	read_since(&before);
	expect(4, 6, 0);
	keep_reading();
	happen(1, 0, 7, 8);
	read_since(&before);
	expect(1, 0, 15);
	read_since(NULL);
	expect(10, 9, 18);
}

static void the_tools_share_is_of_the_interval(void **state)
{
	struct summary summary;

	(void)state;
	happen(100, 1000, 0, 0);
	read_since(NULL);
	keep_reading();
	happen(10, 1, 0, 0);
	read_since(&before);
	summary = summary_of_ledger(ledger, false, -1);
	assert_int_equal(summary.wall, 100);
	assert_int_equal(summary_tool(&summary, ledger).pauses, 7);
}

/* As the probe does. */
static void spend(struct totals_vcpu *vcpu, enum account_group group, uint64_t ticks)
{
	struct totals_group *row = &vcpu->group[group];

	vcpu->grouped = 1;
	row->min = !row->count || ticks < row->min ? ticks : row->min;
	row->max = ticks > row->max ? ticks : row->max;
	row->count++;
	row->ticks += ticks;
	row->histogram[totals_bucket(ticks)]++;
}

static void expect_group(enum account_group group, uint64_t count, uint64_t sum, uint64_t min,
			 uint64_t p50, uint64_t max)
{
	const struct histogram *length = &ledger->group[group];

	assert_int_equal(length->count, count);
	assert_int_equal((uint64_t)length->sum, sum);
	assert_int_equal(length->min, min);
	assert_int_equal(histogram_percentile(length, 50), p50);
	assert_int_equal(length->max, max);
}

/*
 * 10 and 12 ticks have buckets of their own; 100 to 102 are in the one of 96 to 103: all
 * that is known of the shortest since then, and its middle is 99.
 */
static void groups_of_intervals(void **state)
{
	(void)state;
	read_since(&before);
	assert_false(ledger->grouped);
	keep_reading();
	happen(2, 0, 0, 0);
	spend(&kernel.vcpu, GROUP_HOST, 10);
	spend(&kernel.vcpu, GROUP_HOST, 12);
	read_since(&before);
	assert_true(ledger->grouped);
	expect_group(GROUP_HOST, 2, 22, 10, 10, 12);
	assert_int_equal(ledger->group[GROUP_GUEST].count, 0);
	keep_reading();
	happen(3, 0, 0, 0);
	spend(&kernel.vcpu, GROUP_HOST, 100);
	spend(&kernel.vcpu, GROUP_HOST, 101);
	spend(&kernel.vcpu, GROUP_HOST, 102);
	read_since(&before);
	expect_group(GROUP_HOST, 3, 303, 96, 99, 102);
	read_since(NULL);
	expect_group(GROUP_HOST, 5, 325, 10, 99, 102);
}

/* 40 and 7 ticks of two vCPUs, of which the first has nothing of its own to begin with. */
static void groups_of_two_vcpus(void **state)
{
	_cleanup_free_ struct totals_vcpu *sum = calloc(1, sizeof(*sum));
	_cleanup_free_ struct totals_vcpu *one = calloc(1, sizeof(*one));
	const struct totals_group *row = &sum->group[GROUP_GUEST];

	(void)state;
	spend(one, GROUP_GUEST, 40);
	totals_add(sum, one);
	memset(one, 0, sizeof(*one));
	spend(one, GROUP_GUEST, 7);
	totals_add(sum, one);
	assert_int_equal(sum->grouped, 1);
	assert_int_equal(row->count, 2);
	assert_int_equal(row->ticks, 47);
	assert_int_equal(row->min, 7);
	assert_int_equal(row->max, 40);
	assert_int_equal(row->histogram[7], 1);
	assert_int_equal(row->histogram[26], 1); /* 40 is 10 * 2^2: 2 * 8 + 10 */
	assert_int_equal(sum->group[GROUP_HOST].count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(intervals_sum_to_the_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(the_tools_share_is_of_the_interval, setup,
						teardown),
		cmocka_unit_test_setup_teardown(groups_of_intervals, setup, teardown),
		cmocka_unit_test(groups_of_two_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
