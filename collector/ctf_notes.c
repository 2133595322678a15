/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/ctf_notes.h"

#include "collector/metadata.h"

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
