/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/views.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/text_table.h"

struct vcpu_line {
	const struct ledger_vcpu *vcpu;
	struct summary summary;
};

enum { VCPU_TEXT = 320 };

/* Columns return what to sort by. */
static int64_t print_name(const struct vcpu_line *line, char text[VCPU_TEXT])
{
	if (line->vcpu->named)
		snprintf(text, VCPU_TEXT, "%s %u/%u", line->vcpu->vm, line->vcpu->pid,
			 line->vcpu->index);
	else
		snprintf(text, VCPU_TEXT, "slot %u", line->vcpu->slot);
	return 0;
}

static int64_t print_wall(const struct vcpu_line *line, char text[VCPU_TEXT])
{
	units_print(&line->summary.units, line->summary.wall, 1, 3, text);
	return line->summary.wall;
}

static int64_t print_exits(const struct vcpu_line *line, char text[VCPU_TEXT])
{
	number_thousands((int64_t)line->vcpu->exits, text);
	return (int64_t)line->vcpu->exits;
}

static const struct vcpu_column {
	const char *title; /* NULL: that of the units */
	int64_t (*print)(const struct vcpu_line *line, char text[VCPU_TEXT]);
} columns[] = {
	{ "VM pid/vCPU", print_name },
	{ NULL, print_wall },
	{ "exits", print_exits },
};

/* By group: a share of the vCPU's wall time, or per exit where shares mean nothing. */
static const char *const group_titles[GROUPS] = {
	[GROUP_GUEST] = "guest",
	[GROUP_SAVE_RESTORE] = "s/r",
	[GROUP_TRAP_HANDLING] = "trap",
	[GROUP_IO_EMULATION] = "I/O",
	[GROUP_INTERRUPT_DELIVERY] = "irq",
	[GROUP_HOST] = "host",
};

static void put_part(struct text_table *table, const struct summary *summary, int64_t value,
		     bool touched)
{
	char text[NUMBER_TEXT];

	if (!touched)
		strcpy(text, "-");
	else if (summary->shares)
		number_percent(value, (number_wide)summary->wall, 1, text);
	else
		number_thousands(number_divide(value, summary->exits), text);
	text_table_number(table, text, touched ? value : -1);
}

static void put_titles(struct text_table *table, const struct summary *summary)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		text_table_column(table, columns[i].title ? columns[i].title
							  : units_title(&summary->units));
	for (size_t i = 0; i < GROUPS; i++)
		text_table_column(table, group_titles[i]);
	text_table_column(table, "left");
}

static void put_vcpu(struct text_table *table, const struct report *report,
		     const struct ledger_vcpu *vcpu)
{
	struct vcpu_line line = { vcpu, summary_of_vcpu(report->ledger, vcpu, report->raw) };
	char text[VCPU_TEXT];
	int64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		number = columns[i].print(&line, text);
		text_table_number(table, text, number);
	}
	for (int group = 0; group < GROUPS; group++)
		put_part(table, &line.summary, line.summary.group[group],
			 summary_group_touched(&line.summary, (enum account_group)group));
	put_part(table, &line.summary, line.summary.unattributed, true);
	text_table_tag(table, vcpu);
}

int view_vcpus_table(const struct report *report, struct text_table *table)
{
	const struct ledger *ledger = report->ledger;

	put_titles(table, &report->summary);
	for (size_t slot = 0; slot < ledger->vcpu_slots; slot++)
		if (ledger->vcpu[slot] && ledger_vcpu_wall(ledger->vcpu[slot]))
			put_vcpu(table, report, ledger->vcpu[slot]);
	return 0;
}

int view_vcpus(const struct report *report, struct buffer *out)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = buffer_printf(out, "vCPUs: each group's part %s, left is what is unattributed\n",
			      report->summary.shares ? "of its time in %" : "per exit");

	if (r >= 0)
		r = view_vcpus_table(report, &table);
	return r < 0 ? r : text_table_print(&table, out);
}
