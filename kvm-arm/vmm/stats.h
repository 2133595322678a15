/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM's binary statistics of a vCPU, read by name. */
#ifndef VMM_STATS_H
#define VMM_STATS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the first (or only) value of each of the `n` statistics named.
 * Returns 0; or a negative errno with a sentence, and values may be set in part.
 */
int stats_read(int vcpu_fd, const char *const *names, size_t n, uint64_t *ret_values);

#endif
