/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine the guest expects, shared by the guest (C, assembly and linker
 * script) and by the VMM that builds it: the part of QEMU's "virt" board that
 * both need (QEMU, hw/arm/virt.c, base_memmap), and how a vCPU starts.
 *
 * A vCPU starts at the image's first instruction, at EL1 with interrupts
 * masked and the MMU off, with
 *   x0  a flattened device tree, or else a NUL-terminated command line;
 *   x1  the vCPU's index, 0 for the first;
 *   x2  how many vCPUs run the image, where 0 means 1 (the arm64 boot protocol
 *       has 0 in x1 and x2).
 */
#ifndef GUEST_PLATFORM_H
#define GUEST_PLATFORM_H

#define PLATFORM_GICD 0x08000000
#define PLATFORM_GICD_SIZE 0x00010000
#define PLATFORM_GICR 0x080a0000
#define PLATFORM_GICR_STRIDE 0x00020000
#define PLATFORM_UART 0x09000000
#define PLATFORM_UART_SIZE 0x00001000
#define PLATFORM_RAM 0x40000000

/*
 * Not a register of the UART, but an offset that it reserves. A guest writes the
 * address of an aligned 64-bit word in its RAM there, and hyptrace-vmm puts into
 * that word 1 plus the number of this vCPU's WFIs that KVM has counted so far.
 * Elsewhere nothing happens to the word.
 */
#define PLATFORM_UART_TALLY 0x0800

/*
 * A second one: a guest writes the address of a struct samples (samples.h) there,
 * and hyptrace-vmm appends what is in it to the file of --samples.
 */
#define PLATFORM_UART_SAMPLES 0x0808

/* Where in RAM the image begins: text_offset of the arm64 Image header. */
#define PLATFORM_IMAGE_OFFSET 0x00080000

/*
 * Where in the image the program for vCPUs with a 32-bit EL1 begins: right behind
 * the header. It is entered with the number of its rounds in r4 and no other
 * argument.
 */
#define PLATFORM_IMAGE_AARCH32 64

/* The PPI of the virtual timer (GICv3 INTID 27: 16 + PPI 11). */
#define PLATFORM_TIMER_INTID 27

/* The PPI of the PMU's overflow interrupt (16 + PPI 7), as on QEMU's board. */
#define PLATFORM_PMU_INTID 23

#define PLATFORM_MOST_VCPUS 16
#define PLATFORM_MOST_WORDS 1024 /* bytes of command line, with its NUL */

/* In x4 beside PSCI SYSTEM_OFF, which has no arguments: 0, or 1 for a failure. */
#define PLATFORM_STATUS_REGISTER 4

#endif
