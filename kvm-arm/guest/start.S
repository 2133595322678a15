/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the first instruction to guest_main(): the arm64 Image header, an
 * identity map with caches on, a stack for each vCPU, the exception vectors.
 *
 * Register layouts: Arm Architecture Reference Manual (DDI 0487), the chapter
 * on AArch64 system register descriptions; translation table descriptors: its
 * chapter on VMSAv8-64. Header: Documentation/arch/arm64/booting.rst of Linux.
 */
#include "kvm-arm/guest/platform.h"

#define STACK_SIZE 8192

/* MAIR_EL1: attribute 0 is Device-nGnRE, attribute 1 Normal write-back. */
#define MAIR ((0x04 << 0) | (0xff << 8))

/*
 * TCR_EL1: T0SZ 32 (a 4 GB map, so that the table of 1 GB blocks has 4 rows),
 * IRGN0 and ORGN0 write-back, SH0 inner shareable, EPD1 (no upper half).
 */
#define TCR (32 | (1 << 8) | (1 << 10) | (3 << 12) | (1 << 23))

/* A level 1 block descriptor: valid, access flag; AttrIndx, SH; PXN and UXN. */
#define BLOCK(base) ((base) | 1 | (1 << 10))
#define NORMAL ((1 << 2) | (3 << 8))
#define DEVICE (3 << 53)

/* SCTLR_EL1: M (MMU), C (data cache), I (instruction cache). */
#define SCTLR_MCI ((1 << 0) | (1 << 2) | (1 << 12))

	.section .head, "ax"
	.globl	_start
_start:
	b	entry
	nop
	.quad	PLATFORM_IMAGE_OFFSET		/* text_offset */
	.quad	image_size
	.quad	0				/* flags: little-endian, any page size */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.word	0

	.text
/* Writes no memory before the caches are on: x19 to x21 keep what came in. */
entry:
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	bl	mmu_on
	adr	x0, vectors
	msr	vbar_el1, x0
	isb
	adrp	x0, stacks
	add	x0, x0, :lo12:stacks
	add	x1, x20, #1
	mov	x2, #STACK_SIZE
	madd	x0, x1, x2, x0
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	mov	x1, x20
	mov	x2, x21
	b	guest_main

mmu_on:
	ldr	x0, =MAIR
	msr	mair_el1, x0
	ldr	x0, =TCR
	msr	tcr_el1, x0
	adrp	x0, identity
	add	x0, x0, :lo12:identity
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	mrs	x0, sctlr_el1
	ldr	x1, =SCTLR_MCI
	orr	x0, x0, x1
	msr	sctlr_el1, x0
	isb
	ret

/*
 * 16 vectors; the one for an interrupt at the current level, with its own stack
 * pointer, is the sixth. Any other one reports and powers off.
 */
	.balign	2048
vectors:
	.rept	5
	.balign	128
	b	unexpected
	.endr
	.balign	128
	b	wait_interrupted
	.rept	10
	.balign	128
	b	unexpected
	.endr

unexpected:
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	b	guest_unexpected

	.section .rodata
	.balign	64
identity:
	.quad	BLOCK(0x00000000) | DEVICE
	.quad	BLOCK(PLATFORM_RAM) | NORMAL
	.quad	0, 0

	.section .stacks, "aw", %nobits
	.balign	16
stacks:
	.space	PLATFORM_MOST_VCPUS * STACK_SIZE

	.section .note.GNU-stack, "", %progbits
