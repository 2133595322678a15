/* SPDX-License-Identifier: GPL-2.0-only */
/* Sums of the totals of two vCPUs. */
#include "collector/totals.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static bool is_same_reason(const struct totals_reason *a, const struct totals_reason *b)
{
	return a->esr == b->esr && a->number == b->number && a->flags == b->flags &&
	       a->kind == b->kind && a->code == b->code;
}

static struct totals_reason *find_reason(struct totals_vcpu *to, const struct totals_reason *row)
{
	struct totals_reason *free = &to->reason[TOTALS_REASONS];

	for (size_t i = TOTALS_REASONS; i--;) {
		if (!to->reason[i].count)
			free = &to->reason[i];
		else if (is_same_reason(&to->reason[i], row))
			return &to->reason[i];
	}
	return free;
}

static void add_lengths(struct totals_vcpu *to, const struct totals_reason *to_row,
			const struct totals_vcpu *from, const struct totals_reason *row)
{
	if (row->histogram >= TOTALS_HISTOGRAMS || to_row->histogram >= TOTALS_HISTOGRAMS)
		return;
	for (size_t i = 0; i < TOTALS_BUCKETS; i++)
		to->histogram[to_row->histogram][i] += from->histogram[row->histogram][i];
}

static void add_reason(struct totals_vcpu *to, const struct totals_vcpu *from,
		       const struct totals_reason *row, struct totals_reason *to_row)
{
	uint64_t count = to_row->count, ticks = to_row->ticks, min = to_row->min;

	if (!count && to_row != &to->reason[TOTALS_REASONS]) {
		*to_row = *row;
		if (to->histograms < TOTALS_HISTOGRAMS)
			memset(to->histogram[to->histograms], 0, sizeof(to->histogram[0]));
		to_row->histogram =
			to->histograms < TOTALS_HISTOGRAMS ? to->histograms++ : TOTALS_HISTOGRAMS;
	}
	to_row->count = count + row->count;
	to_row->ticks = ticks + row->ticks;
	to_row->min = count && min < row->min ? min : row->min;
	to_row->max = to_row->max > row->max ? to_row->max : row->max;
	add_lengths(to, to_row, from, row);
}

static void add_reasons(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	for (size_t i = 0; i < TOTALS_REASONS; i++)
		if (from->reason[i].count)
			add_reason(to, from, &from->reason[i], find_reason(to, &from->reason[i]));
	to->reason[TOTALS_REASONS].count += from->reason[TOTALS_REASONS].count;
	to->reason[TOTALS_REASONS].ticks += from->reason[TOTALS_REASONS].ticks;
	to->reason[TOTALS_REASONS].histogram = TOTALS_HISTOGRAMS;
}

static struct totals_pattern *find_pattern(struct totals_vcpu *to, const struct totals_pattern *row)
{
	struct totals_pattern *free = &to->pattern[TOTALS_PATTERNS];

	for (size_t i = TOTALS_PATTERNS; i--;) {
		if (!to->pattern[i].count)
			free = &to->pattern[i];
		else if (!memcmp(to->pattern[i].expected, row->expected, sizeof(row->expected)))
			return &to->pattern[i];
	}
	return free;
}

static void add_patterns(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	for (size_t i = 0; i <= TOTALS_PATTERNS; i++) {
		const struct totals_pattern *row = &from->pattern[i];
		struct totals_pattern *to_row = &to->pattern[TOTALS_PATTERNS];

		if (!row->count)
			continue;
		if (i < TOTALS_PATTERNS)
			to_row = find_pattern(to, row);
		to_row->count += row->count;
		memcpy(to_row->expected, row->expected, sizeof(row->expected));
	}
}

static bool is_same_pauser(const struct totals_pauser *a, const struct totals_pauser *b)
{
	return a->by == b->by && !memcmp(a->cause, b->cause, sizeof(a->cause));
}

/* Of this kind, those that share the last row. */
static struct totals_pauser *other_pausers(struct totals_vcpu *to, const struct totals_pauser *row)
{
	bool tasks = row->by == PAUSE_BY_TASK || row->by == PAUSE_BY_TASKS;
	struct totals_pauser *others =
		&to->pauser[TOTALS_PAUSERS + (tasks ? PAUSE_PREEMPTED : PAUSE_IRQ)];

	others->by = tasks ? PAUSE_BY_TASKS : PAUSE_BY_IRQS;
	return others;
}

static struct totals_pauser *find_pauser(struct totals_vcpu *to, const struct totals_pauser *row)
{
	struct totals_pauser *free = NULL;

	if (row->by == PAUSE_BY_TASKS || row->by == PAUSE_BY_IRQS)
		return other_pausers(to, row);
	for (size_t i = TOTALS_PAUSERS; i--;) {
		if (!to->pauser[i].count)
			free = &to->pauser[i];
		else if (is_same_pauser(&to->pauser[i], row))
			return &to->pauser[i];
	}
	if (!free)
		return other_pausers(to, row);
	*free = *row;
	free->count = free->ticks = 0;
	return free;
}

static void add_pausers(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	for (size_t i = 0; i < ARRAY_SIZE(from->pauser); i++) {
		const struct totals_pauser *row = &from->pauser[i];
		struct totals_pauser *to_row = row->count ? find_pauser(to, row) : NULL;

		if (!to_row)
			continue;
		to_row->count += row->count;
		to_row->ticks += row->ticks;
	}
}

static void add_stages(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	for (size_t i = 0; i < EXIT_STAGES_MAX; i++) {
		to->stage[i] += from->stage[i];
		to->skipped[i] += from->skipped[i];
	}
	for (size_t i = 0; i < TOTALS_PARTS; i++) {
		to->part[i].count += from->part[i].count;
		to->part[i].ticks += from->part[i].ticks;
	}
}

static void add_group(struct totals_group *to, const struct totals_group *from)
{
	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->ticks += from->ticks;
	for (size_t i = 0; i < TOTALS_BUCKETS; i++)
		to->histogram[i] += from->histogram[i];
}

static void add_groups(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	if (!from->grouped)
		return;
	if (!to->grouped)
		memset(to->group, 0, sizeof(to->group));
	to->grouped = 1;
	for (size_t i = 0; i < GROUPS; i++)
		add_group(&to->group[i], &from->group[i]);
}

void totals_add(struct totals_vcpu *to, const struct totals_vcpu *from)
{
	to->vm = 0;
	to->pid = to->tid = to->index = 0;
	snprintf(to->command, sizeof(to->command), "(finished)");
	to->end += from->end - from->begin;
	for (size_t i = 0; i <= EXIT_KINDS; i++)
		to->kinds[i] += from->kinds[i];
	to->off += from->off;
	to->missing += from->missing;
	to->el2_count += from->el2_count;
	to->never_entered += from->never_entered;
	to->through_user += from->through_user;
	to->incomplete += from->incomplete;
	to->impossible += from->impossible;
	add_stages(to, from);
	add_patterns(to, from);
	add_reasons(to, from);
	add_pausers(to, from);
	add_groups(to, from);
}

int totals_sum_before(const struct totals *now, const struct totals *before,
		      const struct totals_vcpu *sum, struct totals_vcpu **ret_then)
{
	struct totals_vcpu *then = calloc(1, sizeof(*then));

	if (!then)
		return -ENOMEM;
	then->begin = then->end = sum->begin;
	for (unsigned int i = 0; i < before->count; i++) {
		const struct totals_vcpu *vcpu = &before->vcpu[i];

		if (totals_is_sum(vcpu) || !totals_find(now, vcpu))
			totals_add(then, vcpu);
	}
	*ret_then = then;
	return 0;
}
