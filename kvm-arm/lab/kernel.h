/* SPDX-License-Identifier: GPL-2.0-only */
/* The emulated host's kernel, built once per set of inputs. */
#ifndef KVM_ARM_LAB_KERNEL_H
#define KVM_ARM_LAB_KERNEL_H

#include <stdbool.h>

#include "kvm-arm/lab/data.h"
#include "kvm-arm/lab/words.h"

struct kernel_wish {
	const char *version;  /* as in linux-source-<version> */
	bool unpatched;	      /* leave the series out */
	struct words extra;   /* patch files to apply after it */
	struct words configs; /* files of options on top of the lab's own */
};

struct kernel {
	char *image;
	char *vmlinux;	      /* NULL where a given image has none near it */
	struct words modules; /* paths of those to load at boot, in order */
};

#define _cleanup_kernel_ _cleanup_(kernel_release)

/* Whether this can be a kernel's version. Returns 0, or -EINVAL with a sentence. */
int kernel_check_version(const char *version);

/*
 * Builds the kernel, or finds it in the cache. Refuses one without jump labels,
 * unless `configs` asks for it. Returns 0, or a negative errno with a sentence.
 */
int kernel_get(const struct lab_data *data, const struct kernel_wish *wish,
	       struct kernel *ret_kernel);

/*
 * Takes a kernel that somebody else built. Looks for vmlinux beside it and at
 * the root of a build tree, and refuses it if that has no jump labels.
 */
int kernel_given(const char *image, struct kernel *ret_kernel);

void kernel_release(struct kernel *kernel);

#endif
