/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

int flight_init(struct flight *flight, size_t size)
{
	*flight = (struct flight){ .size = size, .bytes = malloc(size) };
	return flight->bytes ? 0 : -ENOMEM;
}

/* Copies out of, or into, the ring at `at`, which may be beyond its end. */
static void copy_out(const struct flight *flight, size_t at, void *to, size_t size)
{
	size_t begin = at % flight->size, left = flight->size - begin;
	size_t head = size < left ? size : left;

	memcpy(to, flight->bytes + begin, head);
	memcpy((uint8_t *)to + head, flight->bytes, size - head);
}

static void copy_in(struct flight *flight, size_t at, const void *from, size_t size)
{
	size_t begin = at % flight->size, left = flight->size - begin;
	size_t head = size < left ? size : left;

	memcpy(flight->bytes + begin, from, head);
	memcpy(flight->bytes, (const uint8_t *)from + head, size - head);
}

static void drop_oldest(struct flight *flight)
{
	struct flight_entry entry;

	copy_out(flight, flight->first, &entry, sizeof(entry));
	flight->first = (flight->first + sizeof(entry) + entry.size) % flight->size;
	flight->used -= sizeof(entry) + entry.size;
	flight->kept--;
	flight->dropped++;
}

void flight_keep(struct flight *flight, const struct flight_entry *entry, const void *bytes)
{
	size_t size = sizeof(*entry) + entry->size;

	if (size > flight->size) {
		flight->dropped++;
		return;
	}
	while (flight->used + size > flight->size)
		drop_oldest(flight);
	copy_in(flight, flight->first + flight->used, entry, sizeof(*entry));
	copy_in(flight, flight->first + flight->used + sizeof(*entry), bytes, entry->size);
	flight->used += size;
	flight->kept++;
}

/* Entries may lie across the ring's end: each is handed over as a copy. */
int flight_walk(const struct flight *flight, flight_visit *visit, void *context)
{
	_cleanup_free_ uint8_t *copy = malloc(flight->size);
	size_t at = 0;
	int r = copy ? 0 : -ENOMEM;

	while (r >= 0 && at < flight->used) {
		struct flight_entry entry;

		copy_out(flight, flight->first + at, &entry, sizeof(entry));
		copy_out(flight, flight->first + at + sizeof(entry), copy, entry.size);
		r = visit(context, &entry, copy);
		at += sizeof(entry) + entry.size;
	}
	return r;
}

void flight_release(struct flight *flight)
{
	free(flight->bytes);
	*flight = (struct flight){ 0 };
}
