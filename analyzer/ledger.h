/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the time went: every tick of a vCPU's life, from its first record to
 * its last, is booked to one account or left as unattributed. All times are
 * ticks of the trace's clock. Memory follows the number of vCPUs, accounts and
 * reasons, never that of records.
 */
#ifndef ANALYZER_LEDGER_H
#define ANALYZER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/account.h"
#include "analyzer/booking.h"
#include "analyzer/classes.h"
#include "analyzer/devices.h"
#include "analyzer/pause_rows.h"
#include "analyzer/notes.h"
#include "analyzer/reader.h"
#include "analyzer/reasons.h"
#include "analyzer/stored_totals.h"
#include "base/device_map.h"
#include "base/histogram.h"

enum { LEDGER_VCPUS_MAX = 65536 };

struct ledger_vcpu {
	bool named; /* the trace says whose it is */
	uint32_t slot, pid, tid, index;
	char *vm;     /* owned, NULL unless named */
	char *cgroup; /* owned, NULL where not known */
	uint64_t records, exits;
	uint64_t begin, end; /* of all its records; 0 without one */
	uint64_t off;	     /* of that, how long recording was switched off */
	uint64_t start;	     /* of the last record that began a new stay in the run loop */
	uint64_t totals_end; /* of the last record that the totals know; 0: there are none */
	uint64_t off_since;  /* behind that, as `off` */
	uint32_t next_seq;
	struct el2_causes causes;		/* of the record to come */
	struct devices accesses;		/* by address */
	uint8_t at_account;			/* what it is about; ACCOUNT_NONE where not known */
	uint64_t at_ticks;			/* and since how long */
	struct histogram account[ACCOUNTS_MAX]; /* its length in each record that touched it */
};

struct ledger_counts {
	uint64_t starts, exits, continuations;
	uint64_t stamps;	/* that the records took */
	uint64_t work;		/* of the kernel series besides, in stamps' worth */
	uint64_t el2_only;	/* exits that EL2 finished alone */
	uint64_t never_entered; /* records whose run did not enter the guest */
	uint64_t incomplete;	/* records that lack a stamp of their path */
	uint64_t user_ways;	/* records that went through user space */
	uint64_t user_split;	/* those of them whose VMM tells what it did */
	uint64_t impossible;	/* records whose numbers contradict each other */
	uint64_t discarded;	/* by the streams' own count */
	uint64_t gaps;		/* numbers missing in the vCPUs' sequences */
};

/* Is told of each record that is booked. Returns 0 or a negative errno. */
struct ledger_listener {
	int (*record)(void *context, const struct trace_record *record,
		      const struct booking *booking, const struct exit_reason *reason);
	void *context;
};

struct ledger {
	const struct reader_facts *facts; /* borrowed */
	struct ledger_listener listener;  /* nobody, unless its function is set */
	struct account_table accounts;
	struct ledger_vcpu **vcpu; /* by slot; owned, NULL for a slot not met */
	size_t vcpu_slots;
	struct histogram account[ACCOUNTS_MAX]; /* all vCPUs, from ledger_finish() on */
	/*
	 * How long records spent in each group, those that spent time there; vector and ERET
	 * count as guest, as what a single exit took for them is not known of totals.
	 */
	struct histogram group[GROUPS];
	bool grouped; /* that is known: of records, and of totals that were asked for it */
	struct classes classes;
	struct reasons reasons;
	struct devices devices;			/* from ledger_finish() on */
	struct device_map device_map;		/* what the trace says of them */
	const struct device_map *named_devices; /* what comes before that; borrowed, or NULL */
	struct pause_rows pauses;
	struct ledger_counts counts;
	struct notes notes;
	struct stored_totals totals; /* what the probes added up of records that are not here */
	bool from_totals;	     /* that is in all figures but those of the classes */
	uint64_t totals_ns;	     /* and is of this moment [CLOCK_MONOTONIC]; 0: not known */
	bool ended;		     /* the trace has its end */
	struct trace_end end;
};

/* `facts` must outlive the ledger. Returns 0 or -ENOMEM. */
int ledger_create(const struct reader_facts *facts, struct ledger **ret_ledger);

/* Books one item. Returns 0; -ENOMEM; -EPROTO and a sentence for a slot out of range. */
int ledger_add(struct ledger *ledger, const struct trace_item *item);

/*
 * The vCPU of a slot, made when it is new. Returns 0; -ENOMEM; -EPROTO and a
 * sentence for a slot out of range.
 */
int ledger_get_vcpu(struct ledger *ledger, uint32_t slot, struct ledger_vcpu **ret_vcpu);

/*
 * Merges the vCPUs' accounts as they are now; again after further items. Returns
 * 0 or -ENOMEM.
 */
int ledger_finish(struct ledger *ledger);

/* Whose sums a ledger has. */
enum ledger_figures {
	LEDGER_ALL,    /* those of all records, in the trace or not */
	LEDGER_RECORDS /* those of the records in the trace */
};

/*
 * What ledger_read() does once the reader has nothing more: adds the totals of
 * the records that are not in the trace where they are wanted, and finishes.
 * Once, after the last item.
 */
int ledger_complete(struct ledger *ledger, enum ledger_figures figures);

/*
 * Creates a ledger of everything that the reader still holds, and finishes it.
 * What was lost or not wanted is not in the trace as records, but as the probes'
 * totals: with LEDGER_ALL all counts and sums are exact.
 * Returns 0, or a negative errno and a sentence.
 */
int ledger_read(struct reader *reader, enum ledger_figures figures, struct ledger **ret_ledger);

/*
 * Has devices named by this map where it knows them, by the trace elsewhere; the map
 * must outlive the ledger. Returns 0 or -ENOMEM.
 */
int ledger_name_devices(struct ledger *ledger, const struct device_map *map);

/* The name of the VM of a process, NULL where there is none; borrowed. */
const char *ledger_vm_name(const struct ledger *ledger, uint32_t pid);

/* Whether records were left out on purpose: what the sequences lack is no loss then. */
bool ledger_is_chosen(const struct ledger *ledger);

/*
 * From its first record, or the guest before it, to the end of its last one,
 * less the time that recording was switched off [ticks].
 */
uint64_t ledger_vcpu_wall(const struct ledger_vcpu *vcpu);

/* The sum of that over all vCPUs [ticks]. */
unsigned __int128 ledger_wall(const struct ledger *ledger);

/* A process with vCPUs in the trace. */
struct ledger_vm {
	uint32_t pid, vcpus;
	const char *name, *cgroup; /* borrowed; NULL for a cgroup that is not known */
};

/* The VM whose first slot this is; false for all other slots. */
bool ledger_vm_at(const struct ledger *ledger, size_t slot, struct ledger_vm *ret_vm);

/* Records that were lost, by the highest of all counts of them. */
uint64_t ledger_lost(const struct ledger *ledger);

void ledger_destroy(struct ledger *ledger);

DEFINE_CLEANUP(struct ledger *, ledger_destroy)
#define _cleanup_ledger_ _cleanup_(ledger_destroyp)

#endif
