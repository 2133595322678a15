/* SPDX-License-Identifier: GPL-2.0-only */
/* Open intervals made by hand, and every sum of theirs worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/open_time.h"
#include "analyzer/totals.h"

/* A small kernel: these stages, in this order, and one of pauses. */
enum stage { SAVE_GP, HANDLER, VCPU_PUT, IO_USER, RESTORE_GP };

static const char stage_names[] =
	"sr_save_gp th_handler sr_vcpu_put io_user sr_restore_gp host_preempted";

static struct reader_facts facts;
static struct ledger *ledger;

/* The last booked record ended at 1,000 and was handed over at 1,100, which was 50,000 ns. */
static const struct totals_vcpu booked = {
	.begin = 200,
	.end = 1000,
	.emit = 1100,
	.timestamp = 50000,
};

static int setup(void **state)
{
	(void)state;
	facts.clock_hz = 500000000; /* 2 ns a tick */
	assert_int_equal(reader_facts_set_stages(&facts, stage_names), 0);
	return ledger_create(&facts, &ledger);
}

static int teardown(void **state)
{
	(void)state;
	ledger_destroy(ledger);
	reader_facts_release(&facts);
	return 0;
}

static uint64_t of(const struct open_time *time, enum account_group group, const char *key)
{
	return time->ticks[account_find(&ledger->accounts, group, key)];
}

static uint64_t sum(const struct open_time *time)
{
	uint64_t ticks = 0;

	for (size_t i = 0; i < ledger->accounts.count; i++)
		ticks += time->ticks[i];
	return ticks;
}

/* Looked at 20,000 ns later: 10,000 ticks, at 11,100. */
static void a_guest_that_runs(void **state)
{
	const struct totals_open open = { .at_ns = 70000,
					  .begin = 1300,
					  .guest = 280,
					  .el2_time = 20,
					  .stamp = { 1310, 1400, [RESTORE_GP] = 1450 },
					  .state = TOTALS_STATE_GUEST };
	struct open_time time;

	(void)state;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(time.end, 11100);
	assert_int_equal(of(&time, GROUP_SAVE_RESTORE, "save_gp"), 10);
	assert_int_equal(of(&time, GROUP_TRAP_HANDLING, "handler"), 90);
	assert_int_equal(of(&time, GROUP_TRAP_HANDLING, "el2_only"), 20);
	assert_int_equal(of(&time, GROUP_SAVE_RESTORE, "restore_gp"), 50);
	/* 280 before the record, 11,100 - 1,450 behind it */
	assert_int_equal(of(&time, GROUP_GUEST, "guest"), 280 + 9650);
	assert_int_equal(sum(&time), 10100);
	assert_int_equal(time.account, ledger->accounts.guest);
	assert_int_equal(time.since, 1450);
}

/* The stamps of stages not reached yet are older than the record. */
static void what_comes_next_has_the_rest(void **state)
{
	struct totals_open open = { .at_ns = 70000,
				    .begin = 1300,
				    .guest = 300,
				    .stamp = { 1310, 1400, 1450, 500, 600 },
				    .state = TOTALS_STATE_HOST };
	struct open_time time;

	(void)state;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(of(&time, GROUP_IO_EMULATION, "user"), 11100 - 1450);
	assert_int_equal(sum(&time), 10100);
	open.stamp[VCPU_PUT] = open.stamp[HANDLER] = 500;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(of(&time, GROUP_TRAP_HANDLING, "handler"), 11100 - 1310);
	open.state = TOTALS_STATE_BLOCKED;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(of(&time, GROUP_HOST, "blocked"), 11100 - 1310);
	assert_int_equal(of(&time, GROUP_TRAP_HANDLING, "handler"), 0);
	open.state = TOTALS_STATE_PREEMPTED;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(of(&time, GROUP_HOST, "preempted"), 11100 - 1310);
	assert_int_equal(sum(&time), 10100);
}

/* A record that is booked already, and one that a later look is of, tell nothing. */
static void without_a_record_at_hand(void **state)
{
	struct totals_open open = { .at_ns = 50200,
				    .begin = 900,
				    .stamp = { 910, 920, 930, 940, 1000 },
				    .state = TOTALS_STATE_GUEST };
	struct open_time time;

	(void)state;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(time.end, 1200);
	assert_int_equal(of(&time, GROUP_GUEST, "guest"), 200);
	assert_int_equal(sum(&time), 200);
	open.begin = 1201;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(sum(&time), 200);
}

static void nothing_of_one_that_is_gone(void **state)
{
	const struct totals_open open = { .at_ns = 70000, .state = TOTALS_STATE_GONE };
	struct open_time time;

	(void)state;
	open_time_of(ledger, &booked, &open, &time);
	assert_int_equal(time.end, 1000);
	assert_int_equal(sum(&time), 0);
	assert_int_equal(time.account, ACCOUNT_NONE);
}

/* 4,000 of the guest were open before; then it was 4,600 and the record of 100 was booked. */
static void an_interval_takes_what_was_known_before(void **state)
{
	uint8_t guest = ledger->accounts.guest, handler = ledger->accounts.of_stage[HANDLER];
	struct open_time before = { .end = 5000, .account = guest };
	struct open_time now = { .end = 6000, .account = handler, .since = 5900 };
	struct ledger_vcpu *vcpu = NULL;

	(void)state;
	before.ticks[guest] = 4000;
	now.ticks[guest] = 300;
	now.ticks[handler] = 100;
	assert_int_equal(ledger_get_vcpu(ledger, 0, &vcpu), 0);
	histogram_add_sum(&vcpu->account[guest], 1, 4600);
	assert_int_equal(ledger_add_open(ledger, 0, &now, &before), 0);
	assert_int_equal(vcpu->account[guest].sum, 900);
	assert_int_equal(vcpu->account[handler].sum, 100);
	assert_int_equal(vcpu->account[handler].count, 1);
	assert_int_equal(ledger_vcpu_wall(vcpu), 1000);
	assert_int_equal(vcpu->at_ticks, 100);
	/* What was guessed too high cannot be less than nothing. */
	before.ticks[handler] = 500;
	assert_int_equal(ledger_add_open(ledger, 0, &now, &before), 0);
	assert_int_equal(vcpu->account[handler].sum, 0);
}

/*
 * An interval has shown 400 of the handler and 3,600 of user space, up to 5,000. They stay there
 * when the process is killed: the record at hand, booked by now, ends with its last stage, at
 * 1,400. Of the handler's 400 it was preempted for 300.
 */
static void what_was_shown_stays_when_it_is_gone(void **state)
{
	uint8_t handler = ledger->accounts.of_stage[HANDLER];
	uint8_t user = ledger->accounts.of_stage[IO_USER];
	uint8_t host = account_find(&ledger->accounts, GROUP_HOST, "preempted");
	struct open_time before = { .end = 5000, .account = user, .since = 1400 };
	const struct open_time gone = { .end = 1400, .account = ACCOUNT_NONE, .since = 1400 };
	struct ledger_vcpu *vcpu = NULL;

	(void)state;
	before.ticks[handler] = 400;
	before.ticks[user] = 3600;
	assert_int_equal(ledger_get_vcpu(ledger, 0, &vcpu), 0);
	histogram_add_sum(&vcpu->account[handler], 1, 100);
	histogram_add_sum(&vcpu->account[host], 1, 300);
	assert_int_equal(ledger_add_open(ledger, 0, &gone, &before), 0);
	assert_int_equal(ledger_vcpu_wall(vcpu), 0);
	assert_int_equal(vcpu->account[handler].sum, 0);
	assert_int_equal(vcpu->account[user].sum, 0);
	assert_int_equal(vcpu->account[host].sum, 0);
	assert_int_equal(vcpu->at_account, ACCOUNT_NONE);
	assert_int_equal(vcpu->at_ticks, 0);
}

/* Its last record ends at 5,300, behind the look: 300 more of the 600 of user space are new. */
static void what_came_before_its_end_is_added(void **state)
{
	uint8_t guest = ledger->accounts.guest, user = ledger->accounts.of_stage[IO_USER];
	struct open_time before = { .end = 5000, .account = user };
	const struct open_time gone = { .end = 5300, .account = ACCOUNT_NONE, .since = 5300 };
	struct ledger_vcpu *vcpu = NULL;

	(void)state;
	before.ticks[guest] = 3700;
	before.ticks[user] = 300;
	assert_int_equal(ledger_get_vcpu(ledger, 0, &vcpu), 0);
	histogram_add_sum(&vcpu->account[guest], 1, 3700);
	histogram_add_sum(&vcpu->account[user], 1, 600);
	assert_int_equal(ledger_add_open(ledger, 0, &gone, &before), 0);
	assert_int_equal(ledger_vcpu_wall(vcpu), 300);
	assert_int_equal(vcpu->account[guest].sum, 0);
	assert_int_equal(vcpu->account[user].sum, 300);
}

static uint64_t booked_of(const struct ledger_vcpu *vcpu)
{
	uint64_t ticks = 0;

	for (size_t i = 0; i < ledger->accounts.count; i++)
		ticks += (uint64_t)vcpu->account[i].sum;
	return ticks;
}

/*
 * The look at 5,000 took for the handler's 700 that were the host's, which preempted it. Of the
 * 2,000 up to 7,000 the handler has 100 and the guest the rest; the records have 1,900 of the
 * guest, 100 of the handler and 700 of the host, of which 600 are in the interval before already.
 */
static void what_was_guessed_wrong_is_booked_once(void **state)
{
	uint8_t guest = ledger->accounts.guest, handler = ledger->accounts.of_stage[HANDLER];
	uint8_t host = account_find(&ledger->accounts, GROUP_HOST, "preempted");
	struct open_time before = { .end = 5000, .account = handler };
	const struct open_time now = { .end = 7000, .account = guest, .since = 7000 };
	struct ledger_vcpu *vcpu = NULL;

	(void)state;
	before.ticks[handler] = 700;
	assert_int_equal(ledger_get_vcpu(ledger, 0, &vcpu), 0);
	histogram_add_sum(&vcpu->account[guest], 1, 1900);
	histogram_add_sum(&vcpu->account[handler], 1, 100);
	histogram_add_sum(&vcpu->account[host], 1, 700);
	assert_int_equal(ledger_add_open(ledger, 0, &now, &before), 0);
	assert_int_equal(ledger_vcpu_wall(vcpu), 2000);
	assert_int_equal(vcpu->account[handler].sum, 0);
	assert_int_equal(booked_of(vcpu), 2000);
	/* Time that no account has stays unattributed. */
	vcpu->account[guest].sum = 1000;
	vcpu->account[handler].sum = 100;
	vcpu->account[host].sum = 700;
	assert_int_equal(ledger_add_open(ledger, 0, &now, &before), 0);
	assert_int_equal(booked_of(vcpu), 1700);
}

/* Time that nobody recorded is less than the interval, whatever a look had taken it for. */
static void time_off_is_not_more_than_passed(void **state)
{
	uint8_t user = ledger->accounts.of_stage[IO_USER];
	struct open_time before = { .end = 5000, .account = user };
	const struct open_time now = { .end = 5200, .account = user, .since = 5200 };
	struct ledger_vcpu *vcpu = NULL;

	(void)state;
	before.ticks[user] = 4000;
	assert_int_equal(ledger_get_vcpu(ledger, 0, &vcpu), 0);
	vcpu->off = 4100; /* from 1,000 on */
	histogram_add_sum(&vcpu->account[user], 1, 100);
	assert_int_equal(ledger_add_open(ledger, 0, &now, &before), 0);
	assert_int_equal(ledger_vcpu_wall(vcpu), 0);
	assert_int_equal(booked_of(vcpu), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_guest_that_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(what_comes_next_has_the_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_record_at_hand, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_of_one_that_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(an_interval_takes_what_was_known_before, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_was_shown_stays_when_it_is_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_came_before_its_end_is_added, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_guessed_wrong_is_booked_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(time_off_is_not_more_than_passed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
