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
#include "tui/span.h"

enum { PIECE_NS = 20000000, ITEMS_A_LOOK = 64 };

/* In the order in which they are answered. */
enum question { LOOK, ALL, SCOPE, OTHER, QUESTIONS };

/* One way through a trace. */
struct pass {
	bool pending;
	struct reader *reader; /* NULL before it begins; owned */
};

struct trace_feed {
	struct feed feed;
	const char *path, *other_path; /* borrowed */
	struct pass pass[QUESTIONS];
	struct reader *first, *other; /* whose facts the reports borrow; owned */
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
	if (pass->reader)
		reader_close(pass->reader);
	*pass = (struct pass){ 0 };
}

static int complete(struct trace_feed *trace, enum question question)
{
	struct ledger *ledger = ledger_of(trace, question);

	end_pass(&trace->pass[question]);
	return ledger ? ledger_complete(ledger, LEDGER_ALL) : 0;
}

static enum question next_question(const struct trace_feed *trace)
{
	enum question question = LOOK;

	while (question < QUESTIONS && !trace->pass[question].pending)
		question++;
	return question;
}

/* What lies behind the time looked at is of no use, but for records under way. */
static bool is_behind(const struct trace_feed *trace, enum question question)
{
	const struct trace_item *item = &trace->item;

	return question == LOOK && item->kind == TRACE_RECORD &&
	       item->record.fixed.begin > trace->look_end && trace->feed.drill->found;
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
	feed->busy = next_question(trace) < QUESTIONS;
	if (!feed->busy)
		feed->percent = 100;
}

/* A damaged trace is shown as far as it could be read. */
static int trace_work(struct feed *feed)
{
	struct trace_feed *trace = (struct trace_feed *)feed;
	enum question question = next_question(trace);
	struct pass *pass = &trace->pass[question];
	int r = 0, err = 0;

	if (question == QUESTIONS)
		return 0;
	if (!pass->reader)
		r = reader_open(question == OTHER ? trace->other_path : trace->path, &pass->reader);
	if (r >= 0)
		r = read_piece(trace, question, pass->reader);
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

static int trace_look(struct feed *feed, uint64_t from, uint64_t to, uint32_t slot, uint32_t seq)
{
	struct trace_feed *trace = (struct trace_feed *)feed;

	end_pass(&trace->pass[LOOK]);
	drill_focus(feed->drill, from, to, slot, seq);
	trace->look_end = to + (to - from);
	trace->pass[LOOK].pending = feed->busy = true;
	return 0;
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
	reader_closep(&trace->first);
	reader_closep(&trace->other);
	free(trace);
}

static const struct feed_ops trace_ops = {
	.work = trace_work,
	.refresh = trace_refresh,
	.select = trace_select,
	.look = trace_look,
	.close = trace_close,
};

/* --- opening ------------------------------------------------------------------------ */

static struct report report_of(const char *path, struct reader *reader)
{
	return (struct report){ .path = path, .reader = reader, .all_rows = true, .screen = true };
}

static int open_other(struct trace_feed *trace, const char *path)
{
	struct report *report = &trace->feed.other;
	int r = reader_open(path, &trace->other);

	if (r < 0)
		return r;
	if (strcmp(trace->first->facts.unit, trace->other->facts.unit))
		return error_set(
			-EINVAL, "tui: '%s' counts %s and '%s' %s; compare traces of one kind",
			trace->path, trace->first->facts.unit, path, trace->other->facts.unit);
	trace->other_path = path;
	*report = report_of(path, trace->other);
	trace->pass[OTHER].pending = true;
	return make_ledger(trace, &trace->other->facts, &report->ledger);
}

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
	r = devices ? device_map_read_file(&trace->names, devices) : 0;
	if (r >= 0)
		r = reader_open(path, &trace->first);
	if (r < 0)
		return r;
	feed->all = report_of(path, trace->first);
	r = make_books(trace, &feed->all.ledger, &trace->drill_all);
	feed->drill = trace->drill_all;
	if (r >= 0 && other)
		r = open_other(trace, other);
	if (r < 0)
		return r;
	trace->span = span_of_trace(path);
	trace->pass[ALL].pending = feed->busy = true;
	r = trace_refresh(feed);
	if (r < 0)
		return r;
	*ret_feed = TAKE_PTR(feed);
	return 0;
}
