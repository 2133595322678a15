/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/devices.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int compare(const struct device_row *a, const struct device_row *b)
{
	if (a->ipa != b->ipa)
		return a->ipa < b->ipa ? -1 : 1;
	if (a->handled != b->handled)
		return a->handled < b->handled ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (!a->name || !b->name)
		return !!a->name - !!b->name;
	return strcmp(a->name, b->name);
}

/* Where the row is, or belongs. */
static size_t place_of(const struct devices *devices, const struct device_row *wanted)
{
	size_t low = 0, high = devices->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&devices->row[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct device_row *find(struct devices *devices, const struct device_row *wanted)
{
	size_t place = place_of(devices, wanted);

	if (place == devices->count || compare(&devices->row[place], wanted))
		return NULL;
	return &devices->row[place];
}

/* The row of this key, a new one where there is none. NULL without memory. */
static struct device_row *get(struct devices *devices, const struct device_row *wanted)
{
	size_t place = place_of(devices, wanted);
	struct device_row *grown = find(devices, wanted);

	if (grown)
		return grown;
	grown = reallocarray(devices->row, devices->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	memmove(grown + place + 1, grown + place, (devices->count - place) * sizeof(*grown));
	grown[place] = *wanted;
	devices->row = grown;
	devices->count++;
	return &grown[place];
}

static uint64_t page_of(uint64_t ipa)
{
	return ipa >> DEVICE_PAGE_BITS << DEVICE_PAGE_BITS;
}

/* --- by address --------------------------------------------------------------- */

/* A key as exact as there is room for. */
static struct device_row *row_of(struct devices *accesses, const struct exit_reason *reason)
{
	struct device_row key = { .ipa = reason->number, .handled = reason->handled };
	struct device_row *known = find(accesses, &key);

	if (known)
		return known;
	if (accesses->count >= ADDRESSES_APART)
		key.ipa = page_of(key.ipa);
	if (accesses->count >= 2 * ADDRESSES_APART && !find(accesses, &key))
		key.ipa = UINT64_MAX;
	return get(accesses, &key);
}

int devices_add_sum(struct devices *accesses, const struct exit_reason *reason, uint64_t count,
		    uint64_t ticks)
{
	struct device_row *row = row_of(accesses, reason);

	if (!row)
		return -ENOMEM;
	if (reason_mmio_is_write(reason))
		row->writes += count;
	else
		row->reads += count;
	row->ticks += ticks;
	return 0;
}

int devices_add(struct devices *accesses, const struct exit_reason *reason, uint64_t ticks,
		const struct vmm_split *user)
{
	struct device_row *row;
	int r = devices_add_sum(accesses, reason, 1, ticks);

	if (r < 0 || !user->known)
		return r;
	row = row_of(accesses, reason);
	row->split++;
	for (int i = 0; i < VMM_PARTS; i++)
		row->user_part[i] += user->part[i];
	return 0;
}

/* --- by device ---------------------------------------------------------------- */

static struct device_row key_of(const struct device_row *access, uint32_t pid,
				const struct device_map *names)
{
	struct device_row key = { .ipa = access->ipa, .handled = access->handled, .pid = pid };
	const struct device_range *range = NULL;

	if (key.ipa == UINT64_MAX)
		key.pid = 0;
	else
		range = device_map_find(names, pid, key.ipa);
	if (range) {
		key.ipa = range->first;
		key.name = range->name;
	} else if (key.ipa != UINT64_MAX) {
		key.ipa = page_of(key.ipa);
	}
	return key;
}

static int merge_row(struct devices *devices, const struct device_row *access,
		     const struct device_row *key)
{
	const struct device_row others = { .ipa = UINT64_MAX, .handled = access->handled };
	bool full = devices->count >= DEVICES_APART && !find(devices, key);
	struct device_row *row = get(devices, full ? &others : key);

	if (!row)
		return -ENOMEM;
	row->reads += access->reads;
	row->writes += access->writes;
	row->ticks += access->ticks;
	row->split += access->split;
	for (int i = 0; i < VMM_PARTS; i++)
		row->user_part[i] += access->user_part[i];
	return 0;
}

int devices_merge(struct devices *devices, const struct devices *accesses, uint32_t pid,
		  const struct device_map *names)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < accesses->count; i++) {
		const struct device_row key = key_of(&accesses->row[i], pid, names);

		r = merge_row(devices, &accesses->row[i], &key);
	}
	return r;
}

void devices_release(struct devices *devices)
{
	free(devices->row);
	*devices = (struct devices){ 0 };
}
