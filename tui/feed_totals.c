/* SPDX-License-Identifier: GPL-2.0-only */
/* The running probes' totals as the dashboard's feed: each refresh is one reading of them. */
#include "tui/feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "collector/process.h"

#define QUIET_NS UINT64_C(500000000)

/* Exits of each step, the newest last. */
struct course {
	uint32_t exits[FEED_HISTORY];
};

struct totals_feed {
	struct feed feed;
	struct source *source;	   /* borrowed */
	struct reader reader;	   /* its facts only */
	struct totals now, before; /* the newest reading, and the one before it; owned */
	struct totals base;	   /* what is not counted; owned */
	uint64_t now_ns, before_ns, base_ns;
	unsigned int steps;    /* that courses have */
	struct course all;     /* of all vCPUs */
	struct course *course; /* of each one in `now`; owned */
};

/* --- the course of exits --------------------------------------------------------------- */

static uint64_t exits_of(const struct totals_vcpu *vcpu)
{
	return vcpu->kinds[EXIT_KIND_EXIT];
}

static uint64_t exits_of_all(const struct totals *totals)
{
	uint64_t exits = 0;

	for (unsigned int i = 0; i < totals->count; i++)
		exits += exits_of(&totals->vcpu[i]);
	return exits;
}

static void add_step(struct course *to, const struct course *from, uint64_t exits)
{
	memmove(to->exits, from->exits + 1, (FEED_HISTORY - 1) * sizeof(*to->exits));
	to->exits[FEED_HISTORY - 1] = (uint32_t)exits;
}

/* vCPUs come and go, and their places with them: each has the course of its own. */
static int keep_step(struct totals_feed *totals)
{
	static const struct course none;
	struct course *course = calloc(totals->now.count + 1, sizeof(*course));

	if (!course)
		return -ENOMEM;
	for (unsigned int i = 0; totals->before.vcpu && i < totals->now.count; i++) {
		const struct totals_vcpu *vcpu = &totals->now.vcpu[i];
		const struct totals_vcpu *known = totals_find(&totals->before, vcpu);

		if (totals_is_sum(vcpu))
			continue; /* it grows when a vCPU ends */
		add_step(&course[i], known ? &totals->course[known - totals->before.vcpu] : &none,
			 exits_of(vcpu) - (known ? exits_of(known) : 0));
	}
	free(totals->course);
	totals->course = course;
	if (!totals->before.vcpu)
		return 0;
	add_step(&totals->all, &totals->all,
		 exits_of_all(&totals->now) - exits_of_all(&totals->before));
	if (totals->steps < FEED_HISTORY)
		totals->steps++;
	return 0;
}

static bool is_meant(const struct totals_feed *totals, uint32_t slot)
{
	const struct snapshot_scope *scope = &totals->feed.scope;

	return scope->one ? slot == scope->slot
			  : !scope->pid || totals->now.vcpu[slot].pid == scope->pid;
}

static void add_course(struct totals_feed *totals, const struct course *course)
{
	for (unsigned int i = 0; i < totals->steps; i++)
		totals->feed.history[i] += course->exits[FEED_HISTORY - totals->steps + i];
}

static void bring_history(struct totals_feed *totals)
{
	struct feed *feed = &totals->feed;

	feed->history_count = totals->steps;
	memset(feed->history, 0, sizeof(feed->history));
	if (!feed->scope.pid && !feed->scope.one)
		add_course(totals, &totals->all);
	else
		for (uint32_t slot = 0; slot < totals->now.count; slot++)
			if (is_meant(totals, slot))
				add_course(totals, &totals->course[slot]);
}

/* --- readings ---------------------------------------------------------------------------- */

static int make_report(struct totals_feed *totals, const struct snapshot_scope *scope,
		       struct report *report)
{
	bool interval = totals->feed.interval && totals->before.vcpu;
	const struct totals *before = interval ? &totals->before : &totals->base;
	struct ledger *ledger;
	int r = snapshot_ledger(totals->source, &totals->reader.facts, &totals->now,
				before->vcpu ? before : NULL, scope, &ledger);

	if (r < 0)
		return r;
	if (report->ledger)
		ledger_destroy(report->ledger);
	*report = (struct report){ .reader = &totals->reader,
				   .ledger = ledger,
				   .all_rows = true,
				   .screen = true,
				   .at_ns = totals->now_ns - totals->base_ns };
	report->summary = summary_of_ledger(ledger, false, -1);
	if (report->summary.shares)
		report->span_ns = totals->now_ns - (interval ? totals->before_ns : totals->base_ns);
	return 0;
}

static int make_reports(struct totals_feed *totals)
{
	struct feed *feed = &totals->feed;
	int r = make_report(totals, NULL, &feed->all);

	if (r >= 0 && (feed->scope.pid || feed->scope.one))
		r = make_report(totals, &feed->scope, &feed->scoped);
	bring_history(totals);
	return r;
}

/* The one vCPU that is meant may have another place now, or none any more. */
static void follow_scope(struct totals_feed *totals)
{
	struct snapshot_scope *scope = &totals->feed.scope;
	const struct totals_vcpu *now = NULL;

	if (!scope->one)
		return;
	if (scope->slot < totals->before.count)
		now = totals_find(&totals->now, &totals->before.vcpu[scope->slot]);
	scope->slot = now ? (uint32_t)(now - totals->now.vcpu) : UINT32_MAX;
}

static int totals_refresh(struct feed *feed)
{
	struct totals_feed *totals = (struct totals_feed *)feed;
	struct totals read = totals->before;
	int r;

	totals->before = (struct totals){ 0 };
	r = snapshot_read(totals->source, &read);
	if (r < 0) {
		totals_release(&read);
		return r;
	}
	totals->before = totals->now;
	totals->before_ns = totals->now_ns;
	totals->now = read;
	totals->now_ns = clock_now_ns();
	follow_scope(totals);
	r = keep_step(totals);
	return r < 0 ? r : make_reports(totals);
}

static int totals_remake(struct feed *feed)
{
	return make_reports((struct totals_feed *)feed);
}

static int totals_select(struct feed *feed, struct snapshot_scope scope)
{
	feed->scope = scope;
	if (feed->scoped.ledger)
		ledger_destroy(feed->scoped.ledger);
	feed->scoped.ledger = NULL;
	return make_reports((struct totals_feed *)feed);
}

static int totals_reset(struct feed *feed)
{
	struct totals_feed *totals = (struct totals_feed *)feed;
	int r = snapshot_read(totals->source, &totals->base);

	if (r < 0)
		return r;
	totals->base_ns = clock_now_ns();
	totals->steps = 0;
	return totals_refresh(feed);
}

/* Also while its parent has not asked for its status. */
static bool is_gone(uint32_t pid, uint64_t idle_ns)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	char text[128] = "", *state;

	if (process_is_gone(pid))
		return true;
	if (idle_ns < QUIET_NS)
		return false;
	path = format_text("/proc/%u/stat", pid);
	file = path ? fopen(path, "re") : NULL;
	if (!file || !fgets(text, sizeof(text), file))
		return false;
	state = strrchr(text, ')');
	return state && state[1] && strchr("ZX", state[2]) && state[2];
}

/* What it is about since its last record, and since when. */
static void say_what_it_is_at(const struct ledger *ledger, const struct ledger_vcpu *vcpu,
			      struct vcpu_state *state)
{
	const struct units ns = { .kind = UNITS_NS, .hz = ledger->facts->clock_hz };
	char label[ACCOUNT_TEXT];

	account_label(&ledger->accounts.account[vcpu->at_account], label);
	snprintf(state->doing, sizeof(state->doing), "%.40s", label);
	state->idle_ns = (uint64_t)units_whole(&ns, vcpu->at_ticks);
}

static void totals_state(const struct feed *feed, const struct ledger_vcpu *vcpu,
			 struct vcpu_state *ret_state)
{
	const struct totals_feed *totals = (const struct totals_feed *)feed;
	const struct totals_vcpu *slot;

	*ret_state = (struct vcpu_state){ 0 };
	if (vcpu->slot >= totals->now.count)
		return;
	slot = &totals->now.vcpu[vcpu->slot];
	if (totals->now_ns > slot->timestamp)
		ret_state->idle_ns = totals->now_ns - slot->timestamp;
	ret_state->ended =
		totals_is_sum(slot) || slot->ended || is_gone(slot->pid, ret_state->idle_ns);
	if (vcpu->at_account < feed->all.ledger->accounts.count)
		say_what_it_is_at(feed->all.ledger, vcpu, ret_state);
}

static void totals_close(struct feed *feed)
{
	struct totals_feed *totals = (struct totals_feed *)feed;

	if (feed->all.ledger)
		ledger_destroy(feed->all.ledger);
	if (feed->scoped.ledger)
		ledger_destroy(feed->scoped.ledger);
	totals_release(&totals->now);
	totals_release(&totals->before);
	totals_release(&totals->base);
	free(totals->course);
	reader_facts_release(&totals->reader.facts);
	free(totals);
}

int feed_totals_open(struct source *source, const struct trace_facts *facts, struct feed **ret_feed)
{
	static const struct feed_ops ops = {
		.refresh = totals_refresh,
		.remake = totals_remake,
		.select = totals_select,
		.reset = totals_reset,
		.state = totals_state,
		.close = totals_close,
	};
	_cleanup_(feed_closep) struct feed *feed = calloc(1, sizeof(struct totals_feed));
	struct totals_feed *totals = (struct totals_feed *)feed;
	int r;

	if (!feed)
		return -ENOMEM;
	feed->ops = &ops;
	feed->live = true;
	totals->source = source;
	totals->base_ns = clock_now_ns();
	r = snapshot_facts(facts, &totals->reader.facts);
	if (r >= 0)
		r = totals_refresh(feed);
	if (r < 0)
		return r;
	*ret_feed = TAKE_PTR(feed);
	return 0;
}
