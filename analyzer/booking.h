/* SPDX-License-Identifier: GPL-2.0-only */
/* What one record adds to each account: every tick of it and of the time before it once. */
#ifndef ANALYZER_BOOKING_H
#define ANALYZER_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/account.h"
#include "analyzer/reader.h"

/* Exits before a record that EL2 finished alone, by cause. */
enum { EL2_CAUSES_MAX = 8 };

struct el2_causes {
	uint32_t seq; /* of the record that they precede */
	unsigned int count;
	struct trace_el2 cause[EL2_CAUSES_MAX];
};

/* Two places of one account are one length. Undefined where not touched, but for `touched`. */
struct booking {
	uint64_t own;	 /* from the record's begin to its end [ticks] */
	uint64_t stamps; /* that the record took */
	uint64_t work;	 /* of the kernel series besides, in stamps' worth */
	bool impossible; /* its numbers contradict each other */
	bool touched[ACCOUNTS_MAX];
	uint8_t places[ACCOUNTS_MAX];  /* that the length is the sum of */
	uint8_t stamped[ACCOUNTS_MAX]; /* those of them that a stamp ended */
	uint8_t cycled[ACCOUNTS_MAX];  /* those of them whose cycles are known */
	uint64_t length[ACCOUNTS_MAX]; /* [ticks] */
	uint64_t cycles[ACCOUNTS_MAX];
};

/*
 * Books the record. `causes` are those of its own exits that EL2 finished
 * alone, as far as the trace has them.
 */
void booking_make(struct booking *booking, const struct reader_facts *facts,
		  const struct account_table *accounts, const struct trace_record *record,
		  const struct el2_causes *causes);

/*
 * What the kernel series does besides stamps and event, in stamps' worth: in so
 * many turns of the run loop, ways through user space, exits that EL2 finished.
 */
uint64_t booking_work(uint64_t turns, uint64_t through_user, uint64_t el2);

/* Instructions of one exit that no stamp sees: the ERET before it and the vector. */
uint64_t booking_unstamped(const struct reader_facts *facts, uint8_t code, uint64_t esr);

/* The time between the last record's end and this one's begin; none before a start [ticks]. */
uint64_t booking_before(const struct exit_fixed *fixed);

/*
 * What the causes leave of the exits before the record: the row of an unknown
 * cause. All of them where they contradict the record; then returns false.
 */
bool booking_el2_rest(const struct exit_fixed *fixed, const struct el2_causes *causes,
		      struct trace_el2 *ret_rest);

#endif
