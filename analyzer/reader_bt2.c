/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a CTF directory with libbabeltrace2. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bt2_event.h"
#include "analyzer/bt2_graph.h"
#include "analyzer/reader.h"
#include "base/error.h"

struct bt2_reader {
	struct reader reader;
	char *path;
	struct bt2_graph graph;
	struct bt2_plans plans;
};

/* The clock counts ns of CLOCK_MONOTONIC. */
static void set_time(const bt_message *message, struct trace_item *item)
{
	if (item->kind == TRACE_RECORD)
		item->record.timestamp = bt_clock_snapshot_get_value(
			bt_message_event_borrow_default_clock_snapshot_const(message));
}

static int message_to_item(struct bt2_reader *bt2, const bt_message *message,
			   struct trace_item *item)
{
	uint64_t count = 1; /* at least, where the trace does not say */
	int r;

	switch (bt_message_get_type(message)) {
	case BT_MESSAGE_TYPE_EVENT:
		r = bt2_event_decode(&bt2->plans, &bt2->reader.facts,
				     bt_message_event_borrow_event_const(message), item);
		if (r > 0)
			set_time(message, item);
		return r;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		bt_message_discarded_events_get_count(message, &count);
		item->kind = TRACE_DISCARDED;
		item->discarded = count;
		return 1;
	default:
		return 0;
	}
}

static int bt2_next(struct reader *reader, struct trace_item *item)
{
	struct bt2_reader *bt2 = (struct bt2_reader *)reader;
	const bt_message *message = NULL;
	int r;

	do {
		r = bt2_graph_next(&bt2->graph, &message);
		if (r <= 0)
			return r;
		r = message_to_item(bt2, message, item);
	} while (!r);
	return r;
}

static void bt2_rewind(struct reader *reader)
{
	bt2_graph_rewind(&((struct bt2_reader *)reader)->graph);
}

static void bt2_close(struct reader *reader)
{
	struct bt2_reader *bt2 = (struct bt2_reader *)reader;

	bt2_graph_release(&bt2->graph);
	bt2_plans_release(&bt2->plans);
	free(bt2->path);
	free(bt2);
}

static const char *env_string(const bt_trace *trace, const char *name)
{
	const bt_value *value = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);

	return value && bt_value_is_string(value) ? bt_value_string_get(value) : NULL;
}

static int64_t env_integer(const bt_trace *trace, const char *name)
{
	const bt_value *value = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);

	return value && bt_value_is_signed_integer(value) ? bt_value_integer_signed_get(value) : 0;
}

static int copy_strings(const bt_trace *trace, struct reader_facts *facts)
{
	const char *text;

#define READER_STRING(name)                                                                        \
	text = env_string(trace, #name);                                                           \
	facts->name = strdup(text ? text : "?");                                                   \
	if (!facts->name)                                                                          \
		return -ENOMEM;
	READER_STRINGS(READER_STRING)
#undef READER_STRING
	text = env_string(trace, "chosen");
	facts->chosen = text ? strdup(text) : NULL;
	return text && !facts->chosen ? -ENOMEM : 0;
}

/* 0 for what is not there or cannot be. */
static uint32_t env_small(const bt_trace *trace, const char *name)
{
	int64_t number = env_integer(trace, name);

	return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

static void copy_numbers(const bt_trace *trace, struct reader_facts *facts)
{
#define READER_NUMBER(name) facts->name = env_small(trace, #name);
	READER_NUMBERS(READER_NUMBER)
#undef READER_NUMBER
}

static void copy_clock(const bt_stream *stream, struct reader_facts *facts)
{
	const bt_clock_class *clock = bt_stream_class_borrow_default_clock_class_const(
		bt_stream_borrow_class_const(stream));
	bt_uuid uuid = clock ? bt_clock_class_get_uuid(clock) : NULL;

	if (uuid)
		memcpy(facts->clock_uuid, uuid, sizeof(facts->clock_uuid));
}

static int copy_facts(struct bt2_reader *bt2, const bt_stream *stream)
{
	const bt_trace *trace = bt_stream_borrow_trace_const(stream);
	struct reader_facts *facts = &bt2->reader.facts;
	const char *stages = env_string(trace, "stages");
	int64_t clock_hz = env_integer(trace, "clock_hz");
	int r;

	if (!env_string(trace, "hyptrace_version"))
		return error_set(-EPROTO,
				 "'%s' is a CTF trace, but hyptrace did not write it; read it with "
				 "'babeltrace2 %s'",
				 bt2->path, bt2->path);
	r = copy_strings(trace, facts);
	if (r < 0)
		return r;
	r = stages ? reader_facts_set_stages(facts, stages) : -EINVAL;
	if (r == -EINVAL || clock_hz <= 0)
		return error_set(
			-EPROTO,
			"the trace '%s' does not name its stages or its clock; read it with "
			"the hyptrace %s that wrote it",
			bt2->path, facts->hyptrace_version);
	copy_numbers(trace, facts);
	copy_clock(stream, facts);
	facts->clock_hz = (uint64_t)clock_hz;
	facts->emulated = env_integer(trace, "emulated");
	return r;
}

/* The first message of all begins a stream, and the stream knows the trace. */
static int read_facts(struct bt2_reader *bt2)
{
	const bt_message *first = NULL;
	int r = bt2_graph_peek(&bt2->graph, &first);

	if (r <= 0)
		return r < 0 ? r : bt2_graph_damaged(&bt2->graph);
	if (bt_message_get_type(first) != BT_MESSAGE_TYPE_STREAM_BEGINNING)
		return bt2_graph_damaged(&bt2->graph);
	return copy_facts(bt2, bt_message_stream_beginning_borrow_stream_const(first));
}

int reader_bt2_open(const char *path, struct reader **ret_reader)
{
	static const struct reader_ops ops = { .next = bt2_next,
					       .rewind = bt2_rewind,
					       .close = bt2_close };
	_cleanup_reader_ struct reader *reader = calloc(1, sizeof(struct bt2_reader));
	struct bt2_reader *bt2 = (struct bt2_reader *)reader;
	int r;

	if (!reader)
		return -ENOMEM;
	reader->ops = &ops;
	bt2->path = strdup(path);
	if (!bt2->path)
		return -ENOMEM;
	r = bt2_graph_open(&bt2->graph, bt2->path, (const char *const[]){ bt2->path }, 1);
	if (r < 0)
		return r;
	r = read_facts(bt2);
	if (r < 0)
		return r;
	*ret_reader = TAKE_PTR(reader);
	return 0;
}
