/* SPDX-License-Identifier: GPL-2.0-only */
/* Totals in a trace that is never finished: when they are stored, and what a reader has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/ledger.h"
#include "base/cleanup.h"
#include "collector/ctf_totals.h"
#include "collector/totals_log.h"

#define SECOND UINT64_C(1000000000)

static const char *const stage_names[] = { "th_first", "host_second" };

/* Of two vCPUs; nothing has been booked of a vCPU without exits. */
static struct totals_vcpu now[2];

static int read_totals(struct source *source, struct totals *ret_totals)
{
	(void)source;
	totals_release(ret_totals);
	return totals_append(ret_totals, &(struct totals){ .vcpu = now, .count = 2 });
}

static const struct source_ops ops = { .totals = read_totals };
static struct source source = { .ops = &ops,
				.facts = { .tier = "patched",
					   .kvm_mode = "vhe",
					   .counter_name = "CNTPCT_EL0",
					   .counter_hz = 1000000000,
					   .stamp_count = ARRAY_SIZE(stage_names),
					   .stage_count = ARRAY_SIZE(stage_names),
					   .stage_names = stage_names } };
static struct trace_facts facts = { .source = &source.facts,
				    .version = "0",
				    .arch = "arm64",
				    .unit = "ns",
				    .boot_id = "01234567-89ab-cdef-0123-456789abcdef",
				    .totals_ms = 10000 };
static struct identities identities;

struct fixture {
	char parent[32];
	char directory[48];
	struct ctf *ctf;
	struct totals_log log;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	memset(now, 0, sizeof(now));
	for (uint32_t i = 0; i < ARRAY_SIZE(now); i++) {
		now[i].vm = now[i].vcpu = 0x1000;
		now[i].pid = 1;
		now[i].index = i;
		now[i].begin = 100;
	}
	strcpy(fixture->parent, "/tmp/test_totals.XXXXXX");
	if (!mkdtemp(fixture->parent))
		return -1;
	snprintf(fixture->directory, sizeof(fixture->directory), "%s/t", fixture->parent);
	*state = fixture;
	totals_log_begin(&fixture->log, 10 * SECOND, SECOND);
	return ctf_create(fixture->directory, &facts, 1, &identities, SECOND, &fixture->ctf);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	totals_log_release(&fixture->log);
	ctf_remove(fixture->ctf);
	ctf_free(fixture->ctf);
	rmdir(fixture->parent);
	free(fixture);
	return 0;
}

static void has(unsigned int vcpu, uint64_t exits, uint64_t end)
{
	now[vcpu].kinds[EXIT_KIND_EXIT] = exits;
	now[vcpu].pattern[0] = (struct totals_pattern){ exits, { 1, 0 } };
	now[vcpu].stage[0] = 7 * exits;
	now[vcpu].end = end;
}

static void look(struct fixture *fixture, uint64_t at_ns)
{
	assert_int_equal(totals_log_look(&fixture->log, &source, at_ns), 0);
}

static void store(struct fixture *fixture, uint64_t now_ns, bool drained)
{
	assert_int_equal(totals_log_store(&fixture->log, fixture->ctf, now_ns, drained), 0);
}

/* What a reader has of the trace as it is in its files: exits, time in the stage, until when. */
static void reads(struct fixture *fixture, uint64_t exits, uint64_t ticks, uint64_t until_ns)
{
	_cleanup_reader_ struct reader *reader = NULL;
	_cleanup_ledger_ struct ledger *ledger = NULL;

	assert_int_equal(ctf_tick(fixture->ctf, 1000 * SECOND), 0);
	assert_int_equal(reader_open(fixture->directory, &reader), 0);
	assert_int_equal(ledger_read(reader, LEDGER_ALL, &ledger), 0);
	assert_false(ledger->ended);
	assert_int_equal(ledger->counts.exits, exits);
	assert_int_equal(ledger->totals_ns, until_ns);
	assert_int_equal((uint64_t)ledger->account[ledger->accounts.of_stage[0]].sum, ticks);
}

static void they_are_stored_every_ten_seconds(void **state)
{
	struct fixture *fixture = *state;

	has(0, 5, 200);
	look(fixture, 11 * SECOND - 1);
	assert_false(totals_log_waits(&fixture->log));
	look(fixture, 11 * SECOND);
	assert_true(totals_log_waits(&fixture->log));
	reads(fixture, 0, 0, 0);
	store(fixture, 11 * SECOND, true);
	reads(fixture, 5, 35, 11 * SECOND);
	has(0, 10000, 300);
	look(fixture, 20 * SECOND);
	assert_false(totals_log_waits(&fixture->log));
	look(fixture, 21 * SECOND);
	has(0, 10001, 400); /* behind what was read */
	store(fixture, 21 * SECOND, true);
	reads(fixture, 10000, 70000, 21 * SECOND);
}

/* Rings that are never empty are waited for until a second has passed. */
static void records_come_first(void **state)
{
	struct fixture *fixture = *state;

	has(0, 5, 200);
	look(fixture, 11 * SECOND);
	store(fixture, 12 * SECOND - 1, false);
	assert_true(totals_log_waits(&fixture->log));
	store(fixture, 12 * SECOND, false);
	assert_false(totals_log_waits(&fixture->log));
	reads(fixture, 5, 35, 11 * SECOND);
}

/* Of the second vCPU there are the first totals, which are still true. */
static void what_has_not_changed_is_not_stored_again(void **state)
{
	struct fixture *fixture = *state;
	uint64_t bytes, both;

	has(0, 100000, 200);
	has(1, 3, 150);
	bytes = ctf_vcpus_bytes(fixture->ctf);
	look(fixture, 11 * SECOND);
	store(fixture, 11 * SECOND, true);
	both = ctf_vcpus_bytes(fixture->ctf) - bytes;
	has(0, 200000, 300);
	bytes = ctf_vcpus_bytes(fixture->ctf);
	look(fixture, 21 * SECOND);
	store(fixture, 21 * SECOND, true);
	assert_true(ctf_vcpus_bytes(fixture->ctf) - bytes < both * 3 / 4);
	reads(fixture, 200003, 1400021, 21 * SECOND);
	bytes = ctf_vcpus_bytes(fixture->ctf);
	look(fixture, 31 * SECOND);
	store(fixture, 31 * SECOND, true);
	assert_true(ctf_vcpus_bytes(fixture->ctf) - bytes < 128); /* a packet's head, one event */
	reads(fixture, 200003, 1400021, 31 * SECOND);
}

static void where_there_are_none_nothing_is_stored(void **state)
{
	struct fixture *fixture = *state;
	uint64_t bytes = ctf_vcpus_bytes(fixture->ctf);

	look(fixture, 11 * SECOND);
	store(fixture, 11 * SECOND, true);
	assert_int_equal(ctf_vcpus_bytes(fixture->ctf), bytes);
}

/* Once 100 records took 1,000 bytes: 2,000 exits more are worth as many again. */
static void they_cost_little(void **state)
{
	struct totals_log log = { .every_ns = 10 * SECOND,
				  .until_ns = 11 * SECOND,
				  .records = 100,
				  .bytes = 1000 };

	(void)state;
	assert_true(totals_log_is_worth(&log, 100, 21 * SECOND)); /* nothing but the time */
	assert_false(totals_log_is_worth(&log, 2099, 21 * SECOND));
	assert_true(totals_log_is_worth(&log, 2100, 21 * SECOND));
	assert_false(totals_log_is_worth(&log, 101, 71 * SECOND - 1));
	assert_true(totals_log_is_worth(&log, 101, 71 * SECOND));
	log.forced = true;
	assert_true(totals_log_is_worth(&log, 101, 21 * SECOND));
}

/* Recording is switched off: what is not stored by then would have no other chance. */
static void they_are_stored_when_wanted(void **state)
{
	struct fixture *fixture = *state;

	has(0, 5, 200);
	look(fixture, 11 * SECOND);
	store(fixture, 11 * SECOND, true);
	has(0, 6, 300);
	look(fixture, 21 * SECOND);
	fixture->log.wanted = true; /* while others are on their way */
	store(fixture, 21 * SECOND, true);
	reads(fixture, 5, 35, 11 * SECOND);
	look(fixture, 22 * SECOND);
	store(fixture, 22 * SECOND, true);
	reads(fixture, 6, 42, 22 * SECOND);
	has(0, 7, 400);
	look(fixture, 23 * SECOND);
	assert_false(totals_log_waits(&fixture->log));
}

/* What is there of the other one is no newer for that. */
static void a_vcpu_that_is_gone_is_stored_at_once(void **state)
{
	struct fixture *fixture = *state;

	has(0, 5, 200);
	look(fixture, 11 * SECOND);
	store(fixture, 11 * SECOND, true);
	has(1, 3, 250);
	assert_int_equal(totals_log_add_gone(&fixture->log, fixture->ctf, &now[1]), 0);
	reads(fixture, 8, 56, 11 * SECOND);
}

/* The next trace, as of a rotation, begins with what comes then: 3 of 8 exits. */
static void a_new_trace_begins_behind(void **state)
{
	struct fixture *fixture = *state;

	has(0, 5, 200);
	assert_int_equal(totals_log_finish(&fixture->log, &source, fixture->ctf, 5 * SECOND), 0);
	reads(fixture, 5, 35, 5 * SECOND);
	totals_log_begin(&fixture->log, 10 * SECOND, 6 * SECOND);
	has(0, 8, 300);
	look(fixture, 16 * SECOND - 1);
	assert_false(totals_log_waits(&fixture->log));
	look(fixture, 16 * SECOND);
	store(fixture, 16 * SECOND, true);
	reads(fixture, 3, 21, 16 * SECOND);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(they_are_stored_every_ten_seconds),
		TEST(records_come_first),
		TEST(what_has_not_changed_is_not_stored_again),
		TEST(where_there_are_none_nothing_is_stored),
		cmocka_unit_test(they_cost_little),
		TEST(they_are_stored_when_wanted),
		TEST(a_vcpu_that_is_gone_is_stored_at_once),
		TEST(a_new_trace_begins_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
