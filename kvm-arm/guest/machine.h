/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest does to the machine, one instruction or register at a time.
 * System registers are those of the Arm Architecture Reference Manual
 * (DDI 0487); the ICC_* ones are also in the GIC architecture specification
 * (IHI 0069), "AArch64 System register descriptions".
 */
#ifndef GUEST_MACHINE_H
#define GUEST_MACHINE_H

#include <stdint.h>

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t read_value;                                                               \
		__asm__ volatile("mrs %0, " name : "=r"(read_value) : : "memory");                 \
		read_value;                                                                        \
	})

#define write_sysreg(name, value)                                                                  \
	__asm__ volatile("msr " name ", %0" : : "r"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

/* The virtual counter, read neither early nor late (Arm ARM, "The Generic Timer"). */
static inline uint64_t counter_read(void)
{
	isb();
	return read_sysreg("cntvct_el0");
}

/*
 * Device accesses with a plain register and no write-back: the only kind whose
 * syndrome is valid (ESR_EL2.ISS.ISV), so that a hypervisor can emulate it.
 */
static inline uint32_t mmio_read(uint64_t address)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void mmio_write(uint64_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(address) : "memory");
}

/* Registers that a hypervisor call may change, but for those of its arguments. */
#define HYPERVISOR_CALL_CHANGES                                                                    \
	"x1", "x2", "x3", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",  \
		"x16", "x17"

/*
 * A hypervisor call with one argument more than its function id, by the SMC
 * Calling Convention (DEN 0028): x0 to x17 may change.
 */
static inline uint64_t hypervisor_call(uint64_t function, uint64_t status)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x4 __asm__("x4") = status;

	__asm__ volatile("hvc #0" : "+r"(x0), "+r"(x4) : : HYPERVISOR_CALL_CHANGES, "memory");
	return x0;
}

/* Touches an FP register; the compiler uses none itself (-mgeneral-regs-only). */
static inline void fp_use(void)
{
	__asm__ volatile("fmov d0, xzr" : : : "memory");
}

#endif
