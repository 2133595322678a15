/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/event_class.h"

#include "collector/stages.h"

void event_classes_init(struct event_classes *classes, unsigned int stage_count)
{
	*classes = (struct event_classes){ .all = stages_all(stage_count) };
	for (unsigned int kind = 0; kind < EXIT_KINDS; kind++)
		classes->pattern[EVENT_PATTERNS + kind] =
			(struct event_pattern){ .stages = classes->all, .kind = kind };
}

static bool matches(const struct event_pattern *pattern, enum exit_kind kind, uint64_t stages)
{
	return pattern->kind == kind && pattern->stages == stages;
}

static unsigned int find_pattern(struct event_classes *classes, enum exit_kind kind,
				 uint64_t stages)
{
	unsigned int i = classes->newest_hit;

	if (i < classes->count && matches(&classes->pattern[i], kind, stages))
		return i;
	for (i = 0; i < classes->count; i++)
		if (matches(&classes->pattern[i], kind, stages))
			return i;
	if (classes->count == EVENT_PATTERNS)
		return EVENT_PATTERNS + kind;
	classes->pattern[i] = (struct event_pattern){ .stages = stages, .kind = kind };
	return classes->count++;
}

bool event_classes_find(struct event_classes *classes, enum exit_kind kind, uint64_t stages,
			bool wide, struct event_class *ret_class)
{
	unsigned int i = find_pattern(classes, kind, stages);
	struct event_pattern *pattern = &classes->pattern[i];
	bool new = !pattern->declared[wide];

	classes->newest_hit = i;
	pattern->declared[wide] = true;
	*ret_class = (struct event_class){
		.id = 2 * i + wide, .kind = kind, .stages = pattern->stages, .wide = wide
	};
	return new;
}
