/* SPDX-License-Identifier: GPL-2.0-only */
/* The screens, and the frame round them. */
#ifndef TUI_SCREENS_H
#define TUI_SCREENS_H

#include "tui/grid.h"

struct screen {
	const char *title;
	char key;
	bool offline; /* only of a trace */
	int (*draw)(struct model *model, struct canvas *canvas, struct area area);
	/* Enter. NULL: there is nothing to open. */
	int (*open)(struct model *model);
	/* Rows that it would fill, so that all of it can be saved. NULL: those of its table. */
	int (*rows)(const struct model *model);
};

extern const struct screen screens[SCREENS];

/* Draws the whole window: frame, states, screen, keys. Returns 0 or -ENOMEM. */
int screens_draw(struct model *model, struct canvas *canvas);

/* The screen whose tab is at this column of the tabs' row, or -1. */
enum { TABS_ROW = 1 };
int screens_tab_at(const struct model *model, int column);

int screen_overview(struct model *model, struct canvas *canvas, struct area area);
int screen_overview_open(struct model *model);
int screen_exits(struct model *model, struct canvas *canvas, struct area area);
int screen_exits_open(struct model *model);
int screen_reason(struct model *model, struct canvas *canvas, struct area area);
int screen_switch(struct model *model, struct canvas *canvas, struct area area);
int screen_io(struct model *model, struct canvas *canvas, struct area area);
int screen_timeline(struct model *model, struct canvas *canvas, struct area area);
int screen_help(struct model *model, struct canvas *canvas, struct area area);

/* A letter for each group, and one for what is unattributed: "GSTIDH?". */
char group_letter(int group);
enum style group_style(int group);

/* The time of `ticks` in the units at hand. */
char *screen_time(const struct report *report, uint64_t ticks, char text[NUMBER_TEXT]);

#endif
