/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One WFI with interrupts open, so that the address an interrupt returns to
 * tells on which side of the WFI it was taken. The ISBs are there because a
 * pending interrupt is taken before the first instruction after a context
 * synchronization event (Arm ARM, DDI 0487, "Asynchronous exception types").
 */
#include "kvm-arm/guest/wait.h"

#define MASK_IRQ 2		/* of the immediate of MSR DAIFSet and DAIFClr */
#define SPSR_IRQ_MASKED (1 << 7)

	.text
	.balign	64
	.globl	wait_for_interrupt
wait_for_interrupt:
	mov	x0, #WAIT_SHORT
	msr	daifclr, #MASK_IRQ
	isb
itself:
	wfi
	isb
	msr	daifset, #MASK_IRQ
done:
	ret

/*
 * The interrupt vector; interrupts are open nowhere else. Leaves the interrupt
 * pending, and goes on at `done` with interrupts masked.
 */
	.globl	wait_interrupted
wait_interrupted:
	mrs	x1, elr_el1
	adr	x2, itself
	cmp	x1, x2
	mov	x1, #WAIT_DONE
	mov	x2, #WAIT_TOO_LATE
	csel	x0, x1, x2, hi
	adr	x1, done
	msr	elr_el1, x1
	mrs	x1, spsr_el1
	orr	x1, x1, #SPSR_IRQ_MASKED
	msr	spsr_el1, x1
	eret

	.section .note.GNU-stack, "", %progbits
