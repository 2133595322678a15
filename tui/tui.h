/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "base/cmdline.h"
#include "collector/source.h"

/* `hyptrace tui`: browses a trace. */
extern const struct cmdline_command tui_command;

/* `hyptrace live`: the dashboard of what runs. */
extern const struct cmdline_command live_command;

int command_tui(int argc, char **argv);
int command_live(int argc, char **argv);

/* `live` on other probes, for tests. */
int live_from(source_open *open, int argc, char **argv);

#endif
