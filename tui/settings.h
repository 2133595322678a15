/* SPDX-License-Identifier: GPL-2.0-only */
/* What the dashboard remembers: $XDG_CONFIG_HOME/hyptrace/dashboard, a line for each. */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include <stdbool.h>

enum { SETTING_BYTES = 24, SETTINGS_SORTS = 6 };

enum unit_choice { UNIT_TIME, UNIT_PERCENT, UNIT_CYCLES, UNIT_TICKS, UNIT_CHOICES };

struct settings {
	int screen;   /* enum screen_number */
	int unit;     /* enum unit_choice */
	int interval; /* 1: live shows what came since the last refresh */
	int delay_ms; /* from one refresh to the next */
	int mouse;    /* 1: taken from the terminal */
	char sort[SETTINGS_SORTS][SETTING_BYTES]; /* by screen: "+p50" is ascending */
};

/* What is not there, or is nonsense, is as it comes. */
void settings_load(struct settings *ret_settings);

/* Returns 0, or a negative errno with a sentence. */
int settings_save(const struct settings *settings);

#endif
