/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bare-metal guest that causes exactly as many exits of each kind as its
 * command line asks for: the known truth that other figures are held against.
 *
 * Every vCPU runs all operations and writes its report into memory. The last
 * one to finish prints all reports and switches the machine off, so that no
 * print disturbs an operation and none needs a lock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvm-arm/guest/fdt.h"
#include "kvm-arm/guest/machine.h"
#include "kvm-arm/guest/operation.h"
#include "kvm-arm/guest/plan.h"
#include "kvm-arm/guest/platform.h"
#include "kvm-arm/guest/samples.h"
#include "kvm-arm/guest/stimulus.h"
#include "kvm-arm/guest/text.h"

enum {
	UART_DATA = 0, /* UARTDR: PL011 technical reference (DDI 0183) */
};

/* Power State Coordination Interface (DEN 0022), function identifiers */
#define PSCI_CPU_OFF 0x84000002
#define PSCI_SYSTEM_OFF 0x84000008

static struct text reports[PLATFORM_MOST_VCPUS];
static unsigned int vcpus_finished;
static unsigned int vcpus_failed;

_Noreturn void guest_main(const void *boot, uint64_t index, uint64_t nvcpus);
_Noreturn void guest_unexpected(uint64_t syndrome, uint64_t address, uint64_t fault);

static void uart_write(const struct text *text)
{
	for (size_t i = 0; i < text->length; i++)
		mmio_write(PLATFORM_UART + UART_DATA, (unsigned char)text->bytes[i]);
}

/* Neither call returns; should one do so, there is nothing left to do. */
static _Noreturn void power_call(uint64_t function, uint64_t status)
{
	hypervisor_call(function, status);
	for (;;)
		__asm__ volatile("wfe");
}

static void run_rounds(struct runner *runner, const struct step *step)
{
	const struct operation *operation = step->operation;

	if (runner->samples && operation->sample)
		samples_take(operation, step->count);
	else if (runner->fp && operation->run_fp)
		operation->run_fp(runner, step->count);
	else
		operation->run(runner, step->count);
}

static void run_step(struct runner *runner, const struct step *step, struct text *report)
{
	const struct operation *operation = step->operation;
	uint64_t begin, end;

	runner->wfi = (struct wfi_state){ 0 };
	runner->gic_writes = 0;
	if (operation->prepare)
		operation->prepare(runner);
	begin = counter_read();
	run_rounds(runner, step);
	end = counter_read();
	if (operation->finish)
		operation->finish(runner, step->count);

	text_add(report, "op=");
	text_add(report, operation->name);
	text_add_pair(report, "count", step->count);
	text_add_pair(report, "ticks", end - begin);
	text_add(report, " per=");
	text_add_quotient(report, end - begin, step->count ? step->count : 1);
	text_add_pair(report, "hz", read_sysreg("cntfrq_el0"));
	text_add_pair(report, "vcpu", runner->index);
	if (operation->report)
		operation->report(runner, report);
	text_add(report, "\n");
}

/* Returns 0, or -1 with the reason in the report of the first vCPU. */
static int run_words(const char *words, uint64_t index, struct text *report)
{
	struct runner runner = { .index = index };
	struct plan plan;
	int r = plan_parse(&plan, words, report);

	if (index)
		report->length = 0;
	else if (r < 0 || !plan.nsteps)
		plan_help(report);
	if (r < 0)
		return r;
	runner.wfi_us = plan.wfi_us;
	runner.fp = plan.fp;
	runner.samples = plan.samples && !index;
	stimulus_apply(&plan, &runner);
	for (unsigned int i = 0; i < plan.nsteps; i++)
		run_step(&runner, &plan.steps[i], report);
	return 0;
}

static _Noreturn void finish(unsigned int nvcpus)
{
	if (__atomic_add_fetch(&vcpus_finished, 1, __ATOMIC_ACQ_REL) < nvcpus)
		power_call(PSCI_CPU_OFF, 0);
	for (unsigned int i = 0; i < nvcpus; i++)
		uart_write(&reports[i]);
	power_call(PSCI_SYSTEM_OFF, __atomic_load_n(&vcpus_failed, __ATOMIC_ACQUIRE) > 0);
}

void guest_main(const void *boot, uint64_t index, uint64_t nvcpus)
{
	const char *words = fdt_present(boot) ? fdt_bootargs(boot) : boot;

	if (run_words(words, index, &reports[index]) < 0)
		__atomic_add_fetch(&vcpus_failed, 1, __ATOMIC_ACQ_REL);
	finish(nvcpus ? (unsigned int)nvcpus : 1);
}

void guest_unexpected(uint64_t syndrome, uint64_t address, uint64_t fault)
{
	static struct text text;

	text_add(&text, "error: unexpected exception: ESR_EL1 ");
	text_add_hex(&text, syndrome);
	text_add(&text, ", ELR_EL1 ");
	text_add_hex(&text, address);
	text_add(&text, ", FAR_EL1 ");
	text_add_hex(&text, fault);
	text_add(&text, "\n");
	uart_write(&text);
	power_call(PSCI_SYSTEM_OFF, 1);
}
