/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/drill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the slowest exits ------------------------------------------------------------ */

static void keep_slow(struct slow_list *list, const struct slow_exit *exit)
{
	unsigned int place = list->count;

	if (place == list->size && exit->awake <= list->exit[place - 1].awake)
		return;
	if (place < list->size)
		list->count++;
	else
		place--;
	for (; place && list->exit[place - 1].awake < exit->awake; place--)
		list->exit[place] = list->exit[place - 1];
	list->exit[place] = *exit;
}

/* --- reasons ---------------------------------------------------------------------- */

const struct drill_reason *drill_find(const struct drill *drill, const struct exit_reason *reason)
{
	return reason_table_find(&drill->reasons, reason);
}

static struct drill_reason *get_reason(struct drill *drill, const struct exit_reason *reason)
{
	struct drill_reason *row = reason_table_get(&drill->reasons, reason, sizeof(*row));

	if (row && !row->slow.exit)
		row->slow = (struct slow_list){ .size = DRILL_SLOWEST, .exit = row->slowest };
	return row;
}

/* vCPUs beyond the table's room are left out. */
static int add_vcpu(struct drill_reason *row, uint32_t slot, uint64_t ticks)
{
	struct drill_vcpu *grown;
	unsigned int i = 0;

	while (i < row->vcpus && row->vcpu[i].slot != slot)
		i++;
	if (i == DRILL_VCPUS)
		return 0;
	if (i == row->vcpus) {
		grown = reallocarray(row->vcpu, i + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		row->vcpu = grown;
		row->vcpu[row->vcpus++] = (struct drill_vcpu){ .slot = slot };
	}
	row->vcpu[i].part.count++;
	row->vcpu[i].part.ticks += ticks;
	return 0;
}

/* --- lanes ------------------------------------------------------------------------ */

static int get_lane(struct lanes *lanes, uint32_t slot, struct lane **ret_lane)
{
	unsigned int i = 0;

	while (i < lanes->count && lanes->lane[i]->slot != slot)
		i++;
	*ret_lane = NULL;
	if (i == DRILL_VCPUS)
		return 0;
	if (i == lanes->count) {
		lanes->lane[i] = calloc(1, sizeof(**lanes->lane));
		if (!lanes->lane[i])
			return -ENOMEM;
		lanes->lane[i]->slot = slot;
		lanes->count++;
	}
	*ret_lane = lanes->lane[i];
	return 0;
}

static void add_bin(struct lane_bin *to, const struct lane_bin *from)
{
	for (int i = 0; i < GROUPS; i++)
		to->group[i] += from->group[i];
	to->exits += from->exits;
}

static void widen(struct lanes *lanes)
{
	for (unsigned int i = 0; i < lanes->count; i++) {
		struct lane_bin *bin = lanes->lane[i]->bin;

		for (unsigned int j = 0; j < LANE_BINS / 2; j++) {
			struct lane_bin sum = bin[2 * j];

			add_bin(&sum, &bin[2 * j + 1]);
			bin[j] = sum;
		}
		memset(bin + LANE_BINS / 2, 0, LANE_BINS / 2 * sizeof(*bin));
	}
	lanes->width *= 2;
}

/* Bins follow the time: the axis begins where the first record did. */
static void reach(struct lanes *lanes, uint64_t from, uint64_t to)
{
	if (lanes->fixed)
		return;
	if (!lanes->begun) {
		lanes->begun = true;
		lanes->base = from;
		lanes->width = 1;
	}
	while (to > lanes->base && (to - lanes->base) / LANE_BINS >= lanes->width)
		widen(lanes);
}

static void add_time(const struct lanes *lanes, struct lane *lane, enum account_group group,
		     uint64_t from, uint64_t to)
{
	uint64_t end = lanes->base + lanes->width * LANE_BINS;

	from = from < lanes->base ? lanes->base : from;
	to = to > end ? end : to;
	while (from < to) {
		uint64_t bin = (from - lanes->base) / lanes->width;
		uint64_t next = lanes->base + (bin + 1) * lanes->width;

		next = next > to ? to : next;
		lane->bin[bin].group[group] += next - from;
		from = next;
	}
}

enum account_group drill_group(const struct account_table *accounts,
			       const struct trace_record *record, int stage)
{
	bool mmio = record->fixed.flags & (EXIT_FLAG_MMIO_KERNEL | EXIT_FLAG_MMIO_USER);

	if (stage == accounts->stage_handler && mmio)
		return GROUP_IO_EMULATION;
	return accounts->account[accounts->of_stage[stage]].group;
}

/* Stages follow each other in the order of their numbers; what has no place comes last. */
static void add_stages(const struct lanes *lanes, struct lane *lane,
		       const struct account_table *accounts, const struct trace_record *record)
{
	uint64_t at = record->fixed.begin, blocked = record->fixed.blocked;

	for_each_stage(stage, &record->touched) {
		uint64_t length = record->length[stage];

		if (stage == accounts->stage_handler && blocked && blocked <= length) {
			add_time(lanes, lane, GROUP_HOST, at, at + blocked);
			at += blocked;
			length -= blocked;
		}
		add_time(lanes, lane, drill_group(accounts, record, stage), at, at + length);
		at += length;
	}
}

static uint64_t own_time(const struct trace_record *record)
{
	uint64_t own = 0;

	for_each_stage(stage, &record->touched)
		own += record->length[stage];
	return own;
}

static int add_record(struct lanes *lanes, const struct account_table *accounts,
		      const struct trace_record *record)
{
	const struct exit_fixed *fixed = &record->fixed;
	uint64_t before = booking_before(fixed), el2 = before ? fixed->el2_time : 0;
	uint64_t from = before > fixed->begin ? fixed->begin : fixed->begin - before;
	uint64_t end = fixed->begin + own_time(record);
	struct lane *lane;
	int r;

	if (lanes->fixed && (end <= lanes->base || from >= lanes->base + lanes->width * LANE_BINS))
		return 0;
	r = get_lane(lanes, record->slot, &lane);
	if (r < 0 || !lane)
		return r;
	reach(lanes, from, end);
	add_time(lanes, lane, GROUP_GUEST, from, fixed->begin - el2);
	add_time(lanes, lane, GROUP_TRAP_HANDLING, fixed->begin - el2, fixed->begin);
	add_stages(lanes, lane, accounts, record);
	if (fixed->kind == EXIT_KIND_EXIT && fixed->begin >= lanes->base &&
	    fixed->begin < lanes->base + lanes->width * LANE_BINS)
		lane->bin[(fixed->begin - lanes->base) / lanes->width].exits++;
	return 0;
}

bool lanes_extent(const struct lanes *lanes, uint64_t *ret_from, uint64_t *ret_to)
{
	unsigned int last = 0;

	for (unsigned int i = 0; i < lanes->count; i++)
		for (unsigned int j = last; j < LANE_BINS; j++)
			for (int group = 0; group < GROUPS; group++)
				if (lanes->lane[i]->bin[j].group[group])
					last = j;
	*ret_from = lanes->base;
	*ret_to = lanes->base + (last + 1) * lanes->width;
	return lanes->count;
}

struct lane_bin lane_sum(const struct lanes *lanes, const struct lane *lane, uint64_t from,
			 uint64_t to)
{
	struct lane_bin sum = { 0 };
	uint64_t first, end;

	if (to <= lanes->base || !lanes->width)
		return sum;
	first = from <= lanes->base ? 0 : (from - lanes->base) / lanes->width;
	end = (to - lanes->base + lanes->width - 1) / lanes->width;
	for (; first < end && first < LANE_BINS; first++)
		add_bin(&sum, &lane->bin[first]);
	return sum;
}

static void lanes_release(struct lanes *lanes)
{
	for (unsigned int i = 0; i < lanes->count; i++)
		free(lanes->lane[i]);
	*lanes = (struct lanes){ 0 };
}

/* --- the whole -------------------------------------------------------------------- */

int drill_create(const struct reader_facts *facts, const struct account_table *accounts,
		 struct drill **ret_drill)
{
	struct drill *drill = calloc(1, sizeof(*drill));

	if (!drill)
		return -ENOMEM;
	drill->facts = facts;
	drill->accounts = accounts;
	drill->slow.size = DRILL_SLOW;
	drill->slow.exit = calloc(DRILL_SLOW, sizeof(*drill->slow.exit));
	if (!drill->slow.exit) {
		free(drill);
		return -ENOMEM;
	}
	*ret_drill = drill;
	return 0;
}

int drill_add(struct drill *drill, const struct trace_record *record, const struct booking *booking,
	      const struct exit_reason *reason)
{
	const struct exit_fixed *fixed = &record->fixed;
	uint8_t blocked = drill->accounts->blocked;
	uint64_t slept = booking->touched[blocked] ? booking->length[blocked] : 0;
	struct slow_exit exit = { .slot = record->slot,
				  .seq = fixed->seq,
				  .begin = fixed->begin,
				  .own = booking->own,
				  .awake = booking->own - (slept < booking->own ? slept : 0),
				  .reason = *reason };
	struct drill_reason *row = get_reason(drill, reason);
	int r;

	if (!row)
		return -ENOMEM;
	for (size_t i = 0; i < drill->accounts->count; i++)
		if (booking->touched[i]) {
			row->account[i].count++;
			row->account[i].ticks += booking->length[i];
		}
	r = add_vcpu(row, record->slot, booking->own);
	if (r < 0)
		return r;
	keep_slow(&row->slow, &exit);
	keep_slow(&drill->slow, &exit);
	return add_record(&drill->lanes, drill->accounts, record);
}

/* An exit that was found once need not be looked for again. */
static void want(struct drill *drill, const struct slow_exit *exit)
{
	if (!exit) {
		drill->wanted = drill->found = false;
		return;
	}
	if (!drill->wanted || drill->wanted_slot != exit->slot || drill->wanted_seq != exit->seq)
		drill->found = false;
	drill->wanted = true;
	drill->wanted_slot = exit->slot;
	drill->wanted_seq = exit->seq;
}

void drill_focus(struct drill *drill, uint64_t from, uint64_t to, const struct slow_exit *exit)
{
	lanes_release(&drill->close);
	drill->close.fixed = drill->close.begun = true;
	drill->close.base = from;
	drill->close.width = to > from ? (to - from + LANE_BINS - 1) / LANE_BINS : 1;
	want(drill, exit);
}

int drill_look(struct drill *drill, const struct trace_record *record)
{
	if (drill->wanted && record->slot == drill->wanted_slot &&
	    record->fixed.seq == drill->wanted_seq) {
		drill->exit = *record;
		drill->found = true;
	}
	return add_record(&drill->close, drill->accounts, record);
}

void drill_destroy(struct drill *drill)
{
	for (size_t i = 0; i < drill->reasons.count; i++) {
		struct drill_reason *row = drill->reasons.row[i];

		free(row->vcpu);
	}
	reason_table_release(&drill->reasons);
	free(drill->slow.exit);
	lanes_release(&drill->lanes);
	lanes_release(&drill->close);
	free(drill);
}
