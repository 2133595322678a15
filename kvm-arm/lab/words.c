/* SPDX-License-Identifier: GPL-2.0-only */
#include "kvm-arm/lab/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void words_add(struct words *words, const char *format, ...)
{
	char **list = reallocarray(words->words, words->count + 2, sizeof(*list));
	va_list args;
	int length;

	if (!list) {
		words->error = -ENOMEM;
		return;
	}
	words->words = list;
	va_start(args, format);
	length = vasprintf(&list[words->count], format, args);
	va_end(args);
	if (length < 0)
		words->error = -ENOMEM;
	else
		words->count++;
	list[words->count] = NULL;
}

void words_release(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->words[i]);
	free(words->words);
	*words = (struct words){ 0 };
}
