/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal: shows a canvas, gives keys, and is always left as it was found. */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "tui/canvas.h"

struct terminal_input {
	int key;	   /* a KEY_ of ncurses or a control character; 0 for a letter */
	char text[8];	   /* a letter in the locale's encoding, else empty */
	bool click, twice; /* of the mouse; KEY_UP and KEY_DOWN for its wheel */
	int row, column;
};

/*
 * Forks: the caller goes on in the child, and the parent waits for it and puts
 * the terminal right, however the child ends. Returns 0 in the child; in the
 * parent 1 with the child's exit status (128 + n for signal n); or a negative
 * errno with a sentence.
 */
int terminal_guard(int *ret_status);

/*
 * Takes the terminal over. Returns 0, or a negative errno with a sentence where
 * standard input or output is none, or it is of a kind that cannot be addressed.
 */
int terminal_open(void);

/* Takes the mouse, or leaves it to the terminal. */
void terminal_set_mouse(bool taken);

/* In columns and rows, as it is now. */
void terminal_size(int *ret_rows, int *ret_columns);

/* Characters beyond ASCII can be shown. */
bool terminal_utf8(void);

/* Colours can be shown. */
bool terminal_coloured(void);

/* Sends what differs from what is shown. */
void terminal_show(const struct canvas *canvas);

/* The next key or click, if there is one. */
bool terminal_read(struct terminal_input *ret_input);

/* Harmless when it is not open. */
void terminal_close(void);

#endif
