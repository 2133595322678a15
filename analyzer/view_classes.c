/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/class_means.h"
#include "analyzer/merged.h"
#include "analyzer/text_table.h"

static bool is_mean(const struct report *report)
{
	return report->ledger->classes.means;
}

/* Of totals there are none. */
static bool is_cycles(const struct report *report)
{
	return report->cycles && !is_mean(report);
}

static enum class_measure measure_of(const struct report *report)
{
	if (is_cycles(report))
		return CLASS_CYCLES;
	return report->raw ? CLASS_RAW : CLASS_NET;
}

uint64_t report_cell_count(const struct report *report, const struct class_cell *cell)
{
	if (!cell)
		return 0;
	return is_mean(report) ? cell->mean.count : cell->length[measure_of(report)].count;
}

static bool is_unknown(const struct report *report, const struct class_cell *cell)
{
	return cell && is_mean(report) && class_mean_is_unknown(&cell->mean);
}

/* What `ret_count` records took: of a p50 that is one [ticks]. */
static unsigned __int128 sum_of(const struct report *report, const struct class_cell *cell,
				uint64_t *ret_count)
{
	*ret_count = is_mean(report) ? cell->mean.count : 1;
	if (!is_mean(report))
		return histogram_percentile(&cell->length[measure_of(report)], 50);
	return report->raw ? cell->mean.ticks
			   : class_mean_net(&report->ledger->classes, &cell->mean);
}

/* Less than one stamp takes: what is left of it is noise. */
static bool is_below_stamp(const struct report *report, const struct class_cell *cell)
{
	uint64_t count;
	unsigned __int128 sum = sum_of(report, cell, &count);

	return measure_of(report) == CLASS_NET &&
	       sum * 64 < (unsigned __int128)report->ledger->classes.stamp_cost_64 * count;
}

int64_t report_cell_number(const struct report *report, const struct class_cell *cell)
{
	unsigned __int128 sum;
	uint64_t count;

	if (!report_cell_count(report, cell) || is_unknown(report, cell) ||
	    is_below_stamp(report, cell))
		return 0;
	sum = sum_of(report, cell, &count);
	if (is_cycles(report))
		return (int64_t)sum;
	return (units_whole(&report->summary.units, sum) + (int64_t)(count / 2)) / (int64_t)count;
}

char *report_cell_text(const struct report *report, const struct class_cell *cell,
		       char text[NUMBER_TEXT])
{
	const struct units *units = &report->summary.units;
	unsigned __int128 sum;
	uint64_t count;

	if (is_unknown(report, cell))
		return strcpy(text, "?");
	if (!report_cell_count(report, cell))
		return strcpy(text, "-");
	if (is_below_stamp(report, cell))
		return strcpy(text, "< stamp");
	sum = sum_of(report, cell, &count);
	if (!is_cycles(report) && units->kind == UNITS_PERCENT)
		return units_print(units, units_whole(units, sum), count, 3, text);
	return number_thousands(report_cell_number(report, cell), text);
}

const char *report_cell_unit(const struct report *report)
{
	static const char *const units[] = {
		[UNITS_NS] = "ns",
		[UNITS_INSTRUCTIONS] = "instructions",
		[UNITS_TICKS] = "ticks",
		[UNITS_PERCENT] = "per cent of the mean exit",
	};

	return is_cycles(report) ? "cycles" : units[report->summary.units.kind];
}

const char *report_cell_kind(const struct report *report)
{
	return is_mean(report) ? "mean" : "p50";
}

bool report_has_unknown_cells(const struct report *report)
{
	const struct classes *classes = &report->ledger->classes;

	for (size_t row = 0; row <= classes->count; row++)
		for (int column = 0; column < ACCOUNT_COLUMNS; column++)
			if (is_unknown(report, &classes->row[row].cell[column]))
				return true;
	return false;
}

int report_switch_note(const struct report *report, struct buffer *out)
{
	const struct reader_facts *facts = &report->reader->facts;
	size_t count;
	const struct merged *row = merged_accounts(facts, &count);

	while (count && strcmp(row->account, account_group_key(GROUP_SAVE_RESTORE))) {
		row++;
		count--;
	}
	if (!count)
		return 0;
	return buffer_printf(out, "tier %s does not see the world switch: its time is part of %s",
			     facts->tier, merged_into_label(row->into));
}

int report_stamp_note(const struct report *report, struct buffer *out)
{
	const struct units *units = &report->summary.units;
	uint32_t cost = report->ledger->classes.stamp_cost_64;
	char each[NUMBER_TEXT];

	if (is_cycles(report))
		return buffer_printf(out, "as measured, stamps included; All is of the classes "
					  "that have cycles");
	if (report->raw)
		return buffer_printf(out, "as measured, the stamps' own cost included");
	if (!cost)
		return buffer_printf(out, "%s what a stamp takes: it is included",
				     is_mean(report) ? "it is not known"
						     : "the trace does not say");
	return buffer_printf(out, "%s%s taken out for each stamp, less than that is '< stamp'",
			     units_print(units, units_whole(units, cost), 64, 3, each),
			     units->kind == UNITS_INSTRUCTIONS ? " instructions" : "");
}

const char *report_class_name(const struct report *report, const char *key)
{
	return report->raw ? key : account_class_label(key);
}

/* From entry to exit, then the sum, then what is done round KVM_RUN. */
static const struct class_column {
	enum account_column column;
	const char *title, *second; /* in two lines */
} columns[] = {
	{ COLUMN_SAVE_HOST, "save", "host" },	{ COLUMN_RESTORE_GUEST, "restore", "guest" },
	{ COLUMN_SAVE_GUEST, "save", "guest" }, { COLUMN_RESTORE_HOST, "restore", "host" },
	{ COLUMN_EXIT, "all", "an exit" },	{ COLUMN_LOAD, "vcpu_", "load" },
	{ COLUMN_PUT, "vcpu_", "put" },
};

static void put_titles(struct text_table *table)
{
	text_table_column(table, "");
	text_table_column(table, "");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		text_table_column(table, columns[i].title);
	text_table_cell(table, "register class");
	text_table_cell(table, "n");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		text_table_cell(table, columns[i].second);
}

/* Exits that touched the class, or runs where it is moved only round KVM_RUN. */
static uint64_t row_count(const struct report *report, const struct class_row *row)
{
	static const enum account_column by[] = { COLUMN_EXIT, COLUMN_LOAD, COLUMN_PUT };
	uint64_t count = 0;

	for (size_t i = 0; !count && i < ARRAY_SIZE(by); i++)
		count = report_cell_count(report, &row->cell[by[i]]);
	return count;
}

static void put_row(struct text_table *table, const struct report *report, const char *name,
		    const struct class_row *row)
{
	char text[NUMBER_TEXT];

	text_table_cell(table, name);
	text_table_number(table, number_thousands((int64_t)row_count(report, row), text),
			  (int64_t)row_count(report, row));
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct class_cell *cell = &row->cell[columns[i].column];

		text_table_number(table, report_cell_text(report, cell, text),
				  report_cell_count(report, cell) ? report_cell_number(report, cell)
								  : -1);
	}
	text_table_tag(table, row);
}

/* How many records each column is of. */
static void put_counts(struct text_table *table, const struct report *report,
		       const struct class_row *all)
{
	char text[NUMBER_TEXT];

	text_table_cell(table, "n");
	text_table_cell(table, "");
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		uint64_t count = report_cell_count(report, &all->cell[columns[i].column]);

		text_table_cell(table, number_thousands((int64_t)count, text));
	}
}

int view_classes_table(const struct report *report, struct text_table *table)
{
	const struct classes *classes = &report->ledger->classes;
	const struct class_row *all = &classes->row[classes->count];

	put_titles(table);
	for (size_t i = 0; i < classes->count; i++)
		put_row(table, report, report_class_name(report, classes->row[i].key),
			&classes->row[i]);
	put_row(table, report, report->raw ? "all" : "All", all);
	put_counts(table, report, all);
	return 0;
}

/* What the figures are of, and what was done to them. */
static int print_notes(const struct report *report, struct buffer *out)
{
	int r = buffer_printf(out, "save and restore: %s in %s of the records that touched it\n",
			      report_cell_kind(report), report_cell_unit(report));

	if (r >= 0)
		r = report_stamp_note(report, out);
	if (r >= 0 && report_has_unknown_cells(report))
		r = buffer_printf(out, "\n'?': of more than one record in 20 it is not known if "
				       "they touched it, or how long");
	return r < 0 ? r : buffer_printf(out, "\n");
}

int view_classes(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	size_t length = out->length;
	int r = is_mean(report) ? report_switch_note(report, out) : 0;

	if (r >= 0 && out->length > length)
		return buffer_printf(out, "\n");
	if (r >= 0)
		r = print_notes(report, out);
	if (r >= 0)
		r = view_classes_table(report, &table);
	return r < 0 ? r : text_table_print(&table, out);
}
