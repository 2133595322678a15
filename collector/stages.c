/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/stages.h"

#include <errno.h>
#include <string.h>

#include "probes/stage_group.h"

#define CYCLES_LONGEST (UINT64_C(1) << 31)
#define HANDLER_STAGE "th_handler"
#define NOT_ENTERED_STAGE "id_sync__not_entered"

unsigned int stages_find(const struct source_facts *facts, const char *name)
{
	for (unsigned int i = 0; i < facts->stamp_count; i++)
		if (!strcmp(facts->stage_names[i], name))
			return i;
	return EXIT_STAGES_MAX;
}

static int find_or_none(const struct source_facts *facts, const char *name)
{
	unsigned int stage = stages_find(facts, name);

	return stage < EXIT_STAGES_MAX ? (int)stage : -1;
}

void stages_groups(const struct source_facts *facts, __u8 ret_group[EXIT_STAGES_MAX])
{
	for (unsigned int i = 0; i < EXIT_STAGES_MAX; i++) {
		enum account_group group = GROUP_HOST;

		if (i < facts->stage_count)
			stage_group_word(facts->stage_names[i], &group);
		ret_group[i] = (__u8)group;
	}
}

struct stage_plan stages_plan(const struct source_facts *facts)
{
	return (struct stage_plan){
		.stamps = facts->stamp_count,
		.stages = facts->stage_count,
		.handler = find_or_none(facts, HANDLER_STAGE),
		.not_entered = find_or_none(facts, NOT_ENTERED_STAGE),
		.cycles = facts->cycles && facts->cycles_exit < facts->stamp_count &&
			  facts->cycles_entry < facts->stamp_count,
		.cycles_exit = facts->cycles_exit,
		.cycles_entry = facts->cycles_entry,
	};
}

/* How many of the stamps may be the record's. */
static unsigned int stamps_of(const struct ring_record *record, const struct stage_plan *plan)
{
	int last = plan->not_entered;

	if (record->fixed.flags & EXIT_FLAG_NOT_ENTERED && last >= 0 &&
	    record->stamp[last] >= record->fixed.begin)
		return (unsigned int)last + 1;
	return plan->stamps;
}

int stages_measure(const struct ring_record *record, const struct stage_plan *plan,
		   struct stages *ret_stages)
{
	struct stage_set all = stage_set_first(plan->stamps);
	struct stages found = { 0 };
	uint64_t begin = record->fixed.begin, before = begin;
	unsigned int stamps = stamps_of(record, plan), last = 0;

	for (unsigned int i = 0; i < stamps; i++) {
		uint64_t stamp = record->stamp[i];

		if (!stamp || stamp < begin)
			continue;
		if (stamp < before) {
			ret_stages->tear = (struct stage_tear){ before - stamp, i, last };
			return -EBADMSG;
		}
		found.length[i] = stamp - before;
		stage_set_add(&found.touched, i);
		before = stamp;
		last = i;
	}
	for (int i = 0; i < STAGE_SET_WORDS; i++)
		found.missing.word[i] = record->expected[i] & ~found.touched.word[i] & all.word[i];
	*ret_stages = found;
	return 0;
}

/* The touched stages from `first` to `last`, counted from `before`. */
static void add_half(struct stages *stages, const uint32_t *cycles, uint32_t before,
		     unsigned int first, unsigned int last)
{
	for (unsigned int i = first; i <= last; i++) {
		uint32_t length = cycles[i] - before;

		if (!stage_set_has(&stages->touched, i))
			continue;
		before = cycles[i];
		if (stages->length[i] > CYCLES_LONGEST || length > CYCLES_LONGEST)
			continue;
		stages->cycles[i] = length;
		stage_set_add(&stages->cycled, i);
	}
}

void stages_add_cycles(struct stages *stages, const struct ring_record *record,
		       const struct ring_extra *extra, const struct stage_plan *plan)
{
	unsigned int entry = plan->cycles_entry;

	if (!plan->cycles)
		return;
	if (record->fixed.flags & EXIT_FLAG_CYCLES_EXIT)
		add_half(stages, extra->cycles, extra->begin_cycles, 0, plan->cycles_exit);
	if (record->fixed.flags & EXIT_FLAG_CYCLES_ENTRY && stage_set_has(&stages->touched, entry))
		add_half(stages, extra->cycles, extra->cycles[entry], entry + 1, plan->stamps - 1);
}

struct stage_set stages_with_cycles(const struct stage_plan *plan)
{
	struct stage_set found = { 0 };

	for (unsigned int i = 0; plan->cycles && i < plan->stamps; i++)
		if (i <= plan->cycles_exit || i > plan->cycles_entry)
			stage_set_add(&found, i);
	return found;
}
