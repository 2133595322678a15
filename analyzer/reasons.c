/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/reasons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the reason is in the sorted rows, or belongs. */
static size_t reason_place(const struct reasons *reasons, const struct exit_reason *reason)
{
	size_t low = 0, high = reasons->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reason_compare(&reasons->row[middle]->reason, reason) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct reason_row *reason_at(const struct reasons *reasons, size_t place,
				    const struct exit_reason *reason)
{
	if (place == reasons->count || reason_compare(&reasons->row[place]->reason, reason))
		return NULL;
	return reasons->row[place];
}

const struct reason_row *reasons_find(const struct reasons *reasons,
				      const struct exit_reason *reason)
{
	return reason_at(reasons, reason_place(reasons, reason), reason);
}

static struct reason_row *reason_insert(struct reasons *reasons, size_t place,
					const struct exit_reason *reason)
{
	struct reason_row **grown =
		reallocarray(reasons->row, reasons->count + 1, sizeof(*reasons->row));
	struct reason_row *row;

	if (!grown)
		return NULL;
	reasons->row = grown;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->reason = *reason;
	memmove(grown + place + 1, grown + place, (reasons->count - place) * sizeof(*grown));
	grown[place] = row;
	reasons->count++;
	return row;
}

/* The row of the reason, or the one it shares when there are too many. */
static struct reason_row *reason_get(struct reasons *reasons, const struct exit_reason *reason)
{
	struct exit_reason shared = reason_of_class(reason);
	size_t place = reason_place(reasons, reason);
	struct reason_row *row = reason_at(reasons, place, reason);

	if (row || reasons->count < REASONS_APART)
		return row ? row : reason_insert(reasons, place, reason);
	place = reason_place(reasons, &shared);
	row = reason_at(reasons, place, &shared);
	return row ? row : reason_insert(reasons, place, &shared);
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
	const struct reason_row **sorted = calloc(reasons->count + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < reasons->count; i++)
		sorted[i] = reasons->row[i];
	qsort(sorted, reasons->count, sizeof(*sorted), compare_by_time);
	return sorted;
}

void reasons_release(struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->count; i++) {
		histogram_release(&reasons->row[i]->length);
		free(reasons->row[i]);
	}
	free(reasons->row);
	*reasons = (struct reasons){ 0 };
}
