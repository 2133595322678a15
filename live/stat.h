/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `hyptrace stat`. */
#ifndef LIVE_STAT_H
#define LIVE_STAT_H

#include "base/cmdline.h"

extern const struct cmdline_command stat_command;

/* Returns the exit status, or a negative errno with a sentence. */
int command_stat(int argc, char **argv);

#endif
