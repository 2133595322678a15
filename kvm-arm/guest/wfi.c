/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/guest/wfi.h"

#include <stdbool.h>
#include <stddef.h>

#include "kvm-arm/guest/gic.h"
#include "kvm-arm/guest/machine.h"
#include "kvm-arm/guest/platform.h"
#include "kvm-arm/guest/wait.h"

enum {
	TIMER_BIT = 1 << PLATFORM_TIMER_INTID,
	/* CNTV_CTL_EL0 */
	TIMER_OFF = 0,
	TIMER_ENABLE = 1,
	/* INTIDs from 1020 up are special: nothing to acknowledge */
	FIRST_SPECIAL_INTID = 1020,
	US_PER_S = 1000000,
};

/* What the VMM has to say, 0 for nothing: see PLATFORM_UART_TALLY. */
static uint64_t ask_for_tally(void)
{
	volatile uint64_t tally = 0;

	mmio_write(PLATFORM_UART + PLATFORM_UART_TALLY, (uint32_t)(uintptr_t)&tally);
	return tally;
}

void wfi_prepare(struct runner *runner)
{
	gic_enable(runner, TIMER_BIT);
	runner->wfi.tally = ask_for_tally();
}

/* Takes the highest pending interrupt; the INTID, or a special one for none. */
static uint64_t interrupt_take(void)
{
	uint64_t intid = read_sysreg("icc_iar1_el1");

	isb();
	return intid;
}

static void interrupt_done(uint64_t intid)
{
	write_sysreg("icc_eoir1_el1", intid);
	isb();
}

static void timer_control(uint64_t control)
{
	write_sysreg("cntv_ctl_el0", control);
	isb();
}

/*
 * Stops the timer and leaves nothing pending; it is the only interrupt enabled.
 * Looks before the timer stops, because its line falls then, and also after it:
 * if it fired between the two, a virtual interface keeps the interrupt.
 */
static void timer_stop(void)
{
	bool pending = interrupt_take() == PLATFORM_TIMER_INTID;

	timer_control(TIMER_OFF);
	if (pending)
		interrupt_done(PLATFORM_TIMER_INTID);
	while (interrupt_take() == PLATFORM_TIMER_INTID)
		interrupt_done(PLATFORM_TIMER_INTID);
}

/* Arms the timer; returns whether at least half of `ticks` is left. */
static bool timer_arm(uint64_t ticks)
{
	uint64_t deadline = counter_read() + ticks;

	write_sysreg("cntv_cval_el0", deadline);
	timer_control(TIMER_ENABLE);
	return (int64_t)(deadline - counter_read()) >= (int64_t)(ticks / 2);
}

static uint64_t wfi_once(uint64_t ticks)
{
	uint64_t result = timer_arm(ticks) ? wait_for_interrupt() : WAIT_TOO_LATE;

	timer_stop();
	return result;
}

void wfi_run(struct runner *runner, uint64_t count)
{
	uint64_t ticks = read_sysreg("cntfrq_el0") * runner->wfi_us / US_PER_S;

	while (count) {
		uint64_t result = wfi_once(ticks);

		count -= result == WAIT_DONE;
		runner->wfi.again += result == WAIT_SHORT;
	}
}

/* How many of `count` WFIs the host has not counted; 0 where it does not tell. */
static uint64_t untrapped(const struct runner *runner, uint64_t count)
{
	uint64_t counted = ask_for_tally() - runner->wfi.tally;

	return runner->wfi.tally && counted < count ? count - counted : 0;
}

void wfi_finish(struct runner *runner, uint64_t count)
{
	uint64_t missing = untrapped(runner, count);

	while (missing) {
		runner->wfi.untrapped += missing;
		wfi_run(runner, missing);
		missing = untrapped(runner, count);
	}
}

void wfi_report(const struct runner *runner, struct text *text)
{
	text_add_pair(text, "wfi_us", runner->wfi_us);
	text_add_pair(text, "again", runner->wfi.again);
	if (runner->wfi.tally)
		text_add_pair(text, "untrapped", runner->wfi.untrapped);
	text_add_pair(text, "gic_writes", runner->gic_writes);
}
