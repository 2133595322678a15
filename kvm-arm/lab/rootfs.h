/* SPDX-License-Identifier: GPL-2.0-only */
/* The emulated host's root file system, built once per list of packages. */
#ifndef KVM_ARM_LAB_ROOTFS_H
#define KVM_ARM_LAB_ROOTFS_H

#include "kvm-arm/lab/arch.h"
#include "kvm-arm/lab/data.h"

/*
 * Builds the image, or finds it in the cache. Returns 0 and its path, which the
 * caller frees, or a negative errno with a sentence.
 */
int rootfs_get(const struct lab_data *data, const struct arch *arch, char **ret_image);

#endif
