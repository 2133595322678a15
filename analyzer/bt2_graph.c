/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/bt2_graph.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"

DEFINE_CLEANUP(const bt_plugin *, bt_plugin_put_ref)
DEFINE_CLEANUP(bt_value *, bt_value_put_ref)

/* With babeltrace2's own account of the error, which nobody else may print either. */
int bt2_graph_damaged(const struct bt2_graph *graph)
{
	bt_current_thread_clear_error();
	return error_set(
		-EBADMSG,
		"the trace '%s' is damaged: libbabeltrace2 cannot read its metadata or one "
		"of its packets; 'babeltrace2 %s' says where",
		graph->path, graph->path);
}

static bool seek_beginning(bt_message_iterator *iterator)
{
	bt_message_iterator_seek_beginning_status status;

	do
		status = bt_message_iterator_seek_beginning(iterator);
	while (status == BT_MESSAGE_ITERATOR_SEEK_BEGINNING_STATUS_AGAIN);
	return status == BT_MESSAGE_ITERATOR_SEEK_BEGINNING_STATUS_OK;
}

/* A sink that has said that it is at the end is never asked again: this one does not. */
static bt_graph_simple_sink_component_consume_func_status consume(bt_message_iterator *iterator,
								  void *user_data)
{
	struct bt2_graph *graph = user_data;

	graph->batch_next = 0;
	graph->batch_count = 0;
	if (graph->rewinds && !seek_beginning(iterator))
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_ERROR;
	graph->rewinds = false;
	switch (bt_message_iterator_next(iterator, &graph->batch, &graph->batch_count)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		graph->ended = true;
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_AGAIN;
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

static int add_source(struct bt2_graph *graph, const char *input, size_t number,
		      const bt_component_source **ret_source)
{
	_cleanup_(bt_plugin_put_refp) const bt_plugin *plugin = NULL;
	_cleanup_(bt_value_put_refp) bt_value *parameters = source_parameters(input);
	const bt_component_class_source *class;
	char name[32];
	int r = find_plugin("ctf", &plugin);

	if (r < 0 || !parameters)
		return r < 0 ? r : -ENOMEM;
	snprintf(name, sizeof(name), "trace %zu", number);
	class = bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs");
	if (!class || bt_graph_add_source_component(graph->graph, class, name, parameters,
						    BT_LOGGING_LEVEL_NONE, ret_source))
		return bt2_graph_damaged(graph);
	return 0;
}

static int add_muxer(struct bt2_graph *graph, const bt_component_filter **ret_muxer)
{
	_cleanup_(bt_plugin_put_refp) const bt_plugin *plugin = NULL;
	const bt_component_class_filter *class;
	int r = find_plugin("utils", &plugin);

	if (r < 0)
		return r;
	class = bt_plugin_borrow_filter_component_class_by_name_const(plugin, "muxer");
	if (!class || bt_graph_add_filter_component(graph->graph, class, "muxer", NULL,
						    BT_LOGGING_LEVEL_NONE, ret_muxer))
		return bt2_graph_damaged(graph);
	return 0;
}

/* The muxer grows an input port whenever its last one is taken: that of `*port`. */
static int connect_streams(struct bt2_graph *graph, const bt_component_source *source,
			   const bt_component_filter *muxer, uint64_t *port)
{
	uint64_t streams = bt_component_source_get_output_port_count(source);

	if (!streams)
		return error_set(-ENODATA,
				 "the trace '%s' holds no stream: the recording ended before "
				 "anything was written",
				 graph->path);
	for (uint64_t i = 0; i < streams; i++)
		if (bt_graph_connect_ports(
			    graph->graph,
			    bt_component_source_borrow_output_port_by_index_const(source, i),
			    bt_component_filter_borrow_input_port_by_index_const(muxer, (*port)++),
			    NULL))
			return bt2_graph_damaged(graph);
	return 0;
}

static int connect_sink(struct bt2_graph *graph, const bt_component_filter *muxer)
{
	const bt_component_sink *sink = NULL;

	if (bt_graph_add_simple_sink_component(graph->graph, "reader", NULL, consume, NULL, graph,
					       &sink) ||
	    bt_graph_connect_ports(
		    graph->graph, bt_component_filter_borrow_output_port_by_index_const(muxer, 0),
		    bt_component_sink_borrow_input_port_by_index_const(sink, 0), NULL))
		return bt2_graph_damaged(graph);
	return 0;
}

static int build_graph(struct bt2_graph *graph, const char *const *inputs, size_t count)
{
	const bt_component_source *source = NULL;
	const bt_component_filter *muxer = NULL;
	uint64_t port = 0;
	int r;

	graph->graph = bt_graph_create(0);
	if (!graph->graph)
		return -ENOMEM;
	r = add_muxer(graph, &muxer);
	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = add_source(graph, inputs[i], i, &source);
		if (r >= 0)
			r = connect_streams(graph, source, muxer, &port);
	}
	return r < 0 ? r : connect_sink(graph, muxer);
}

int bt2_graph_open(struct bt2_graph *graph, const char *path, const char *const *inputs,
		   size_t count)
{
	*graph = (struct bt2_graph){ .path = path };
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	return build_graph(graph, inputs, count);
}

/* Fetches messages until there are some. Returns 1, 0 at the end, or a negative errno. */
static int fill_batch(struct bt2_graph *graph)
{
	while (graph->batch_next == graph->batch_count) {
		if (graph->ended)
			return 0;
		switch (bt_graph_run_once(graph->graph)) {
		case BT_GRAPH_RUN_ONCE_STATUS_OK:
		case BT_GRAPH_RUN_ONCE_STATUS_AGAIN:
			break;
		default:
			return bt2_graph_damaged(graph);
		}
	}
	return 1;
}

int bt2_graph_peek(struct bt2_graph *graph, const bt_message **ret_message)
{
	int r = fill_batch(graph);

	if (r > 0)
		*ret_message = graph->batch[graph->batch_next];
	return r;
}

static void drop_held(struct bt2_graph *graph)
{
	if (graph->held)
		bt_message_put_ref(graph->held);
	graph->held = NULL;
}

int bt2_graph_next(struct bt2_graph *graph, const bt_message **ret_message)
{
	int r;

	drop_held(graph);
	r = fill_batch(graph);
	if (r > 0)
		graph->held = *ret_message = graph->batch[graph->batch_next++];
	return r;
}

static void drop_all(struct bt2_graph *graph)
{
	drop_held(graph);
	while (graph->batch_next < graph->batch_count)
		bt_message_put_ref(graph->batch[graph->batch_next++]);
}

void bt2_graph_rewind(struct bt2_graph *graph)
{
	drop_all(graph);
	graph->rewinds = true;
	graph->ended = false;
}

void bt2_graph_release(struct bt2_graph *graph)
{
	drop_all(graph);
	if (graph->graph)
		bt_graph_put_ref(graph->graph);
	bt_current_thread_clear_error();
	*graph = (struct bt2_graph){ 0 };
}
