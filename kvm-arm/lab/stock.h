/* SPDX-License-Identifier: GPL-2.0-only */
/* Debian's own kernel package as the emulated host's kernel: unpacked, never installed. */
#ifndef KVM_ARM_LAB_STOCK_H
#define KVM_ARM_LAB_STOCK_H

#include "kvm-arm/lab/arch.h"
#include "kvm-arm/lab/data.h"
#include "kvm-arm/lab/kernel.h"

/*
 * Fetches the newest linux-image package of that version that apt offers, or
 * finds it in the cache. Returns 0, or a negative errno with a sentence.
 */
int stock_get(const struct lab_data *data, const struct arch *arch, const char *version,
	      struct kernel *ret_kernel);

#endif
