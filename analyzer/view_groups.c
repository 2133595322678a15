/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <errno.h>
#include <stdio.h>

#include "analyzer/text_table.h"

struct group_line {
	const struct units *units;
	const char *name;
	const struct histogram *length; /* of a record in the group [ticks] */
};

/* Columns return what to sort by. */
static int64_t print_name(const struct group_line *line, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%s", line->name);
	return 0;
}

static int64_t print_count(const struct group_line *line, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)line->length->count, text);
	return (int64_t)line->length->count;
}

static int64_t print_mean(const struct group_line *line, char text[NUMBER_TEXT])
{
	int64_t whole = units_whole(line->units, line->length->sum);

	units_print(line->units, whole, line->length->count, 4, text);
	return number_divide(whole, line->length->count);
}

static int64_t print_ticks(const struct group_line *line, uint64_t ticks, char text[NUMBER_TEXT])
{
	int64_t whole = units_whole(line->units, ticks);

	units_print(line->units, whole, line->length->count > 0, 4, text);
	return whole;
}

static int64_t print_min(const struct group_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, line->length->min, text);
}

static int64_t print_p50(const struct group_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, histogram_percentile(line->length, 50), text);
}

static int64_t print_p99(const struct group_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, histogram_percentile(line->length, 99), text);
}

static int64_t print_max(const struct group_line *line, char text[NUMBER_TEXT])
{
	return print_ticks(line, line->length->max, text);
}

static const struct group_column {
	const char *title;
	int64_t (*print)(const struct group_line *line, char text[NUMBER_TEXT]);
} columns[] = {
	{ "group", print_name }, { "records", print_count }, { "mean", print_mean },
	{ "min", print_min },	 { "p50", print_p50 },	     { "p99", print_p99 },
	{ "max", print_max },
};

static void put_line(struct text_table *table, const struct group_line *line)
{
	char text[NUMBER_TEXT];
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		number = columns[i].print(line, text);
		text_table_number(table, text, number);
	}
}

int view_groups(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	const struct ledger *ledger = report->ledger;

	if (!ledger->grouped)
		return buffer_printf(out, "no record says how long it was in which group\n");
	if (ledger->from_totals && buffer_printf(out, "of the records in the trace; of the rest "
						      "only sums are known\n") < 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		text_table_column(&table, columns[i].title);
	for (int i = 0; i < GROUPS; i++) {
		enum account_group group = (enum account_group)i;
		struct group_line line = {
			.units = &report->summary.units,
			.name = report->raw ? account_group_key(group) : account_group_label(group),
			.length = &ledger->group[i],
		};

		if (line.length->count)
			put_line(&table, &line);
	}
	return text_table_print(&table, out);
}
