/* SPDX-License-Identifier: GPL-2.0-only */
/* The frames of a VM's vGIC, found on its bus of devices. Included once per object. */
#ifndef PROBES_VGIC_BPF_H
#define PROBES_VGIC_BPF_H

#include "probes/regions.bpf.h"

#define TOTALS_NEW_VCPU(who) regions_find((who)->vm, (who)->pid)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/kvm/iodev.h, include/kvm/arm_vgic.h */
enum iodev_type { IODEV_CPUIF };

struct kvm_io_device {
	const void *ops;
};

struct vgic_io_device {
	__u64 base_addr;
	struct kvm_vcpu *redist_vcpu;
	enum iodev_type iodev_type; /* a number, but of this kind to the kernel */
	struct kvm_io_device dev;
};

struct vgic_dist {
	struct vgic_io_device dist_iodev;
};

/* include/linux/kvm_host.h */
struct kvm_arch___vgic {
	struct vgic_dist vgic;
};

struct kvm_io_range {
	__u64 addr;
	int len;
	struct kvm_io_device *dev;
};

struct kvm_io_bus {
	int dev_count;
	struct kvm_io_range range[];
};

struct kvm___vgic {
	struct kvm_io_bus *buses[1]; /* the first one: MMIO */
	struct kvm_arch___vgic arch;
};

#pragma clang attribute pop

struct vgic_walk {
	const char *range; /* the first one of the bus */
	const void *ops;   /* of the vGIC's own devices */
	__u32 pid;
};

static __always_inline __u32 vgic_vcpu(const struct vgic_io_device *device)
{
	const struct kvm_vcpu *vcpu = BPF_CORE_READ(device, redist_vcpu);

	return BPF_CORE_READ(vcpu, vcpu_idx);
}

/* The device of a range, if it is the vGIC's. */
static long vgic_take(__u32 i, struct vgic_walk *walk)
{
	const struct kvm_io_range *range =
		(const void *)(walk->range + i * bpf_core_type_size(struct kvm_io_range));
	struct kvm_io_device *dev = BPF_CORE_READ(range, dev);
	struct region_key key = { .pid = walk->pid };
	const struct vgic_io_device *device;
	struct region region = { 0 };

	if (BPF_CORE_READ(dev, ops) != walk->ops)
		return 0;
	device = (const void *)dev - bpf_core_field_offset(struct vgic_io_device, dev);
	key.base = BPF_CORE_READ(range, addr);
	region.size = BPF_CORE_READ(range, len);
	region.type = BPF_CORE_READ(device, iodev_type);
	if (region.type == REGION_GICR)
		region.vcpu = vgic_vcpu(device);
	bpf_map_update_elem(&regions, &key, &region, BPF_ANY);
	return 0;
}

/* A VM has all of it before its first vCPU runs: where one frame waits for user space, all do. */
__noinline int regions_find(__u64 vm, __u32 pid)
{
	const struct kvm___vgic *kvm = (const void *)vm;
	struct region_key key = { .pid = pid };
	struct vgic_walk walk = { .pid = pid };
	const struct kvm_io_bus *bus;
	int count;

	if (!bpf_core_field_exists(kvm->arch.vgic.dist_iodev))
		return 0;
	key.base = BPF_CORE_READ(kvm, arch.vgic.dist_iodev.base_addr);
	if (!key.base || bpf_map_lookup_elem(&regions, &key))
		return 0;
	walk.ops = BPF_CORE_READ(kvm, arch.vgic.dist_iodev.dev.ops);
	bus = BPF_CORE_READ(kvm, buses[0]);
	count = BPF_CORE_READ(bus, dev_count);
	walk.range = (const char *)bus + bpf_core_field_offset(struct kvm_io_bus, range);
	if (walk.ops && count > 0)
		bpf_loop(count, vgic_take, &walk, 0);
	return 0;
}

#endif
