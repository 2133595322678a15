/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/text_table.h"

/* A reason, or all that are not shown by themselves. */
struct reason_line {
	const struct report *report;
	const struct summary *summary;
	unsigned int low, step; /* power of two of the first bar, powers that a bar stands for */
	const char *name, *handled;
	uint64_t count;
	unsigned __int128 ticks;	/* of these */
	unsigned __int128 all_ticks;	/* of all reasons */
	const struct histogram *length; /* empty where only the sum is known */
};

/* Columns return what to sort by. */
static int64_t print_name(const struct reason_line *line, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%.60s", line->name);
	return 0;
}

static int64_t print_handled(const struct reason_line *line, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%s", line->handled);
	return 0;
}

static int64_t print_count(const struct reason_line *line, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)line->count, text);
	return (int64_t)line->count;
}

static int64_t print_rate(const struct reason_line *line, char text[NUMBER_TEXT])
{
	return report_rate(line->report, line->count, text);
}

static int64_t print_share(const struct reason_line *line, char text[NUMBER_TEXT])
{
	number_percent((number_signed_wide)line->ticks, line->all_ticks, 1, text);
	return units_whole(&line->summary->units, line->ticks);
}

static int64_t print_mean(const struct reason_line *line, char text[NUMBER_TEXT])
{
	int64_t whole = units_whole(&line->summary->units, line->ticks);

	units_print(&line->summary->units, whole, line->count, 3, text);
	return number_divide(whole, line->count);
}

static int64_t print_ticks(const struct reason_line *line, uint64_t ticks, char text[NUMBER_TEXT])
{
	bool known = line->length->count && !line->length->partial;
	int64_t whole = units_whole(&line->summary->units, ticks);

	units_print(&line->summary->units, whole, known, 3, text);
	return known ? whole : -1;
}

static int64_t print_p50(const struct reason_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, histogram_percentile(line->length, 50), text);
}

static int64_t print_p99(const struct reason_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, histogram_percentile(line->length, 99), text);
}

static int64_t print_max(const struct reason_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, line->length->max, text);
}

/* How the lengths spread, on one axis for all rows; what there is shows. */
static int64_t print_bars(const struct reason_line *line, char text[NUMBER_TEXT])
{
	uint64_t power[HISTOGRAM_POWERS], bar[VIEW_BARS] = { 0 }, most = 1;

	histogram_powers(line->length, power);
	for (unsigned int i = line->low; i < HISTOGRAM_POWERS; i++) {
		unsigned int at = (i - line->low) / line->step;

		bar[at < VIEW_BARS ? at : VIEW_BARS - 1] += power[i];
	}
	for (int i = 0; i < VIEW_BARS; i++)
		most = bar[i] > most ? bar[i] : most;
	text[0] = VIEW_BARS_MARK;
	for (int i = 0; i < VIEW_BARS; i++)
		text[i + 1] = (char)('0' + ((number_wide)bar[i] * 8 + most - 1) / most);
	text[VIEW_BARS + 1] = '\0';
	return line->length->count ? (int64_t)line->length->max : -1;
}

static const struct reason_column {
	const char *title;
	bool is_share;	/* left out where shares mean nothing */
	bool on_screen; /* left out elsewhere */
	int64_t (*print)(const struct reason_line *line, char text[NUMBER_TEXT]);
} columns[] = {
	{ "exits by reason", false, false, print_name },
	{ "by", false, false, print_handled },
	{ "count", false, false, print_count },
	{ "a second", false, true, print_rate },
	{ "%", true, false, print_share },
	{ "mean", false, false, print_mean },
	{ "p50", false, false, print_p50 },
	{ "p99", false, false, print_p99 },
	{ "max", false, false, print_max },
	{ "histogram", false, true, print_bars },
};

static bool is_shown(const struct reason_column *column, const struct report *report)
{
	return (report->summary.shares || !column->is_share) &&
	       (report->screen || !column->on_screen);
}

static void put_titles(struct text_table *table, const struct report *report)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (is_shown(&columns[i], report))
			text_table_column(table, columns[i].title);
}

static void put_line(struct text_table *table, const struct reason_line *line)
{
	char text[NUMBER_TEXT];
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!is_shown(&columns[i], line->report))
			continue;
		number = columns[i].print(line, text);
		text_table_number(table, text, number);
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
	text_table_tag(table, row);
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

	for (size_t i = 0; i < reasons->table.count; i++) {
		const struct reason_row *row = reasons->table.row[i];

		ticks += row->ticks;
	}
	return ticks;
}

/* One row more than that is not worth a line for the rest. */
size_t report_rows(const struct report *report, size_t count)
{
	return report->all_rows || count <= VIEW_ROWS + 1 ? count : VIEW_ROWS;
}

int64_t report_rate(const struct report *report, uint64_t count, char text[NUMBER_TEXT])
{
	int64_t tenths =
		number_divide((number_signed_wide)count * 10 * 1000000000, report->span_ns);

	if (!report->span_ns)
		strcpy(text, "-");
	else if (tenths < 1000)
		number_fixed(tenths, 1, text);
	else
		number_thousands(number_divide(tenths, 10), text);
	return tenths;
}

/* The bars' axis: from the shortest to the longest record of any reason. */
static void set_axis(struct reason_line *line, const struct reasons *reasons)
{
	unsigned int low = HISTOGRAM_POWERS - 1, high = 0;

	for (size_t i = 0; i < reasons->table.count; i++) {
		const struct reason_row *row = reasons->table.row[i];
		const struct histogram *length = &row->length;
		unsigned int least = 63 - (unsigned int)__builtin_clzll(length->min | 1);
		unsigned int most = 63 - (unsigned int)__builtin_clzll(length->max | 1);

		if (length->count && least < low)
			low = least;
		if (length->count && most > high)
			high = most;
	}
	line->low = low;
	line->step = high < low ? 1 : (high - low) / VIEW_BARS + 1;
}

int view_reasons_table(const struct report *report, struct text_table *table)
{
	const struct reasons *reasons = &report->ledger->reasons;
	_cleanup_free_ const struct reason_row **row = reasons_by_time(reasons);
	struct reason_line line = { .report = report,
				    .summary = &report->summary,
				    .all_ticks = all_ticks(reasons) };
	size_t shown = report_rows(report, reasons->table.count);

	if (!row)
		return -ENOMEM;
	set_axis(&line, reasons);
	put_titles(table, report);
	for (size_t i = 0; i < shown; i++)
		put_reason(table, line, row[i]);
	return shown < reasons->table.count ? put_others(table, line, row + shown) : 0;
}

int view_reasons(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = view_reasons_table(report, &table);

	return r < 0 ? r : text_table_print(&table, out);
}
