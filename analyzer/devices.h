/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses by address, and by device. Both tables are bounded, whatever a guest does. */
#ifndef ANALYZER_DEVICES_H
#define ANALYZER_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/vmm_split.h"
#include "base/device_map.h"
#include "kvm-arm/decode/reason.h"

/*
 * Of a table of addresses so many rows are apart, then as many whole pages; of one of
 * devices so many are. What is beyond that shares a row.
 */
enum { ADDRESSES_APART = 2048, DEVICES_APART = 1000, DEVICE_PAGE_BITS = 12 };

struct device_row {
	/* Of the access; of the device, or of its page where it has no name; UINT64_MAX: others. */
	uint64_t ipa;
	enum reason_handled handled;
	uint32_t pid;	  /* process of the VM, 0 where not known or not yet asked for */
	const char *name; /* NULL where not known; the device map's */
	uint64_t reads, writes;
	unsigned __int128 ticks;
	uint64_t split; /* accesses whose way through user space is told apart */
	unsigned __int128 user_part[VMM_PARTS]; /* of those [ticks] */
};

struct devices {
	struct device_row *row; /* sorted by address; owned */
	size_t count;
};

/* Books accesses by address, for which reason_is_mmio() is true. Returns 0 or -ENOMEM. */
int devices_add_sum(struct devices *accesses, const struct exit_reason *reason, uint64_t count,
		    uint64_t ticks);

/* Books one access, likewise. Returns 0 or -ENOMEM. */
int devices_add(struct devices *accesses, const struct exit_reason *reason, uint64_t ticks,
		const struct vmm_split *user);

/*
 * Adds the accesses of a vCPU to a table of devices; `names` are the ranges of its VM,
 * whose process is `pid`, and outlive the table. Returns 0 or -ENOMEM.
 */
int devices_merge(struct devices *devices, const struct devices *accesses, uint32_t pid,
		  const struct device_map *names);

void devices_release(struct devices *devices);

#endif
