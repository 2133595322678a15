/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/reason_table.h"

#include <stdlib.h>
#include <string.h>

/* Where the reason is in the sorted rows, or belongs. */
static size_t find_place(const struct reason_table *table, const struct exit_reason *reason)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reason_compare(table->row[middle], reason) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void *row_at(const struct reason_table *table, size_t place,
		    const struct exit_reason *reason)
{
	if (place == table->count || reason_compare(table->row[place], reason))
		return NULL;
	return table->row[place];
}

void *reason_table_find(const struct reason_table *table, const struct exit_reason *reason)
{
	return row_at(table, find_place(table, reason), reason);
}

static void *insert(struct reason_table *table, size_t place, const struct exit_reason *reason,
		    size_t size)
{
	void **grown = reallocarray(table->row, table->count + 1, sizeof(*grown)), *row;

	if (!grown)
		return NULL;
	table->row = grown;
	row = calloc(1, size);
	if (!row)
		return NULL;
	memcpy(row, reason, sizeof(*reason));
	memmove(grown + place + 1, grown + place, (table->count - place) * sizeof(*grown));
	grown[place] = row;
	table->count++;
	return row;
}

void *reason_table_get(struct reason_table *table, const struct exit_reason *reason, size_t size)
{
	struct exit_reason shared = reason_of_class(reason);
	size_t place = find_place(table, reason);
	void *row = row_at(table, place, reason);

	if (!row && table->count >= REASONS_APART) {
		reason = &shared;
		place = find_place(table, reason);
		row = row_at(table, place, reason);
	}
	return row ? row : insert(table, place, reason, size);
}

void reason_table_release(struct reason_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->row[i]);
	free(table->row);
	*table = (struct reason_table){ 0 };
}
