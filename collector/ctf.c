/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/ctf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/number.h"
#include "collector/ctf_notes.h"
#include "collector/ctf_totals.h"
#include "collector/ctf_writer.h"
#include "collector/metadata.h"

#define OLDEST_WAIT_NS UINT64_C(50000000)
#define METADATA_FILE "metadata"
#define METADATA_ASIDE ".metadata" /* babeltrace2 reads every file but hidden ones */
#define VCPUS_FILE "vcpus"

enum { KEPT_TEXT = NUMBER_TEXT + 80 };

static char *exits_name(unsigned int cpu, char name[32])
{
	snprintf(name, 32, "exits_%u", cpu);
	return name;
}

void ctf_get_counts(const struct ctf *ctf, struct ctf_counts *ret_counts)
{
	struct ctf_counts counts = { .bytes = ctf->metadata_bytes + ctf->vcpus.bytes,
				     .torn = ctf->torn,
				     .tear = ctf->tear,
				     .vcpus = ctf->slots.count };

	for (unsigned int cpu = 0; cpu < ctf->cpus; cpu++) {
		const struct stream *stream = &ctf->exits[cpu];

		counts.records += stream->records;
		counts.bytes += stream->bytes;
		counts.lost += stream->discarded;
		counts.clamped += stream->clamped;
	}
	*ret_counts = counts;
}

static bool is_removed(int fd)
{
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && !status.st_nlink;
}

/* Files without a name take all that is written, and give nothing back. */
static int check_directory(const struct ctf *ctf)
{
	bool removed = is_removed(ctf->fd) || is_removed(ctf->vcpus.fd);

	for (unsigned int cpu = 0; !removed && cpu < ctf->cpus; cpu++)
		removed = is_removed(ctf->exits[cpu].fd);
	if (!removed)
		return 0;
	return error_set(
		-ENOENT, "'%s' was removed while it was recorded into; nothing of %s is left",
		ctf->directory, ctf->facts->share == TRACE_IS_ALL ? "the trace" : "this part");
}

/* Other parts are not known here, and may have made room; a dump that is not whole is removed. */
static const char *what_is_kept(const struct ctf *ctf, char ret_text[KEPT_TEXT])
{
	bool part = ctf->facts->share == TRACE_IS_PART;
	char records[NUMBER_TEXT];
	struct ctf_counts counts;

	if (ctf->facts->share == TRACE_IS_DUMP)
		return "nothing is kept of this dump; those before it are readable";
	ctf_get_counts(ctf, &counts);
	snprintf(ret_text, KEPT_TEXT, "%s records written%s, and readable%s",
		 number_thousands((int64_t)counts.records, records), part ? " into this part" : "",
		 part ? ", as are the parts before it" : "");
	return ret_text;
}

/* The sentence for a failed write: what is kept, and what to do. */
static int write_failed(const struct ctf *ctf, int err)
{
	char text[KEPT_TEXT];
	const char *kept = what_is_kept(ctf, text);

	if (check_directory(ctf) < 0)
		return err;
	if (err == -ENOSPC || err == -EDQUOT)
		return error_set(err,
				 "no space left on '%s'; %s; make room, or choose another disk "
				 "with -o",
				 ctf->directory, kept);
	return error_set(err, "cannot write to '%s': %s; %s; choose another disk with -o",
			 ctf->directory, strerror(-err), kept);
}

static int write_aside(const struct ctf *ctf)
{
	int fd = openat(ctf->fd, METADATA_ASIDE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	_cleanup_fclose_ FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file)
		return -errno;
	errno = EIO;
	if (fwrite(ctf->metadata.data, ctf->metadata.length, 1, file) != 1)
		return -errno;
	return fclose(TAKE_PTR(file)) ? -errno : 0;
}

/* A reader finds the old metadata or the new, never half of it. */
static int write_metadata(struct ctf *ctf)
{
	int r;

	if (ctf->metadata_bytes == ctf->metadata.length)
		return 0;
	r = write_aside(ctf);
	if (r >= 0 && renameat(ctf->fd, METADATA_ASIDE, ctf->fd, METADATA_FILE) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(ctf->fd, METADATA_ASIDE, 0);
		return r;
	}
	ctf->metadata_bytes = ctf->metadata.length;
	return 0;
}

/*
 * Writes a stream's closed packets, after what a reader needs to understand
 * them: event classes first, then the slots' names.
 */
static int write_stream(struct ctf *ctf, struct stream *stream)
{
	int r = write_metadata(ctf);

	stream_close_packet(&ctf->vcpus);
	if (r >= 0)
		r = stream_write(&ctf->vcpus);
	if (r >= 0)
		r = stream_write(stream);
	return r < 0 ? write_failed(ctf, r) : 0;
}

/* Writes all of a stream, with the discarded count. */
static int flush_stream(struct ctf *ctf, struct stream *stream)
{
	stream_close_packet(stream);
	return write_stream(ctf, stream);
}

int ctf_add_event(struct ctf *ctf, struct stream *stream, uint64_t timestamp_ns, uint32_t id,
		  size_t size, void **ret_event)
{
	void *event = stream_event(stream, timestamp_ns, id, size);
	int r;

	if (!event) {
		r = write_stream(ctf, stream);
		if (r < 0)
			return r;
		event = stream_event(stream, timestamp_ns, id, size);
	}
	*ret_event = event;
	return 0;
}

void ctf_set_pause_cost(struct ctf *ctf, const struct pause_cost *cost)
{
	ctf->pause_cost = *cost;
}

void ctf_set_lost(struct ctf *ctf, unsigned int cpu, uint64_t lost)
{
	ctf->exits[cpu].discarded = lost;
}

int ctf_add_total(struct ctf *ctf, int event, const void *fields, size_t size)
{
	struct stream *stream = &ctf->vcpus;
	struct total_event *head;
	void *place;
	int r = ctf_add_event(ctf, stream, stream->last_ns, (uint32_t)event, sizeof(*head) + size,
			      &place);

	if (r < 0)
		return r;
	head = place;
	head->hole = 0;
	memcpy(head + 1, fields, size);
	return 0;
}

int ctf_add_until(struct ctf *ctf, uint64_t at_ns)
{
	struct stream *stream = &ctf->vcpus;
	uint64_t now_ns = at_ns > stream->last_ns ? at_ns : stream->last_ns;
	struct until_event *event;
	void *place;
	int r = ctf_add_event(ctf, stream, now_ns, EVENT_TOTALS_UNTIL, sizeof(*event), &place);

	if (r < 0)
		return r;
	event = place;
	event->hole = 0;
	event->at = at_ns;
	return 0;
}

uint64_t ctf_vcpus_bytes(const struct ctf *ctf)
{
	return ctf->vcpus.bytes + ctf->vcpus.ready + ctf->vcpus.used;
}

int ctf_add_text(struct ctf *ctf, uint64_t now_ns, int event, size_t size, const char *text,
		 void **ret_event)
{
	struct stream *stream = &ctf->vcpus;
	int r;

	if (now_ns < stream->last_ns)
		now_ns = stream->last_ns;
	r = ctf_add_event(ctf, stream, now_ns, (uint32_t)event, size + strlen(text) + 1, ret_event);
	if (r >= 0)
		strcpy((char *)*ret_event + size, text);
	return r;
}

static int flush_old(struct ctf *ctf, struct stream *stream, uint64_t now_ns)
{
	if (!stream->waiting_ns || stream->waiting_ns + OLDEST_WAIT_NS > now_ns)
		return 0;
	return flush_stream(ctf, stream);
}

int ctf_flush(struct ctf *ctf)
{
	int r = 0;

	for (unsigned int cpu = 0; r >= 0 && cpu < ctf->cpus; cpu++)
		if (ctf->exits[cpu].waiting_ns)
			r = flush_stream(ctf, &ctf->exits[cpu]);
	return r;
}

int ctf_tick(struct ctf *ctf, uint64_t now_ns)
{
	int r = check_directory(ctf);

	if (r >= 0)
		r = flush_old(ctf, &ctf->vcpus, now_ns);
	for (unsigned int cpu = 0; r >= 0 && cpu < ctf->cpus; cpu++)
		r = flush_old(ctf, &ctf->exits[cpu], now_ns);
	return r;
}

static int add_end(struct ctf *ctf, uint64_t now_ns)
{
	struct ctf_counts counts;
	struct end_event *end;
	void *place;
	int r;

	if (now_ns < ctf->vcpus.last_ns)
		now_ns = ctf->vcpus.last_ns;
	ctf_get_counts(ctf, &counts);
	r = ctf_add_event(ctf, &ctf->vcpus, now_ns, EVENT_END, sizeof(*end), &place);
	if (r < 0)
		return r;
	end = place;
	end->hole = 0;
	end->records = counts.records;
	end->lost = counts.lost;
	end->clamped = counts.clamped;
	end->torn = counts.torn;
	end->pause_runs = ctf->pause_cost.runs;
	end->pause_ns = ctf->pause_cost.ns;
	return flush_stream(ctf, &ctf->vcpus);
}

/* Writes all of a stream, with loss after its last event, and closes its file. */
static int finish_stream(struct ctf *ctf, struct stream *stream, uint64_t now_ns)
{
	int r = flush_stream(ctf, stream);

	stream_note_discarded(stream, now_ns);
	if (r >= 0)
		r = write_stream(ctf, stream);
	if (r < 0)
		return r;
	r = stream_finish(stream);
	return r < 0 ? write_failed(ctf, r) : 0;
}

int ctf_finish(struct ctf *ctf, uint64_t now_ns)
{
	int r = check_directory(ctf);

	for (unsigned int cpu = 0; r >= 0 && cpu < ctf->cpus; cpu++)
		r = finish_stream(ctf, &ctf->exits[cpu], now_ns);
	if (r >= 0)
		r = add_end(ctf, now_ns);
	return r < 0 ? r : finish_stream(ctf, &ctf->vcpus, now_ns);
}

static int create_streams(struct ctf *ctf, unsigned int cpus, uint64_t now_ns)
{
	const uint8_t *uuid = ctf->facts->uuid;
	char name[32];
	int r = stream_create(&ctf->vcpus, ctf->fd, VCPUS_FILE, STREAM_VCPUS, 0, uuid, now_ns);

	ctf->cpus = cpus;
	for (unsigned int cpu = 0; r >= 0 && cpu < cpus; cpu++)
		r = stream_create(&ctf->exits[cpu], ctf->fd, exits_name(cpu, name), STREAM_EXITS,
				  cpu, uuid, now_ns);
	return r;
}

static int fill_directory(struct ctf *ctf, unsigned int cpus, uint64_t now_ns)
{
	struct stage_fields all;
	int r = metadata_begin(&ctf->metadata, ctf->facts);

	if (r < 0)
		return r;
	ctf->plan = stages_plan(ctf->facts->source);
	all.stages = stage_set_first(ctf->plan.stages);
	all.cycles = stages_with_cycles(&ctf->plan);
	event_classes_init(&ctf->classes, &all);
	r = write_metadata(ctf);
	if (r >= 0)
		r = create_streams(ctf, cpus, now_ns);
	return r < 0 ? write_failed(ctf, r) : 0;
}

static int directory_exists(const char *directory)
{
	return error_set(-EEXIST, "'%s' exists; remove it, or choose another directory with -o",
			 directory);
}

int ctf_check_absent(const char *directory)
{
	struct stat stat_buffer;

	return lstat(directory, &stat_buffer) == 0 ? directory_exists(directory) : 0;
}

static int make_directory(const char *directory)
{
	if (mkdir(directory, 0700) == 0)
		return 0;
	if (errno == EEXIST)
		return directory_exists(directory);
	return error_set(-errno, "cannot create the directory '%s': %s; choose another with -o",
			 directory, strerror(errno));
}

static int open_directory(struct ctf *ctf, unsigned int cpus, uint64_t now_ns)
{
	int r = 0;

	ctf->fd = open(ctf->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ctf->fd < 0)
		r = error_set(-errno, "cannot open '%s': %s", ctf->directory, strerror(errno));
	else
		r = fill_directory(ctf, cpus, now_ns);
	if (r < 0)
		ctf_remove(ctf);
	return r;
}

int ctf_create(const char *directory, const struct trace_facts *facts, unsigned int cpus,
	       struct identities *identities, uint64_t now_ns, struct ctf **ret_ctf)
{
	_cleanup_(ctf_freep) struct ctf *ctf = NULL;
	int r;

	ctf = calloc(1, sizeof(*ctf) + cpus * sizeof(ctf->exits[0]));
	if (!ctf)
		return -ENOMEM;
	ctf->fd = -1;
	ctf->facts = facts;
	ctf->identities = identities;
	ctf->directory = strdup(directory);
	if (!ctf->directory)
		return -ENOMEM;
	r = make_directory(directory);
	if (r >= 0)
		r = open_directory(ctf, cpus, now_ns);
	if (r < 0)
		return r;
	*ret_ctf = TAKE_PTR(ctf);
	return 0;
}

void ctf_remove(struct ctf *ctf)
{
	char name[32];

	for (unsigned int cpu = 0; cpu < ctf->cpus; cpu++)
		unlinkat(ctf->fd, exits_name(cpu, name), 0);
	unlinkat(ctf->fd, VCPUS_FILE, 0);
	unlinkat(ctf->fd, METADATA_FILE, 0);
	rmdir(ctf->directory);
}

void ctf_free(struct ctf *ctf)
{
	for (unsigned int cpu = 0; cpu < ctf->cpus; cpu++)
		stream_release(&ctf->exits[cpu]);
	stream_release(&ctf->vcpus);
	event_classes_release(&ctf->classes);
	vcpus_release(&ctf->slots);
	pausers_release(&ctf->pausers);
	buffer_release(&ctf->metadata);
	cleanup_close(&ctf->fd);
	free(ctf->directory);
	free(ctf);
}
