/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trace as the dashboard's feed. It is read in pieces, from its start for each
 * question: all of it, a VM, a time looked at closely, the trace to compare with.
 */
#include "tui/feed.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "collector/facts.h"
#include "tui/opener.h"
#include "tui/span.h"

enum { PIECE_NS = 20000000, ITEMS_A_LOOK = 64, AWAIT_MS = 50 };

/* In the order in which they are answered. */
enum question { LOOK, ALL, SCOPE, OTHER, QUESTIONS };

/* One way through a trace. */
struct pass {
	bool pending;
	struct reader *reader; /* NULL before it begins; borrowed */
};

struct trace_feed {
	struct feed feed;
	const char *path, *other_path; /* borrowed */
	struct pass pass[QUESTIONS];
	struct reader *first, *other; /* whose facts the reports borrow; owned */
	struct reader *second;	      /* for what cannot wait while the first is used; owned */
	struct opener opener;	      /* of the first, then of the second */
	struct opener other_opener;
	struct drill *drill_all, *drill_scoped;
	struct device_map names; /* of devices, given besides; owned */
	struct span span;
	uint64_t first_ns, last_ns; /* of the records read of all */
	uint64_t look_end;	    /* a look is over behind these ticks */
	struct trace_item item;
};

/* --- what an item is for ---------------------------------------------------------- */

static int on_record(void *context, const struct trace_record *record,
		     const struct booking *booking, const struct exit_reason *reason)
{
	return drill_add(context, record, booking, reason);
}

/* False for what belongs to no vCPU. */
static bool slot_of(const struct trace_item *item, uint32_t *ret_slot)
{
	switch (item->kind) {
	case TRACE_VCPU:
		*ret_slot = item->vcpu.slot;
		return true;
	case TRACE_RECORD:
		*ret_slot = item->record.slot;
		return true;
	case TRACE_EL2:
		*ret_slot = item->el2.slot;
		return true;
	case TRACE_TOTAL_VCPU:
		*ret_slot = item->total_vcpu.slot;
		return true;
	case TRACE_TOTAL_STAGE:
		*ret_slot = item->total_stage.slot;
		return true;
	case TRACE_TOTAL_PATTERN:
		*ret_slot = item->total_pattern.slot;
		return true;
	case TRACE_TOTAL_REASON:
		*ret_slot = item->total_reason.slot;
		return true;
	default:
		return false;
	}
}

static bool is_in_scope(const struct trace_feed *trace, const struct trace_item *item)
{
	const struct ledger *all = trace->feed.all.ledger;
	uint32_t slot;

	if (!slot_of(item, &slot))
		return true;
	return slot < all->vcpu_slots && all->vcpu[slot] &&
	       scope_has(&trace->feed.scope, all->vcpu[slot]);
}

static void keep_time(struct trace_feed *trace, const struct trace_item *item)
{
	if (item->kind != TRACE_RECORD)
		return;
	if (!trace->first_ns)
		trace->first_ns = item->record.timestamp;
	trace->last_ns = item->record.timestamp;
}

static int take(struct trace_feed *trace, enum question question, const struct trace_item *item)
{
	struct feed *feed = &trace->feed;

	switch (question) {
	case LOOK:
		return item->kind == TRACE_RECORD ? drill_look(feed->drill, &item->record) : 0;
	case ALL:
		keep_time(trace, item);
		return ledger_add(feed->all.ledger, item);
	case SCOPE:
		return is_in_scope(trace, item) ? ledger_add(feed->scoped.ledger, item) : 0;
	default:
		return ledger_add(feed->other.ledger, item);
	}
}

/* --- passes ------------------------------------------------------------------------ */

static struct ledger *ledger_of(struct trace_feed *trace, enum question question)
{
	struct ledger *const ledgers[QUESTIONS] = {
		[ALL] = trace->feed.all.ledger,
		[SCOPE] = trace->feed.scoped.ledger,
		[OTHER] = trace->feed.other.ledger,
	};

	return ledgers[question];
}

static void end_pass(struct pass *pass)
{
	*pass = (struct pass){ 0 };
}

static bool is_in_use(const struct trace_feed *trace, const struct reader *reader)
{
	for (enum question i = 0; i < QUESTIONS; i++)
		if (trace->pass[i].reader == reader)
			return true;
	return false;
}

/* Returns 1 once there is a second reader, 0 before that, or a negative errno with a sentence. */
static int open_second(struct trace_feed *trace)
{
	int r = trace->second ? 1 : opener_begin(&trace->opener, trace->path);

	return r ? r : opener_take(&trace->opener, &trace->second);
}

/*
 * Returns 1, 0 while there is no reader for it yet, or a negative errno with a sentence. Readers
 * go back to the beginning: to open a large trace takes long.
 */
static int begin_pass(struct trace_feed *trace, enum question question)
{
	struct pass *pass = &trace->pass[question];
	struct reader *reader = question == OTHER ? trace->other : trace->first;
	int r;

	if (pass->reader)
		return 1;
	if (is_in_use(trace, reader)) {
		r = open_second(trace);
		if (r <= 0)
			return r;
		reader = trace->second;
	}
	r = reader_rewind(reader, question == OTHER ? trace->other_path : trace->path);
	pass->reader = r < 0 ? NULL : reader;
	return r < 0 ? r : 1;
}

static int complete(struct trace_feed *trace, enum question question)
{
	struct ledger *ledger = ledger_of(trace, question);

	end_pass(&trace->pass[question]);
	return ledger ? ledger_complete(ledger, LEDGER_ALL) : 0;
}

static enum question next_question(const struct trace_feed *trace, enum question question)
{
	while (question < QUESTIONS && !trace->pass[question].pending)
		question++;
	return question;
}

/* What lies behind the time looked at is of no use, but for records under way. */
static bool is_behind(const struct trace_feed *trace, enum question question)
{
	const struct trace_item *item = &trace->item;

	return question == LOOK && item->kind == TRACE_RECORD &&
	       item->record.fixed.begin > trace->look_end &&
	       (!trace->feed.drill->wanted || trace->feed.drill->found);
}

static int read_piece(struct trace_feed *trace, enum question question, struct reader *reader)
{
	uint64_t end = clock_now_ns() + PIECE_NS;
	int r = 1;

	for (unsigned int i = 1; r > 0; i++) {
		r = reader_next(reader, &trace->item);
		if (r <= 0)
			break;
		r = take(trace, question, &trace->item);
		if (r < 0)
			return r;
		if (is_behind(trace, question))
			return 0;
		r = 1;
		if (i % ITEMS_A_LOOK == 0 && clock_now_ns() >= end)
			break;
	}
	return r;
}

static void tell_progress(struct trace_feed *trace, enum question question)
{
	struct feed *feed = &trace->feed;

	if (trace->item.kind == TRACE_RECORD && question != OTHER)
		feed->percent = span_percent(&trace->span, trace->item.record.timestamp);
	feed->busy = next_question(trace, LOOK) < QUESTIONS;
	if (!feed->busy)
		feed->percent = 100;
}

/* A damaged trace is shown as far as it could be read. */
static int trace_work(struct feed *feed)
{
	struct trace_feed *trace = (struct trace_feed *)feed;
	enum question question = next_question(trace, LOOK);
	int r, err = 0;

	if (question == QUESTIONS)
		return 0;
	r = begin_pass(trace, question);
	if (r == 0) {
		/* The one that uses the first reader. */
		question = next_question(trace, question + 1);
		r = begin_pass(trace, question);
	}
	if (r > 0)
		r = read_piece(trace, question, trace->pass[question].reader);
	if (r <= 0)
		err = complete(trace, question);
	tell_progress(trace, question);
	return r < 0 ? r : err;
}

/* --- what is shown ------------------------------------------------------------------ */

static int bring_up(struct report *report, uint64_t span_ns, bool pending)
{
	int r = 0;

	if (!report->ledger)
		return 0;
	if (pending)
		r = ledger_finish(report->ledger);
	report->summary = summary_of_ledger(report->ledger, false, -1);
	report->span_ns = report->summary.shares ? span_ns : 0;
	return r;
}

/* Exits by time, from the bins of all lanes. */
static void bring_history(struct feed *feed)
{
	const struct lanes *lanes = &feed->drill->lanes;
	uint64_t from, to, hz = feed->all.reader->facts.clock_hz;

	feed->history_count = 0;
	if (!lanes_extent(lanes, &from, &to))
		return;
	for (uint64_t at = from; at < to; at += lanes->width * 4) {
		uint64_t exits = 0;

		for (unsigned int i = 0; i < lanes->count; i++)
			exits += lane_sum(lanes, lanes->lane[i], at, at + lanes->width * 4).exits;
		if (feed->history_count < FEED_HISTORY)
			feed->history[feed->history_count++] = exits;
	}
	feed->history_ns = (uint64_t)((unsigned __int128)lanes->width * 4 * 1000000000 / hz);
}

static int trace_refresh(struct feed *feed)
{
	struct trace_feed *trace = (struct trace_feed *)feed;
	uint64_t span = trace->last_ns - trace->first_ns;
	int r = bring_up(&feed->all, span, trace->pass[ALL].pending);

	if (r >= 0)
		r = bring_up(&feed->scoped, span, trace->pass[SCOPE].pending);
	if (r >= 0)
		r = bring_up(&feed->other, 0, trace->pass[OTHER].pending);
	bring_history(feed);
	return r;
}

static void drop_scoped(struct trace_feed *trace)
{
	end_pass(&trace->pass[SCOPE]);
	if (trace->feed.scoped.ledger)
		ledger_destroy(trace->feed.scoped.ledger);
	trace->feed.scoped.ledger = NULL;
	if (trace->drill_scoped)
		drill_destroy(trace->drill_scoped);
	trace->drill_scoped = NULL;
	trace->feed.drill = trace->drill_all;
}

static int make_ledger(const struct trace_feed *trace, const struct reader_facts *facts,
		       struct ledger **ret_ledger)
{
	int r = ledger_create(facts, ret_ledger);

	return r < 0 ? r : ledger_name_devices(*ret_ledger, &trace->names);
}

static int make_books(const struct trace_feed *trace, struct ledger **ret_ledger,
		      struct drill **ret_drill)
{
	const struct reader_facts *facts = &trace->first->facts;
	int r = make_ledger(trace, facts, ret_ledger);

	if (r >= 0)
		r = drill_create(facts, &(*ret_ledger)->accounts, ret_drill);
	if (r >= 0)
		(*ret_ledger)->listener =
			(struct ledger_listener){ .record = on_record, .context = *ret_drill };
	return r;
}

static int trace_select(struct feed *feed, struct snapshot_scope scope)
{
	struct trace_feed *trace = (struct trace_feed *)feed;
	int r = 0;

	end_pass(&trace->pass[LOOK]);
	drop_scoped(trace);
	feed->scope = scope;
	if (scope.pid || scope.one) {
		feed->scoped = feed->all;
		feed->scoped.ledger = NULL;
		r = make_books(trace, &feed->scoped.ledger, &trace->drill_scoped);
		if (r < 0)
			return r;
		feed->drill = trace->drill_scoped;
		trace->pass[SCOPE].pending = feed->busy = true;
	}
	return trace_refresh(feed);
}

static int trace_look(struct feed *feed, uint64_t from, uint64_t to, const struct slow_exit *exit)
{
	struct trace_feed *trace = (struct trace_feed *)feed;

	end_pass(&trace->pass[LOOK]);
	drill_focus(feed->drill, from, to, exit);
	trace->look_end = to + (to - from);
	trace->pass[LOOK].pending = feed->busy = true;
	return 0;
}

static bool trace_is_held(const struct feed *feed)
{
	const struct trace_feed *trace = (const struct trace_feed *)feed;

	return opener_is_busy(&trace->opener) || opener_is_busy(&trace->other_opener);
}

static void trace_close(struct feed *feed)
{
	struct trace_feed *trace = (struct trace_feed *)feed;

	for (enum question i = 0; i < QUESTIONS; i++)
		end_pass(&trace->pass[i]);
	drop_scoped(trace);
	if (trace->drill_all)
		drill_destroy(trace->drill_all);
	if (feed->all.ledger)
		ledger_destroy(feed->all.ledger);
	if (feed->other.ledger)
		ledger_destroy(feed->other.ledger);
	device_map_release(&trace->names);
	opener_release(&trace->opener);
	opener_release(&trace->other_opener);
	reader_closep(&trace->first);
	reader_closep(&trace->second);
	reader_closep(&trace->other);
	free(trace);
}

static int trace_ready(struct feed *feed);

static const struct feed_ops trace_ops = {
	.ready = trace_ready,
	.work = trace_work,
	.refresh = trace_refresh,
	.select = trace_select,
	.look = trace_look,
	.is_held = trace_is_held,
	.close = trace_close,
};

/* --- opening ------------------------------------------------------------------------ */

static struct report report_of(const char *path, struct reader *reader)
{
	return (struct report){ .path = path, .reader = reader, .all_rows = true, .screen = true };
}

static int begin_other(struct trace_feed *trace)
{
	struct report *report = &trace->feed.other;

	if (strcmp(trace->first->facts.unit, trace->other->facts.unit))
		return error_set(-EINVAL,
				 "tui: '%s' counts %s and '%s' %s; compare traces of one kind",
				 trace->path, trace->first->facts.unit, trace->other_path,
				 trace->other->facts.unit);
	*report = report_of(trace->other_path, trace->other);
	trace->pass[OTHER].pending = true;
	return make_ledger(trace, &trace->other->facts, &report->ledger);
}

static int begin(struct trace_feed *trace)
{
	struct feed *feed = &trace->feed;
	int r;

	feed->all = report_of(trace->path, trace->first);
	r = make_books(trace, &feed->all.ledger, &trace->drill_all);
	feed->drill = trace->drill_all;
	if (r >= 0 && trace->other)
		r = begin_other(trace);
	if (r < 0)
		return r;
	trace->span = span_of_trace(trace->path);
	trace->pass[ALL].pending = feed->busy = true;
	return trace_refresh(feed);
}

static int trace_ready(struct feed *feed)
{
	struct trace_feed *trace = (struct trace_feed *)feed;
	int r = 1;

	if (feed->all.ledger)
		return 1;
	if (!trace->first)
		r = opener_take(&trace->opener, &trace->first);
	if (r > 0 && trace->other_path && !trace->other)
		r = opener_take(&trace->other_opener, &trace->other);
	if (r <= 0)
		return r;
	r = begin(trace);
	return r < 0 ? r : 1;
}

/* A small trace is there at once, and so is what is wrong with one. */
int feed_trace_open(const char *path, const char *other, const char *devices,
		    struct feed **ret_feed)
{
	_cleanup_(feed_closep) struct feed *feed = calloc(1, sizeof(struct trace_feed));
	struct trace_feed *trace = (struct trace_feed *)feed;
	int r;

	if (!feed)
		return -ENOMEM;
	feed->ops = &trace_ops;
	trace->path = path;
	trace->other_path = other;
	r = devices ? device_map_read_file(&trace->names, devices) : 0;
	if (r >= 0)
		r = opener_begin(&trace->opener, path);
	if (r >= 0 && other)
		r = opener_begin(&trace->other_opener, other);
	if (r < 0)
		return r;
	opener_await(&trace->opener, AWAIT_MS);
	opener_await(&trace->other_opener, AWAIT_MS);
	r = trace_ready(feed);
	if (r < 0)
		return r;
	*ret_feed = TAKE_PTR(feed);
	return 0;
}
