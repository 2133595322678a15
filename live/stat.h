/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `hyptrace stat`. */
#ifndef LIVE_STAT_H
#define LIVE_STAT_H

#include "base/cmdline.h"
#include "collector/source.h"

extern const struct cmdline_command stat_command;

/* Returns the exit status, or a negative errno with a sentence. */
int command_stat(int argc, char **argv);

/* The same with totals from another source than the probes of the patched tier. */
int stat_from(source_open *open, int argc, char **argv);

#endif
