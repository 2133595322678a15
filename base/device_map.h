/* SPDX-License-Identifier: GPL-2.0-only */
/* Which device is at an intermediate physical address: ranges, by who said so. */
#ifndef BASE_DEVICE_MAP_H
#define BASE_DEVICE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* Where two say something of one address, the first of these is believed. */
enum device_source { DEVICE_BY_FILE, DEVICE_BY_KERNEL, DEVICE_BY_VMM, DEVICE_SOURCES };

enum { DEVICE_NAME_BYTES = 128, DEVICE_RANGES_MOST = 16384 };

struct device_range {
	uint64_t first, last; /* addresses */
	uint32_t pid;	      /* process of the VM, 0 for every VM */
	uint32_t source;      /* enum device_source */
	char name[DEVICE_NAME_BYTES];
};

/* All zero is empty. Ranges stay where they are, in the order in which they came. */
struct device_map {
	struct device_range **range; /* owned, as what they point to */
	size_t count;
};

/*
 * Adds a range, unless it is there already; control characters in its name become "?",
 * as a terminal must not obey them. Beyond DEVICE_RANGES_MOST none is taken,
 * whatever a guest does. Returns 0 or -ENOMEM.
 */
int device_map_add(struct device_map *map, const struct device_range *range);

/* Adds those of another map, likewise. */
int device_map_merge(struct device_map *map, const struct device_map *from);

/*
 * What the VM of process `pid` has at `address`: of several ranges that of the best
 * source, and of these the one that came last. NULL for none; the map's.
 */
const struct device_range *device_map_find(const struct device_map *map, uint32_t pid,
					   uint64_t address);

/*
 * Adds the ranges of one VM to `of_vm`, for many questions; they stay the map's, and
 * only device_map_drop_selected() is to be called. Returns 0 or -ENOMEM.
 */
int device_map_select(const struct device_map *map, uint32_t pid, struct device_map *of_vm);
void device_map_drop_selected(struct device_map *of_vm);

/* The option --devices, everywhere. */
#define DEVICES_HELP "name devices, by lines 'START-END NAME' or 'START+SIZE NAME'"

/*
 * Reads a map written by hand: lines "START-END NAME" or "START+SIZE NAME" in
 * hexadecimal with 0x or in decimal; END belongs to the device; "#" begins a
 * comment. Returns 0, or a negative errno with a sentence that names the line.
 */
int device_map_read_file(struct device_map *map, const char *path);

void device_map_release(struct device_map *map);

#define _cleanup_device_map_ _cleanup_(device_map_release)

#endif
