/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine that hyptrace-vmm gives to the counted guest on x86. */
#ifndef X86_GUEST_PLATFORM_H
#define X86_GUEST_PLATFORM_H

/* RAM begins at 0. The guest starts in 64-bit mode, all of 4 GB mapped onto itself. */
#define PLATFORM_RAM_SIZE 0x200000
#define PLATFORM_PLAN 0x1000   /* struct plan, see plan.h; its address is in RDI */
#define PLATFORM_TABLES 0x2000 /* page tables, six pages */
#define PLATFORM_STACK 0x10000 /* where it ends */
#define PLATFORM_IMAGE 0x10000

/* Segment selectors, as the guest's own table has them */
#define PLATFORM_CODE 0x08
#define PLATFORM_DATA 0x10

/* Emulated in user space: a register that reads as 0, and two ports */
#define PLATFORM_DEVICE 0x10000000
#define PLATFORM_PORT 0x500	/* reads as 0 */
#define PLATFORM_PORT_END 0x501 /* a write ends the guest */

/* Emulated in the kernel: Intel SDM volume 3, "Local APIC register address map" */
#define PLATFORM_APIC 0xfee00000

#endif
