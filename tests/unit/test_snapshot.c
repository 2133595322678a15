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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(intervals_sum_to_the_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(the_tools_share_is_of_the_interval, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
