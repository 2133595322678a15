/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs that the probes have met, and the devices that the kernel itself gives them. */
#include "collector/bpf_source.h"

#include <bpf/bpf.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "probes/regions.h"
#include "probes/totals.h"

#define REGIONS_MAP "regions"

static const char *const names[REGION_TYPES] = {
	[REGION_GICC] = "GICC", [REGION_GICD] = "GICD",	  [REGION_GICR] = "GICR",
	[REGION_ITS] = "ITS",	[REGION_LAPIC] = "LAPIC", [REGION_IOAPIC] = "IOAPIC",
};

static int add_region(const struct region_key *key, const struct region *region,
		      struct device_map *map)
{
	struct device_range range = { .first = key->base,
				      .last = key->base + region->size - 1,
				      .pid = key->pid,
				      .source = DEVICE_BY_KERNEL };

	if (region->type >= ARRAY_SIZE(names) || !region->size || range.last < range.first)
		return 0;
	if (region->type == REGION_GICR)
		snprintf(range.name, sizeof(range.name), "%s %u", names[region->type],
			 region->vcpu);
	else
		snprintf(range.name, sizeof(range.name), "%s", names[region->type]);
	return device_map_add(map, &range);
}

/* Takes them out of the kernel's map, so that there is room for those of VMs to come. */
static int add_regions(const struct bpf_source *base, struct device_map *map)
{
	int fd = bpf_object__find_map_fd_by_name(*base->skeleton->obj, REGIONS_MAP), r = 0;
	struct region_key key;
	struct region region;

	for (int i = 0; fd >= 0 && r >= 0 && i < REGIONS_MOST; i++) {
		if (bpf_map_get_next_key(fd, NULL, &key) < 0)
			break;
		if (bpf_map_lookup_elem(fd, &key, &region) == 0)
			r = add_region(&key, &region, map);
		bpf_map_delete_elem(fd, &key);
	}
	return r;
}

int bpf_source_devices(struct source *source)
{
	struct bpf_source *base = (struct bpf_source *)source;
	const struct bpf_totals *totals = &base->totals;
	int r = 0;

	for (__u32 slot = 0; r >= 0 && slot < *totals->used && slot < TOTALS_SLOTS; slot++)
		if (totals->mapped.vcpu[slot].vcpu)
			r = device_finder_meet(&source->devices, totals->mapped.vcpu[slot].pid);
	return r < 0 ? r : add_regions(base, &source->devices.map);
}
