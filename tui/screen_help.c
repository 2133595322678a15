/* SPDX-License-Identifier: GPL-2.0-only */
/* Help, made from the table of keys; what letters and words mean. */
#include "tui/screens.h"

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

static bool is_listed(const struct key *key, const struct model *model)
{
	return model->feed->live ? !key->offline : !key->live;
}

static int count_lines(const struct model *model)
{
	int count = ARRAY_SIZE(words);

	for (const struct key *key = keys; key->name; key++)
		count += is_listed(key, model);
	return count;
}

int screen_help(struct model *model, struct canvas *canvas, struct area area)
{
	struct table_look *look = &model->look[SCREEN_HELP];
	int most = count_lines(model) - area.rows, line = 0;

	look->rows = most > 0 ? most + 1 : 1;
	look->shown = area.rows;
	look->title_row = look->first_row = -1;
	look->titles = 0;
	model_move(model, 0);
	look->top = look->selected;
	for (const struct key *key = keys; key->name; key++) {
		int row = line - look->top;

		if (!is_listed(key, model))
			continue;
		line++;
		if (row < 0 || row >= area.rows)
			continue;
		canvas_put(canvas, area.row + row, 1, NAMES, STYLE_STRONG, key->name);
		canvas_put(canvas, area.row + row, NAMES + 2, area.columns - NAMES - 2, STYLE_PLAIN,
			   key->help);
	}
	if (most > 0)
		canvas_put_right(canvas, area.row - 1, 0, area.columns, STYLE_FAINT,
				 look->top < most ? "more below" : "the end");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++, line++)
		if (line >= look->top && line - look->top < area.rows)
			canvas_put(canvas, area.row + line - look->top, 1, area.columns - 1,
				   STYLE_PLAIN, words[i]);
	return 0;
}
