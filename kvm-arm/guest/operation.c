/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/operation.h"

#include <stddef.h>

#include "kvm-arm/guest/machine.h"
#include "kvm-arm/guest/platform.h"
#include "kvm-arm/guest/samples.h"
#include "kvm-arm/guest/wfi.h"

enum {
	/*
	 * A function id from a range that the SMC Calling Convention (DEN 0028)
	 * reserves: KVM answers NOT_SUPPORTED in the kernel.
	 */
	UNALLOCATED_CALL = 0x4b000000,
	MARK_CALL = 0xc6004d4b, /* hyptrace-mark(1), "GUESTS" */
	GICD_IIDR = 0x0008,  /* IHI 0069, "The GIC Distributor register map" */
	UART_FLAGS = 0x0018, /* UARTFR: PL011 technical reference (DDI 0183) */
};

/*
 * The loops compile to the same few instructions for each round, so that under
 * instruction counting every round costs the same. run_fp differs in one more
 * instruction, which uses an FP register.
 */
#define LOOPS(name)                                                                                \
	static void run_##name(struct runner *runner, uint64_t count)                              \
	{                                                                                          \
		(void)runner;                                                                      \
		for (; count; count--)                                                             \
			round_##name();                                                            \
	}                                                                                          \
	static void run_fp_##name(struct runner *runner, uint64_t count)                           \
	{                                                                                          \
		(void)runner;                                                                      \
		for (; count; count--) {                                                           \
			round_##name();                                                            \
			fp_use();                                                                  \
		}                                                                                  \
	}

/*
 * Measures each round by itself. Between the two reads of the counter lie only
 * the instruction at hand and an ISB, whatever the compiler does, so that what a
 * sample holds beyond the hypervisor's work can be read off the guest's text.
 */
#define SAMPLER(name, instruction, after)                                                          \
	static void sample_##name(struct samples *samples)                                         \
	{                                                                                          \
		for (uint64_t i = 0; i < samples->count; i++) {                                    \
			sample_one(&samples->rows[i], instruction);                                \
			after;                                                                     \
		}                                                                                  \
	}

#define sample_one(row, instruction)                                                               \
	({                                                                                         \
		register uint64_t x0 __asm__("x0") = UNALLOCATED_CALL;                             \
		uint64_t begin, end;                                                               \
                                                                                                   \
		__asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\t" instruction                       \
				 "\n\tisb\n\tmrs %1, cntvct_el0"                                   \
				 : "=&r"(begin), "=&r"(end), "+r"(x0)                              \
				 : "r"(PLATFORM_GICD + GICD_IIDR), "r"(PLATFORM_UART + UART_FLAGS) \
				 : "x4", HYPERVISOR_CALL_CHANGES, "memory");                       \
		*(row) = (struct sample){ begin, end };                                            \
	})

static inline void round_noop(void)
{
	__asm__ volatile("" : : : "memory");
}

static inline void round_hypercall(void)
{
	hypervisor_call(UNALLOCATED_CALL, 0);
}

static inline void round_gicd(void)
{
	mmio_read(PLATFORM_GICD + GICD_IIDR);
}

static inline void round_mmio(void)
{
	mmio_read(PLATFORM_UART + UART_FLAGS);
}

static inline void round_cntpct(void)
{
	read_sysreg("cntpct_el0");
}

static inline void round_mark(void)
{
	hypervisor_call(UINT64_C(7) << 32 | MARK_CALL, 0);
}

LOOPS(noop)
LOOPS(hypercall)
LOOPS(gicd)
LOOPS(mmio)
LOOPS(cntpct)
LOOPS(mark)

SAMPLER(hypercall, "hvc #0", )
SAMPLER(gicd, "ldr w0, [%3]", )
SAMPLER(mmio, "ldr w0, [%4]", )

/*
 * What EL2 handles alone is told to the host together with the next exit that
 * reaches it: the hypercall makes one for each sample.
 */
SAMPLER(cntpct, "mrs x0, cntpct_el0", round_hypercall())

const struct operation operations[] = {
	{ .name = "noop",
	  .run = run_noop,
	  .run_fp = run_fp_noop,
	  .help = "an empty loop: the floor under the other figures" },
	{ .name = "hypercall",
	  .run = run_hypercall,
	  .run_fp = run_fp_hypercall,
	  .sample = sample_hypercall,
	  .help = "hvc that the hypervisor does not know" },
	{ .name = "gicd",
	  .run = run_gicd,
	  .run_fp = run_fp_gicd,
	  .sample = sample_gicd,
	  .help = "read of GICD_IIDR: a device emulated in the kernel" },
	{ .name = "mmio",
	  .run = run_mmio,
	  .run_fp = run_fp_mmio,
	  .sample = sample_mmio,
	  .help = "read of UARTFR: a device emulated in user space" },
	{ .name = "wfi",
	  .run = wfi_run,
	  .prepare = wfi_prepare,
	  .finish = wfi_finish,
	  .report = wfi_report,
	  .sleeps = true,
	  .help = "WFI until the virtual timer fires" },
	{ .name = "cntpct",
	  .run = run_cntpct,
	  .run_fp = run_fp_cntpct,
	  .sample = sample_cntpct,
	  .help = "read of the physical counter" },
	{ .name = "mark",
	  .run = run_mark,
	  .run_fp = run_fp_mark,
	  .help = "hvc that puts mark 7 into recordings" },
	{ 0 },
};
