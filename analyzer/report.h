/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `hyptrace report`. */
#ifndef ANALYZER_REPORT_H
#define ANALYZER_REPORT_H

#include "base/cmdline.h"

extern const struct cmdline_command report_command;

int command_report(int argc, char **argv);

#endif
