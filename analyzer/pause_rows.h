/* SPDX-License-Identifier: GPL-2.0-only */
/* Pauses by who or what made them: tasks that preempted, interrupts of the host. */
#ifndef ANALYZER_PAUSE_ROWS_H
#define ANALYZER_PAUSE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "probes/exit_record.h"
#include "probes/totals.h"

enum { PAUSE_ROWS_MAX = 65536, PAUSE_ROW_TEXT = 96 };

struct pause_row {
	uint32_t by;	 /* enum pause_by */
	uint64_t number; /* of the interrupt or softirq */
	char *name;	 /* owned, NULL while the trace has not said it, "" where there is none */
	uint64_t count;
	unsigned __int128 ticks;
};

struct pause_rows {
	struct pause_row *row; /* of a trace: by the number that its events use; owned */
	size_t count;
};

/*
 * Says what row `who` is. These three return 0; -ENOMEM; -EPROTO and a sentence
 * for a number out of range.
 */
int pause_rows_name(struct pause_rows *rows, uint32_t who, uint32_t by, uint64_t number,
		    const char *name);

/* Adds one pause to row `who`, which may be named later. */
int pause_rows_add(struct pause_rows *rows, uint32_t who, uint64_t ticks);

/* Adds `count` of them, which took so long together. */
int pause_rows_add_many(struct pause_rows *rows, uint32_t who, uint64_t count, uint64_t ticks);

/* Adds what the probes keep of a vCPU, row by row of the same name. Returns 0 or -ENOMEM. */
int pause_rows_add_vcpu(struct pause_rows *rows, const struct totals_vcpu *totals);

bool pause_row_is_task(const struct pause_row *row);

/* "irq 27 arch_timer", "softirq TIMER", "IPI Function call interrupts", "kworker/0:1", "others". */
char *pause_row_text(const struct pause_row *row, char text[PAUSE_ROW_TEXT]);

/* "task", "irq", "softirq", "ipi" or "several". */
const char *pause_row_key(const struct pause_row *row);

/*
 * Those of tasks, or of interrupts, that took any time, with most time first;
 * ends with NULL. The array is the caller's. NULL without memory.
 */
const struct pause_row **pause_rows_by_time(const struct pause_rows *rows, bool tasks);

void pause_rows_release(struct pause_rows *rows);

#endif
