/* SPDX-License-Identifier: GPL-2.0-only */
/* The running probes' totals as a ledger: what `stat` and the dashboard show. */
#ifndef LIVE_SNAPSHOT_H
#define LIVE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/ledger.h"
#include "analyzer/reader.h"
#include "collector/facts.h"
#include "collector/source.h"
#include "collector/totals.h"

/* What a reader says of a trace, of the running host. Returns 0 or -ENOMEM. */
int snapshot_facts(const struct trace_facts *facts, struct reader_facts *ret_facts);

/*
 * Reads the totals, and asks for the names of VMs that are new. Slots of vCPUs
 * that are gone are free then, which is why it is to be called now and then:
 * snapshot_watch() does nothing else. `ret_totals` is empty or an earlier reading, whose
 * memory is used again. Returns 0, or a negative errno with a sentence; totals_release() it
 * either way.
 */
int snapshot_read(struct source *source, struct totals *ret_totals);
int snapshot_watch(struct source *source);

/* Whose totals: of all, of a process, of one slot. */
struct snapshot_scope {
	uint32_t pid; /* 0: of any */
	bool one;
	uint32_t slot; /* of the one */
};

/*
 * A ledger of the totals of `scope`, NULL for all; of what came after `before`, unless that is
 * NULL. `facts` must outlive it. Returns 0, or a negative errno with a sentence.
 */
int snapshot_ledger(struct source *source, const struct reader_facts *facts,
		    const struct totals *totals, const struct totals *before,
		    const struct snapshot_scope *scope, struct ledger **ret_ledger);

#endif
