/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/decode/sysreg.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * DDI 0487, "ISS encoding for an exception from MSR, MRS, or System instruction
 * execution in AArch64 state": Op0 21:20, Op2 19:17, Op1 16:14, CRn 13:10,
 * Rt 9:5, CRm 4:1, Direction 0 (1 is a read). The encoding for MCR and MRC has
 * the same places, Opc2 and Opc1 for Op2 and Op1, and a condition above; that
 * for MCRR and MRRC: Opc1 19:16, Rt2 14:10, Rt 9:5, CRm 4:1, Direction 0.
 */
enum { IDENTITY = 0x3ffc1f, IDENTITY_AARCH32 = 0x0ffc1f, IDENTITY_WIDE = 0x0f001f };

struct access {
	unsigned int op0, op1, crn, crm, op2;
	bool read;
};

/* An encoding as one number, so that rows can be ranges. */
#define REG(op0, op1, crn, crm, op2) ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* One register; or `count` of them, numbered from 0 in place of the name's '#', `step` apart. */
struct row {
	uint16_t first;
	const char *name;
	uint16_t count;
	uint16_t step;
};

#define SEVERAL(op0, op1, crn, crm, op2, name, count, step)                                        \
	{                                                                                          \
		REG(op0, op1, crn, crm, op2), name, count, step                                    \
	}
#define ONE(op0, op1, crn, crm, op2, name) SEVERAL(op0, op1, crn, crm, op2, name, 1, 1)

/* DDI 0487, "AArch64 System Register Encoding" and "The A64 System Instruction Class". */
static const struct row rows[] = {
	/* Timers */
	ONE(3, 0, 14, 1, 0, "CNTKCTL_EL1"),
	ONE(3, 3, 14, 0, 0, "CNTFRQ_EL0"),
	ONE(3, 3, 14, 0, 1, "CNTPCT_EL0"),
	ONE(3, 3, 14, 0, 2, "CNTVCT_EL0"),
	ONE(3, 3, 14, 0, 5, "CNTPCTSS_EL0"),
	ONE(3, 3, 14, 0, 6, "CNTVCTSS_EL0"),
	ONE(3, 3, 14, 2, 0, "CNTP_TVAL_EL0"),
	ONE(3, 3, 14, 2, 1, "CNTP_CTL_EL0"),
	ONE(3, 3, 14, 2, 2, "CNTP_CVAL_EL0"),
	ONE(3, 3, 14, 3, 0, "CNTV_TVAL_EL0"),
	ONE(3, 3, 14, 3, 1, "CNTV_CTL_EL0"),
	ONE(3, 3, 14, 3, 2, "CNTV_CVAL_EL0"),
	/* GIC CPU interface */
	ONE(3, 0, 4, 6, 0, "ICC_PMR_EL1"),
	ONE(3, 0, 12, 8, 0, "ICC_IAR0_EL1"),
	ONE(3, 0, 12, 8, 1, "ICC_EOIR0_EL1"),
	ONE(3, 0, 12, 8, 2, "ICC_HPPIR0_EL1"),
	ONE(3, 0, 12, 8, 3, "ICC_BPR0_EL1"),
	SEVERAL(3, 0, 12, 8, 4, "ICC_AP0R#_EL1", 4, 1),
	SEVERAL(3, 0, 12, 9, 0, "ICC_AP1R#_EL1", 4, 1),
	ONE(3, 0, 12, 9, 5, "ICC_NMIAR1_EL1"),
	ONE(3, 0, 12, 11, 1, "ICC_DIR_EL1"),
	ONE(3, 0, 12, 11, 3, "ICC_RPR_EL1"),
	ONE(3, 0, 12, 11, 5, "ICC_SGI1R_EL1"),
	ONE(3, 0, 12, 11, 6, "ICC_ASGI1R_EL1"),
	ONE(3, 0, 12, 11, 7, "ICC_SGI0R_EL1"),
	ONE(3, 0, 12, 12, 0, "ICC_IAR1_EL1"),
	ONE(3, 0, 12, 12, 1, "ICC_EOIR1_EL1"),
	ONE(3, 0, 12, 12, 2, "ICC_HPPIR1_EL1"),
	ONE(3, 0, 12, 12, 3, "ICC_BPR1_EL1"),
	ONE(3, 0, 12, 12, 4, "ICC_CTLR_EL1"),
	ONE(3, 0, 12, 12, 5, "ICC_SRE_EL1"),
	ONE(3, 0, 12, 12, 6, "ICC_IGRPEN0_EL1"),
	ONE(3, 0, 12, 12, 7, "ICC_IGRPEN1_EL1"),
	/* PMU */
	ONE(3, 3, 9, 12, 0, "PMCR_EL0"),
	ONE(3, 3, 9, 12, 1, "PMCNTENSET_EL0"),
	ONE(3, 3, 9, 12, 2, "PMCNTENCLR_EL0"),
	ONE(3, 3, 9, 12, 3, "PMOVSCLR_EL0"),
	ONE(3, 3, 9, 12, 4, "PMSWINC_EL0"),
	ONE(3, 3, 9, 12, 5, "PMSELR_EL0"),
	ONE(3, 3, 9, 12, 6, "PMCEID0_EL0"),
	ONE(3, 3, 9, 12, 7, "PMCEID1_EL0"),
	ONE(3, 3, 9, 13, 0, "PMCCNTR_EL0"),
	ONE(3, 3, 9, 13, 1, "PMXEVTYPER_EL0"),
	ONE(3, 3, 9, 13, 2, "PMXEVCNTR_EL0"),
	ONE(3, 3, 9, 14, 0, "PMUSERENR_EL0"),
	ONE(3, 3, 9, 14, 3, "PMOVSSET_EL0"),
	ONE(3, 0, 9, 14, 1, "PMINTENSET_EL1"),
	ONE(3, 0, 9, 14, 2, "PMINTENCLR_EL1"),
	ONE(3, 0, 9, 14, 6, "PMMIR_EL1"),
	SEVERAL(3, 3, 14, 8, 0, "PMEVCNTR#_EL0", 31, 1),
	SEVERAL(3, 3, 14, 12, 0, "PMEVTYPER#_EL0", 31, 1),
	ONE(3, 3, 14, 15, 7, "PMCCFILTR_EL0"),
	/* Debug */
	ONE(2, 0, 0, 0, 2, "OSDTRRX_EL1"),
	SEVERAL(2, 0, 0, 0, 4, "DBGBVR#_EL1", 16, 8),
	SEVERAL(2, 0, 0, 0, 5, "DBGBCR#_EL1", 16, 8),
	SEVERAL(2, 0, 0, 0, 6, "DBGWVR#_EL1", 16, 8),
	SEVERAL(2, 0, 0, 0, 7, "DBGWCR#_EL1", 16, 8),
	ONE(2, 0, 0, 2, 0, "MDCCINT_EL1"),
	ONE(2, 0, 0, 2, 2, "MDSCR_EL1"),
	ONE(2, 0, 0, 3, 2, "OSDTRTX_EL1"),
	ONE(2, 0, 0, 6, 2, "OSECCR_EL1"),
	ONE(2, 0, 1, 0, 0, "MDRAR_EL1"),
	ONE(2, 0, 1, 0, 4, "OSLAR_EL1"),
	ONE(2, 0, 1, 1, 4, "OSLSR_EL1"),
	ONE(2, 0, 1, 3, 4, "OSDLR_EL1"),
	ONE(2, 0, 1, 4, 4, "DBGPRCR_EL1"),
	ONE(2, 0, 7, 8, 6, "DBGCLAIMSET_EL1"),
	ONE(2, 0, 7, 9, 6, "DBGCLAIMCLR_EL1"),
	ONE(2, 0, 7, 14, 6, "DBGAUTHSTATUS_EL1"),
	ONE(2, 3, 0, 1, 0, "MDCCSR_EL0"),
	ONE(2, 3, 0, 4, 0, "DBGDTR_EL0"),
	/* Statistical profiling and trace buffer */
	ONE(3, 0, 9, 9, 0, "PMSCR_EL1"),
	ONE(3, 0, 9, 9, 7, "PMSIDR_EL1"),
	ONE(3, 0, 9, 10, 0, "PMBLIMITR_EL1"),
	ONE(3, 0, 9, 10, 1, "PMBPTR_EL1"),
	ONE(3, 0, 9, 10, 3, "PMBSR_EL1"),
	ONE(3, 0, 9, 10, 7, "PMBIDR_EL1"),
	ONE(3, 0, 1, 2, 1, "TRFCR_EL1"),
	ONE(3, 0, 9, 11, 0, "TRBLIMITR_EL1"),
	ONE(3, 0, 9, 11, 7, "TRBIDR_EL1"),
	/* Identification */
	ONE(3, 0, 0, 0, 0, "MIDR_EL1"),
	ONE(3, 0, 0, 0, 5, "MPIDR_EL1"),
	ONE(3, 0, 0, 0, 6, "REVIDR_EL1"),
	SEVERAL(3, 0, 0, 1, 0, "ID_PFR#_EL1", 2, 1),
	ONE(3, 0, 0, 1, 2, "ID_DFR0_EL1"),
	ONE(3, 0, 0, 1, 3, "ID_AFR0_EL1"),
	SEVERAL(3, 0, 0, 1, 4, "ID_MMFR#_EL1", 4, 1),
	SEVERAL(3, 0, 0, 2, 0, "ID_ISAR#_EL1", 6, 1),
	ONE(3, 0, 0, 2, 6, "ID_MMFR4_EL1"),
	ONE(3, 0, 0, 2, 7, "ID_ISAR6_EL1"),
	SEVERAL(3, 0, 0, 3, 0, "MVFR#_EL1", 3, 1),
	ONE(3, 0, 0, 3, 4, "ID_PFR2_EL1"),
	ONE(3, 0, 0, 3, 5, "ID_DFR1_EL1"),
	ONE(3, 0, 0, 3, 6, "ID_MMFR5_EL1"),
	SEVERAL(3, 0, 0, 4, 0, "ID_AA64PFR#_EL1", 3, 1),
	ONE(3, 0, 0, 4, 4, "ID_AA64ZFR0_EL1"),
	ONE(3, 0, 0, 4, 5, "ID_AA64SMFR0_EL1"),
	ONE(3, 0, 0, 4, 7, "ID_AA64FPFR0_EL1"),
	SEVERAL(3, 0, 0, 5, 0, "ID_AA64DFR#_EL1", 3, 1),
	SEVERAL(3, 0, 0, 5, 4, "ID_AA64AFR#_EL1", 2, 1),
	SEVERAL(3, 0, 0, 6, 0, "ID_AA64ISAR#_EL1", 4, 1),
	SEVERAL(3, 0, 0, 7, 0, "ID_AA64MMFR#_EL1", 5, 1),
	ONE(3, 1, 0, 0, 0, "CCSIDR_EL1"),
	ONE(3, 1, 0, 0, 1, "CLIDR_EL1"),
	ONE(3, 1, 0, 0, 2, "CCSIDR2_EL1"),
	ONE(3, 1, 0, 0, 4, "GMID_EL1"),
	ONE(3, 1, 0, 0, 6, "SMIDR_EL1"),
	ONE(3, 1, 0, 0, 7, "AIDR_EL1"),
	ONE(3, 2, 0, 0, 0, "CSSELR_EL1"),
	ONE(3, 3, 0, 0, 1, "CTR_EL0"),
	ONE(3, 3, 0, 0, 7, "DCZID_EL0"),
	/* Control and memory */
	ONE(3, 0, 1, 0, 0, "SCTLR_EL1"),
	ONE(3, 0, 1, 0, 1, "ACTLR_EL1"),
	ONE(3, 0, 1, 0, 2, "CPACR_EL1"),
	ONE(3, 0, 1, 0, 5, "RGSR_EL1"),
	ONE(3, 0, 1, 0, 6, "GCR_EL1"),
	ONE(3, 0, 1, 2, 0, "ZCR_EL1"),
	ONE(3, 0, 1, 2, 6, "SMCR_EL1"),
	SEVERAL(3, 0, 2, 0, 0, "TTBR#_EL1", 2, 1),
	ONE(3, 0, 2, 0, 2, "TCR_EL1"),
	ONE(3, 0, 2, 0, 3, "TCR2_EL1"),
	ONE(3, 0, 2, 1, 0, "APIAKEYLO_EL1"),
	ONE(3, 0, 2, 1, 1, "APIAKEYHI_EL1"),
	ONE(3, 0, 2, 1, 2, "APIBKEYLO_EL1"),
	ONE(3, 0, 2, 1, 3, "APIBKEYHI_EL1"),
	ONE(3, 0, 2, 2, 0, "APDAKEYLO_EL1"),
	ONE(3, 0, 2, 2, 1, "APDAKEYHI_EL1"),
	ONE(3, 0, 2, 2, 2, "APDBKEYLO_EL1"),
	ONE(3, 0, 2, 2, 3, "APDBKEYHI_EL1"),
	ONE(3, 0, 2, 3, 0, "APGAKEYLO_EL1"),
	ONE(3, 0, 2, 3, 1, "APGAKEYHI_EL1"),
	SEVERAL(3, 0, 5, 1, 0, "AFSR#_EL1", 2, 1),
	ONE(3, 0, 5, 2, 0, "ESR_EL1"),
	ONE(3, 0, 5, 3, 0, "ERRIDR_EL1"),
	ONE(3, 0, 5, 3, 1, "ERRSELR_EL1"),
	ONE(3, 0, 5, 4, 0, "ERXFR_EL1"),
	ONE(3, 0, 5, 4, 1, "ERXCTLR_EL1"),
	ONE(3, 0, 5, 4, 2, "ERXSTATUS_EL1"),
	ONE(3, 0, 5, 4, 3, "ERXADDR_EL1"),
	SEVERAL(3, 0, 5, 5, 0, "ERXMISC#_EL1", 4, 1),
	ONE(3, 0, 5, 6, 0, "TFSR_EL1"),
	ONE(3, 0, 5, 6, 1, "TFSRE0_EL1"),
	ONE(3, 0, 6, 0, 0, "FAR_EL1"),
	ONE(3, 0, 7, 4, 0, "PAR_EL1"),
	ONE(3, 0, 10, 2, 0, "MAIR_EL1"),
	ONE(3, 0, 10, 3, 0, "AMAIR_EL1"),
	ONE(3, 0, 10, 4, 0, "LORSA_EL1"),
	ONE(3, 0, 10, 4, 1, "LOREA_EL1"),
	ONE(3, 0, 10, 4, 2, "LORN_EL1"),
	ONE(3, 0, 10, 4, 3, "LORC_EL1"),
	ONE(3, 0, 10, 4, 7, "LORID_EL1"),
	ONE(3, 0, 12, 0, 0, "VBAR_EL1"),
	ONE(3, 0, 12, 1, 1, "DISR_EL1"),
	ONE(3, 0, 13, 0, 1, "CONTEXTIDR_EL1"),
	ONE(3, 0, 13, 0, 4, "TPIDR_EL1"),
	ONE(3, 0, 13, 0, 7, "SCXTNUM_EL1"),
	ONE(3, 3, 2, 4, 0, "RNDR"),
	ONE(3, 3, 2, 4, 1, "RNDRRS"),
	ONE(3, 3, 13, 0, 2, "TPIDR_EL0"),
	ONE(3, 3, 13, 0, 3, "TPIDRRO_EL0"),
	ONE(3, 3, 13, 0, 5, "TPIDR2_EL0"),
	/* Activity monitors */
	ONE(3, 3, 13, 2, 0, "AMCR_EL0"),
	ONE(3, 3, 13, 2, 1, "AMCFGR_EL0"),
	ONE(3, 3, 13, 2, 2, "AMCGCR_EL0"),
	ONE(3, 3, 13, 2, 3, "AMUSERENR_EL0"),
	/* System instructions */
	ONE(1, 0, 7, 1, 0, "IC IALLUIS"),
	ONE(1, 0, 7, 5, 0, "IC IALLU"),
	ONE(1, 0, 7, 6, 1, "DC IVAC"),
	ONE(1, 0, 7, 6, 2, "DC ISW"),
	ONE(1, 0, 7, 10, 2, "DC CSW"),
	ONE(1, 0, 7, 14, 2, "DC CISW"),
	ONE(1, 3, 7, 4, 1, "DC ZVA"),
	ONE(1, 3, 7, 5, 1, "IC IVAU"),
	ONE(1, 3, 7, 10, 1, "DC CVAC"),
	ONE(1, 3, 7, 11, 1, "DC CVAU"),
	ONE(1, 3, 7, 12, 1, "DC CVAP"),
	ONE(1, 3, 7, 14, 1, "DC CIVAC"),
	ONE(1, 0, 8, 3, 0, "TLBI VMALLE1IS"),
	ONE(1, 0, 8, 3, 1, "TLBI VAE1IS"),
	ONE(1, 0, 8, 3, 2, "TLBI ASIDE1IS"),
	ONE(1, 0, 8, 7, 0, "TLBI VMALLE1"),
};

static struct access access_of(uint32_t iss)
{
	return (struct access){
		.op0 = iss >> 20 & 3,
		.op1 = iss >> 14 & 7,
		.crn = iss >> 10 & 15,
		.crm = iss >> 1 & 15,
		.op2 = iss >> 17 & 7,
		.read = iss & 1,
	};
}

/* True, and the register's number in the row's sequence, where the row holds it. */
static bool row_holds(const struct row *row, unsigned int reg, unsigned int *ret_number)
{
	unsigned int offset = reg - row->first;

	if (reg < row->first || offset % row->step || offset / row->step >= row->count)
		return false;
	*ret_number = offset / row->step;
	return true;
}

static const struct row *find_row(unsigned int reg, unsigned int *ret_number)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (row_holds(&rows[i], reg, ret_number))
			return &rows[i];
	return NULL;
}

/* Copies the row's name with the number in place of '#'. */
static void row_name(const struct row *row, unsigned int number, char text[SYSREG_TEXT])
{
	const char *hash = strchr(row->name, '#');

	if (hash)
		snprintf(text, SYSREG_TEXT, "%.*s%u%s", (int)(hash - row->name), row->name, number,
			 hash + 1);
	else
		snprintf(text, SYSREG_TEXT, "%s", row->name);
}

/* System instructions (op0 1) are what they do; only registers have a direction. */
static const char *direction(const struct access *access)
{
	if (access->op0 == 1)
		return "";
	return access->read ? " read" : " write";
}

char *sysreg_access(uint32_t iss, char text[SYSREG_TEXT])
{
	struct access a = access_of(iss);
	unsigned int reg = REG(a.op0, a.op1, a.crn, a.crm, a.op2);
	unsigned int number = 0;
	const struct row *row = find_row(reg, &number);
	char name[SYSREG_TEXT];

	if (row)
		row_name(row, number, name);
	else
		snprintf(name, sizeof(name), "S%u_%u_C%u_C%u_%u", a.op0, a.op1, a.crn, a.crm,
			 a.op2);
	snprintf(text, SYSREG_TEXT, "%.30s%s", name, direction(&a));
	return text;
}

char *sysreg_access_aarch32(uint32_t iss, unsigned int coproc, char text[SYSREG_TEXT])
{
	struct access a = access_of(iss);

	snprintf(text, SYSREG_TEXT, "p%u %u c%u c%u %u%s", coproc, a.op1, a.crn, a.crm, a.op2,
		 a.read ? " read" : " write");
	return text;
}

char *sysreg_access_aarch32_wide(uint32_t iss, unsigned int coproc, char text[SYSREG_TEXT])
{
	snprintf(text, SYSREG_TEXT, "p%u %u c%u%s", coproc, iss >> 16 & 15, iss >> 1 & 15,
		 iss & 1 ? " read" : " write");
	return text;
}

uint32_t sysreg_identity(uint32_t iss)
{
	return iss & IDENTITY;
}

uint32_t sysreg_identity_aarch32(uint32_t iss)
{
	return iss & IDENTITY_AARCH32;
}

uint32_t sysreg_identity_wide(uint32_t iss)
{
	return iss & IDENTITY_WIDE;
}
