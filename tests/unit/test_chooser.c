/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Options to rules; syndromes and classes worked out by hand from the Arm ARM, numbers of
 * x86 from the Intel SDM, the AMD64 APM and linux/kvm.h.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/chooser.h"
#include "kvm-arm/decode/reason.h"

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

/* What `record` does on a patched kernel. */
static int add_arm_reason(struct chooser *chooser, const char *name)
{
	int r = chooser_add_reason(chooser, name);

	return r < 0 ? r : chooser_use_tier(chooser, "patched", NULL);
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

	assert_int_equal(add_arm_reason(chooser, "hvc"), 0); /* 0x12 and 0x16 */
	assert_classes(chooser, 0x440000, 0);
	assert_int_equal(add_arm_reason(chooser, "wfi"), 0);
	assert_classes(chooser, 0x440000, 0x1);
	assert_int_equal(add_arm_reason(chooser, "wfe"), 0);
	assert_classes(chooser, 0x440000, 0x3);
	assert_int_equal(add_arm_reason(chooser, "mmio"), 0);
	assert_classes(chooser, 0x440000, 0x13);
	assert_int_equal(add_arm_reason(chooser, "irq"), 0);
	assert_classes(chooser, 0x440000, 0x33);
	assert_int_equal(add_arm_reason(chooser, "stage2"), 0); /* 0x20 and 0x24 */
	assert_classes(chooser, 0x1100440000, 0x33);
}

static void names_without_detail_are_classes(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(add_arm_reason(chooser, "interrupt"), 0);
	assert_classes(chooser, 0, 0x20);
	assert_int_equal(add_arm_reason(chooser, "run loop start"), 0);
	assert_classes(chooser, 0, 0x220);
	assert_int_equal(chooser->reasons, 0);
}

static void a_call_by_its_function(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(add_arm_reason(chooser, "HVC 0x84000000 PSCI_VERSION"), 0);
	assert_int_equal(chooser->reasons, 2); /* from AArch32 and AArch64 */
	assert_int_equal(chooser->reason[0].esr, 0x48000000);
	assert_int_equal(chooser->reason[1].esr, 0x58000000);
	assert_int_equal(chooser->reason[1].number, 0x84000000);
	assert_int_equal(add_arm_reason(chooser, "SMC 0x00000001 #0x7"), 0);
	assert_int_equal(chooser->reason[3].esr, 0x5c000007);
	assert_classes(chooser, 0, 0);
}

static void an_access_by_address_and_width(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(add_arm_reason(chooser, "MMIO 0x9000018 read 4"), 0);
	assert_int_equal(chooser->reasons, 1);
	assert_int_equal(chooser->reason[0].esr, 0x91800000); /* 0x24; ISV, SAS 2 */
	assert_int_equal(chooser->reason[0].number, 0x9000018);
	assert_int_equal(add_arm_reason(chooser, "MMIO 0x8000000 write"), 0);
	assert_int_equal(chooser->reasons, 2);
	assert_int_equal(chooser->reason[1].esr, 0x90000040); /* without ISV; WnR */
}

static void a_system_register_by_its_name(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(add_arm_reason(chooser, "CNTPCT_EL0 read"), 0);
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

	assert_refused(add_arm_reason(chooser, "mimo"),
		       "--reason: there is no reason 'mimo'; give one as the report prints it, or "
		       "a class: irq, serror, illegal, mmio, ");
	chooser->names = 0;
	assert_refused(add_arm_reason(chooser, ""), "--reason: there is no reason ''");
	chooser->names = 0;
	assert_refused(add_arm_reason(chooser, "HVC 0x84000000"), "--reason: there is no");
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

/* --- x86 ------------------------------------------------------------------------ */

/* Tiers whose exits have names of their own. */
static const struct exits {
	const char *tier, *mode;
	uint8_t code;
} vmx = { "x86", "vmx", EXIT_CODE_VMX }, svm = { "x86", "svm", EXIT_CODE_SVM },
  run = { "generic", "svm", EXIT_CODE_RUN };

#define WIDTH(bytes) ((uint64_t)(bytes) << EXIT_X86_WIDTH_SHIFT)
#define WRITE (UINT64_C(1) << EXIT_X86_WRITE_BIT)

enum { KERNEL = EXIT_FLAG_MMIO_KERNEL, VMM = EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER };

/* As choose_has_x86_reason() of probes/choose.bpf.h, with the map of reasons. */
static bool is_chosen(const struct chooser *chooser, const struct exit_fixed *exit)
{
	uint32_t class = choose_x86_class(exit->kind, exit->code, exit->flags, exit->esr);
	struct choose_reason reason =
		choose_x86_reason(exit->code, exit->flags, exit->esr, exit->arg);

	if (chooser->rules.class[class / 64] >> (class % 64) & 1)
		return true;
	for (unsigned int i = 0; exit->kind == EXIT_KIND_EXIT && i < chooser->reasons; i++)
		if (chooser->reason[i].esr == reason.esr &&
		    chooser->reason[i].number == reason.number)
			return true;
	return false;
}

static const struct x86_row {
	const struct exits *of;
	uint64_t esr, arg;
	uint16_t flags;
	const char *class, *name;
} x86_rows[] = {
	{ &vmx, 1, 0, 0, "irq", "external interrupt" },
	{ &vmx, 10, 0, 0, "cpuid", "CPUID" },
	{ &vmx, 12, 0, 0, "hlt", "HLT" },
	{ &vmx, 18, 11, 0, "vmcall", "VMCALL 11" },
	{ &vmx, 30 | WIDTH(1) | WRITE, 0x3f8, VMM, "pio", "I/O port 0x3f8 write 1" },
	{ &vmx, 30, 0, 0, "pio", "I/O instruction" },
	{ &vmx, 31, 0x1b, 0, "msr", "MSR 0x1b read" },
	{ &vmx, 32 | WRITE, 0x6e0, 0, "msr", "MSR 0x6e0 write" },
	{ &vmx, 48, 0, 0, "ept-violation", "EPT violation" },
	{ &vmx, 48 | WIDTH(4) | WRITE, 0xfec00000, KERNEL, "mmio", "MMIO 0xfec00000 write 4" },
	{ &vmx, 49 | WIDTH(4) | WRITE, 0xfec00000, VMM, "mmio", "MMIO 0xfec00000 write 4" },
	{ &vmx, 49 | WRITE, 0xfebf2000, KERNEL, "mmio", "MMIO 0xfebf2000 write" },
	/* Bits 31 and 27 of the exit reason: entry failure, from an enclave. */
	{ &vmx, 0x80000021, 0, 0, "entry-failure", "entry failure, guest state" },
	{ &vmx, 0x0800000c, 0, 0, "hlt", "HLT" },
	{ &vmx, 35, 0, 0, "vmx", "VMX exit reason 0x23" },
	{ &vmx, 0x1234, 0, 0, "vmx", "VMX exit reason 0x1234" },

	{ &svm, 0x78, 0, 0, "hlt", "HLT" },
	{ &svm, 0x7b | WIDTH(1), 0x500, VMM, "pio", "I/O port 0x500 read 1" },
	{ &svm, 0x7c, 0x1b, 0, "msr", "MSR 0x1b read" },
	{ &svm, 0x7c | WRITE, 0xc0000080, 0, "msr", "MSR 0xc0000080 write" },
	{ &svm, 0x7c, 0, 0, "msr", "MSR 0x0 read" },
	{ &svm, 0x81, 5, 0, "vmcall", "VMCALL 5" },
	{ &svm, 0x400, 0, 0, "npf", "nested page fault" },
	{ &svm, 0x400 | WIDTH(8), 0xfee00030, KERNEL, "mmio", "MMIO 0xfee00030 read 8" },
	/* Wider than a name tells. */
	{ &svm, 0x400 | WIDTH(16) | WRITE, 0x1000, VMM, "mmio", "MMIO 0x1000 write 8" },
	{ &svm, 0, 0, 0, "register", "CR0 read" },
	{ &svm, 0x13, 0, 0, "register", "CR3 write" },
	{ &svm, 0x27, 0, 0, "register", "DR7 read" },
	{ &svm, 0x94, 0, 0, "register", "CR4 write" },
	{ &svm, 0x4e, 0, 0, "exception", "exception 14 #PF" },
	{ &svm, 0xffffffff, 0, 0, "entry-failure", "entry failure, guest state" },
	{ &svm, 0xa8, 0, 0, "svm", "SVM exit code 0xa8" },
	{ &svm, 0x3ff, 0, 0, "svm", "SVM exit code 0x3ff" },

	{ &run, 2 | WIDTH(2), 0x60, VMM, "pio", "I/O port 0x60 read 2" },
	{ &run, 6 | WIDTH(1) | WRITE, 0x1000, VMM, "mmio", "MMIO 0x1000 write 1" },
	{ &run, 5, 0, EXIT_FLAG_USER, "hlt", "HLT" },
	{ &run, 10, 0, EXIT_FLAG_USER, "signal", "signal" },
	{ &run, 0, 0, EXIT_FLAG_USER, "run", "return from KVM_RUN" },
	{ &run, 77, 0, EXIT_FLAG_USER, "run", "return from KVM_RUN 0x4d" },
};

static struct exit_fixed exit_of(const struct x86_row *row)
{
	return (struct exit_fixed){ .kind = EXIT_KIND_EXIT,
				    .code = row->of->code,
				    .flags = row->flags,
				    .esr = row->esr,
				    .arg = row->arg };
}

/* Of all rows of the same tier, those with the name, or of the class, and no others. */
static void assert_alone(const struct exits *of, const char *name, bool is_class)
{
	struct chooser chooser = { 0 };

	assert_int_equal(chooser_add_reason(&chooser, name), 0);
	assert_int_equal(chooser_use_tier(&chooser, of->tier, of->mode), 0);
	assert_string_equal(chooser.text.data + strlen("reason "), name);
	for (size_t i = 0; i < ARRAY_SIZE(x86_rows); i++) {
		const struct x86_row *row = &x86_rows[i];
		struct exit_fixed exit = exit_of(row);

		if (row->of != of)
			continue;
		if (is_chosen(&chooser, &exit) != !strcmp(is_class ? row->class : row->name, name))
			fail_msg("%s: %s is %schosen", name, row->name,
				 is_chosen(&chooser, &exit) ? "" : "not ");
		exit.kind = EXIT_KIND_START;
		assert_false(is_chosen(&chooser, &exit));
	}
	chooser_release(&chooser);
}

static void each_exit_of_x86_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(x86_rows); i++) {
		struct exit_fixed exit = exit_of(&x86_rows[i]);
		struct exit_reason reason = reason_of(&exit);
		char name[REASON_TEXT];

		assert_string_equal(reason_name(&reason, name), x86_rows[i].name);
		assert_alone(x86_rows[i].of, x86_rows[i].name, false);
	}
}

static void each_exit_of_x86_by_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(x86_rows); i++)
		assert_alone(x86_rows[i].of, x86_rows[i].class, true);
}

static void starts_are_on_every_tier(void **state)
{
	const struct exit_fixed start = { .kind = EXIT_KIND_START, .code = EXIT_CODE_SVM };
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "run loop start"), 0);
	assert_int_equal(chooser_use_tier(chooser, "x86", "svm"), 0);
	assert_true(is_chosen(chooser, &start));
	assert_int_equal(chooser_use_tier(chooser, "generic", "unknown"), 0);
	assert_true(is_chosen(chooser, &start));
}

/* A name that several tiers have means another exit on each. */
static void the_tier_in_use_decides(void **state)
{
	struct chooser *chooser = *state;

	assert_int_equal(chooser_add_reason(chooser, "hlt"), 0);
	assert_int_equal(chooser_add_reason(chooser, "I/O port 0x500 read 1"), 0);
	assert_int_equal(chooser_use_tier(chooser, "x86", "svm"), 0);
	assert_int_equal(chooser->reasons, 1);
	assert_int_equal(chooser_use_tier(chooser, "x86", "vmx"), 0);
	assert_int_equal(chooser->reasons, 1);
	assert_int_equal(chooser->rules.class[2], 1 << 12);
	assert_int_equal(chooser->rules.class[3], 0);
	assert_true(chooser->rules.details);
	assert_string_equal(buffer_text(&chooser->text),
			    "reason hlt; reason I/O port 0x500 read 1");
}

static void assert_of_another_tier(const char *name, const char *tier, const char *mode,
				   const char *sentence)
{
	struct chooser chooser = { 0 };

	assert_int_equal(chooser_add_reason(&chooser, name), 0);
	assert_refused(chooser_use_tier(&chooser, tier, mode), sentence);
	chooser_release(&chooser);
}

static void names_of_other_tiers_are_refused(void **state)
{
	(void)state;
	assert_of_another_tier("hvc", "x86", "svm",
			       "--reason: 'hvc' is a reason of tier patched or stock, and this is "
			       "tier x86 with SVM; give one as its reports print it, or a class: "
			       "start, pio, mmio, svm, register, exception, irq, ");
	assert_of_another_tier("CPUID", "patched", "nvhe",
			       "--reason: 'CPUID' is a reason of tier x86 with SVM, x86 with VMX, "
			       "and this is tier patched or stock; give one as its reports print "
			       "it, or a class: irq, serror, ");
	assert_of_another_tier("MSR 0x1b read", "generic", "svm",
			       "--reason: 'MSR 0x1b read' is a reason of tier x86 with SVM, x86 "
			       "with VMX, and this is tier generic; give one as its reports");
	assert_of_another_tier("EPT violation", "x86", "svm",
			       "--reason: 'EPT violation' is a reason of tier x86 with VMX, and "
			       "this is tier x86 with SVM; ");
	assert_of_another_tier("mimo", "x86", "svm",
			       "--reason: there is no reason 'mimo'; give one as the report prints "
			       "it, or a class: start, pio, mmio, svm, ");
	assert_of_another_tier("hlt", "x86", "unknown", "--reason: tier x86 does not tell");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_chosen_is_all),	       TEST(options_are_kept_as_text),
		TEST(classes_by_their_words),	       TEST(names_without_detail_are_classes),
		TEST(a_call_by_its_function),	       TEST(an_access_by_address_and_width),
		TEST(a_system_register_by_its_name),   TEST(typos_are_refused),
		TEST(marks_are_calls_with_the_number), TEST(each_exit_of_x86_by_its_name),
		TEST(each_exit_of_x86_by_its_class),   TEST(starts_are_on_every_tier),
		TEST(the_tier_in_use_decides),	       TEST(names_of_other_tiers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
