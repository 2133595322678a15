/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-x86/guest/platform.h"

ENTRY(start)

SECTIONS
{
	. = PLATFORM_IMAGE;
	.text : { *(.text.start) *(.text .text.*) }
	.rodata : { *(.rodata .rodata.*) }
	.data : { *(.data .data.*) *(.bss .bss.*) }
	/DISCARD/ : { *(.note.*) *(.comment) *(.eh_frame) }

	/* An interrupt gate takes its handler's address in two halves. */
	timer_low = timer & 0xffff;
	timer_high = timer >> 16;
}
