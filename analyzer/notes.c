/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void notes_add_choice(struct notes *notes, const struct trace_choice *choice)
{
	switch (choice->what) {
	case TRACE_OFF:
		notes->switched_off++;
		break;
	case TRACE_SAMPLES:
		notes->stepped++;
		notes->one_of = choice->one_of;
		break;
	case TRACE_TOTALS_ONLY:
		notes->stepped++;
		notes->totals_only = true;
		break;
	default:
		break;
	}
}

/* A terminal must not obey a mark. */
static void disarm(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int notes_add_mark(struct notes *notes, const struct trace_mark *mark)
{
	struct note_mark *grown;
	char *text;

	if (notes->marks == NOTES_MARKS_MAX) {
		notes->marks_left_out++;
		return 0;
	}
	grown = reallocarray(notes->mark, notes->marks + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	notes->mark = grown;
	text = strdup(mark->text);
	if (!text)
		return -ENOMEM;
	disarm(text);
	grown[notes->marks++] = (struct note_mark){ mark->ns, mark->number, mark->slot, text };
	return 0;
}

void notes_release(struct notes *notes)
{
	for (size_t i = 0; i < notes->marks; i++)
		free(notes->mark[i].text);
	free(notes->mark);
	*notes = (struct notes){ 0 };
}
