/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything is loaded, .bss too, so that no code has to clear it while other
 * vCPUs already run; only the stacks are left out of the file.
 */
#include "kvm-arm/guest/platform.h"

#undef linux /* a macro of the preprocessor's GNU dialect, and an output format's name */

ENTRY(_start)

SECTIONS
{
	. = PLATFORM_RAM + PLATFORM_IMAGE_OFFSET;
	image_start = .;
	.text : { *(.head) *(.aarch32) *(.text .text.*) }
	.rodata : { *(.rodata .rodata.*) }
	.data : { *(.data .data.*) *(.bss .bss.*) *(COMMON) }
	. = ALIGN(16);
	.stacks (NOLOAD) : { *(.stacks) }
	image_size = . - image_start;
	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame) }
}
