/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer as those see it who make a trace: ctf.c its files, ctf_records.c its records. */
#ifndef COLLECTOR_CTF_WRITER_H
#define COLLECTOR_CTF_WRITER_H

#include "base/buffer.h"
#include "collector/ctf.h"
#include "collector/event_class.h"
#include "collector/stages.h"
#include "collector/stream.h"
#include "collector/vcpus.h"

struct ctf {
	char *directory;
	int fd; /* of the directory */
	const struct trace_facts *facts;
	struct buffer metadata;
	size_t metadata_bytes; /* of the metadata that is in the file */
	struct event_classes classes;
	struct stage_plan plan;
	struct vcpus slots;
	struct identities *identities; /* borrowed */
	struct pausers pausers;
	pauser_name *pauser_name; /* NULL: nobody knows */
	void *pauser_context;
	struct pause_cost pause_cost;
	uint64_t torn;
	struct stage_tear tear;
	struct stream vcpus;
	unsigned int cpus;
	struct stream exits[];
};

/*
 * An event of `size` bytes with its head filled in, in one of the streams; what fills
 * memory is written before. Returns as ctf_add().
 */
int ctf_add_event(struct ctf *ctf, struct stream *stream, uint64_t timestamp_ns, uint32_t id,
		  size_t size, void **ret_event);

#endif
