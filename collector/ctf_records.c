/* SPDX-License-Identifier: GPL-2.0-only */
/* Ring records as events of a trace. */
#include "collector/ctf.h"

#include <errno.h>
#include <string.h>

#include "collector/ctf_notes.h"
#include "collector/ctf_totals.h"
#include "collector/ctf_writer.h"
#include "collector/exit_event.h"
#include "collector/metadata.h"
#include "collector/pauses.h"

/* An event about a record of the vCPU in the slot. */
static int add_exits_event(struct ctf *ctf, unsigned int cpu, const struct ring_record *record,
			   uint32_t id, size_t size, uint32_t slot, void **ret_event)
{
	int r = ctf_add_event(ctf, &ctf->exits[cpu], record->timestamp, id, size, ret_event);

	if (r >= 0)
		((struct exits_head *)*ret_event)->vcpu = slot & 0xffffff;
	return r;
}

static char *put_text(char *to, const char *text)
{
	return stpcpy(to, text) + 1;
}

static int add_vcpu(struct ctf *ctf, const struct ring_record *record,
		    const struct identity *identity, uint32_t slot)
{
	struct stream *stream = &ctf->vcpus;
	uint64_t now_ns = record->timestamp;
	struct vcpu_event *event;
	void *place;
	int r;

	if (now_ns < stream->last_ns)
		now_ns = stream->last_ns; /* another CPU's ring was drained first */
	r = ctf_add_event(ctf, stream, now_ns, EVENT_VCPU,
			  sizeof(*event) + strlen(identity->name) + strlen(identity->cgroup) + 2,
			  &place);
	if (r < 0)
		return r;
	event = place;
	event->slot = slot;
	event->pid = record->pid;
	event->tid = record->fixed.tid;
	event->index = record->vcpu;
	put_text(put_text((char *)(event + 1), identity->name), identity->cgroup);
	return 0;
}

/*
 * A new slot is named, and one whose process ended too early once more where
 * its command has become known.
 */
static int find_slot(struct ctf *ctf, const struct ring_record *record, const char *command,
		     uint32_t *ret_slot)
{
	const struct identity *identity;
	bool new;
	int r = vcpus_slot(&ctf->slots, record->vm, record->pid, record->vcpu, ret_slot, &new);

	if (r < 0 || !(new || *command))
		return r;
	identity = identities_get(ctf->identities, record->vm, record->pid, command);
	if (!identity)
		return -ENOMEM;
	return new || !identity->sure ? add_vcpu(ctf, record, identity, *ret_slot) : 0;
}

static int add_exit(struct ctf *ctf, unsigned int cpu, const struct ring_record *record,
		    const struct stages *stages, uint32_t slot)
{
	const struct stage_fields fields = { stages->touched, stages->cycled };
	struct event_pattern *pattern =
		event_classes_pattern(&ctf->classes, (enum exit_kind)record->fixed.kind, &fields);
	const struct event_class *class;
	uint64_t value[EVENT_FIELDS_MAX];
	void *event;
	int r = 0;

	if (!pattern)
		return -ENOMEM;
	exit_event_values(record, stages, pattern, value);
	if (event_classes_find(&ctf->classes, pattern, value, &class))
		r = metadata_exit_class(&ctf->metadata, class, ctf->facts->source->stage_names);
	if (r >= 0)
		r = add_exits_event(ctf, cpu, record, class->id, exit_event_bytes(class), slot,
				    &event);
	if (r < 0)
		return r;
	exit_event_fill(event, class, value);
	stream_count_record(&ctf->exits[cpu], class->payload_bits % 8);
	return 0;
}

static int add_el2(struct ctf *ctf, unsigned int cpu, const struct ring_record *record,
		   const struct ring_el2 *cause, uint32_t slot)
{
	struct el2_event *event;
	void *place;
	int r = add_exits_event(ctf, cpu, record, EVENT_EL2, sizeof(*event), slot, &place);

	if (r < 0)
		return r;
	event = place;
	event->esr = cause->esr;
	event->ticks = cause->ticks;
	event->count = cause->count;
	event->seq = record->fixed.seq;
	event->code = (uint8_t)cause->code;
	return 0;
}

static int add_pause(struct ctf *ctf, unsigned int cpu, const struct ring_record *record,
		     const struct ring_pause *pause, uint32_t slot)
{
	char name[PAUSER_NAME_BYTES] = "";
	struct pause_event *event;
	uint32_t who;
	void *place;
	int r;

	if (ctf->pauser_name && !pausers_known(&ctf->pausers, pause->by, pause->cause))
		ctf->pauser_name(ctf->pauser_context, pause->by, pause->cause, name);
	r = ctf_pauser(ctf, pause->by, pause->cause, name, &who);
	if (r >= 0)
		r = add_exits_event(ctf, cpu, record, EVENT_PAUSE, sizeof(*event), slot, &place);
	if (r < 0)
		return r;
	event = place;
	event->ticks = pause->ticks;
	event->who = who;
	event->seq = record->fixed.seq;
	return 0;
}

static int add_pauses(struct ctf *ctf, unsigned int cpu, const struct ring_record *record,
		      const struct ring_extra *extra, uint32_t slot)
{
	const struct ring_pause *pause;
	int r = 0;

	for (enum pause_kind kind = 0; kind < PAUSE_KINDS; kind++)
		for (unsigned int i = 0; r >= 0 && (pause = pauses_get(extra, kind, i)); i++)
			if (pause->ticks)
				r = add_pause(ctf, cpu, record, pause, slot);
	return r;
}

static int add_record(struct ctf *ctf, unsigned int cpu, const struct ring_record *record,
		      const struct ring_extra *extra, struct stages *stages)
{
	uint32_t slot;
	int r = find_slot(ctf, record, "", &slot);

	if (r >= 0)
		r = ctf_add_guest_mark(ctf, record, slot, ctf->facts->source->counter_hz);
	if (r < 0)
		return r;
	if (extra) {
		stages_add_cycles(stages, record, extra, &ctf->plan);
		pauses_take_out(extra, &ctf->plan, stages);
	}
	for (unsigned int i = 0; r >= 0 && extra && i < extra->el2_causes && i < EL2_CAUSES_MOST;
	     i++)
		r = add_el2(ctf, cpu, record, &extra->el2[i], slot);
	if (r >= 0 && extra)
		r = add_pauses(ctf, cpu, record, extra, slot);
	return r < 0 ? r : add_exit(ctf, cpu, record, stages, slot);
}

/* What follows the last stamp of a big record; NULL for a small one. */
static const struct ring_extra *find_extra(const struct ring_record *record, unsigned int stamps,
					   size_t size)
{
	size_t offset = offsetof(struct ring_record, stamp[stamps]);

	if (size < offset + offsetof(struct ring_extra, cycles[stamps]))
		return NULL;
	return (const void *)((const uint8_t *)record + offset);
}

int ctf_add(struct ctf *ctf, unsigned int cpu, const void *bytes, size_t size)
{
	unsigned int stamps = ctf->plan.stamps;
	const struct ring_record *record = bytes;
	struct stages stages;

	stages.tear.ticks = 0;
	if (size < offsetof(struct ring_record, stamp[stamps]) ||
	    record->fixed.kind >= EXIT_KINDS || stages_measure(record, &ctf->plan, &stages) < 0) {
		if (!ctf->torn++)
			ctf->tear = stages.tear;
		return 0;
	}
	return add_record(ctf, cpu, record, find_extra(record, stamps, size), &stages);
}

struct pausers *ctf_pausers(struct ctf *ctf)
{
	return &ctf->pausers;
}

void ctf_set_pauser_name(struct ctf *ctf, pauser_name *name, void *context)
{
	ctf->pauser_name = name;
	ctf->pauser_context = context;
}

int ctf_total_slot(struct ctf *ctf, const struct totals_vcpu *totals, uint32_t *ret_slot)
{
	const struct ring_record record = { .timestamp = ctf->vcpus.last_ns,
					    .vm = totals->vm,
					    .pid = totals->pid,
					    .vcpu = totals->index,
					    .fixed = { .tid = totals->tid } };
	char command[sizeof(totals->command) + 1] = { 0 };

	memcpy(command, totals->command, sizeof(totals->command));
	return find_slot(ctf, &record, command, ret_slot);
}
