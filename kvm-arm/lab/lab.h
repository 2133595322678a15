/* SPDX-License-Identifier: GPL-2.0-only */
/* `hyptrace lab`: a command on an emulated KVM/ARM host. */
#ifndef KVM_ARM_LAB_LAB_H
#define KVM_ARM_LAB_LAB_H

#include "base/cmdline.h"

extern const struct cmdline_command lab_command;

/* Returns the exit status, or a negative errno with a sentence. */
int command_lab(int argc, char **argv);

#endif
