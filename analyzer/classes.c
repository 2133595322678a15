/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/classes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOTH_HALVES = EXIT_FLAG_CYCLES_EXIT | EXIT_FLAG_CYCLES_ENTRY };

/* What one record adds to a cell. */
struct class_sum {
	uint64_t ticks, cycles;
	unsigned int places, stamped, cycled;
};

static struct class_sum *sum_of(struct classes *classes, size_t row, enum account_column column)
{
	return &classes->sum[row * ACCOUNT_COLUMNS + column];
}

const struct class_row *classes_find(const struct classes *classes, const char *key)
{
	for (size_t i = 0; i < classes->count; i++)
		if (!strcmp(classes->row[i].key, key))
			return &classes->row[i];
	return NULL;
}

static uint8_t get_row(struct classes *classes, const char *key)
{
	const struct class_row *known = classes_find(classes, key);

	if (known)
		return (uint8_t)(known - classes->row);
	snprintf(classes->row[classes->count].key, ACCOUNT_KEY, "%s", key);
	return (uint8_t)classes->count++;
}

/* So many rows there can be at most: one for each account, one for the sums. */
static size_t rows_max(const struct account_table *accounts)
{
	size_t rows = 1;

	for (size_t i = 0; i < accounts->count; i++)
		rows += accounts->account[i].group == GROUP_SAVE_RESTORE;
	return rows;
}

/* Gives the accounts that are of a class, or the others, their place in the table. */
static void place_accounts(struct classes *classes, const struct account_table *accounts,
			   bool of_class)
{
	for (size_t i = 0; i < accounts->count; i++) {
		struct account_class class = account_class(accounts->account[i].key);

		if (accounts->account[i].group != GROUP_SAVE_RESTORE || class.is_class != of_class)
			continue;
		classes->row_of[i] = get_row(classes, class.key);
		classes->column_of[i] = (uint8_t) class.column;
	}
}

int classes_init(struct classes *classes, const struct account_table *accounts,
		 uint32_t stamp_cost_64)
{
	size_t rows = rows_max(accounts);

	*classes = (struct classes){ .stamp_cost_64 = stamp_cost_64 };
	classes->row = calloc(rows, sizeof(*classes->row));
	classes->sum = calloc(rows * ACCOUNT_COLUMNS, sizeof(*classes->sum));
	if (!classes->row || !classes->sum)
		return -ENOMEM;
	memset(classes->row_of, ACCOUNT_NONE, sizeof(classes->row_of));
	place_accounts(classes, accounts, true);
	place_accounts(classes, accounts, false);
	return 0;
}

static void add_up(struct class_sum *sum, const struct booking *booking, size_t account)
{
	sum->ticks += booking->length[account];
	sum->cycles += booking->cycles[account];
	sum->places += booking->places[account];
	sum->stamped += booking->stamped[account];
	sum->cycled += booking->cycled[account];
}

static void add_account(struct classes *classes, const struct booking *booking, size_t account)
{
	enum account_column column = (enum account_column)classes->column_of[account];
	bool at_exit = column != COLUMN_LOAD && column != COLUMN_PUT;
	size_t rows[] = { classes->row_of[account], classes->count };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		add_up(sum_of(classes, rows[i], column), booking, account);
		if (at_exit && column != COLUMN_EXIT)
			add_up(sum_of(classes, rows[i], COLUMN_EXIT), booking, account);
	}
}

/* The stamps' own cost, to the nearest tick, is no more than what it is taken out of. */
static uint64_t net_of(const struct classes *classes, const struct class_sum *sum)
{
	uint64_t cost = ((uint64_t)sum->stamped * classes->stamp_cost_64 + 32) / 64;

	return sum->ticks > cost ? sum->ticks - cost : 0;
}

static int keep_sum(const struct classes *classes, struct class_cell *cell,
		    const struct class_sum *sum, bool has_cycles)
{
	int r = histogram_add(&cell->length[CLASS_NET], net_of(classes, sum));

	if (r >= 0)
		r = histogram_add(&cell->length[CLASS_RAW], sum->ticks);
	if (r >= 0 && has_cycles)
		r = histogram_add(&cell->length[CLASS_CYCLES], sum->cycles);
	return r;
}

static bool is_whole(const struct trace_record *record)
{
	return record->fixed.kind == EXIT_KIND_EXIT && stage_set_is_empty(&record->missing) &&
	       !(record->fixed.flags & (EXIT_FLAG_OPEN | EXIT_FLAG_NOT_ENTERED));
}

/*
 * Not all stages can have cycles: those of the run loop do not. All rows
 * together have the cycles of what can, where both halves of the exit do.
 */
static bool has_cycles(const struct exit_fixed *fixed, const struct class_sum *sum, bool all_rows)
{
	return sum->cycled && (all_rows ? (fixed->flags & BOTH_HALVES) == BOTH_HALVES
					: sum->cycled == sum->places);
}

int classes_add(struct classes *classes, const struct trace_record *record,
		const struct booking *booking)
{
	size_t sums = (classes->count + 1) * ACCOUNT_COLUMNS;
	bool whole = is_whole(record);
	int r = 0;

	memset(classes->sum, 0, sums * sizeof(*classes->sum));
	for (size_t i = 0; i < ACCOUNTS_MAX; i++)
		if (classes->row_of[i] != ACCOUNT_NONE && booking->touched[i])
			add_account(classes, booking, i);
	for (size_t i = 0; r >= 0 && i < sums; i++) {
		const struct class_sum *sum = &classes->sum[i];
		size_t row = i / ACCOUNT_COLUMNS, column = i % ACCOUNT_COLUMNS;

		if (sum->places && (whole || column != COLUMN_EXIT))
			r = keep_sum(classes, &classes->row[row].cell[column], sum,
				     has_cycles(&record->fixed, sum, row == classes->count));
	}
	return r;
}

static void release_row(struct class_row *row)
{
	for (int column = 0; column < ACCOUNT_COLUMNS; column++)
		for (int measure = 0; measure < CLASS_MEASURES; measure++)
			histogram_release(&row->cell[column].length[measure]);
}

void classes_release(struct classes *classes)
{
	for (size_t i = 0; classes->row && i <= classes->count; i++)
		release_row(&classes->row[i]);
	free(classes->row);
	free(classes->sum);
	*classes = (struct classes){ 0 };
}
