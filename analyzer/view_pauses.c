/* SPDX-License-Identifier: GPL-2.0-only */
/* Who preempted vCPUs, and which interrupts of the host were taken meanwhile. */
#include "analyzer/views.h"

#include <errno.h>
#include <stdlib.h>

struct pause_line {
	const struct report *report;
	const struct pause_row *row;
	unsigned __int128 all; /* ticks of all rows */
};

/* Columns return what to sort by. */
static int64_t print_name(const struct pause_line *line, char text[PAUSE_ROW_TEXT])
{
	pause_row_text(line->row, text);
	return 0;
}

static int64_t print_count(const struct pause_line *line, char text[PAUSE_ROW_TEXT])
{
	number_thousands((int64_t)line->row->count, text);
	return (int64_t)line->row->count;
}

static int64_t time_of(const struct pause_line *line)
{
	return units_whole(&line->report->summary.units, line->row->ticks);
}

static int64_t print_time(const struct pause_line *line, char text[PAUSE_ROW_TEXT])
{
	units_print(&line->report->summary.units, time_of(line), 1, 4, text);
	return time_of(line);
}

static int64_t print_share(const struct pause_line *line, char text[PAUSE_ROW_TEXT])
{
	number_percent((number_signed_wide)line->row->ticks, line->all, 1, text);
	return time_of(line);
}

static int64_t print_mean(const struct pause_line *line, char text[PAUSE_ROW_TEXT])
{
	units_print(&line->report->summary.units, time_of(line), line->row->count, 4, text);
	return number_divide(time_of(line), line->row->count);
}

_Static_assert((int)PAUSE_ROW_TEXT >= (int)NUMBER_TEXT, "a cell holds any number");

static const struct pause_column {
	const char *title; /* NULL: that of the units */
	int64_t (*print)(const struct pause_line *line, char text[PAUSE_ROW_TEXT]);
} columns[] = {
	{ "times", print_count },
	{ NULL, print_time },
	{ "%", print_share },
	{ "mean", print_mean },
};

static void put_line(struct text_table *table, const struct pause_line *line)
{
	char text[PAUSE_ROW_TEXT];
	int64_t number;

	print_name(line, text);
	text_table_cell(table, text);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		number = columns[i].print(line, text);
		text_table_number(table, text, number);
	}
	text_table_tag(table, line->row);
}

static int put_table(const struct report *report, bool tasks, struct text_table *table)
{
	_cleanup_free_ const struct pause_row **row =
		pause_rows_by_time(&report->ledger->pauses, tasks);
	unsigned __int128 all = 0;

	if (!row)
		return -ENOMEM;
	text_table_column(table, tasks ? "preempted by" : "interrupted by");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		text_table_column(table, columns[i].title ? columns[i].title
							  : units_title(&report->summary.units));
	for (size_t i = 0; row[i]; i++)
		all += row[i]->ticks;
	for (size_t i = 0; row[i]; i++)
		put_line(table, &(struct pause_line){ report, row[i], all });
	return 0;
}

int view_preempters_table(const struct report *report, struct text_table *table)
{
	return put_table(report, true, table);
}

int view_irqs_table(const struct report *report, struct text_table *table)
{
	return put_table(report, false, table);
}

static int print_table(const struct report *report, bool tasks, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = put_table(report, tasks, &table);

	return r < 0 ? r : text_table_print(&table, out);
}

int view_preempters(const struct report *report, struct buffer *out)
{
	return print_table(report, true, out);
}

int view_irqs(const struct report *report, struct buffer *out)
{
	return print_table(report, false, out);
}
