/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says besides exits, as events of the stream of vCPUs. */
#ifndef COLLECTOR_CTF_NOTES_H
#define COLLECTOR_CTF_NOTES_H

#include "base/device_map.h"
#include "collector/ctf.h"

/*
 * Room for an event of `size` bytes and a text behind it, which is filled in, in
 * the stream of vCPUs. A time before the stream's newest becomes that. Returns
 * as ctf_add().
 */
int ctf_add_text(struct ctf *ctf, uint64_t now_ns, int event, size_t size, const char *text,
		 void **ret_event);

/*
 * From now on `what` is recorded; `one_of` is for CHOICE_SAMPLES. Returns as
 * ctf_add().
 */
int ctf_add_choice(struct ctf *ctf, uint64_t now_ns, enum choice_what what, uint32_t one_of,
		   const char *why);

/* A mark: `number` and `slot` of a guest's, `text` and MARK_BY_HOST of the host's. */
struct ctf_mark {
	uint64_t ns; /* CLOCK_MONOTONIC */
	uint64_t number;
	uint32_t slot;
	const char *text;
};

/* Returns as ctf_add(). */
int ctf_add_mark(struct ctf *ctf, const struct ctf_mark *mark);

/* Puts a mark where the record, of the vCPU in `slot`, is a guest's. Returns as ctf_add(). */
int ctf_add_guest_mark(struct ctf *ctf, const struct ring_record *record, uint32_t slot,
		       uint64_t counter_hz);

/* Says where a device is. Returns as ctf_add(). */
int ctf_add_device(struct ctf *ctf, const struct device_range *range);

#endif
