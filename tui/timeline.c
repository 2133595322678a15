/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/timeline.h"

#include <errno.h>

enum { WINDOW_LEAST = 16 }; /* [ticks] */

bool timeline_window(const struct model *model, uint64_t *ret_from, uint64_t *ret_to)
{
	const struct drill *drill = model->feed->drill;

	if (!drill || !lanes_extent(&drill->lanes, ret_from, ret_to))
		return false;
	if (model->timeline.set) {
		*ret_from = model->timeline.from;
		*ret_to = model->timeline.to;
	}
	return true;
}

static int look_at(struct model *model, uint64_t from, uint64_t to)
{
	struct timeline *timeline = &model->timeline;

	timeline->set = true;
	timeline->from = from;
	timeline->to = to;
	return model->feed->ops->look(model->feed, from, to,
				      timeline->has_exit ? &timeline->exit : NULL);
}

/* So many ticks from there on, moved to where there is a trace. */
static int look_within(struct model *model, uint64_t from, uint64_t span)
{
	uint64_t first, last;

	if (!lanes_extent(&model->feed->drill->lanes, &first, &last))
		return 0;
	if (span >= last - first)
		return timeline_all(model);
	if (from < first)
		from = first;
	if (from > last - span)
		from = last - span;
	return look_at(model, from, from + span);
}

int timeline_zoom(struct model *model, int direction)
{
	uint64_t from, to, span, middle;

	if (!timeline_window(model, &from, &to))
		return 0;
	span = to - from;
	middle = from + span / 2;
	span = direction > 0 ? span / 2 : span * 2;
	if (span < WINDOW_LEAST)
		return 0;
	from = middle > span / 2 ? middle - span / 2 : 0;
	return look_within(model, from, span);
}

int timeline_pan(struct model *model, int direction)
{
	uint64_t from, to, step;

	if (!timeline_window(model, &from, &to))
		return 0;
	step = (to - from) / 4;
	if (direction < 0 && from < step)
		step = from;
	return look_within(model, direction < 0 ? from - step : from + step, to - from);
}

int timeline_all(struct model *model)
{
	model->timeline.set = false;
	return 0;
}

/* In the order of time, of two that begin at once by vCPU. */
static bool is_before(const struct slow_exit *a, const struct slow_exit *b)
{
	return a->begin != b->begin ? a->begin < b->begin : a->slot < b->slot;
}

static const struct slow_exit *find_next(const struct slow_list *list, const struct slow_exit *at,
					 int direction)
{
	const struct slow_exit *found = NULL;

	for (unsigned int i = 0; i < list->count; i++) {
		const struct slow_exit *exit = &list->exit[i];
		bool beyond = !at || (direction > 0 ? is_before(at, exit) : is_before(exit, at));
		bool nearer =
			!found || (direction > 0 ? is_before(exit, found) : is_before(found, exit));

		if (beyond && nearer)
			found = exit;
	}
	return found;
}

/* The exit is shown with as much before and after it as it takes itself. */
int timeline_jump(struct model *model, int direction)
{
	struct timeline *timeline = &model->timeline;
	const struct drill *drill = model->feed->drill;
	const struct slow_exit *next;
	uint64_t span;

	if (!drill)
		return 0;
	next = find_next(&drill->slow, timeline->has_exit ? &timeline->exit : NULL, direction);
	if (!next) {
		model_say(model, direction > 0 ? "this is the last of the slow exits"
					       : "this is the first of the slow exits");
		return 0;
	}
	timeline->has_exit = true;
	timeline->exit = *next;
	span = next->own > WINDOW_LEAST ? next->own : WINDOW_LEAST;
	return look_at(model, next->begin > span ? next->begin - span : 0, next->begin + 2 * span);
}
