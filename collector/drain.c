/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/drain.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"

struct drain_ring {
	struct drain *drain;
	struct ring_buffer *buffer; /* one object per ring: libbpf drains an object's first
				       ring until it is empty before it looks at the second */
	unsigned int left;	    /* of this turn's share */
};

struct drain {
	drain_record *handle;
	void *context;
	int failure; /* what the handler returned */
	unsigned int count;
	struct drain_ring ring[];
};

/* A negative return ends libbpf's loop after this record, which counts as read. */
static int take_record(void *context, void *bytes, size_t size)
{
	struct drain_ring *ring = context;
	struct drain *drain = ring->drain;

	drain->failure =
		drain->handle(drain->context, (unsigned int)(ring - drain->ring), bytes, size);
	if (drain->failure < 0)
		return drain->failure;
	return --ring->left ? 0 : -ENOBUFS;
}

int drain_create(const int *fds, unsigned int count, drain_record *handle, void *context,
		 struct drain **ret_drain)
{
	_cleanup_(drain_freep) struct drain *drain = NULL;

	drain = calloc(1, sizeof(*drain) + count * sizeof(drain->ring[0]));
	if (!drain)
		return -ENOMEM;
	drain->handle = handle;
	drain->context = context;
	drain->count = count;
	for (unsigned int i = 0; i < count; i++) {
		struct drain_ring *ring = &drain->ring[i];

		ring->drain = drain;
		ring->buffer = ring_buffer__new(fds[i], take_record, ring, NULL);
		if (!ring->buffer)
			return error_set(-errno,
					 "cannot map the ring of CPU %u: %s; try a smaller "
					 "--mem-ring",
					 i, strerror(errno));
	}
	*ret_drain = TAKE_PTR(drain);
	return 0;
}

int drain_turn(struct drain *drain, bool *ret_more)
{
	bool more = false;

	for (unsigned int i = 0; i < drain->count; i++) {
		struct drain_ring *ring = &drain->ring[i];
		int r;

		ring->left = DRAIN_SHARE;
		r = ring_buffer__consume(ring->buffer);
		if (drain->failure < 0)
			return drain->failure;
		if (r < 0 && ring->left)
			return error_set(r, "cannot read the ring of CPU %u: %s", i, strerror(-r));
		more |= !ring->left;
	}
	*ret_more = more;
	return 0;
}

void drain_free(struct drain *drain)
{
	for (unsigned int i = 0; i < drain->count; i++)
		ring_buffer__free(drain->ring[i].buffer);
	free(drain);
}
