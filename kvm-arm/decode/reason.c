/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/decode/reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "kvm-arm/decode/esr.h"
#include "kvm-arm/decode/reason_class.h"
#include "kvm-arm/decode/smccc.h"
#include "kvm-arm/decode/sysreg.h"
#include "kvm-x86/decode/exit.h"

/* For all ESR classes without a row of their own; `number` is the class. */
static const struct reason_class esr_only;

static char *detail_call(const struct exit_reason *reason, char text[REASON_TEXT])
{
	const char *name = smccc_name((uint32_t)reason->number);
	int length = snprintf(text, REASON_TEXT, "0x%08" PRIx64 "%s%s", reason->number,
			      name ? " " : "", name ? name : "");

	if (reason->syndrome)
		snprintf(text + length, REASON_TEXT - (size_t)length, " #0x%x", reason->syndrome);
	return text;
}

static char *detail_sysreg(const struct exit_reason *reason, char text[REASON_TEXT])
{
	return sysreg_access(reason->syndrome, text);
}

static char *detail_aarch32(const struct exit_reason *reason, char text[REASON_TEXT])
{
	return sysreg_access_aarch32(reason->syndrome, (unsigned int)reason->number, text);
}

static char *detail_aarch32_wide(const struct exit_reason *reason, char text[REASON_TEXT])
{
	return sysreg_access_aarch32_wide(reason->syndrome, (unsigned int)reason->number, text);
}

static char *detail_mmio(const struct exit_reason *reason, char text[REASON_TEXT])
{
	unsigned int width = esr_abort_width(reason->syndrome);
	int length = snprintf(text, REASON_TEXT, "0x%" PRIx64 " %s", reason->number,
			      esr_abort_is_write(reason->syndrome) ? "write" : "read");

	if (width)
		snprintf(text + length, REASON_TEXT - (size_t)length, " %u", width);
	return text;
}

static char *detail_data(const struct exit_reason *reason, char text[REASON_TEXT])
{
	(void)reason;
	return strcpy(text, "data");
}

static char *detail_instruction(const struct exit_reason *reason, char text[REASON_TEXT])
{
	(void)reason;
	return strcpy(text, "instruction");
}

static char *detail_number(const struct exit_reason *reason, char text[REASON_TEXT])
{
	snprintf(text, REASON_TEXT, "%" PRIu64, reason->number);
	return text;
}

static const struct reason_class class_start = { "start", "run loop start", NULL };
static const struct reason_class class_aborted = { "aborted", "entry aborted", NULL };
static const struct reason_class class_run_loop = { "run-loop", "run loop", NULL };
static const struct reason_class class_el2 = { "el2", "finished at EL2", NULL };
static const struct reason_class class_el2_others = { "others", "others at EL2", NULL };
static const struct reason_class class_irq = { "irq", "interrupt", NULL };
static const struct reason_class class_serror = { "serror", "SError", NULL };
static const struct reason_class class_illegal = { "illegal", "illegal exception return", NULL };
static const struct reason_class class_code = { "code", "exception code", detail_number };
static const struct reason_class class_kind = { "kind", "record kind", detail_number };
static const struct reason_class class_call[] = {
	{ "hvc", "HVC", detail_call },
	{ "smc", "SMC", detail_call },
};
static const struct reason_class class_sysreg = { "sysreg", "", detail_sysreg };
static const struct reason_class class_aarch32[] = {
	{ "cp14", "", detail_aarch32 },
	{ "cp15", "", detail_aarch32 },
};
static const struct reason_class class_aarch32_wide[] = {
	{ "cp14", "", detail_aarch32_wide },
	{ "cp15", "", detail_aarch32_wide },
};
const struct reason_class reason_class_mmio = { "mmio", "MMIO", detail_mmio };
static const struct reason_class class_stage2_data = { "stage2", "stage 2 fault,", detail_data };
static const struct reason_class class_stage2_instruction = { "stage2", "stage 2 fault,",
							      detail_instruction };
/* ISS of class 0x01: TI, bits 1:0. */
static const struct reason_class class_wait[] = {
	{ "wfi", "WFI", NULL },
	{ "wfe", "WFE", NULL },
	{ "wfit", "WFIT", NULL },
	{ "wfet", "WFET", NULL },
};

/* ISS of HVC and SMC: imm16, bits 15:0; 0 there for an SMC from AArch32. */
static void decode_call(struct exit_reason *reason, const struct reason_class *class,
			const struct exit_fixed *fixed)
{
	reason->class = class;
	reason->number = (uint32_t)fixed->arg;
	reason->syndrome = esr_iss(fixed->esr) & 0xffff;
}

static void decode_hvc(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	decode_call(reason, &class_call[0], fixed);
}

static void decode_smc(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	decode_call(reason, &class_call[1], fixed);
}

static void decode_wait(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	reason->class = &class_wait[esr_iss(fixed->esr) & 3];
}

static void decode_sysreg(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	reason->class = &class_sysreg;
	reason->syndrome = sysreg_identity(esr_iss(fixed->esr));
}

static void decode_aarch32(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	bool is15 = esr_class(fixed->esr) == ESR_CLASS_CP15_32;

	reason->class = &class_aarch32[is15];
	reason->number = is15 ? 15 : 14;
	reason->syndrome = sysreg_identity_aarch32(esr_iss(fixed->esr));
}

static void decode_aarch32_wide(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	bool is15 = esr_class(fixed->esr) == ESR_CLASS_CP15_64;

	reason->class = &class_aarch32_wide[is15];
	reason->number = is15 ? 15 : 14;
	reason->syndrome = sysreg_identity_wide(esr_iss(fixed->esr));
}

/* Keeps ISV, SAS and WnR of the ISS: what an access to a device is known by. */
static void decode_data_abort(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	uint32_t keep = esr_abort_width(fixed->esr) ? 0x1c00040 : 0x40;

	if (!(fixed->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER))) {
		reason->class = &class_stage2_data;
		return;
	}
	reason->class = &reason_class_mmio;
	reason->number = fixed->ipa;
	reason->syndrome = esr_iss(fixed->esr) & keep;
}

uint32_t reason_mmio_syndrome(unsigned int width, bool is_write)
{
	uint32_t size = width ? 1u << 24 | (uint32_t)__builtin_ctz(width | 8) << 22 : 0;

	return size | (is_write ? 0x40 : 0);
}

static void decode_instruction_abort(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	(void)fixed;
	reason->class = &class_stage2_instruction;
}

typedef void (*decode_function)(struct exit_reason *reason, const struct exit_fixed *fixed);

static const decode_function by_esr_class[ESR_CLASSES] = {
	[ESR_CLASS_WFX] = decode_wait,
	[ESR_CLASS_CP15_32] = decode_aarch32,
	[ESR_CLASS_CP14_32] = decode_aarch32,
	[ESR_CLASS_CP15_64] = decode_aarch32_wide,
	[ESR_CLASS_CP14_64] = decode_aarch32_wide,
	[ESR_CLASS_HVC32] = decode_hvc,
	[ESR_CLASS_HVC64] = decode_hvc,
	[ESR_CLASS_SMC32] = decode_smc,
	[ESR_CLASS_SMC64] = decode_smc,
	[ESR_CLASS_SYS64] = decode_sysreg,
	[ESR_CLASS_DATA_ABORT] = decode_data_abort,
	[ESR_CLASS_INSTRUCTION_ABORT] = decode_instruction_abort,
};

static void decode_trap(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	unsigned int class = esr_class(fixed->esr);

	reason->class = &esr_only;
	if (by_esr_class[class])
		by_esr_class[class](reason, fixed);
	else
		reason->number = class;
}

static void decode_exit(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	static const struct reason_class *const by_code[] = {
		[EXIT_CODE_IRQ] = &class_irq,
		[EXIT_CODE_SERROR] = &class_serror,
		[EXIT_CODE_IL] = &class_illegal,
	};

	if (fixed->code == EXIT_CODE_TRAP) {
		decode_trap(reason, fixed);
		return;
	}
	if (fixed->code >= EXIT_CODE_VMX && fixed->code <= EXIT_CODE_RUN) {
		x86_decode(reason, fixed);
		return;
	}
	reason->class = fixed->code < ARRAY_SIZE(by_code) ? by_code[fixed->code] : &class_code;
	if (reason->class == &class_code)
		reason->number = fixed->code;
}

struct exit_reason reason_of(const struct exit_fixed *fixed)
{
	bool user = fixed->flags & (EXIT_FLAG_USER | EXIT_FLAG_MMIO_USER);
	struct exit_reason reason = { .handled = user ? REASON_USER : REASON_KERNEL };

	switch (fixed->kind) {
	case EXIT_KIND_EXIT:
		decode_exit(&reason, fixed);
		break;
	case EXIT_KIND_START:
		reason.class = &class_start;
		break;
	case EXIT_KIND_CONTINUATION:
		reason.class = user ? &class_run_loop : &class_aborted;
		break;
	default:
		reason.class = &class_kind;
		reason.number = fixed->kind;
	}
	return reason;
}

static char *detail_immediate(const struct exit_reason *reason, char text[REASON_TEXT])
{
	text[0] = '\0';
	if (reason->syndrome)
		snprintf(text, REASON_TEXT, "#0x%x", reason->syndrome);
	return text;
}

static char *detail_direction(const struct exit_reason *reason, char text[REASON_TEXT])
{
	return strcpy(text, esr_abort_is_write(reason->syndrome) ? "write" : "read");
}

/* Classes that are less, or another thing, where EL2 does it all; `keep` is of the ISS. */
static const struct el2_row {
	unsigned int esr_class;
	uint32_t keep;
	struct reason_class class;
} el2_rows[] = {
	{ ESR_CLASS_HVC32, 0xffff, { "hvc", "HVC", detail_immediate } },
	{ ESR_CLASS_HVC64, 0xffff, { "hvc", "HVC", detail_immediate } },
	{ ESR_CLASS_SMC32, 0xffff, { "smc", "SMC", detail_immediate } },
	{ ESR_CLASS_SMC64, 0xffff, { "smc", "SMC", detail_immediate } },
	{ ESR_CLASS_FP_SIMD, 0, { "fp-simd", "FP/SIMD access", NULL } },
	{ ESR_CLASS_SVE, 0, { "sve", "SVE access", NULL } },
	{ ESR_CLASS_DATA_ABORT, 0x40, { "data-abort", "data abort", detail_direction } },
	{ ESR_CLASS_INSTRUCTION_ABORT, 0, { "instruction-abort", "instruction abort", NULL } },
};

static const struct el2_row *find_el2_row(uint64_t esr)
{
	for (size_t i = 0; i < ARRAY_SIZE(el2_rows); i++)
		if (el2_rows[i].esr_class == esr_class(esr))
			return &el2_rows[i];
	return NULL;
}

struct exit_reason reason_of_el2(uint64_t esr, uint8_t code)
{
	const struct exit_fixed fixed = { .kind = EXIT_KIND_EXIT, .code = code, .esr = esr };
	const struct el2_row *row = code == EXIT_CODE_TRAP ? find_el2_row(esr) : NULL;
	struct exit_reason reason = { .handled = REASON_EL2 };

	if (esr == UINT64_MAX) {
		reason.class = &class_el2_others;
	} else if (row) {
		reason.class = &row->class;
		reason.syndrome = esr_iss(esr) & row->keep;
	} else {
		decode_exit(&reason, &fixed);
	}
	return reason;
}

struct exit_reason reason_el2(void)
{
	return (struct exit_reason){ .class = &class_el2, .handled = REASON_EL2 };
}

static const struct reason_class class_rest = { "other", "other reasons", NULL };

struct exit_reason reason_others(void)
{
	return (struct exit_reason){ .class = &class_rest, .handled = REASON_KERNEL };
}

static const struct reason_class *class_without_detail(const struct reason_class *class)
{
	static const struct {
		const struct reason_class *class, other;
	} others[] = {
		{ &reason_class_mmio, { "mmio", "MMIO, other addresses", NULL } },
		{ &class_sysreg, { "sysreg", "system registers, others", NULL } },
		{ &class_call[0], { "hvc", "HVC, other functions", NULL } },
		{ &class_call[1], { "smc", "SMC, other functions", NULL } },
	};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].class == class)
			return &others[i].other;
	return &class_rest;
}

struct exit_reason reason_of_class(const struct exit_reason *reason)
{
	return (struct exit_reason){ .class = class_without_detail(reason->class),
				     .handled = reason->handled };
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

int reason_compare(const struct exit_reason *left, const struct exit_reason *right)
{
	int order = compare_numbers((uintptr_t)left->class, (uintptr_t)right->class);

	if (!order)
		order = compare_numbers(left->handled, right->handled);
	if (!order)
		order = compare_numbers(left->number, right->number);
	return order ? order : compare_numbers(left->syndrome, right->syndrome);
}

bool reason_is_mmio(const struct exit_reason *reason)
{
	return reason->class == &reason_class_mmio;
}

bool reason_mmio_is_write(const struct exit_reason *reason)
{
	return esr_abort_is_write(reason->syndrome);
}

const char *reason_class_key(const struct exit_reason *reason)
{
	return reason->class->key ? reason->class->key
				  : esr_class_key((unsigned int)reason->number);
}

const char *reason_handled_key(const struct exit_reason *reason)
{
	static const char *const keys[] = {
		[REASON_EL2] = "el2",
		[REASON_KERNEL] = "kernel",
		[REASON_USER] = "user",
	};

	return keys[reason->handled];
}

char *reason_detail(const struct exit_reason *reason, char text[REASON_TEXT])
{
	if (!reason->class->detail)
		return strcpy(text, "");
	return reason->class->detail(reason, text);
}

char *reason_name(const struct exit_reason *reason, char text[REASON_TEXT])
{
	const char *label = reason->class->label;
	char detail[REASON_TEXT];

	if (!label)
		label = esr_class_name((unsigned int)reason->number);
	reason_detail(reason, detail);
	snprintf(text, REASON_TEXT, "%.52s%s%.40s", label, *label && *detail ? " " : "", detail);
	return text;
}
