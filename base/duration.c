/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/duration.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define NS_PER_S UINT64_C(1000000000)

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },	   { "us", 1000 },	     { "ms", 1000000 },
	{ "s", NS_PER_S }, { "min", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
};

/* The unit behind the leading digits, or NULL. */
static const struct unit *find_unit(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; digits && i < ARRAY_SIZE(units); i++)
		if (!strcmp(text + digits, units[i].name))
			return &units[i];
	return NULL;
}

bool duration_is(const char *text)
{
	return find_unit(text);
}

int duration_parse(const char *text, const char *what, uint64_t *ret_ns)
{
	const struct unit *unit = find_unit(text);
	unsigned long long number = 0;

	errno = 0;
	if (unit)
		number = strtoull(text, NULL, 10);
	if (!number || errno || number > INT64_MAX / unit->ns)
		return error_set(-EINVAL, "%s must be a time like 50us, 2ms, 10s or 5min, not '%s'",
				 what, text);
	*ret_ns = number * unit->ns;
	return 0;
}
