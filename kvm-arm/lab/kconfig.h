/* SPDX-License-Identifier: GPL-2.0-only */
/* Fragments of a kernel's configuration: of two lines about one option the later wins. */
#ifndef KVM_ARM_LAB_KCONFIG_H
#define KVM_ARM_LAB_KCONFIG_H

#include "kvm-arm/lab/words.h"

/*
 * files: paths in the order that they are put together. Returns 1 where they ask
 * for the kernel without that option (CONFIG_...), 0 where they do not, or a
 * negative errno with a sentence.
 */
int kconfig_drops(const struct words *files, const char *option);

#endif
