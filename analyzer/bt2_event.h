/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From babeltrace2's events to trace items. Which member of a payload goes
 * where is looked up once per event class, not once per event.
 */
#ifndef ANALYZER_BT2_EVENT_H
#define ANALYZER_BT2_EVENT_H

#include <babeltrace2/babeltrace.h>

#include "analyzer/reader.h"

struct bt2_plan;

/* The plans made so far; all zero is none. */
struct bt2_plans {
	struct bt2_plan **plan; /* sorted by event class; owned */
	size_t count;
	const struct bt2_plan *newest; /* borrowed */
};

/*
 * Turns the event into an item. Returns 1; 0 for an event that this version
 * does not know, with `item` unchanged; -EPROTO and a sentence for an event
 * that lacks what it should hold; -ENOMEM.
 */
int bt2_event_decode(struct bt2_plans *plans, const struct reader_facts *facts,
		     const bt_event *event, struct trace_item *item);

void bt2_plans_release(struct bt2_plans *plans);

#endif
