/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits by reason, and accesses by device. Both tables are bounded, whatever a guest does. */
#ifndef ANALYZER_REASONS_H
#define ANALYZER_REASONS_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/vmm_split.h"
#include "base/histogram.h"
#include "kvm-arm/decode/reason.h"

/* Rows up to here are apart; later reasons and devices share one row for each class. */
enum { REASONS_APART = 1000, DEVICES_APART = 1000, DEVICE_PAGE_BITS = 12 };

struct reason_row {
	struct exit_reason reason;
	uint64_t count;
	unsigned __int128 ticks;
	struct histogram length; /* of each record; empty where only the sum is known [ticks] */
};

struct reasons {
	struct reason_row **row; /* sorted by reason; owned */
	size_t count;
};

/* One page of addresses. */
struct device_row {
	uint64_t ipa; /* of the page; UINT64_MAX for all beyond DEVICES_APART */
	enum reason_handled handled;
	uint64_t reads, writes;
	unsigned __int128 ticks;
	uint64_t split; /* accesses whose way through user space is told apart */
	unsigned __int128 user_part[VMM_PARTS]; /* of those [ticks] */
};

struct devices {
	struct device_row *row; /* sorted by address; owned */
	size_t count;
};

/* Books one record. Returns 0 or -ENOMEM. */
int reasons_add(struct reasons *reasons, const struct exit_reason *reason, uint64_t ticks);

/* Books several at once of which only the sum is known. Returns 0 or -ENOMEM. */
int reasons_add_sum(struct reasons *reasons, const struct exit_reason *reason, uint64_t count,
		    uint64_t ticks);

/* Records of one reason of which the sum and how they spread is known; empties `length`. */
int reasons_add_lengths(struct reasons *reasons, const struct exit_reason *reason, uint64_t count,
			uint64_t ticks, struct histogram *length);

/* Books accesses, for which reason_is_mmio() is true. Returns 0 or -ENOMEM. */
int devices_add_sum(struct devices *devices, const struct exit_reason *reason, uint64_t count,
		    uint64_t ticks);

/* Books one access, for which reason_is_mmio() is true. Returns 0 or -ENOMEM. */
int devices_add(struct devices *devices, const struct exit_reason *reason, uint64_t ticks,
		const struct vmm_split *user);

/* The reason's own row, or NULL. */
const struct reason_row *reasons_find(const struct reasons *reasons,
				      const struct exit_reason *reason);

/*
 * The rows with most time first, names deciding between equals; the array is
 * the caller's, the rows are not. Returns NULL without memory.
 */
const struct reason_row **reasons_by_time(const struct reasons *reasons);

void reasons_release(struct reasons *reasons);
void devices_release(struct devices *devices);

#endif
