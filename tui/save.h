/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TUI_SAVE_H
#define TUI_SAVE_H

#include "tui/model.h"

/*
 * Writes what is shown into the working directory, from the same numbers: the
 * screen as text, however long, and the report as `stat --json` prints it.
 * Says in the model where, or what went wrong. Always returns 0.
 */
int save_snapshot(struct model *model, int code);

#endif
