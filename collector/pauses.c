/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/pauses.h"

#include <stddef.h>

const char *const pause_stage_names[PAUSE_KINDS] = {
	[PAUSE_PREEMPTED] = "host_preempted",
	[PAUSE_IRQ] = "host_irq__taken",
};

static void take_out(const struct ring_pause *pause, unsigned int own,
		     const struct stage_plan *plan, struct stages *stages)
{
	uint64_t ticks = pause->ticks;

	if (pause->stage >= plan->stamps || !stage_set_has(&stages->touched, pause->stage))
		return;
	if (ticks > stages->length[pause->stage])
		ticks = stages->length[pause->stage];
	if (!ticks)
		return;
	stages->length[pause->stage] -= ticks;
	stages->length[own] += ticks;
	stage_set_add(&stages->touched, own);
}

const struct ring_pause *pauses_get(const struct ring_extra *extra, enum pause_kind kind,
				    unsigned int i)
{
	if (i >= extra->pauses[kind] || i >= PAUSES_MOST)
		return NULL;
	return &extra->pause[kind][(extra->pause_first[kind] + i) % PAUSES_MOST];
}

void pauses_take_out(const struct ring_extra *extra, const struct stage_plan *plan,
		     struct stages *stages)
{
	const struct ring_pause *pause;

	if (plan->stages == plan->stamps)
		return;
	for (enum pause_kind kind = 0; kind < PAUSE_KINDS; kind++)
		for (unsigned int i = 0; (pause = pauses_get(extra, kind, i)); i++)
			take_out(pause, plan->stamps + kind, plan, stages);
}
