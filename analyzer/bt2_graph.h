/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A graph of libbabeltrace2 over CTF directories: source.ctf.fs for each, one port
 * per stream, filter.utils.muxer for the order in time, and a sink of ours that
 * keeps one batch of messages until the caller has taken it.
 */
#ifndef ANALYZER_BT2_GRAPH_H
#define ANALYZER_BT2_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <babeltrace2/babeltrace.h>

struct bt2_graph {
	const char *path; /* what errors name; borrowed */
	bt_graph *graph;
	bt_message_array_const batch; /* owned by the iterator, its messages by us */
	uint64_t batch_count, batch_next;
	const bt_message *held; /* the newest that was taken */
	bool ended, rewinds;	/* there is no more; the next turn begins again */
};

/*
 * Opens the directories `inputs`, each a trace of its own; `path` must outlive the
 * graph. Returns 0, or a negative errno with a sentence; release it either way.
 */
int bt2_graph_open(struct bt2_graph *graph, const char *path, const char *const *inputs,
		   size_t count);

/*
 * The next message, which stays valid until the one after it is asked for.
 * Returns 1, 0 at the end, or a negative errno with a sentence.
 */
int bt2_graph_next(struct bt2_graph *graph, const bt_message **ret_message);

/* The same, without taking it. */
int bt2_graph_peek(struct bt2_graph *graph, const bt_message **ret_message);

/* Has the first message come next. The traces are not opened anew, which takes time. */
void bt2_graph_rewind(struct bt2_graph *graph);

/* The sentence for a trace that cannot be read. Returns -EBADMSG. */
int bt2_graph_damaged(const struct bt2_graph *graph);

void bt2_graph_release(struct bt2_graph *graph);

#endif
