/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a screen draws on: a rectangle of characters, each with a style. It knows
 * no terminal, so a screen can be shown, saved as text and tested alike.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "base/buffer.h"

/* What a character is part of; tui/terminal.c says how that looks. */
enum style {
	STYLE_PLAIN,
	STYLE_STRONG,
	STYLE_FAINT,
	STYLE_TITLE,
	STYLE_TAB,
	STYLE_TAB_ON,
	STYLE_HEADER,
	STYLE_HEADER_SORTED,
	STYLE_SELECTED,
	STYLE_ALERT,
	STYLE_KEY,
	STYLE_GROUP, /* that of the first enum account_group; the others follow */
	STYLE_UNATTRIBUTED = STYLE_GROUP + 6,
	STYLES
};

/* Characters that ASCII lacks, with what stands in for them. */
enum glyph {
	GLYPH_BAR_0, /* nothing; eight steps to a full one follow */
	GLYPH_BAR_8 = GLYPH_BAR_0 + 8,
	GLYPH_BRANCH,
	GLYPH_LAST_BRANCH,
	GLYPH_MORE, /* text that was cut */
	GLYPH_DOWN,
	GLYPH_UP,
	GLYPHS
};

struct canvas_cell {
	wchar_t glyph;
	uint8_t style;
};

struct canvas {
	int rows, columns;
	bool utf8;		  /* else ASCII alone */
	bool coloured;		  /* a style alone shows, where it does not carry meaning alone */
	struct canvas_cell *cell; /* row by row; owned */
};

struct area {
	int row, column, rows, columns;
};

#define _cleanup_canvas_ _cleanup_(canvas_release)

/* Empties the canvas and gives it this size. Returns 0 or -ENOMEM. */
int canvas_resize(struct canvas *canvas, int rows, int columns);

/*
 * Writes multibyte text of at most `width` columns, -1 for what there is; what
 * is outside is cut off. Returns the column behind it.
 */
int canvas_put(struct canvas *canvas, int row, int column, int width, enum style style,
	       const char *text);

/* The same, with the text's end at `column + width`; text too long loses its end. */
void canvas_put_right(struct canvas *canvas, int row, int column, int width, enum style style,
		      const char *text);

int canvas_printf(struct canvas *canvas, int row, int column, enum style style, const char *format,
		  ...) __attribute__((format(printf, 5, 6)));

void canvas_glyph(struct canvas *canvas, int row, int column, enum style style, enum glyph glyph);

/* Gives a part of a row another style. */
void canvas_paint(struct canvas *canvas, int row, int column, int width, enum style style);

/* The width of multibyte text in columns. */
int canvas_width(const char *text);

/* Appends all rows without the spaces at their ends. Returns 0 or -ENOMEM. */
int canvas_text(const struct canvas *canvas, struct buffer *out);

void canvas_release(struct canvas *canvas);

#endif
