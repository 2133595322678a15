/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the dashboard's numbers come from: the running probes' totals, or a
 * trace, which is read a piece at a time and never held as a whole.
 */
#ifndef TUI_FEED_H
#define TUI_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/views.h"
#include "live/snapshot.h"
#include "tui/drill.h"

enum { FEED_HISTORY = 240 };

/* What a vCPU is at besides what is booked. */
struct vcpu_state {
	bool ended;	  /* its process is gone */
	uint64_t idle_ns; /* since its last record; 0 where nobody knows */
	char doing[48];	  /* "guest executing", "blocked"; empty where nobody knows */
};

struct feed {
	const struct feed_ops *ops;
	bool live;
	bool interval;		     /* what came since the last refresh, not since the beginning */
	struct snapshot_scope scope; /* what `scoped` is of */
	struct report all;	     /* of everything */
	struct report scoped;	     /* its ledger is NULL while all is meant */
	struct report other;	     /* a second trace; its ledger is NULL without one */
	struct drill *drill;	     /* of the scope; NULL where no single records are known */
	bool busy;		     /* more is to be read: what there is, is a part */
	unsigned int percent;	     /* of it that is read */
	unsigned int history_count;
	uint64_t history[FEED_HISTORY]; /* exits of the scope a step, the newest last */
	uint64_t history_ns;		/* what a step is at the most */
	uint64_t lost;
};

/* Functions return 0 or a negative errno with a sentence. */
struct feed_ops {
	/*
	 * Returns 1 once there are reports, 0 before that: nothing else may be called then.
	 * NULL: there are reports from the start.
	 */
	int (*ready)(struct feed *feed);
	/* Reads on for some 20 ms. NULL: there is nothing to be done between refreshes. */
	int (*work)(struct feed *feed);
	/* Brings the reports up to what was read, or to the totals as they are now. */
	int (*refresh)(struct feed *feed);
	/* Makes the reports anew, from what was read last. NULL: they are of all that was read. */
	int (*remake)(struct feed *feed);
	/* Another scope, of what was read last; the reports follow, at once or piece by piece. */
	int (*select)(struct feed *feed, struct snapshot_scope scope);
	/* Counts from now on. NULL: a trace has no now. */
	int (*reset)(struct feed *feed);
	/* What the vCPU is doing now. NULL: a trace has no now. */
	void (*state)(const struct feed *feed, const struct ledger_vcpu *vcpu,
		      struct vcpu_state *ret_state);
	/*
	 * Looks at these ticks closely, and at one exit (NULL: none); feed->drill has it then.
	 * NULL: cannot.
	 */
	int (*look)(struct feed *feed, uint64_t from, uint64_t to, const struct slow_exit *exit);
	/* Whether closing would wait for a thread that opens a trace. NULL: never. */
	bool (*is_held)(const struct feed *feed);
	void (*close)(struct feed *feed);
};

/* What is shown: of the scope. */
static inline struct report *feed_report(struct feed *feed)
{
	return feed->scoped.ledger ? &feed->scoped : &feed->all;
}

bool scope_has(const struct snapshot_scope *scope, const struct ledger_vcpu *vcpu);

/*
 * Opens a trace, one to compare it with, and a file that names devices (or NULL, each):
 * such a feed may not be ready at once. Returns 0, or a negative errno with a sentence.
 */
int feed_trace_open(const char *path, const char *other, const char *devices,
		    struct feed **ret_feed);

struct source;
struct trace_facts;

/* The totals of an attached source, which stays the caller's, like `facts`. */
int feed_totals_open(struct source *source, const struct trace_facts *facts,
		     struct feed **ret_feed);

static inline void feed_closep(struct feed **feed)
{
	if (*feed)
		(*feed)->ops->close(*feed);
}

#endif
