/* SPDX-License-Identifier: GPL-2.0-only */
/* Help: all that is to be said of the numbers, the table of keys, what letters and words mean. */
#include "tui/screens.h"

#include <stdio.h>
#include <string.h>

#include "tui/keys.h"

static const char *const words[] = {
	"",
	"Bars: G guest, S save and restore, T trap handling, I I/O emulation,",
	"      D interrupt delivery, H host, ? unattributed.",
	"-        was not touched, or is not known",
	"< stamp  less than a single stamp takes: noise",
	"by       who finished the exit: EL2 alone, the host kernel, user space",
};

enum { NAMES = 20 };

/* Where the next line comes; those outside the area are counted alone. */
struct pen {
	struct canvas *canvas;
	struct area area;
	int top, line;
};

/* The next line's row; -1 where it is not to be seen. */
static int next_row(struct pen *pen)
{
	int at = pen->line++ - pen->top;

	return at >= 0 && at < pen->area.rows ? pen->area.row + at : -1;
}

/* Bytes of the words that have room in so many columns; a word of more is cut. */
static size_t fit(const char *text, int columns)
{
	char part[STATE_BYTES];
	size_t fits = 0;

	for (size_t end = 0; text[end]; fits = end) {
		end += strspn(text + end, " ");
		end += strcspn(text + end, " ");
		snprintf(part, sizeof(part), "%.*s", (int)end, text);
		if (canvas_width(part) > columns)
			break;
	}
	return fits ? fits : strlen(text);
}

static void put_wrapped(struct pen *pen, const char *text)
{
	int column = 3, columns = pen->area.columns - column;

	for (const char *lead = "!"; *text; lead = "") {
		size_t bytes = fit(text, columns);
		char part[STATE_BYTES];
		int row = next_row(pen);

		snprintf(part, sizeof(part), "%.*s", (int)bytes, text);
		canvas_put(pen->canvas, row, 1, 1, STYLE_ALERT, lead);
		canvas_put(pen->canvas, row, column, columns, STYLE_ALERT, part);
		text += bytes;
		text += strspn(text, " ");
	}
}

static void put_states(const struct model *model, struct pen *pen)
{
	struct states states;

	model_states(model, &states);
	for (unsigned int i = 0; i < states.count; i++)
		put_wrapped(pen, states.text[i]);
	if (states.count)
		next_row(pen);
}

static void put_keys(const struct model *model, struct pen *pen)
{
	for (const struct key *key = keys; key->name; key++) {
		int row;

		if (model->feed->live ? key->offline : key->live)
			continue;
		row = next_row(pen);
		canvas_put(pen->canvas, row, 1, NAMES, STYLE_STRONG, key->name);
		canvas_put(pen->canvas, row, NAMES + 2, pen->area.columns - NAMES - 2, STYLE_PLAIN,
			   key->help);
	}
}

/* Returns how many lines there are. */
static int put_all(const struct model *model, struct pen pen)
{
	put_states(model, &pen);
	put_keys(model, &pen);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		canvas_put(pen.canvas, next_row(&pen), 1, pen.area.columns - 1, STYLE_PLAIN,
			   words[i]);
	return pen.line;
}

int screen_help(struct model *model, struct canvas *canvas, struct area area)
{
	struct table_look *look = &model->look[SCREEN_HELP];
	struct pen pen = { .canvas = canvas, .area = area };
	int most;

	pen.area.rows = 0;
	most = put_all(model, pen) - area.rows;
	look->rows = most > 0 ? most + 1 : 1;
	look->shown = area.rows;
	look->title_row = look->first_row = -1;
	look->titles = 0;
	model_move(model, 0);
	look->top = look->selected;
	pen.area.rows = area.rows;
	pen.top = look->top;
	put_all(model, pen);
	if (most > 0)
		canvas_put_right(canvas, area.row - 1, 0, area.columns, STYLE_FAINT,
				 look->top < most ? "more below" : "the end");
	return 0;
}
