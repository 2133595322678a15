/* SPDX-License-Identifier: GPL-2.0-only */
/* The one thing the guest wants from a flattened device tree. */
#ifndef GUEST_FDT_H
#define GUEST_FDT_H

#include <stdbool.h>

/* Whether a flattened device tree is at `blob`: looks at its first 4 bytes. */
bool fdt_present(const void *blob);

/*
 * The text of /chosen/bootargs, NUL-terminated and inside the tree; "" when
 * there is none or the tree is damaged. No byte outside the tree is read.
 */
const char *fdt_bootargs(const void *blob);

#endif
