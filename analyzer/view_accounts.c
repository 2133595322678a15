/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/text_table.h"

/* A group, an account, or what is left. */
struct ledger_row {
	const struct summary *summary;
	const char *name;
	int64_t value;
	bool touched;
	const struct histogram *length; /* of an account in each record, else NULL */
};

/* Columns return what to sort by. */
static int64_t print_name(const struct ledger_row *row, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%.60s", row->name);
	return 0;
}

static int64_t print_value(const struct ledger_row *row, char text[NUMBER_TEXT])
{
	if (row->touched)
		units_print_sum(&row->summary->units, row->value, text);
	else
		strcpy(text, "-");
	return row->touched ? row->value : -1;
}

static int64_t print_share(const struct ledger_row *row, char text[NUMBER_TEXT])
{
	number_percent(row->value, row->touched ? (number_wide)row->summary->wall : 0, 1, text);
	return row->touched ? row->value : -1;
}

static int64_t print_per_exit(const struct ledger_row *row, char text[NUMBER_TEXT])
{
	units_print(&row->summary->units, row->value, row->touched ? row->summary->exits : 0, 4,
		    text);
	return row->touched ? row->value : -1;
}

static int64_t print_percentile(const struct ledger_row *row, unsigned int percent,
				char text[NUMBER_TEXT])
{
	bool known = row->length && !row->length->partial;
	uint64_t ticks = known ? histogram_percentile(row->length, percent) : 0;

	if (row->length && !known)
		strcpy(text, "-");
	else if (known)
		units_print(&row->summary->units, units_whole(&row->summary->units, ticks),
			    row->touched, 4, text);
	else
		strcpy(text, "");
	return known ? (int64_t)ticks : -1;
}

static int64_t print_p50(const struct ledger_row *row, char text[NUMBER_TEXT])
{
	return print_percentile(row, 50, text);
}

static int64_t print_p99(const struct ledger_row *row, char text[NUMBER_TEXT])
{
	return print_percentile(row, 99, text);
}

static const struct ledger_column {
	const char *title; /* NULL: that of the units */
	bool is_share;	   /* left out where shares mean nothing */
	int64_t (*print)(const struct ledger_row *row, char text[NUMBER_TEXT]);
} columns[] = {
	{ "accounts by group", false, print_name },
	{ NULL, false, print_value },
	{ "%", true, print_share },
	{ "per exit", false, print_per_exit },
	{ "p50", false, print_p50 },
	{ "p99", false, print_p99 },
};

static bool is_shown(const struct ledger_column *column, const struct summary *summary)
{
	return summary->shares || !column->is_share;
}

static void put_titles(struct text_table *table, const struct summary *summary)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (is_shown(&columns[i], summary))
			text_table_column(table, columns[i].title ? columns[i].title
								  : units_title(&summary->units));
}

static void put_row(struct text_table *table, const struct ledger_row *row)
{
	char text[NUMBER_TEXT];
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!is_shown(&columns[i], row->summary))
			continue;
		number = columns[i].print(row, text);
		text_table_number(table, text, number);
	}
}

static void put_group(struct text_table *table, const struct report *report,
		      enum account_group group)
{
	struct ledger_row row = {
		.summary = &report->summary,
		.name = report->raw ? account_group_key(group) : account_group_label(group),
		.value = report->summary.group[group],
		.touched = summary_group_touched(&report->summary, group),
	};

	put_row(table, &row);
}

static void put_account(struct text_table *table, const struct report *report, size_t i)
{
	const struct summary *summary = &report->summary;
	char label[ACCOUNT_TEXT], name[ACCOUNT_TEXT + 2];
	struct ledger_row row = {
		.summary = summary,
		.name = name,
		.value = summary->value[i],
		.touched = summary->account[i].count,
		.length = &summary->account[i],
	};

	report_account_name(report, &summary->accounts->account[i], label);
	snprintf(name, sizeof(name), "  %s", label);
	put_row(table, &row);
}

static void put_unattributed(struct text_table *table, const struct report *report)
{
	struct ledger_row row = {
		.summary = &report->summary,
		.name = report->raw ? "unattributed" : "Unattributed",
		.value = report->summary.unattributed,
		.touched = true,
	};

	put_row(table, &row);
}

int view_accounts_table(const struct report *report, struct text_table *table)
{
	const struct account_table *accounts = report->summary.accounts;

	put_titles(table, &report->summary);
	for (int group = 0; group < GROUPS; group++) {
		put_group(table, report, (enum account_group)group);
		for (size_t i = 0; i < accounts->count; i++)
			if ((int)accounts->account[i].group == group)
				put_account(table, report, i);
	}
	put_unattributed(table, report);
	return 0;
}

int view_accounts(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = view_accounts_table(report, &table);

	return r < 0 ? r : text_table_print(&table, out);
}

char *report_account_name(const struct report *report, const struct account *account,
			  char text[ACCOUNT_TEXT])
{
	return report->raw ? strcpy(text, account->key) : account_label(account, text);
}
