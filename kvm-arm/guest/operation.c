/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/operation.h"

#include <stddef.h>

#include "kvm-arm/guest/machine.h"
#include "kvm-arm/guest/platform.h"
#include "kvm-arm/guest/wfi.h"

enum {
	/*
	 * A function id from a range that the SMC Calling Convention (DEN 0028)
	 * reserves: KVM answers NOT_SUPPORTED in the kernel.
	 */
	UNALLOCATED_CALL = 0x4b000000,
	GICD_IIDR = 0x0008,  /* IHI 0069, "The GIC Distributor register map" */
	UART_FLAGS = 0x0018, /* UARTFR: PL011 technical reference (DDI 0183) */
};

/*
 * The loops below compile to the same few instructions for each iteration, so
 * that under instruction counting every iteration costs the same.
 */
static void run_noop(struct runner *runner, uint64_t count)
{
	(void)runner;
	for (; count; count--)
		__asm__ volatile("" : : : "memory");
}

static void run_hypercall(struct runner *runner, uint64_t count)
{
	(void)runner;
	for (; count; count--)
		hypervisor_call(UNALLOCATED_CALL, 0);
}

static void run_gicd(struct runner *runner, uint64_t count)
{
	(void)runner;
	for (; count; count--)
		mmio_read(PLATFORM_GICD + GICD_IIDR);
}

static void run_mmio(struct runner *runner, uint64_t count)
{
	(void)runner;
	for (; count; count--)
		mmio_read(PLATFORM_UART + UART_FLAGS);
}

static void run_cntpct(struct runner *runner, uint64_t count)
{
	(void)runner;
	for (; count; count--)
		read_sysreg("cntpct_el0");
}

const struct operation operations[] = {
	{ "noop", run_noop, "an empty loop: the floor under the other figures", NULL, NULL, NULL },
	{ "hypercall", run_hypercall, "hvc that the hypervisor does not know", NULL, NULL, NULL },
	{ "gicd", run_gicd, "read of GICD_IIDR: a device emulated in the kernel", NULL, NULL,
	  NULL },
	{ "mmio", run_mmio, "read of UARTFR: a device emulated in user space", NULL, NULL, NULL },
	{ "wfi", wfi_run, "WFI until the virtual timer fires", wfi_prepare, wfi_finish,
	  wfi_report },
	{ "cntpct", run_cntpct, "read of the physical counter", NULL, NULL, NULL },
	{ 0 },
};
