/* SPDX-License-Identifier: GPL-2.0-only */
/* What `hyptrace report` prints: each view appends one section to a text. */
#ifndef ANALYZER_VIEWS_H
#define ANALYZER_VIEWS_H

#include <stdbool.h>

#include "analyzer/ledger.h"
#include "analyzer/summary.h"
#include "analyzer/text_table.h"
#include "base/buffer.h"

/* So many rows of a long table are shown by themselves, the rest in one line. */
enum { VIEW_ROWS = 20, VIEW_MOMENT_TEXT = NUMBER_TEXT + 32 };

/* One trace, read and added up. */
struct report {
	const char *path;      /* borrowed; NULL for running totals */
	struct reader *reader; /* owned */
	struct ledger *ledger; /* owned */
	struct device_map device_map; /* names given with the report; owned */
	struct summary summary;
	bool raw;	   /* ticks and the trace's own names */
	bool outside_wall; /* the wall time was measured outside */
	bool all_rows;	   /* tables are not cut */
	bool cycles;	   /* the table of classes is in CPU cycles */
	bool compact;	   /* JSON in one line */
	uint64_t at_ns;	   /* of running totals: since they were begun; 0 of a trace */
	bool screen;	   /* with the columns that only a screen has */
	uint64_t span_ns;  /* that rates are over; 0: there are none */
};

/* All of these return 0 or -ENOMEM. */

/* Where the trace comes from, what it counts in, what to beware of. */
int view_header(const struct report *report, struct buffer *out);

/* Of a trace whose totals say until when: "1.50 s before the last record". */
char *view_totals_moment(const struct ledger *ledger, char text[VIEW_MOMENT_TEXT]);

/* The tables that are printed where none was asked for; without vCPUs, that none ran. */
int view_usual(const struct report *report, struct buffer *out);

/* The ledger by group and account. */
int view_accounts(const struct report *report, struct buffer *out);

/* How long records spent in each group; see ledger.h. */
int view_groups(const struct report *report, struct buffer *out);

int view_reasons(const struct report *report, struct buffer *out);
int view_vcpus(const struct report *report, struct buffer *out);
int view_devices(const struct report *report, struct buffer *out);

/* Tasks that preempted vCPUs; interrupts, softirqs and IPIs of the host taken meanwhile. */
int view_preempters(const struct report *report, struct buffer *out);
int view_irqs(const struct report *report, struct buffer *out);

/* What people and guests said meanwhile. */
int view_marks(const struct report *report, struct buffer *out);

/* Save and restore by register class; see classes.h. */
int view_classes(const struct report *report, struct buffer *out);

/*
 * The same tables for a screen. Rows are tagged with what they are about: struct
 * reason_row, ledger_vcpu, device_row, class_row, pause_row; those of others have no tag.
 */
int view_accounts_table(const struct report *report, struct text_table *table);
int view_reasons_table(const struct report *report, struct text_table *table);
int view_vcpus_table(const struct report *report, struct text_table *table);
int view_devices_table(const struct report *report, struct text_table *table);
int view_preempters_table(const struct report *report, struct text_table *table);
int view_irqs_table(const struct report *report, struct text_table *table);
int view_classes_table(const struct report *report, struct text_table *table);

/*
 * A cell of bars begins with this, then has a digit from 0 to 8 for the height
 * of each.
 */
enum { VIEW_BARS_MARK = 1, VIEW_BARS = 8 };

/* The whole report, for programs. */
int view_json(const struct report *report, struct buffer *out);

/* Two traces side by side. */
int compare_header(const struct report *a, const struct report *b, struct buffer *out);
int compare_accounts(const struct report *a, const struct report *b, struct buffer *out);
int compare_reasons(const struct report *a, const struct report *b, struct buffer *out);
int compare_classes(const struct report *a, const struct report *b, struct buffer *out);
int compare_classes_table(const struct report *a, const struct report *b, struct text_table *table);

/* The records that touched the cell; none where `cell` is NULL, as in a trace without the class. */
uint64_t report_cell_count(const struct report *report, const struct class_cell *cell);

/*
 * Its p50, of totals its mean, in the table's units: "1,558", "< stamp", "-" where nothing
 * touched it, "?" where a mean would be wrong.
 */
char *report_cell_text(const struct report *report, const struct class_cell *cell,
		       char text[NUMBER_TEXT]);

/* The same as a number; 0 where the text is none. */
int64_t report_cell_number(const struct report *report, const struct class_cell *cell);

/* "ns", "cycles": what these numbers are. Static. */
const char *report_cell_unit(const struct report *report);

/* "p50", "mean". Static. */
const char *report_cell_kind(const struct report *report);

/* Whether a cell of the table is "?". */
bool report_has_unknown_cells(const struct report *report);

/* That the tier does not see the world switch, one line without its end; nothing where it does. */
int report_switch_note(const struct report *report, struct buffer *out);

/* What was done about the stamps' own cost, one line without its end. */
int report_stamp_note(const struct report *report, struct buffer *out);

/* The name that a report gives a class. */
const char *report_class_name(const struct report *report, const char *key);

/* The name that a report gives an account. Returns `text`. */
char *report_account_name(const struct report *report, const struct account *account,
			  char text[ACCOUNT_TEXT]);

/* How many rows of a table of `count` are shown by themselves. */
size_t report_rows(const struct report *report, size_t count);

/* How many a second of the report's span; "-" where that means nothing. Returns tenths of it. */
int64_t report_rate(const struct report *report, uint64_t count, char text[NUMBER_TEXT]);

/* The devices with most time first; the array is the caller's. NULL without memory. */
const struct device_row **report_devices(const struct report *report);

#endif
