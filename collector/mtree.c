/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/mtree.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static bool begins_with(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Flash that is read as memory is a device where it is written. */
static const char *after_kind(const char *text)
{
	static const char *const kinds[] = { ", i/o): ", ", romd): " };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (begins_with(text, kinds[i]))
			return text + strlen(kinds[i]);
	return NULL;
}

/* Without what QEMU prints behind it: where in the region this is, and the accelerator. */
static size_t name_length(const char *name)
{
	size_t length = strcspn(name, "\r\n");

	for (size_t i = 0; i < length; i++)
		if (begins_with(name + i, " @0000") || begins_with(name + i, " KVM"))
			return i;
	return length;
}

/* "  0000000009000000-0000000009000fff (prio 0, i/o): pl011"; false for what is no device. */
static bool parse_line(const char *line, struct device_range *range)
{
	const char *name;
	int used = 0;

	if (sscanf(line, " %16" SCNx64 "-%16" SCNx64 " (prio %*d%n", &range->first, &range->last,
		   &used) < 2 ||
	    !used)
		return false;
	name = after_kind(line + used);
	if (!name || range->first > range->last)
		return false;
	snprintf(range->name, sizeof(range->name), "%.*s", (int)name_length(name), name);
	return *range->name;
}

/* Views that are alike are printed once, below the names of all that have them. */
int mtree_read(const char *text, uint32_t pid, struct device_map *map)
{
	struct device_range range = { .pid = pid, .source = DEVICE_BY_VMM };
	bool in_memory = false;
	int r = 0;

	for (; r >= 0 && *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (begins_with(text, "FlatView"))
			in_memory = false;
		else if (begins_with(text, " AS \"memory\","))
			in_memory = true;
		else if (in_memory && *text == ' ' && parse_line(text, &range))
			r = device_map_add(map, &range);
	}
	return r;
}
