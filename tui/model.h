/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the dashboard shows: which screen, of which VM, sorted and filtered how.
 * Keys change it, screens draw it; it knows neither keys nor a terminal.
 */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/canvas.h"
#include "tui/feed.h"
#include "tui/settings.h"

enum screen_number {
	SCREEN_OVERVIEW,
	SCREEN_EXITS,
	SCREEN_SWITCH,
	SCREEN_IO,
	SCREEN_TIMELINE,
	SCREEN_HELP,
	SCREENS
};

enum { FILTER_BYTES = 40, MESSAGE_BYTES = 120, SORT_BYTES = SETTING_BYTES };

/* How one screen's table is looked at. */
struct table_look {
	int selected, top;     /* rows */
	int rows, shown;       /* as last drawn: of the table, on the screen */
	char sort[SORT_BYTES]; /* the title of the column; empty: as the report has it */
	bool ascending;
	bool chosen;		/* by a key or a click: the selection stays with its row */
	char name[REASON_TEXT]; /* of the chosen row; empty until it is drawn */
	const void *tag;	/* what the selected row is about; valid while the ledger is */
	/* Where the titles were last drawn, so that a click finds its column. */
	int title_row, first_row;
	struct {
		int from, to;
		char title[SORT_BYTES];
	} title[TEXT_TABLE_COLUMNS];
	int titles;
};

/* What the timeline shows. */
struct timeline {
	bool set;	   /* else all the time */
	uint64_t from, to; /* [ticks] */
	bool has_exit;
	struct slow_exit exit; /* the one that is jumped to */
	int lane;	       /* the first one shown */
};

struct model {
	struct feed *feed; /* borrowed */
	const char *title; /* of the command: "hyptrace tui DIR"; borrowed */
	enum screen_number screen;
	struct table_look look[SCREENS];
	struct table_look reason_look; /* of one reason's screen */
	bool in_reason;		       /* SCREEN_EXITS shows one reason */
	struct exit_reason reason;
	struct timeline timeline;
	struct settings settings;
	char filter[FILTER_BYTES];
	bool typing; /* letters go into the filter */
	bool paused, quit;
	enum screen_number before_help;
	char message[MESSAGE_BYTES]; /* said once, until the next key */
	struct canvas canvas;	     /* what is on the screen */
};

/* Sentences about what makes the numbers less than the whole truth, or none at all. */
enum { STATES_MAX = 16, STATE_BYTES = 512 };
struct states {
	unsigned int count;
	char text[STATES_MAX][STATE_BYTES]; /* what matters most first */
};

void model_states(const struct model *model, struct states *ret_states);

/* The look of what is on the screen. */
struct table_look *model_look(struct model *model);

void model_show(struct model *model, enum screen_number screen);

/* Moves the selection by so many rows. */
void model_move(struct model *model, int rows);

/* The next VM, its vCPUs one by one after it, and all again; backwards with -1. */
int model_step_scope(struct model *model, int direction);

int model_select(struct model *model, struct snapshot_scope scope);

/* "all: 2 VMs, 4 vCPUs", "qemu (pid 4000): 2 vCPUs". */
void model_scope_text(const struct model *model, struct buffer *out);

void model_sort_by(struct model *model, const char *title);

/* The next column of the table on the screen, to the right or left. */
void model_step_sort(struct model *model, int direction);

/* The other way round. */
void model_turn_round(struct model *model);

void model_say(struct model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The unit that is shown: cycles only where they were recorded, on the one screen of them. */
enum unit_choice model_unit(const struct model *model);

/* The next one that can be shown here. */
void model_step_unit(struct model *model);

/* Applies the settings' unit to what the feed brought. */
void model_units(struct model *model);

#endif
