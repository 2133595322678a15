/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a command line, made one by one. */
#ifndef KVM_ARM_LAB_WORDS_H
#define KVM_ARM_LAB_WORDS_H

#include <stddef.h>

#include "base/cleanup.h"

struct words {
	char **words; /* ends with NULL; NULL while empty */
	size_t count;
	int error; /* -ENOMEM once a word could not be added */
};

#define _cleanup_words_ _cleanup_(words_release)

/* Adds one formatted word. A failure is kept in `error`, to be looked at once. */
void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

void words_release(struct words *words);

#endif
