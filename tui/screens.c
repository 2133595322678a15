/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/screens.h"

#include <stdio.h>
#include <string.h>

#include "tui/keys.h"

const struct screen screens[SCREENS] = {
	[SCREEN_OVERVIEW] = { "Overview", '1', false, screen_overview, screen_overview_open },
	[SCREEN_EXITS] = { "Exits", '2', false, screen_exits, screen_exits_open },
	[SCREEN_SWITCH] = { "World switch", '3', false, screen_switch },
	[SCREEN_IO] = { "I/O", '4', false, screen_io },
	[SCREEN_TIMELINE] = { "Timeline", '5', true, screen_timeline },
	[SCREEN_HELP] = { "Help", '?', false, screen_help },
};

/* --- what screens share ------------------------------------------------------------- */

char group_letter(int group)
{
	return group >= 0 && group < GROUPS ? "GSTIDH"[group] : '?';
}

enum style group_style(int group)
{
	return (enum style)(STYLE_GROUP + group);
}

char *screen_time(const struct report *report, uint64_t ticks, char text[NUMBER_TEXT])
{
	const struct units *units = &report->summary.units;

	return units_print(units, units_whole(units, ticks), 1, 4, text);
}

/* --- the frame ------------------------------------------------------------------------ */

static void put_title(const struct model *model, struct canvas *canvas)
{
	const struct feed *feed = model->feed;
	const struct reader_facts *facts = &feed->all.reader->facts;
	char text[128];

	snprintf(text, sizeof(text), "%.16s, %.16s, %s%s ", facts->kvm_mode, facts->tier,
		 facts->barriers,
		 model->paused	  ? ", PAUSED"
		 : !feed->live	  ? ""
		 : feed->interval ? ", interval"
				  : ", cumulative");
	canvas_paint(canvas, 0, 0, canvas->columns, STYLE_TITLE);
	if (canvas->columns > (int)strlen(text) + 2)
		canvas_put(canvas, 0, 1, canvas->columns - (int)strlen(text) - 2, STYLE_TITLE,
			   model->title);
	canvas_put_right(canvas, 0, 0, canvas->columns, STYLE_TITLE, text);
}

static bool has_tab(const struct model *model, int screen)
{
	return !screens[screen].offline || !model->feed->live;
}

/* Draws the tabs, or finds the one at a column. */
static int walk_tabs(const struct model *model, struct canvas *canvas, int column)
{
	int at = 0;

	for (int i = 0; i < SCREENS; i++) {
		bool on = i == (int)model->screen;
		char text[40];
		int from = at;

		if (!has_tab(model, i))
			continue;
		snprintf(text, sizeof(text), "%c%c %s%c", on ? '[' : ' ', screens[i].key,
			 screens[i].title, on ? ']' : ' ');
		at += (int)strlen(text);
		if (canvas)
			canvas_put(canvas, TABS_ROW, from, -1, on ? STYLE_TAB_ON : STYLE_TAB, text);
		else if (column >= from && column < at)
			return i;
	}
	return -1;
}

int screens_tab_at(const struct model *model, int column)
{
	return walk_tabs(model, NULL, column);
}

static const char *unit_name(const struct model *model)
{
	static const char *const names[UNIT_CHOICES] = {
		[UNIT_PERCENT] = "per cent",
		[UNIT_CYCLES] = "CPU cycles",
		[UNIT_TICKS] = "ticks",
	};
	bool counts = !strcmp(model->feed->all.reader->facts.unit, "instructions");

	if (model_unit(model) == UNIT_TIME)
		return counts ? "instructions" : "time";
	return names[model_unit(model)];
}

/* Whose numbers they are, of how much, in what order and units. */
static int put_scope(struct model *model, struct canvas *canvas, int row)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	const struct report *report = feed_report(model->feed);
	const struct table_look *look = model_look(model);
	char exits[NUMBER_TEXT], wall[NUMBER_TEXT];

	model_scope_text(model, &text);
	if (model->feed->scoped.ledger && model->feed->other.ledger)
		buffer_printf(&text, " of A, B whole");
	buffer_printf(&text, "  %s exits in %s",
		      number_thousands((int64_t)report->ledger->counts.exits, exits),
		      units_print_sum(&report->summary.units, report->summary.wall, wall));
	if (model_unit(model) != UNIT_TIME)
		buffer_printf(&text, "  in %s", unit_name(model));
	if (look->sort[0])
		buffer_printf(&text, "  by %s", look->sort);
	if (model->filter[0] && !model->typing)
		buffer_printf(&text, "  only '%s'", model->filter);
	canvas_put(canvas, row, 1, canvas->columns - 1, STYLE_STRONG, buffer_text(&text));
	return row + 1;
}

static void put_state(struct canvas *canvas, int row, const char *text)
{
	int at = canvas_put(canvas, row, 1, canvas->columns - 1, STYLE_ALERT, "! ");

	canvas_put(canvas, row, at, canvas->columns - at, STYLE_ALERT, text);
}

/* At most an eighth of the window; Help has all of them itself. */
static int put_states(const struct model *model, struct canvas *canvas, int row)
{
	unsigned int most = canvas->rows < 16 ? 2 : (unsigned int)canvas->rows / 8, shown;
	struct states states;

	if (model->screen == SCREEN_HELP)
		return row;
	model_states(model, &states);
	shown = states.count > most ? most - 1 : states.count;
	for (unsigned int i = 0; i < shown; i++)
		put_state(canvas, row++, states.text[i]);
	if (shown < states.count) {
		char text[40];

		snprintf(text, sizeof(text), "%u more; ? shows all", states.count - shown);
		put_state(canvas, row++, text);
	}
	return row;
}

static void put_hints(const struct model *model, struct canvas *canvas, int row)
{
	int at = 0;

	for (const struct key *key = keys; key->name; key++) {
		if (!key->hint || !key_applies(key, model) ||
		    at + (int)strlen(key->hint) + 8 > canvas->columns)
			continue;
		at = canvas_put(canvas, row, at, (int)strcspn(key->name, " "), STYLE_KEY,
				strndupa(key->name, strcspn(key->name, " ")));
		at = canvas_printf(canvas, row, at, STYLE_PLAIN, "%s ", key->hint) + 1;
	}
}

static void put_last_row(const struct model *model, struct canvas *canvas)
{
	int row = canvas->rows - 1;

	canvas_printf(canvas, row, 0, STYLE_PLAIN, "%*s", canvas->columns, "");
	if (model->typing)
		canvas_printf(canvas, row, 0, STYLE_KEY,
			      "filter: %s_  (Enter keeps it, Esc ends it)", model->filter);
	else if (model->message[0])
		canvas_put(canvas, row, 0, canvas->columns, STYLE_STRONG, model->message);
	else
		put_hints(model, canvas, row);
}

int screens_draw(struct model *model, struct canvas *canvas)
{
	struct area area = { .columns = canvas->columns };
	int r;

	put_title(model, canvas);
	walk_tabs(model, canvas, 0);
	area.row = put_scope(model, canvas, TABS_ROW + 1);
	area.row = put_states(model, canvas, area.row);
	area.row++;
	area.rows = canvas->rows - 1 - area.row;
	r = screens[model->screen].draw(model, canvas, area);
	put_last_row(model, canvas);
	return r;
}
