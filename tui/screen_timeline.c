/* SPDX-License-Identifier: GPL-2.0-only */
/* A lane for each vCPU, a letter for what it was mostly at; one exit's phases as a tree. */
#include "tui/screens.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tui/timeline.h"

enum { LABEL = 20, BUSY = 1, NUMBER = 12, TREE = 44 };

struct view {
	const struct model *model;
	struct canvas *canvas;
	const struct lanes *lanes;
	uint64_t from, to;
	int columns; /* of the lanes */
};

static uint64_t time_at(const struct view *view, int column)
{
	return view->from + (uint64_t)((unsigned __int128)(view->to - view->from) *
				       (unsigned int)column / (unsigned int)view->columns);
}

/* Closely looked at, once that is read; until then as far as is known of all the time. */
static const struct lanes *lanes_for(const struct model *model, uint64_t from)
{
	const struct drill *drill = model->feed->drill;

	bool read = drill->close.count || !model->feed->busy; /* there may be no record in it */

	if (model->timeline.set && drill->close.fixed && read && drill->close.base == from)
		return &drill->close;
	return &drill->lanes;
}

static const struct lane *lane_of(const struct lanes *lanes, uint32_t slot)
{
	for (unsigned int i = 0; i < lanes->count; i++)
		if (lanes->lane[i]->slot == slot)
			return lanes->lane[i];
	return NULL;
}

static int most_of(const struct lane_bin *bin, uint64_t *ret_all)
{
	int most = 0;

	*ret_all = 0;
	for (int i = 0; i < GROUPS; i++) {
		most = bin->group[i] > bin->group[most] ? i : most;
		*ret_all += bin->group[i];
	}
	return most;
}

/* The letter of what takes most; below it, how much of the column is not the guest. */
static void put_column(const struct view *view, const struct lane *lane, int row, int column)
{
	struct lane_bin bin =
		lane_sum(view->lanes, lane, time_at(view, column), time_at(view, column + 1));
	uint64_t all;
	int most = most_of(&bin, &all), busy;
	char text[2] = { group_letter(most) };

	if (!all)
		return;
	busy = (int)(((all - bin.group[GROUP_GUEST]) * 8 + all - 1) / all);
	canvas_put(view->canvas, row, LABEL + column, 1, group_style(most), text);
	canvas_glyph(view->canvas, row + BUSY, LABEL + column, STYLE_PLAIN,
		     (enum glyph)(GLYPH_BAR_0 + busy));
}

static void put_lane(const struct view *view, int row, const struct lane *of_all, bool selected)
{
	const struct ledger *ledger = view->model->feed->all.ledger;
	const struct lane *lane = lane_of(view->lanes, of_all->slot);
	const struct ledger_vcpu *vcpu = ledger->vcpu[of_all->slot];
	char label[40];

	if (vcpu && vcpu->named)
		snprintf(label, sizeof(label), "%.15s/%u", vcpu->vm, vcpu->index);
	else
		snprintf(label, sizeof(label), "slot %u", of_all->slot);
	canvas_put(view->canvas, row, 0, LABEL - 1, selected ? STYLE_SELECTED : STYLE_PLAIN, label);
	canvas_put(view->canvas, row + BUSY, 0, LABEL - 1, STYLE_FAINT, "  not the guest");
	for (int i = 0; lane && i < view->columns; i++)
		put_column(view, lane, row, i);
}

static void put_axis(const struct view *view, int row)
{
	const struct report *report = feed_report(view->model->feed);
	uint64_t base = view->model->feed->drill->lanes.base;
	char from[NUMBER_TEXT], to[NUMBER_TEXT], span[NUMBER_TEXT];

	screen_time(report, view->from > base ? view->from - base : 0, from);
	screen_time(report, view->to > base ? view->to - base : 0, to);
	screen_time(report, view->to - view->from, span);
	canvas_printf(view->canvas, row, 0, STYLE_STRONG, "after %s", from);
	canvas_printf(view->canvas, row, LABEL + view->columns / 2 - 8, STYLE_FAINT, "%s%s", span,
		      view->lanes->fixed || !view->model->timeline.set ? "" : ", being read");
	canvas_put_right(view->canvas, row, LABEL, view->columns, STYLE_STRONG, to);
}

/* --- one exit ----------------------------------------------------------------------------- */

struct phase {
	int stage;
	uint64_t length;
};

static unsigned int list_phases(const struct trace_record *record,
				struct phase phase[static EXIT_STAGES_MAX])
{
	unsigned int count = 0;

	for_each_stage(stage, &record->touched)
		phase[count++] = (struct phase){ stage, record->length[stage] };
	return count;
}

static enum account_group group_of(const struct view *view, const struct phase *phase)
{
	const struct drill *drill = view->model->feed->drill;

	return drill_group(drill->accounts, &drill->exit, phase->stage);
}

static uint64_t group_time(const struct view *view, const struct phase *phase, unsigned int count)
{
	enum account_group group = group_of(view, phase);
	uint64_t sum = 0;

	for (unsigned int i = 0; i < count && group_of(view, &phase[i]) == group; i++)
		sum += phase[i].length;
	return sum;
}

static void put_time(const struct view *view, int row, int column, uint64_t ticks)
{
	char text[NUMBER_TEXT];

	canvas_put_right(view->canvas, row, column, NUMBER, STYLE_PLAIN,
			 screen_time(feed_report(view->model->feed), ticks, text));
}

/* A phase is what follows each other in one group; below it are its stages. */
static void put_tree(const struct view *view, struct area area)
{
	const struct account_table *accounts = view->model->feed->drill->accounts;
	struct phase phase[EXIT_STAGES_MAX];
	unsigned int count = list_phases(&view->model->feed->drill->exit, phase);
	int row = area.row, end = area.row + area.rows, column = 0;
	int at = area.columns < TREE + NUMBER ? area.columns - NUMBER : TREE;

	for (unsigned int i = 0; i < count; i++) {
		enum account_group group = group_of(view, &phase[i]);
		bool first = !i || group_of(view, &phase[i - 1]) != group;
		bool last = i + 1 == count || group_of(view, &phase[i + 1]) != group;
		char label[ACCOUNT_TEXT];

		if (row + first >= end && column + 120 <= area.columns) {
			column += 60;
			row = area.row;
		}
		if (row + first >= end)
			break;
		if (first) {
			canvas_printf(view->canvas, row, column, group_style(group), "%c",
				      group_letter(group));
			canvas_put(view->canvas, row, column + 2, at - 2, STYLE_STRONG,
				   account_group_label(group));
			put_time(view, row++, column + at, group_time(view, &phase[i], count - i));
		}
		canvas_glyph(view->canvas, row, column, STYLE_FAINT,
			     last ? GLYPH_LAST_BRANCH : GLYPH_BRANCH);
		canvas_put(view->canvas, row, column + 4, at - 4, STYLE_PLAIN,
			   account_label(&accounts->account[accounts->of_stage[phase[i].stage]],
					 label));
		put_time(view, row++, column + at, phase[i].length);
	}
}

static void put_exit(const struct view *view, struct area area)
{
	const struct slow_exit *exit = &view->model->timeline.exit;
	const struct drill *drill = view->model->feed->drill;
	char name[REASON_TEXT], own[NUMBER_TEXT];

	if (!view->model->timeline.has_exit) {
		canvas_put(view->canvas, area.row, 0, area.columns, STYLE_FAINT,
			   "n goes to the next slow exit; + - Left Right move in time");
		return;
	}
	canvas_printf(view->canvas, area.row, 0, STYLE_STRONG, "exit %u: %s, %s", exit->seq,
		      reason_name(&exit->reason, name),
		      screen_time(feed_report(view->model->feed), exit->own, own));
	area.row++;
	area.rows--;
	if (drill->found)
		put_tree(view, area);
	else
		canvas_put(view->canvas, area.row, 0, area.columns, STYLE_FAINT, "being read");
}

static void put_mark(const struct view *view, int row)
{
	const struct slow_exit *exit = &view->model->timeline.exit;
	uint64_t at;

	if (!view->model->timeline.has_exit || exit->begin < view->from || exit->begin >= view->to)
		return;
	at = (uint64_t)((unsigned __int128)(exit->begin - view->from) *
			(unsigned int)view->columns / (view->to - view->from));
	canvas_glyph(view->canvas, row, LABEL + (int)at, STYLE_ALERT, GLYPH_UP);
}

int screen_timeline(struct model *model, struct canvas *canvas, struct area area)
{
	struct table_look *look = &model->look[SCREEN_TIMELINE];
	struct view view = { .model = model, .canvas = canvas, .columns = area.columns - LABEL };
	const struct lanes *all = model->feed->drill ? &model->feed->drill->lanes : NULL;
	int shown = (area.rows - 3) / 4, row = area.row + 1;

	if (!timeline_window(model, &view.from, &view.to)) {
		canvas_put(canvas, area.row, 0, area.columns, STYLE_FAINT, "nothing here");
		return 0;
	}
	view.lanes = lanes_for(model, view.from);
	shown = shown > (int)all->count ? (int)all->count : shown;
	grid_follow(look, (int)all->count, shown);
	look->titles = 0;
	look->title_row = look->first_row = -1;
	put_axis(&view, area.row);
	for (int i = 0; i < look->shown && look->top + i < look->rows; i++, row += 2)
		put_lane(&view, row, all->lane[look->top + i], look->top + i == look->selected);
	put_mark(&view, row);
	put_exit(&view, (struct area){ row + 1, 0, area.row + area.rows - row - 1, area.columns });
	return 0;
}
