/* SPDX-License-Identifier: GPL-2.0-only */
#include "live/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/open_time.h"
#include "analyzer/totals.h"
#include "base/buffer.h"

static int copy_stages(const struct source_facts *source, struct reader_facts *facts)
{
	_cleanup_buffer_ struct buffer names = { 0 };
	int r = 0;

	for (unsigned int i = 0; r >= 0 && i < source->stage_count; i++)
		r = buffer_printf(&names, "%s%s", i ? " " : "", source->stage_names[i]);
	return r < 0 ? r : reader_facts_set_stages(facts, buffer_text(&names));
}

static int copy_strings(const struct trace_facts *facts, struct reader_facts *to)
{
	const struct source_facts *source = facts->source;
	const char *const hyptrace_version = facts->version, *const kernel = facts->kernel,
			  *const arch = facts->arch, *const kvm_mode = source->kvm_mode,
			  *const tier = source->tier, *const clock_name = source->counter_name,
			  *const barriers = source->synchronised ? "synchronised" : "plain",
			  *const unit = facts->unit, *const vmm_side = "";

#define COPY(name)                                                                                 \
	to->name = strdup(name);                                                                   \
	if (!to->name)                                                                             \
		return -ENOMEM;
	READER_STRINGS(COPY)
#undef COPY
	return 0;
}

int snapshot_facts(const struct trace_facts *facts, struct reader_facts *ret_facts)
{
	const struct source_facts *source = facts->source;
	struct reader_facts copy = {
		.cycle_counter = source->cycles,
		.stamp_cost_64 = source->stamp_cost_64,
		.unstamped_eret = source->unstamped_eret,
		.unstamped_irq = source->unstamped_irq,
		.unstamped_trap = source->unstamped_trap,
		.unstamped_hvc = source->unstamped_hvc,
		.clock_hz = source->counter_hz,
		.emulated = facts->emulated,
	};
	int r = copy_strings(facts, &copy);

	if (r >= 0)
		r = copy_stages(source, &copy);
	if (r < 0) {
		reader_facts_release(&copy);
		return r;
	}
	*ret_facts = copy;
	return 0;
}

static const struct identity *name_of(struct source *source, const struct totals_vcpu *totals)
{
	char command[sizeof(totals->command) + 1] = { 0 };

	memcpy(command, totals->command, sizeof(totals->command));
	return identities_get(&source->identities, totals->vm, totals->pid, command);
}

static int read_cost(struct source *source, struct totals *to)
{
	_cleanup_free_ uint64_t *lost = calloc(source->ring_count, sizeof(*lost));
	int r = lost ? source->ops->pause_cost(source, &to->pauses) : -ENOMEM;

	return r < 0 ? r : source->ops->lost(source, lost, &to->skipped);
}

int snapshot_read(struct source *source, struct totals *ret_totals)
{
	int r = source->ops->totals(source, ret_totals);

	if (r >= 0)
		r = read_cost(source, ret_totals);
	for (unsigned int i = 0; r >= 0 && i < ret_totals->count; i++)
		if (!name_of(source, &ret_totals->vcpu[i]))
			r = -ENOMEM;
	if (r >= 0)
		identities_forget(&source->identities);
	if (r >= 0)
		r = source_find_devices(source, clock_now_ns(), false);
	if (r >= 0 && source->ops->retire)
		r = source->ops->retire(source, NULL, NULL);
	return r;
}

int snapshot_watch(struct source *source)
{
	_cleanup_(totals_release) struct totals totals = { 0 };

	return snapshot_read(source, &totals);
}

static int add_name(struct source *source, struct ledger *ledger, uint32_t slot,
		    const struct totals_vcpu *totals)
{
	const struct identity *identity = name_of(source, totals);
	struct trace_item item = { .kind = TRACE_VCPU };

	if (!identity)
		return -ENOMEM;
	item.vcpu = (struct trace_vcpu){ .slot = slot,
					 .pid = totals->pid,
					 .tid = totals->tid,
					 .index = totals->index,
					 .vm = identity->name,
					 .cgroup = identity->cgroup };
	return ledger_add(ledger, &item);
}

static int add_vcpu(struct source *source, struct ledger *ledger, uint32_t slot,
		    const struct totals *now, const struct totals *before)
{
	const struct totals_vcpu *totals = &now->vcpu[slot];
	const struct totals_vcpu *known = before ? totals_find(before, totals) : NULL;
	_cleanup_free_ struct totals_vcpu *since = NULL, *sum = NULL;
	int r = add_name(source, ledger, slot, totals);

	if (r >= 0 && before && totals_is_sum(totals)) {
		r = totals_sum_before(now, before, totals, &sum);
		known = sum;
	}
	if (r < 0)
		return r;
	if (!known) {
		r = ledger_add_totals(ledger, slot, totals);
	} else {
		since = malloc(sizeof(*since));
		if (!since)
			return -ENOMEM;
		totals_copy(since, totals);
		totals_since(since, known);
		r = ledger_add_totals(ledger, slot, since);
	}
	return r;
}

static int add_open(struct ledger *ledger, uint32_t slot, const struct totals *totals,
		    const struct totals *before)
{
	const struct totals_vcpu *known = NULL;
	struct open_time now, then;

	if (!totals->open)
		return 0;
	open_time_of(ledger, &totals->vcpu[slot], &totals->open[slot], &now);
	if (before && before->open)
		known = totals_find(before, &totals->vcpu[slot]);
	if (!known)
		return ledger_add_open(ledger, slot, &now, NULL);
	open_time_of(ledger, known, &before->open[known - before->vcpu], &then);
	return ledger_add_open(ledger, slot, &now, &then);
}

/* What the tool has cost since then, and what it did not see. */
static void add_end(struct ledger *ledger, const struct totals *now, const struct totals *before)
{
	static const struct totals none;
	const struct totals *then = before ? before : &none;

	ledger->ended = true;
	ledger->end.pause_runs = now->pauses.runs - then->pauses.runs;
	ledger->end.pause_ns = now->pauses.ns - then->pauses.ns;
	ledger->end.lost = now->others.records - then->others.records;
	ledger->end.lost += now->skipped - then->skipped;
}

static bool is_meant(const struct snapshot_scope *scope, uint32_t slot,
		     const struct totals_vcpu *totals)
{
	if (!scope)
		return true;
	return scope->one ? slot == scope->slot : !scope->pid || totals->pid == scope->pid;
}

int snapshot_ledger(struct source *source, const struct reader_facts *facts,
		    const struct totals *totals, const struct totals *before,
		    const struct snapshot_scope *scope, struct ledger **ret_ledger)
{
	_cleanup_ledger_ struct ledger *ledger = NULL;
	int r = ledger_create(facts, &ledger);

	if (r >= 0)
		ledger->classes.means = true;
	for (uint32_t slot = 0; r >= 0 && slot < totals->count; slot++)
		if (is_meant(scope, slot, &totals->vcpu[slot])) {
			r = add_vcpu(source, ledger, slot, totals, before);
			if (r >= 0)
				r = add_open(ledger, slot, totals, before);
		}
	if (r >= 0) {
		add_end(ledger, totals, before);
		r = ledger_finish(ledger);
	}
	if (r >= 0)
		r = ledger_name_devices(ledger, &source->devices.map);
	if (r < 0)
		return r;
	*ret_ledger = TAKE_PTR(ledger);
	return 0;
}
