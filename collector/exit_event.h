/* SPDX-License-Identifier: GPL-2.0-only */
/* A record as an event of STREAM_EXITS: a value for each field of its class. */
#ifndef COLLECTOR_EXIT_EVENT_H
#define COLLECTOR_EXIT_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "collector/event_class.h"
#include "collector/stages.h"

/*
 * The values of the record in the order of the pattern's fields: lengths in ticks, then
 * those in cycles; 0 for what the record lacks.
 */
void exit_event_values(const struct ring_record *record, const struct stages *stages,
		       const struct event_pattern *pattern, uint64_t ret_value[EVENT_FIELDS_MAX]);

/* With header, context and payload. */
size_t exit_event_bytes(const struct event_class *class);

/* Writes the payload of an event that begins at `event`. */
void exit_event_fill(void *event, const struct event_class *class, const uint64_t *value);

#endif
