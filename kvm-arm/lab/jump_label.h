/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a kernel was built with jump labels. */
#ifndef KVM_ARM_LAB_JUMP_LABEL_H
#define KVM_ARM_LAB_JUMP_LABEL_H

/*
 * vmlinux: the kernel as an ELF file with its symbols. Returns 0 where its
 * table of jump labels has entries, or a negative errno with a sentence.
 */
int jump_label_check(const char *vmlinux);

#endif
