/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the per-CPU BPF rings, each in turn, so that a busy one starves no other. */
#ifndef COLLECTOR_DRAIN_H
#define COLLECTOR_DRAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct drain;

/*
 * Gets each record, with the index of its ring; `bytes` are valid during the
 * call. A negative errno ends the turn.
 */
typedef int drain_record(void *context, unsigned int ring, const void *bytes, size_t size);

/*
 * Maps the rings of `count` map fds, which must stay open as long. Returns 0,
 * or a negative errno with a sentence. Release with drain_free().
 */
int drain_create(const int *fds, unsigned int count, drain_record *handle, void *context,
		 struct drain **ret_drain);

/*
 * Takes at most DRAIN_SHARE records out of each ring; the order within a ring
 * is kept. *ret_more tells whether a ring had more. Returns 0, or what the
 * handler or libbpf returned.
 */
int drain_turn(struct drain *drain, bool *ret_more);

enum { DRAIN_SHARE = 16384 };

void drain_free(struct drain *drain);

DEFINE_CLEANUP(struct drain *, drain_free)

#endif
