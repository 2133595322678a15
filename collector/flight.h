/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The newest records, in memory, as they came out of the rings: where there is
 * no room, the oldest go.
 */
#ifndef COLLECTOR_FLIGHT_H
#define COLLECTOR_FLIGHT_H

#include <stddef.h>
#include <stdint.h>

/* In place of a CPU: what is kept is no record. */
enum { FLIGHT_NOTE = 0xffffffff };

struct flight {
	uint8_t *bytes; /* a ring of `size`; owned */
	size_t size;
	size_t first, used;
	uint64_t kept, dropped; /* entries */
};

/* What precedes each entry in the ring. */
struct flight_entry {
	uint32_t cpu; /* or FLIGHT_NOTE */
	uint32_t size;
	uint64_t lost; /* records of the CPU that were lost before */
};

/* Called for each entry, oldest first. Returns 0, or a negative errno that ends the walk. */
typedef int flight_visit(void *context, const struct flight_entry *entry, const void *bytes);

/* Returns 0 or -ENOMEM; flight_release() either way. */
int flight_init(struct flight *flight, size_t size);

/* Copies an entry. One that is larger than all the memory is dropped. */
void flight_keep(struct flight *flight, const struct flight_entry *entry, const void *bytes);

/* Returns what the last visit returned, or -ENOMEM. */
int flight_walk(const struct flight *flight, flight_visit *visit, void *context);

void flight_release(struct flight *flight);

#endif
