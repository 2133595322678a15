/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/text_table.h"

struct device_line {
	const struct summary *summary;
	const struct device_row *row;
	size_t others; /* devices that the row stands for, 0 for the one that it is */
};

static void print_name(const struct device_line *line, char text[NUMBER_TEXT])
{
	if (line->others)
		snprintf(text, NUMBER_TEXT, "%zu others", line->others);
	else if (line->row->ipa == UINT64_MAX)
		strcpy(text, "others");
	else
		snprintf(text, NUMBER_TEXT, "0x%" PRIx64, line->row->ipa);
}

static void print_handled(const struct device_line *line, char text[NUMBER_TEXT])
{
	struct exit_reason reason = { .handled = line->row->handled };

	snprintf(text, NUMBER_TEXT, "%s", line->others ? "" : reason_handled_key(&reason));
}

static void print_reads(const struct device_line *line, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)line->row->reads, text);
}

static void print_writes(const struct device_line *line, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)line->row->writes, text);
}

static void print_value(const struct device_line *line, char text[NUMBER_TEXT])
{
	units_print(&line->summary->units, units_whole(&line->summary->units, line->row->ticks), 1,
		    4, text);
}

static void print_mean(const struct device_line *line, char text[NUMBER_TEXT])
{
	units_print(&line->summary->units, units_whole(&line->summary->units, line->row->ticks),
		    line->row->reads + line->row->writes, 4, text);
}

static const struct device_column {
	const char *title; /* NULL: that of the units */
	void (*print)(const struct device_line *line, char text[NUMBER_TEXT]);
} columns[] = {
	{ "devices by address", print_name }, { "by", print_handled }, { "reads", print_reads },
	{ "writes", print_writes },	      { NULL, print_value },   { "mean", print_mean },
};

static int compare_by_time(const void *left, const void *right)
{
	const struct device_row *a = *(const struct device_row *const *)left;
	const struct device_row *b = *(const struct device_row *const *)right;

	if (a->ticks != b->ticks)
		return a->ticks > b->ticks ? -1 : 1;
	if (a->ipa != b->ipa)
		return a->ipa < b->ipa ? -1 : 1;
	return (int)a->handled - (int)b->handled;
}

const struct device_row **report_devices(const struct report *report)
{
	const struct devices *devices = &report->ledger->devices;
	const struct device_row **sorted = calloc(devices->count + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < devices->count; i++)
		sorted[i] = &devices->row[i];
	qsort(sorted, devices->count, sizeof(*sorted), compare_by_time);
	return sorted;
}

static void put_line(struct text_table *table, const struct device_line *line)
{
	char text[NUMBER_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		columns[i].print(line, text);
		text_table_cell(table, text);
	}
}

/* All from `row` to the NULL behind the last one, in one line. */
static void put_others(struct text_table *table, const struct summary *summary,
		       const struct device_row *const *row)
{
	struct device_row sum = { 0 };
	struct device_line line = { summary, &sum, 0 };

	for (; *row; row++, line.others++) {
		sum.reads += (*row)->reads;
		sum.writes += (*row)->writes;
		sum.ticks += (*row)->ticks;
	}
	put_line(table, &line);
}

int view_devices(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	_cleanup_free_ const struct device_row **row = report_devices(report);
	const struct summary *summary = &report->summary;
	size_t shown = report_rows(report, report->ledger->devices.count);

	if (!row)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		text_table_column(&table, columns[i].title ? columns[i].title
							   : units_title(&summary->units));
	for (size_t i = 0; i < shown; i++)
		put_line(&table, &(struct device_line){ summary, row[i], 0 });
	if (row[shown])
		put_others(&table, summary, row + shown);
	return text_table_print(&table, out);
}
