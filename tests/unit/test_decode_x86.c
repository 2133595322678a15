/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers taken by hand from the Intel SDM, the AMD64 APM and linux/kvm.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "kvm-arm/decode/reason.h"

#define WIDTH(bytes) ((uint64_t)(bytes) << EXIT_X86_WIDTH_SHIFT)
#define WRITE (UINT64_C(1) << EXIT_X86_WRITE_BIT)

enum { VMX = EXIT_CODE_VMX, SVM = EXIT_CODE_SVM, RUN = EXIT_CODE_RUN };
enum { KERNEL = EXIT_FLAG_MMIO_KERNEL, VMM = EXIT_FLAG_MMIO_USER | EXIT_FLAG_USER };

static const struct {
	uint8_t code;
	uint64_t esr, arg;
	uint16_t flags;
	const char *class, *handled, *name;
} rows[] = {
	{ VMX, 12, 0, 0, "hlt", "kernel", "HLT" },
	{ VMX, 1, 0, 0, "irq", "kernel", "external interrupt" },
	{ VMX, 10, 0, 0, "cpuid", "kernel", "CPUID" },
	{ VMX, 18, 11, 0, "vmcall", "kernel", "VMCALL 11" },
	{ VMX, 30 | WIDTH(1) | WRITE, 0x3f8, VMM, "pio", "user", "I/O port 0x3f8 write 1" },
	{ VMX, 30, 0, 0, "pio", "kernel", "I/O instruction" },
	{ VMX, 31, 0x1b, 0, "msr", "kernel", "MSR 0x1b read" },
	{ VMX, 32 | WRITE, 0x6e0, 0, "msr", "kernel", "MSR 0x6e0 write" },
	{ VMX, 48, 0, 0, "ept-violation", "kernel", "EPT violation" },
	{ VMX, 48 | WIDTH(4) | WRITE, 0xfec00000, KERNEL, "mmio", "kernel",
	  "MMIO 0xfec00000 write 4" },
	/* An eventfd's, whose width nobody tells. */
	{ VMX, 49 | WRITE, 0xfebf2000, KERNEL, "mmio", "kernel", "MMIO 0xfebf2000 write" },
	{ VMX, 49 | WIDTH(2), 0xfebf1000, VMM, "mmio", "user", "MMIO 0xfebf1000 read 2" },
	/* Bit 31 of the exit reason: entry failure. */
	{ VMX, 0x80000021, 0, 0, "entry-failure", "kernel", "entry failure, guest state" },
	{ VMX, 35, 0, 0, "vmx", "kernel", "VMX exit reason 0x23" },

	{ SVM, 0x78, 0, 0, "hlt", "kernel", "HLT" },
	{ SVM, 0x60, 0, 0, "irq", "kernel", "external interrupt" },
	{ SVM, 0x7b | WIDTH(4), 0xcf8, VMM, "pio", "user", "I/O port 0xcf8 read 4" },
	{ SVM, 0x7c | WRITE, 0xc0000080, 0, "msr", "kernel", "MSR 0xc0000080 write" },
	{ SVM, 0x81, 5, 0, "vmcall", "kernel", "VMCALL 5" },
	{ SVM, 0x400, 0, 0, "npf", "kernel", "nested page fault" },
	{ SVM, 0x400 | WIDTH(8), 0xfee00030, KERNEL, "mmio", "kernel", "MMIO 0xfee00030 read 8" },
	{ SVM, 0x13, 0, 0, "register", "kernel", "CR3 write" },
	{ SVM, 0x27, 0, 0, "register", "kernel", "DR7 read" },
	{ SVM, 0x4e, 0, 0, "exception", "kernel", "exception 14 #PF" },
	{ SVM, 0x94, 0, 0, "register", "kernel", "CR4 write" },
	{ SVM, 0xffffffff, 0, 0, "entry-failure", "kernel", "entry failure, guest state" },
	{ SVM, 0x3ff, 0, 0, "svm", "kernel", "SVM exit code 0x3ff" },

	{ RUN, 2 | WIDTH(2), 0x60, VMM, "pio", "user", "I/O port 0x60 read 2" },
	{ RUN, 6 | WIDTH(1) | WRITE, 0x1000, KERNEL, "mmio", "kernel", "MMIO 0x1000 write 1" },
	{ RUN, 5, 0, EXIT_FLAG_USER, "hlt", "user", "HLT" },
	{ RUN, 10, 0, EXIT_FLAG_USER, "signal", "user", "signal" },
	{ RUN, 99, 0, EXIT_FLAG_USER, "run", "user", "return from KVM_RUN 0x63" },
};

static void exits_have_reasons(void **state)
{
	char name[REASON_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT,
						  .code = rows[i].code,
						  .esr = rows[i].esr,
						  .arg = rows[i].arg,
						  .flags = rows[i].flags };
		struct exit_reason reason = reason_of(&fixed);

		assert_string_equal(reason_name(&reason, name), rows[i].name);
		assert_string_equal(reason_class_key(&reason), rows[i].class);
		assert_string_equal(reason_handled_key(&reason), rows[i].handled);
		assert_int_equal(reason_is_mmio(&reason), !strcmp(rows[i].class, "mmio"));
		if (reason_is_mmio(&reason))
			assert_int_equal(reason_mmio_is_write(&reason), !!(rows[i].esr & WRITE));
	}
}

/* Every number has a name, and no two numbers share a row unless they share the name. */
static void every_number_has_a_name(void **state)
{
	static const uint8_t codes[] = { VMX, SVM, RUN };
	char name[REASON_TEXT], other[REASON_TEXT];

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(codes); c++)
		for (uint64_t number = 0; number < 0x420; number++) {
			struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT,
						    .code = codes[c],
						    .esr = number };
			struct exit_reason reason = reason_of(&fixed), next;

			assert_true(*reason_name(&reason, name));
			assert_true(*reason_class_key(&reason));
			assert_null(strstr(name, "UNKNOWN"));
			fixed.esr++;
			next = reason_of(&fixed);
			if (!reason_compare(&reason, &next))
				assert_string_equal(name, reason_name(&next, other));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exits_have_reasons),
		cmocka_unit_test(every_number_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
