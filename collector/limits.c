/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/limits.h"

#include <stddef.h>

void limits_begin(struct limits *limits, const struct limits_options *options, uint64_t now_ns)
{
	*limits = (struct limits){ .options = *options, .ready_ns = now_ns };
	if (!options->delay_ns)
		limits_note_begin(limits, now_ns);
}

bool limits_delay_is_over(const struct limits *limits, uint64_t now_ns)
{
	return now_ns >= limits->ready_ns + limits->options.delay_ns;
}

void limits_note_begin(struct limits *limits, uint64_t now_ns)
{
	if (!limits->begin_ns)
		limits->begin_ns = now_ns;
}

bool limits_take_exit(struct limits *limits)
{
	if (limits->options.exits && limits->exits == limits->options.exits)
		return false;
	limits->exits++;
	return true;
}

const char *limits_end(const struct limits *limits, uint64_t now_ns)
{
	uint64_t duration_ns = limits->options.duration_ns;

	if (limits->options.exits && limits->exits == limits->options.exits)
		return "--exits";
	if (duration_ns && limits->begin_ns && now_ns >= limits->begin_ns + duration_ns)
		return "--duration";
	return NULL;
}
