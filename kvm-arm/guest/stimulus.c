/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/stimulus.h"

#include "kvm-arm/guest/gic.h"
#include "kvm-arm/guest/machine.h"

enum {
	/* DBGBCR0_EL1: E (enabled), PMC 0b10 (at EL0 only), BAS (all four bytes) */
	BREAKPOINT = 1 << 0 | 2 << 1 | 0xf << 5,
	MDSCR_MDE = 1 << 15,
	CPACR_FPEN = 3 << 20,
	PMCR_E = 1 << 0,
	PMCNTEN_CYCLES = 1 << 31,
};

#define SCTLR_ENIA (1ULL << 31)

/* A breakpoint at an address of EL0, where nothing runs. */
static void enable_debug(void)
{
	write_sysreg("dbgbvr0_el1", 0);
	write_sysreg("dbgbcr0_el1", BREAKPOINT);
	write_sysreg("mdscr_el1", read_sysreg("mdscr_el1") | MDSCR_MDE);
	isb();
}

/* Interrupts are masked while operations run, so these stay pending. */
static void send_sgis(struct runner *runner, uint64_t count)
{
	if (!count)
		return;
	gic_enable(runner, (uint32_t)((1ULL << count) - 1));
	for (uint64_t intid = 0; intid < count; intid++)
		gic_send_to_self(runner, intid);
}

static void enable_fp(void)
{
	write_sysreg("cpacr_el1", read_sysreg("cpacr_el1") | CPACR_FPEN);
	isb();
	fp_use();
}

/* Signs a pointer and checks it: PACIA1716 and AUTIA1716, by their numbers as hints. */
static void enable_ptrauth(void)
{
	write_sysreg("s3_0_c2_c1_0", 0x0123456789abcdef); /* APIAKeyLo_EL1 */
	write_sysreg("s3_0_c2_c1_1", 0xfedcba9876543210); /* APIAKeyHi_EL1 */
	write_sysreg("sctlr_el1", read_sysreg("sctlr_el1") | SCTLR_ENIA);
	isb();
	__asm__ volatile("adr x17, .\n\tmov x16, sp\n\thint #8\n\thint #12" : : : "x16", "x17");
}

static void enable_pmu(void)
{
	write_sysreg("pmccfiltr_el0", 0);
	write_sysreg("pmcntenset_el0", (uint32_t)PMCNTEN_CYCLES);
	write_sysreg("pmcr_el0", PMCR_E);
	isb();
}

void stimulus_apply(const struct plan *plan, struct runner *runner)
{
	if (plan->debug)
		enable_debug();
	send_sgis(runner, plan->sgi);
	if (plan->fp)
		enable_fp();
	if (plan->ptrauth)
		enable_ptrauth();
	if (plan->pmu)
		enable_pmu();
}
