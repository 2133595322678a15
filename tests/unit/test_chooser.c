/* SPDX-License-Identifier: GPL-2.0-only */
/* Options to rules; syndromes and classes worked out by hand from the Arm ARM. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "collector/chooser.h"

static int setup(void **state)
{
	static struct chooser chooser;

	chooser = (struct chooser){ 0 };
	*state = &chooser;
	return 0;
}

static int teardown(void **state)
{
	chooser_release(*state);
	error_clear();
	return 0;
}

static void assert_classes(const struct chooser *chooser, uint64_t low, uint64_t high)
{
	assert_int_equal(chooser->rules.class[0], low);
	assert_int_equal(chooser->rules.class[1], high);
}

static void nothing_chosen_is_all(void **state)
{
	const struct chooser *chooser = *state;

	assert_int_equal(chooser->rules.some, 0);
	assert_string_equal(buffer_text(&chooser->text), "");
}

static void options_are_kept_as_text(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_slower_than(chooser, "50us"), 0);
	assert_int_equal(chooser_add_vcpus(chooser, "0,3,64"), 0);
	assert_int_equal(chooser_sample(chooser, "10"), 0);
	assert_int_equal(chooser_add_reason(chooser, "mmio"), 0);
	assert_string_equal(buffer_text(&chooser->text),
			    "slower than 50us; vCPU 0,3,64; one of 10, by chance; reason mmio");
	assert_int_equal(chooser->slower_ns, 50000);
	assert_int_equal(chooser->rules.vcpu[0], 0x9);
	assert_int_equal(chooser->rules.vcpu[1], 0x1);
	assert_int_equal(chooser->rules.below, 429496729); /* 2^32 / 10 = 429,496,729.6 */
	assert_true(chooser->rules.some && chooser->rules.slower && chooser->rules.vcpus &&
		    chooser->rules.reasons);
	assert_false(chooser->rules.details);
}

static void classes_by_their_words(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "hvc"), 0); /* 0x12 and 0x16 */
	assert_classes(chooser, 0x440000, 0);
	assert_int_equal(chooser_add_reason(chooser, "wfi"), 0);
	assert_classes(chooser, 0x440000, 0x1);
	assert_int_equal(chooser_add_reason(chooser, "wfe"), 0);
	assert_classes(chooser, 0x440000, 0x3);
	assert_int_equal(chooser_add_reason(chooser, "mmio"), 0);
	assert_classes(chooser, 0x440000, 0x13);
	assert_int_equal(chooser_add_reason(chooser, "irq"), 0);
	assert_classes(chooser, 0x440000, 0x33);
	assert_int_equal(chooser_add_reason(chooser, "stage2"), 0); /* 0x20 and 0x24 */
	assert_classes(chooser, 0x1100440000, 0x33);
}

static void names_without_detail_are_classes(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "interrupt"), 0);
	assert_classes(chooser, 0, 0x20);
	assert_int_equal(chooser_add_reason(chooser, "run loop start"), 0);
	assert_classes(chooser, 0, 0x220);
	assert_int_equal(chooser->reasons, 0);
}

static void a_call_by_its_function(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "HVC 0x84000000 PSCI_VERSION"), 0);
	assert_int_equal(chooser->reasons, 2); /* from AArch32 and AArch64 */
	assert_int_equal(chooser->reason[0].esr, 0x48000000);
	assert_int_equal(chooser->reason[1].esr, 0x58000000);
	assert_int_equal(chooser->reason[1].number, 0x84000000);
	assert_int_equal(chooser_add_reason(chooser, "SMC 0x00000001 #0x7"), 0);
	assert_int_equal(chooser->reason[3].esr, 0x5c000007);
	assert_classes(chooser, 0, 0);
}

static void an_access_by_address_and_width(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "MMIO 0x9000018 read 4"), 0);
	assert_int_equal(chooser->reasons, 1);
	assert_int_equal(chooser->reason[0].esr, 0x91800000); /* 0x24; ISV, SAS 2 */
	assert_int_equal(chooser->reason[0].number, 0x9000018);
	assert_int_equal(chooser_add_reason(chooser, "MMIO 0x8000000 write"), 0);
	assert_int_equal(chooser->reasons, 2);
	assert_int_equal(chooser->reason[1].esr, 0x90000040); /* without ISV; WnR */
}

static void a_system_register_by_its_name(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "CNTPCT_EL0 read"), 0);
	assert_int_equal(chooser->reasons, 1);
	/* Op0 3, Op2 1, Op1 3, CRn 14, CRm 0, read: 0x18 << 26 | 3<<20 | 1<<17 | 3<<14 | 14<<10 | 1
	 */
	assert_int_equal(chooser->reason[0].esr, 0x6032f801);
}

static void assert_refused(int r, const char *sentence)
{
	assert_true(r < 0);
	assert_memory_equal(error_text(r), sentence, strlen(sentence));
	error_clear();
}

static void typos_are_refused(void **state)
{
	struct chooser *chooser = *state;

	assert_refused(chooser_add_reason(chooser, "mimo"),
		       "--reason: there is no reason 'mimo'; give one as the report prints it, or "
		       "a class: irq, serror, illegal, mmio, ");
	assert_refused(chooser_add_reason(chooser, ""), "--reason: there is no reason ''");
	assert_refused(chooser_add_reason(chooser, "HVC 0x84000000"), "--reason: there is no");
	assert_refused(chooser_add_vcpus(chooser, "1,,2"), "--vcpu must be a whole number");
	assert_refused(chooser_add_vcpus(chooser, "512"), "--vcpu must be a whole number from 0");
	assert_refused(chooser_sample(chooser, "1"), "--sample N must be");
	assert_refused(chooser_slower_than(chooser, "50"), "--slower-than must be a time");
}

static void marks_are_calls_with_the_number(void **state)
{
	(void)state;
	assert_true(choose_is_mark(EXIT_KIND_EXIT, EXIT_CODE_TRAP, 0x5a000000, 0xc6004d4b));
	assert_true(choose_is_mark(EXIT_KIND_EXIT, EXIT_CODE_TRAP, 0x5a000000, 0x86004d4b));
	assert_true(choose_is_mark(EXIT_KIND_EXIT, EXIT_CODE_TRAP, 0x5a000000, 0x7c6004d4b));
	assert_false(choose_is_mark(EXIT_KIND_EXIT, EXIT_CODE_TRAP, 0x5a000000, 0xc6004d4c));
	assert_false(choose_is_mark(EXIT_KIND_EXIT, EXIT_CODE_TRAP, 0x62000000, 0xc6004d4b));
	assert_false(choose_is_mark(EXIT_KIND_EXIT, EXIT_CODE_IRQ, 0x5a000000, 0xc6004d4b));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_chosen_is_all),	       TEST(options_are_kept_as_text),
		TEST(classes_by_their_words),	       TEST(names_without_detail_are_classes),
		TEST(a_call_by_its_function),	       TEST(an_access_by_address_and_width),
		TEST(a_system_register_by_its_name),   TEST(typos_are_refused),
		TEST(marks_are_calls_with_the_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
