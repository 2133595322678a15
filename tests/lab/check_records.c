/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check-records PID SECONDS TOGGLES [TOLERANCE]: attaches to the VM of process
 * PID TOGGLES times one after the other, for SECONDS in all without what attaching
 * takes, and checks every record against the rules of ARCHITECTURE.md:
 *
 * - stamps do not run backwards, none lies after the record's hand-over;
 * - no stage of the path taken is missing;
 * - with the pauses taken out, stages still sum to the record's own time;
 * - the causes of exits that EL2 finished sum to their count and time;
 * - within one attachment, sequence numbers of a vCPU have no gap and no repeat;
 * - a record ends exactly where the next one's guest time begins;
 * - exit and entry name CPUs that exist.
 *
 * With TOLERANCE cycles are counted too, and a stage's length in cycles is that
 * in ticks, give or take TOLERANCE: for emulated hosts, which count at the rate
 * of the clock. With PID 0 it only attaches and detaches, and says how often
 * that failed. Prints key=value words; exits 1 if a rule was broken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "collector/drain.h"
#include "collector/pauses.h"
#include "collector/source.h"
#include "collector/stages.h"

enum { MOST_VCPUS = 16, RING_BYTES = 1 << 22, MOST_COMPLAINTS = 10 };

struct vcpu_state {
	bool seen;
	__u32 seq;
	__u64 end;
};

struct kept {
	struct ring_record record;
	struct ring_extra extra;
	bool big;
};

struct check {
	struct source *source;
	struct drain *drain;
	struct stage_plan plan;
	long tolerance; /* [cycles], -1 without cycles */
	/* Records of all rings, to be sorted by vCPU and sequence number. */
	struct kept *kept;
	size_t kept_count, kept_size;
	struct vcpu_state vcpu[MOST_VCPUS];
	unsigned long records, exits, migrated, broken, attached, refused;
	unsigned long empty; /* attachments that saw no record */
	unsigned long big, pauses, el2, cycled;
	__u64 paused_ns,
		taken_ticks; /* pauses as they came, and as they were taken out of stages */
	int last_error;
};

static int keep(void *context, unsigned int ring, const void *bytes, size_t size)
{
	struct check *check = context;
	size_t small = offsetof(struct ring_record, stamp[check->plan.stamps]);
	size_t extra = offsetof(struct ring_extra, cycles[check->plan.stamps]);
	struct kept *kept;

	if (check->kept_count == check->kept_size) {
		check->kept_size = check->kept_size ? 2 * check->kept_size : 1024;
		check->kept = reallocarray(check->kept, check->kept_size, sizeof(*check->kept));
		if (!check->kept)
			abort();
	}
	kept = &check->kept[check->kept_count++];
	memset(kept, 0, sizeof(*kept));
	memcpy(&kept->record, bytes, small);
	kept->big = size >= small + extra;
	if (kept->big)
		memcpy(&kept->extra, (const char *)bytes + small, extra);
	return 0;
}

static void complain(struct check *check, const struct ring_record *record, const char *what,
		     __u64 value)
{
	if (check->broken++ < MOST_COMPLAINTS)
		printf("broken: vcpu %u seq %u kind %u flags 0x%x: %s (%llu)\n", record->vcpu,
		       record->fixed.seq, record->fixed.kind, record->fixed.flags, what,
		       (unsigned long long)value);
}

static void check_stamps(struct check *check, const struct ring_record *record,
			 const struct stages *stages, __u64 last)
{
	if (last > record->fixed.emit)
		complain(check, record, "a stamp lies after the hand-over", last);
	for_each_stage(i, &stages->missing)
		complain(check, record, "a stage is missing", i);
	if (record->fixed.cpu_exit >= check->source->ring_count ||
	    record->fixed.cpu_entry >= check->source->ring_count)
		complain(check, record, "a CPU that does not exist", record->fixed.cpu_entry);
}

static void check_sum(struct check *check, const struct ring_record *record,
		      const struct stages *stages, __u64 own)
{
	__u64 sum = 0;

	for_each_stage(i, &stages->touched)
		sum += stages->length[i];
	if (sum != own)
		complain(check, record, "stages do not sum to the record's own time", sum);
}

static void check_el2(struct check *check, const struct kept *kept)
{
	const struct exit_fixed *fixed = &kept->record.fixed;
	__u64 ticks = 0, count = 0;

	for (unsigned int i = 0; i < kept->extra.el2_causes && i < EL2_CAUSES_MOST; i++) {
		ticks += kept->extra.el2[i].ticks;
		count += kept->extra.el2[i].count;
	}
	check->el2 += count;
	if (count != fixed->el2_count)
		complain(check, &kept->record, "el2 causes do not sum to el2_count", count);
	if (ticks != fixed->el2_time)
		complain(check, &kept->record, "el2 causes do not sum to el2_time", ticks);
}

static void check_cycles(struct check *check, const struct ring_record *record,
			 const struct stages *stages)
{
	for_each_stage(i, &stages->cycled) {
		check->cycled++;
		if (labs((long)stages->cycles[i] - (long)stages->length[i]) > check->tolerance)
			complain(check, record, check->source->facts.stage_names[i],
				 stages->cycles[i]);
	}
}

static void count_pauses(struct check *check, const struct ring_extra *extra)
{
	for (unsigned int kind = 0; kind < PAUSE_KINDS; kind++)
		for (unsigned int i = 0; i < extra->pauses[kind]; i++) {
			unsigned int at = (extra->pause_first[kind] + i) % PAUSES_MOST;

			check->pauses++;
			check->paused_ns += extra->pause[kind][at].length_ns;
		}
}

/* The first touched stage whose stamp is before its predecessor's. */
static __u64 find_backwards(const struct check *check, const struct ring_record *record)
{
	__u64 before = record->fixed.begin;

	for (unsigned int i = 0; i < check->plan.stamps; i++) {
		if (record->stamp[i] < record->fixed.begin)
			continue;
		if (record->stamp[i] < before)
			return i;
		before = record->stamp[i];
	}
	return EXIT_STAGES_MAX;
}

/* Checks one record by itself; returns its end. */
static __u64 check_alone(struct check *check, const struct kept *kept)
{
	const struct ring_record *record = &kept->record;
	__u64 last = record->fixed.begin;
	struct stages stages;

	if (stages_measure(record, &check->plan, &stages) < 0) {
		complain(check, record, "a stamp runs backwards", find_backwards(check, record));
		return last;
	}
	for_each_stage(i, &stages.touched)
		last = record->stamp[i];
	check_stamps(check, record, &stages, last);
	if (kept->big)
		stages_add_cycles(&stages, record, &kept->extra, &check->plan);
	check_cycles(check, record, &stages);
	if (kept->big)
		pauses_take_out(&kept->extra, &check->plan, &stages);
	for (unsigned int i = check->plan.stamps; i < check->plan.stages; i++)
		check->taken_ticks += stages.length[i];
	check_sum(check, record, &stages, last - record->fixed.begin);
	check_el2(check, kept);
	return last;
}

static void check_record(struct check *check, const struct kept *kept)
{
	const struct exit_fixed *fixed = &kept->record.fixed;
	struct vcpu_state *state = &check->vcpu[kept->record.vcpu % MOST_VCPUS];
	__u64 end = check_alone(check, kept);
	__u64 before = fixed->begin - fixed->guest - fixed->el2_time;

	check->records++;
	check->exits += fixed->kind == EXIT_KIND_EXIT;
	check->migrated += fixed->cpu_exit != fixed->cpu_entry;
	check->big += kept->big;
	count_pauses(check, &kept->extra);
	if (state->seen && fixed->seq != state->seq + 1)
		complain(check, &kept->record, "the sequence number has a gap or repeats",
			 state->seq);
	else if (state->seen && before != state->end)
		complain(check, &kept->record, "does not begin where the one before ended",
			 before - state->end);
	state->seen = true;
	state->seq = fixed->seq;
	state->end = end;
}

static int by_vcpu_and_seq(const void *left, const void *right)
{
	const struct ring_record *a = &((const struct kept *)left)->record;
	const struct ring_record *b = &((const struct kept *)right)->record;

	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	return (a->fixed.seq > b->fixed.seq) - (a->fixed.seq < b->fixed.seq);
}

static void check_kept(struct check *check)
{
	qsort(check->kept, check->kept_count, sizeof(*check->kept), by_vcpu_and_seq);
	memset(check->vcpu, 0, sizeof(check->vcpu));
	for (size_t i = 0; i < check->kept_count; i++)
		check_record(check, &check->kept[i]);
	check->kept_count = 0;
}

static void drain(struct check *check)
{
	bool more = true;

	while (more && drain_turn(check->drain, &more) >= 0)
		;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void attach_for(struct check *check, pid_t pid, double seconds)
{
	struct source *source = check->source;
	double end;
	int r;

	/* What was submitted behind the last look is of the attachment before. */
	drain(check);
	check->kept_count = 0;
	r = source->ops->attach(source, pid);
	end = now_s() + seconds;
	if (r < 0) {
		check->refused++;
		check->last_error = -r;
		source->ops->detach(source);
		return;
	}
	check->attached++;
	check->plan = stages_plan(&source->facts);
	while (now_s() < end) {
		usleep(5000);
		drain(check);
	}
	source->ops->detach(source);
	drain(check);
	check->empty += !check->kept_count;
	check_kept(check);
}

static int load(struct check *check)
{
	const struct source_options options = { .ring_bytes = RING_BYTES,
						.cycles = check->tolerance >= 0 };
	int r = patched_open(&options, &check->source);

	if (r < 0)
		return r;
	check->plan = stages_plan(&check->source->facts);
	return drain_create(check->source->ring_fds, check->source->ring_count, keep, check,
			    &check->drain);
}

static __u64 count_lost(const struct check *check)
{
	struct source *source = check->source;
	uint64_t lost[source->ring_count], sum;

	if (source->ops->lost(source, lost, &sum) < 0)
		return 0;
	for (unsigned int cpu = 0; cpu < source->ring_count; cpu++)
		sum += lost[cpu];
	return sum;
}

static void print(const struct check *check)
{
	struct pause_cost cost = { 0 };

	check->source->ops->pause_cost(check->source, &cost);
	printf("records=%lu exits=%lu migrated=%lu broken=%lu attached=%lu refused=%lu "
	       "empty=%lu lost=%llu "
	       "big=%lu pauses=%lu paused_us=%llu taken_us=%llu el2=%lu cycled=%lu pause_runs=%llu "
	       "pause_ns=%llu "
	       "error=%s\n",
	       check->records, check->exits, check->migrated, check->broken, check->attached,
	       check->refused, check->empty, (unsigned long long)count_lost(check), check->big,
	       check->pauses,
	       (unsigned long long)check->paused_ns / 1000,
	       (unsigned long long)(check->taken_ticks * 1000000 / check->source->facts.counter_hz),
	       check->el2, check->cycled, (unsigned long long)cost.runs,
	       (unsigned long long)cost.ns, check->refused ? strerror(check->last_error) : "none");
}

int main(int argc, char **argv)
{
	struct check check = { .tolerance = argc == 5 ? atol(argv[4]) : -1 };
	int r, toggles;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: check-records PID SECONDS TOGGLES [TOLERANCE]\n");
		return 2;
	}
	r = load(&check);
	if (r < 0) {
		fprintf(stderr, "check-records: %s\n", error_text(r));
		return 2;
	}
	toggles = atoi(argv[3]);
	for (int i = 0; i < toggles; i++)
		attach_for(&check, atoi(argv[1]), atof(argv[2]) / toggles);
	print(&check);
	drain_free(check.drain);
	check.source->ops->close(check.source);
	free(check.kept);
	return check.broken ? 1 : 0;
}
