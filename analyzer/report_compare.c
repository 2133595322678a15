/* SPDX-License-Identifier: GPL-2.0-only */
/* Two traces side by side, per exit: which accounts make the difference. */
#include "analyzer/views.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/text_table.h"

/* One side of a row: an account, a group or a reason of one trace. */
struct side {
	const struct summary *summary;
	bool known; /* the trace has such a row */
	int64_t sum;
	uint64_t count;			/* what the sum is divided by, 0 where untouched */
	const struct histogram *length; /* or NULL */
};

struct pair {
	const char *name;
	struct side a, b;
};

static void print_mean(const struct side *side, char text[NUMBER_TEXT])
{
	units_print(&side->summary->units, side->sum, side->known ? side->count : 0, 3, text);
}

static void print_p50(const struct side *side, char text[NUMBER_TEXT])
{
	const struct units *units = &side->summary->units;

	if (!side->length)
		strcpy(text, side->known ? "" : "-");
	else
		units_print(units, units_whole(units, histogram_percentile(side->length, 50)),
			    side->length->count != 0, 3, text);
}

/*
 * B's mean less A's, as one fraction, so that it is rounded once. Untouched is
 * no time; two sides that are both untouched do not differ by anything.
 */
static void print_difference(const struct pair *pair, char text[NUMBER_TEXT])
{
	uint64_t a_count = pair->a.count ? pair->a.count : 1, b_count = pair->b.count;
	number_signed_wide a_sum = pair->a.count ? pair->a.sum : 0;
	number_signed_wide b_sum = pair->b.count ? pair->b.sum : 0;
	number_wide whole;
	int64_t tenths;

	strcpy(text, "-");
	if (!pair->a.count && !pair->b.count)
		return;
	b_count = b_count ? b_count : 1;
	whole = (number_wide)a_count * b_count;
	tenths = number_divide((b_sum * a_count - a_sum * b_count) * 10, whole);
	units_print(&pair->a.summary->units, tenths, 10, 3, text);
}

static void print_name(const struct pair *pair, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%.60s", pair->name);
}

static void print_mean_a(const struct pair *pair, char text[NUMBER_TEXT])
{
	print_mean(&pair->a, text);
}

static void print_mean_b(const struct pair *pair, char text[NUMBER_TEXT])
{
	print_mean(&pair->b, text);
}

static void print_p50_a(const struct pair *pair, char text[NUMBER_TEXT])
{
	print_p50(&pair->a, text);
}

static void print_p50_b(const struct pair *pair, char text[NUMBER_TEXT])
{
	print_p50(&pair->b, text);
}

static void print_count_a(const struct pair *pair, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)pair->a.count, text);
}

static void print_count_b(const struct pair *pair, char text[NUMBER_TEXT])
{
	number_thousands((int64_t)pair->b.count, text);
}

struct compare_column {
	const char *title;
	void (*print)(const struct pair *pair, char text[NUMBER_TEXT]);
};

static const struct compare_column account_columns[] = {
	{ "per exit", print_name },
	{ "A", print_mean_a },
	{ "B", print_mean_b },
	{ "B - A", print_difference },
	{ "A p50", print_p50_a },
	{ "B p50", print_p50_b },
	{ NULL, NULL },
};

static const struct compare_column reason_columns[] = {
	{ "exits by reason", print_name },
	{ "A count", print_count_a },
	{ "B count", print_count_b },
	{ "A mean", print_mean_a },
	{ "B mean", print_mean_b },
	{ "B - A", print_difference },
	{ NULL, NULL },
};

static void put_titles(struct text_table *table, const struct compare_column *column)
{
	for (; column->title; column++)
		text_table_column(table, column->title);
}

static void put_pair(struct text_table *table, const struct compare_column *column,
		     const struct pair *pair)
{
	char text[NUMBER_TEXT];

	for (; column->title; column++) {
		column->print(pair, text);
		text_table_cell(table, text);
	}
}

/* A sum of several accounts. */
static struct side sum_side(const struct summary *summary, int64_t sum, bool touched)
{
	return (struct side){
		.summary = summary, .known = true, .sum = sum, .count = touched ? summary->exits : 0
	};
}

static struct side account_side(const struct summary *summary, const struct account *account)
{
	uint8_t i = account_find(summary->accounts, account->group, account->key);
	struct side side = { .summary = summary };

	if (i == ACCOUNT_NONE)
		return side;
	side = sum_side(summary, summary->value[i], summary->account[i].count);
	side.length = &summary->account[i];
	return side;
}

static void put_sums(struct text_table *table, const char *name, struct side a, struct side b)
{
	struct pair pair = { name, a, b };

	put_pair(table, account_columns, &pair);
}

static void put_account(struct text_table *table, const struct report *a, const struct report *b,
			const struct account *account)
{
	char label[ACCOUNT_TEXT], name[ACCOUNT_TEXT + 2];

	report_account_name(a, account, label);
	snprintf(name, sizeof(name), "  %s", label);
	put_sums(table, name, account_side(&a->summary, account),
		 account_side(&b->summary, account));
}

static void put_group(struct text_table *table, const struct report *a, const struct report *b,
		      enum account_group group)
{
	const struct account_table *of_a = a->summary.accounts, *of_b = b->summary.accounts;

	put_sums(table, a->raw ? account_group_key(group) : account_group_label(group),
		 sum_side(&a->summary, a->summary.group[group],
			  summary_group_touched(&a->summary, group)),
		 sum_side(&b->summary, b->summary.group[group],
			  summary_group_touched(&b->summary, group)));
	for (size_t i = 0; i < of_a->count; i++)
		if (of_a->account[i].group == group)
			put_account(table, a, b, &of_a->account[i]);
	for (size_t i = 0; i < of_b->count; i++)
		if (of_b->account[i].group == group &&
		    account_find(of_a, group, of_b->account[i].key) == ACCOUNT_NONE)
			put_account(table, a, b, &of_b->account[i]);
}

static struct side without_guest(const struct summary *summary)
{
	return sum_side(summary, summary->wall - summary->group[GROUP_GUEST], true);
}

int compare_accounts(const struct report *a, const struct report *b, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };

	put_titles(&table, account_columns);
	for (int group = 0; group < GROUPS; group++)
		put_group(&table, a, b, (enum account_group)group);
	put_sums(&table, "Unattributed", sum_side(&a->summary, a->summary.unattributed, true),
		 sum_side(&b->summary, b->summary.unattributed, true));
	put_sums(&table, "All", sum_side(&a->summary, a->summary.wall, true),
		 sum_side(&b->summary, b->summary.wall, true));
	put_sums(&table, "All but the guest", without_guest(&a->summary),
		 without_guest(&b->summary));
	return text_table_print(&table, out);
}

static struct side reason_side(const struct report *report, const struct reason_row *row)
{
	struct side side = { .summary = &report->summary };

	if (!row)
		return side;
	side = sum_side(&report->summary, units_whole(&report->summary.units, row->ticks), true);
	side.count = row->count;
	side.length = &row->length;
	return side;
}

static void put_reason(struct text_table *table, const struct report *a, const struct report *b,
		       const struct exit_reason *reason)
{
	static const char *const by[] = {
		[REASON_EL2] = " (EL2)", [REASON_KERNEL] = "", [REASON_USER] = " (user)"
	};
	char text[REASON_TEXT], name[REASON_TEXT + 8];
	struct pair pair = {
		.name = name,
		.a = reason_side(a, reasons_find(&a->ledger->reasons, reason)),
		.b = reason_side(b, reasons_find(&b->ledger->reasons, reason)),
	};

	reason_name(reason, text);
	snprintf(name, sizeof(name), "%s%s", text, by[reason->handled]);
	put_pair(table, reason_columns, &pair);
}

/* Those of A with most time first, then those that only B has. */
int compare_reasons(const struct report *a, const struct report *b, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	_cleanup_free_ const struct reason_row **of_a = reasons_by_time(&a->ledger->reasons);
	_cleanup_free_ const struct reason_row **of_b = reasons_by_time(&b->ledger->reasons);

	if (!of_a || !of_b)
		return -ENOMEM;
	put_titles(&table, reason_columns);
	for (size_t i = 0; of_a[i]; i++)
		put_reason(&table, a, b, &of_a[i]->reason);
	for (size_t i = 0; of_b[i]; i++)
		if (!reasons_find(&a->ledger->reasons, &of_b[i]->reason))
			put_reason(&table, a, b, &of_b[i]->reason);
	return text_table_print(&table, out);
}
