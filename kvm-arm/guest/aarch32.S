/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program for a vCPU with a 32-bit EL1: as many hypercalls as r4 says, the
 * same as the operation `hypercall`, then power-off. Given as machine code, A32,
 * so that no second assembler is needed. Encodings: Arm Architecture Reference
 * Manual (DDI 0487), the chapter on the base instruction set of T32 and A32.
 */
#include "kvm-arm/guest/platform.h"

	.section .aarch32, "ax"
	.globl	aarch32_start
aarch32_start:
	.word	0xe3540000	/* 0: cmp  r4, #0 */
	.word	0x0a000003	/* 1: beq  6 */
	.word	0xe3a0044b	/* 2: mov  r0, #0x4b000000, the unallocated call of operation.c */
	.word	0xe1400070	/* 3: hvc  #0 */
	.word	0xe2444001	/* 4: sub  r4, r4, #1 */
	.word	0xeafffff9	/* 5: b    0 */
	.word	0xe3a00484	/* 6: mov  r0, #0x84000000 */
	.word	0xe3800008	/* 7: orr  r0, r0, #8, which makes PSCI SYSTEM_OFF */
	.word	0xe1400070	/* 8: hvc  #0; r4, the status, is 0 */
	.word	0xeafffffe	/* 9: b    9 */

	.section .note.GNU-stack, "", %progbits
