/* SPDX-License-Identifier: GPL-2.0-only */
/* Two traces side by side: what each register class takes at an exit of each. */
#include "analyzer/views.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/text_table.h"

struct sides {
	const struct report *a, *b;
};

/* NULL where the trace does not know the class. */
static const struct class_cell *cell_of(const struct class_row *row, enum account_column column)
{
	return row ? &row->cell[column] : NULL;
}

static void put_titles(struct text_table *table, const struct sides *sides)
{
	char mode[NUMBER_TEXT];

	text_table_column(table, "");
	text_table_column(table, "");
	snprintf(mode, sizeof(mode), "A: %.32s", sides->a->reader->facts.kvm_mode);
	text_table_column(table, mode);
	text_table_column(table, "");
	snprintf(mode, sizeof(mode), "B: %.32s", sides->b->reader->facts.kvm_mode);
	text_table_column(table, mode);
	text_table_column(table, "");
	text_table_cell(table, "register class");
	for (int side = 0; side < 2; side++) {
		text_table_cell(table, "n");
		text_table_cell(table, report_cell_unit(sides->a));
	}
	text_table_cell(table, "B / A");
}

/* With two decimals; none where one side is not to be had. Returns hundredths. */
static int64_t print_ratio(int64_t a, int64_t b, char text[NUMBER_TEXT])
{
	int64_t ratio = a && b ? number_divide((number_signed_wide)b * 100, (number_wide)a) : -1;

	if (a && b)
		number_fixed(ratio, 2, text);
	else
		strcpy(text, "-");
	return ratio;
}

static void put_side(struct text_table *table, const struct report *report,
		     const struct class_cell *cell)
{
	char text[NUMBER_TEXT];

	number_thousands((int64_t)report_cell_count(report, cell), text);
	text_table_number(table, text, (int64_t)report_cell_count(report, cell));
	text_table_number(table, report_cell_text(report, cell, text),
			  report_cell_count(report, cell) ? report_cell_number(report, cell) : -1);
}

static void put_line(struct text_table *table, const struct sides *sides, const char *name,
		     const struct class_cell *a, const struct class_cell *b, bool is_total)
{
	char text[NUMBER_TEXT] = "";
	int64_t ratio = 0;

	text_table_cell(table, name);
	put_side(table, sides->a, a);
	put_side(table, sides->b, b);
	if (is_total)
		ratio = print_ratio(report_cell_number(sides->a, a),
				    report_cell_number(sides->b, b), text);
	text_table_number(table, text, ratio);
}

static bool is_touched(const struct sides *sides, const struct class_cell *a,
		       const struct class_cell *b)
{
	return report_cell_count(sides->a, a) || report_cell_count(sides->b, b);
}

/* The sum at an exit, then what it is made of, as far as one of the traces has it. */
static void put_class(struct text_table *table, const struct sides *sides, const char *name,
		      const struct class_row *a, const struct class_row *b)
{
	char label[NUMBER_TEXT];

	put_line(table, sides, name, cell_of(a, COLUMN_EXIT), cell_of(b, COLUMN_EXIT), true);
	text_table_tag(table, a ? a : b);
	for (int i = 0; i < ACCOUNT_COLUMNS; i++) {
		enum account_column column = (enum account_column)i;

		if (column == COLUMN_EXIT ||
		    !is_touched(sides, cell_of(a, column), cell_of(b, column)))
			continue;
		snprintf(label, sizeof(label), "  %s%s",
			 column == COLUMN_LOAD || column == COLUMN_PUT ? "vcpu_" : "",
			 account_column_label(column));
		put_line(table, sides, label, cell_of(a, column), cell_of(b, column), false);
	}
}

static void put_classes(struct text_table *table, const struct sides *sides)
{
	const struct classes *of_a = &sides->a->ledger->classes;
	const struct classes *of_b = &sides->b->ledger->classes;

	for (size_t i = 0; i < of_a->count; i++)
		put_class(table, sides, report_class_name(sides->a, of_a->row[i].key),
			  &of_a->row[i], classes_find(of_b, of_a->row[i].key));
	for (size_t i = 0; i < of_b->count; i++)
		if (!classes_find(of_a, of_b->row[i].key))
			put_class(table, sides, report_class_name(sides->b, of_b->row[i].key), NULL,
				  &of_b->row[i]);
	put_class(table, sides, sides->a->raw ? "all" : "All", &of_a->row[of_a->count],
		  &of_b->row[of_b->count]);
}

static int print_note(const struct report *report, const char *letter, struct buffer *out)
{
	int r = buffer_printf(out, "%s: ", letter);

	if (r >= 0)
		r = report_stamp_note(report, out);
	return r < 0 ? r : buffer_printf(out, "\n");
}

int compare_classes_table(const struct report *a, const struct report *b, struct text_table *table)
{
	const struct sides sides = { a, b };

	put_titles(table, &sides);
	put_classes(table, &sides);
	return 0;
}

int compare_classes(const struct report *a, const struct report *b, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = buffer_printf(out,
			      "save and restore: p50 in %s of the records that touched it\n"
			      "A: %s, mode %s\nB: %s, mode %s\n",
			      report_cell_unit(a), a->reader->facts.kernel,
			      a->reader->facts.kvm_mode, b->reader->facts.kernel,
			      b->reader->facts.kvm_mode);

	if (r >= 0)
		r = print_note(a, "A", out);
	if (r >= 0)
		r = print_note(b, "B", out);
	if (r >= 0)
		r = compare_classes_table(a, b, &table);
	return r < 0 ? r : text_table_print(&table, out);
}
