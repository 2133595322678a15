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

/*
 * One record lost, and totals of the vCPU that it was of. They are as of `until`, if not 0;
 * then the last record, if there is one, was emitted at 5 s.
 */
static void read_trace_until(bool ended, uint64_t until_ns, bool record)
{
	static const struct trace_item last = { .kind = TRACE_RECORD,
						.record = { .timestamp = UINT64_C(5000000000),
							    .fixed = { .kind = EXIT_KIND_EXIT,
								       .begin = 180 } } };
	const struct trace_item until = { .kind = TRACE_TOTALS_UNTIL, .until = until_ns };
	struct ledger *ledger = feed.all.ledger;
	const struct trace_item totals = { .kind = TRACE_TOTAL_VCPU,
					   .total_vcpu = { .begin = 95, .end = 170, .exits = 5 } };
	const struct trace_item lost = { .kind = TRACE_DISCARDED, .discarded = 1 };
	const struct trace_item end = { .kind = TRACE_END };

	assert_int_equal(ledger_add(ledger, &totals), 0);
	reader.facts.totals_ms = until_ns ? 10000 : 0;
	if (until_ns)
		assert_int_equal(ledger_add(ledger, &until), 0);
	if (record)
		assert_int_equal(ledger_add(ledger, &last), 0);
	assert_int_equal(ledger_add(ledger, &lost), 0);
	if (ended)
		assert_int_equal(ledger_add(ledger, &end), 0);
	assert_int_equal(ledger_complete(ledger, LEDGER_ALL), 0);
	assert_true(ledger->from_totals);
	feed.all.summary = summary_of_ledger(ledger, false, -1);
}

static void read_trace(bool ended)
{
	read_trace_until(ended, 0, false);
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

static void it_says_how_old_its_totals_are(void **state)
{
	(void)state;
	read_trace_until(false, UINT64_C(3500000000), true);
	assert_true(header_says(
		"note      records that are not here are in counts and sums as of 1.50 s before\n"
		"          the last record, and those of VMs that had ended; what came later is\n"
		"          missing, and its time is unattributed; percentiles of such rows are\n"
		"          not known, and the table of classes is of the records that are here\n"));
	assert_false(header_says("exact"));
	assert_true(dashboard_says("1 records lost; totals are as of 1.50 s before the last "
				   "record"));
}

static void totals_may_be_newer_than_records(void **state)
{
	(void)state;
	read_trace_until(false, UINT64_C(7000000000), true);
	assert_true(header_says("as of 2.00 s after\n          the last record"));
}

static void or_there_is_no_record(void **state)
{
	(void)state;
	read_trace_until(false, UINT64_C(7000000000), false);
	assert_true(header_says("as of the time that\n          they were stored last, "));
}

static void a_whole_trace_is_exact_whenever_they_were_stored(void **state)
{
	(void)state;
	read_trace_until(true, UINT64_C(3500000000), true);
	assert_true(header_says("counts and sums are exact"));
	assert_false(header_says("as of"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_whole_trace_is_exact, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_was_cut_off_is_not, setup, teardown),
		cmocka_unit_test_setup_teardown(it_says_how_old_its_totals_are, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_may_be_newer_than_records, setup, teardown),
		cmocka_unit_test_setup_teardown(or_there_is_no_record, setup, teardown),
		cmocka_unit_test_setup_teardown(a_whole_trace_is_exact_whenever_they_were_stored,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
