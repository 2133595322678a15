/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-x86/decode/exit.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "kvm-arm/decode/reason_class.h"

/* --- details -------------------------------------------------------------------- */

enum { SYNDROME_WRITE = 1 << 8, SYNDROME_WIDTH = 0xff };

static const char *direction(const struct exit_reason *reason)
{
	return reason->syndrome & SYNDROME_WRITE ? "write" : "read";
}

static char *detail_port(const struct exit_reason *reason, char text[REASON_TEXT])
{
	snprintf(text, REASON_TEXT, "0x%" PRIx64 " %s %u", reason->number, direction(reason),
		 reason->syndrome & SYNDROME_WIDTH);
	return text;
}

static char *detail_msr(const struct exit_reason *reason, char text[REASON_TEXT])
{
	snprintf(text, REASON_TEXT, "0x%" PRIx64 " %s", reason->number, direction(reason));
	return text;
}

static char *detail_call(const struct exit_reason *reason, char text[REASON_TEXT])
{
	snprintf(text, REASON_TEXT, "%" PRIu64, reason->number);
	return text;
}

/* SVM: codes 0x00 to 0x3f are CR and DR, bit 4 of which says write. */
static char *detail_register(const struct exit_reason *reason, char text[REASON_TEXT])
{
	snprintf(text, REASON_TEXT, "%s%" PRIu64 " %s", reason->number & 0x20 ? "DR" : "CR",
		 reason->number & 0xf, reason->number & 0x10 ? "write" : "read");
	return text;
}

static char *detail_vector(const struct exit_reason *reason, char text[REASON_TEXT])
{
	static const char *const names[] = {
		"DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "",   "TS",
		"NP", "SS", "GP",  "PF", "",   "MF", "AC", "MC", "XF", "VE", "CP",
		"",   "",   "",	   "",	 "",   "",   "HV", "VC", "SX", "",
	};
	const char *name = names[reason->number % ARRAY_SIZE(names)];

	snprintf(text, REASON_TEXT, "%" PRIu64 "%s%s", reason->number, *name ? " #" : "", name);
	return text;
}

static char *detail_code(const struct exit_reason *reason, char text[REASON_TEXT])
{
	snprintf(text, REASON_TEXT, "0x%" PRIx64, reason->number);
	return text;
}

static const struct reason_class class_port = { "pio", "I/O port", detail_port };
static const struct reason_class class_msr = { "msr", "MSR", detail_msr };
static const struct reason_class class_call = { "vmcall", "VMCALL", detail_call };
static const struct reason_class class_register = { "register", "", detail_register };
static const struct reason_class class_vector = { "exception", "exception", detail_vector };

/* Numbers that no table has. */
static const struct reason_class class_code[] = {
	{ "vmx", "VMX exit reason", detail_code },
	{ "svm", "SVM exit code", detail_code },
	{ "run", "return from KVM_RUN", detail_code },
};

/* --- names ------------------------------------------------------------------------ */

struct exit_row {
	uint32_t number;
	struct reason_class class;
};

static const struct exit_row vmx_rows[] = {
	{ 0, { "exception", "exception or NMI", NULL } },
	{ 1, { "irq", "external interrupt", NULL } },
	{ 2, { "triple-fault", "triple fault", NULL } },
	{ 3, { "init", "INIT", NULL } },
	{ 4, { "sipi", "SIPI", NULL } },
	{ 5, { "smi", "I/O SMI", NULL } },
	{ 6, { "smi", "other SMI", NULL } },
	{ 7, { "irq-window", "interrupt window", NULL } },
	{ 8, { "nmi-window", "NMI window", NULL } },
	{ 9, { "task-switch", "task switch", NULL } },
	{ 10, { "cpuid", "CPUID", NULL } },
	{ 11, { "getsec", "GETSEC", NULL } },
	{ 12, { "hlt", "HLT", NULL } },
	{ 13, { "invd", "INVD", NULL } },
	{ 14, { "invlpg", "INVLPG", NULL } },
	{ 15, { "rdpmc", "RDPMC", NULL } },
	{ 16, { "rdtsc", "RDTSC", NULL } },
	{ 17, { "rsm", "RSM", NULL } },
	{ 19, { "nested", "VMCLEAR", NULL } },
	{ 20, { "nested", "VMLAUNCH", NULL } },
	{ 21, { "nested", "VMPTRLD", NULL } },
	{ 22, { "nested", "VMPTRST", NULL } },
	{ 23, { "nested", "VMREAD", NULL } },
	{ 24, { "nested", "VMRESUME", NULL } },
	{ 25, { "nested", "VMWRITE", NULL } },
	{ 26, { "nested", "VMXOFF", NULL } },
	{ 27, { "nested", "VMXON", NULL } },
	{ 28, { "register", "CR access", NULL } },
	{ 29, { "register", "DR access", NULL } },
	{ 30, { "pio", "I/O instruction", NULL } },
	{ 33, { "entry-failure", "entry failure, guest state", NULL } },
	{ 34, { "entry-failure", "entry failure, MSR loading", NULL } },
	{ 36, { "mwait", "MWAIT", NULL } },
	{ 37, { "monitor-trap", "monitor trap flag", NULL } },
	{ 39, { "monitor", "MONITOR", NULL } },
	{ 40, { "pause", "PAUSE", NULL } },
	{ 41, { "entry-failure", "entry failure, machine check", NULL } },
	{ 43, { "apic", "TPR below threshold", NULL } },
	{ 44, { "apic", "APIC access", NULL } },
	{ 45, { "apic", "virtualized EOI", NULL } },
	{ 46, { "descriptor", "GDTR or IDTR access", NULL } },
	{ 47, { "descriptor", "LDTR or TR access", NULL } },
	{ 48, { "ept-violation", "EPT violation", NULL } },
	{ 49, { "ept-misconfiguration", "EPT misconfiguration", NULL } },
	{ 50, { "nested", "INVEPT", NULL } },
	{ 51, { "rdtscp", "RDTSCP", NULL } },
	{ 52, { "timer", "VMX preemption timer", NULL } },
	{ 53, { "nested", "INVVPID", NULL } },
	{ 54, { "wbinvd", "WBINVD", NULL } },
	{ 55, { "xsetbv", "XSETBV", NULL } },
	{ 56, { "apic", "APIC write", NULL } },
	{ 57, { "rdrand", "RDRAND", NULL } },
	{ 58, { "invpcid", "INVPCID", NULL } },
	{ 59, { "nested", "VMFUNC", NULL } },
	{ 60, { "encls", "ENCLS", NULL } },
	{ 61, { "rdseed", "RDSEED", NULL } },
	{ 62, { "pml-full", "page modification log full", NULL } },
	{ 63, { "xsaves", "XSAVES", NULL } },
	{ 64, { "xrstors", "XRSTORS", NULL } },
	{ 65, { "pconfig", "PCONFIG", NULL } },
	{ 66, { "spp", "sub-page permission", NULL } },
	{ 67, { "umwait", "UMWAIT", NULL } },
	{ 68, { "tpause", "TPAUSE", NULL } },
	{ 69, { "loadiwkey", "LOADIWKEY", NULL } },
	{ 70, { "enclv", "ENCLV", NULL } },
	{ 72, { "enqcmd", "ENQCMD, PASID", NULL } },
	{ 73, { "enqcmd", "ENQCMDS, PASID", NULL } },
	{ 74, { "bus-lock", "bus lock", NULL } },
	{ 75, { "notify", "notify window", NULL } },
	{ 76, { "seamcall", "SEAMCALL", NULL } },
	{ 77, { "tdcall", "TDCALL", NULL } },
};

static const struct exit_row svm_rows[] = {
	{ 0x60, { "irq", "external interrupt", NULL } },
	{ 0x61, { "nmi", "NMI", NULL } },
	{ 0x62, { "smi", "SMI", NULL } },
	{ 0x63, { "init", "INIT", NULL } },
	{ 0x64, { "irq-window", "virtual interrupt", NULL } },
	{ 0x65, { "register", "CR0 write, selective", NULL } },
	{ 0x66, { "descriptor", "IDTR read", NULL } },
	{ 0x67, { "descriptor", "GDTR read", NULL } },
	{ 0x68, { "descriptor", "LDTR read", NULL } },
	{ 0x69, { "descriptor", "TR read", NULL } },
	{ 0x6a, { "descriptor", "IDTR write", NULL } },
	{ 0x6b, { "descriptor", "GDTR write", NULL } },
	{ 0x6c, { "descriptor", "LDTR write", NULL } },
	{ 0x6d, { "descriptor", "TR write", NULL } },
	{ 0x6e, { "rdtsc", "RDTSC", NULL } },
	{ 0x6f, { "rdpmc", "RDPMC", NULL } },
	{ 0x70, { "pushf", "PUSHF", NULL } },
	{ 0x71, { "popf", "POPF", NULL } },
	{ 0x72, { "cpuid", "CPUID", NULL } },
	{ 0x73, { "rsm", "RSM", NULL } },
	{ 0x74, { "iret", "IRET", NULL } },
	{ 0x75, { "swint", "software interrupt", NULL } },
	{ 0x76, { "invd", "INVD", NULL } },
	{ 0x77, { "pause", "PAUSE", NULL } },
	{ 0x78, { "hlt", "HLT", NULL } },
	{ 0x79, { "invlpg", "INVLPG", NULL } },
	{ 0x7a, { "invlpga", "INVLPGA", NULL } },
	{ 0x7b, { "pio", "I/O instruction", NULL } },
	{ 0x7d, { "task-switch", "task switch", NULL } },
	{ 0x7e, { "ferr", "FERR freeze", NULL } },
	{ 0x7f, { "shutdown", "shutdown", NULL } },
	{ 0x80, { "nested", "VMRUN", NULL } },
	{ 0x82, { "nested", "VMLOAD", NULL } },
	{ 0x83, { "nested", "VMSAVE", NULL } },
	{ 0x84, { "nested", "STGI", NULL } },
	{ 0x85, { "nested", "CLGI", NULL } },
	{ 0x86, { "nested", "SKINIT", NULL } },
	{ 0x87, { "rdtscp", "RDTSCP", NULL } },
	{ 0x88, { "icebp", "ICEBP", NULL } },
	{ 0x89, { "wbinvd", "WBINVD", NULL } },
	{ 0x8a, { "monitor", "MONITOR", NULL } },
	{ 0x8b, { "mwait", "MWAIT", NULL } },
	{ 0x8c, { "mwait", "MWAIT, conditional", NULL } },
	{ 0x8d, { "xsetbv", "XSETBV", NULL } },
	{ 0x8e, { "rdpru", "RDPRU", NULL } },
	{ 0x8f, { "register", "EFER write, trapped after", NULL } },
	{ 0xa0, { "invlpgb", "INVLPGB", NULL } },
	{ 0xa1, { "invlpgb", "INVLPGB, illegal", NULL } },
	{ 0xa2, { "invpcid", "INVPCID", NULL } },
	{ 0xa3, { "mcommit", "MCOMMIT", NULL } },
	{ 0xa4, { "tlbsync", "TLBSYNC", NULL } },
	{ 0xa5, { "bus-lock", "bus lock", NULL } },
	{ 0xa6, { "hlt", "HLT, idle", NULL } },
	{ 0x400, { "npf", "nested page fault", NULL } },
	{ 0x401, { "avic", "AVIC, incomplete IPI", NULL } },
	{ 0x402, { "avic", "AVIC, access not accelerated", NULL } },
	{ 0x403, { "vmgexit", "VMGEXIT", NULL } },
	{ 0xffffffff, { "entry-failure", "entry failure, guest state", NULL } },
	{ 0xfffffffe, { "busy", "entry refused, busy", NULL } },
};

/* KVM_EXIT_*, all of them handled in user space. */
static const struct exit_row run_rows[] = {
	{ 0, { "run", "return from KVM_RUN", NULL } },
	{ 1, { "exception", "exception", NULL } },
	{ 2, { "pio", "I/O port", NULL } },
	{ 3, { "hypercall", "hypercall", NULL } },
	{ 4, { "debug", "debug", NULL } },
	{ 5, { "hlt", "HLT", NULL } },
	{ 6, { "mmio", "MMIO", NULL } },
	{ 7, { "irq-window", "interrupt window", NULL } },
	{ 8, { "shutdown", "shutdown", NULL } },
	{ 9, { "entry-failure", "entry failure", NULL } },
	{ 10, { "signal", "signal", NULL } },
	{ 12, { "tpr", "TPR access", NULL } },
	{ 16, { "nmi", "NMI", NULL } },
	{ 17, { "internal-error", "internal error", NULL } },
	{ 24, { "system-event", "system event", NULL } },
	{ 26, { "eoi", "IOAPIC EOI", NULL } },
	{ 27, { "hyperv", "Hyper-V", NULL } },
	{ 28, { "nisv", "abort without syndrome", NULL } },
	{ 29, { "msr", "MSR read", NULL } },
	{ 30, { "msr", "MSR write", NULL } },
	{ 31, { "dirty-ring", "dirty ring full", NULL } },
	{ 33, { "bus-lock", "bus lock", NULL } },
	{ 34, { "xen", "Xen", NULL } },
	{ 37, { "notify", "notify window", NULL } },
	{ 39, { "memory-fault", "memory fault", NULL } },
};

static const struct reason_class *find_row(const struct exit_row *row, size_t count,
					   uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (row[i].number == number)
			return &row[i].class;
	return NULL;
}

/* --- decoding ----------------------------------------------------------------------- */

enum { VMX_VMCALL = 18, VMX_IO = 30, VMX_RDMSR = 31, VMX_WRMSR = 32 };
enum {
	SVM_LAST_REGISTER = 0x3f,
	SVM_LAST_EXCEPTION = 0x5f,
	SVM_IOIO = 0x7b,
	SVM_MSR = 0x7c,
	SVM_VMMCALL = 0x81,
	SVM_FIRST_CR_TRAP = 0x90,
	SVM_LAST_CR_TRAP = 0x9f
};

static bool is_write(uint64_t esr)
{
	return esr >> EXIT_X86_WRITE_BIT & 1;
}

static unsigned int width(uint64_t esr)
{
	return esr >> EXIT_X86_WIDTH_SHIFT & 0xff;
}

/* What the record says besides the number: `number` of the reason, and how. */
static void take_detail(struct exit_reason *reason, const struct reason_class *class,
			const struct exit_fixed *fixed)
{
	reason->class = class;
	reason->number = fixed->arg;
	reason->syndrome = width(fixed->esr) | (is_write(fixed->esr) ? SYNDROME_WRITE : 0);
}

static void take_number(struct exit_reason *reason, const struct reason_class *class,
			uint32_t number)
{
	reason->class = class;
	reason->number = number;
}

/* To a port, where the exit was for an I/O instruction; else to memory. */
static bool decode_access(struct exit_reason *reason, const struct exit_fixed *fixed, bool is_port)
{
	bool device = fixed->flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);

	if (!device)
		return false;
	if (is_port) {
		take_detail(reason, &class_port, fixed);
		return true;
	}
	reason->class = &reason_class_mmio;
	reason->number = fixed->arg;
	reason->syndrome = reason_mmio_syndrome(width(fixed->esr), is_write(fixed->esr));
	return true;
}

static void decode_named(struct exit_reason *reason, const struct exit_row *row, size_t count,
			 uint32_t number, const struct reason_class *unlisted)
{
	const struct reason_class *class = find_row(row, count, number);

	if (class)
		reason->class = class;
	else
		take_number(reason, unlisted, number);
}

static void decode_vmx(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	uint32_t number = (uint16_t)fixed->esr; /* the basic reason */

	if (decode_access(reason, fixed, number == VMX_IO))
		return;
	if (number == VMX_RDMSR || number == VMX_WRMSR)
		take_detail(reason, &class_msr, fixed);
	else if (number == VMX_VMCALL)
		take_detail(reason, &class_call, fixed);
	else
		decode_named(reason, vmx_rows, ARRAY_SIZE(vmx_rows), number, &class_code[0]);
}

static void decode_svm(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	uint32_t number = (uint32_t)fixed->esr;

	if (decode_access(reason, fixed, number == SVM_IOIO))
		return;
	if (number == SVM_MSR)
		take_detail(reason, &class_msr, fixed);
	else if (number == SVM_VMMCALL)
		take_detail(reason, &class_call, fixed);
	else if (number <= SVM_LAST_REGISTER)
		take_number(reason, &class_register, number);
	else if (number <= SVM_LAST_EXCEPTION)
		take_number(reason, &class_vector, number - SVM_LAST_REGISTER - 1);
	else if (number >= SVM_FIRST_CR_TRAP && number <= SVM_LAST_CR_TRAP)
		take_number(reason, &class_register, (number & 0xf) | 0x10);
	else
		decode_named(reason, svm_rows, ARRAY_SIZE(svm_rows), number, &class_code[1]);
}

static void decode_run(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	uint32_t number = (uint32_t)fixed->esr;

	if (!decode_access(reason, fixed, number == EXIT_RUN_PORT))
		decode_named(reason, run_rows, ARRAY_SIZE(run_rows), number, &class_code[2]);
}

void x86_decode(struct exit_reason *reason, const struct exit_fixed *fixed)
{
	if (fixed->code == EXIT_CODE_VMX)
		decode_vmx(reason, fixed);
	else if (fixed->code == EXIT_CODE_SVM)
		decode_svm(reason, fixed);
	else
		decode_run(reason, fixed);
}
