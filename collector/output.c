/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "collector/ctf_totals.h"

#define WATCH_NS UINT64_C(250000000)
#define DUMP_PAUSE_NS UINT64_C(10000000000)
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

static bool in_parts(const struct output *output)
{
	return output->options->rotate_bytes || output->options->rotate_ns;
}

static bool in_flight(const struct output *output)
{
	return output->options->flight_bytes;
}

static enum trace_share share(const struct output *output)
{
	if (in_flight(output))
		return TRACE_IS_DUMP;
	return in_parts(output) ? TRACE_IS_PART : TRACE_IS_ALL;
}

/* --- one trace --------------------------------------------------------------- */

static void name_pauser(void *context, uint32_t by, const __u64 cause[2],
			char ret_name[PAUSER_NAME_BYTES])
{
	struct source *source = context;

	source->ops->pauser_name(source, by, cause, ret_name);
}

/* Those that this part does not have yet; in flight there is none to write them to. */
static int tell_devices(struct output *output)
{
	const struct device_map *map = &output->source->devices.map;
	int r = 0;

	while (r >= 0 && output->ctf && output->devices_told < map->count)
		r = ctf_add_device(output->ctf, map->range[output->devices_told++]);
	return r;
}

static int find_devices(struct output *output, uint64_t now_ns, bool all)
{
	int r = source_find_devices(output->source, now_ns, all);

	return r < 0 ? r : tell_devices(output);
}

/* Each has a uuid of its own: readers take traces of one uuid for one. */
static int begin_trace(struct output *output, const char *path, uint64_t now_ns)
{
	unsigned int cpus = output->source->ring_count;
	int r = facts_new_uuid(output->facts);

	if (r < 0)
		return r;
	output->begin_ns = now_ns;
	memcpy(output->lost_before, output->lost, cpus * sizeof(*output->lost));
	r = ctf_create(path, output->facts, cpus, &output->source->identities, now_ns,
		       &output->ctf);
	if (r >= 0 && output->source->ops->pauser_name)
		ctf_set_pauser_name(output->ctf, name_pauser, output->source);
	output->devices_told = 0;
	totals_log_begin(&output->totals, output->options->totals_ns, now_ns);
	return r < 0 ? r : tell_devices(output);
}

/* The totals of a vCPU that is gone, of this part. */
static int take_finished(void *context, const struct totals_vcpu *vcpu)
{
	struct output *output = context;

	return totals_log_add_gone(&output->totals, output->ctf, vcpu);
}

/* In flight the source keeps them, for their names. */
static int retire(struct output *output)
{
	struct source *source = output->source;

	if (!source->ops->retire)
		return 0;
	return source->ops->retire(source, output->ctf ? take_finished : NULL, output);
}

/* Devices first: they are told of by vCPUs that are not retired. */
int output_watch(struct output *output, uint64_t now_ns)
{
	int r;

	if (now_ns < output->watched_ns + WATCH_NS)
		return 0;
	output->watched_ns = now_ns;
	r = find_devices(output, now_ns, false);
	if (r >= 0 && !totals_log_waits(&output->totals))
		r = retire(output);
	if (r >= 0 && output->ctf)
		r = totals_log_look(&output->totals, output->source, now_ns);
	return r;
}

static int add_pauses(struct output *output)
{
	struct source *source = output->source;
	struct pause_cost now, since;
	int r = source->ops->pause_cost(source, &now);

	if (r < 0)
		return r;
	since.runs = now.runs - output->pauses_before.runs;
	since.ns = now.ns - output->pauses_before.ns;
	ctf_set_pause_cost(output->ctf, &since);
	output->pauses_before = now;
	return 0;
}

static void count_finished(struct output *output)
{
	struct ctf_counts *sum = &output->finished, one;

	ctf_get_counts(output->ctf, &one);
	sum->records += one.records;
	sum->bytes += one.bytes;
	sum->lost += one.lost;
	sum->clamped += one.clamped;
	if (!sum->torn)
		sum->tear = one.tear;
	sum->torn += one.torn;
	if (one.vcpus > sum->vcpus)
		sum->vcpus = one.vcpus;
	ctf_free(TAKE_PTR(output->ctf));
}

/* --- parts ------------------------------------------------------------------- */

static int begin_part(struct output *output, uint64_t now_ns)
{
	_cleanup_free_ char *path = NULL;
	int r = parts_make_room(&output->parts);

	if (r < 0)
		return r;
	path = parts_path(&output->parts, output->parts.next, false);
	if (!path)
		return -ENOMEM;
	r = begin_trace(output, path, now_ns);
	if (r < 0)
		return r;
	output->parts.next++;
	if (output->what == CHOICE_ALL)
		return 0;
	return ctf_add_choice(output->ctf, now_ns, output->what, output->one_of, "as before");
}

static int finish_trace(struct output *output, uint64_t now_ns)
{
	int r = add_pauses(output);

	if (r >= 0)
		r = totals_log_finish(&output->totals, output->source, output->ctf, now_ns);
	return r < 0 ? r : ctf_finish(output->ctf, now_ns);
}

static int rotate(struct output *output, uint64_t now_ns)
{
	const struct output_options *options = output->options;
	struct ctf_counts counts;
	int r;

	ctf_get_counts(output->ctf, &counts);
	if ((!options->rotate_bytes || counts.bytes < options->rotate_bytes) &&
	    (!options->rotate_ns || now_ns < output->begin_ns + options->rotate_ns))
		return 0;
	r = finish_trace(output, now_ns);
	if (r < 0)
		return r;
	count_finished(output);
	return begin_part(output, now_ns);
}

/* --- flight ------------------------------------------------------------------ */

/* From begin to the last stamp, without sleep [ticks]. */
static uint64_t awake_ticks(const struct output *output, const struct ring_record *record,
			    size_t size)
{
	uint64_t begin = record->fixed.begin, end = begin;

	for (unsigned int i = 0; i < output->source->facts.stamp_count &&
				 size >= offsetof(struct ring_record, stamp[i + 1]);
	     i++)
		if (record->stamp[i] > end)
			end = record->stamp[i];
	return end - begin > record->fixed.blocked ? end - begin - record->fixed.blocked : 0;
}

static void keep_record(struct output *output, unsigned int cpu, const void *bytes, size_t size)
{
	const struct flight_entry entry = { cpu, (uint32_t)size, output->lost[cpu] };
	unsigned __int128 bound = (unsigned __int128)output->options->dump_ns *
				  output->source->facts.counter_hz / NS_PER_S;

	flight_keep(&output->flight, &entry, bytes);
	if (bound && awake_ticks(output, bytes, size) >= bound)
		output->slow = true;
}

/* A mark in the memory. */
struct kept_mark {
	struct ctf_mark mark; /* its text follows; the pointer is void */
	char text[];
};

static int keep_mark(struct output *output, const struct ctf_mark *mark)
{
	size_t size = sizeof(struct kept_mark) + strlen(mark->text) + 1;
	_cleanup_free_ struct kept_mark *kept = malloc(size);

	if (!kept)
		return -ENOMEM;
	kept->mark = *mark;
	strcpy(kept->text, mark->text);
	flight_keep(&output->flight,
		    &(struct flight_entry){ .cpu = FLIGHT_NOTE, .size = (uint32_t)size }, kept);
	return 0;
}

/* What was lost before the first record of a CPU that is here is not of this trace. */
static int write_entry(void *context, const struct flight_entry *entry, const void *bytes)
{
	struct output *output = context;
	uint64_t *before = output->lost_before;

	if (entry->cpu == FLIGHT_NOTE) {
		const struct kept_mark *kept = bytes;
		struct ctf_mark mark = kept->mark;

		mark.text = kept->text;
		return ctf_add_mark(output->ctf, &mark);
	}
	if (before[entry->cpu] == UINT64_MAX)
		before[entry->cpu] = entry->lost;
	ctf_set_lost(output->ctf, entry->cpu, entry->lost - before[entry->cpu]);
	return ctf_add(output->ctf, entry->cpu, bytes, entry->size);
}

/* Processes that have ended are named by what the probes know of them. */
static int name_vcpus(struct output *output)
{
	_cleanup_(totals_release) struct totals totals = { 0 };
	struct source *source = output->source;
	int r = source->ops->totals ? source->ops->totals(source, &totals) : 0;

	for (unsigned int i = 0; r >= 0 && i < totals.count; i++) {
		uint32_t slot;

		r = ctf_total_slot(output->ctf, &totals.vcpu[i], &slot);
	}
	return r;
}

static int write_memory(struct output *output, const char *path, uint64_t now_ns)
{
	int r = begin_trace(output, path, output->begin_ns);

	if (r < 0)
		return r;
	memset(output->lost_before, 0xff,
	       output->source->ring_count * sizeof(*output->lost_before));
	r = flight_walk(&output->flight, write_entry, output);
	if (r >= 0)
		r = name_vcpus(output);
	return r < 0 ? r : ctf_finish(output->ctf, now_ns);
}

/* Under a hidden name until it is whole, which readers pass by. */
int output_dump(struct output *output, uint64_t now_ns, char **ret_path)
{
	_cleanup_free_ char *hidden = NULL, *path = NULL;
	int r = parts_make_room(&output->parts);

	if (r < 0)
		return r;
	hidden = parts_path(&output->parts, output->parts.next, true);
	path = parts_path(&output->parts, output->parts.next, false);
	if (!hidden || !path)
		return -ENOMEM;
	r = write_memory(output, hidden, now_ns);
	if (r >= 0 && rename(hidden, path) < 0)
		r = error_set(-errno, "cannot rename '%s': %s", hidden, strerror(errno));
	if (r < 0 && output->ctf) {
		ctf_remove(output->ctf);
		ctf_free(TAKE_PTR(output->ctf));
	}
	if (r < 0)
		return r;
	count_finished(output);
	output->parts.next++;
	*ret_path = TAKE_PTR(path);
	return 0;
}

bool output_wants_dump(struct output *output, uint64_t now_ns)
{
	bool wanted =
		output->slow && (!output->dumped_ns || now_ns >= output->dumped_ns + DUMP_PAUSE_NS);

	output->slow = false;
	if (wanted)
		output->dumped_ns = now_ns;
	return wanted;
}

/* --- all --------------------------------------------------------------------- */

static int begin(struct output *output, uint64_t begin_ns)
{
	const struct output_options *options = output->options;
	int r;

	output->begin_ns = begin_ns;
	if (!in_parts(output) && !in_flight(output))
		return begin_trace(output, options->directory, begin_ns);
	r = parts_create(&output->parts, options->directory, in_flight(output) ? "dump" : "part",
			 options->keep);
	if (r < 0)
		return r;
	if (in_parts(output)) {
		r = begin_part(output, begin_ns);
	} else {
		r = flight_init(&output->flight, options->flight_bytes);
		if (r < 0)
			error_set(r, "there is no memory for --flight");
	}
	if (r < 0)
		parts_remove(&output->parts);
	return r;
}

int output_open(struct output *output, const struct output_options *options, struct source *source,
		struct trace_facts *facts, uint64_t begin_ns)
{
	int r;

	*output = (struct output){
		.options = options, .source = source, .facts = facts, .what = CHOICE_ALL
	};
	facts->share = share(output);
	if (!in_flight(output) && source->ops->totals)
		facts->totals_ms = (uint32_t)(options->totals_ns / NS_PER_MS);
	output->lost = calloc(source->ring_count, sizeof(*output->lost));
	output->lost_before = calloc(source->ring_count, sizeof(*output->lost_before));
	if (!output->lost || !output->lost_before)
		return -ENOMEM;
	r = options->devices ? device_map_read_file(&source->devices.map, options->devices) : 0;
	if (r < 0)
		return r;
	r = begin(output, begin_ns);
	output->open = r >= 0;
	return r;
}

int output_add(struct output *output, unsigned int cpu, const void *bytes, size_t size)
{
	if (output->ctf)
		return ctf_add(output->ctf, cpu, bytes, size);
	keep_record(output, cpu, bytes, size);
	return 0;
}

int output_mark(struct output *output, const struct ctf_mark *mark)
{
	return output->ctf ? ctf_add_mark(output->ctf, mark) : keep_mark(output, mark);
}

/*
 * In flight all that counts is what is there. Totals are stored when nothing is booked any
 * more: of the time off, what is in them is known and the rest is not.
 */
int output_choice(struct output *output, uint64_t now_ns, enum choice_what what, uint32_t one_of,
		  const char *why)
{
	output->what = what;
	output->one_of = one_of;
	output->totals.wanted |= what == CHOICE_OFF;
	return output->ctf ? ctf_add_choice(output->ctf, now_ns, what, one_of, why) : 0;
}

/*
 * Skipped programs have no CPU: they count as lost on the first one, so that
 * the sum over all streams is right.
 */
int output_take_lost(struct output *output)
{
	struct source *source = output->source;
	uint64_t skipped;
	int r = source->ops->lost(source, output->lost, &skipped);

	if (r < 0)
		return r;
	output->lost[0] += skipped;
	for (unsigned int cpu = 0; output->ctf && cpu < source->ring_count; cpu++)
		ctf_set_lost(output->ctf, cpu, output->lost[cpu] - output->lost_before[cpu]);
	return 0;
}

int output_tick(struct output *output, uint64_t now_ns, bool drained)
{
	int r = output->ctf ? ctf_tick(output->ctf, now_ns) : 0;

	if (r >= 0 && output->ctf)
		r = totals_log_store(&output->totals, output->ctf, now_ns, drained);
	return r >= 0 && in_parts(output) ? rotate(output, now_ns) : r;
}

int output_finish(struct output *output, uint64_t now_ns)
{
	_cleanup_free_ char *path = NULL;
	int r = find_devices(output, now_ns, true);

	if (r < 0)
		return r;
	if (in_flight(output))
		return output_dump(output, now_ns, &path);
	return finish_trace(output, now_ns);
}

void output_get_counts(const struct output *output, struct ctf_counts *ret_counts)
{
	struct ctf_counts counts = { 0 };

	if (output->ctf)
		ctf_get_counts(output->ctf, &counts);
	counts.records += output->finished.records;
	counts.bytes += output->finished.bytes;
	counts.lost += output->finished.lost;
	counts.clamped += output->finished.clamped;
	if (output->finished.torn)
		counts.tear = output->finished.tear;
	counts.torn += output->finished.torn;
	if (output->finished.vcpus > counts.vcpus)
		counts.vcpus = output->finished.vcpus;
	*ret_counts = counts;
}

void output_remove(struct output *output)
{
	if (output->ctf)
		ctf_remove(output->ctf);
	if (in_parts(output) || in_flight(output))
		parts_remove(&output->parts);
}

void output_release(struct output *output)
{
	if (output->ctf)
		ctf_free(output->ctf);
	flight_release(&output->flight);
	totals_log_release(&output->totals);
	free(output->lost);
	free(output->lost_before);
	*output = (struct output){ 0 };
}
