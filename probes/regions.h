/* SPDX-License-Identifier: GPL-2.0-only */
/* Where VMs have the devices that the kernel itself gives them, as the probes found it. */
#ifndef PROBES_REGIONS_H
#define PROBES_REGIONS_H

#include <linux/types.h>

enum { REGIONS_MOST = 4096 }; /* that wait for user space */

struct region_key {
	__u64 base; /* intermediate physical address */
	__u32 pid;  /* process that owns the VM */
	__u32 hole;
};

/* The first ones are include/kvm/arm_vgic.h, enum iodev_type. */
enum region_type {
	REGION_GICC,
	REGION_GICD,
	REGION_GICR,
	REGION_ITS,
	REGION_LAPIC,
	REGION_IOAPIC,
	REGION_TYPES
};

struct region {
	__u64 size;
	__u32 type;
	__u32 vcpu; /* index of the vCPU whose GICR it is */
};

#endif
