/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/text_table.h"

/* A reason, or all that are not shown by themselves. */
struct reason_line {
	const struct summary *summary;
	const char *name, *handled;
	uint64_t count;
	unsigned __int128 ticks;	/* of these */
	unsigned __int128 all_ticks;	/* of all reasons */
	const struct histogram *length; /* empty where only the sum is known */
};

static void print_name(const struct reason_line *line, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%.60s", line->name);
}

static void print_handled(const struct reason_line *line, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%s", line->handled);
}

static void print_count(const struct reason_line *line, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)line->count, text);
}

static void print_share(const struct reason_line *line, char text[NUMBER_TEXT])
{
	number_percent((number_signed_wide)line->ticks, line->all_ticks, 1, text);
}

static void print_mean(const struct reason_line *line, char text[NUMBER_TEXT])
{
	units_print(&line->summary->units, units_whole(&line->summary->units, line->ticks),
		    line->count, 3, text);
}

static void print_ticks(const struct reason_line *line, uint64_t ticks, char text[NUMBER_TEXT])
{
	units_print(&line->summary->units, units_whole(&line->summary->units, ticks),
		    line->length->count && !line->length->partial, 3, text);
}

static void print_p50(const struct reason_line *line, char text[NUMBER_TEXT])
{
	print_ticks(line, histogram_percentile(line->length, 50), text);
}

static void print_p99(const struct reason_line *line, char text[NUMBER_TEXT])
{
	print_ticks(line, histogram_percentile(line->length, 99), text);
}

static void print_max(const struct reason_line *line, char text[NUMBER_TEXT])
{
	print_ticks(line, line->length->max, text);
}

static const struct reason_column {
	const char *title;
	bool is_share; /* left out where shares mean nothing */
	void (*print)(const struct reason_line *line, char text[NUMBER_TEXT]);
} columns[] = {
	{ "exits by reason", false, print_name },
	{ "by", false, print_handled },
	{ "count", false, print_count },
	{ "%", true, print_share },
	{ "mean", false, print_mean },
	{ "p50", false, print_p50 },
	{ "p99", false, print_p99 },
	{ "max", false, print_max },
};

static void put_titles(struct text_table *table, const struct summary *summary)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (summary->shares || !columns[i].is_share)
			text_table_column(table, columns[i].title);
}

static void put_line(struct text_table *table, const struct reason_line *line)
{
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (columns[i].is_share && !line->summary->shares)
			continue;
		columns[i].print(line, text);
		text_table_cell(table, text);
	}
}

static void put_reason(struct text_table *table, struct reason_line line,
		       const struct reason_row *row)
{
	char name[REASON_TEXT];

	line.name = reason_name(&row->reason, name);
	line.handled = reason_handled_key(&row->reason);
	line.count = row->count;
	line.ticks = row->ticks;
	line.length = &row->length;
	put_line(table, &line);
}

/* All from `row` to the NULL behind the last one, in one line. */
static int put_others(struct text_table *table, struct reason_line line,
		      const struct reason_row *const *row)
{
	_cleanup_histogram_ struct histogram length = { 0 };
	char name[REASON_TEXT];
	size_t reasons = 0;

	for (; *row; row++, reasons++) {
		line.count += (*row)->count;
		line.ticks += (*row)->ticks;
		if (histogram_merge(&length, &(*row)->length) < 0)
			return -ENOMEM;
	}
	snprintf(name, sizeof(name), "%zu others", reasons);
	line.name = name;
	line.handled = "";
	line.length = &length;
	put_line(table, &line);
	return 0;
}

static unsigned __int128 all_ticks(const struct reasons *reasons)
{
	unsigned __int128 ticks = 0;

	for (size_t i = 0; i < reasons->count; i++)
		ticks += reasons->row[i]->ticks;
	return ticks;
}

/* One row more than that is not worth a line for the rest. */
size_t report_rows(const struct report *report, size_t count)
{
	return report->all_rows || count <= VIEW_ROWS + 1 ? count : VIEW_ROWS;
}

int view_reasons(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	const struct reasons *reasons = &report->ledger->reasons;
	_cleanup_free_ const struct reason_row **row = reasons_by_time(reasons);
	struct reason_line line = { .summary = &report->summary, .all_ticks = all_ticks(reasons) };
	size_t shown = report_rows(report, reasons->count);
	int r = 0;

	if (!row)
		return -ENOMEM;
	put_titles(&table, &report->summary);
	for (size_t i = 0; i < shown; i++)
		put_reason(&table, line, row[i]);
	if (shown < reasons->count)
		r = put_others(&table, line, row + shown);
	return r < 0 ? r : text_table_print(&table, out);
}
