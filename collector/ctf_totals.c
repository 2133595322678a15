/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/ctf_totals.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/metadata.h"
#include "probes/totals_events.h"

static int add_vcpu(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t slot)
{
	struct total_vcpu event = {
#define TOTALS_VCPU(bits, name, member) .name = totals->member,
#include "probes/totals.def"
#undef TOTALS_VCPU
	};

	event.slot = slot;
	return ctf_add_total(ctf, EVENT_TOTAL_VCPU, &event, TOTAL_VCPU_BYTES);
}

static int add_stages(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t slot)
{
	int r = 0;

	for (__u32 i = 0; r >= 0 && i < EXIT_STAGES_MAX; i++) {
		const struct total_stage event = { .slot = slot,
						   .stage = i,
						   .ticks = totals->stage[i],
						   .skipped = totals->skipped[i] };

		if (event.ticks || event.skipped)
			r = ctf_add_total(ctf, EVENT_TOTAL_STAGE, &event, TOTAL_STAGE_BYTES);
	}
	return r;
}

static int add_patterns(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t slot)
{
	int r = 0;

	for (int i = 0; r >= 0 && i <= TOTALS_PATTERNS; i++) {
		const struct totals_pattern *row = &totals->pattern[i];
		const struct total_pattern event = { .slot = slot,
						     .count = row->count,
						     .low = row->expected[0],
						     .high = row->expected[1] };

		if (row->count)
			r = ctf_add_total(ctf, EVENT_TOTAL_PATTERN, &event, TOTAL_PATTERN_BYTES);
	}
	return r;
}

static int add_reasons(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t slot)
{
	int r = 0;

	for (int i = 0; r >= 0 && i <= TOTALS_REASONS; i++) {
		const struct totals_reason *row = &totals->reason[i];
		const struct total_reason event = { .slot = slot,
						    .count = row->count,
						    .ticks = row->ticks,
						    .min = row->min,
						    .max = row->max,
						    .esr = row->esr,
						    .number = row->number,
						    .flags = i == TOTALS_REASONS
								     ? TOTALS_FLAG_OTHERS
								     : row->flags,
						    .kind = row->kind,
						    .code = row->code };

		if (row->count)
			r = ctf_add_total(ctf, EVENT_TOTAL_REASON, &event, TOTAL_REASON_BYTES);
	}
	return r;
}

int ctf_pauser(struct ctf *ctf, uint32_t by, const __u64 cause[2], const char *name,
	       uint32_t *ret_who)
{
	struct pausers *pausers = ctf_pausers(ctf);
	struct pauser_fields fields = { .number = pauser_number(by, cause), .by = (uint8_t)by };
	bool new;
	int r;

	if (pausers_are_full(pausers, by, cause))
		return ctf_pauser(ctf, by == PAUSE_BY_TASK ? PAUSE_BY_TASKS : PAUSE_BY_IRQS,
				  (const __u64[2]){ 0 }, "", ret_who);
	r = pausers_number(pausers, by, cause, ret_who, &new);
	if (r < 0 || !new)
		return r;
	fields.who = *ret_who;
	pauser_text(by, cause, name, fields.name);
	return ctf_add_total(ctf, EVENT_PAUSER, &fields,
			     offsetof(struct pauser_fields, name) + strlen(fields.name) + 1);
}

static int add_pausers(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t slot)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(totals->pauser); i++) {
		const struct totals_pauser *row = &totals->pauser[i];
		struct total_pauser event = { .slot = slot,
					      .count = row->count,
					      .ticks = row->ticks };

		if (!row->count)
			continue;
		r = ctf_pauser(ctf, row->by, row->cause, row->name, &event.who);
		if (r >= 0)
			r = ctf_add_total(ctf, EVENT_TOTAL_PAUSER, &event, sizeof(event));
	}
	return r;
}

int ctf_add_vcpu_totals(struct ctf *ctf, const struct totals_vcpu *totals)
{
	uint32_t slot;
	int r = ctf_total_slot(ctf, totals, &slot);

	if (r >= 0)
		r = add_vcpu(ctf, totals, slot);
	if (r >= 0)
		r = add_stages(ctf, totals, slot);
	if (r >= 0)
		r = add_patterns(ctf, totals, slot);
	if (r >= 0)
		r = add_reasons(ctf, totals, slot);
	return r < 0 ? r : add_pausers(ctf, totals, slot);
}
