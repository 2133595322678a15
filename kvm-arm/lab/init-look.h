/* SPDX-License-Identifier: GPL-2.0-only */
/* What the emulated host's threads are at, for a COMMAND that does not end. */
#ifndef KVM_ARM_LAB_INIT_LOOK_H
#define KVM_ARM_LAB_INIT_LOOK_H

typedef void look_line(void *context, const char *text);

/* Calls `line` for each thread of user space: name, state, times, where in the kernel it waits. */
void look_at_processes(look_line *line, void *context);

#endif
