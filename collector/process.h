/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a process that the kernel has named still is, also where /proc does not show it. */
#ifndef COLLECTOR_PROCESS_H
#define COLLECTOR_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The process or thread of this number has been reaped. False where that cannot be told,
 * as in a PID namespace, whose numbers are others than the kernel's.
 */
bool process_is_gone(uint32_t pid);

/*
 * Why processes that are there are not seen, and what follows from that; static. NULL where
 * they are: all, or without `all` those of this user.
 */
const char *process_obstacle(bool all);

#endif
