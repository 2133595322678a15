/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a ledger does not keep of the records that pass: each reason's time by
 * account and vCPU, the slowest exits, and what each vCPU was at when. Memory
 * is bounded, whatever the trace's length.
 */
#ifndef TUI_DRILL_H
#define TUI_DRILL_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/ledger.h"

enum {
	DRILL_SLOWEST = 8, /* exits of each reason */
	DRILL_SLOW = 256,  /* exits of all reasons */
	DRILL_VCPUS = 256, /* of a reason, and lanes */
	LANE_BINS = 512
};

struct slow_exit {
	uint32_t slot, seq;
	uint64_t begin, own; /* [ticks] */
	uint64_t awake;	     /* of `own`, what the vCPU did not sleep: what ranks it */
	struct exit_reason reason;
};

/* Longest first. */
struct slow_list {
	unsigned int count, size; /* size: room in `exit` */
	struct slow_exit *exit;	  /* owned */
};

struct drill_part {
	uint64_t count, ticks;
};

struct drill_reason {
	struct exit_reason reason;
	struct drill_part account[ACCOUNTS_MAX];
	struct slow_exit slowest[DRILL_SLOWEST];
	struct slow_list slow; /* its array is `slowest` */
	unsigned int vcpus;
	struct drill_vcpu {
		uint32_t slot;
		struct drill_part part;
	} * vcpu; /* owned */
};

/* Time by group in bins of equal width; unattributed time is what lacks. */
struct lane_bin {
	uint64_t group[GROUPS];
	uint32_t exits;
};

struct lane {
	uint32_t slot;
	struct lane_bin bin[LANE_BINS];
};

struct lanes {
	bool fixed;	      /* only this window; else the bins widen as time goes on */
	bool begun;	      /* base is known */
	uint64_t base, width; /* of the first bin, of each [ticks] */
	unsigned int count;
	struct lane *lane[DRILL_VCPUS]; /* owned */
};

struct drill {
	const struct account_table *accounts; /* borrowed */
	const struct reader_facts *facts;     /* borrowed */
	struct reason_table reasons;	      /* of struct drill_reason */
	struct slow_list slow;		      /* of all reasons */
	struct lanes lanes;		      /* of all the time */
	struct lanes close;		      /* of what is looked at closely */
	bool found;			      /* `exit` is the one that was asked for */
	bool wanted;
	uint32_t wanted_slot, wanted_seq;
	struct trace_record exit;
};

int drill_create(const struct reader_facts *facts, const struct account_table *accounts,
		 struct drill **ret_drill);

/* Takes a record that is booked. Returns 0 or -ENOMEM. */
int drill_add(struct drill *drill, const struct trace_record *record, const struct booking *booking,
	      const struct exit_reason *reason);

/* Begins to look closely at these ticks, and at one exit or NULL; records come by drill_look(). */
void drill_focus(struct drill *drill, uint64_t from, uint64_t to, const struct slow_exit *exit);
int drill_look(struct drill *drill, const struct trace_record *record);

/* NULL where no record had the reason. */
const struct drill_reason *drill_find(const struct drill *drill, const struct exit_reason *reason);

/* The group that a stage of the record is booked to. */
enum account_group drill_group(const struct account_table *accounts,
			       const struct trace_record *record, int stage);

void drill_destroy(struct drill *drill);

DEFINE_CLEANUP(struct drill *, drill_destroy)

/* From the first to the last bin that has anything; false while there is none. */
bool lanes_extent(const struct lanes *lanes, uint64_t *ret_from, uint64_t *ret_to);

/* The lane's time by group between two times, bins taken whole. */
struct lane_bin lane_sum(const struct lanes *lanes, const struct lane *lane, uint64_t from,
			 uint64_t to);

#endif
