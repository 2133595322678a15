/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/text_table.h"

enum { DEVICE_TEXT = DEVICE_NAME_BYTES + 2 * NUMBER_TEXT + 256 };

struct device_line {
	const struct report *report;
	bool vms; /* there is more than one */
	const struct device_row *row;
	size_t others; /* devices that the row stands for, 0 for the one that it is */
};

static bool has_vms(const struct ledger *ledger)
{
	struct ledger_vm vm;
	int count = 0;

	for (size_t slot = 0; slot < ledger->vcpu_slots && count < 2; slot++)
		count += ledger_vm_at(ledger, slot, &vm);
	return count > 1;
}

/* "0x9000000 pl011", and whose it is where there is more than one VM. */
static void print_address(const struct device_line *line, char text[DEVICE_TEXT])
{
	const struct device_row *row = line->row;
	const char *vm = line->vms ? ledger_vm_name(line->report->ledger, row->pid) : NULL;

	snprintf(text, DEVICE_TEXT, "0x%" PRIx64 "%s%s%s%s%s", row->ipa, row->name ? " " : "",
		 row->name ? row->name : "", vm ? " (" : "", vm ? vm : "", vm ? ")" : "");
}

/* Columns return what to sort by. */
static int64_t print_name(const struct device_line *line, char text[DEVICE_TEXT])
{
	if (line->others)
		snprintf(text, DEVICE_TEXT, "%zu others", line->others);
	else if (line->row->ipa == UINT64_MAX)
		strcpy(text, "others");
	else
		print_address(line, text);
	return 0;
}

static int64_t print_handled(const struct device_line *line, char text[DEVICE_TEXT])
{
	struct exit_reason reason = { .handled = line->row->handled };

	snprintf(text, DEVICE_TEXT, "%s", line->others ? "" : reason_handled_key(&reason));
	return 0;
}

static int64_t print_reads(const struct device_line *line, char text[DEVICE_TEXT])
{
	number_thousands((int64_t)line->row->reads, text);
	return (int64_t)line->row->reads;
}

static int64_t print_writes(const struct device_line *line, char text[DEVICE_TEXT])
{
	number_thousands((int64_t)line->row->writes, text);
	return (int64_t)line->row->writes;
}

static int64_t print_rate(const struct device_line *line, char text[DEVICE_TEXT])
{
	return report_rate(line->report, line->row->reads + line->row->writes, text);
}

static int64_t time_of(const struct device_line *line)
{
	return units_whole(&line->report->summary.units, line->row->ticks);
}

static int64_t print_time(const struct device_line *line, bool applies, char text[DEVICE_TEXT])
{
	if (applies)
		units_print_sum(&line->report->summary.units, time_of(line), text);
	else
		strcpy(text, "-");
	return applies ? time_of(line) : -1;
}

static int64_t print_value(const struct device_line *line, char text[DEVICE_TEXT])
{
	return print_time(line, true, text);
}

static int64_t print_kernel(const struct device_line *line, char text[DEVICE_TEXT])
{
	return print_time(line, line->row->handled == REASON_KERNEL, text);
}

static int64_t print_user(const struct device_line *line, char text[DEVICE_TEXT])
{
	return print_time(line, line->row->handled == REASON_USER, text);
}

static int64_t print_mean(const struct device_line *line, char text[DEVICE_TEXT])
{
	uint64_t count = line->row->reads + line->row->writes;

	units_print(&line->report->summary.units, time_of(line), count, 4, text);
	return number_divide(time_of(line), count);
}

static int64_t print_part(const struct device_line *line, enum vmm_part part,
			  char text[DEVICE_TEXT])
{
	const struct units *units = &line->report->summary.units;
	int64_t value = units_whole(units, line->row->user_part[part]);

	units_print(units, value, line->row->split > 0, 4, text);
	return line->row->split ? value : -1;
}

static int64_t print_work(const struct device_line *line, char text[DEVICE_TEXT])
{
	return print_part(line, VMM_WORK, text);
}

static int64_t print_lock(const struct device_line *line, char text[DEVICE_TEXT])
{
	return print_part(line, VMM_LOCK, text);
}

enum { IN_REPORT = 1, ON_SCREEN = 2, ANYWHERE = IN_REPORT | ON_SCREEN, IF_JOINED = 4 };

static const struct device_column {
	const char *title; /* NULL: that of the units */
	int where;
	int64_t (*print)(const struct device_line *line, char text[DEVICE_TEXT]);
} columns[] = {
	{ "devices by address", ANYWHERE, print_name },
	{ "by", ANYWHERE, print_handled },
	{ "reads", ANYWHERE, print_reads },
	{ "writes", ANYWHERE, print_writes },
	{ "a second", ON_SCREEN, print_rate },
	{ NULL, IN_REPORT, print_value },
	{ "kernel", ON_SCREEN, print_kernel },
	{ "user", ON_SCREEN, print_user },
	{ "VMM's work", ANYWHERE | IF_JOINED, print_work },
	{ "its locks", ANYWHERE | IF_JOINED, print_lock },
	{ "mean", ANYWHERE, print_mean },
};

static bool is_shown(const struct device_column *column, const struct report *report)
{
	if (column->where & IF_JOINED && !reader_facts_joined(report->ledger->facts))
		return false;
	return column->where & (report->screen ? ON_SCREEN : IN_REPORT);
}

static int compare_by_time(const void *left, const void *right)
{
	const struct device_row *a = *(const struct device_row *const *)left;
	const struct device_row *b = *(const struct device_row *const *)right;

	if (a->ticks != b->ticks)
		return a->ticks > b->ticks ? -1 : 1;
	if (a->ipa != b->ipa)
		return a->ipa < b->ipa ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
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

static void put_titles(struct text_table *table, const struct report *report)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (is_shown(&columns[i], report))
			text_table_column(table, columns[i].title
							 ? columns[i].title
							 : units_title(&report->summary.units));
}

static void put_line(struct text_table *table, const struct device_line *line)
{
	char text[DEVICE_TEXT];
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!is_shown(&columns[i], line->report))
			continue;
		number = columns[i].print(line, text);
		text_table_number(table, text, number);
	}
}

/* All from `row` to the NULL behind the last one, in one line. */
static void put_others(struct text_table *table, const struct report *report,
		       const struct device_row *const *row)
{
	struct device_row sum = { 0 };
	struct device_line line = { .report = report, .row = &sum };

	for (; *row; row++, line.others++) {
		sum.reads += (*row)->reads;
		sum.writes += (*row)->writes;
		sum.ticks += (*row)->ticks;
		sum.split += (*row)->split;
		for (int i = 0; i < VMM_PARTS; i++)
			sum.user_part[i] += (*row)->user_part[i];
	}
	put_line(table, &line);
}

int view_devices_table(const struct report *report, struct text_table *table)
{
	_cleanup_free_ const struct device_row **row = report_devices(report);
	size_t shown = report_rows(report, report->ledger->devices.count);
	struct device_line line = { .report = report, .vms = has_vms(report->ledger) };

	if (!row)
		return -ENOMEM;
	put_titles(table, report);
	for (size_t i = 0; i < shown; i++) {
		line.row = row[i];
		put_line(table, &line);
		text_table_tag(table, row[i]);
	}
	if (row[shown])
		put_others(table, report, row + shown);
	return 0;
}

int view_devices(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = view_devices_table(report, &table);

	return r < 0 ? r : text_table_print(&table, out);
}
