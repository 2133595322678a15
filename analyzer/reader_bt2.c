/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a CTF directory through a graph of libbabeltrace2: source.ctf.fs, one
 * port per stream, filter.utils.muxer for the order in time, and a sink of ours
 * that keeps one batch of messages until the caller has taken it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <babeltrace2/babeltrace.h>

#include "analyzer/bt2_event.h"
#include "analyzer/reader.h"
#include "base/error.h"

struct bt2_reader {
	struct reader reader;
	char *path;
	bt_graph *graph;
	bt_message_array_const batch; /* owned by the iterator, its messages by us */
	uint64_t batch_count, batch_next;
	const bt_message *held; /* the one that the newest item may point into */
	struct bt2_plans plans;
};

DEFINE_CLEANUP(const bt_plugin *, bt_plugin_put_ref)
DEFINE_CLEANUP(bt_value *, bt_value_put_ref)

/* babeltrace2's own account of an error, which nobody else may print either. */
static int damaged(const struct bt2_reader *bt2)
{
	bt_current_thread_clear_error();
	return error_set(
		-EBADMSG,
		"the trace '%s' is damaged: libbabeltrace2 cannot read its metadata or one "
		"of its packets; 'babeltrace2 %s' says where",
		bt2->path, bt2->path);
}

static bt_graph_simple_sink_component_consume_func_status consume(bt_message_iterator *iterator,
								  void *user_data)
{
	struct bt2_reader *bt2 = user_data;

	bt2->batch_next = 0;
	bt2->batch_count = 0;
	switch (bt_message_iterator_next(iterator, &bt2->batch, &bt2->batch_count)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_END;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_AGAIN:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_AGAIN;
	default:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_ERROR;
	}
}

static int find_plugin(const char *name, const bt_plugin **ret_plugin)
{
	if (bt_plugin_find(name, BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, ret_plugin) ==
	    BT_PLUGIN_FIND_STATUS_OK)
		return 0;
	bt_current_thread_clear_error();
	return error_set(-ENOPKG,
			 "libbabeltrace2's plugin '%s' cannot be loaded; install libbabeltrace2 "
			 "with its plugins",
			 name);
}

/* The parameter `inputs` of source.ctf.fs; NULL without memory. */
static bt_value *source_parameters(const char *path)
{
	_cleanup_(bt_value_put_refp) bt_value *parameters = bt_value_map_create();
	bt_value *inputs = NULL;

	if (!parameters || bt_value_map_insert_empty_array_entry(parameters, "inputs", &inputs) ||
	    bt_value_array_append_string_element(inputs, path))
		return NULL;
	return TAKE_PTR(parameters);
}

static int add_source(struct bt2_reader *bt2, const bt_component_source **ret_source)
{
	_cleanup_(bt_plugin_put_refp) const bt_plugin *plugin = NULL;
	_cleanup_(bt_value_put_refp) bt_value *parameters = source_parameters(bt2->path);
	const bt_component_class_source *class;
	int r = find_plugin("ctf", &plugin);

	if (r < 0 || !parameters)
		return r < 0 ? r : -ENOMEM;
	class = bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs");
	if (!class || bt_graph_add_source_component(bt2->graph, class, "trace", parameters,
						    BT_LOGGING_LEVEL_NONE, ret_source))
		return damaged(bt2);
	return 0;
}

static int add_muxer(struct bt2_reader *bt2, const bt_component_filter **ret_muxer)
{
	_cleanup_(bt_plugin_put_refp) const bt_plugin *plugin = NULL;
	const bt_component_class_filter *class;
	int r = find_plugin("utils", &plugin);

	if (r < 0)
		return r;
	class = bt_plugin_borrow_filter_component_class_by_name_const(plugin, "muxer");
	if (!class || bt_graph_add_filter_component(bt2->graph, class, "muxer", NULL,
						    BT_LOGGING_LEVEL_NONE, ret_muxer))
		return damaged(bt2);
	return 0;
}

/* The muxer grows an input port whenever its last one is taken. */
static int connect_streams(struct bt2_reader *bt2, const bt_component_source *source,
			   const bt_component_filter *muxer)
{
	uint64_t streams = bt_component_source_get_output_port_count(source);

	if (!streams)
		return error_set(-ENODATA,
				 "the trace '%s' holds no stream: the recording ended before "
				 "anything was written",
				 bt2->path);
	for (uint64_t i = 0; i < streams; i++)
		if (bt_graph_connect_ports(
			    bt2->graph,
			    bt_component_source_borrow_output_port_by_index_const(source, i),
			    bt_component_filter_borrow_input_port_by_index_const(muxer, i), NULL))
			return damaged(bt2);
	return 0;
}

static int connect_sink(struct bt2_reader *bt2, const bt_component_filter *muxer)
{
	const bt_component_sink *sink = NULL;

	if (bt_graph_add_simple_sink_component(bt2->graph, "reader", NULL, consume, NULL, bt2,
					       &sink) ||
	    bt_graph_connect_ports(
		    bt2->graph, bt_component_filter_borrow_output_port_by_index_const(muxer, 0),
		    bt_component_sink_borrow_input_port_by_index_const(sink, 0), NULL))
		return damaged(bt2);
	return 0;
}

static int build_graph(struct bt2_reader *bt2)
{
	const bt_component_source *source = NULL;
	const bt_component_filter *muxer = NULL;
	int r;

	bt2->graph = bt_graph_create(0);
	if (!bt2->graph)
		return -ENOMEM;
	r = add_source(bt2, &source);
	if (r < 0)
		return r;
	r = add_muxer(bt2, &muxer);
	if (r < 0)
		return r;
	r = connect_streams(bt2, source, muxer);
	return r < 0 ? r : connect_sink(bt2, muxer);
}

/* Fetches messages until there are some. Returns 1, 0 at the end, or a negative errno. */
static int fill_batch(struct bt2_reader *bt2)
{
	while (bt2->batch_next == bt2->batch_count) {
		switch (bt_graph_run_once(bt2->graph)) {
		case BT_GRAPH_RUN_ONCE_STATUS_OK:
		case BT_GRAPH_RUN_ONCE_STATUS_AGAIN:
			break;
		case BT_GRAPH_RUN_ONCE_STATUS_END:
			return 0;
		default:
			return damaged(bt2);
		}
	}
	return 1;
}

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

static void drop_held(struct bt2_reader *bt2)
{
	if (bt2->held)
		bt_message_put_ref(bt2->held);
	bt2->held = NULL;
}

static int bt2_next(struct reader *reader, struct trace_item *item)
{
	struct bt2_reader *bt2 = (struct bt2_reader *)reader;
	int r;

	do {
		drop_held(bt2);
		r = fill_batch(bt2);
		if (r <= 0)
			return r;
		bt2->held = bt2->batch[bt2->batch_next++];
		r = message_to_item(bt2, bt2->held, item);
	} while (!r);
	return r;
}

static void bt2_close(struct reader *reader)
{
	struct bt2_reader *bt2 = (struct bt2_reader *)reader;

	drop_held(bt2);
	while (bt2->batch_next < bt2->batch_count)
		bt_message_put_ref(bt2->batch[bt2->batch_next++]);
	if (bt2->graph)
		bt_graph_put_ref(bt2->graph);
	bt_current_thread_clear_error();
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

static int copy_facts(struct bt2_reader *bt2, const bt_trace *trace)
{
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
	facts->clock_hz = (uint64_t)clock_hz;
	facts->emulated = env_integer(trace, "emulated");
	return r;
}

/* The first message of all begins a stream, and the stream knows the trace. */
static int read_facts(struct bt2_reader *bt2)
{
	const bt_message *first;
	int r = fill_batch(bt2);

	if (r <= 0)
		return r < 0 ? r : damaged(bt2);
	first = bt2->batch[bt2->batch_next];
	if (bt_message_get_type(first) != BT_MESSAGE_TYPE_STREAM_BEGINNING)
		return damaged(bt2);
	return copy_facts(bt2, bt_stream_borrow_trace_const(
				       bt_message_stream_beginning_borrow_stream_const(first)));
}

int reader_bt2_open(const char *path, struct reader **ret_reader)
{
	static const struct reader_ops ops = { .next = bt2_next, .close = bt2_close };
	_cleanup_reader_ struct reader *reader = calloc(1, sizeof(struct bt2_reader));
	struct bt2_reader *bt2 = (struct bt2_reader *)reader;
	int r;

	if (!reader)
		return -ENOMEM;
	reader->ops = &ops;
	bt2->path = strdup(path);
	if (!bt2->path)
		return -ENOMEM;
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	r = build_graph(bt2);
	if (r < 0)
		return r;
	r = read_facts(bt2);
	if (r < 0)
		return r;
	*ret_reader = TAKE_PTR(reader);
	return 0;
}
