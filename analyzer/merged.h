/* SPDX-License-Identifier: GPL-2.0-only */
/* Accounts that a tier cannot tell apart: what is booked elsewhere, and where. */
#ifndef ANALYZER_MERGED_H
#define ANALYZER_MERGED_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/reader.h"

struct merged {
	const char *into;    /* key of the account that has it */
	const char *account; /* key of the account, or of a whole group */
	const char *label;
};

/* The merged accounts of the trace's tier; those into one account follow each other. Static. */
const struct merged *merged_accounts(const struct reader_facts *facts, size_t *ret_count);

/* Whether the tier sees the world switch, and with it what EL2 does alone. */
bool merged_sees_switch(const struct reader_facts *facts);

/* "the guest", for people. Static. */
const char *merged_into_label(const char *into);

#endif
