/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/totals_log.h"

#include "base/cleanup.h"
#include "collector/ctf_totals.h"

#define DRAIN_NS UINT64_C(1000000000) /* rings that never get empty are not waited for */

static void drop_reading(struct totals_log *log)
{
	totals_release(&log->reading);
	log->reading_ns = 0;
}

void totals_log_begin(struct totals_log *log, uint64_t every_ns, uint64_t now_ns)
{
	totals_release(&log->stored);
	drop_reading(log);
	log->every_ns = every_ns;
	log->looked_ns = log->until_ns = now_ns;
	log->records = log->bytes = 0;
	log->any = log->wanted = log->forced = false;
}

int totals_log_look(struct totals_log *log, struct source *source, uint64_t now_ns)
{
	bool due = log->wanted || now_ns >= log->looked_ns + log->every_ns;
	int r;

	if (!source->ops->totals || !log->every_ns || log->reading_ns || !due)
		return 0;
	log->looked_ns = now_ns;
	log->forced = log->wanted;
	log->wanted = false;
	r = source->ops->totals(source, &log->reading);
	if (r >= 0)
		log->reading_ns = now_ns;
	return r;
}

bool totals_log_waits(const struct totals_log *log)
{
	return log->reading_ns;
}

static uint64_t records_of(const struct totals_vcpu *vcpu)
{
	uint64_t records = 0;

	for (int kind = 0; kind <= EXIT_KINDS; kind++)
		records += vcpu->kinds[kind];
	return records;
}

static uint64_t records_of_all(const struct totals *totals)
{
	uint64_t records = 0;

	for (unsigned int i = 0; i < totals->count; i++)
		records += records_of(&totals->vcpu[i]);
	return records;
}

static bool is_stored(const struct totals_log *log, const struct totals_vcpu *vcpu)
{
	const struct totals_vcpu *known = totals_find(&log->stored, vcpu);

	return known && records_of(known) == records_of(vcpu) && known->off == vcpu->off;
}

bool totals_log_is_worth(const struct totals_log *log, uint64_t records, uint64_t at_ns)
{
	if (log->forced || records <= log->records)
		return true;
	return records - log->records >= log->bytes * TOTALS_LOG_EXITS_A_BYTE ||
	       at_ns >= log->until_ns + TOTALS_LOG_MOST * log->every_ns;
}

static int add_changed(struct totals_log *log, struct ctf *ctf, const struct totals *since)
{
	uint64_t before = ctf_vcpus_bytes(ctf);
	bool changed = false;
	int r = 0;

	for (unsigned int i = 0; r >= 0 && i < since->count; i++) {
		if (is_stored(log, &since->vcpu[i]))
			continue;
		changed = true;
		r = ctf_add_vcpu_totals(ctf, &since->vcpu[i]);
	}
	if (changed)
		log->bytes = ctf_vcpus_bytes(ctf) - before;
	return r;
}

/* The records of that time come first: a trace that ends between the two has none without. */
static int add(struct totals_log *log, struct ctf *ctf, struct totals *since, uint64_t at_ns)
{
	uint64_t records = records_of_all(since);
	int r;

	if ((!since->count && !log->any) || !totals_log_is_worth(log, records, at_ns))
		return 0;
	r = ctf_flush(ctf);
	if (r >= 0)
		r = add_changed(log, ctf, since);
	if (r >= 0)
		r = ctf_add_until(ctf, at_ns);
	if (r < 0)
		return r;
	totals_release(&log->stored);
	log->stored = *since;
	*since = (struct totals){ 0 };
	log->records = records;
	log->until_ns = at_ns;
	log->any = true;
	return 0;
}

static int store(struct totals_log *log, struct ctf *ctf)
{
	_cleanup_(totals_release) struct totals since = { 0 };
	int r = totals_difference(&log->reading, &log->before, &since);

	if (r >= 0)
		r = add(log, ctf, &since, log->reading_ns);
	log->forced = false;
	return r;
}

int totals_log_store(struct totals_log *log, struct ctf *ctf, uint64_t now_ns, bool drained)
{
	int r;

	if (!log->reading_ns || (!drained && now_ns < log->reading_ns + DRAIN_NS))
		return 0;
	r = store(log, ctf);
	drop_reading(log);
	return r;
}

int totals_log_add_gone(struct totals_log *log, struct ctf *ctf, const struct totals_vcpu *vcpu)
{
	const struct totals now = { .vcpu = (struct totals_vcpu *)vcpu, .count = 1 };
	_cleanup_(totals_release) struct totals since = { 0 };
	int r = totals_difference(&now, &log->before, &since);

	if (r < 0 || !since.count || is_stored(log, &since.vcpu[0]))
		return r;
	r = ctf_add_vcpu_totals(ctf, &since.vcpu[0]);
	log->any = true;
	return r < 0 ? r : ctf_add_until(ctf, log->until_ns);
}

int totals_log_finish(struct totals_log *log, struct source *source, struct ctf *ctf,
		      uint64_t now_ns)
{
	int r;

	drop_reading(log);
	r = source->ops->totals ? source->ops->totals(source, &log->reading) : 0;
	log->reading_ns = now_ns;
	log->forced = true;
	if (r >= 0)
		r = store(log, ctf);
	totals_release(&log->before);
	log->before = log->reading;
	log->reading = (struct totals){ 0 };
	log->reading_ns = 0;
	return r;
}

void totals_log_release(struct totals_log *log)
{
	totals_release(&log->before);
	totals_release(&log->reading);
	totals_release(&log->stored);
}
