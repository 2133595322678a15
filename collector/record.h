/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `hyptrace record`. */
#ifndef COLLECTOR_RECORD_H
#define COLLECTOR_RECORD_H

#include "base/cmdline.h"
#include "collector/source.h"

extern const struct cmdline_command record_command;

/* Returns the exit status, or a negative errno with a sentence. */
int command_record(int argc, char **argv);

/* The same with records from another source than the probes of the patched tier. */
int record_from(source_open *open, int argc, char **argv);

#endif
