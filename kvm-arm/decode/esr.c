/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/decode/esr.h"

#define RESERVED(class) [class] = { "reserved", "reserved class " #class }

/* DDI 0487, table of ESR_EL2.EC; "here" is EL2, "below" is EL1 or EL0. */
static const struct class_row {
	const char *key;
	const char *name;
} classes[ESR_CLASSES] = {
	[0x00] = { "unknown-reason", "unknown reason" },
	[0x01] = { "wfx", "trapped WFI or WFE" },
	[0x03] = { "cp15", "trapped MCR or MRC, coproc 15" },
	[0x04] = { "cp15", "trapped MCRR or MRRC, coproc 15" },
	[0x05] = { "cp14", "trapped MCR or MRC, coproc 14" },
	[0x06] = { "cp14", "trapped LDC or STC" },
	[0x07] = { "fp-simd", "trapped SVE, Advanced SIMD or floating point" },
	[0x08] = { "cp10", "trapped VMRS, ID group" },
	[0x09] = { "pauth", "trapped pointer authentication" },
	[0x0a] = { "ls64", "trapped LD64B or ST64B" },
	[0x0c] = { "cp14", "trapped MRRC, coproc 14" },
	[0x0d] = { "bti", "branch target exception" },
	[0x0e] = { "illegal", "illegal execution state" },
	[0x11] = { "svc", "SVC from AArch32" },
	[0x12] = { "hvc", "HVC from AArch32" },
	[0x13] = { "smc", "SMC from AArch32" },
	[0x14] = { "sysreg128", "trapped MSRR, MRRS or 128-bit system instruction" },
	[0x15] = { "svc", "SVC from AArch64" },
	[0x16] = { "hvc", "HVC from AArch64" },
	[0x17] = { "smc", "SMC from AArch64" },
	[0x18] = { "sysreg", "trapped MSR, MRS or system instruction" },
	[0x19] = { "sve", "trapped SVE" },
	[0x1a] = { "eret", "trapped ERET" },
	[0x1b] = { "tstart", "trapped TSTART" },
	[0x1c] = { "pauth-failure", "pointer authentication failure" },
	[0x1d] = { "sme", "trapped SME" },
	[0x1e] = { "granule", "granule protection check" },
	[0x1f] = { "implementation", "implementation defined exception to EL3" },
	[0x20] = { "instruction-abort", "instruction abort from below" },
	[0x21] = { "instruction-abort", "instruction abort here" },
	[0x22] = { "pc-alignment", "PC alignment fault" },
	[0x24] = { "data-abort", "data abort from below" },
	[0x25] = { "data-abort", "data abort here" },
	[0x26] = { "sp-alignment", "SP alignment fault" },
	[0x27] = { "memory-operation", "memory operation exception" },
	[0x28] = { "fp-exception", "floating-point exception from AArch32" },
	[0x2c] = { "fp-exception", "floating-point exception from AArch64" },
	[0x2d] = { "gcs", "guarded control stack exception" },
	[0x2f] = { "serror", "SError" },
	[0x30] = { "breakpoint", "breakpoint from below" },
	[0x31] = { "breakpoint", "breakpoint here" },
	[0x32] = { "software-step", "software step from below" },
	[0x33] = { "software-step", "software step here" },
	[0x34] = { "watchpoint", "watchpoint from below" },
	[0x35] = { "watchpoint", "watchpoint here" },
	[0x38] = { "bkpt", "BKPT from AArch32" },
	[0x3a] = { "vector-catch", "vector catch from AArch32" },
	[0x3c] = { "brk", "BRK from AArch64" },
	[0x3d] = { "profiling", "profiling exception" },
	/* What the manual leaves unallocated. */
	RESERVED(0x02),
	RESERVED(0x0b),
	RESERVED(0x0f),
	RESERVED(0x10),
	RESERVED(0x23),
	RESERVED(0x29),
	RESERVED(0x2a),
	RESERVED(0x2b),
	RESERVED(0x2e),
	RESERVED(0x36),
	RESERVED(0x37),
	RESERVED(0x39),
	RESERVED(0x3b),
	RESERVED(0x3e),
	RESERVED(0x3f),
};

const char *esr_class_key(unsigned int class)
{
	return classes[class % ESR_CLASSES].key;
}

const char *esr_class_name(unsigned int class)
{
	return classes[class % ESR_CLASSES].name;
}
