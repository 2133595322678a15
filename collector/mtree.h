/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory tree of a QEMU, as its monitor prints it. */
#ifndef COLLECTOR_MTREE_H
#define COLLECTOR_MTREE_H

#include <stdint.h>

#include "base/device_map.h"

/*
 * Adds each device in what "info mtree -f" prints of the address space "memory",
 * as those of the VM of process `pid`; memory itself is none. What it does not
 * know it passes over. Returns 0 or -ENOMEM.
 */
int mtree_read(const char *text, uint32_t pid, struct device_map *map);

#endif
