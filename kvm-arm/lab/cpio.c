/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/cpio.h"

#include <string.h>

enum { ALIGNMENT = 4 };

static int pad(struct buffer *archive)
{
	static const char zeroes[ALIGNMENT];

	return buffer_append(archive, zeroes, -archive->length % ALIGNMENT);
}

/* All numbers are eight hexadecimal digits. */
static int add_header(struct buffer *archive, const char *name, mode_t mode, size_t length)
{
	const unsigned int inode = 0, user = 0, group = 0, links = 1, time = 0, device = 0;

	return buffer_printf(archive,
			     "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", inode,
			     (unsigned int)mode, user, group, links, time, length, device, device,
			     device, device, strlen(name) + 1, 0u);
}

int cpio_add(struct buffer *archive, const char *name, mode_t mode, const void *bytes,
	     size_t length)
{
	int r = add_header(archive, name, mode, length);

	if (r >= 0)
		r = buffer_append(archive, name, strlen(name) + 1);
	if (r >= 0)
		r = pad(archive);
	if (r >= 0)
		r = buffer_append(archive, bytes, length);
	return r < 0 ? r : pad(archive);
}

int cpio_end(struct buffer *archive)
{
	return cpio_add(archive, "TRAILER!!!", 0, NULL, 0);
}
