/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks a QEMU for its memory map, by its machine protocol (QMP). */
#ifndef COLLECTOR_QMP_H
#define COLLECTOR_QMP_H

#include <stdint.h>

/*
 * What "info mtree -f" prints in QEMU `pid`; the caller frees it. Takes two seconds at
 * most, or until `stop_fd` (or -1) can be read. Returns 0; -ENOENT where there is no
 * socket; -ECANCELED where it was stopped; another negative errno where nobody answers, as while
 * another client is connected, or where it is not that QEMU who listens. No sentence.
 */
int qmp_memory_tree(uint32_t pid, int stop_fd, char **ret_text);

#endif
