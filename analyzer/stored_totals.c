/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/stored_totals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { SLOTS_MAX = 65536 };

static int grow(struct stored_totals *totals, size_t slots)
{
	struct stored_slot *grown = reallocarray(totals->slot, slots, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	memset(grown + totals->slots, 0, (slots - totals->slots) * sizeof(*grown));
	totals->slot = grown;
	totals->slots = slots;
	return 0;
}

/* What comes in of a slot; an event `rest_vcpu` begins it anew. */
static int get(struct stored_totals *totals, uint32_t slot, bool anew,
	       struct stored_vcpu **ret_vcpu)
{
	struct stored_vcpu **next;

	if (slot >= SLOTS_MAX)
		return error_set(-EPROTO, "the trace is damaged: it has totals of vCPU slot %u",
				 slot);
	if (slot >= totals->slots && grow(totals, slot + 1) < 0)
		return -ENOMEM;
	next = &totals->slot[slot].next;
	if (anew)
		free(TAKE_PTR(*next));
	if (!*next)
		*next = calloc(1, sizeof(**next));
	*ret_vcpu = *next;
	return *ret_vcpu ? 0 : -ENOMEM;
}

static void take_vcpu(struct totals_vcpu *to, const struct total_vcpu *event)
{
#define TOTALS_VCPU(bits, name, member) to->member = event->name;
#include "probes/totals.def"
#undef TOTALS_VCPU
}

static void take_stage(struct totals_vcpu *to, const struct total_stage *event)
{
	if (event->stage >= EXIT_STAGES_MAX)
		return;
	to->stage[event->stage] = event->ticks;
	to->skipped[event->stage] = event->skipped;
}

/* They come in any order; those beyond the table are the others. */
static void take_pattern(struct totals_vcpu *to, const struct total_pattern *event)
{
	size_t i = 0;

	while (i < TOTALS_PATTERNS && to->pattern[i].count)
		i++;
	to->pattern[i].count += event->count;
	to->pattern[i].expected[0] = event->low;
	to->pattern[i].expected[1] = event->high;
}

static void take_reason(struct totals_vcpu *to, const struct total_reason *event)
{
	size_t i = event->flags & TOTALS_FLAG_OTHERS ? TOTALS_REASONS : 0;
	struct totals_reason *row;

	while (i < TOTALS_REASONS && to->reason[i].count)
		i++;
	row = &to->reason[i];
	row->count += event->count;
	row->ticks += event->ticks;
	row->min = event->min;
	row->max = event->max;
	row->esr = event->esr;
	row->number = event->number;
	row->flags = event->flags;
	row->kind = event->kind;
	row->code = event->code;
	row->histogram = TOTALS_HISTOGRAMS; /* not stored */
}

/* The collector writes no more than there is room for. */
static void take_pauser(struct stored_vcpu *to, const struct total_pauser *event)
{
	if (to->pausers < ARRAY_SIZE(to->pauser))
		to->pauser[to->pausers++] = *event;
}

static uint32_t slot_of(const struct trace_item *item)
{
	switch (item->kind) {
	case TRACE_TOTAL_VCPU:
		return item->total_vcpu.slot;
	case TRACE_TOTAL_STAGE:
		return item->total_stage.slot;
	case TRACE_TOTAL_PATTERN:
		return item->total_pattern.slot;
	case TRACE_TOTAL_PAUSER:
		return item->total_pauser.slot;
	default:
		return item->total_reason.slot;
	}
}

static void take(struct stored_vcpu *to, const struct trace_item *item)
{
	switch (item->kind) {
	case TRACE_TOTAL_VCPU:
		to->known = true;
		take_vcpu(&to->totals, &item->total_vcpu);
		break;
	case TRACE_TOTAL_STAGE:
		take_stage(&to->totals, &item->total_stage);
		break;
	case TRACE_TOTAL_PATTERN:
		take_pattern(&to->totals, &item->total_pattern);
		break;
	case TRACE_TOTAL_PAUSER:
		take_pauser(to, &item->total_pauser);
		break;
	default:
		take_reason(&to->totals, &item->total_reason);
	}
}

int stored_totals_add(struct stored_totals *totals, const struct trace_item *item)
{
	struct stored_vcpu *to = NULL;
	int r = get(totals, slot_of(item), item->kind == TRACE_TOTAL_VCPU, &to);

	if (r >= 0)
		take(to, item);
	return r;
}

void stored_totals_commit(struct stored_totals *totals)
{
	for (size_t i = 0; i < totals->slots; i++) {
		struct stored_slot *slot = &totals->slot[i];

		if (!slot->next)
			continue;
		free(slot->last);
		slot->last = TAKE_PTR(slot->next);
	}
}

void stored_totals_release(struct stored_totals *totals)
{
	for (size_t i = 0; i < totals->slots; i++) {
		free(totals->slot[i].last);
		free(totals->slot[i].next);
	}
	free(totals->slot);
	*totals = (struct stored_totals){ 0 };
}
