/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The open interval of a vCPU: what it has done since its last booked record, so
 * that the accounts sum to all of the time that passed at any moment.
 */
#ifndef ANALYZER_OPEN_TIME_H
#define ANALYZER_OPEN_TIME_H

#include <stdint.h>
#include <linux/types.h>

#include "analyzer/ledger.h"
#include "probes/totals.h"

/* All zero but `end` where the vCPU is gone. */
struct open_time {
	uint64_t end;		      /* the moment that was looked at [ticks] */
	uint64_t ticks[ACCOUNTS_MAX]; /* since the last booked record's end */
	uint8_t account;	      /* what it is about; ACCOUNT_NONE where it is gone */
	uint64_t since;		      /* when it began that [ticks] */
};

/*
 * The stages that the record at hand has touched go to their accounts; what
 * comes after the last stamp goes to what the vCPU is about. Pauses are taken
 * out once the record is handed over.
 */
void open_time_of(const struct ledger *ledger, const struct totals_vcpu *totals,
		  const struct totals_open *open, struct open_time *ret_time);

/*
 * Adds it to what ledger_add_totals() booked of the slot, less what an earlier
 * look at the vCPU had added; NULL for none. Nothing that had been added then is
 * taken back: wall time and accounts of an interval are not negative, and agree.
 * Returns as ledger_get_vcpu().
 */
int ledger_add_open(struct ledger *ledger, uint32_t slot, const struct open_time *now,
		    const struct open_time *before);

#endif
