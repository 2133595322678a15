/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says about the recording itself, as events of the stream of vCPUs. */
#ifndef COLLECTOR_CTF_NOTES_H
#define COLLECTOR_CTF_NOTES_H

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

#endif
