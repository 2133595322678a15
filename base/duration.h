/* SPDX-License-Identifier: GPL-2.0-only */
/* Times as a command line has them. */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * "50us", "2ms", "10s", "5min" or "1h" in ns: a whole number above 0 and its
 * unit, which must be there. Returns 0, or -EINVAL with a sentence that names
 * `what`.
 */
int duration_parse(const char *text, const char *what, uint64_t *ret_ns);

/* Whether the text is a whole number with a unit of time, whatever the number. */
bool duration_is(const char *text);

#endif
