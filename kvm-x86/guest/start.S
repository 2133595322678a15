/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's first and last instructions, and the one interrupt it takes. An
 * exception finds no gate: the guest ends in a triple fault, which the VMM reports.
 */
#include "kvm-x86/guest/platform.h"

#define APIC_END_OF_INTERRUPT 0xb0
#define TIMER_GATE 0x20 /* the timer's vector, as guest.c sets it */

	.section .text.start, "ax"
	.globl start
start:
	lgdt	segments_register
	lidt	gates_register
	call	guest_main
	mov	$PLATFORM_PORT_END, %dx
	outb	%al, %dx
1:	hlt
	jmp	1b

/* Sleeps until the timer's interrupt, unless that comes before the HLT. */
	.globl sleep_once
sleep_once:
	sti
asleep:	hlt
awake:	cli
	ret

/*
 * STI holds interrupts off until HLT is done (Intel SDM volume 2, STI), but an
 * exit between the two loses that where VMRUN does not take up the interrupt
 * shadow, as in QEMU's emulation. A HLT after its own interrupt would never
 * end: it is left out.
 */
	.globl timer
timer:
	push	%rax
	incq	interrupts(%rip)
	movl	$PLATFORM_APIC + APIC_END_OF_INTERRUPT, %eax
	movl	$0, (%rax)
	pop	%rax
	cmpq	$asleep, (%rsp)
	jne	1f
	movq	$awake, (%rsp)
	incq	too_early(%rip)
1:	iretq

	.section .rodata
	.balign 8
segments:
	.quad	0
	.quad	0x00af9b000000ffff /* 64-bit code */
	.quad	0x00cf93000000ffff /* data */
segments_register:
	.word	. - segments - 1
	.quad	segments

/* Interrupt gates, of which the last one is there; the image lies below 1 MB. */
	.balign 16
gates:
	.fill	TIMER_GATE * 16, 1, 0
	.word	timer_low, PLATFORM_CODE, 0x8e00, timer_high
	.quad	0
gates_register:
	.word	. - gates - 1
	.quad	gates

	.section .note.GNU-stack, "", @progbits
