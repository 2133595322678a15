/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/canvas.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

static const struct {
	wchar_t utf8;
	char ascii;
} glyphs[GLYPHS] = {
	[GLYPH_BAR_0] = { L' ', ' ' },
	{ L'\u2581', '.' },
	{ L'\u2582', ':' },
	{ L'\u2583', '-' },
	{ L'\u2584', '=' },
	{ L'\u2585', '+' },
	{ L'\u2586', '*' },
	{ L'\u2587', '%' },
	[GLYPH_BAR_8] = { L'\u2588', '#' },
	[GLYPH_BRANCH] = { L'\u251c', '|' },
	[GLYPH_LAST_BRANCH] = { L'\u2514', '`' },
	[GLYPH_MORE] = { L'\u2026', '~' },
	[GLYPH_DOWN] = { L'\u25bc', 'v' },
	[GLYPH_UP] = { L'\u25b2', '^' },
};

int canvas_resize(struct canvas *canvas, int rows, int columns)
{
	size_t count = (size_t)rows * (size_t)columns;
	struct canvas_cell *cell = reallocarray(canvas->cell, count + 1, sizeof(*cell));

	if (!cell)
		return -ENOMEM;
	canvas->cell = cell;
	canvas->rows = rows;
	canvas->columns = columns;
	for (size_t i = 0; i < count; i++)
		cell[i] = (struct canvas_cell){ L' ', STYLE_PLAIN };
	return 0;
}

static struct canvas_cell *cell_at(const struct canvas *canvas, int row, int column)
{
	if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns)
		return NULL;
	return &canvas->cell[row * canvas->columns + column];
}

static void set(struct canvas *canvas, int row, int column, enum style style, wchar_t glyph)
{
	struct canvas_cell *cell = cell_at(canvas, row, column);

	if (cell)
		*cell = (struct canvas_cell){ glyph, (uint8_t)style };
}

/* The next character and its width; '?' for what is no text. Returns the bytes it took. */
static size_t decode(const char *text, wchar_t *ret_glyph, int *ret_width)
{
	mbstate_t state = { 0 };
	size_t bytes;

	*ret_width = 1;
	if (*text >= ' ' && *text < 0x7f) {
		*ret_glyph = (wchar_t)*text;
		return 1;
	}
	bytes = mbrtowc(ret_glyph, text, strlen(text), &state);
	if (bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0) {
		*ret_glyph = L'?';
		return 1;
	}
	*ret_width = wcwidth(*ret_glyph);
	if (*ret_width < 1) {
		*ret_glyph = L'?';
		*ret_width = 1;
	}
	return bytes;
}

int canvas_width(const char *text)
{
	wchar_t glyph;
	int width, sum = 0;

	while (*text) {
		text += decode(text, &glyph, &width);
		sum += width;
	}
	return sum;
}

int canvas_put(struct canvas *canvas, int row, int column, int width, enum style style,
	       const char *text)
{
	int end = width < 0 ? canvas->columns : column + width, wide;
	bool cut = width >= 0 && canvas_width(text) > width;
	wchar_t glyph;

	while (*text && column < end - cut) {
		text += decode(text, &glyph, &wide);
		if (column + wide > end)
			break;
		set(canvas, row, column, style, glyph);
		for (int i = 1; i < wide; i++)
			set(canvas, row, column + i, style, L'\0');
		column += wide;
	}
	if (cut && column < end)
		canvas_glyph(canvas, row, column++, style, GLYPH_MORE);
	return column;
}

void canvas_put_right(struct canvas *canvas, int row, int column, int width, enum style style,
		      const char *text)
{
	int left = width - canvas_width(text);

	if (left > 0)
		column += left;
	canvas_put(canvas, row, column, left > 0 ? width - left : width, style, text);
}

int canvas_printf(struct canvas *canvas, int row, int column, enum style style, const char *format,
		  ...)
{
	_cleanup_free_ char *text = NULL;
	va_list list;
	int r;

	va_start(list, format);
	r = vasprintf(&text, format, list);
	va_end(list);
	return r < 0 ? column : canvas_put(canvas, row, column, -1, style, text);
}

void canvas_glyph(struct canvas *canvas, int row, int column, enum style style, enum glyph glyph)
{
	set(canvas, row, column, style,
	    canvas->utf8 ? glyphs[glyph].utf8 : (wchar_t)glyphs[glyph].ascii);
}

void canvas_paint(struct canvas *canvas, int row, int column, int width, enum style style)
{
	for (int i = 0; i < width; i++) {
		struct canvas_cell *cell = cell_at(canvas, row, column + i);

		if (cell)
			cell->style = (uint8_t)style;
	}
}

static int row_text(const struct canvas *canvas, int row, struct buffer *out)
{
	const struct canvas_cell *cell = &canvas->cell[row * canvas->columns];
	int used = canvas->columns, r = 0;
	char bytes[MB_LEN_MAX];

	while (used > 0 && (cell[used - 1].glyph == L' ' || !cell[used - 1].glyph))
		used--;
	for (int i = 0; r >= 0 && i < used; i++) {
		mbstate_t state = { 0 };
		size_t length = cell[i].glyph ? wcrtomb(bytes, cell[i].glyph, &state) : 0;

		if (length != (size_t)-1)
			r = buffer_append(out, bytes, length);
	}
	return r < 0 ? r : buffer_append(out, "\n", 1);
}

int canvas_text(const struct canvas *canvas, struct buffer *out)
{
	int r = 0;

	for (int row = 0; r >= 0 && row < canvas->rows; row++)
		r = row_text(canvas, row, out);
	return r;
}

void canvas_release(struct canvas *canvas)
{
	free(canvas->cell);
	*canvas = (struct canvas){ .utf8 = canvas->utf8, .coloured = canvas->coloured };
}
