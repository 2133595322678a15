/* SPDX-License-Identifier: GPL-2.0-only */
/* The KVM API: <linux/kvm.h>, and what Debian 12's copy of it does not have yet. */
#ifndef VMM_KVM_H
#define VMM_KVM_H

#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

/* Since Linux 6.4 (Documentation/virt/kvm/api.rst, KVM_ARM_SET_COUNTER_OFFSET). */
#ifndef KVM_ARM_SET_COUNTER_OFFSET
struct kvm_arm_counter_offset {
	__u64 counter_offset;
	__u64 reserved;
};
#define KVM_ARM_SET_COUNTER_OFFSET _IOW(KVMIO, 0xb5, struct kvm_arm_counter_offset)
#endif

/* Returns what the ioctl returned, or a negative errno. */
static inline int kvm_call(int fd, unsigned long request, void *argument)
{
	int r = ioctl(fd, request, argument);

	return r < 0 ? -errno : r;
}

#endif
