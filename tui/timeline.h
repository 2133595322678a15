/* SPDX-License-Identifier: GPL-2.0-only */
/* Moving about in time: what the timeline's keys do. */
#ifndef TUI_TIMELINE_H
#define TUI_TIMELINE_H

#include "tui/model.h"

/* The window shown; all the time unless one was chosen. False without any record. */
bool timeline_window(const struct model *model, uint64_t *ret_from, uint64_t *ret_to);

/* Each returns 0, or a negative errno with a sentence. */
int timeline_zoom(struct model *model, int direction); /* 1: closer, by two */
int timeline_pan(struct model *model, int direction);  /* by a quarter of the window */
int timeline_all(struct model *model);

/* The next slow exit in time, or the one before. */
int timeline_jump(struct model *model, int direction);

#endif
