/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char sentence[1024];

int error_set(int err, const char *format, ...)
{
	va_list args;

	if (sentence[0])
		return err;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return err;
}

const char *error_text(int err)
{
	return sentence[0] ? sentence : strerror(-err);
}

void error_clear(void)
{
	sentence[0] = '\0';
}
