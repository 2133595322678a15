/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/keys.h"

#include <curses.h>
#include <errno.h>
#include <string.h>

#include "tui/save.h"
#include "tui/screens.h"
#include "tui/timeline.h"

enum { TAB = '\t', ENTER = '\r', ESCAPE = 27, CONTROL_L = 12, CONTROL_U = 21 };

#define ON(screen) (1u << (screen))

enum {
	ANYWHERE = (1 << SCREENS) - 1,
	TABLES = 1 << SCREEN_EXITS | 1 << SCREEN_SWITCH | 1 << SCREEN_IO,
	OPENS = 1 << SCREEN_OVERVIEW | 1 << SCREEN_EXITS,
	TIMES = 1 << SCREEN_TIMELINE,
};

/* --- what keys do --------------------------------------------------------------------- */

static int go_to(struct model *model, int code)
{
	for (int i = 0; i < SCREENS; i++)
		if (screens[i].key == code && !(screens[i].offline && model->feed->live))
			model_show(model, (enum screen_number)i);
	return 0;
}

static int go_round(struct model *model, int code)
{
	int step = code == KEY_BTAB ? SCREENS - 1 : 1, next = (int)model->screen;

	do
		next = (next + step) % SCREENS;
	while (screens[next].offline && model->feed->live);
	model_show(model, (enum screen_number)next);
	return 0;
}

static int help(struct model *model, int code)
{
	model_show(model, model->screen == SCREEN_HELP ? model->before_help : SCREEN_HELP);
	return 0;
}

static int walk(struct model *model, int code)
{
	struct table_look *look = model_look(model);
	int page = look->shown > 1 ? look->shown - 1 : 1;

	switch (code) {
	case KEY_UP:
	case 'k':
		model_move(model, -1);
		return 0;
	case KEY_DOWN:
	case 'j':
		model_move(model, 1);
		return 0;
	case KEY_PPAGE:
		model_move(model, -page);
		return 0;
	case KEY_NPAGE:
		model_move(model, page);
		return 0;
	default:
		model_move(model, code == KEY_HOME ? -look->rows : look->rows);
		return 0;
	}
}

static int open_row(struct model *model, int code)
{
	int (*act)(struct model * of) = screens[model->screen].open;

	return act ? act(model) : 0;
}

static int back(struct model *model, int code)
{
	if (model->screen == SCREEN_HELP)
		model_show(model, model->before_help);
	else if (model->in_reason)
		model->in_reason = false;
	else if (model->filter[0])
		model->filter[0] = '\0';
	else if (model->feed->scope.pid || model->feed->scope.one)
		return model_select(model, (struct snapshot_scope){ 0 });
	return 0;
}

static int step_vm(struct model *model, int code)
{
	return model_step_scope(model, code == 'v' ? 1 : -1);
}

static int step_sort(struct model *model, int code)
{
	model_step_sort(model, code == '<' ? -1 : 1);
	return 0;
}

static int turn_round(struct model *model, int code)
{
	model_turn_round(model);
	return 0;
}

static int begin_filter(struct model *model, int code)
{
	model->typing = true;
	return 0;
}

static int hold(struct model *model, int code)
{
	model->paused = !model->paused;
	return 0;
}

static int interval(struct model *model, int code)
{
	model->feed->interval = !model->feed->interval;
	model->settings.interval = model->feed->interval;
	return model->feed->ops->remake(model->feed);
}

static int units(struct model *model, int code)
{
	model_step_unit(model);
	return 0;
}

static int reset(struct model *model, int code)
{
	model_say(model, "counted from now on");
	return model->feed->ops->reset(model->feed);
}

static int zoom(struct model *model, int code)
{
	return timeline_zoom(model, code == '-' ? -1 : 1);
}

static int pan(struct model *model, int code)
{
	return timeline_pan(model, code == KEY_LEFT ? -1 : 1);
}

static int all_time(struct model *model, int code)
{
	return timeline_all(model);
}

static int jump(struct model *model, int code)
{
	return timeline_jump(model, code == 'n' ? 1 : -1);
}

static int mouse(struct model *model, int code)
{
	model->settings.mouse = !model->settings.mouse;
	model_say(model, model->settings.mouse ? "the mouse is the dashboard's"
					       : "the mouse is the terminal's, to mark text with");
	return 0;
}

static int quit(struct model *model, int code)
{
	model->quit = true;
	return 0;
}

/* --- the table ------------------------------------------------------------------------- */

const struct key keys[] = {
	{ { '?', 'h', KEY_F(1) }, "? h F1", "Help", "this help, and back", ANYWHERE, .act = help },
	{ { '1', '2', '3', '4' },
	  "1 2 3 4",
	  NULL,
	  "overview, exits, world switch, I/O",
	  ANYWHERE,
	  .act = go_to },
	{ { '5' }, "5", NULL, "timeline", ANYWHERE, .offline = true, .act = go_to },
	{ { TAB, KEY_BTAB },
	  "Tab Shift-Tab",
	  NULL,
	  "the next screen, the one before",
	  ANYWHERE,
	  .act = go_round },
	{ { ENTER, '\n', KEY_ENTER },
	  "Enter",
	  "Open",
	  "open what is selected: a VM, a reason",
	  OPENS,
	  .act = open_row },
	{ { ESCAPE, KEY_BACKSPACE, 127, 8 },
	  "Esc Backspace",
	  "Back",
	  "back: out of a reason, a filter, a VM",
	  ANYWHERE,
	  .act = back },
	{ { 'v', 'V' },
	  "v V",
	  "VM",
	  "step through VMs and their vCPUs, and backwards",
	  ANYWHERE,
	  .act = step_vm },
	{ { '/' },
	  "/",
	  "Filter",
	  "show rows that have some text, as it is typed",
	  TABLES,
	  .act = begin_filter },
	{ { '>', '<', 's' },
	  "> < s",
	  "Sort",
	  "sort by the next column, by the one before",
	  TABLES,
	  .act = step_sort },
	{ { 'r' }, "r", NULL, "turn the order round", TABLES, .act = turn_round },
	{ { 'u' },
	  "u",
	  "Unit",
	  "units: time or instructions, per cent, CPU cycles, ticks",
	  ANYWHERE,
	  .act = units },
	{ { ' ', 'p' },
	  "p Space",
	  "Pause",
	  "hold the numbers, and go on",
	  ANYWHERE,
	  .live = true,
	  .act = hold },
	{ { 'i' },
	  "i",
	  "Interval",
	  "what the last interval brought, or all since the start",
	  ANYWHERE,
	  .live = true,
	  .act = interval },
	{ { 'z' }, "z", "Reset", "count from now on", ANYWHERE, .live = true, .act = reset },
	{ { 'n', 'N' },
	  "n N",
	  "Slow",
	  "go to the next slow exit, to the one before",
	  TIMES,
	  .offline = true,
	  .act = jump },
	{ { '+', '=', '-' },
	  "+ -",
	  "Zoom",
	  "look closer, and from farther away",
	  TIMES,
	  .offline = true,
	  .act = zoom },
	{ { KEY_LEFT, KEY_RIGHT },
	  "Left Right",
	  NULL,
	  "move in time",
	  TIMES,
	  .offline = true,
	  .act = pan },
	{ { '0' }, "0", NULL, "all the time", TIMES, .offline = true, .act = all_time },
	{ { 'w' },
	  "w",
	  "Save",
	  "save the screen as text, and the numbers as JSON",
	  ANYWHERE,
	  .act = save_snapshot },
	{ { KEY_UP, KEY_DOWN, 'k', 'j' }, "Up Down k j", NULL, "up, down", ANYWHERE, .act = walk },
	{ { KEY_PPAGE, KEY_NPAGE, KEY_HOME, KEY_END },
	  "PgUp PgDn Home End",
	  NULL,
	  "a page, to the first, to the last",
	  ANYWHERE,
	  .act = walk },
	{ { 'm' },
	  "m",
	  NULL,
	  "leave the mouse to the terminal, or take it",
	  ANYWHERE,
	  .act = mouse },
	{ { 'q', KEY_F(10) }, "q F10", "Quit", "quit", ANYWHERE, .act = quit },
	{ .name = NULL },
};

/* An opened reason is a text: no row of it can be opened, sorted or filtered. */
static bool is_for_rows(const struct key *key)
{
	return key->screens == TABLES || key->screens == OPENS;
}

bool key_applies(const struct key *key, const struct model *model)
{
	if (model->screen == SCREEN_EXITS && model->in_reason && is_for_rows(key))
		return false;
	return key->screens & ON(model->screen) && (!key->live || model->feed->live) &&
	       (!key->offline || !model->feed->live);
}

static bool has_code(const struct key *key, int code)
{
	for (int i = 0; i < KEY_CODES; i++)
		if (key->code[i] && key->code[i] == code)
			return true;
	return false;
}

int keys_press(struct model *model, int code)
{
	model->message[0] = '\0';
	for (const struct key *key = keys; key->name; key++)
		if (has_code(key, code) && key_applies(key, model))
			return key->act(model, code);
	return 0;
}

/* --- typing the filter ------------------------------------------------------------------ */

static void take_back(char *text)
{
	size_t length = strlen(text);

	while (length && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
		length--;
	if (length)
		length--;
	text[length] = '\0';
}

void keys_type(struct model *model, int code, const char *text)
{
	size_t used = strlen(model->filter);

	if (code == ENTER || code == '\n' || code == KEY_ENTER) {
		model->typing = false;
	} else if (code == ESCAPE || code == CONTROL_U) {
		model->filter[0] = '\0';
		model->typing = code != ESCAPE;
	} else if (code == KEY_BACKSPACE || code == 127 || code == 8) {
		take_back(model->filter);
	} else if (code == KEY_UP || code == KEY_DOWN) {
		model_move(model, code == KEY_UP ? -1 : 1);
	} else if (*text && used + strlen(text) < FILTER_BYTES) {
		strcpy(model->filter + used, text);
	}
}

/* --- the mouse --------------------------------------------------------------------------- */

static void click_title(struct model *model, int column)
{
	const struct table_look *look = model_look(model);

	for (int i = 0; i < look->titles; i++)
		if (column >= look->title[i].from && column < look->title[i].to) {
			model_sort_by(model, look->title[i].title);
			return;
		}
}

/* A click selects a row, one on the selected row opens it. */
static int click_row(struct model *model, int row, bool twice)
{
	struct table_look *look = model_look(model);
	int at = look->top + row - look->first_row;
	bool again = at == look->selected;

	if (look->first_row < 0 || row < look->first_row || at >= look->rows ||
	    row >= look->first_row + look->shown)
		return 0;
	look->selected = at;
	look->chosen = true;
	look->name[0] = '\0';
	return again || twice ? open_row(model, 0) : 0;
}

int keys_click(struct model *model, int row, int column, bool twice)
{
	const struct table_look *look = model_look(model);
	int tab = row == TABS_ROW ? screens_tab_at(model, column) : -1;

	model->message[0] = '\0';
	if (tab >= 0) {
		model->typing = false;
		model_show(model, (enum screen_number)tab);
	} else if (look->titles && row == look->title_row) {
		click_title(model, column);
	} else {
		return click_row(model, row, twice);
	}
	return 0;
}
