/* SPDX-License-Identifier: GPL-2.0-only */
/* A cpio archive in the "newc" format, as the kernel unpacks it. */
#ifndef KVM_ARM_LAB_CPIO_H
#define KVM_ARM_LAB_CPIO_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"

/* Appends a file; mode: its type and permissions. Returns 0 or -ENOMEM. */
int cpio_add(struct buffer *archive, const char *name, mode_t mode, const void *bytes,
	     size_t length);

/* Appends what marks the archive's end. Returns 0 or -ENOMEM. */
int cpio_end(struct buffer *archive);

#endif
