/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/event_class.h"

void event_classes_init(struct event_classes *classes, const struct stage_fields *all)
{
	*classes = (struct event_classes){ 0 };
	for (unsigned int kind = 0; kind < EXIT_KINDS; kind++)
		classes->pattern[EVENT_PATTERNS + kind] =
			(struct event_pattern){ .fields = *all, .kind = kind };
}

static bool matches(const struct event_pattern *pattern, enum exit_kind kind,
		    const struct stage_fields *fields)
{
	return pattern->kind == kind && stage_set_equal(&pattern->fields.stages, &fields->stages) &&
	       stage_set_equal(&pattern->fields.cycles, &fields->cycles);
}

static unsigned int find_pattern(struct event_classes *classes, enum exit_kind kind,
				 const struct stage_fields *fields)
{
	unsigned int i = classes->newest_hit;

	if (i < classes->count && matches(&classes->pattern[i], kind, fields))
		return i;
	for (i = 0; i < classes->count; i++)
		if (matches(&classes->pattern[i], kind, fields))
			return i;
	if (classes->count == EVENT_PATTERNS)
		return EVENT_PATTERNS + kind;
	classes->pattern[i] = (struct event_pattern){ .fields = *fields, .kind = kind };
	return classes->count++;
}

bool event_classes_find(struct event_classes *classes, enum exit_kind kind,
			const struct stage_fields *fields, bool wide, struct event_class *ret_class)
{
	unsigned int i = find_pattern(classes, kind, fields);
	struct event_pattern *pattern = &classes->pattern[i];
	bool new = !pattern->declared[wide];

	classes->newest_hit = i;
	pattern->declared[wide] = true;
	*ret_class = (struct event_class){
		.id = 2 * i + wide, .kind = kind, .fields = pattern->fields, .wide = wide
	};
	return new;
}
