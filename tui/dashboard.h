/* SPDX-License-Identifier: GPL-2.0-only */
/* From keys and time to the screen, until somebody quits. */
#ifndef TUI_DASHBOARD_H
#define TUI_DASHBOARD_H

#include "collector/wakeups.h"
#include "tui/feed.h"

/*
 * Shows the feed until the user quits or a signal comes. `wakeups` are open; a
 * process whose pid fd they watch (-1: none) may end on the way. Returns 0, or a negative errno
 * with a sentence; the terminal is as before either way.
 */
int dashboard_run(struct feed *feed, struct wakeups *wakeups, int pid_fd, const char *title,
		  struct wakeup *ret_last);

#endif
