/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing, NUL-terminated string. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

#include "base/cleanup.h"

struct buffer {
	char *data; /* NULL while empty; owned, release with buffer_release() */
	size_t length;
	size_t size;
};

#define _cleanup_buffer_ _cleanup_(buffer_release)

/* Appends formatted text. Returns 0, or -ENOMEM with the buffer unchanged. */
int buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends `length` bytes. Returns 0, or -ENOMEM with the buffer unchanged. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length);

/* The text so far, never NULL; owned by the buffer. */
const char *buffer_text(const struct buffer *buffer);

void buffer_release(struct buffer *buffer);

/* A new string, or NULL without memory; the caller frees it. */
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
