/* SPDX-License-Identifier: GPL-2.0-only */
/* Trips through KVM's own tracepoints; every length was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include <cmocka.h>

#include "collector/stages.h"
#include "probes/trip.h"

/* As the probes go on after trip_begin(). */
static void out(struct trip *trip, uint64_t tracing)
{
	trip->stamp[TRIP_TRACING] = tracing;
	trip->state = TRIP_OUT;
}

static struct stages measure(const struct trip *trip)
{
	const struct stage_plan plan = { .stamps = TRIP_STAGES, .stages = TRIP_STAGES };
	struct ring_record record = { .expected = { trip_expected(trip) },
				      .fixed.begin = trip->begin };
	struct stages stages;

	for (int i = 0; i < TRIP_STAGES; i++)
		record.stamp[i] = trip->stamp[i];
	assert_int_equal(stages_measure(&record, &plan, &stages), 0);
	return stages;
}

static void handled_in_the_kernel(void **state)
{
	struct trip trip = { .entered = 1000 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 1700, 0, 0, 3);
	out(&trip, 1720);
	trip_entry(&trip, 2050, 3);
	stages = measure(&trip);
	assert_int_equal(trip.kind, EXIT_KIND_EXIT);
	assert_int_equal(trip.guest, 700);
	assert_int_equal(stages.touched.word[0], 1 << TRIP_TRACING | 1 << TRIP_HANDLER);
	assert_int_equal(stages.missing.word[0], 0);
	assert_int_equal(stages.length[TRIP_TRACING], 20);
	assert_int_equal(stages.length[TRIP_HANDLER], 330);
	assert_int_equal(trip_end(&trip), 2050);
	assert_int_equal(trip.entered, 2050);
	assert_int_equal(trip.state, TRIP_ENTERED);
}

/* Interrupts of 100 and a preemption of 40 before kvm_exit are not the guest's. */
static void what_comes_before_kvm_exit_is_the_hosts(void **state)
{
	struct trip trip = { .entered = 1000 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 1500, 40, 100, 0);
	out(&trip, 1510);
	trip_entry(&trip, 1530, 0);
	stages = measure(&trip);
	assert_int_equal(trip.guest, 360);
	assert_int_equal(trip.begin, 1360);
	assert_int_equal(stages.length[TRIP_PREEMPTED], 40);
	assert_int_equal(stages.length[TRIP_IRQ], 100);
	assert_int_equal(stages.length[TRIP_TRACING], 10);
	assert_int_equal(stages.length[TRIP_HANDLER], 20);
	assert_int_equal(stages.missing.word[0], 0);
	assert_int_equal(trip.begin + 40 + 100 + 10 + 20, trip_end(&trip));
}

/* Clocks read apart: no more is taken out than there was. */
static void no_more_is_taken_out_than_passed(void **state)
{
	struct trip trip = { .entered = 1000 };

	(void)state;
	trip_begin(&trip, 1500, 300, 400, 0);
	assert_int_equal(trip.guest, 0);
	assert_int_equal(trip.begin, 1000);
	assert_int_equal(trip.stamp[TRIP_PREEMPTED], 1100);
	assert_int_equal(trip.stamp[TRIP_IRQ], 1500);
}

static void user_space_up_to_the_entry(void **state)
{
	struct trip trip = { .entered = 100 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	assert_true(trip_device(&trip));
	assert_false(trip_device(&trip)); /* the value that user space gave, later */
	trip_user(&trip, 260, 6, 0, 1);
	trip_user(&trip, 500, 10, -4, 0); /* KVM_RUN again, without entering */
	assert_false(trip_device(&trip));
	trip_entry(&trip, 900, 1);
	stages = measure(&trip);
	assert_int_equal(trip.flags, EXIT_FLAG_USER | EXIT_FLAG_MMIO_USER);
	assert_int_equal(trip.user_reason, 6);
	assert_int_equal(stages.length[TRIP_HANDLER], 50);
	assert_int_equal(stages.length[TRIP_USER], 640);
	assert_false(stage_set_has(&stages.touched, TRIP_RUN_LOOP));
	assert_int_equal(stages.missing.word[0], 0);
}

/* Off in the guest: that record is whole. What the guest did meanwhile is not known. */
static void recording_was_off_in_the_guest(void **state)
{
	struct trip trip = { .entered = 100, .period = 1 };

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	trip_entry(&trip, 300, 0);
	trip_resume(&trip, 2);
	assert_int_equal(trip.state, TRIP_ENTERED); /* to be handed over */
	assert_int_equal(trip_end(&trip), 300);
	assert_int_equal(trip.period, 2);
	trip_begin(&trip, 9000, 0, 0, 0);
	assert_int_equal(trip.kind, EXIT_KIND_START);
	assert_int_equal(trip.guest, 0);
	assert_int_equal(trip.begin, 9000);
}

/* Off in the host: its entry was not seen. The first run after it goes with the gap. */
static void recording_was_off_in_the_host(void **state)
{
	struct trip trip = { .entered = 100, .period = 1 };

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	trip_resume(&trip, 2);
	assert_int_equal(trip.state, TRIP_NONE);
	trip_entry(&trip, 8000, 0);
	trip_begin(&trip, 9000, 0, 0, 0);
	assert_int_equal(trip.kind, EXIT_KIND_START);
	assert_int_equal(trip.begin, 9000);
	out(&trip, 9010);
	trip_entry(&trip, 9100, 0);
	trip_begin(&trip, 9500, 0, 0, 0);
	assert_int_equal(trip.kind, EXIT_KIND_EXIT);
	assert_int_equal(trip.guest, 400);
}

/* A return from KVM_RUN is all that is seen, up to the next KVM_RUN. */
static void between_two_runs(void **state)
{
	struct trip trip = { .entered = 100 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 900, 0, 50, 0);
	trip.flags |= EXIT_FLAG_USER;
	trip.code = EXIT_CODE_RUN;
	out(&trip, 915);
	trip_entry(&trip, 1400, 1);
	stages = measure(&trip);
	assert_int_equal(trip.guest, 750);
	assert_int_equal(stages.length[TRIP_IRQ], 50);
	assert_int_equal(stages.length[TRIP_TRACING], 15);
	assert_int_equal(stages.length[TRIP_USER], 485);
	assert_false(stage_set_has(&stages.touched, TRIP_HANDLER));
	assert_int_equal(stages.missing.word[0], 0);
	assert_int_equal(trip.state, TRIP_ENTERED);
}

static void user_space_up_to_kvm_run(void **state)
{
	struct trip trip = { .entered = 100 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	trip_run(&trip, 220); /* not out of KVM_RUN yet: nothing begins */
	trip_user(&trip, 260, 2, 0, 1);
	trip_run(&trip, 300);
	trip_user(&trip, 310, 10, -4, 0); /* again, without entering: user space goes on */
	assert_int_equal(trip.stamp[TRIP_USER], 0);
	trip_run(&trip, 400);
	trip_entry(&trip, 430, 0);
	stages = measure(&trip);
	assert_int_equal(stages.length[TRIP_USER], 140);
	assert_int_equal(stages.length[TRIP_RUN_LOOP], 30);
	assert_int_equal(stages.missing.word[0], 0);
}

/* A signal during an access that the kernel emulates leaves it the kernel's. */
static void a_signal_is_no_device(void **state)
{
	struct trip trip = { .entered = 100 };

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	trip_device(&trip);
	trip_user(&trip, 260, 6, -4, 1); /* -EINTR */
	assert_int_equal(trip.flags, EXIT_FLAG_USER | EXIT_FLAG_MMIO_KERNEL);
}

static void sleep_is_the_handlers(void **state)
{
	struct trip trip = { .entered = 100 };

	(void)state;
	trip_slept(&trip, 7); /* before the exit */
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	trip_slept(&trip, 50);
	trip_slept(&trip, 20);
	trip_user(&trip, 290, 10, -4, 0);
	trip_slept(&trip, 9);
	assert_int_equal(trip.blocked, 70);
}

static void attached_in_the_middle(void **state)
{
	struct trip trip = { 0 };

	(void)state;
	trip_begin(&trip, 200, 0, 30, 0);
	assert_int_equal(trip.kind, EXIT_KIND_START);
	assert_int_equal(trip.guest, 0);
	assert_int_equal(trip.begin, 200);
}

/* The program at kvm_entry did not run: the handler's stamp is missing. */
static void a_skipped_entry_is_a_hole(void **state)
{
	struct trip trip = { .entered = 100 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	stages = measure(&trip);
	assert_int_equal(stages.missing.word[0], 1 << TRIP_HANDLER);
	trip_begin(&trip, 700, 0, 0, 0);
	assert_int_equal(trip.kind, EXIT_KIND_START);
}

static void an_open_record_ends_with_the_handler(void **state)
{
	struct trip trip = { .entered = 100 };
	struct stages stages;

	(void)state;
	trip_begin(&trip, 200, 0, 0, 0);
	out(&trip, 210);
	trip_user(&trip, 280, 24, 0, 0);
	trip.flags |= EXIT_FLAG_OPEN;
	stages = measure(&trip);
	assert_int_equal(stages.missing.word[0], 0);
	assert_int_equal(trip_end(&trip), 280);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handled_in_the_kernel),
		cmocka_unit_test(what_comes_before_kvm_exit_is_the_hosts),
		cmocka_unit_test(no_more_is_taken_out_than_passed),
		cmocka_unit_test(user_space_up_to_the_entry),
		cmocka_unit_test(between_two_runs),
		cmocka_unit_test(recording_was_off_in_the_guest),
		cmocka_unit_test(recording_was_off_in_the_host),
		cmocka_unit_test(user_space_up_to_kvm_run),
		cmocka_unit_test(a_signal_is_no_device),
		cmocka_unit_test(sleep_is_the_handlers),
		cmocka_unit_test(attached_in_the_middle),
		cmocka_unit_test(a_skipped_entry_is_a_hole),
		cmocka_unit_test(an_open_record_ends_with_the_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
