/* SPDX-License-Identifier: GPL-2.0-only */
/* Syndromes put together by hand from the manual's field layouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "kvm-arm/decode/esr.h"
#include "kvm-arm/decode/reason.h"
#include "kvm-arm/decode/smccc.h"
#include "kvm-arm/decode/sysreg.h"

enum { KERNEL = EXIT_FLAG_MMIO_KERNEL, VMM = EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER };

/* Traps: EC << 26 | IL (bit 25) | ISS. */
static const struct {
	uint32_t esr;
	uint64_t ipa, arg;
	uint16_t flags;
	const char *class, *handled, *detail, *name;
} traps[] = {
	/* EC 0x16: HVC, imm 0. */
	{ 0x5a000000, 0, 0x84000000, 0, "hvc", "kernel", "0x84000000 PSCI_VERSION",
	  "HVC 0x84000000 PSCI_VERSION" },
	{ 0x5a000000, 0, 0xc4000003, 0, "hvc", "kernel", "0xc4000003 CPU_ON",
	  "HVC 0xc4000003 CPU_ON" },
	{ 0x5a000000, 0, 0x84000008, EXIT_FLAG_USER, "hvc", "user", "0x84000008 SYSTEM_OFF",
	  "HVC 0x84000008 SYSTEM_OFF" },
	/* The SVE hint, bit 16, is shown and does not hide the name. */
	{ 0x5a000000, 0, 0x80010001, 0, "hvc", "kernel", "0x80010001 ARCH_FEATURES",
	  "HVC 0x80010001 ARCH_FEATURES" },
	{ 0x5a000000, 0, 0xc5000020, 0, "hvc", "kernel", "0xc5000020 PV_TIME_FEATURES",
	  "HVC 0xc5000020 PV_TIME_FEATURES" },
	{ 0x5a000000, 0, 0xc4000053, 0, "hvc", "kernel", "0xc4000053 TRNG_RND",
	  "HVC 0xc4000053 TRNG_RND" },
	/* The upper half of x0 is no part of the function; imm16 is 0x4b48. */
	{ 0x5a004b48, 0, 0xffffffff00000007, 0, "hvc", "kernel", "0x00000007 #0x4b48",
	  "HVC 0x00000007 #0x4b48" },
	/* EC 0x12 and 0x13, AArch32; bit 19 of an SMC's ISS is CCKNOWNPASS, no immediate. */
	{ 0x4a000000, 0, 0x84000002, 0, "hvc", "kernel", "0x84000002 CPU_OFF",
	  "HVC 0x84000002 CPU_OFF" },
	{ 0x4e080000, 0, 0x80000000, 0, "smc", "kernel", "0x80000000 SMCCC_VERSION",
	  "SMC 0x80000000 SMCCC_VERSION" },
	/* EC 0x17: SMC. */
	{ 0x5e000000, 0, 0x80008000, 0, "smc", "kernel", "0x80008000 ARCH_WORKAROUND_1",
	  "SMC 0x80008000 ARCH_WORKAROUND_1" },
	/* EC 0x01: CV (bit 24), COND 14 (23:20), TI (1:0). */
	{ 0x07e00000, 0, 0, 0, "wfi", "kernel", "", "WFI" },
	{ 0x07e00001, 0, 0, 0, "wfe", "kernel", "", "WFE" },
	{ 0x07e00002, 0, 0, 0, "wfit", "kernel", "", "WFIT" },
	{ 0x07e00003, 0, 0, EXIT_FLAG_USER, "wfet", "user", "", "WFET" },
	/* EC 0x18: op0 3 << 20, op2 << 17, op1 << 14, CRn << 10, Rt << 5, CRm << 1, read. */
	{ 0x623a3036, 0, 0, 0, "sysreg", "kernel", "ICC_SGI1R_EL1 write", "ICC_SGI1R_EL1 write" },
	{ 0x6232f801, 0, 0, 0, "sysreg", "kernel", "CNTPCT_EL0 read", "CNTPCT_EL0 read" },
	/* op0 2, CRn 1, CRm 0, op2 4; the same with CRm 3; op0 2, CRn 0, CRm 2, op2 2. */
	{ 0x62280400, 0, 0, 0, "sysreg", "kernel", "OSLAR_EL1 write", "OSLAR_EL1 write" },
	{ 0x62280406, 0, 0, 0, "sysreg", "kernel", "OSDLR_EL1 write", "OSDLR_EL1 write" },
	{ 0x62240005, 0, 0, 0, "sysreg", "kernel", "MDSCR_EL1 read", "MDSCR_EL1 read" },
	/* op0 2, CRm 5, op2 6: the sixth watchpoint value. */
	{ 0x622c000a, 0, 0, 0, "sysreg", "kernel", "DBGWVR5_EL1 write", "DBGWVR5_EL1 write" },
	/* op0 3, op1 3, CRn 14, CRm 9, op2 2: PMEVCNTR(8 + 2). */
	{ 0x6234f812, 0, 0, 0, "sysreg", "kernel", "PMEVCNTR10_EL0 write", "PMEVCNTR10_EL0 write" },
	/* op0 3, op1 0, CRn 0, CRm 7, op2 1. */
	{ 0x6232000f, 0, 0, 0, "sysreg", "kernel", "ID_AA64MMFR1_EL1 read",
	  "ID_AA64MMFR1_EL1 read" },
	/* op0 1, op1 0, CRn 7, CRm 14, op2 2: an instruction has no direction. */
	{ 0x62141c1c, 0, 0, 0, "sysreg", "kernel", "DC CISW", "DC CISW" },
	/* op0 3, op1 3, CRn 15, CRm 2, op2 1: no such name. */
	{ 0x6232fc05, 0, 0, 0, "sysreg", "kernel", "S3_3_C15_C2_1 read", "S3_3_C15_C2_1 read" },
	/* EC 0x03: opc2 0, opc1 0, CRn 9, CRm 13, read, condition 14; PMCCNTR. */
	{ 0x0fe0241b, 0, 0, 0, "cp15", "kernel", "p15 0 c9 c13 0 read", "p15 0 c9 c13 0 read" },
	/* EC 0x05: opc1 0, CRn 0, CRm 2, opc2 2, write. */
	{ 0x17e40004, 0, 0, 0, "cp14", "kernel", "p14 0 c0 c2 2 write", "p14 0 c0 c2 2 write" },
	/* EC 0x04: opc1 1 << 16, Rt2 2 << 10, Rt 1 << 5, CRm 14 << 1, read; CNTVCT. */
	{ 0x13e1083d, 0, 0, 0, "cp15", "kernel", "p15 1 c14 read", "p15 1 c14 read" },
	/* EC 0x24: ISV (24), SAS 2 (23:22), SRT 3, WnR (6), translation fault level 1. */
	{ 0x93830045, 0x08000100, 0, KERNEL, "mmio", "kernel", "0x8000100 write 4",
	  "MMIO 0x8000100 write 4" },
	{ 0x93830005, 0x09000018, 0, VMM, "mmio", "user", "0x9000018 read 4",
	  "MMIO 0x9000018 read 4" },
	{ 0x93000005, 0x09000018, 0, VMM, "mmio", "user", "0x9000018 read 1",
	  "MMIO 0x9000018 read 1" },
	{ 0x93c00045, 0x0a000000, 0, VMM, "mmio", "user", "0xa000000 write 8",
	  "MMIO 0xa000000 write 8" },
	/* Without ISV the width is not known, and SAS says nothing. */
	{ 0x92800045, 0x0a000000, 0, VMM, "mmio", "user", "0xa000000 write",
	  "MMIO 0xa000000 write" },
	/* No device: a stage 2 fault, whatever the address. */
	{ 0x93830045, 0x40001000, 0, 0, "stage2", "kernel", "data", "stage 2 fault, data" },
	{ 0x82000006, 0x40002000, 0, 0, "stage2", "kernel", "instruction",
	  "stage 2 fault, instruction" },
	/* EC 0x07, 0x19, 0x09, 0x1d, 0x3c, 0x32. */
	{ 0x1e000000, 0, 0, 0, "fp-simd", "kernel", "",
	  "trapped SVE, Advanced SIMD or floating point" },
	{ 0x66000000, 0, 0, 0, "sve", "kernel", "", "trapped SVE" },
	{ 0x26000000, 0, 0, 0, "pauth", "kernel", "", "trapped pointer authentication" },
	{ 0x76000000, 0, 0, 0, "sme", "kernel", "", "trapped SME" },
	{ 0xf2000001, 0, 0, EXIT_FLAG_USER, "brk", "user", "", "BRK from AArch64" },
	{ 0xca000022, 0, 0, EXIT_FLAG_USER, "software-step", "user", "",
	  "software step from below" },
	/* EC 0x3f is not allocated. */
	{ 0xfe000000, 0, 0, 0, "reserved", "kernel", "", "reserved class 0x3f" },
};

static void assert_reason(const struct exit_fixed *fixed, const char *class, const char *handled,
			  const char *detail, const char *name)
{
	struct exit_reason reason = reason_of(fixed);
	char text[REASON_TEXT];

	assert_string_equal(reason_name(&reason, text), name);
	assert_string_equal(reason_detail(&reason, text), detail);
	assert_string_equal(reason_class_key(&reason), class);
	assert_string_equal(reason_handled_key(&reason), handled);
}

static void traps_have_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(traps); i++) {
		struct exit_fixed fixed = {
			.kind = EXIT_KIND_EXIT,
			.code = EXIT_CODE_TRAP,
			.esr = traps[i].esr,
			.ipa = traps[i].ipa,
			.arg = traps[i].arg,
			.flags = traps[i].flags,
		};

		assert_reason(&fixed, traps[i].class, traps[i].handled, traps[i].detail,
			      traps[i].name);
	}
}

/* The syndrome of anything but a trap is not looked at. */
static void other_records_have_reasons(void **state)
{
	static const struct {
		uint8_t kind, code;
		uint16_t flags;
		const char *class, *handled, *detail, *name;
	} rows[] = {
		{ EXIT_KIND_EXIT, EXIT_CODE_IRQ, 0, "irq", "kernel", "", "interrupt" },
		{ EXIT_KIND_EXIT, EXIT_CODE_IRQ, 1, "irq", "user", "", "interrupt" },
		{ EXIT_KIND_EXIT, EXIT_CODE_SERROR, 0, "serror", "kernel", "", "SError" },
		{ EXIT_KIND_EXIT, EXIT_CODE_IL, 0, "illegal", "kernel", "",
		  "illegal exception return" },
		{ EXIT_KIND_EXIT, 9, 0, "code", "kernel", "9", "exception code 9" },
		{ EXIT_KIND_START, 0, 0, "start", "kernel", "", "run loop start" },
		{ EXIT_KIND_CONTINUATION, 0, 0, "aborted", "kernel", "", "entry aborted" },
		{ EXIT_KIND_CONTINUATION, 0, 1, "run-loop", "user", "", "run loop" },
		{ 7, 0, 0, "kind", "kernel", "7", "record kind 7" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct exit_fixed fixed = { .kind = rows[i].kind,
					    .code = rows[i].code,
					    .flags = rows[i].flags,
					    .esr = 0x5a000000 };

		assert_reason(&fixed, rows[i].class, rows[i].handled, rows[i].detail, rows[i].name);
	}
}

static void every_class_has_a_name(void **state)
{
	(void)state;
	for (unsigned int class = 0; class < ESR_CLASSES; class ++) {
		struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT,
					    .code = EXIT_CODE_TRAP,
					    .esr = (uint64_t) class << 26 };
		struct exit_reason reason = reason_of(&fixed);
		char text[REASON_TEXT];

		assert_true(strlen(esr_class_name(class)) > 2);
		assert_true(strlen(esr_class_key(class)) > 1);
		assert_true(strlen(reason_name(&reason, text)) > 2);
		assert_null(strstr(text, "UNKNOWN"));
	}
	assert_string_equal(esr_class_name(0x2c), "floating-point exception from AArch64");
	assert_string_equal(esr_class_name(0x2b), "reserved class 0x2b");
	assert_string_equal(esr_class_key(0x2b), "reserved");
}

static struct exit_reason reason_of_trap(uint32_t esr, uint64_t ipa, uint64_t arg, uint16_t flags)
{
	struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT,
				    .code = EXIT_CODE_TRAP,
				    .esr = esr,
				    .ipa = ipa,
				    .arg = arg,
				    .flags = flags };

	return reason_of(&fixed);
}

static bool equal(const struct exit_reason *left, const struct exit_reason *right)
{
	int order = reason_compare(left, right);

	assert_true((order < 0) == (reason_compare(right, left) > 0));
	return !order;
}

/* What the guest's registers and the fault's level are does not make another reason. */
static void equal_where_a_row_is_shared(void **state)
{
	struct exit_reason sgi = reason_of_trap(0x623a3036, 0, 0, 0);
	struct exit_reason sgi_x9 = reason_of_trap(0x623a3136, 0, 0, 0);
	struct exit_reason sgi_read = reason_of_trap(0x623a3037, 0, 0, 0);
	struct exit_reason uart = reason_of_trap(0x93830045, 0x9000000, 0, VMM);
	struct exit_reason uart_x5 = reason_of_trap(0x93850047, 0x9000000, 7, VMM);
	struct exit_reason uart_next = reason_of_trap(0x93830045, 0x9000004, 0, VMM);
	struct exit_reason uart_kernel = reason_of_trap(0x93830045, 0x9000000, 0, KERNEL);
	struct exit_reason pair = reason_of_trap(0x92800045, 0x9000000, 0, VMM);
	struct exit_reason pair_other = reason_of_trap(0x92400045, 0x9000000, 0, VMM);
	struct exit_reason fault = reason_of_trap(0x93830045, 0x40000000, 0, 0);
	struct exit_reason fault_next = reason_of_trap(0x93830007, 0x50000000, 0, 0);

	(void)state;
	assert_true(equal(&sgi, &sgi_x9));
	assert_false(equal(&sgi, &sgi_read));
	assert_true(equal(&uart, &uart_x5));
	assert_false(equal(&uart, &uart_next));
	assert_false(equal(&uart, &uart_kernel));
	assert_true(equal(&pair, &pair_other)); /* no ISV: SAS is not valid */
	assert_true(equal(&fault, &fault_next));
	assert_true(reason_is_mmio(&uart) && reason_mmio_is_write(&uart));
	assert_false(reason_is_mmio(&fault));
}

static void classes_gather_what_is_too_much(void **state)
{
	struct exit_reason uart = reason_of_trap(0x93830045, 0x9000000, 0, VMM), rest;
	char text[REASON_TEXT];

	(void)state;
	rest = reason_of_class(&uart);
	assert_string_equal(reason_name(&rest, text), "MMIO, other addresses");
	assert_string_equal(reason_handled_key(&rest), "user");
	assert_string_equal(reason_class_key(&rest), "mmio");
	assert_false(reason_is_mmio(&rest));
	rest = reason_el2();
	assert_string_equal(reason_name(&rest, text), "finished at EL2");
	assert_string_equal(reason_handled_key(&rest), "el2");
	rest = reason_of_class(&rest);
	assert_string_equal(reason_name(&rest, text), "other reasons");
}

static void functions_are_found_in_both_forms(void **state)
{
	(void)state;
	assert_string_equal(smccc_name(0x84000001), "CPU_SUSPEND");
	assert_string_equal(smccc_name(0xc4000001), "CPU_SUSPEND");
	assert_string_equal(smccc_name(0x80000000), "SMCCC_VERSION");
	assert_string_equal(smccc_name(0x8600ff01), "VENDOR_CALL_UID");
	assert_null(smccc_name(0x12345678));
	assert_null(smccc_name(0x04000000)); /* a yielding call is another function */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traps_have_reasons),
		cmocka_unit_test(other_records_have_reasons),
		cmocka_unit_test(every_class_has_a_name),
		cmocka_unit_test(equal_where_a_row_is_shared),
		cmocka_unit_test(classes_gather_what_is_too_much),
		cmocka_unit_test(functions_are_found_in_both_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
