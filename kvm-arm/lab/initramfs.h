/* SPDX-License-Identifier: GPL-2.0-only */
/* What the emulated host finds in its memory when it starts. */
#ifndef KVM_ARM_LAB_INITRAMFS_H
#define KVM_ARM_LAB_INITRAMFS_H

/*
 * Packs the first process, COMMAND's words (ends with NULL), its environment
 * and the pattern of the kernel's line about KVM's mode.
 *
 * Returns a descriptor of a file in memory, or a negative errno with a sentence.
 */
int initramfs_make(const char *init, char *const *command, const char *mode_pattern);

#endif
