/* SPDX-License-Identifier: GPL-2.0-only */
/* One bar for the host, each VM and each vCPU; exits a second; the dearest reasons. */
#include "tui/screens.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 22, BESIDE = 24, BAR_LEAST = 8, PARTS = GROUPS + 1, DEAREST = 3 };

/* What a bar is of. */
struct bar {
	char label[NUMBER_TEXT], beside[NUMBER_TEXT]; /* to the left and right of it */
	struct snapshot_scope scope;
	int64_t part[PARTS], all; /* by group, then what is unattributed */
};

struct bars {
	size_t count, size;
	struct bar *bar; /* owned */
};

static void take_summary(struct bar *bar, const struct summary *summary)
{
	for (int i = 0; i < GROUPS; i++)
		bar->part[i] += summary->group[i];
	bar->part[GROUPS] += summary->unattributed > 0 ? summary->unattributed : 0;
	bar->all += summary->wall;
}

/* A VM's bar is the sum of its vCPUs'. */
static void take_scope(struct bar *bar, const struct ledger *ledger,
		       const struct snapshot_scope *scope)
{
	for (size_t i = 0; i < ledger->vcpu_slots; i++) {
		struct summary summary;

		if (!ledger->vcpu[i] || !ledger->vcpu[i]->records ||
		    !scope_has(scope, ledger->vcpu[i]))
			continue;
		summary = summary_of_vcpu(ledger, ledger->vcpu[i], false);
		take_summary(bar, &summary);
	}
	bar->scope = *scope;
}

/* --- what there is a bar of ------------------------------------------------------------ */

static void describe_vcpu(const struct model *model, struct bar *bar,
			  const struct ledger_vcpu *vcpu)
{
	const struct feed *feed = model->feed;
	struct vcpu_state state = { 0 };
	char number[NUMBER_TEXT];

	number_thousands((int64_t)vcpu->exits, number);
	snprintf(bar->beside, sizeof(bar->beside), "%.40s exits", number);
	if (!feed->ops->state)
		return;
	feed->ops->state(feed, vcpu, &state);
	number_duration((int64_t)state.idle_ns, 1, 3, number);
	if (state.ended)
		strcpy(bar->beside, "ended");
	else if (state.doing[0] && state.idle_ns >= 1000000000)
		snprintf(bar->beside, sizeof(bar->beside), "%.16s: %.40s", number, state.doing);
	else if (state.idle_ns >= 2000000000)
		snprintf(bar->beside, sizeof(bar->beside), "no exit for %llu s",
			 (unsigned long long)(state.idle_ns / 1000000000));
}

static int add_bar(struct bars *bars, const struct bar *bar)
{
	struct bar *grown;

	if (bars->count == bars->size) {
		grown = reallocarray(bars->bar, bars->size + 64, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		bars->bar = grown;
		bars->size += 64;
	}
	bars->bar[bars->count++] = *bar;
	return 0;
}

static int add_vm(struct bars *bars, const struct ledger *ledger, const struct ledger_vm *vm)
{
	const struct snapshot_scope scope = { .pid = vm->pid };
	struct bar bar = { 0 };

	take_scope(&bar, ledger, &scope);
	snprintf(bar.label, sizeof(bar.label), "%.30s %u", vm->name, vm->pid);
	snprintf(bar.beside, sizeof(bar.beside), "%u vCPU%s", vm->vcpus, vm->vcpus == 1 ? "" : "s");
	return add_bar(bars, &bar);
}

static int add_vcpu(const struct model *model, struct bars *bars, const struct ledger_vcpu *vcpu)
{
	const struct snapshot_scope scope = { .pid = vcpu->pid, .one = true, .slot = vcpu->slot };
	struct bar bar = { 0 };

	take_scope(&bar, model->feed->all.ledger, &scope);
	if (vcpu->named)
		snprintf(bar.label, sizeof(bar.label), "  vCPU %u", vcpu->index);
	else
		snprintf(bar.label, sizeof(bar.label), "slot %u", vcpu->slot);
	describe_vcpu(model, &bar, vcpu);
	return add_bar(bars, &bar);
}

static int add_vcpus_of(const struct model *model, struct bars *bars, const struct ledger_vm *vm)
{
	const struct ledger *ledger = model->feed->all.ledger;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ledger->vcpu_slots; i++)
		if (ledger->vcpu[i] && ledger->vcpu[i]->named && ledger->vcpu[i]->pid == vm->pid)
			r = add_vcpu(model, bars, ledger->vcpu[i]);
	return r;
}

static int list_bars(const struct model *model, struct bars *bars)
{
	const struct ledger *ledger = model->feed->all.ledger;
	struct bar host = { .label = "host" };
	struct ledger_vm vm;
	int r;

	take_scope(&host, ledger, &host.scope);
	units_print_sum(&model->feed->all.summary.units, host.all, host.beside);
	r = add_bar(bars, &host);
	for (size_t i = 0; r >= 0 && i < ledger->vcpu_slots; i++) {
		if (ledger->vcpu[i] && !ledger->vcpu[i]->named)
			r = add_vcpu(model, bars, ledger->vcpu[i]);
		if (r < 0 || !ledger_vm_at(ledger, i, &vm))
			continue;
		r = add_vm(bars, ledger, &vm);
		if (r >= 0)
			r = add_vcpus_of(model, bars, &vm);
	}
	return r;
}

/* --- drawing --------------------------------------------------------------------------- */

/* Columns for each part by what is largest after the whole ones, so that all are filled. */
static void apportion(const struct bar *bar, int columns, int ret_width[PARTS])
{
	int64_t rest[PARTS], sum = 0;
	int used = 0;

	for (int i = 0; i < PARTS; i++)
		sum += bar->part[i] > 0 ? bar->part[i] : 0;
	for (int i = 0; i < PARTS; i++) {
		number_wide scaled =
			bar->part[i] > 0 ? (number_wide)bar->part[i] * (number_wide)columns : 0;

		ret_width[i] = sum ? (int)(scaled / (number_wide)sum) : 0;
		rest[i] = sum ? (int64_t)(scaled % (number_wide)sum) : 0;
		used += ret_width[i];
	}
	for (; sum && used < columns; used++) {
		int most = 0;

		for (int i = 1; i < PARTS; i++)
			most = rest[i] > rest[most] ? i : most;
		ret_width[most]++;
		rest[most] = -1;
	}
}

/* The letter begins a part; where nothing else shows how far it goes, it fills it. */
static void put_bar(struct canvas *canvas, int row, int column, int columns, const struct bar *bar)
{
	int width[PARTS];

	apportion(bar, columns - 2, width);
	canvas_put(canvas, row, column, 1, STYLE_PLAIN, "[");
	canvas_put(canvas, row, column + columns - 1, 1, STYLE_PLAIN, "]");
	column++;
	for (int i = 0; i < PARTS; i++)
		for (int j = 0; j < width[i]; j++) {
			char text[2] = { j && canvas->coloured ? ' ' : group_letter(i) };

			column = canvas_put(canvas, row, column, 1, group_style(i), text);
		}
}

/* In a narrow window what is beside a bar gives way to it. */
static int bar_width(int columns)
{
	int width = columns - LABEL - BESIDE;

	return width > BAR_LEAST ? width : BAR_LEAST;
}

static void put_bars(struct canvas *canvas, struct area area, const struct bars *bars,
		     struct table_look *look)
{
	int width = bar_width(area.columns);

	look->first_row = area.row;
	look->title_row = -1;
	look->titles = 0;
	for (int i = 0; i < area.rows && look->top + i < (int)bars->count; i++) {
		const struct bar *bar = &bars->bar[look->top + i];
		bool on = look->top + i == look->selected;

		canvas_paint(canvas, area.row + i, 0, LABEL - 1, on ? STYLE_SELECTED : STYLE_PLAIN);
		canvas_put(canvas, area.row + i, 0, LABEL - 2, on ? STYLE_SELECTED : STYLE_PLAIN,
			   bar->label);
		if (on)
			canvas_put(canvas, area.row + i, LABEL - 2, 1, STYLE_SELECTED, "<");
		put_bar(canvas, area.row + i, LABEL - 1, width, bar);
		canvas_put(canvas, area.row + i, LABEL + width, area.columns - LABEL - width,
			   STYLE_PLAIN, bar->beside);
	}
}

/* "G Guest 78.9 %  S Save and restore 5.5 %": of what is chosen. */
static int put_legend(const struct model *model, struct canvas *canvas, struct area area)
{
	const struct summary *summary = &feed_report(model->feed)->summary;
	int row = area.row, end = area.row + area.rows, at = 0;

	for (int i = 0; i < PARTS && row < end; i++) {
		char text[80], share[NUMBER_TEXT];
		int64_t value = i < GROUPS ? summary->group[i] : summary->unattributed;
		bool touched = i == GROUPS || summary_group_touched(summary, (enum account_group)i);
		const char *label =
			i < GROUPS ? account_group_label((enum account_group)i) : "Unattributed";

		number_percent(value, touched && summary->wall > 0 ? (number_wide)summary->wall : 0,
			       1, share);
		snprintf(text, sizeof(text), " %s %s%s", label, share, touched ? " %" : "");
		if (at + (int)strlen(text) + 3 > area.columns) {
			at = 0;
			row++;
		}
		if (row == end)
			break;
		at = canvas_printf(canvas, row, at, group_style(i), "%c", group_letter(i));
		at = canvas_put(canvas, row, at, -1, STYLE_PLAIN, text) + 2;
	}
	return row < end ? row + 1 : end;
}

/* The newest on the right, the tallest one full. */
static int put_history(const struct model *model, struct canvas *canvas, struct area area)
{
	const struct feed *feed = model->feed;
	const struct report *report = feed_report(model->feed);
	int room = area.columns - 38;
	unsigned int count = feed->history_count, from;
	uint64_t most = 1;
	char text[NUMBER_TEXT];

	if (area.rows < 1)
		return area.row;
	report_rate(report, report->ledger->counts.exits, text);
	canvas_put(canvas, area.row, 0, 16, STYLE_STRONG, "exits a second");
	canvas_put_right(canvas, area.row, 16, 12, STYLE_PLAIN, text);
	from = count > (unsigned int)room ? count - (unsigned int)room : 0;
	for (unsigned int i = from; i < count; i++)
		most = feed->history[i] > most ? feed->history[i] : most;
	for (unsigned int i = from; i < count; i++)
		canvas_glyph(canvas, area.row, 30 + (int)(i - from), STYLE_PLAIN,
			     (enum glyph)(GLYPH_BAR_0 + (feed->history[i] * 8 + most - 1) / most));
	return area.row + 1;
}

static int put_dearest(const struct model *model, struct canvas *canvas, struct area area)
{
	static const char *const spare[] = { "by", "histogram", "a second", NULL };
	static const struct grid grid = { .title_rows = 1, .spare = spare };
	_cleanup_text_table_ struct text_table table = { 0 };
	struct table_look look = { 0 };
	int r = view_reasons_table(feed_report(model->feed), &table), rows;

	if (r < 0)
		return r;
	rows = grid_rows(&table) < DEAREST + 1 ? grid_rows(&table) : DEAREST + 1;
	rows = rows < area.rows ? rows : area.rows;
	if (rows < 2)
		return area.row;
	area.rows = rows;
	canvas_put(canvas, area.row - 1, 0, -1, STYLE_STRONG, "dearest reasons");
	r = grid_draw(model, canvas, area, &table, &grid, &look);
	return r < 0 ? r : area.row + rows;
}

static int put_accounts(const struct model *model, struct canvas *canvas, struct area area)
{
	static const struct grid grid = { .title_rows = 1 };
	_cleanup_text_table_ struct text_table table = { 0 };
	struct table_look look = { 0 };
	int r;

	if (area.rows < 8)
		return 0;
	r = view_accounts_table(feed_report(model->feed), &table);
	return r < 0 ? r : grid_draw(model, canvas, area, &table, &grid, &look);
}

static void advance(struct area *area, int row)
{
	area->rows -= row - area->row;
	area->row = row;
}

static int draw(struct model *model, struct canvas *canvas, struct area area,
		const struct bars *bars)
{
	struct table_look *look = &model->look[SCREEN_OVERVIEW];
	struct area top = area;
	int below = 10, r;

	top.rows = area.rows - below;
	top.rows = top.rows < 1 ? 1 : top.rows;
	top.rows = top.rows > (int)bars->count ? (int)bars->count : top.rows;
	grid_follow(look, (int)bars->count, top.rows);
	put_bars(canvas, top, bars, look);
	if (top.rows < (int)bars->count)
		canvas_printf(canvas, area.row - 1, 0, STYLE_FAINT, "%d-%d of %zu", look->top + 1,
			      look->top + top.rows, bars->count);
	advance(&area, top.row + top.rows);
	advance(&area, put_legend(model, canvas, area) + 1);
	advance(&area, put_history(model, canvas, area) + 1);
	r = put_dearest(model, canvas, area);
	if (r < 0)
		return r;
	advance(&area, r + 1);
	return put_accounts(model, canvas, area);
}

int screen_overview(struct model *model, struct canvas *canvas, struct area area)
{
	struct bars bars = { 0 };
	int r = list_bars(model, &bars);

	if (r >= 0)
		r = draw(model, canvas, area, &bars);
	free(bars.bar);
	return r;
}

/* Shows the exits of what is selected. */
int screen_overview_open(struct model *model)
{
	struct table_look *look = &model->look[SCREEN_OVERVIEW];
	struct bars bars = { 0 };
	int r = list_bars(model, &bars);

	if (r >= 0 && look->selected < (int)bars.count)
		r = model_select(model, bars.bar[look->selected].scope);
	free(bars.bar);
	if (r >= 0)
		model_show(model, SCREEN_EXITS);
	return r;
}
