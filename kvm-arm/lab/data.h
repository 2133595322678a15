/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that the lab brings along: scripts, options, packages, patches. */
#ifndef KVM_ARM_LAB_DATA_H
#define KVM_ARM_LAB_DATA_H

#include "base/cleanup.h"
#include "kvm-arm/lab/arch.h"

struct lab_data {
	char *folder;  /* holds kernel.config, rootfs.packages and the scripts */
	char *patches; /* holds v<version>/ */
	char *init;    /* the program that becomes the first process */
};

#define _cleanup_lab_data_ _cleanup_(lab_data_release)

/*
 * Finds them in the source tree that HYPTRACE_SOURCE names, or from where this
 * program is: in a source tree above it, or in ../share/hyptrace.
 *
 * Returns 0, or a negative errno with a sentence.
 */
int lab_data_find(const struct arch *arch, struct lab_data *ret_data);

void lab_data_release(struct lab_data *data);

#endif
