/* SPDX-License-Identifier: GPL-2.0-only */
/* What each key does: handling, hints and help are all made from one table. */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "tui/model.h"

enum { KEY_CODES = 4 };

struct key {
	int code[KEY_CODES];  /* KEY_ of ncurses, or a character; 0 ends */
	const char *name;     /* "Up k" */
	const char *hint;     /* a word for the last line; NULL: help alone has it */
	const char *help;     /* one line */
	unsigned int screens; /* a bit for each that it is for */
	bool live, offline;   /* only then */
	int (*act)(struct model *model, int code);
};

/* Ends with a row whose name is NULL. */
extern const struct key keys[];

/* The row does something here. */
bool key_applies(const struct key *key, const struct model *model);

/* Does what the key stands for, or nothing. Returns 0, or a negative errno with a sentence. */
int keys_press(struct model *model, int code);

/* A letter or control key while the filter is typed. */
void keys_type(struct model *model, int code, const char *text);

/* A click of the mouse. */
int keys_click(struct model *model, int row, int column, bool twice);

#endif
