/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counted guest: does each operation as often as the plan says. It prints
 * nothing, so that it makes no exit besides those and the one that ends it.
 */
#include <stdint.h>

#include "kvm-x86/guest/plan.h"
#include "kvm-x86/guest/platform.h"

/* Registers of the local APIC: Intel SDM volume 3, "Local APIC register address map" */
enum {
	APIC_VERSION = 0x30,
	APIC_SPURIOUS = 0xf0,
	APIC_TIMER = 0x320, /* its vector; as it is, it fires once */
	APIC_TIMER_COUNT = 0x380,
	APIC_TIMER_DIVIDE = 0x3e0,
};

enum {
	APIC_ENABLED = 0x100,
	SPURIOUS_VECTOR = 0xff,
	TIMER_VECTOR = 0x20, /* see start.S */
	DIVIDE_BY_1 = 0xb,   /* KVM's APIC counts nanoseconds */
};

enum { MSR_APIC_BASE = 0x1b, UNKNOWN_CALL = 0x4b000000 };

/* How often it was at the timer's vector, and wrote the end of interrupt: see start.S. */
volatile uint64_t interrupts;

/* How many of these came between STI and HLT, which they ought not to: see start.S. */
volatile uint64_t too_early;

void sleep_once(void);

void guest_main(struct plan *plan);

static uint32_t read_register(uintptr_t address)
{
	uint32_t value;

	__asm__ volatile("movl (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static void apic_write(struct plan *plan, uint32_t offset, uint32_t value)
{
	uintptr_t address = PLATFORM_APIC + offset;

	__asm__ volatile("movl %0, (%1)" : : "r"(value), "r"(address) : "memory");
	plan->apic_writes++;
}

static void do_noop(struct plan *plan)
{
	(void)plan;
	__asm__ volatile("nop");
}

static void do_cpuid(struct plan *plan)
{
	uint32_t a = 0, b, c = 0, d;

	(void)plan;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
}

static void do_msr(struct plan *plan)
{
	uint32_t low, high;

	(void)plan;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_APIC_BASE));
}

static void do_hypercall(struct plan *plan)
{
	uint64_t a = UNKNOWN_CALL;

	if (plan->intel)
		__asm__ volatile("vmcall" : "+a"(a) : : "memory");
	else
		__asm__ volatile("vmmcall" : "+a"(a) : : "memory");
}

static void do_pio(struct plan *plan)
{
	uint8_t value;

	(void)plan;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "d"((uint16_t)PLATFORM_PORT));
}

static void do_mmio(struct plan *plan)
{
	(void)plan;
	read_register(PLATFORM_DEVICE);
}

static void do_apic(struct plan *plan)
{
	(void)plan;
	read_register(PLATFORM_APIC + APIC_VERSION);
}

/* Interrupts stay off but for HLT, so that each sleep is one exit, however late the timer is. */
static void do_hlt(struct plan *plan)
{
	uint64_t before;

	do {
		before = too_early;
		apic_write(plan, APIC_TIMER_COUNT, (uint32_t)plan->hlt_ns);
		sleep_once();
	} while (too_early != before);
}

static void prepare_timer(struct plan *plan)
{
	apic_write(plan, APIC_SPURIOUS, APIC_ENABLED | SPURIOUS_VECTOR);
	apic_write(plan, APIC_TIMER, TIMER_VECTOR);
	apic_write(plan, APIC_TIMER_DIVIDE, DIVIDE_BY_1);
}

static void (*const rounds[OPERATIONS])(struct plan *plan) = {
#define OPERATION(name, help) [OPERATION_##name] = do_##name,
#include "kvm-x86/guest/operations.def"
#undef OPERATION
};

void guest_main(struct plan *plan)
{
	if (plan->count[OPERATION_hlt])
		prepare_timer(plan);
	for (unsigned int i = 0; i < OPERATIONS; i++)
		for (; plan->done[i] < plan->count[i]; plan->done[i]++)
			rounds[i](plan);
	plan->apic_writes += interrupts;
	plan->too_early = too_early;
}
