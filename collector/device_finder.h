/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds out which devices VMs have, while they are watched: by a file, by the kernel,
 * and by what a QEMU says of itself. QEMU is asked by a thread, so that nobody waits
 * for it, and now and then, as a guest may move its devices.
 */
#ifndef COLLECTOR_DEVICE_FINDER_H
#define COLLECTOR_DEVICE_FINDER_H

#include <stdint.h>

#include "base/device_map.h"

struct device_finder_query;
struct device_finder_vm;

/* All zero has found nothing. */
struct device_finder {
	struct device_map map;	     /* what is known; it only grows */
	struct device_finder_vm *vm; /* those met whose process lives; owned */
	size_t count;
	struct device_finder_query *query; /* that runs, or NULL; owned */
};

/* All of these return 0 or -ENOMEM. */

/* There is a VM of process `pid`; harmless where that is known. */
int device_finder_meet(struct device_finder *finder, uint32_t pid);

/*
 * To be called now and then: takes an answer that has come, asks who is due, forgets
 * whose process is gone.
 */
int device_finder_turn(struct device_finder *finder, uint64_t now_ns);

/*
 * Takes the answer that is due, and asks those that never were: two seconds each at most,
 * and none once a signal has us end at once (wakeups.h).
 */
int device_finder_finish(struct device_finder *finder);

void device_finder_release(struct device_finder *finder);

#endif
