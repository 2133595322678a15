/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/reasons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct reason_row *reasons_find(const struct reasons *reasons,
				      const struct exit_reason *reason)
{
	return reason_table_find(&reasons->table, reason);
}

static struct reason_row *reason_get(struct reasons *reasons, const struct exit_reason *reason)
{
	return reason_table_get(&reasons->table, reason, sizeof(struct reason_row));
}

int reasons_add_sum(struct reasons *reasons, const struct exit_reason *reason, uint64_t count,
		    uint64_t ticks)
{
	struct reason_row *row = reason_get(reasons, reason);

	if (!row)
		return -ENOMEM;
	row->count += count;
	row->ticks += ticks;
	row->length.partial = true;
	return 0;
}

int reasons_add(struct reasons *reasons, const struct exit_reason *reason, uint64_t ticks)
{
	struct reason_row *row = reason_get(reasons, reason);

	if (!row || histogram_add(&row->length, ticks) < 0)
		return -ENOMEM;
	row->count++;
	row->ticks += ticks;
	return 0;
}

struct histogram *reasons_add_apart(struct reasons *reasons, const struct exit_reason *reason,
				    uint64_t count, uint64_t ticks)
{
	struct reason_row *row = reason_get(reasons, reason);

	if (!row)
		return NULL;
	row->count += count;
	row->ticks += ticks;
	return &row->length;
}

static int compare_by_time(const void *left, const void *right)
{
	const struct reason_row *a = *(const struct reason_row *const *)left;
	const struct reason_row *b = *(const struct reason_row *const *)right;
	char name_a[REASON_TEXT], name_b[REASON_TEXT];
	int order;

	if (a->ticks != b->ticks)
		return a->ticks > b->ticks ? -1 : 1;
	order = strcmp(reason_name(&a->reason, name_a), reason_name(&b->reason, name_b));
	return order ? order : (int)a->reason.handled - (int)b->reason.handled;
}

const struct reason_row **reasons_by_time(const struct reasons *reasons)
{
	size_t count = reasons->table.count;
	const struct reason_row **sorted = calloc(count + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < count; i++)
		sorted[i] = reasons->table.row[i];
	qsort(sorted, count, sizeof(*sorted), compare_by_time);
	return sorted;
}

void reasons_release(struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->table.count; i++) {
		struct reason_row *row = reasons->table.row[i];

		histogram_release(&row->length);
	}
	reason_table_release(&reasons->table);
}
