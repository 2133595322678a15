/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One CTF stream: events are put into packets in memory, and closed packets
 * are appended to the stream's file, many with one write(). The file holds
 * whole packets at every moment, whatever ends the process: a kill can end a
 * write() only between two pages (mm/filemap.c, generic_perform_write(), asks
 * for a fatal signal there), and a packet lies within one.
 */
#ifndef COLLECTOR_STREAM_H
#define COLLECTOR_STREAM_H

#include <stdint.h>

#include "collector/packet.h"

enum { STREAM_BATCH = 64 /* packets per write() */ };

struct stream {
	int fd;
	uint32_t id;
	uint32_t cpu;
	uint8_t uuid[TRACE_UUID_BYTES];
	uint8_t *batch;		/* room for STREAM_BATCH packets; owned */
	unsigned int closed;	/* packets of the batch that are closed; the open one follows */
	size_t ready;		/* their bytes */
	unsigned int used;	/* bytes in the open packet, 0 while none is open */
	unsigned int spare;	/* bits that the last event leaves of its last byte */
	unsigned int counted;	/* records in the open packet */
	uint64_t begin_ns;	/* of the open packet */
	uint64_t last_ns;	/* of the newest event */
	uint64_t waiting_ns;	/* time of the oldest event not yet written, 0 without one */
	uint64_t discarded;	/* for the next packet's events_discarded */
	uint64_t discarded_put; /* in the newest closed packet */
	uint64_t clamped;	/* events whose time had to be their predecessor's */
	uint64_t bytes;		/* written */
	uint64_t records;	/* written, as stream_count_record() counts them */
	uint16_t packet_bytes[STREAM_BATCH];
	uint16_t packet_records[STREAM_BATCH];
};

/*
 * Creates the file `name` in the directory and writes an empty first packet at
 * `now_ns`, so that loss before the first event has a number.
 * Returns 0 or a negative errno with the stream closed; no sentence.
 */
int stream_create(struct stream *stream, int directory_fd, const char *name, uint32_t id,
		  uint32_t cpu, const uint8_t uuid[TRACE_UUID_BYTES], uint64_t now_ns);

/*
 * An event of `size` bytes in the open packet, with its header filled in, but for the
 * vcpu in that of STREAM_EXITS; the caller writes the rest. A time before the newest event's becomes that and
 * counts as clamped. The memory belongs to the stream, until stream_write().
 *
 * Returns NULL, with nothing changed for the event, while STREAM_BATCH closed
 * packets wait for stream_write().
 */
void *stream_event(struct stream *stream, uint64_t timestamp_ns, uint32_t event_id, size_t size);

/*
 * Says that the event just put is a record, for stream->records, and of how many bits
 * its last byte is: 1 to 7, or 0 for all 8.
 */
void stream_count_record(struct stream *stream, unsigned int last_bits);

/* Closes the open packet, if there is one. */
void stream_close_packet(struct stream *stream);

/* Closes a packet without events, for a discarded count that has nothing to travel with. */
void stream_note_discarded(struct stream *stream, uint64_t now_ns);

/*
 * Appends the closed packets to the file. After a failure the file still ends
 * with a whole packet, `bytes` and `records` count what it holds, and the
 * stream takes nothing more. Returns 0 or a negative errno; no sentence.
 */
int stream_write(struct stream *stream);

/* Closes the file. Returns 0 or the negative errno of close(). */
int stream_finish(struct stream *stream);

/* Closes what is open and frees the memory; a stream of zeros is allowed. */
void stream_release(struct stream *stream);

#endif
