/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/pause_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "probes/pauser.h"

static int get(struct pause_rows *rows, uint32_t who, struct pause_row **ret_row)
{
	struct pause_row *grown;

	if (who >= PAUSE_ROWS_MAX)
		return error_set(-EPROTO, "the trace is damaged: it names what made a pause as %u",
				 who);
	if (who >= rows->count) {
		grown = reallocarray(rows->row, who + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		memset(grown + rows->count, 0, (who + 1 - rows->count) * sizeof(*grown));
		rows->row = grown;
		rows->count = who + 1;
	}
	*ret_row = &rows->row[who];
	return 0;
}

/* A task may call itself anything; a terminal must not obey it. */
static void disarm(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int pause_rows_name(struct pause_rows *rows, uint32_t who, uint32_t by, uint64_t number,
		    const char *name)
{
	struct pause_row *row = NULL;
	int r = get(rows, who, &row);
	char *copy = r < 0 ? NULL : strdup(name);

	if (r < 0)
		return r;
	if (!copy)
		return -ENOMEM;
	disarm(copy);
	free(row->name);
	row->name = copy;
	row->by = by;
	row->number = number;
	return 0;
}

int pause_rows_add_many(struct pause_rows *rows, uint32_t who, uint64_t count, uint64_t ticks)
{
	struct pause_row *row = NULL;
	int r = get(rows, who, &row);

	if (r < 0)
		return r;
	row->count += count;
	row->ticks += ticks;
	return 0;
}

int pause_rows_add(struct pause_rows *rows, uint32_t who, uint64_t ticks)
{
	return pause_rows_add_many(rows, who, 1, ticks);
}

/* --- what the probes keep ------------------------------------------------------- */

static uint32_t find(const struct pause_rows *rows, uint32_t by, uint64_t number, const char *name)
{
	uint32_t i = 0;

	while (i < rows->count && (rows->row[i].by != by || rows->row[i].number != number ||
				   strcmp(rows->row[i].name, name) != 0))
		i++;
	return i;
}

static int add_pauser(struct pause_rows *rows, const struct totals_pauser *pauser)
{
	uint64_t number = pauser_number(pauser->by, pauser->cause);
	char name[PAUSER_NAME_BYTES];
	uint32_t who;
	int r = 0;

	pauser_text(pauser->by, pauser->cause, pauser->name, name);
	disarm(name);
	who = find(rows, pauser->by, number, name);
	if (who == rows->count)
		r = pause_rows_name(rows, who, pauser->by, number, name);
	if (r < 0)
		return r;
	rows->row[who].count += pauser->count;
	rows->row[who].ticks += pauser->ticks;
	return 0;
}

int pause_rows_add_vcpu(struct pause_rows *rows, const struct totals_vcpu *totals)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(totals->pauser); i++)
		if (totals->pauser[i].count)
			r = add_pauser(rows, &totals->pauser[i]);
	return r;
}

/* --- what is shown -------------------------------------------------------------- */

bool pause_row_is_task(const struct pause_row *row)
{
	return row->by == PAUSE_BY_TASK || row->by == PAUSE_BY_TASKS;
}

char *pause_row_text(const struct pause_row *row, char text[PAUSE_ROW_TEXT])
{
	const char *name = row->name ? row->name : "?";

	switch (row->by) {
	case PAUSE_BY_TASK:
		snprintf(text, PAUSE_ROW_TEXT, "%s", name);
		break;
	case PAUSE_BY_IRQ:
		snprintf(text, PAUSE_ROW_TEXT, "irq %" PRIu64 "%s%s", row->number, *name ? " " : "",
			 name);
		break;
	case PAUSE_BY_SOFTIRQ:
		snprintf(text, PAUSE_ROW_TEXT, "softirq %s", name);
		break;
	case PAUSE_BY_IPI:
		snprintf(text, PAUSE_ROW_TEXT, "IPI %s", name);
		break;
	default:
		strcpy(text, "others");
	}
	return text;
}

const char *pause_row_key(const struct pause_row *row)
{
	static const char *const keys[] = {
		[PAUSE_BY_TASK] = "task", [PAUSE_BY_TASKS] = "several",
		[PAUSE_BY_IRQ] = "irq",	  [PAUSE_BY_SOFTIRQ] = "softirq",
		[PAUSE_BY_IPI] = "ipi",	  [PAUSE_BY_IRQS] = "several"
	};

	return row->by < ARRAY_SIZE(keys) ? keys[row->by] : "several";
}

static int compare(const void *left, const void *right)
{
	const struct pause_row *a = *(const struct pause_row *const *)left;
	const struct pause_row *b = *(const struct pause_row *const *)right;
	char text_a[PAUSE_ROW_TEXT], text_b[PAUSE_ROW_TEXT];

	if (a->ticks != b->ticks)
		return a->ticks > b->ticks ? -1 : 1;
	return strcmp(pause_row_text(a, text_a), pause_row_text(b, text_b));
}

const struct pause_row **pause_rows_by_time(const struct pause_rows *rows, bool tasks)
{
	const struct pause_row **sorted = calloc(rows->count + 1, sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; sorted && i < rows->count; i++)
		if (rows->row[i].count && pause_row_is_task(&rows->row[i]) == tasks)
			sorted[count++] = &rows->row[i];
	if (sorted)
		qsort(sorted, count, sizeof(*sorted), compare);
	return sorted;
}

void pause_rows_release(struct pause_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->row[i].name);
	free(rows->row);
	*rows = (struct pause_rows){ 0 };
}
