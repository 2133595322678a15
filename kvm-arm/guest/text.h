/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in a buffer of fixed size, and numbers to and from decimal. */
#ifndef GUEST_TEXT_H
#define GUEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char bytes[4096];
	size_t length;
};

/* Appends; what does not fit is cut off. */
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_number(struct text *text, uint64_t number);
void text_add_hex(struct text *text, uint64_t number);

/* Appends dividend/divisor with two decimals, rounded half up; divisor > 0. */
void text_add_quotient(struct text *text, uint64_t dividend, uint64_t divisor);

/* Appends "name=" and the number, a space before it unless a line begins. */
void text_add_pair(struct text *text, const char *name, uint64_t number);

/* Whether the `length` bytes are exactly `string`. */
bool text_equal(const char *bytes, size_t length, const char *string);

/* Whether all `length` bytes are one decimal number below 2^32, and which. */
bool text_number(const char *bytes, size_t length, uint64_t *ret_number);

#endif
