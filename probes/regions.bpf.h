/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that the kernel itself gives a VM. An object includes the header of its
 * architecture, which includes this, before probes/totals.bpf.h: that calls
 * TOTALS_NEW_VCPU() at the first record of each vCPU, and later ones pay nothing for it.
 * Functions take what they use and no more: a parameter that none uses is not passed.
 */
#ifndef PROBES_REGIONS_BPF_H
#define PROBES_REGIONS_BPF_H

#include "probes/regions.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REGIONS_MOST);
	__type(key, struct region_key);
	__type(value, struct region);
} regions SEC(".maps");

#endif
