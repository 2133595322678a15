/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of system registers and system instructions. */
#ifndef KVM_ARM_DECODE_SYSREG_H
#define KVM_ARM_DECODE_SYSREG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SYSREG_TEXT = 40 };

/*
 * What a trapped MSR, MRS or system instruction accessed: "CNTPCT_EL0 read",
 * "ICC_SGI1R_EL1 write", "DC CISW", or "S3_3_C14_C0_1 read" for a register
 * without a name here.
 *
 * iss: of exception class 0x18.
 */
char *sysreg_access(uint32_t iss, char text[SYSREG_TEXT]);

/* Of class 0x03 or 0x05 (`coproc` 15 or 14): "p15 0 c9 c13 0 read", op1, CRn, CRm, op2. */
char *sysreg_access_aarch32(uint32_t iss, unsigned int coproc, char text[SYSREG_TEXT]);

/* Of class 0x04 or 0x0c, a 64-bit access: "p15 0 c14 read", op1, CRm. */
char *sysreg_access_aarch32_wide(uint32_t iss, unsigned int coproc, char text[SYSREG_TEXT]);

/* The bits of the ISS that say what was accessed and how, without the general registers. */
uint32_t sysreg_identity(uint32_t iss);
uint32_t sysreg_identity_aarch32(uint32_t iss);
uint32_t sysreg_identity_wide(uint32_t iss);

#endif
