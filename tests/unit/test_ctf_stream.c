/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets: offsets counted by hand, and what is left of a file when a write fails. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "collector/stream.h"

/* Two big events fit into the 4,096 - 68 bytes of a packet, one behind the first, empty one. */
enum { BIG_EVENT = 2009, SMALL_EVENT = 20 };

struct fixture {
	char directory[32];
	int fd;
	struct stream stream;
};

static int set_up(void **state)
{
	static const uint8_t uuid[TRACE_UUID_BYTES] = { 1, 2, 3 };
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->directory, "/tmp/test_ctf.XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	fixture->fd = open(fixture->directory, O_RDONLY | O_DIRECTORY);
	*state = fixture;
	return stream_create(&fixture->stream, fixture->fd, "s", STREAM_EXITS, 3, uuid, 1000);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	stream_release(&fixture->stream);
	unlinkat(fixture->fd, "s", 0);
	close(fixture->fd);
	rmdir(fixture->directory);
	free(fixture);
	return 0;
}

static void put(struct stream *stream, uint64_t timestamp_ns, size_t size)
{
	size_t head = stream->id == STREAM_EXITS ? sizeof(struct exits_head) :
						   sizeof(struct event_head);
	uint8_t *event = stream_event(stream, timestamp_ns, 7, size);

	assert_non_null(event);
	stream_count_record(stream, 0);
	memset(event + head, 0xee, size - head);
}

static size_t file_bytes(const struct fixture *fixture)
{
	struct stat stat;

	assert_int_equal(fstatat(fixture->fd, "s", &stat, 0), 0);
	return (size_t)stat.st_size;
}

/* Reads a packet of so many bytes at `offset`. */
static void read_packet(const struct fixture *fixture, off_t offset, size_t bytes,
			uint8_t packet[PACKET_BYTES])
{
	_cleanup_close_ int fd = openat(fixture->fd, "s", O_RDONLY);

	assert_int_equal(pread(fd, packet, bytes, offset), bytes);
}

static uint64_t number_at(const uint8_t *packet, size_t offset, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number |= (uint64_t)packet[offset + i] << 8 * i;
	return number;
}

static void first_packet_is_empty(void **state)
{
	struct fixture *fixture = *state;
	uint8_t packet[PACKET_BYTES];

	assert_int_equal(file_bytes(fixture), 512);
	read_packet(fixture, 0, 512, packet);
	assert_int_equal(number_at(packet, 0, 4), 0xc1fc1fc1);
	assert_int_equal(packet[4], 1);
	assert_int_equal(packet[6], 3);
	assert_int_equal(number_at(packet, 20, 4), 0);	   /* stream_id */
	assert_int_equal(number_at(packet, 24, 8), 1000);  /* timestamp_begin */
	assert_int_equal(number_at(packet, 32, 8), 1000);  /* timestamp_end */
	assert_int_equal(number_at(packet, 40, 8), 544);   /* content: 68 bytes */
	assert_int_equal(number_at(packet, 48, 8), 4096);  /* packet: 512 */
	assert_int_equal(number_at(packet, 56, 8), 0);	   /* discarded */
	assert_int_equal(number_at(packet, 64, 4), 3);	   /* cpu_id */
}

static void exits_follow_each_other(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	memset(stream->batch, 0xff, PACKET_BYTES); /* the packet before has left its bytes */
	put(stream, 2000, 19);			   /* 68 to 87 */
	put(stream, 3000, SMALL_EVENT);		   /* 87 to 107 */
	stream->discarded = 5;
	stream_close_packet(stream);
	assert_int_equal(stream_write(stream), 0);
	assert_int_equal(file_bytes(fixture), 1024);
	read_packet(fixture, 512, 512, packet);
	assert_int_equal(number_at(packet, 24, 8), 2000);
	assert_int_equal(number_at(packet, 32, 8), 3000);
	assert_int_equal(number_at(packet, 40, 8), 107 * 8);
	assert_int_equal(number_at(packet, 48, 8), 512 * 8);
	assert_int_equal(number_at(packet, 56, 8), 5);
	assert_int_equal(number_at(packet, 68, 2), 7);
	assert_int_equal(number_at(packet, 70, 4), 2000);
	assert_int_equal(number_at(packet, 74, 3), 0); /* vcpu, for who fills the event */
	assert_int_equal(packet[77], 0xee);
	assert_int_equal(packet[86], 0xee);
	assert_int_equal(number_at(packet, 87, 2), 7);
	assert_int_equal(number_at(packet, 89, 4), 3000);
	assert_int_equal(packet[106], 0xee);
	for (size_t i = 107; i < 512; i++)
		assert_int_equal(packet[i], 0);
	assert_int_equal(stream->records, 2);
}

/* 4.29 s: what an event's time has room for. Farther away is another packet. */
static void a_packet_spans_32_bits_of_time(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	put(stream, 2000, SMALL_EVENT);
	put(stream, 2000 + UINT64_C(0xffffffff), SMALL_EVENT);
	put(stream, 2000 + UINT64_C(0x1ffffffff), SMALL_EVENT);
	stream_close_packet(stream);
	assert_int_equal(stream_write(stream), 0);
	read_packet(fixture, 512, 512, packet);
	assert_int_equal(number_at(packet, 32, 8), 2000 + UINT64_C(0xffffffff));
	assert_int_equal(number_at(packet, 90, 4), 1999);
	read_packet(fixture, 1024, 512, packet);
	assert_int_equal(number_at(packet, 24, 8), 2000 + UINT64_C(0x1ffffffff));
	assert_int_equal(number_at(packet, 40, 8), 88 * 8);
}

static void events_of_vcpus_begin_at_multiples_of_8(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	stream->id = STREAM_VCPUS;
	memset(stream->batch, 0xff, PACKET_BYTES);
	put(stream, 2000, SMALL_EVENT); /* 72 to 92 */
	put(stream, 3000, SMALL_EVENT); /* 96 to 116 */
	stream_close_packet(stream);
	assert_int_equal(stream_write(stream), 0);
	read_packet(fixture, 512, 512, packet);
	assert_int_equal(number_at(packet, 40, 8), 116 * 8);
	assert_int_equal(number_at(packet, 72, 8), 2000);
	assert_int_equal(number_at(packet, 80, 4), 7);
	assert_int_equal(packet[91], 0xee);
	assert_int_equal(number_at(packet, 92, 4), 0); /* the hole */
	assert_int_equal(number_at(packet, 96, 8), 3000);
}

static void older_event_gets_its_predecessors_time(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	put(stream, 2000, SMALL_EVENT);
	put(stream, 1999, SMALL_EVENT);
	put(stream, 2000, SMALL_EVENT);
	stream_close_packet(stream);
	assert_int_equal(stream_write(stream), 0);
	read_packet(fixture, 512, 512, packet);
	assert_int_equal(number_at(packet, 90, 4), 2000);
	assert_int_equal(stream->clamped, 1);
}

static void full_batch_waits_for_write(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;

	for (uint64_t i = 0; i < 127; i++)
		put(stream, 2000 + i, BIG_EVENT);
	assert_int_equal(stream->closed, 63); /* the 64th packet is full, but open */
	assert_null(stream_event(stream, 3000, 7, BIG_EVENT));
	assert_int_equal(stream->closed, 64);
	assert_null(stream_event(stream, 2, 7, BIG_EVENT));
	assert_int_equal(stream->clamped, 0);
	assert_int_equal(stream->waiting_ns, 2000);
	assert_int_equal(stream_write(stream), 0);
	assert_int_equal(stream->waiting_ns, 0);
	assert_int_equal(stream->records, 127);
	assert_int_equal(file_bytes(fixture), 64 * 4096);
}

static void open_packet_survives_a_write(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	for (uint64_t i = 0; i < 2; i++)
		put(stream, 2000 + i, BIG_EVENT);
	assert_int_equal(stream_write(stream), 0);
	assert_int_equal(stream->records, 1);
	assert_int_equal(stream->waiting_ns, 2001);
	stream_close_packet(stream);
	assert_int_equal(stream_write(stream), 0);
	assert_int_equal(file_bytes(fixture), 4096 + 2560);
	read_packet(fixture, 4096, 2560, packet);
	assert_int_equal(number_at(packet, 70, 4), 2001);
	assert_int_equal(number_at(packet, 40, 8), (68 + BIG_EVENT) * 8);
	assert_int_equal(number_at(packet, 48, 8), 2560 * 8);
}

/* A kill may cut a write() where a page of the file ends. */
static void no_packet_crosses_a_page(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	put(stream, 2000, 1500); /* 68 to 1568: 2048 bytes, from 512 */
	stream_close_packet(stream);
	put(stream, 3000, 1600); /* the 1536 bytes left have no room for 1668 */
	stream_close_packet(stream);
	put(stream, 4000, 1000); /* of 4096 - 2048 bytes 1536, and 512 that are not worth it */
	stream_close_packet(stream);
	put(stream, 5000, SMALL_EVENT);
	stream_close_packet(stream);
	assert_int_equal(stream_write(stream), 0);
	assert_int_equal(file_bytes(fixture), 2 * 4096 + 512);
	assert_int_equal(stream->bytes, 2 * 4096 + 512);
	assert_int_equal(stream->records, 4);
	read_packet(fixture, 2560, 1536, packet);
	assert_int_equal(number_at(packet, 24, 8), 2000); /* no event: the time before */
	assert_int_equal(number_at(packet, 40, 8), 544);
	assert_int_equal(number_at(packet, 48, 8), 1536 * 8);
	read_packet(fixture, 4096, 2048, packet);
	assert_int_equal(number_at(packet, 24, 8), 3000);
	assert_int_equal(number_at(packet, 48, 8), 2048 * 8);
	read_packet(fixture, 4096 + 2048, 2048, packet);
	assert_int_equal(number_at(packet, 24, 8), 4000);
	assert_int_equal(number_at(packet, 40, 8), 1068 * 8);
	assert_int_equal(number_at(packet, 48, 8), 2048 * 8);
}

static void loss_at_the_end_gets_a_packet(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	uint8_t packet[PACKET_BYTES];

	stream_note_discarded(stream, 5000);
	assert_int_equal(stream->closed, 0); /* no loss, no packet */
	stream->discarded = 9;
	stream_note_discarded(stream, 5000);
	assert_int_equal(stream_write(stream), 0);
	read_packet(fixture, 512, 512, packet);
	assert_int_equal(number_at(packet, 24, 8), 5000);
	assert_int_equal(number_at(packet, 40, 8), 544);
	assert_int_equal(number_at(packet, 56, 8), 9);
}

/* Files may grow to `bytes`: a write across that is short, the next one fails. */
static void limit_files(size_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void failed_write_leaves_whole_packets(void **state)
{
	struct fixture *fixture = *state;
	struct stream *stream = &fixture->stream;
	int r;

	for (uint64_t i = 0; i < 20; i++)
		put(stream, 2000 + i, BIG_EVENT);
	stream_close_packet(stream);
	limit_files(4 * 4096 + 1000);
	r = stream_write(stream); /* 11 packets, where 4 and a quarter fit */
	limit_files(0);
	assert_int_equal(r, -EFBIG);
	assert_int_equal(file_bytes(fixture), 4 * 4096);
	assert_int_equal(stream->bytes, 4 * 4096);
	assert_int_equal(stream->records, 7);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_packet_is_empty),
		TEST(exits_follow_each_other),
		TEST(a_packet_spans_32_bits_of_time),
		TEST(events_of_vcpus_begin_at_multiples_of_8),
		TEST(older_event_gets_its_predecessors_time),
		TEST(full_batch_waits_for_write),
		TEST(open_packet_survives_a_write),
		TEST(no_packet_crosses_a_page),
		TEST(loss_at_the_end_gets_a_packet),
		TEST(failed_write_leaves_whole_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
