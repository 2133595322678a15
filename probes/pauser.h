/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a pause's `by` and `cause` say, for user space: ring_pause and
 * totals_pauser have the same.
 */
#ifndef PROBES_PAUSER_H
#define PROBES_PAUSER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/types.h>

#include "probes/exit_record.h"

enum { PAUSER_NAME_BYTES = 32 };

static inline bool pauser_is_several(uint32_t by)
{
	return by == PAUSE_BY_TASKS || by == PAUSE_BY_IRQS;
}

/* Of the interrupt or softirq, 0 for what has none. */
static inline uint64_t pauser_number(uint32_t by, const __u64 cause[2])
{
	return by == PAUSE_BY_IRQ || by == PAUSE_BY_SOFTIRQ ? cause[0] : 0;
}

/* Softirqs by number: include/linux/interrupt.h. */
static inline const char *pauser_softirq(uint64_t number)
{
	static const char *const names[] = { "HI",	 "TIMER",   "NET_TX", "NET_RX",	 "BLOCK",
					     "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU" };

	return number < sizeof(names) / sizeof(names[0]) ? names[number] : "";
}

/* "kworker/0:1", "TIMER", "arch_timer", "" for several; `handler` names what the kernel does. */
static inline void pauser_text(uint32_t by, const __u64 cause[2], const char *handler,
			       char ret_text[PAUSER_NAME_BYTES])
{
	const char *text = pauser_is_several(by) ? "" : handler;
	int most = PAUSER_NAME_BYTES - 1;

	if (by == PAUSE_BY_TASK) {
		text = (const char *)cause;
		most = sizeof(__u64[2]);
	}
	if (by == PAUSE_BY_SOFTIRQ)
		text = pauser_softirq(cause[0]);
	snprintf(ret_text, PAUSER_NAME_BYTES, "%.*s", most, text);
}

#endif
