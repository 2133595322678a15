/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

static uint8_t *open_packet(const struct stream *stream)
{
	return stream->batch + stream->ready;
}

static unsigned int event_offset(const struct stream *stream)
{
	if (stream->id == STREAM_EXITS)
		return stream->used;
	return (stream->used + EVENT_ALIGN - 1) / EVENT_ALIGN * EVENT_ALIGN;
}

/* A packet says its begin in full, its events only how far they are from each other. */
static bool too_far(const struct stream *stream, uint64_t timestamp_ns)
{
	return stream->id == STREAM_EXITS && timestamp_ns > stream->last_ns + UINT32_MAX;
}

static void put_head(const struct stream *stream, uint8_t *event, uint64_t timestamp_ns,
		     uint32_t id)
{
	struct event_head head = { timestamp_ns, id };
	struct exits_head exits_head = { (uint16_t)id, (uint32_t)timestamp_ns, 0 };

	if (stream->id == STREAM_EXITS)
		memcpy(event, &exits_head, sizeof(exits_head));
	else
		memcpy(event, &head, sizeof(head));
}

static void begin_packet(struct stream *stream, uint64_t now_ns)
{
	stream->used = PACKET_HEAD_BYTES;
	stream->spare = 0;
	stream->counted = 0;
	stream->begin_ns = now_ns;
	stream->last_ns = now_ns;
}

/* What the open packet may have, or the next one: up to the end of the file's page. */
static unsigned int room_in_page(const struct stream *stream)
{
	return PACKET_BYTES - (unsigned int)((stream->bytes + stream->ready) % PACKET_BYTES);
}

/* A rest of the page that is too small to be worth a packet's head is this packet's. */
static unsigned int packet_bytes(const struct stream *stream)
{
	unsigned int bytes = (stream->used + PACKET_GRAIN - 1) / PACKET_GRAIN * PACKET_GRAIN;
	unsigned int room = room_in_page(stream);

	return room - bytes < PACKET_LEAST ? room : bytes;
}

static void close_packet(struct stream *stream, unsigned int bytes)
{
	uint8_t *packet = open_packet(stream);
	struct packet_head head = {
		.magic = PACKET_MAGIC,
		.stream_id = stream->id,
		.timestamp_begin = stream->begin_ns,
		.timestamp_end = stream->last_ns,
		.content_size = stream->used * 8 - stream->spare,
		.packet_size = bytes * 8,
		.events_discarded = stream->discarded,
		.cpu_id = stream->cpu,
	};

	memcpy(head.uuid, stream->uuid, sizeof(head.uuid));
	memcpy(packet, &head, PACKET_HEAD_BYTES);
	memset(packet + stream->used, 0, bytes - stream->used);
	stream->packet_bytes[stream->closed] = (uint16_t)bytes;
	stream->packet_records[stream->closed++] = (uint16_t)stream->counted;
	stream->ready += bytes;
	stream->discarded_put = stream->discarded;
	stream->used = 0;
}

void stream_close_packet(struct stream *stream)
{
	if (stream->used)
		close_packet(stream, packet_bytes(stream));
}

static uint64_t clamp(struct stream *stream, uint64_t timestamp_ns)
{
	if (timestamp_ns >= stream->last_ns)
		return timestamp_ns;
	stream->clamped++;
	return stream->last_ns;
}

static bool fits(const struct stream *stream, size_t size)
{
	return event_offset(stream) + size <= room_in_page(stream);
}

/* An empty packet takes the rest of a page that has no room for the event. */
static void skip_rest_of_page(struct stream *stream, size_t size)
{
	begin_packet(stream, stream->last_ns);
	if (!fits(stream, size))
		close_packet(stream, room_in_page(stream));
	stream->used = 0;
}

void *stream_event(struct stream *stream, uint64_t timestamp_ns, uint32_t event_id, size_t size)
{
	unsigned int offset;
	uint8_t *packet;

	if (stream->used && !fits(stream, size))
		close_packet(stream, room_in_page(stream));
	else if (stream->used && too_far(stream, timestamp_ns))
		stream_close_packet(stream);
	if (!stream->used && stream->closed < STREAM_BATCH)
		skip_rest_of_page(stream, size);
	if (stream->closed == STREAM_BATCH)
		return NULL;
	timestamp_ns = clamp(stream, timestamp_ns);
	if (!stream->used)
		begin_packet(stream, timestamp_ns);
	if (!stream->waiting_ns)
		stream->waiting_ns = timestamp_ns;
	packet = open_packet(stream);
	offset = event_offset(stream);
	memset(packet + stream->used, 0, offset - stream->used);
	put_head(stream, packet + offset, timestamp_ns, event_id);
	stream->last_ns = timestamp_ns;
	stream->used = offset + (unsigned int)size;
	stream->spare = 0;
	return packet + offset;
}

void stream_count_record(struct stream *stream, unsigned int last_bits)
{
	stream->counted++;
	stream->spare = last_bits ? 8 - last_bits : 0;
}

void stream_note_discarded(struct stream *stream, uint64_t now_ns)
{
	if (stream->discarded == stream->discarded_put || stream->closed == STREAM_BATCH)
		return;
	begin_packet(stream, now_ns > stream->last_ns ? now_ns : stream->last_ns);
	stream_close_packet(stream);
}

/* Writes all `size` bytes or fails; either way *done counts the bytes in the file. */
static int write_whole(int fd, const uint8_t *bytes, size_t size, uint64_t offset, size_t *done)
{
	ssize_t n;

	while (*done < size) {
		n = pwrite(fd, bytes + *done, size - *done, (off_t)(offset + *done));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		if (n > 0)
			*done += (size_t)n;
	}
	return 0;
}

/* Of the closed packets those that are whole in the `done` bytes written. */
static void count_written(struct stream *stream, size_t done)
{
	for (unsigned int i = 0; i < stream->closed && done >= stream->packet_bytes[i]; i++) {
		done -= stream->packet_bytes[i];
		stream->bytes += stream->packet_bytes[i];
		stream->records += stream->packet_records[i];
	}
}

int stream_write(struct stream *stream)
{
	size_t done = 0;
	int r;

	if (!stream->closed)
		return 0;
	r = write_whole(stream->fd, stream->batch, stream->ready, stream->bytes, &done);
	count_written(stream, done);
	if (r < 0) {
		/* A file that ends inside a packet would cost babeltrace2 the whole trace. */
		if (ftruncate(stream->fd, (off_t)stream->bytes) < 0)
			r = -errno;
		return r;
	}
	if (stream->used)
		memmove(stream->batch, open_packet(stream), stream->used);
	stream->closed = 0;
	stream->ready = 0;
	stream->waiting_ns = stream->used ? stream->begin_ns : 0;
	return 0;
}

int stream_create(struct stream *stream, int directory_fd, const char *name, uint32_t id,
		  uint32_t cpu, const uint8_t uuid[TRACE_UUID_BYTES], uint64_t now_ns)
{
	_cleanup_(stream_release) struct stream new = { .fd = -1, .id = id, .cpu = cpu };
	int r;

	memcpy(new.uuid, uuid, sizeof(new.uuid));
	new.batch = aligned_alloc(PACKET_BYTES, (size_t)STREAM_BATCH * PACKET_BYTES);
	if (!new.batch)
		return -ENOMEM;
	new.fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (new.fd < 0)
		return -errno;
	begin_packet(&new, now_ns);
	stream_close_packet(&new);
	r = stream_write(&new);
	if (r < 0)
		return r;
	*stream = new;
	new = (struct stream){ .fd = -1 };
	return 0;
}

int stream_finish(struct stream *stream)
{
	return close(TAKE_FD(stream->fd)) < 0 ? -errno : 0;
}

void stream_release(struct stream *stream)
{
	if (stream->batch && stream->fd >= 0)
		close(stream->fd);
	free(stream->batch);
	*stream = (struct stream){ .fd = -1 };
}
