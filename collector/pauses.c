/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/pauses.h"

#define NS_PER_S UINT64_C(1000000000)

/* From here on, two records tell the counter's rate better than its nominal one. */
#define BASELINE_NS UINT64_C(1000000)

const char *const pause_stage_names[PAUSE_KINDS] = {
	[PAUSE_PREEMPTED] = "host_preempted",
	[PAUSE_IRQ] = "host_irq__taken",
};

/* Ticks of the counter and CLOCK_MONOTONIC at one moment, and their rates. */
struct time_map {
	uint64_t emit, timestamp;
	uint64_t ticks, ns; /* so many ticks in so many ns */
};

static struct time_map map_time(const struct pause_memory *memory, const struct ring_record *record,
				uint64_t counter_hz)
{
	struct time_map map = { record->fixed.emit, record->timestamp, counter_hz, NS_PER_S };

	if (!memory->timestamp || map.timestamp < memory->timestamp + BASELINE_NS ||
	    map.emit <= memory->emit)
		return map;
	map.ticks = map.emit - memory->emit;
	map.ns = map.timestamp - memory->timestamp;
	return map;
}

/* The counter at a time before or after the map's moment. */
static uint64_t ticks_at(const struct time_map *map, uint64_t ns)
{
	if (ns >= map->timestamp)
		return map->emit +
		       (uint64_t)((unsigned __int128)(ns - map->timestamp) * map->ticks / map->ns);
	return map->emit -
	       (uint64_t)((unsigned __int128)(map->timestamp - ns) * map->ticks / map->ns);
}

/* How much may be taken out of a stage: `blocked` is taken out of the handler later. */
static uint64_t available(const struct stages *stages, const struct ring_record *record,
			  const struct stage_plan *plan, int stage)
{
	uint64_t blocked = stage == plan->handler ? record->fixed.blocked : 0;

	return stages->length[stage] > blocked ? stages->length[stage] - blocked : 0;
}

static void take_out(struct stages *stages, const struct ring_record *record,
		     const struct stage_plan *plan, int stage, enum pause_kind kind, uint64_t ticks)
{
	uint64_t most = available(stages, record, plan, stage);
	unsigned int own = plan->stamps + kind;

	if (ticks > most)
		ticks = most;
	if (!ticks)
		return;
	stages->length[stage] -= ticks;
	stages->length[own] += ticks;
	stages->wide |= stages->length[own] > UINT32_MAX;
	stage_set_add(&stages->touched, own);
}

/* How far a pause is from lying between two stamps. */
static uint64_t distance(uint64_t begin, uint64_t end, uint64_t first, uint64_t last)
{
	if (begin < first)
		return first - begin;
	return end > last ? end - last : 0;
}

/*
 * The thread itself writes the stamps, so that a pause lies within one stage.
 * But `emit` and `timestamp` are read one after the other, and where an
 * interrupt or a hypervisor came between, all pauses seem early: the nearest
 * stage that is long enough is the right one. Is none (a pause to which others
 * were added), it is the first to end after the pause's begin.
 */
static int find_stage(const struct ring_record *record, const struct stage_plan *plan,
		      const struct stages *stages, uint64_t begin, uint64_t end)
{
	uint64_t before = record->fixed.begin, nearest = UINT64_MAX;
	int found = -1, at = -1;

	for_each_stage(i, &stages->touched) {
		uint64_t stamp = record->stamp[i], away = distance(begin, end, before, stamp);

		if (i >= (int)plan->stamps)
			break;
		if (at < 0 && begin < stamp)
			at = i;
		if (stages->length[i] >= end - begin && away < nearest) {
			nearest = away;
			found = i;
		}
		before = stamp;
	}
	return found < 0 ? at : found;
}

static uint64_t record_end(const struct ring_record *record, const struct stage_plan *plan,
			   const struct stages *stages)
{
	uint64_t end = record->fixed.begin;

	for_each_stage(i, &stages->touched) {
		if (i < (int)plan->stamps)
			end = record->stamp[i];
	}
	return end;
}

/* Returns false where the pause began after the record's end. */
static bool place(const struct time_map *map, const struct ring_record *record,
		  const struct stage_plan *plan, const struct ring_pause *pause,
		  enum pause_kind kind, struct stages *stages)
{
	uint64_t begin = ticks_at(map, pause->begin_ns);
	uint64_t end = ticks_at(map, pause->begin_ns + pause->length_ns);

	if (begin >= record_end(record, plan, stages))
		return false;
	if (end > record->fixed.begin) /* else a lost record's */
		take_out(stages, record, plan, find_stage(record, plan, stages, begin, end), kind,
			 end - begin);
	return true;
}

static void remember(struct pause_memory *memory, const struct ring_pause *pause,
		     enum pause_kind kind)
{
	if (memory->count == PAUSE_KINDS * PAUSES_MOST)
		return;
	memory->waiting[memory->count] = *pause;
	memory->kind[memory->count++] = kind;
}

static void place_waiting(struct pause_memory *memory, const struct time_map *map,
			  const struct ring_record *record, const struct stage_plan *plan,
			  struct stages *stages)
{
	unsigned int count = memory->count;

	memory->count = 0;
	for (unsigned int i = 0; i < count; i++)
		if (!place(map, record, plan, &memory->waiting[i], memory->kind[i], stages))
			remember(memory, &memory->waiting[i], memory->kind[i]);
}

static void place_new(struct pause_memory *memory, const struct time_map *map,
		      const struct ring_record *record, const struct ring_extra *extra,
		      const struct stage_plan *plan, struct stages *stages)
{
	for (enum pause_kind kind = 0; kind < PAUSE_KINDS; kind++)
		for (unsigned int i = 0; i < extra->pauses[kind] && i < PAUSES_MOST; i++) {
			unsigned int at = (extra->pause_first[kind] + i) % PAUSES_MOST;
			const struct ring_pause *pause = &extra->pause[kind][at];

			if (!place(map, record, plan, pause, kind, stages))
				remember(memory, pause, kind);
		}
}

void pauses_place(struct pause_memory *memory, const struct ring_record *record,
		  const struct ring_extra *extra, const struct stage_plan *plan,
		  uint64_t counter_hz, struct stages *stages)
{
	struct time_map map = map_time(memory, record, counter_hz);

	if (plan->stages == plan->stamps)
		return;
	place_waiting(memory, &map, record, plan, stages);
	if (extra)
		place_new(memory, &map, record, extra, plan, stages);
	memory->emit = record->fixed.emit;
	memory->timestamp = record->timestamp;
}
