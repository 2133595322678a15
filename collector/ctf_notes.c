/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/ctf_notes.h"

#include "collector/metadata.h"
#include "probes/choose.h"

#define NS_PER_S UINT64_C(1000000000)

int ctf_add_choice(struct ctf *ctf, uint64_t now_ns, enum choice_what what, uint32_t one_of,
		   const char *why)
{
	struct choice_event *event;
	void *place;
	int r = ctf_add_text(ctf, now_ns, EVENT_CHOICE, sizeof(*event), why, &place);

	if (r < 0)
		return r;
	event = place;
	event->what = what;
	event->one_of = one_of;
	return 0;
}

int ctf_add_mark(struct ctf *ctf, const struct ctf_mark *mark)
{
	struct mark_event *event;
	void *place;
	int r = ctf_add_text(ctf, mark->ns, EVENT_MARK, sizeof(*event), mark->text, &place);

	if (r < 0)
		return r;
	event = place;
	event->hole = 0;
	event->ns = mark->ns;
	event->number = mark->number;
	event->slot = mark->slot;
	return 0;
}

/* CLOCK_MONOTONIC when the exit began. */
static uint64_t begin_ns(const struct ring_record *record, uint64_t counter_hz)
{
	unsigned __int128 ticks = record->fixed.emit - record->fixed.begin;

	return record->timestamp - (uint64_t)(ticks * NS_PER_S / counter_hz);
}

int ctf_add_guest_mark(struct ctf *ctf, const struct ring_record *record, uint32_t slot,
		       uint64_t counter_hz)
{
	const struct exit_fixed *fixed = &record->fixed;
	const struct ctf_mark mark = { .ns = begin_ns(record, counter_hz),
				       .number = fixed->arg >> 32,
				       .slot = slot,
				       .text = "" };

	if (!choose_is_mark(fixed->kind, fixed->code, fixed->esr, fixed->arg))
		return 0;
	return ctf_add_mark(ctf, &mark);
}

int ctf_add_device(struct ctf *ctf, const struct device_range *range)
{
	struct device_event *event;
	void *place;
	int r = ctf_add_text(ctf, 0, EVENT_DEVICE, DEVICE_EVENT_BYTES, range->name, &place);

	if (r < 0)
		return r;
	event = place;
	event->hole = 0;
	event->first = range->first;
	event->last = range->last;
	event->pid = range->pid;
	event->source = (uint8_t)range->source;
	return 0;
}
