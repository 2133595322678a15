/* SPDX-License-Identifier: GPL-2.0-only */
/* What the emulated host finds in its memory when it starts. */
#ifndef KVM_ARM_LAB_INITRAMFS_H
#define KVM_ARM_LAB_INITRAMFS_H

#include "kvm-arm/lab/words.h"

struct initramfs {
	const char *init;	     /* the program that becomes the first process */
	char *const *command;	     /* COMMAND's words; ends with NULL */
	const char *mode;	     /* the pattern of the kernel's line about KVM's mode, or "" */
	const struct words *modules; /* paths of modules, in the order to load them */
};

/*
 * Packs them, and COMMAND's environment. Returns a descriptor of a file in
 * memory, or a negative errno with a sentence.
 */
int initramfs_make(const struct initramfs *contents);

#endif
