/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One reason: where its time goes by account, by vCPU, by device or register, and
 * its slowest single exits.
 */
#include "tui/screens.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A line of one of the lists: text on the left, numbers on the right. */
struct line {
	char name[64];
	uint64_t count, ticks;
	bool title;
};

/* Accounts, 256 vCPUs, the class and the slowest exits have room. */
enum { LINES_MAX = 640, CLASS_MOST = 100 };

struct lines {
	unsigned int count;
	struct line line[LINES_MAX];
};

static struct line *add_line(struct lines *lines)
{
	static struct line spare; /* of a list that is full: written, not shown */

	if (lines->count == LINES_MAX)
		return &spare;
	return &lines->line[lines->count++];
}

static void add_title(struct lines *lines, const char *title)
{
	struct line *line = add_line(lines);

	*line = (struct line){ .title = true };
	snprintf(line->name, sizeof(line->name), "%s", title);
}

static void add_note(struct lines *lines, const char *note)
{
	struct line *line = add_line(lines);

	*line = (struct line){ 0 };
	snprintf(line->name, sizeof(line->name), "  %.60s", note);
}

static void add_part(struct lines *lines, const char *name, uint64_t count, uint64_t ticks)
{
	struct line *line = add_line(lines);

	*line = (struct line){ .count = count, .ticks = ticks };
	snprintf(line->name, sizeof(line->name), "  %.60s", name);
}

static int by_ticks(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	return a->ticks == b->ticks ? strcmp(a->name, b->name) : a->ticks > b->ticks ? -1 : 1;
}

static void sort_from(struct lines *lines, unsigned int from)
{
	qsort(lines->line + from, lines->count - from, sizeof(*lines->line), by_ticks);
}

/* --- the lists --------------------------------------------------------------------------- */

static void list_accounts(const struct drill *drill, const struct drill_reason *reason,
			  struct lines *lines)
{
	unsigned int from;

	add_title(lines, "by account");
	from = lines->count;
	for (size_t i = 0; i < drill->accounts->count; i++) {
		const struct drill_part *part = &reason->account[i];
		char label[ACCOUNT_TEXT];

		/* The guest's and EL2's own exits came before this one. */
		if (part->count && i != drill->accounts->guest && i != drill->accounts->el2_only)
			add_part(lines, account_label(&drill->accounts->account[i], label),
				 part->count, part->ticks);
	}
	sort_from(lines, from);
}

static void name_vcpu(const struct ledger *ledger, uint32_t slot, char name[64])
{
	const struct ledger_vcpu *vcpu = slot < ledger->vcpu_slots ? ledger->vcpu[slot] : NULL;

	if (vcpu && vcpu->named)
		snprintf(name, 64, "%.30s %u/%u", vcpu->vm, vcpu->pid, vcpu->index);
	else
		snprintf(name, 64, "slot %u", slot);
}

static void list_vcpus(const struct ledger *ledger, const struct drill_reason *reason,
		       struct lines *lines)
{
	unsigned int from;
	char name[64];

	add_title(lines, "by vCPU");
	from = lines->count;
	for (unsigned int i = 0; i < reason->vcpus; i++) {
		name_vcpu(ledger, reason->vcpu[i].slot, name);
		add_part(lines, name, reason->vcpu[i].part.count, reason->vcpu[i].part.ticks);
	}
	sort_from(lines, from);
}

static int by_time(const void *left, const void *right)
{
	const struct reason_row *a = *(const struct reason_row *const *)left;
	const struct reason_row *b = *(const struct reason_row *const *)right;
	char name_a[REASON_TEXT], name_b[REASON_TEXT];

	if (a->ticks != b->ticks)
		return a->ticks > b->ticks ? -1 : 1;
	return strcmp(reason_name(&a->reason, name_a), reason_name(&b->reason, name_b));
}

/* Reasons of the same class differ in device, register or function. */
static int list_class(const struct ledger *ledger, const struct exit_reason *reason,
		      struct lines *lines)
{
	const struct reason_table *table = &ledger->reasons.table;
	_cleanup_free_ const struct reason_row **row = calloc(table->count + 1, sizeof(*row));
	char text[REASON_TEXT];
	size_t rows = 0;

	if (!row)
		return -ENOMEM;
	for (size_t i = 0; i < table->count; i++) {
		row[rows] = table->row[i];
		rows += row[rows]->reason.class == reason->class;
	}
	qsort(row, rows, sizeof(*row), by_time);
	add_title(lines, "its class, by device, register or function");
	for (size_t i = 0; i < rows && i < CLASS_MOST; i++)
		add_part(lines, reason_name(&row[i]->reason, text), row[i]->count,
			 (uint64_t)row[i]->ticks);
	snprintf(text, sizeof(text), "and %zu more", rows - CLASS_MOST);
	if (rows > CLASS_MOST)
		add_note(lines, text);
	return 0;
}

static void list_slowest(const struct feed *feed, const struct drill_reason *reason,
			 struct lines *lines)
{
	const struct ledger *ledger = feed->all.ledger;
	uint64_t begin = feed->drill->lanes.base;

	add_title(lines, "slowest single exits (what the vCPU slept does not rank)");
	for (unsigned int i = 0; i < reason->slow.count; i++) {
		const struct slow_exit *exit = &reason->slow.exit[i];
		char name[64], text[160], at[NUMBER_TEXT];

		name_vcpu(ledger, exit->slot, name);
		screen_time(&feed->all, exit->begin > begin ? exit->begin - begin : 0, at);
		snprintf(text, sizeof(text), "number %u of %.30s, after %s", exit->seq, name, at);
		add_part(lines, text, 1, exit->own);
	}
}

static int fill(const struct model *model, struct lines *lines)
{
	const struct feed *feed = model->feed;
	const struct ledger *ledger = feed_report(model->feed)->ledger;
	const struct drill_reason *reason =
		feed->drill ? drill_find(feed->drill, &model->reason) : NULL;
	int r;

	if (!reason)
		add_note(lines, feed->drill ? "no record of its own: EL2 finished these alone"
					    : "by account and vCPU: record a trace, totals have "
					      "only sums");
	if (reason)
		list_accounts(feed->drill, reason, lines);
	if (reason)
		list_vcpus(feed->all.ledger, reason, lines);
	r = list_class(ledger, &model->reason, lines);
	if (reason)
		list_slowest(feed, reason, lines);
	return r;
}

/* --- drawing ------------------------------------------------------------------------------ */

enum { NAME_MOST = 70, NUMBER = 12, NARROW = 60 };

/* The columns of a name; in a narrow window there is no time of each one behind it. */
static int name_width(int columns)
{
	int name = columns - (columns < NARROW ? 2 : 3) * NUMBER;

	return name > NAME_MOST ? NAME_MOST : name;
}

static void put_line(const struct report *report, struct canvas *canvas, int row, int columns,
		     const struct line *line)
{
	char text[NUMBER_TEXT];
	int name = name_width(columns);

	if (line->title || !line->count) {
		canvas_put(canvas, row, 0, columns, line->title ? STYLE_STRONG : STYLE_PLAIN,
			   line->name);
		return;
	}
	canvas_put(canvas, row, 0, name, STYLE_PLAIN, line->name);
	canvas_put_right(canvas, row, name, NUMBER, STYLE_PLAIN,
			 number_thousands((int64_t)line->count, text));
	canvas_put_right(canvas, row, name + NUMBER, NUMBER, STYLE_PLAIN,
			 screen_time(report, line->ticks, text));
	units_print(&report->summary.units, units_whole(&report->summary.units, line->ticks),
		    line->count, 3, text);
	canvas_put_right(canvas, row, name + 2 * NUMBER, NUMBER, STYLE_PLAIN, text);
}

static void put_title(const struct model *model, struct canvas *canvas, struct area area)
{
	char name[REASON_TEXT], text[REASON_TEXT + 64];
	int at = name_width(area.columns);

	canvas_paint(canvas, area.row, 0, area.columns, STYLE_HEADER);
	snprintf(text, sizeof(text), "%s, handled by %s", reason_name(&model->reason, name),
		 reason_handled_key(&model->reason));
	canvas_put(canvas, area.row, 0, at, STYLE_HEADER, text);
	canvas_put_right(canvas, area.row, at, NUMBER, STYLE_HEADER, "count");
	canvas_put_right(canvas, area.row, at + NUMBER, NUMBER, STYLE_HEADER, "time");
	canvas_put_right(canvas, area.row, at + 2 * NUMBER, NUMBER, STYLE_HEADER, "each");
}

/* Scrolled by lines; none is selected. */
static void follow(struct table_look *look, int rows, int shown)
{
	int most = rows > shown ? rows - shown : 0;

	look->rows = most + 1;
	look->shown = shown;
	if (look->selected > most)
		look->selected = most;
	look->top = look->selected;
	look->titles = 0;
	look->title_row = look->first_row = -1;
}

int screen_reason(struct model *model, struct canvas *canvas, struct area area)
{
	_cleanup_free_ struct lines *lines = calloc(1, sizeof(*lines));
	const struct report *report = feed_report(model->feed);
	struct table_look *look = &model->reason_look;
	int r = lines ? fill(model, lines) : -ENOMEM;

	if (r < 0)
		return r;
	put_title(model, canvas, area);
	follow(look, (int)lines->count, area.rows - 1);
	for (int i = 0; i < area.rows - 1 && look->top + i < (int)lines->count; i++)
		put_line(report, canvas, area.row + 1 + i, area.columns,
			 &lines->line[look->top + i]);
	return 0;
}
