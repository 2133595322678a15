/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `hyptrace check`. */
#ifndef COLLECTOR_CHECK_H
#define COLLECTOR_CHECK_H

#include "base/cmdline.h"

extern const struct cmdline_command check_command;

/* Returns 0 where this host can record, 1 where not, or a negative errno with a sentence. */
int command_check(int argc, char **argv);

#endif
