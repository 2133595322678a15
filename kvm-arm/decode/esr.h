/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ESR_EL2, as the Arm Architecture Reference Manual for A-profile (DDI 0487),
 * "ESR_EL2, Exception Syndrome Register (EL2)", lays it out: EC in bits 31:26,
 * IL in bit 25, ISS in bits 24:0.
 */
#ifndef KVM_ARM_DECODE_ESR_H
#define KVM_ARM_DECODE_ESR_H

#include <stdbool.h>
#include <stdint.h>

/* Exception classes that the decoder treats apart; esr_class_name() knows them all. */
enum esr_class {
	ESR_CLASS_WFX = 0x01,
	ESR_CLASS_CP15_32 = 0x03,
	ESR_CLASS_CP15_64 = 0x04,
	ESR_CLASS_CP14_32 = 0x05,
	ESR_CLASS_CP14_LS = 0x06,
	ESR_CLASS_FP_SIMD = 0x07,
	ESR_CLASS_CP14_64 = 0x0c,
	ESR_CLASS_HVC32 = 0x12,
	ESR_CLASS_SMC32 = 0x13,
	ESR_CLASS_SVC64 = 0x15,
	ESR_CLASS_HVC64 = 0x16,
	ESR_CLASS_SMC64 = 0x17,
	ESR_CLASS_SYS64 = 0x18,
	ESR_CLASS_SVE = 0x19,
	ESR_CLASS_INSTRUCTION_ABORT = 0x20, /* from a lower Exception level */
	ESR_CLASS_DATA_ABORT = 0x24,	    /* from a lower Exception level */
	ESR_CLASSES = 64
};

static inline unsigned int esr_class(uint64_t esr)
{
	return (unsigned int)(esr >> 26) & 0x3f;
}

static inline uint32_t esr_iss(uint64_t esr)
{
	return (uint32_t)esr & 0x1ffffff;
}

/*
 * The manual's name of an exception class, shortened, and a word for programs
 * that classes of one kind share. Reserved values have them too. Static.
 */
const char *esr_class_name(unsigned int class);
const char *esr_class_key(unsigned int class);

/* ISS of a data abort: SAS, bits 23:22, valid with ISV, bit 24. Bytes, or 0 where not valid. */
static inline unsigned int esr_abort_width(uint64_t esr)
{
	return esr & 1u << 24 ? 1u << (esr >> 22 & 3) : 0;
}

/* ISS of a data abort: WnR, bit 6. */
static inline bool esr_abort_is_write(uint64_t esr)
{
	return esr & 1u << 6;
}

#endif
