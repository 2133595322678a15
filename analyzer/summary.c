/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/summary.h"

#include <string.h>

static struct units units_of(const struct reader_facts *facts, bool raw)
{
	struct units units = { .kind = UNITS_NS, .hz = facts->clock_hz };

	if (!strcmp(facts->unit, "instructions"))
		units.kind = UNITS_INSTRUCTIONS;
	if (raw)
		units.kind = UNITS_TICKS;
	return units;
}

/* Under icount idle time is arbitrary, and so is every share of a time that contains it. */
static bool shares_mean_something(const struct reader_facts *facts)
{
	return strcmp(facts->unit, "instructions") != 0;
}

/*
 * Each account gets what it adds to the whole number of ns of all before it. So
 * the accounts add up whatever a tick is, and no ns of rounding passes for
 * unattributed time.
 */
static void add_up(struct summary *summary)
{
	unsigned __int128 ticks = 0;
	int64_t before = 0;

	for (size_t i = 0; i < summary->accounts->count; i++) {
		int64_t so_far;

		ticks += summary->account[i].sum;
		so_far = units_whole(&summary->units, ticks);
		summary->value[i] = so_far - before;
		summary->group[summary->accounts->account[i].group] += so_far - before;
		before = so_far;
	}
	summary->unattributed = summary->wall - before;
}

struct summary summary_of_ledger(const struct ledger *ledger, bool raw, int64_t wall_ns)
{
	struct summary summary = {
		.units = units_of(ledger->facts, raw),
		.accounts = &ledger->accounts,
		.account = ledger->account,
		.exits = ledger->counts.exits,
		.shares = shares_mean_something(ledger->facts),
		.wall = wall_ns,
	};

	if (wall_ns < 0)
		summary.wall = units_whole(&summary.units, ledger_wall(ledger));
	add_up(&summary);
	return summary;
}

struct summary summary_of_vcpu(const struct ledger *ledger, const struct ledger_vcpu *vcpu,
			       bool raw)
{
	struct summary summary = {
		.units = units_of(ledger->facts, raw),
		.accounts = &ledger->accounts,
		.account = vcpu->account,
		.exits = vcpu->exits,
		.shares = shares_mean_something(ledger->facts),
	};

	summary.wall = units_whole(&summary.units, ledger_vcpu_wall(vcpu));
	add_up(&summary);
	return summary;
}

bool summary_group_touched(const struct summary *summary, enum account_group group)
{
	for (size_t i = 0; i < summary->accounts->count; i++)
		if (summary->accounts->account[i].group == group && summary->account[i].count)
			return true;
	return false;
}

struct tool_cost summary_tool(const struct summary *summary, const struct ledger *ledger)
{
	uint8_t tracing = summary->accounts->tracing;
	uint32_t stamp_cost_64 = ledger->facts->stamp_cost_64;
	struct tool_cost cost = {
		.known = tracing != ACCOUNT_NONE,
		.stamps_known = stamp_cost_64,
		.pauses = units_from_ns(&summary->units, ledger->end.pause_ns),
	};

	if (cost.known)
		cost.event = summary->value[tracing];
	/* 64 at once, so that the fraction of a tick that one stamp takes is not lost. */
	cost.stamps = units_whole(&summary->units,
				  (number_wide)(ledger->counts.stamps + ledger->counts.work) *
					  stamp_cost_64) /
		      64;
	cost.all = cost.event + cost.stamps + cost.pauses;
	return cost;
}
