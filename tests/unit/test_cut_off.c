/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report and the dashboard say of a trace with totals, also where it was cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/views.h"
#include "tui/model.h"

static const struct feed_ops ops;
static struct reader reader;
static struct feed feed = { .ops = &ops };

static int setup(void **state)
{
	(void)state;
#define NAME(name)                                                                                 \
	reader.facts.name = strdup("");                                                            \
	assert_non_null(reader.facts.name);
	READER_STRINGS(NAME)
#undef NAME
	reader.facts.clock_hz = 1000000000;
	assert_int_equal(reader_facts_set_stages(&reader.facts, "th_handler host_tracing"), 0);
	feed.all = (struct report){ .path = "trace", .reader = &reader };
	return ledger_create(&reader.facts, &feed.all.ledger);
}

static int teardown(void **state)
{
	(void)state;
	ledger_destroy(feed.all.ledger);
	reader_facts_release(&reader.facts);
	return 0;
}

/* One record lost, and totals of the vCPU that it was of. */
static void read_trace(bool ended)
{
	struct ledger *ledger = feed.all.ledger;
	const struct trace_item totals = { .kind = TRACE_TOTAL_VCPU,
					   .total_vcpu = { .begin = 95, .end = 170, .exits = 5 } };
	const struct trace_item lost = { .kind = TRACE_DISCARDED, .discarded = 1 };
	const struct trace_item end = { .kind = TRACE_END };

	assert_int_equal(ledger_add(ledger, &totals), 0);
	assert_int_equal(ledger_add(ledger, &lost), 0);
	if (ended)
		assert_int_equal(ledger_add(ledger, &end), 0);
	assert_int_equal(ledger_complete(ledger, LEDGER_ALL), 0);
	assert_true(ledger->from_totals);
	feed.all.summary = summary_of_ledger(ledger, false, -1);
}

static bool header_says(const char *text)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	assert_int_equal(view_header(&feed.all, &out), 0);
	return strstr(buffer_text(&out), text);
}

static bool dashboard_says(const char *text)
{
	const struct model model = { .feed = &feed };
	struct states states;

	model_states(&model, &states);
	for (unsigned int i = 0; i < states.count; i++)
		if (strstr(states.text[i], text))
			return true;
	return false;
}

static void a_whole_trace_is_exact(void **state)
{
	(void)state;
	read_trace(true);
	assert_true(header_says("counts and sums are exact"));
	assert_false(header_says("that had\n"));
	assert_true(dashboard_says("1 records lost; counts and sums are exact"));
}

static void one_that_was_cut_off_is_not(void **state)
{
	(void)state;
	read_trace(false);
	assert_false(header_says("exact"));
	assert_true(header_says("only of vCPUs that had\n          ended by then"));
	assert_false(dashboard_says("exact"));
	assert_true(dashboard_says("1 records lost; there are totals of VMs that had ended only"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_whole_trace_is_exact, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_was_cut_off_is_not, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
