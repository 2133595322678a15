/* SPDX-License-Identifier: GPL-2.0-only */
/* A ledger in the units of a report: what all views print. */
#ifndef ANALYZER_SUMMARY_H
#define ANALYZER_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/ledger.h"
#include "analyzer/units.h"

struct summary {
	struct units units;
	const struct account_table *accounts; /* borrowed */
	const struct histogram *account;      /* by account, in ticks; borrowed */
	uint64_t exits;
	int64_t wall;
	bool shares; /* a share of the wall time means something */
	/* In units. Groups are the sums of their accounts, and all adds up to the wall. */
	int64_t value[ACCOUNTS_MAX];
	int64_t group[GROUPS];
	int64_t unattributed; /* negative only where more is booked than passed */
};

/* All vCPUs. `wall_ns` is the wall clock measured outside, negative for none. */
struct summary summary_of_ledger(const struct ledger *ledger, bool raw, int64_t wall_ns);

struct summary summary_of_vcpu(const struct ledger *ledger, const struct ledger_vcpu *vcpu,
			       bool raw);

/* True where at least one account of the group was touched. */
bool summary_group_touched(const struct summary *summary, enum account_group group);

/*
 * What the tool itself took: the event's emission, all stamps, and the programs
 * that see preemption and interrupts. What the trace does not say is 0.
 */
struct tool_cost {
	int64_t event, stamps, pauses, all;
	bool known;	   /* the kernel stamps the emission */
	bool stamps_known; /* what a stamp takes was measured */
};

struct tool_cost summary_tool(const struct summary *summary, const struct ledger *ledger);

#endif
