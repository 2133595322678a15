/* SPDX-License-Identifier: GPL-2.0-only */
/* Records made by hand, and every sum of theirs worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/ledger.h"
#include "tests/unit/small_kernel.h"

struct fixture {
	struct reader_facts facts;
	struct ledger *ledger;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->facts.clock_hz = 1000000000;
	assert_int_equal(reader_facts_set_stages(&fixture->facts, stage_names), 0);
	assert_int_equal(ledger_create(&fixture->facts, &fixture->ledger), 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	ledger_destroy(fixture->ledger);
	reader_facts_release(&fixture->facts);
	free(fixture);
	return 0;
}

/* Adds a record of vCPU `slot` with the lengths that are not NONE. */
#define NONE UINT64_MAX
#define ADD(fixture, slot, fixed, ...) add(fixture, slot, fixed, (uint64_t[10]){ __VA_ARGS__ })

static void add(struct fixture *fixture, uint32_t slot, struct exit_fixed fixed,
		const uint64_t length[10])
{
	struct trace_item item = { .kind = TRACE_RECORD };

	item.record.slot = slot;
	item.record.fixed = fixed;
	item.record.missing.word[0] = fixed.missing;
	for (unsigned int i = 0; i < 10; i++) {
		/* NONE stays in the length of an untouched stage: nobody may look at it. */
		item.record.length[i] = length[i];
		if (length[i] != NONE)
			stage_set_add(&item.record.touched, i);
	}
	assert_int_equal(ledger_add(fixture->ledger, &item), 0);
}

static const struct histogram *account(const struct fixture *fixture, enum account_group group,
				       const char *key)
{
	uint8_t found = account_find(&fixture->ledger->accounts, group, key);

	assert_int_not_equal(found, ACCOUNT_NONE);
	return &fixture->ledger->account[found];
}

static void assert_account(const struct fixture *fixture, enum account_group group, const char *key,
			   uint64_t count, uint64_t sum)
{
	const struct histogram *found = account(fixture, group, key);

	assert_int_equal(found->count, count);
	assert_int_equal((uint64_t)found->sum, sum);
}

static uint64_t booked(const struct fixture *fixture)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < fixture->ledger->accounts.count; i++)
		sum += (uint64_t)fixture->ledger->account[i].sum;
	return sum;
}

/*
 * The start lasts 1000..1060. Its guest runs 90 and EL2 finishes two exits in
 * 10, so the exit begins at 1160; it lasts 124, to 1284. 284 in all.
 */
static void every_tick_is_booked_once(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed start = { .kind = EXIT_KIND_START, .begin = 1000, .guest = 777 };
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT,
				   .begin = 1160,
				   .guest = 90,
				   .el2_time = 10,
				   .el2_count = 2,
				   .seq = 1 };

	ADD(fixture, 0, start, NONE, NONE, NONE, NONE, NONE, 10, 20, NONE, NONE, 30);
	ADD(fixture, 0, exit, 5, 6, 7, 100, NONE, 1, 2, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 284);
	assert_int_equal(booked(fixture), 284);
	assert_account(fixture, GROUP_GUEST, "guest", 1, 90);
	assert_account(fixture, GROUP_TRAP_HANDLING, "el2_only", 1, 10);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 100);
	assert_account(fixture, GROUP_SAVE_RESTORE, "restore_gp", 2, 33);
	/* Two places in one record are one length: 20 and 7 + 2. */
	assert_account(fixture, GROUP_HOST, "run_loop", 2, 29);
	assert_int_equal(account(fixture, GROUP_HOST, "run_loop")->min, 9);
	assert_int_equal(account(fixture, GROUP_HOST, "run_loop")->max, 20);
	assert_account(fixture, GROUP_HOST, "blocked", 2, 11);
	/* Nothing stamped this. */
	assert_account(fixture, GROUP_IO_EMULATION, "user", 0, 0);
}

static void assert_group(const struct fixture *fixture, enum account_group group, uint64_t count,
			 uint64_t min, uint64_t max, uint64_t sum)
{
	const struct histogram *found = &fixture->ledger->group[group];

	assert_int_equal(found->count, count);
	if (!count)
		return;
	assert_int_equal(found->min, min);
	assert_int_equal(found->max, max);
	assert_int_equal((uint64_t)found->sum, sum);
}

/*
 * Save and restore: 30 of the start, 5 + 3 of the exit. Trap handling: 6 + 100 and the 10
 * that EL2 took before. The host: 10 + 20, then 7 + 1 + 2. Nothing of the other two.
 */
static void a_record_is_so_long_in_each_group(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed start = { .kind = EXIT_KIND_START, .begin = 1000 };
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT,
				   .begin = 1160,
				   .guest = 90,
				   .el2_time = 10,
				   .el2_count = 2,
				   .seq = 1 };

	assert_false(fixture->ledger->grouped);
	ADD(fixture, 0, start, NONE, NONE, NONE, NONE, NONE, 10, 20, NONE, NONE, 30);
	ADD(fixture, 0, exit, 5, 6, 7, 100, NONE, 1, 2, NONE, NONE, 3);
	assert_true(fixture->ledger->grouped);
	assert_group(fixture, GROUP_GUEST, 1, 90, 90, 90);
	assert_group(fixture, GROUP_SAVE_RESTORE, 2, 8, 30, 38);
	assert_group(fixture, GROUP_TRAP_HANDLING, 1, 116, 116, 116);
	assert_group(fixture, GROUP_IO_EMULATION, 0, 0, 0, 0);
	assert_group(fixture, GROUP_INTERRUPT_DELIVERY, 0, 0, 0, 0);
	assert_group(fixture, GROUP_HOST, 2, 10, 30, 40);
}

/* A trace that begins with an exit begins with the guest before it: 500 - 60 - 40 = 400. */
static void life_begins_with_the_guest_before_the_first_exit(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = {
		.kind = EXIT_KIND_EXIT, .begin = 500, .guest = 60, .el2_time = 40, .el2_count = 1
	};

	ADD(fixture, 0, exit, 5, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 7);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 112);
	assert_int_equal(booked(fixture), 112);
}

/* A touched length of 0 is an account that was touched. */
static void zero_is_not_untouched(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500 };

	ADD(fixture, 0, exit, 0, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 7);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_SAVE_RESTORE, "save_gp", 1, 0);
	assert_account(fixture, GROUP_GUEST, "guest", 1, 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "el2_only", 0, 0);
}

/* TH_EL2 is missing between SAVE_GP and HANDLER: HANDLER's 100 are not booked. */
static void stage_behind_a_missing_stamp_is_not_booked(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500, .missing = 1 << TH_EL2 };

	ADD(fixture, 0, exit, 5, NONE, NONE, 100, NONE, NONE, NONE, NONE, NONE, 30);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_SAVE_RESTORE, "save_gp", 1, 5);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 0, 0);
	assert_account(fixture, GROUP_SAVE_RESTORE, "restore_gp", 1, 30);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 135);
	assert_int_equal(booked(fixture), 35);
	assert_int_equal(fixture->ledger->counts.incomplete, 1);
}

/*
 * SAVE_GP is missing before the first touched stage, LOOP_ENTRY and MYSTERY
 * between HANDLER and RESTORE_GP: only HANDLER's 100 of 136 are known.
 */
static void missing_at_the_begin_and_several(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500 };

	exit.missing = 1 << SAVE_GP | 1 << LOOP_ENTRY | 1 << MYSTERY;
	ADD(fixture, 0, exit, NONE, 6, NONE, 100, NONE, NONE, NONE, NONE, NONE, 30);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 136);
	assert_account(fixture, GROUP_TRAP_HANDLING, "el2", 0, 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 100);
	assert_account(fixture, GROUP_SAVE_RESTORE, "restore_gp", 0, 0);
}

/* What is missing behind the last touched stage takes nothing away from it. */
static void missing_at_the_end_takes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT,
				   .begin = 500,
				   .flags = EXIT_FLAG_OPEN,
				   .missing = 1 << RESTORE_GP };

	ADD(fixture, 0, exit, 5, 6, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 11);
	assert_int_equal(booked(fixture), 11);
}

/* Only what is strictly between two stamps counts; these were touched all the same. */
static void stamps_at_the_ends_are_not_missing(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT,
				   .begin = 500,
				   .missing = 1 << SAVE_GP | 1 << HANDLER | 1 << RESTORE_GP };

	ADD(fixture, 0, exit, 5, NONE, NONE, 100, NONE, NONE, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(booked(fixture), 108);
}

/* One account in two places: the one behind the missing stamp is left out, 7 of 7 + 2 stay. */
static void missing_leaves_out_one_place_of_two(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500, .missing = 1 << HANDLER };

	ADD(fixture, 0, exit, 5, 6, 7, NONE, NONE, NONE, 2, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_HOST, "run_loop", 1, 7);
	assert_int_equal(booked(fixture), 21);
}

/* 60 of the handler's 100 the vCPU slept. */
static void blocked_is_taken_out_of_the_handler(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500, .blocked = 60 };

	ADD(fixture, 0, exit, 5, NONE, NONE, 100, NONE, NONE, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 40);
	assert_account(fixture, GROUP_HOST, "blocked", 1, 60);
	assert_int_equal(booked(fixture), 108);
}

/* All of it: the handler was touched, for no time. */
static void handler_may_be_all_sleep(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500, .blocked = 100 };

	ADD(fixture, 0, exit, 5, NONE, NONE, 100, NONE, NONE, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 0);
	assert_account(fixture, GROUP_HOST, "blocked", 1, 100);
	assert_int_equal(fixture->ledger->counts.impossible, 0);
}

/* A sleep in a request has a stage of its own, and 60 of the handler's 100 join its 70. */
static void blocked_may_be_a_stage_too(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500, .blocked = 60 };

	ADD(fixture, 0, exit, 5, NONE, NONE, 100, NONE, 70, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_HOST, "blocked", 1, 130);
	assert_int_equal(account(fixture, GROUP_HOST, "blocked")->max, 130);
	assert_int_equal(booked(fixture), 178);
}

/* Longer than the stage that should contain it: the stage is booked, the claim is not. */
static void blocked_beyond_its_stage_is_impossible(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 500, .blocked = 101 };
	struct exit_fixed nowhere = {
		.kind = EXIT_KIND_EXIT, .begin = 700, .blocked = 1, .seq = 1
	};

	ADD(fixture, 0, exit, 5, NONE, NONE, 100, NONE, NONE, NONE, NONE, NONE, 3);
	ADD(fixture, 0, nowhere, 5, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 100);
	assert_account(fixture, GROUP_HOST, "blocked", 0, 0);
	assert_int_equal(fixture->ledger->counts.impossible, 2);
}

/* 110 ticks before a begin of 100: there was no such time. */
static void time_before_the_counter_began_is_impossible(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 100, .guest = 110 };

	ADD(fixture, 0, exit, 5, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->counts.impossible, 1);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 8);
	assert_int_equal(booked(fixture), 8);
}

/* The handler of an access to a device is I/O emulation; that of another exit is not. */
static void handler_of_mmio_is_io_emulation(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed kernel = { .kind = EXIT_KIND_EXIT,
				     .begin = 100,
				     .flags = EXIT_FLAG_MMIO_KERNEL };
	struct exit_fixed user = { .kind = EXIT_KIND_EXIT,
				   .begin = 200,
				   .seq = 1,
				   .flags = EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER };
	struct exit_fixed other = { .kind = EXIT_KIND_EXIT, .begin = 500, .seq = 2 };

	ADD(fixture, 0, kernel, 1, NONE, NONE, 40, NONE, NONE, NONE, NONE, NONE, 1);
	ADD(fixture, 0, user, 1, NONE, NONE, 50, 90, NONE, NONE, NONE, NONE, 1);
	ADD(fixture, 0, other, 1, NONE, NONE, 60, NONE, NONE, NONE, NONE, NONE, 1);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_IO_EMULATION, "kernel", 2, 90);
	assert_account(fixture, GROUP_IO_EMULATION, "user", 1, 90);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 60);
}

/* Longer than 32 bits, and blocked for most of it. */
static void lengths_have_64_bits(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 1, .blocked = 7000000000 };

	ADD(fixture, 0, exit, 5, NONE, NONE, 8000000000, NONE, NONE, NONE, NONE, NONE, 3);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_account(fixture, GROUP_TRAP_HANDLING, "handler", 1, 1000000000);
	assert_account(fixture, GROUP_HOST, "blocked", 1, 7000000000);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 8000000008);
}

/*
 * A lost record is time that nobody knows of: the one of 1 lasted 1010..1090,
 * and record 2's guest from there to 1100. Wall 200, booked 10 + 10 + 100.
 */
static void lost_record_is_unattributed(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed start = { .kind = EXIT_KIND_START, .begin = 1000, .seq = 7 };
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 1100, .guest = 10, .seq = 9 };

	ADD(fixture, 0, start, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 10);
	ADD(fixture, 0, exit, 50, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 50);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 200);
	assert_int_equal(booked(fixture), 120);
	assert_int_equal(fixture->ledger->counts.gaps, 1);
	assert_int_equal(ledger_lost(fixture->ledger), 1);
}

/* The streams counted 3 + 2, the end 4, the sequences 1: at least 5 are lost. */
static void lost_is_the_highest_count(void **state)
{
	struct fixture *fixture = *state;
	struct trace_item discarded = { .kind = TRACE_DISCARDED, .discarded = 3 };
	struct trace_item end = { .kind = TRACE_END,
				  .end = { .records = 2, .lost = 4, .clamped = 6, .torn = 1 } };

	assert_false(fixture->ledger->ended);
	assert_int_equal(ledger_add(fixture->ledger, &discarded), 0);
	discarded.discarded = 2;
	assert_int_equal(ledger_add(fixture->ledger, &discarded), 0);
	assert_int_equal(ledger_lost(fixture->ledger), 5);
	assert_int_equal(ledger_add(fixture->ledger, &end), 0);
	assert_int_equal(ledger_lost(fixture->ledger), 5);
	assert_true(fixture->ledger->ended);
	fixture->ledger->end.lost = 9;
	assert_int_equal(ledger_lost(fixture->ledger), 9);
	/* A torn record leaves a gap and is not lost: 21 gaps, 1 torn. */
	fixture->ledger->counts.gaps = 21;
	assert_int_equal(ledger_lost(fixture->ledger), 20);
}

/* Streams of two CPUs may hand over 2000..2010 before 1000..1010. */
static void order_does_not_matter_to_wall_time(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed late = { .kind = EXIT_KIND_EXIT, .begin = 2000, .seq = 1 };
	struct exit_fixed early = { .kind = EXIT_KIND_EXIT, .begin = 1000 };

	ADD(fixture, 0, late, 10, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
	ADD(fixture, 0, early, 10, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 1010);
}

/* The number wraps at 2^32; one that goes back has begun anew. */
static void sequence_may_wrap_and_begin_anew(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 100, .seq = UINT32_MAX };
	static const uint32_t next[] = { 0, 1, 0, 2 };

	ADD(fixture, 0, exit, 1, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 1);
	for (size_t i = 0; i < ARRAY_SIZE(next); i++) {
		exit.begin += 100;
		exit.seq = next[i];
		ADD(fixture, 0, exit, 1, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 1);
	}
	assert_int_equal(fixture->ledger->counts.gaps, 1);
}

static void records_are_counted_by_kind(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed start = { .kind = EXIT_KIND_START, .flags = EXIT_FLAG_NOT_ENTERED };
	struct exit_fixed again = { .kind = EXIT_KIND_CONTINUATION, .begin = 10, .seq = 1 };
	struct exit_fixed exit = { .kind = EXIT_KIND_EXIT, .begin = 30, .seq = 2, .el2_count = 5 };

	ADD(fixture, 0, start, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 10);
	ADD(fixture, 0, again, NONE, NONE, NONE, NONE, NONE, 9, NONE, NONE, NONE, 1);
	ADD(fixture, 0, exit, 5, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 1);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->counts.starts, 1);
	assert_int_equal(fixture->ledger->counts.continuations, 1);
	assert_int_equal(fixture->ledger->counts.exits, 1);
	assert_int_equal(fixture->ledger->counts.never_entered, 1);
	assert_int_equal(fixture->ledger->counts.el2_only, 5);
	/* Only an exit has a guest before it. */
	assert_account(fixture, GROUP_GUEST, "guest", 1, 0);
	/* EL2's own exits took no time that the counter could see; they are touched. */
	assert_account(fixture, GROUP_TRAP_HANDLING, "el2_only", 1, 0);
}

/* Slot 1 runs 100..120 and slot 4 runs 1000..1060; each has its own time and sequence. */
static void vcpus_are_apart_and_merged(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed one = { .kind = EXIT_KIND_EXIT, .begin = 100, .seq = 50 };
	struct exit_fixed four = { .kind = EXIT_KIND_EXIT, .begin = 1000, .seq = 10 };
	struct trace_item name = {
		.kind = TRACE_VCPU,
		.vcpu = { .slot = 4, .pid = 70, .tid = 71, .index = 2, .vm = "vm" }
	};

	ADD(fixture, 4, four, 20, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 40);
	ADD(fixture, 1, one, 5, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 15);
	assert_int_equal(ledger_add(fixture->ledger, &name), 0);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->vcpu_slots, 5);
	assert_null(fixture->ledger->vcpu[0]);
	assert_int_equal(ledger_vcpu_wall(fixture->ledger->vcpu[1]), 20);
	assert_int_equal(ledger_vcpu_wall(fixture->ledger->vcpu[4]), 60);
	assert_int_equal((uint64_t)ledger_wall(fixture->ledger), 80);
	assert_int_equal(fixture->ledger->counts.gaps, 0);
	assert_account(fixture, GROUP_SAVE_RESTORE, "save_gp", 2, 25);
	assert_int_equal(account(fixture, GROUP_SAVE_RESTORE, "save_gp")->min, 5);
	assert_string_equal(fixture->ledger->vcpu[4]->vm, "vm");
	assert_int_equal(fixture->ledger->vcpu[4]->index, 2);
	assert_false(fixture->ledger->vcpu[1]->named);
}

static void slot_out_of_range_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct trace_item item = { .kind = TRACE_RECORD, .record.slot = LEDGER_VCPUS_MAX };

	assert_true(ledger_add(fixture->ledger, &item) < 0);
}

/* Three interrupts of 10, 20, 60 and two hypercalls of 100 that user space saw once. */
static void reasons_have_their_own_rows(void **state)
{
	struct fixture *fixture = *state;
	struct exit_fixed irq = { .kind = EXIT_KIND_EXIT, .code = EXIT_CODE_IRQ, .begin = 1000 };
	struct exit_fixed hvc = { .kind = EXIT_KIND_EXIT,
				  .code = EXIT_CODE_TRAP,
				  .esr = 0x5a000000,
				  .arg = 0x84000000,
				  .begin = 5000,
				  .el2_count = 4,
				  .el2_time = 90 };
	_cleanup_free_ const struct reason_row **sorted = NULL;
	char text[REASON_TEXT];

	for (uint64_t length = 10; length <= 60; length += length == 20 ? 40 : 10)
		ADD(fixture, 0, irq, length, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
	ADD(fixture, 0, hvc, 40, NONE, NONE, 60, NONE, NONE, NONE, NONE, NONE, NONE);
	hvc.flags = EXIT_FLAG_USER;
	hvc.el2_count = 0;
	ADD(fixture, 0, hvc, 40, NONE, NONE, 62, NONE, NONE, NONE, NONE, NONE, NONE);
	sorted = reasons_by_time(&fixture->ledger->reasons);
	assert_int_equal(fixture->ledger->reasons.table.count, 4);
	assert_string_equal(reason_handled_key(&sorted[0]->reason), "user");
	assert_int_equal((uint64_t)sorted[0]->ticks, 102);
	assert_string_equal(reason_name(&sorted[1]->reason, text), "HVC 0x84000000 PSCI_VERSION");
	assert_int_equal(sorted[1]->count, 1);
	assert_string_equal(reason_name(&sorted[2]->reason, text), "finished at EL2");
	assert_int_equal(sorted[2]->count, 4);
	assert_int_equal((uint64_t)sorted[2]->ticks, 90);
	assert_int_equal(sorted[2]->length.count, 0);
	assert_string_equal(reason_name(&sorted[3]->reason, text), "interrupt");
	assert_int_equal(sorted[3]->count, 3);
	assert_int_equal(histogram_percentile(&sorted[3]->length, 50), 20);
	assert_int_equal(sorted[3]->length.max, 60);
}

static struct exit_fixed mmio(uint64_t ipa, bool write, uint16_t flags)
{
	return (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
				    .code = EXIT_CODE_TRAP,
				    .esr = write ? 0x93830045 : 0x93830005,
				    .ipa = ipa,
				    .flags = flags,
				    .begin = 1000 };
}

/* A guest that touches 3,000 pages: 1,000 rows, one for the rest, nothing lost. */
static void tables_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	uint64_t accesses = 0, reasons = 0;

	for (uint64_t page = 0; page < 3000; page++)
		ADD(fixture, 0, mmio(page << 12, true, EXIT_FLAG_MMIO_USER), 2, NONE, NONE, NONE,
		    NONE, NONE, NONE, NONE, NONE, NONE);
	assert_int_equal(ledger_finish(fixture->ledger), 0);
	assert_int_equal(fixture->ledger->devices.count, DEVICES_APART + 1);
	assert_int_equal(fixture->ledger->reasons.table.count, REASONS_APART + 1);
	for (size_t i = 0; i <= DEVICES_APART; i++)
		accesses += fixture->ledger->devices.row[i].writes;
	for (size_t i = 0; i <= REASONS_APART; i++)
		reasons += ((struct reason_row *)fixture->ledger->reasons.table.row[i])->count;
	assert_int_equal(accesses, 3000);
	assert_int_equal(reasons, 3000);
	assert_int_equal(fixture->ledger->devices.row[DEVICES_APART].ipa, UINT64_MAX);
	assert_int_equal(fixture->ledger->devices.row[DEVICES_APART].writes, 2000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_tick_is_booked_once),
		TEST(a_record_is_so_long_in_each_group),
		TEST(life_begins_with_the_guest_before_the_first_exit),
		TEST(zero_is_not_untouched),
		TEST(stage_behind_a_missing_stamp_is_not_booked),
		TEST(missing_at_the_begin_and_several),
		TEST(missing_at_the_end_takes_nothing),
		TEST(stamps_at_the_ends_are_not_missing),
		TEST(missing_leaves_out_one_place_of_two),
		TEST(blocked_is_taken_out_of_the_handler),
		TEST(handler_may_be_all_sleep),
		TEST(blocked_may_be_a_stage_too),
		TEST(blocked_beyond_its_stage_is_impossible),
		TEST(time_before_the_counter_began_is_impossible),
		TEST(handler_of_mmio_is_io_emulation),
		TEST(lengths_have_64_bits),
		TEST(lost_record_is_unattributed),
		TEST(lost_is_the_highest_count),
		TEST(order_does_not_matter_to_wall_time),
		TEST(sequence_may_wrap_and_begin_anew),
		TEST(records_are_counted_by_kind),
		TEST(vcpus_are_apart_and_merged),
		TEST(slot_out_of_range_is_damage),
		TEST(reasons_have_their_own_rows),
		TEST(tables_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
