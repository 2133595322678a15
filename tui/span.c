/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/span.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "collector/packet.h"

/* False for a packet of another byte order too: progress is not worth more. */
static bool read_head(int fd, off_t offset, struct packet_head *ret_head)
{
	return pread(fd, ret_head, sizeof(*ret_head), offset) == (ssize_t)sizeof(*ret_head) &&
	       ret_head->magic == PACKET_MAGIC;
}

/* The packet with which the file ends: it says itself that it reaches so far. */
static bool read_last(int fd, off_t end, struct packet_head *ret_head)
{
	for (off_t bytes = PACKET_GRAIN; bytes <= PACKET_BYTES && bytes <= end; bytes += PACKET_GRAIN)
		if (read_head(fd, end - bytes, ret_head) &&
		    ret_head->packet_size == (uint64_t)bytes * 8)
			return true;
	return false;
}

/* The first packet of a stream is empty. */
static void add_stream(struct span *span, int fd)
{
	struct packet_head empty, first, last;
	struct stat status;

	if (fstat(fd, &status) < 0 || !read_head(fd, 0, &empty) ||
	    !read_head(fd, (off_t)(empty.packet_size / 8), &first) ||
	    !read_last(fd, status.st_size / PACKET_GRAIN * PACKET_GRAIN, &last))
		return;
	if (!span->first || first.timestamp_begin < span->first)
		span->first = first.timestamp_begin;
	if (last.timestamp_end > span->last)
		span->last = last.timestamp_end;
}

struct span span_of_trace(const char *path)
{
	_cleanup_closedir_ DIR *folder = opendir(path);
	struct span span = { 0 };
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		_cleanup_close_ int fd = -1;

		if (strncmp(entry->d_name, "exits_", 6))
			continue;
		fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			add_stream(&span, fd);
	}
	return span;
}

unsigned int span_percent(const struct span *span, uint64_t now)
{
	uint64_t all = span->last - span->first, done = now - span->first;

	if (span->last <= span->first || now <= span->first)
		return 0;
	return done >= all ? 99 : (unsigned int)((unsigned __int128)done * 99 / all);
}
